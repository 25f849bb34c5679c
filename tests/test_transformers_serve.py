"""The official server of transformers on this machine, with a tiny model: the whole way, nothing stood in for."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from test_chat import HELICOPTERS, KILLED, LOOSE, SAID
from test_laws import assert_lawful
from tiny_chat import save_chat_model

from summarize import Config, Summarizer
from summarize.config import ChatSettings, PlanSettings
from summarize.errors import ModelError

for needed in ("fastapi", "uvicorn", "openai"):
    pytest.importorskip(needed)

PATIENCE = 120
"""Seconds in which a server must have loaded its model."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return save_chat_model(tmp_path_factory.mktemp("served"), SAID)


@pytest.fixture(scope="module")
def address(tiny) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(tiny)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with subprocess.Popen([*command, *options], env=offline, **quiet) as server:  # type: ignore[call-overload]
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(health: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urlopen(health, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no server within {PATIENCE} s")


def maker(address: str, model: Path | str, **changes: object) -> Summarizer:
    settings = ChatSettings(model=str(model), endpoint=address, answer_tokens=64, timeout=60, **changes)
    return Summarizer(Config(summarizer="chat", claims=LOOSE, chat=settings, plan=PlanSettings(words=30)))


def test_a_story_is_written_and_cited_by_the_server(address, tiny, flood, no_model):
    summary = maker(address, tiny).summarize(flood)
    assert summary.text == f"{KILLED} {HELICOPTERS}"
    assert {s.origin for s in summary.sentences} == {"written"}
    assert_lawful(summary)
    assert summary.asked.prompt_tokens > 500
    assert summary.asked.answer_tokens == 2
    assert str(tiny) in summary.asked.model


def test_server_and_model_in_this_process_write_the_same(address, tiny, flood, no_model):
    here = ChatSettings(model=str(tiny), device="cpu", answer_tokens=64)
    alone = Summarizer(Config(summarizer="chat", claims=LOOSE, chat=here, plan=PlanSettings(words=30))).summarize(flood)
    served = maker(address, tiny).summarize(flood)
    assert served.sentences == alone.sentences
    assert served.asked.prompt_tokens == alone.asked.prompt_tokens


def test_many_stories_are_asked_for_together(address, tiny, flood, unrelated, no_model):
    making = maker(address, tiny, concurrency=4)
    stories = making.stories((*flood, *unrelated))
    digest = making.digest((*flood, *unrelated))
    assert len(digest.summaries) == len(stories)
    assert digest.signature["asked"]["faults"] == 0
    assert digest.signature["asked"]["requests"] >= len(stories)
    for summary in digest.summaries:
        assert_lawful(summary)


def test_another_model_than_the_server_has_is_one_clear_error(address, flood, no_model):
    with pytest.raises(ModelError, match="other-model"):
        maker(address, "other-model", retries=0).summarize(flood)
