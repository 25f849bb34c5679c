"""Records of stories to shards: JSON lines or Parquet, the same bytes for the same records."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarize.rendering import open_atomically
from summarize.rendering.contract import json_text, schema

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Shard:
    """A shard as the manifest tells of it: name of the file, stories in it, how many of them failed, its bytes."""

    file: str
    stories: int
    failed: int
    bytes: int
    sha256: str


def shard_of(story: str, shards: int) -> int:
    """The shard, from 0, that a story is in: the higher its id, the later."""
    return int(story[:8], 16) * shards >> 32


def name_of(number: int, format: str) -> str:
    """The name of a shard's file."""
    return f"stories-{number:05d}.{format}"


def write_shard(folder: Path, number: int, format: str, records: Sequence[Record]) -> Shard:
    """Write the records, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    data = FORMATS[format](records)
    name = name_of(number, format)
    with open_atomically(folder / name) as file:
        file.write(data)
    failures = sum(record["error"] is not None for record in records)
    return Shard(name, len(records), failures, len(data), hashlib.sha256(data).hexdigest())


def _jsonl(records: Sequence[Record]) -> bytes:
    return "".join(json_text(record, indent=None) for record in records).encode()


def _parquet(records: Sequence[Record]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pylist(list(records), columns())
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can carry and Parquet cannot
        whole = json.loads(json.dumps(records, ensure_ascii=False).encode("utf-8", "replace"))
        table = pa.Table.from_pylist(whole, columns())
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


FORMATS: Mapping[str, Callable[[Sequence[Record]], bytes]] = {"jsonl": _jsonl, "parquet": _parquet}
"""How shards may be written; the name is also the ending of their files."""


def columns() -> Any:
    """The Arrow schema of a record, made from the JSON contract, so that every shard has the same columns."""
    import pyarrow as pa

    contract = schema()
    return pa.schema([*_arrow(contract["$defs"]["story"], contract["$defs"]), pa.field("error", pa.string())])


def _arrow(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """The Arrow type of what a node of a JSON Schema allows.

    Raises:
        ValueError: Arrow has no type for it.
    """
    import pyarrow as pa

    if "$ref" in node:
        return _arrow(definitions[node["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in node:
        (allowed,) = [one for one in node["anyOf"] if one.get("type") != "null"]
        return _arrow(allowed, definitions)
    if "enum" in node:
        return pa.string()
    kinds = {node["type"]} if isinstance(node.get("type"), str) else set(node.get("type", ()))
    match sorted(kinds - {"null"}):
        case ["object"]:
            return pa.struct([pa.field(k, _arrow(v, definitions)) for k, v in node["properties"].items()])
        case ["array"]:
            return pa.list_(_arrow(node["items"], definitions))
        case ["string"]:
            return pa.string()
        case ["integer"]:
            return pa.int64()
        case ["number"]:
            return pa.float64()
        case ["boolean"]:
            return pa.bool_()
    raise ValueError(f"no Arrow type for {json.dumps(node)[:200]}")
