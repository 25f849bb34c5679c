"""Any number of articles to shards of summaries; killed at any moment, the same command goes on where it stopped.

What a batch leaves in its folder:

    manifest.json        settings, versions, fingerprints, shards, what was skipped and what failed; written last
    stories-00000.jsonl  the stories of one range of ids, in the order of their ids (or .parquet)
    .work/               articles, vectors, plan and finished shards of a batch that is under way

Every file is written whole or not at all, and hangs on nothing but the inputs, the settings, the code and the
weights; so a batch ends with the same bytes on any engine, with any number of workers, however often it was killed.
"""

import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from summarize.clustering import CLUSTERERS
from summarize.config import Config
from summarize.documents import Skipped
from summarize.engines import ENGINES, Map, finish
from summarize.engines.articles import Inputs, Part, give_up, parts_of, reader, stored_articles, take_inputs, unread
from summarize.engines.folder import kept, only_run, told
from summarize.engines.local import one_thread
from summarize.engines.shards import FORMATS, Shard, name_of, shard_of, write_shard
from summarize.engines.stories import TOGETHER, Plan, Planned, Record, plan, pooled, spread, summarised
from summarize.errors import ConfigError, NothingReadableError, OutputError, UnknownNameError
from summarize.fingerprints import BESIDE, PACKAGE, PACKAGES, code_fingerprint, versions, weights_fingerprints
from summarize.pipeline import Summarizer
from summarize.reading import nothing_read
from summarize.rendering import TEMPORARY, open_atomically, write_atomically
from summarize.rendering.contract import json_text

MANIFEST = "manifest.json"
WORK = ".work"
STORIES = 64
"""Stories of a shard, about."""


@dataclass(frozen=True)
class Progress:
    """How far a batch is: ``done`` of ``total`` of what ``stage`` counts."""

    stage: str
    done: int
    total: int


Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Batch:
    """A finished batch: its folder, and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def failed(self) -> Sequence[Mapping[str, Any]]:
        """The stories that could not be summarised, each with its error."""
        failed: Sequence[Mapping[str, Any]] = self.manifest["failed"]
        return failed

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What gave no article."""
        return tuple(Skipped(s["path"], s["reason"]) for s in self.manifest["skipped"])


def batch(
    paths: Iterable[str | os.PathLike[str]],
    output: Path,
    config: Config | None = None,
    *,
    engine: str = "local",
    workers: int = 0,
    format: str = "jsonl",
    stories: int = STORIES,
    fresh: bool = False,
    stdin: BinaryIO | None = None,
    watch: Watch = lambda progress: None,
) -> Batch:
    """Read, group and summarise articles into shards in a folder, or do what is left of it.

    Every model runs on one thread of each worker, whatever ``config.threads`` says, so that the bytes do not hang
    on the machine's number of cores.

    Args:
        paths: files, folders, ``"-"`` for standard input.
        output: the folder; made if it is not there.
        config: all settings; the defaults when None.
        engine: a name in ``ENGINES``.
        workers: processes; 0 is one a core.
        format: a name in ``FORMATS``.
        stories: stories of a shard, about.
        fresh: throw away what an earlier batch left in the folder.
        stdin: read for ``"-"`` in place of the process's standard input.
        watch: told of every step.

    Raises:
        ConfigError: a setting is wrong, or the folder holds a batch of other inputs, settings, code or weights.
        NothingReadableError: the inputs hold no article at all.
        OutputError: a file cannot be written, or another batch is writing there.
        ModelError: weights are missing or damaged.
    """
    config = (config or Config()).replace(threads=1)
    clusterer = config.clustering.clusterer
    for kind, name, known in (
        ("engine", engine, ENGINES),
        ("format", format, FORMATS),
        ("clusterer", clusterer, CLUSTERERS),
    ):
        if name not in known:
            raise UnknownNameError(kind, name, known)
    Summarizer(config)  # an unknown summarizer is told before anything is read
    output = Path(output).absolute()
    with only_run(output):
        if fresh:
            clear(output)
        for folder in (output, output / WORK):
            for left in folder.glob(TEMPORARY):
                left.unlink(missing_ok=True)
        inputs = _inputs([os.fspath(path) for path in paths], output, config, stdin)
        run = _run_of(inputs, config, format, stories)
        earlier = _earlier(output)
        if earlier is not None:
            _check_same(earlier, run, output)
            if "shards" in earlier:
                _check_whole(earlier, output)
                shutil.rmtree(output / WORK, ignore_errors=True)
                return Batch(output, earlier)
        work = output / WORK
        if earlier is None:
            with told(work):
                work.mkdir(exist_ok=True)
            write_atomically(work / "run.json", json_text(run))
        with one_thread(), ENGINES[engine](workers) as start:
            manifest = run | _work(output, inputs, config, format, stories, start, watch)
        write_atomically(output / MANIFEST, json_text(manifest))
        shutil.rmtree(work, ignore_errors=True)
    return Batch(output, manifest)


