"""Text that any other system wrote, scored against references in the same way as ours."""

from pathlib import Path
from typing import Any

from eval.items import Item, Items, read_items, read_jsonl
from eval.journal import ITEMS, Line, rewrite
from eval.presets import Broken
from eval.runner import Run, conclude, signature_of, write_results
from eval.settings import DataSettings, MeasureSettings
from eval.workers import encoder
from summarize.engines.folder import only_run
from summarize.engines.local import one_thread
from summarize.errors import ConfigError, NothingReadableError
from summarize.models import Encode
from summarize.text import split

TEXT = ("summary", "text", "prediction")
"""What the text may be called, the preferred name first; ``sentences``, a list, goes before all of them."""

Written = dict[str, dict[str, list[str]]]
"""For each system and item the sentences it wrote."""


def read_summaries(path: Path) -> Written:
    """Read summaries, one JSON object a line: ``{"id", "summary", "summarizer"?}``.

    Without ``summarizer`` the system is called after the file. ``sentences`` may stand in place of ``summary``, and
    ``item`` for ``id``, so that the items.jsonl of a run is read as well.

    Raises:
        ConfigError: a line is damaged, has no id or no text, or is the second of its item.
    """
    found: Written = {}
    for number, row in enumerate(read_jsonl(path), 1):
        where = f"{path}, record {number}"
        if isinstance(row, Broken):
            raise ConfigError(f"{row.where}: {row.reason}")
        identity = row.get("id", row.get("item"))
        if identity is None:
            raise ConfigError(f"{where}: no 'id'")
        sentences = _sentences(row)
        if sentences is None:
            raise ConfigError(f"{where}: no text; expected 'sentences' or one of {', '.join(map(repr, TEXT))}")
        texts = found.setdefault(str(row.get("summarizer", path.stem)), {})
        if str(identity) in texts:
            raise ConfigError(f"{where}: a second summary of {identity!r}")
        texts[str(identity)] = sentences
    if not found:
        raise NothingReadableError(f"no summary in {path}")
    return found


def score_written(written: Written, data: DataSettings, settings: MeasureSettings, output: Path | None = None) -> Run:
    """Score summaries against the references, and write the results to a folder if one is given.

    A reference without a summary by a system counts as a failure of that system; a summary without a reference is
    listed as left out.

    Raises:
        ConfigError: no summary has the id of a reference, or the references cannot be read.
    """
    # References may come without the articles: then only what needs none is measured.
    data = data.model_copy(update={"min_articles": 0})
    items = read_items(data)
    known = {item.id for item in items}
    strangers = {label: sorted(set(texts) - known) for label, texts in written.items()}
    if all(len(strangers[label]) == len(texts) for label, texts in written.items()):
        first = next(iter(next(iter(written.values()))))
        raise ConfigError(f"no summary has the id of a reference: {first!r} against {items[0].id!r} and so on")
    lines = _lines(written, items, settings)
    signature = signature_of(settings) | {
        "data": items.describe(),
        "data_settings": data.model_dump(mode="json"),
        "summaries": {
            label: {"items": len(texts), "without_reference": strangers[label]} for label, texts in written.items()
        },
    }
    results = conclude(lines, [item.id for item in items], settings, signature)
    if output is not None:
        with only_run(output):
            rewrite(output / ITEMS, lines)
            write_results(output, results, items)
    return Run(output, results, tuple(lines), 0)


def _lines(written: Written, items: Items, settings: MeasureSettings) -> list[Line]:
    encode = encoder(settings)
    with one_thread():
        return [
            _line(item, label, texts.get(item.id), settings, encode)
            for item in items
            for label, texts in written.items()
        ]


def _line(item: Item, label: str, sentences: list[str] | None, settings: MeasureSettings, encode: Encode) -> Line:
    from eval.metrics import Sample, score
    from eval.metrics.length import truncate

    head = {"item": item.id, "summarizer": label}
    if sentences is None:
        return {**head, "text": "", "sentences": [], "scores": {}, "error": "no summary"}
    kept = truncate(sentences, settings.length, settings.metrics)
    sample = Sample(item, " ".join(kept), kept, None)
    return {
        **head,
        "text": sample.text,
        "sentences": [{"text": s} for s in sentences],
        "scores": score(sample, settings.metrics, encode),
        "error": None,
    }


def _sentences(row: dict[str, Any]) -> list[str] | None:
    listed = row.get("sentences")
    if isinstance(listed, list):
        texts = [s.get("text") if isinstance(s, dict) else s for s in listed]
        strings = [t for t in texts if isinstance(t, str)]
        if len(strings) == len(texts):
            return strings
    text = next((row[name] for name in TEXT if isinstance(row.get(name), str)), None)
    return None if text is None else [" ".join(text[a:b].split()) for a, b in split(text)]
