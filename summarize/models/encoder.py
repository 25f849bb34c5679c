"""Texts to vectors: a BERT-like sentence encoder with mean pooling.

Reimers & Gurevych 2019 (arXiv:1908.10084): a text's vector is the mean of its last token states, scaled to
length one, so that a dot product is a cosine.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from summarize.config import EncoderSettings
from summarize.errors import ModelError
from summarize.models import in_batch_order
from summarize.models.minilm import minilm_folder


class Encoder:
    """A sentence encoder: ``encode`` maps n texts to an (n, d) float32 array of unit vectors.

    Args:
        settings: which model, batch size, longest input in word pieces.

    Raises:
        ModelError: the model cannot be found or is not an encoder.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self.settings = settings
        self._tokenizer, self._model = _load(settings)

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, in their order; equal texts get equal vectors.

        Texts are batched by length, and vectors rounded to 5 decimals: which others a text was batched with
        changes its vector by 2e-5 at most in any place. A lone surrogate is read as a question mark.
        """
        distinct = in_batch_order(texts)
        rows: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(distinct), self.settings.batch_size):
            batch = distinct[start : start + self.settings.batch_size]
            rows.update(zip(batch, self._encode_batch(batch), strict=True))
        if not texts:
            return np.zeros((0, self._model.config.hidden_size), dtype=np.float32)
        return np.stack([rows[t] for t in texts])

    def _encode_batch(self, texts: list[str]) -> NDArray[np.float32]:
        pieces = self._tokenizer.encode_batch([t.encode("utf-8", "replace").decode() for t in texts])
        ids = torch.tensor([p.ids for p in pieces])
        mask = torch.tensor([p.attention_mask for p in pieces])
        states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * weights).sum(1) / weights.sum(1)
        unit = torch.nn.functional.normalize(pooled, dim=1)
        return np.asarray(unit.numpy().round(5), dtype=np.float32)


def _load(settings: EncoderSettings) -> tuple[Any, Any]:
    # BertModel by name, not AutoModel: the automatic classes import far more of transformers at start-up.
    from tokenizers import Tokenizer

    if settings.model == "minilm":
        from safetensors.torch import load_file
        from transformers.models.bert.configuration_bert import BertConfig
        from transformers.models.bert.modeling_bert import BertModel

        folder = minilm_folder()
        model: Any = BertModel(BertConfig.from_pretrained(folder), add_pooling_layer=False)
        weights = load_file(folder / "model.safetensors")
        model.load_state_dict({name: weights[name] for name in model.state_dict()})
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        from transformers import AutoModel, AutoTokenizer

        from summarize.models.hub import check_whole, opening

        with opening(settings.model):
            model, loaded = AutoModel.from_pretrained(settings.model, use_safetensors=True, output_loading_info=True)
            tokenizer = AutoTokenizer.from_pretrained(settings.model).backend_tokenizer
        check_whole(settings.model, loaded, spare="pooler.")  # which is not used here
        if getattr(model.config, "is_encoder_decoder", False):
            raise ModelError(f"{settings.model!r} is not a sentence encoder but an encoder-decoder")
    longest = min(settings.max_pieces, getattr(model.config, "max_position_embeddings", settings.max_pieces))
    tokenizer.enable_truncation(longest)
    tokenizer.enable_padding(pad_id=model.config.pad_token_id or 0)
    model.eval()
    return tokenizer, model