def clear(output: Path) -> None:
    """Remove what a batch leaves in its folder, and nothing else."""
    with told(output):
        (output / MANIFEST).unlink(missing_ok=True)
        for format in FORMATS:
            for path in output.glob(f"stories-[0-9]*.{format}"):
                path.unlink()
        if (output / WORK).exists():
            shutil.rmtree(output / WORK)


def _inputs(paths: list[str], output: Path, config: Config, stdin: BinaryIO | None) -> Inputs:
    """The inputs with their fingerprint; standard input is put into a file first, where workers find it."""
    copy = output / WORK / "stdin"
    if "-" in paths:
        with told(copy):
            copy.parent.mkdir(exist_ok=True)
        with open_atomically(copy) as file:
            shutil.copyfileobj(stdin or sys.stdin.buffer, file)
    return take_inputs(paths, output, config.reading, copy)


@cache
def _code() -> str:
    return code_fingerprint([PACKAGE], BESIDE)


def _run_of(inputs: Inputs, config: Config, format: str, stories: int) -> dict[str, Any]:
    """All that the bytes of a batch hang on."""
    return {
        "batch": 1,
        "inputs": {"files": len(inputs.entries), "bytes": inputs.bytes, "sha256": inputs.sha256},
        "config": config.signed(),
        "weights_sha256": weights_fingerprints(config),
        "code_sha256": _code(),
        "versions": versions(PACKAGES),
        "format": format,
        "stories_a_shard": stories,
    }


def _earlier(output: Path) -> dict[str, Any] | None:
    """What an earlier batch in the folder was: its manifest if it is finished, else what it hangs on."""
    for path in (output / MANIFEST, output / WORK / "run.json"):
        if path.exists():
            with kept(path):
                text = path.read_text("utf-8", "replace")
            with suppress(ValueError):
                found = json.loads(text)
                if isinstance(found, dict) and found.get("batch") == 1:
                    return found
            raise OutputError(f"{path} is not of a batch, or damaged; --fresh starts anew")
    return None


def _check_same(earlier: Mapping[str, Any], run: Mapping[str, Any], output: Path) -> None:
    changed = [words for key, words in CHANGES.items() if earlier.get(key) != run[key]]
    if "settings" in changed:
        before, now = _flat(earlier.get("config", {})), _flat(run["config"])
        keys = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
        changed[changed.index("settings")] = f"settings ({', '.join(keys[:4])}{', ...' if len(keys) > 4 else ''})"
    if changed:
        raise ConfigError(
            f"{output} holds a batch of other {', '.join(changed)};"
            " --fresh throws it away, --output names another folder"
        )


CHANGES = {
    "inputs": "inputs",
    "config": "settings",
    "weights_sha256": "weights",
    "code_sha256": "code",
    "versions": "versions of packages",
    "format": "format",
    "stories_a_shard": "size of shards",
}
"""What makes another batch, and what it is called."""


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by dotted name."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= {f"{key}.{k}": v for k, v in _flat(value).items()} if isinstance(value, dict) else {key: value}
    return found


