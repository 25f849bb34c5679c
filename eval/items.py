"""What is summarised and measured: items of articles, reference summaries and, where there are any, gold labels.

Common record, one JSON object an item::

    {"id": "...", "articles": [{"id"?, "title"?, "source"?, "published"?, "text"}], "summaries": ["..."]}

with, optionally, ``attributions``, ``lineages`` and ``conflicts`` (eval/data/stories/README.md says what they hold).
In place of ``text`` may stand ``file``, a path from the folder that the data is in. A preset turns the records of a
known data set into common ones; what gives no item, and why, is listed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, overload

from eval.presets import PRESETS, Broken, Rows
from eval.settings import DataSettings
from summarize.config import ReadingSettings
from summarize.documents import Article, Skipped
from summarize.errors import ConfigError, DuplicateIdError, NothingReadableError, ReadingError, UnknownNameError
from summarize.reading.decoding import decode, decompress
from summarize.reading.records import Record, UnreadableError, to_article

SAVED = ("dataset_dict.json", "dataset_info.json")
"""Files by which a folder is known to have been saved by `datasets`."""

MAX_BYTES = 4_000_000_000
"""Largest file that is unpacked, in bytes."""


@dataclass(frozen=True, slots=True)
class Slice:
    """``article.text[start:end]`` of the article with this id; offsets in code points."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GoldSentence:
    """A sentence of a reference summary and the source sentences that carry it."""

    text: str
    sources: tuple[Slice, ...]


@dataclass(frozen=True)
class Gold:
    """What people marked in an item.

    Attributes:
        attributions: for each reference summary its sentences with their sources; empty if not marked.
        lineages: groups of article ids that copy or rewrite one another, the original first.
        conflicts: facts that articles tell differently, as in the record.
    """

    attributions: tuple[tuple[GoldSentence, ...], ...] = ()
    lineages: tuple[tuple[str, ...], ...] = ()
    conflicts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Item:
    """One story to summarise, and the summaries people wrote of it.

    Attributes:
        articles: at least one, unless summaries that others wrote are scored against references alone.
        references: at least one.
        gold: None where the data marks nothing.
    """

    id: str
    articles: tuple[Article, ...]
    references: tuple[str, ...]
    gold: Gold | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over ids, titles, outlets, dates, texts, references and gold, in their order."""
        rows = [
            [a.id, a.title, a.source, a.published.isoformat() if a.published else None, a.text] for a in self.articles
        ]
        gold = asdict(self.gold) if self.gold else None
        whole = json.dumps([self.id, rows, self.references, gold], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class Items(Sequence[Item]):
    """The items of a data set in its order, and what of it gave none.

    Attributes:
        left_out: items and articles that are not used, each with its reason.
    """

    items: tuple[Item, ...]
    left_out: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self.items[index]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the items' fingerprints, in their order."""
        return hashlib.sha256("\n".join(i.fingerprint for i in self.items).encode()).hexdigest()

    def describe(self) -> dict[str, Any]:
        """What a score's signature says of the data: sizes, fingerprint, and what was left out by reason."""
        reasons: dict[str, list[str]] = {}
        for skipped in self.left_out:
            reasons.setdefault(skipped.reason, []).append(skipped.path)
        return {
            "items": len(self.items),
            "articles": sum(len(i.articles) for i in self.items),
            "references": dict(sorted(Counter(str(len(i.references)) for i in self.items).items())),
            "single_article_items": sum(len(i.articles) == 1 for i in self.items),
            "sha256": self.fingerprint,
            "left_out": [{"reason": r, "count": len(p), "first": p[:5]} for r, p in sorted(reasons.items())],
        }


def read_items(settings: DataSettings, limit: int | None = None) -> Items:
    """Read a data set.

    Args:
        settings: where it is, which preset reads it, which items are wanted.
        limit: stop after so many items.

    Raises:
        UnknownNameError: there is no such preset.
        ConfigError: there is nothing at the path, or the hub refuses.
        NothingReadableError: not one item could be read.
        DuplicateIdError: two items carry one id.
    """
    if settings.preset not in PRESETS:
        raise UnknownNameError("preset", settings.preset, PRESETS)
    preset = PRESETS[settings.preset]
    rows = preset.folders(settings) if preset.folders else _rows(settings)
    items: list[Item] = []
    left_out: list[Skipped] = []
    seen: set[str] = set()
    try:
        for number, row in enumerate(rows, 1):
            if limit is not None and len(items) >= limit:
                break
            if isinstance(row, Broken):
                left_out.append(Skipped(row.where, row.reason))
                continue
            found, skipped = to_item(preset.convert(row, number), number, settings)
            left_out += skipped
            if found is None:
                continue
            if found.id in seen:
                raise DuplicateIdError(f"two items have the id {found.id!r}")
            seen.add(found.id)
            items.append(found)
    except UnreadableError as error:
        raise ConfigError(f"cannot read the data of preset {settings.preset!r}: {error}") from None
    if not items:
        why = "; ".join(f"{s.path}: {s.reason}" for s in left_out[:3])
        raise NothingReadableError(f"no item in {settings.path or settings.hub}" + (f" ({why})" if why else ""))
    return Items(tuple(items), tuple(left_out))


