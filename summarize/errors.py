"""Every error this package raises on purpose.

The tree::

    SummarizeError
    ├── ConfigError          a setting is unknown, of the wrong type, or contradicts another
    │   └── UnknownNameError     a name is in no table (summarizer, clusterer, format, ...)
    ├── ReadingError         nothing usable could be read
    │   ├── NothingReadableError the inputs hold no article at all
    │   └── DuplicateIdError     two articles carry one id
    ├── StateError           a state of stories is none, damaged, of another version, or in use
    ├── ModelError           weights are missing, damaged, or of the wrong kind
    └── OutputError          a result could not be written

Errors are raised where the fault is known and caught once, in ``summarize.cli``.
A single unreadable input among readable ones is not an error: it is listed as ``Skipped``.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class SummarizeError(Exception):
    """Base of every error raised on purpose; its message is one clear line."""


class ConfigError(SummarizeError):
    """A setting is unknown, of the wrong type, or contradicts another."""


class UnknownNameError(ConfigError):
    """A name is in no table; the message gives the nearest and all known names.

    Args:
        kind: what was being looked up, e.g. ``"summarizer"``.
        name: the unknown name.
        known: all names the table has.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(kind, name, sorted(known))  # as they were given, or no pickle could make it again

    def __str__(self) -> str:
        kind, name, names = self.args
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"unknown {kind} {name!r}.{hint} Known: {', '.join(names)}"


class ReadingError(SummarizeError):
    """Nothing usable could be read."""


class NothingReadableError(ReadingError):
    """The inputs hold no article at all."""


class DuplicateIdError(ReadingError):
    """Two articles carry one id."""


class StateError(SummarizeError):
    """A state of stories is none, damaged, of another version, or in use; or it has no such story."""


class ModelError(SummarizeError):
    """Weights are missing, damaged, or of the wrong kind."""


class OutputError(SummarizeError):
    """A result could not be written."""