def _check_whole(manifest: Mapping[str, Any], output: Path) -> None:
    for shard in manifest["shards"]:
        path = output / shard["file"]
        if not path.is_file() or path.stat().st_size != shard["bytes"]:
            raise OutputError(f"{path} is missing or was changed since the batch ended; --fresh starts anew")


def _work(
    output: Path, inputs: Inputs, config: Config, format: str, stories: int, run: Map, watch: Watch
) -> dict[str, Any]:
    """Do what is left of the batch; what the manifest tells beside what the batch hangs on."""
    work = output / WORK
    planned = _plan(work, inputs, config, run, watch)
    count = max(1, math.ceil(len(planned.stories) / stories))
    by_shard: list[list[Planned]] = [[] for _ in range(count)]
    for story in planned.stories:
        by_shard[shard_of(story.id, count)].append(story)
    finished = {n: note for n in range(count) if (note := _note_of(work, output, n, format)) is not None}
    done = sum(shard["stories"] for shard, _ in finished.values())
    watch(Progress("stories", done, len(planned.stories)))
    tasks = [
        tuple(members[start : start + TOGETHER])
        for n, members in enumerate(by_shard)
        if n not in finished
        for start in range(0, len(members), TOGETHER)
    ]
    waiting: dict[int, list[Record]] = {n: [] for n in range(count) if n not in finished}
    for n in [n for n in waiting if not by_shard[n]]:
        finished[n] = _commit(output, n, format, waiting.pop(n))
    for record in summarised(run, work, config, tasks):
        n = shard_of(record["id"], count)
        waiting[n].append(record)
        done += 1
        if len(waiting[n]) == len(by_shard[n]):
            finished[n] = _commit(output, n, format, waiting.pop(n))
        watch(Progress("stories", done, len(planned.stories)))
    return {
        "articles": planned.articles,
        "stories": len(planned.stories),
        "left_out": planned.left_out,
        "shards": [finished[n][0] for n in range(count)],
        "failed": [failure for n in range(count) for failure in finished[n][1]],
        "skipped": [asdict(s) for s in sorted(planned.skipped, key=lambda s: (s.path, s.reason))],
    }


Note = tuple[dict[str, Any], list[dict[str, Any]]]
"""A finished shard, and those of its stories that failed."""


def _commit(output: Path, number: int, format: str, records: list[Record]) -> Note:
    """Write a shard, and only then the note that it is finished."""
    records.sort(key=lambda record: record["id"])
    shard: Shard = write_shard(output, number, format, records)
    failures = [
        {"story": r["id"], "articles": [a["id"] for a in r["articles"]], "error": r["error"]}
        for r in records
        if r["error"] is not None
    ]
    note = (asdict(shard), failures)
    write_atomically(output / WORK / f"shard-{number:05d}.json", json_text(note))
    return note


def _note_of(work: Path, output: Path, number: int, format: str) -> Note | None:
    """The note of a shard that an earlier run finished, if it did."""
    path = work / f"shard-{number:05d}.json"
    if not path.exists() or not (output / name_of(number, format)).exists():
        return None
    with kept(path):
        shard, failures = json.loads(path.read_text("utf-8"))
    return shard, failures


def _plan(work: Path, inputs: Inputs, config: Config, run: Map, watch: Watch) -> Plan:
    """Which stories there are: as an earlier run wrote it down, or from all articles."""
    path = work / "plan.jsonl"
    if path.exists():
        return Plan.read(path)
    parts = parts_of(inputs.entries)
    left = unread(work, parts)
    total = len(inputs.entries)
    done = total - sum(len(part.inputs) for part in left)
    watch(Progress("inputs", done, total))
    for part, articles in finish(run, partial(reader, work, config.reading), left, Part.split):
        if articles is None:
            give_up(work, part)
        done += len(part.inputs)
        watch(Progress("inputs", done, total))
    watch(Progress("grouping", 0, 1))
    stored = chain(inputs.skipped, stored_articles(work, parts))
    found = plan(stored, config, pooled(run, config.encoder, work), spread(run))
    if not found.articles:
        shutil.rmtree(work, ignore_errors=True)
        raise NothingReadableError(nothing_read(found.skipped))
    found.write(path)
    return found
