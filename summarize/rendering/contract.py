"""The page as JSON: the contract of ``schema.json``."""

import json
import re
from importlib.resources import files
from typing import Any

from summarize.documents import Digest

# JSON lets these stand as they are, but they act on a terminal (C1 controls, overrides), end a line in
# JavaScript, or cannot be encoded (lone surrogates). Escaped, they mean the same and do nothing.
_ACTIVE = re.compile("[\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff]")


def render_json(digest: Digest) -> str:
    """The page as JSON: keys in the order of the contract, text as it is, two blanks of indent."""
    return json_text(digest.to_dict())


def json_text(value: Any, indent: int | None = 2) -> str:
    """Any value as JSON that is safe to print, ending in a line feed; on one line where ``indent`` is None."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) every JSON page fits."""
    loaded: dict[str, Any] = json.loads((files(__package__) / "schema.json").read_text("utf-8"))
    return loaded
