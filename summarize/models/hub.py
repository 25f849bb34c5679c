"""Models of others, from a folder or the hub: where they run, and every way that loading can fail told in one line."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from huggingface_hub import CachedRepoInfo, constants, scan_cache_dir, try_to_load_from_cache
from huggingface_hub import logging as hub_logging
from huggingface_hub.errors import (
    CacheNotFound,
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from summarize.errors import ConfigError, ModelError

Device = Literal["auto", "cpu", "cuda", "mps"]

NAMED = 8
"""Cached models that an error names at most."""


@dataclass(frozen=True)
class Cached:
    """A model in the local hub cache.

    Attributes:
        folder: the snapshot that ``from_pretrained`` would load, the newest where there are several.
        bytes: all its files on the disk.
    """

    name: str
    folder: Path
    bytes: int


def cached_models() -> tuple[Cached, ...]:
    """The models in the local hub cache, by name; what is damaged there is left out."""
    try:
        found = scan_cache_dir(constants.HF_HUB_CACHE)
    except (CacheNotFound, OSError):
        return ()
    models = [r for r in found.repos if r.repo_type == "model" and r.revisions]
    return tuple(Cached(r.repo_id, _snapshot(r), r.size_on_disk) for r in sorted(models, key=lambda r: r.repo_id))


def _snapshot(repo: CachedRepoInfo) -> Path:
    main = repo.refs.get("main")
    newest = main or max(repo.revisions, key=lambda r: (r.last_modified, r.commit_hash))
    return Path(newest.snapshot_path)


def snapshot(name: str) -> Path:
    """The folder of the hub cache from which a model was loaded; its name is the commit.

    Raises:
        ModelError: it is not in the cache.
    """
    found = try_to_load_from_cache(name, "config.json")
    if not isinstance(found, str):
        raise ModelError(f"model {name!r} is not in the local cache")
    return Path(found).parent


def weights_of(name: str) -> str:
    """The commit of a hub model, or SHA-256 over the files of a folder that decide what is written."""
    if not Path(name).is_dir():
        return snapshot(name).name
    digest = sha256()
    for path in sorted(Path(name).iterdir()):
        if path.suffix in (".safetensors", ".json", ".model", ".txt", ".jinja"):
            digest.update(path.name.encode())
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


@contextmanager
def opening(name: str) -> Iterator[None]:
    """Whatever is loaded within is loaded in silence, and what goes wrong is a ``ModelError`` about ``name``.

    Raises:
        ModelError: see ``explain``.
    """
    from transformers.utils import logging

    # The hub tells of every try to reach it.
    hub_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # a damaged or hostile model may fail in any way
        raise explain(name, error) from None


def check_whole(name: str, loaded: Mapping[str, Iterable[str]], spare: str = "\0") -> None:
    """See that a checkpoint had every weight: transformers fills what is missing with random numbers.

    Args:
        name: folder or hub name.
        loaded: what ``from_pretrained`` tells with ``output_loading_info``.
        spare: weights whose names begin so may be missing.

    Raises:
        ModelError: one is missing.
    """
    missing = sorted(key for key in loaded["missing_keys"] if not key.startswith(spare))
    if missing:
        raise ModelError(f"cannot load model {name!r}: {len(missing)} weights are missing, {missing[0]} among them")


def explain(name: str, error: BaseException) -> ModelError:
    """One line that says why a model could not be loaded, and what may help."""
    causes = list(_causes(error))
    text = " ".join(str(error).split())

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if "trust_remote_code" in text:
        return ModelError(
            f"model {name!r} comes with code of its own, which is not run unless you say that you trust it: "
            "--trust-remote-code"
        )
    if Path(name).is_dir():
        return ModelError(f"cannot load a model from folder {name!r}: {_damage(text, causes)}")
    if caused_by(HFValidationError) or looks_like_a_path(name):
        return ModelError(f"no model {name!r}: there is no such folder, and it is no name of the hub")
    if caused_by(GatedRepoError):
        return ModelError(
            f"model {name!r} is gated: ask for access at https://huggingface.co/{name}, then run `hf auth login`"
        )
    if caused_by(RevisionNotFoundError):
        return ModelError(f"model {name!r} has no such revision")
    if caused_by(LocalEntryNotFoundError):
        return ModelError(
            f"model {name!r} is not in the local cache and the hub cannot be reached, or is switched off by "
            f"HF_HUB_OFFLINE; in the cache: {_at_hand()}"
        )
    if caused_by(RepositoryNotFoundError):
        return ModelError(f"no model {name!r}: there is no such folder, and the hub has none of this name to show you")
    return ModelError(f"cannot load model {name!r}: {_damage(text, causes)}")


def failure(name: str, error: BaseException) -> ModelError:
    """One line that says what a model failed with while it wrote."""
    return ModelError(f"model {name!r} failed: {' '.join(str(error).split())[:200]}")


def looks_like_a_path(name: str) -> bool:
    """Whether a name can only be meant as a folder."""
    return name.startswith((".", "~", os.sep)) or name.count("/") > 1 or "\\" in name


def _damage(text: str, causes: list[BaseException]) -> str:
    if "safetensors" in text and ("no file named" in text or "not appear to have" in text):
        return "it has no safetensors weights, and no other format is read, since loading it could run code"
    if any(isinstance(cause, EntryNotFoundError) for cause in causes) or "model_type" in text:
        return "it has no config.json that names a type of model"
    return text[:200] or type(causes[0]).__name__


def _at_hand() -> str:
    names = [model.name for model in cached_models()]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (", ".join(names[:NAMED]) or "nothing") + more


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def pick_device(wanted: Device) -> str:
    """Where a model runs: the wanted device, or with "auto" the first there is of cuda, mps and cpu.

    Raises:
        ConfigError: there is no such device here.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, here in there.items() if here)
    if not there[wanted]:
        raise ConfigError(
            f"device {wanted!r} is not available here; there is {', '.join(k for k, v in there.items() if v)}"
        )
    return wanted
