"""Known data sets and their known defects: how a record of each becomes a common one (``eval.items``).

Nothing is fetched or shipped here: a preset only knows the form. What it passes over is listed with the scores.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.settings import DataSettings
from summarize.errors import ConfigError, ReadingError
from summarize.reading.decoding import decode
from summarize.reading.records import UnreadableError


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read: where it stands, and why."""

    where: str
    reason: str


Rows = Iterator[Mapping[str, Any] | Broken]
Convert = Callable[[Mapping[str, Any], int], Mapping[str, Any]]
"""From a record of the data set and its position from 1 to a common record.

Raises ``UnreadableError`` if the record has other columns than the data set is known to have.
"""


@dataclass(frozen=True)
class Preset:
    """How a data set is read.

    Attributes:
        convert: makes a record a common one.
        folders: finds the records where the data is neither a file of records nor a hub data set.
    """

    convert: Convert
    folders: Callable[[DataSettings], Rows] | None = None


def _column(record: Mapping[str, Any], name: str) -> Any:
    if name not in record:
        raise UnreadableError(f"no column {name!r}, found {', '.join(map(repr, record)) or 'none'}")
    return record[name]


# Multi-News (Fabbri et al. 2019)

MULTI_NEWS_BAR = re.compile(r"\|{5}")


