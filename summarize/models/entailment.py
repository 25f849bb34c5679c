"""Whether quotes entail a sentence, by any model for natural language inference (MNLI, ANLI, TRUE ...)."""

from collections.abc import Sequence

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from summarize.errors import ModelError
from summarize.models.hub import check_whole, opening

BATCH = 16


class EntailmentModel:
    """A sequence classifier one of whose labels begins with "entail" (any case), such as those trained on MNLI.

    Weights are read from safetensors only, and no code comes with them.

    Args:
        name: folder or hub name.

    Raises:
        ModelError: it cannot be loaded, or has no such label.
    """

    def __init__(self, name: str) -> None:
        with opening(name):
            self._tokenizer = AutoTokenizer.from_pretrained(name)
            model, loaded = AutoModelForSequenceClassification.from_pretrained(
                name, use_safetensors=True, output_loading_info=True
            )
        check_whole(name, loaded)
        self._model = model.eval()
        labels = self._model.config.id2label
        found = [i for i, label in labels.items() if str(label).lower().startswith("entail")]
        if not found:
            raise ModelError(
                f"{name!r} does not judge entailment: its labels are {', '.join(map(str, labels.values()))}"
            )
        self._entails = found[0]

    @torch.inference_mode()
    def supports(self, pairs: Sequence[tuple[str, tuple[str, ...]]]) -> list[bool]:
        """Whether entailment is the likeliest label with the quotes, joined by blanks, as premise."""
        found: list[bool] = []
        for start in range(0, len(pairs), BATCH):
            batch = pairs[start : start + BATCH]
            inputs = self._tokenizer(
                [" ".join(quotes) for _, quotes in batch],
                [text for text, _ in batch],
                truncation="only_first",
                padding=True,
                return_tensors="pt",
            )
            found += (self._model(**inputs).logits.argmax(1) == self._entails).tolist()
        return found
