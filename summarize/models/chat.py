"""A large language model in this process: any causal model of transformers that has a chat template.

Conversations are answered one after the other, greedily, so that an answer does not hang on what else is asked. Whoever
has many stories and a large model is faster with a server (``summarize.models.served``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from summarize.config import ChatSettings
from summarize.errors import ConfigError, ModelError
from summarize.models.conversation import Fault, Message, Reply
from summarize.models.hub import check_whole, failure, opening, pick_device, weights_of


class LocalChat:
    """A causal model with its tokenizer and its own chat template.

    Args:
        settings: folder or hub name of the model, window, length of answers.

    Raises:
        ConfigError: no model is named.
        ModelError: it cannot be found, is damaged, or is of the wrong kind.
    """

    def __init__(self, settings: ChatSettings) -> None:
        if not settings.model:
            raise ConfigError("the summarizer 'chat' needs 'chat.model' (--model): a folder, or a hub name")
        self._name = settings.model
        self._tokenizer, self._model = _load(settings, settings.model)
        window = min(settings.window, getattr(self._model.config, "max_position_embeddings", None) or settings.window)
        self.answer_tokens = min(settings.answer_tokens, window // 2)
        self.room = window - self.answer_tokens
        self.at_once = 1

    def size(self, conversation: Sequence[Message]) -> int:
        """Tokens the conversation takes in the model's own template."""
        return int(self._pieces(conversation)["input_ids"].shape[1])

    def facts(self) -> dict[str, Any]:
        """What a text hangs on beside the settings: the model, its weights, and where it ran."""
        return {"model": self._name, "weights": weights_of(self._name), "device": str(self._model.device)}

    @torch.inference_mode()
    def ask(self, conversations: Sequence[Sequence[Message]], schema: Mapping[str, Any]) -> list[Reply]:
        """An answer for each conversation, the likeliest word at every step; the schema is not enforced."""
        return [self._answer(conversation) for conversation in conversations]

    def _answer(self, conversation: Sequence[Message]) -> Reply:
        from transformers import GenerationConfig

        pieces = self._pieces(conversation).to(self._model.device)
        read = int(pieces["input_ids"].shape[1])
        if read > self.room:
            return Reply(fault=Fault("too long", f"a prompt of {read} tokens is over {self.room}"))
        greedy = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False, num_beams=1, max_new_tokens=self.answer_tokens
        )
        if self._model.generation_config.pad_token_id is None:
            greedy.pad_token_id = self._tokenizer.pad_token_id or self._tokenizer.eos_token_id
        try:
            written = self._model.generate(**pieces, generation_config=greedy)[0, read:]
        except torch.OutOfMemoryError as error:
            reason = " ".join(str(error).split())[:200]
            return Reply(fault=Fault("too long", f"out of memory: {reason}"))
        except Exception as error:  # whatever a model of others fails with
            raise failure(self._name, error) from None
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        return Reply(text, None, read, int(written.shape[0]), self._name)

    def _pieces(self, conversation: Sequence[Message]) -> Any:
        from jinja2 import TemplateError

        messages = [{"role": m.role, "content": m.content} for m in conversation]
        try:
            return self._in_template(messages)
        except TemplateError:  # a template without a system role
            joined = "\n\n".join(m.content for m in conversation)
            return self._in_template([{"role": "user", "content": joined}])

    def _in_template(self, messages: list[dict[str, str]]) -> Any:
        # Without the last argument an article that spells out the template's own marks could end its turn.
        return self._tokenizer.apply_chat_template(
            messages,
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
            sanitize_control_tokens=True,
        )


def _load(settings: ChatSettings, name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device = pick_device(settings.device)
    trusted = {"trust_remote_code": settings.trust_remote_code}
    with opening(name):
        tokenizer = AutoTokenizer.from_pretrained(name, **trusted)
        if getattr(tokenizer, "chat_template", None) is None:
            raise ModelError(f"model {name!r} has no chat template: the summarizer 'chat' needs one made to chat")
        auto: Any = AutoModelForCausalLM
        model, loaded = auto.from_pretrained(
            name, use_safetensors=True, dtype="auto", output_loading_info=True, **trusted
        )
    check_whole(name, loaded)
    return tokenizer, model.to(device).eval()
