"""What results hang on beside inputs and settings is told by content, and not read twice where the system knows it."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from summarize import Config
from summarize.config import AttributionSettings, ChatSettings, EncoderSettings, FusionSettings
from summarize.fingerprints import YOUNG_NS, files_fingerprint, hub_commits, weights_fingerprints


def old(path: Path, content: bytes, age: int = 2 * YOUNG_NS) -> Path:
    path.write_bytes(content)
    os.utime(path, ns=(path.stat().st_mtime_ns - age,) * 2)
    return path


class Memory(dict[str, str]):
    """A ``Recall`` that keeps what was computed."""

    def __call__(self, told, compute):
        if told not in self:
            self[told] = compute()
        return self[told]


@pytest.mark.parametrize("setting", ["encoder.model", "fusion.model", "fusion.judge", "chat.model", "chat.prompt",
                                     "seq2seq.model", "attribution.entailment"])  # fmt: skip
def test_every_setting_that_may_name_a_folder_of_weights_or_prompts_is_told_by_its_content(tmp_path, setting):
    (tmp_path / "model.safetensors").write_bytes(b"1")
    config = Config().replace(**{setting: str(tmp_path)})
    before = weights_fingerprints(config)
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert set(before) == {setting}
    assert weights_fingerprints(config) != before


def test_names_of_files_count_and_two_files_are_not_one(tmp_path):
    a, b = old(tmp_path / "a", b"xy"), old(tmp_path / "b", b"z")
    found = {files_fingerprint(files) for files in ({"a": a, "b": b}, {"a": b, "b": a}, {"a": a}, {"b": a}, {})}
    assert len(found) == 5
    assert files_fingerprint({"b": b, "a": a}) == files_fingerprint({"a": a, "b": b})


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(tmp_path, monkeypatch):
    # The system alone sets when a file's state changed, so that age is made by a clock that is ahead.
    monkeypatch.setattr("summarize.fingerprints.time.time_ns", lambda: path.stat().st_ctime_ns + 2 * YOUNG_NS)
    path = old(tmp_path / "w", b"12")
    recall = Memory()
    first = files_fingerprint({"w": path}, recall)
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert files_fingerprint({"w": path}, recall) == first
    monkeypatch.undo()
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(b"21")  # as long as before, and said to be as old
    os.utime(path, ns=times)
    assert files_fingerprint({"w": path}, recall) != first


def test_a_file_that_changed_just_now_is_always_read(tmp_path):
    recall = Memory()
    path = tmp_path / "w"
    path.write_bytes(b"12")
    files_fingerprint({"w": path}, recall)
    assert not recall


def test_a_hub_model_is_told_by_its_commit(tmp_path, monkeypatch):
    from huggingface_hub import constants

    name = "northgate/tiny"
    commit = tmp_path / "models--northgate--tiny" / "snapshots" / ("1" * 40)
    commit.mkdir(parents=True)
    (commit / "config.json").write_text("{}")
    refs = tmp_path / "models--northgate--tiny" / "refs"
    refs.mkdir()
    (refs / "main").write_text(commit.name)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    config = Config(encoder=EncoderSettings(model=name), attribution=AttributionSettings(entailment="a/b/c"))
    assert hub_commits(config) == {"attribution.entailment": None, "encoder.model": "1" * 40}
    shutil.rmtree(tmp_path / "models--northgate--tiny")
    assert hub_commits(config)["encoder.model"] is None


def test_our_own_weights_and_those_of_a_server_are_no_model_of_others():
    served = ChatSettings(model="large", endpoint="http://localhost:8000/v1")
    config = Config(chat=served, fusion=FusionSettings(judge="none"))
    assert hub_commits(config) == weights_fingerprints(config) == {}
