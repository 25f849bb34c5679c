"""Settings of an evaluation: what a config may say, and what it is told when it is wrong."""

from pathlib import Path

import pytest
import yaml

from eval.clusters import ClusterEvalSettings
from eval.settings import EvalSettings, MeasureSettings, parse_change, task
from summarize.config import read_settings
from summarize.errors import ConfigError

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs" / "eval").glob("*.yaml"))
LEAST = {"data": {"path": "stories"}, "summarizers": ["lead"], "output": "results"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_a_shipped_config_is_valid(path):
    if task(path, read_settings(path)) == "clustering":
        assert ClusterEvalSettings.load(path).output.parts[0] == "results"
        return
    settings = EvalSettings.load(path)
    assert settings.output.parts[0] == "results"
    assert [settings.config(s).summarizer for s in settings.summarizers] == [s.name for s in settings.summarizers]


def test_the_commented_config_shows_every_setting_and_every_default():
    text = (ROOT / "configs" / "eval" / "stories.yaml").read_text("utf-8")
    for name in EvalSettings.model_fields:
        assert f"\n{name}:" in text or f"\n# {name}:" in text, name
    values = yaml.safe_load(text)
    defaults = EvalSettings.parse(LEAST)
    for section in ("metrics", "statistics"):
        shown = values[section]
        assert shown == {k: v for k, v in getattr(defaults, section).model_dump(mode="json").items() if k in shown}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"lenght": {"words": 100}}, "unknown setting 'lenght'. Did you mean 'length'?"),
        ({"length": {"wrods": 100}}, "unknown setting 'length.wrods'. Did you mean 'words'?"),
        ({"length": {"words": 100, "bytes": 665}}, "length: give one of words, tokens and bytes"),
        ({"data": {"pth": "x"}}, "unknown setting 'data.pth'. Did you mean 'path'?"),
        ({"data": {"path": "x", "hub": "y"}}, "data: give one of path and hub"),
        ({"data": {}}, "data: give one of path and hub"),
        ({"robustness": {"chnges": []}}, "unknown setting 'robustness.chnges'. Did you mean 'changes'?"),
        ({"metrics": {"rouge": ["rouge0"]}}, "unknown ROUGE 'rouge0'"),
        ({"summarizers": []}, "summarizers: name at least one summarizer"),
        ({"summarizers": ["lexrnk"]}, "unknown summarizer 'lexrnk'. Did you mean 'lexrank'?"),
        ({"summarizers": ["lead", "lead"]}, "two summarizers have the label 'lead'"),
        ({"summarizers": [{"name": "fusion", "beems": 1}]}, "unknown setting 'fusion.beems'. Did you mean 'beams'?"),
        ({"summarizers": [{"name": "lead", "beams": 1}]}, "summarizer 'lead': unknown setting 'beams'"),
        ({"summarizers": [{"label": "mine"}]}, "summarizers.0.name: Field required"),
        ({"settings": {"plan": {"wrds": 1}}}, "settings: unknown setting 'plan.wrds'. Did you mean 'words'?"),
        ({"workers": -1}, "workers: Input should be greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_that_is_known(wrong, told):
    with pytest.raises(ConfigError) as error:
        EvalSettings.parse(LEAST | wrong)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_settings_of_a_summarizer_win_over_shared_ones_and_these_over_the_evaluation():
    settings = EvalSettings.parse(
        LEAST
        | {
            "seed": 7,
            "length": {"words": 100},
            "settings": {"plan": {"redundancy": 0.5}, "fusion": {"beams": 2, "max_sources": 3}},
            "summarizers": [
                "fusion",
                {"name": "fusion", "label": "one beam", "beams": 1},
                {"name": "lead", "plan": {"words": 50}, "seed": 9},
            ],
        }
    )
    plain, one, lead = (settings.config(s) for s in settings.summarizers)
    assert (plain.seed, plain.plan.words, plain.plan.redundancy, plain.fusion.beams) == (7, 100, 0.5, 2)
    assert (one.fusion.beams, one.fusion.max_sources, one.plan.words) == (1, 3, 100)
    assert (lead.seed, lead.plan.words, lead.plan.redundancy) == (9, 50, 0.5)
    assert {c.threads for c in (plain, one, lead)} == {1}
    assert [s.label for s in settings.summarizers] == ["fusion", "one beam", "lead"]


@pytest.mark.parametrize(
    ("length", "words"),
    [({}, 150), ({"words": 80}, 80), ({"tokens": 90}, 90), ({"bytes": 665}, 110), ({"bytes": 12}, 10)],
)
def test_summarizers_are_asked_for_as_much_as_will_be_scored(length, words):
    assert EvalSettings.parse(LEAST | {"length": length}).words == words


def test_changes_from_the_command_line_win_over_the_file(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("data: {path: a}\nsummarizers: [lead]\nlength: {words: 100, whole: true}\nmetrics:\noutput: r\n")
    changes = dict(map(parse_change, ["length.words=80", "summarizers=[kl, mmr]", "data.min_articles=2"]))
    settings = EvalSettings.load(config, changes)
    assert (settings.length.words, settings.length.whole) == (80, True)
    assert [s.name for s in settings.summarizers] == ["kl", "mmr"]
    assert settings.data.min_articles == 2
    assert EvalSettings.load(config, {"length": {"bytes": 665}}).length.limit == ("bytes", 665)
    with pytest.raises(ConfigError, match=r"c\.yaml: unknown setting 'length\.wrods'"):
        EvalSettings.load(config, {"length.wrods": 1})


@pytest.mark.parametrize("text", ["length.words", "=3", "a=[1", ""])
def test_a_change_that_is_none_is_refused(text):
    with pytest.raises(ConfigError, match="--set"):
        parse_change(text)


@pytest.mark.parametrize(
    ("content", "told"), [("- lead", "mapping of settings, not list"), ("a: [", "not YAML"), (None, "cannot read")]
)
def test_a_file_that_is_no_config_is_told_by_its_name(tmp_path, content, told):
    path = tmp_path / "broken.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=told) as error:
        EvalSettings.load(path)
    assert str(path) in str(error.value)


def test_text_of_others_is_scored_by_what_a_whole_config_says_of_it():
    settings = MeasureSettings.load(ROOT / "configs" / "eval" / "wcep.yaml", {"seed": 5})
    assert (settings.length.words, settings.seed) == (40, 5)
    assert settings.metrics.rouge == ("rouge1", "rouge2", "rougeL")