def to_item(record: Mapping[str, Any], number: int, settings: DataSettings) -> tuple[Item | None, list[Skipped]]:
    """The item a common record holds, or None, and what of it is not used.

    An article without an id of its own is given ``ITEM/NN``, so that articles sort in the order of the record.

    Args:
        number: position in the data from 1, the id of an item that states none.
    """
    identity = str(record.get("id") or number)
    skipped: list[Skipped] = []
    articles: list[Article] = []
    for place, fields in enumerate(_articles(record, settings), 1):
        if settings.max_articles is not None and len(articles) >= settings.max_articles:
            skipped.append(Skipped(f"{identity}, article {place}", f"over max_articles {settings.max_articles}"))
            continue
        stated = {k: v for k, v in fields.items() if v is not None}
        try:
            articles.append(
                to_article(Record({"id": f"{identity}/{place:02d}", **stated}), identity, ReadingSettings())
            )
        except UnreadableError as error:
            skipped.append(Skipped(f"{identity}, article {place}", str(error)))
    references = _references(record)
    why = None
    if len(articles) < settings.min_articles:
        why = "no article with text" if not articles else f"fewer than {settings.min_articles} articles"
    elif not references:
        why = "no reference summary"
    elif len({a.id for a in articles}) < len(articles):
        why = "two articles with one id"
    if why:
        return None, [*skipped, Skipped(identity, why)]
    return Item(identity, tuple(articles), references, _gold(record)), skipped


def read_jsonl(path: Path) -> Iterator[dict[str, Any] | Broken]:
    """One record a line of a JSON Lines file, packed or not (gz, xz, bz2, zst).

    Raises:
        ConfigError: the file cannot be read.
    """
    for number, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield _record(line, f"{path}#{number}")


def _rows(settings: DataSettings) -> Rows:
    path = settings.path
    if path is None:
        return _load(settings.hub or "", name=settings.name, split=settings.split, revision=settings.revision)
    if not path.exists():
        raise ConfigError(f"data.path: there is no {path}")
    if any((path / mark).is_file() for mark in SAVED):
        return _saved(path, settings.split)
    if path.is_dir():
        return _folder(path)
    if path.suffix == ".parquet":
        return _parquet(path)
    if path.suffix == ".json":
        return _json(path)
    return read_jsonl(path)


def _folder(folder: Path) -> Rows:
    files = sorted(p for p in folder.iterdir() if p.suffix in (".json", ".jsonl"))
    if not files:
        raise ConfigError(f"data.path: no .json or .jsonl file in {folder}")
    for file in files:
        yield from _json(file) if file.suffix == ".json" else read_jsonl(file)


def _json(path: Path) -> Rows:
    value = _record(_text(path), str(path), (dict, list))
    if isinstance(value, list):
        yield from (r if isinstance(r, dict) else Broken(str(path), "a record is no object") for r in value)
    else:
        yield value


def _record(text: str, where: str, kinds: tuple[type, ...] = (dict,)) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Broken(where, f"broken JSON: {error}")
    return value if isinstance(value, kinds) else Broken(where, f"a {type(value).__name__} is no record")


def _text(path: Path) -> str:
    try:
        return decode(decompress(path.read_bytes(), MAX_BYTES))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except ReadingError as error:
        raise ConfigError(f"cannot read {path}: {error}") from None


def _parquet(path: Path) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=64):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {' '.join(str(error).split())}") from None


def _saved(folder: Path, split: str) -> Rows:
    import datasets

    try:
        found = datasets.load_from_disk(str(folder))
    except Exception as error:  # whatever is wrong with the folder, `datasets` raises it in many kinds
        raise ConfigError(f"cannot read {folder}: {' '.join(str(error).split())}") from None
    if isinstance(found, datasets.DatasetDict):
        if split not in found:
            raise UnknownNameError("split", split, found)
        found = found[split]
    yield from found


def _load(source: str, **arguments: Any) -> Rows:
    import datasets

    try:
        yield from datasets.load_dataset(source, **arguments)
    except Exception as error:  # `datasets` raises whatever its reader, its cache and the network raise
        reason = " ".join(str(error).split())[:300]
        hint = ""
        if "scripts are no longer supported" in reason:
            hint = " Set data.revision to refs/convert/parquet, or data.path to the data set's own files."
        raise ConfigError(f"cannot load {source!r}: {reason or type(error).__name__}{hint}") from None


def _articles(record: Mapping[str, Any], settings: DataSettings) -> Iterator[dict[str, Any]]:
    """The articles' fields; ``file`` in place of ``text`` is a path from the folder of the data."""
    here = settings.path if settings.path is None or settings.path.is_dir() else settings.path.parent
    for article in record.get("articles") or ():
        fields = dict(article) if isinstance(article, Mapping) else {"text": article}
        if here is not None and "text" not in fields and isinstance(fields.get("file"), str):
            fields["text"] = _text(here / fields.pop("file"))
        yield fields


def _references(record: Mapping[str, Any]) -> tuple[str, ...]:
    found = record.get("summaries") or record.get("references") or record.get("summary") or ()
    listed: Iterable[Any] = (found,) if isinstance(found, str) else found
    return tuple(r.strip() for r in listed if isinstance(r, str) and r.strip())


def _gold(record: Mapping[str, Any]) -> Gold | None:
    if not any(record.get(key) for key in ("attributions", "lineages", "conflicts")):
        return None
    return Gold(
        attributions=tuple(
            tuple(
                GoldSentence(s["sentence"], tuple(Slice(q["article"], q["start"], q["end"]) for q in s["sources"]))
                for s in sentences
            )
            for sentences in record.get("attributions") or ()
        ),
        lineages=tuple(tuple(group) for group in record.get("lineages") or ()),
        conflicts=tuple(record.get("conflicts") or ()),
    )