def multi_news(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """``document`` holds the articles parted by ``|||||``, often with one more at the end.

    A ``summary`` opens with a dash, which is taken away. Line feeds are ``NEWLINE_CHAR`` in the original files. What
    stands between two separators and is blank is no article; an item in which all of it is (one of the test split)
    gives none.
    """
    parts = MULTI_NEWS_BAR.split(_column(record, "document").replace("NEWLINE_CHAR", "\n"))
    summary = _column(record, "summary").replace("NEWLINE_CHAR", "\n").strip()
    return {
        "id": record.get("id", f"{number:05d}"),
        "articles": [{"text": part.strip()} for part in parts if part.strip()],
        "summaries": [summary.removeprefix("–").strip()],
    }


# WCEP-10 (Gholipour Ghalandari et al. 2020)

WCEP_BAR = re.compile(r"</s>|\[SEP\]|\|{5}")


def wcep(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """The original has ``articles`` of records; copies have ``document``, a list or one text parted by a mark."""
    if isinstance(record.get("articles"), list):
        articles = [{k: a.get(k) for k in ("title", "text", "url")} for a in record["articles"]]
    else:
        found = _column(record, "document")
        texts = WCEP_BAR.split(found) if isinstance(found, str) else found
        articles = [{"text": text} for text in texts if text and text.strip()]
    return {
        "id": record.get("id", f"{number:05d}"),
        "articles": articles,
        "summaries": [_column(record, "summary")],
    }


# Multi-XScience (Lu, Dong and Charlin 2020)


def multi_xscience(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """A paper's own abstract and those it cites; the reference is its related-work section.

    Some cited abstracts are empty. Citation marks such as ``@cite_3`` stay in the reference, as in published scores.
    """
    cited = _column(record, "ref_abstract")
    abstracts = cited["abstract"] if isinstance(cited, Mapping) else [c.get("abstract") for c in cited]
    return {
        "id": record.get("aid") or f"{number:05d}",
        "articles": [{"text": t} for t in (_column(record, "abstract"), *abstracts) if t and t.strip()],
        "summaries": [_column(record, "related_work")],
    }


# CNN/DailyMail (Hermann et al. 2015; See et al. 2017)


def cnn_dailymail(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """One article and its bullet points, one a line; a point that ends without a stop is given one.

    The blank before the stop that some have is taken away. Without these, sentence splitting would join the points.
    """
    points = [re.sub(r"\s+([.!?])$", r"\1", line.strip()) for line in _column(record, "highlights").splitlines()]
    whole = [p if p.endswith((".", "!", "?", "”", '"', "'")) else p + "." for p in points if p]
    return {
        "id": record.get("id", f"{number:05d}"),
        "articles": [{"text": _column(record, "article")}],
        "summaries": ["\n".join(whole)],
    }


# DUC and TAC: folders

_CLUSTER = re.compile(r"^D?(\d+)[A-Z]?(?:-([A-Z]))?(?:[.-]|$)", re.IGNORECASE)
_DOCUMENT = re.compile(r"<DOC\b([^>]*)>(.*?)</DOC>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_SEE_MARK = re.compile(r"<a\b[^>]*name=[^>]*>\s*\[\d+\]\s*</a>", re.IGNORECASE)


def cluster_key(name: str) -> str | None:
    """What a folder of documents and its model summaries share: ``d30001t`` and ``D30001.M.100.T.A`` are ``30001``.

    TAC's ``D0801A-B`` and ``D0801-B.M.100.A.C`` are ``0801-B``. None if it is no name of a cluster.
    """
    match = _CLUSTER.match(name)
    if not match:
        return None
    return match[1] + (f"-{match[2].upper()}" if match[2] else "")


def duc(settings: DataSettings) -> Rows:
    """Clusters of SGML documents below ``path``, model summaries below ``references``, as NIST gives them out.

    Every folder that holds files is a cluster. A cluster without models, and models without a cluster, are listed.

    Raises:
        ConfigError: a folder is missing.
    """
    path, models = settings.path, settings.references
    if path is None or models is None:
        raise ConfigError("preset 'duc' needs data.path (the documents) and data.references (the model summaries)")
    for folder in (path, models):
        if not folder.is_dir():
            raise ConfigError(f"preset 'duc': {folder} is no folder")
    references: dict[str, list[Path]] = {}
    for file in sorted(p for p in models.rglob("*") if p.is_file()):
        if key := cluster_key(file.name):
            references.setdefault(key, []).append(file)
    for folder in sorted({p.parent for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")}):
        key = cluster_key(folder.name)
        if key is None:
            yield Broken(str(folder), "its name is no cluster's")
            continue
        files = references.pop(key, [])
        articles: list[Mapping[str, Any]] = []
        for file in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")):
            try:
                articles += sgml_documents(decode(file.read_bytes()))
            except (OSError, ReadingError) as error:
                yield Broken(str(file), str(error))
        yield {"id": key, "articles": articles, "summaries": [model_text(decode(f.read_bytes())) for f in files]}
    for key, files in references.items():
        yield Broken(", ".join(f.name for f in files[:4]), f"no documents for cluster {key}")


def sgml_documents(text: str) -> list[dict[str, str | None]]:
    """The documents of a file of NIST's: number, headline, text with its tags taken out and entities resolved."""
    found = []
    for match in _DOCUMENT.finditer(text):
        body = match[2]
        stated = re.search(r'\bid="([^"]+)"', match[1])
        parts = re.findall(r"<TEXT>(.*?)</TEXT>", body, re.DOTALL | re.IGNORECASE)
        found.append(
            {
                "id": stated[1] if stated else _element(body, "DOCNO"),
                "title": _element(body, "HEADLINE") or _element(body, "HEAD"),
                "text": "\n".join(_plain(part) for part in parts),
            }
        )
    return found


def model_text(text: str) -> str:
    """A model summary as plain text; some are pages of the annotation program, with numbered sentences."""
    if "<body" in text.lower():
        text = re.sub(r"<head>.*?</head>", "", text, flags=re.DOTALL | re.IGNORECASE)
        text = _SEE_MARK.sub("", text)
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def _element(body: str, name: str) -> str | None:
    match = re.search(rf"<{name}>(.*?)</{name}>", body, re.DOTALL | re.IGNORECASE)
    return (" ".join(_plain(match[1]).split()) or None) if match else None


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", re.sub(r"</?P>", "\n", text, flags=re.IGNORECASE))).strip()


def _as_it_is(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    return record


PRESETS: Mapping[str, Preset] = {
    "common": Preset(_as_it_is),
    "multi_news": Preset(multi_news),
    "wcep": Preset(wcep),
    "multi_xscience": Preset(multi_xscience),
    "cnn_dailymail": Preset(cnn_dailymail),
    "duc": Preset(_as_it_is, folders=duc),
}
"""Every preset by name; TAC's folders are of DUC's form."""
