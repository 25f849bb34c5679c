"""What several test files share: the story data, and a cheap encoder that needs no model."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports huggingface_hub: no test may reach for the network
os.environ["SUMMARIZE_CACHE"] = "none"  # no test may find what another one wrote, or the user's own summaries

from summarize.config import EncoderSettings
from summarize.documents import Article, Story
from summarize.models import Encode, load_encoder
from summarize.reading import read_articles
from summarize.text import content_words

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("suite")

DATA = Path(__file__).parent / "data"
SIZE = 256


class Ran:
    """What a command left behind."""

    def __init__(self, status: object, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def complaint(self) -> str:
        """The one line on stderr."""
        (line,) = self.err.splitlines()
        return line


def bag_of_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """A deterministic stand-in for a sentence encoder: content words hashed into a unit vector."""
    vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for word in sorted(set(content_words(text))):
            row[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % SIZE] += 1
        row /= max(1.0, float(np.linalg.norm(row)))
    return vectors


def story_of(*articles: Article) -> Story:
    """The articles as a story whose reports are all independent."""
    ordered = tuple(sorted(articles, key=lambda a: a.id))
    return Story("story", ordered, tuple((a.id,) for a in ordered))


def read_folder(name: str) -> tuple[Article, ...]:
    """The articles of a folder of test data, their ids shortened to the file's stem."""
    found = read_articles(DATA / name).articles
    return tuple(
        Article(Path(a.id).stem, a.text, a.title, a.source, a.url, a.published, a.asides, a.metadata) for a in found
    )


@pytest.fixture(scope="session")
def flood() -> tuple[Article, ...]:
    return read_folder("flood")


@pytest.fixture(scope="session")
def unrelated() -> tuple[Article, ...]:
    return read_folder("unrelated")


@pytest.fixture(scope="session")
def flood_story(flood: tuple[Article, ...]) -> Story:
    return story_of(*flood)


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> Encode:
    """Every summarizer made during the test encodes with the bag of words."""
    monkeypatch.setattr("summarize.pipeline.lazy_encode", lambda settings: bag_of_words)
    return bag_of_words


@pytest.fixture
def run(no_model: Encode, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command line in this process: arguments in; status, output and errors out."""
    from summarize.cli import main

    def ran(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return ran


@pytest.fixture(scope="session")
def minilm() -> Encode:
    """The real sentence encoder, loaded once for all tests."""
    return load_encoder(EncoderSettings()).encode
