"""Settings: closed, typed, and explained in one line when they do not fit."""

from pathlib import Path

import pytest
import yaml

from summarize.config import ClaimSettings, Config, EncoderSettings, PlanSettings, Settings
from summarize.errors import ConfigError

DEFAULT = Path(__file__).parent.parent / "configs" / "default.yaml"


def load(tmp_path: Path, text: str | bytes) -> Config:
    path = tmp_path / "settings.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Config.load(path)


def message(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    shown = str(caught.value)
    assert "\n" not in shown
    return shown


def test_the_documented_file_holds_every_setting_at_its_default():
    assert yaml.safe_load(DEFAULT.read_text("utf-8")) == Config().model_dump()
    assert Config.load(DEFAULT) == Config()


def test_every_key_of_the_documented_file_has_a_comment_above_it():
    lines = DEFAULT.read_text("utf-8").splitlines()
    bare = [line for above, line in zip(["", *lines], lines, strict=False) if ":" in line.partition("#")[0]
            and not above.lstrip().startswith("#")]  # fmt: skip
    assert bare == []


def settings(model: type[Settings]) -> list[tuple[str, str | None]]:
    found = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
            found += settings(field.annotation)
        else:
            found.append((name, field.description))
    return found


def test_every_setting_is_described_where_it_stands():
    assert [name for name, description in settings(Config) if not description] == []


@pytest.mark.parametrize("text", ["", "# only a comment\n", "{}", "plan:\n  # words: 80\nfusion:\n"])
def test_an_empty_file_is_the_defaults(tmp_path, text):
    assert load(tmp_path, text) == Config()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path):
    changed = load(tmp_path, "summarizer: lead\nplan:\n  words: 80\n")
    assert changed == Config(summarizer="lead", plan=PlanSettings(words=80))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sumarizer: lead", "unknown setting 'sumarizer'. Did you mean 'summarizer'? Known: summarizer, min_articles,"),
        ("plan: {wrods: 80}", "unknown setting 'plan.wrods'. Did you mean 'words'? Known: words, redundancy, query"),
        ("zzz: 1", "unknown setting 'zzz'. Known: summarizer,"),
        ("plan: {words: many}", "plan.words: Input should be a valid integer"),
        ("plan: {words: 1.5}", "plan.words: Input should be a valid integer"),
        ("plan: 80", "plan: Input should be a valid dictionary"),
        ("plan: {words: 9}", "plan.words: Input should be greater than or equal to 10"),
        ("summarizer: [lead]", "summarizer: Input should be a valid string"),
        ("summarizer: null", "summarizer: Input should be a valid string"),
        ("claims: {threshold: 1.5}", "claims.threshold: Input should be less than or equal to 1"),
        ("claims: {threshold: .nan}", "claims.threshold: Input should be"),
        ("encoder: {max_pieces: 4096}", "encoder.max_pieces: Input should be less than or equal to 512"),
        ("1: lead", "Keys should be strings"),
        ("- lead\n- plan", "must be a mapping of settings, not list"),
        ("lead", "must be a mapping of settings, not str"),
        ("plan: {words: 80", "is not YAML"),
        ("!!python/object:os.system x", "is not YAML"),
        (b"\x00", "is not YAML"),
        (b"plan: \xff\xfe", "cannot read config"),
    ],
)
def test_a_file_that_does_not_fit_is_explained_in_one_line(tmp_path, text, told):
    shown = message(tmp_path, text)
    assert told in shown
    assert "settings.yaml" in shown


def test_every_fault_of_a_file_is_named_at_once(tmp_path):
    shown = message(tmp_path, "plan: {words: 1, wrods: 3}\nzzz: 1")
    assert all(part in shown for part in ("plan.words", "'plan.wrods'", "'zzz'"))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError, match="cannot read config") as caught:
            Config.load(path)
        assert str(path) in str(caught.value)


def test_settings_are_frozen_and_usable_as_keys():
    with pytest.raises(ValueError, match="frozen"):
        Config().seed = 1  # type: ignore[misc]
    assert {EncoderSettings(): 1}[EncoderSettings()] == 1


def test_settings_are_valid_settings():
    assert Config.model_validate(Config(seed=1)) == Config(seed=1)


def test_dotted_settings_are_replaced_in_a_copy_and_none_is_ignored():
    before = Config(summarizer="lead")
    after = before.replace(**{"plan.words": 80, "claims.threshold": 0.5, "seed": None})
    assert after == Config(summarizer="lead", plan=PlanSettings(words=80), claims=ClaimSettings(threshold=0.5))
    assert before == Config(summarizer="lead")


@pytest.mark.parametrize(
    ("dotted", "value", "told"),
    [
        ("plan.wrods", 80, "unknown setting 'plan.wrods'. Did you mean 'words'?"),
        ("plan.words", 3, "plan.words: Input should be greater than or equal to 10"),
        ("summarizr", "lead", "unknown setting 'summarizr'. Did you mean 'summarizer'?"),
    ],
)
def test_a_wrong_replacement_is_explained(dotted, value, told):
    with pytest.raises(ConfigError) as caught:
        Config().replace(**{dotted: value})
    assert told in str(caught.value)


@pytest.mark.parametrize("dotted", ["plam.words", "seed.words", "plan.words.more"])
def test_a_replacement_of_a_setting_that_is_nowhere_is_a_config_error(dotted):
    with pytest.raises(ConfigError):
        Config().replace(**{dotted: 80})


def test_a_kin_threshold_below_the_claim_threshold_contradicts_it():
    with pytest.raises(ConfigError, match=r"claims.*kin_threshold"):
        Config.parse({"claims": {"threshold": 0.9, "kin_threshold": 0.1}})


def test_an_impossible_date_in_a_file_is_a_config_error(tmp_path):
    path = tmp_path / "settings.yaml"
    path.write_text("plan: {query: 2020-13-45}")
    with pytest.raises(ConfigError, match="is not YAML"):
        Config.load(path)
