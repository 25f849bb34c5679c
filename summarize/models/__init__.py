"""The only door to torch and transformers; nothing heavy is imported until a model is asked for."""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from summarize.config import ChatSettings, Config, EncoderSettings, FusionSettings, Seq2SeqSettings
from summarize.errors import ModelError
from summarize.models.conversation import ChatModel

if TYPE_CHECKING:
    from summarize.models.encoder import Encoder
    from summarize.models.entailment import EntailmentModel
    from summarize.models.fusion import FusionModel
    from summarize.models.judge import JudgeModel
    from summarize.models.seq2seq import Seq2Seq

P = ParamSpec("P")
M = TypeVar("M")

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Maps n texts to an (n, d) array of unit vectors."""


def in_batch_order(texts: Iterable[str]) -> list[str]:
    """Distinct texts as an encoder batches them, the short ones first, so that few are padded much."""
    return sorted(set(texts), key=lambda t: (len(t), t))


_threads = 0
"""What torch is told when it is there."""


def set_threads(count: int) -> None:
    """Use ``count`` CPU threads for the models; 0 leaves torch's own choice.

    Torch takes seconds to import and not every summarizer needs it: it is told once a model is loaded.
    """
    global _threads  # noqa: PLW0603 - as torch has it: one number a process
    _threads = count or _threads
    if count and "torch" in sys.modules:
        import torch

        torch.set_num_threads(count)


def _loader(load: Callable[P, M]) -> Callable[P, M]:
    """``load``, which may be the first to import torch."""

    @wraps(load)
    def loaded(*args: P.args, **kwargs: P.kwargs) -> M:
        model = load(*args, **kwargs)
        set_threads(_threads)
        return model

    return loaded


@cache
@_loader
def load_encoder(settings: EncoderSettings) -> "Encoder":
    """The sentence encoder, loaded once per process.

    Raises:
        ModelError: it cannot be found, is damaged, or is of the wrong kind.
    """
    from summarize.models.encoder import Encoder

    return Encoder(settings)


def lazy_encode(settings: EncoderSettings) -> Encode:
    """An ``Encode`` that loads its model at the first call."""
    return lambda texts: load_encoder(settings).encode(texts)


@cache
@_loader
def load_fusion(settings: FusionSettings) -> "FusionModel":
    """The fusion model, loaded once per process.

    Raises:
        ModelError: the weights cannot be found or are damaged.
    """
    from summarize.models.fusion import FusionModel

    if settings.model == "builtin":
        return FusionModel.shipped()
    if not Path(settings.model).is_dir():
        raise ModelError(f"cannot load the fusion model: {settings.model!r} is not a folder")
    return FusionModel.from_pretrained(settings.model)


@cache
@_loader
def load_seq2seq(settings: Seq2SeqSettings) -> "Seq2Seq":
    """The encoder-decoder model, loaded once per process.

    Raises:
        ConfigError: no model is named, or its device is not here.
        ModelError: it cannot be found, is damaged, or is of the wrong kind.
    """
    from summarize.models.seq2seq import Seq2Seq

    return Seq2Seq(settings)


@cache
@_loader
def load_entailment(name: str) -> "EntailmentModel":
    """A model for natural language inference, loaded once per process.

    Args:
        name: folder or hub name.

    Raises:
        ModelError: it cannot be loaded, or does not judge entailment.
    """
    from summarize.models.entailment import EntailmentModel

    return EntailmentModel(name)


@cache
@_loader
def load_judge(settings: FusionSettings) -> "JudgeModel | None":
    """The judge of grammar and support, loaded once per process; None when the settings want none.

    Raises:
        ModelError: the weights cannot be found or are damaged.
    """
    if settings.judge == "none":
        return None
    from summarize.models.judge import JudgeModel

    return JudgeModel.shipped() if settings.judge == "builtin" else JudgeModel.load(Path(settings.judge))


@cache
@_loader
def load_chat(settings: ChatSettings) -> ChatModel:
    """The chat model, local or behind an address, loaded once per process.

    Raises:
        ConfigError: no model is named, or a key would be sent unencrypted.
        ModelError: the model cannot be loaded, or the client for servers is not installed.
    """
    if settings.endpoint is None:
        from summarize.models.chat import LocalChat

        return LocalChat(settings)
    try:
        from summarize.models.served import ServedChat
    except ImportError as error:
        raise ModelError(f"a served model needs {error.name}: pip install 'summarize[chat]'") from None
    return ServedChat(settings)


def writer_facts(config: Config) -> dict[str, Any] | None:
    """What a summary hangs on beside the settings where a model of others writes it; it is loaded for that.

    Raises:
        ConfigError, ModelError: it cannot be loaded.
    """
    if config.summarizer == "seq2seq":
        return load_seq2seq(config.seq2seq).facts()
    return load_chat(config.chat).facts() if config.summarizer == "chat" else None
