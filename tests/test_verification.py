"""What a sentence's quotes do not support is found, and what they do support is left in peace."""

import json
from pathlib import Path

import pytest

from summarize.verification import Problem, problems, unsupported

NEGATIVES = Path(__file__).parent.parent / "eval" / "data" / "support" / "negatives.jsonl"

FLOOD = (
    "At least 14 people were killed when the Varrow Dam overflowed after two days of rain, "
    "emergency services said on Tuesday."
)
ARMY = "Eight helicopters and 600 soldiers have been sent to the valley by Governor Marisa Delcourt."
HOUSES = "The flood destroyed 14 houses in Tamsin and killed 3 people in the valley."
RECORD = "The storm left 1,300 families without power for a 30-day period in the Orless valley."
SPEECH = "“Nobody should try to go home to fetch belongings, because the water is not finished with us,” Delcourt said."
CALM = "Engineers did not find a crack in the dam, and the company may replace the two sirens in the summer."
RULING = "The court in Orlessa did not overturn the ban on boats."
PUTIN = "Putin told reporters in Moscow that the talks would go on in April."


def kinds(text: str, *quotes: str) -> set[str]:
    return {p.kind for p in problems(text, quotes)}


@pytest.mark.parametrize(
    ("kind", "text", "quotes"),
    [
        # numbers by value
        ("number", "At least 16 people were killed when the Varrow Dam overflowed.", [FLOOD]),
        ("number", "At least 14 people were killed after three days of rain.", [FLOOD]),
        ("number", "The storm left 13,000 families without power.", [RECORD]),
        ("number", "The storm left 1,300 families without power for a 30-week period.", [RECORD]),
        ("number", "The storm left 1,300 families without power for a 31-day period.", [RECORD]),
        ("number", "At least 14 people were killed on Wednesday.", [FLOOD]),
        # names by their words
        ("name", "Vladimir Putin told reporters in Moscow that the talks would go on.", [PUTIN]),
        ("name", "Putin told reporters in Minsk that the talks would go on in April.", [PUTIN]),
        ("name", "Governor Rosa Delcourt sent 600 soldiers to the valley.", [ARMY]),
        ("name", "At least 14 people were killed when the Harrow Dam overflowed.", [FLOOD]),
        # quotations to the letter
        ("quotation", "“Everybody should try to go home,” Delcourt said.", [SPEECH]),
        ("quotation", "“Nobody should try to go home to fetch trousers,” Delcourt said.", [SPEECH]),
        ("quotation", "“Nobody should try to go home because the water is not finished,” Delcourt said.", [SPEECH]),
        ("quotation", "“Nobody should try to go home to fetch belongings, Delcourt said.", [SPEECH]),
        ("quotation", "Hendry said “the dam is safe”.", ["The operator’s engineer Hendry said the dam is safe."]),
        ("quotation", "Emergency services said that “14 people were killed”.", [FLOOD]),
        # words from nowhere
        ("words", "Angry villagers stormed parliament demanding compensation.", [FLOOD]),
        ("words", "Emergency services praised brave neighbours who rescued children.", [FLOOD]),
        # a number that counts something else
        ("counted", "The flood destroyed 3 houses in Tamsin and killed people in the valley.", [
            "The flood destroyed 14 houses in Tamsin, in the old quarter by the river and its mills and tanneries, "
            "and it killed 3 people.",
        ]),
        ("counted", "Delcourt sent 600 helicopters.", [
            "The governor sent 600 soldiers from the barracks at Orlessa and from the garrison in the hills, and then "
            "Delcourt sent helicopters."
        ]),
        # negation lost or made up
        ("negation", "Engineers did find a crack in the dam.", [CALM]),
        ("negation", "Engineers found a crack in the dam.", [CALM.replace("find", "found")]),
        ("negation", "The court in Orlessa overturned the ban on boats.", [RULING.replace("overturn", "overturned")]),
        ("negation", "Putin never told reporters in Moscow that the talks would go on in April.", [PUTIN]),
        ("negation", "Eight helicopters have not been sent to the valley.", [ARMY]),
        ("negation", "The company can’t replace the sirens.", ["The company replaced the sirens, said the court."]),
        # possibility turned into fact, and the reverse
        ("modality", "The company replaces the two sirens in the summer.", [CALM]),
        ("modality", "The talks go on in April.", [PUTIN]),
        ("modality", "The Varrow Dam might have overflowed after two days of rain.", [FLOOD]),
        ("modality", "The court decides whether boats burned.", ["The court decides that boats burned on Friday."]),
        # somebody else's first person
        ("person", "The water is not finished with us.", [SPEECH]),
        ("person", "We heard that Putin told reporters in Moscow that the talks would go on.", [PUTIN]),
        # clauses of two facts stitched together
        ("join", "The court dismissed the mayor.", ["The mayor dismissed the court."]),
        ("join", "The mayor of Tamsin was killed when the ferry sank.", [
            "The mayor of Tamsin opened a bakery on Friday.", "Two sailors were killed when the ferry sank.",
        ]),
        ("join", "Marisa Delcourt was dismissed by the court.", [
            "Marisa Delcourt visited the flooded villages.", "The director was dismissed by the court.",
        ]),
        ("join", "The dam of Tamsin flooded the court.", ["Rain flooded Tamsin, and the court closed the dam."]),
    ],
)  # fmt: skip
def test_what_the_quotes_do_not_support_is_found(kind, text, quotes):
    assert kind in kinds(text, *quotes)


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        (FLOOD, [FLOOD]),
        ("It is not over, we think: “No”", ["It is not over,\n we think: “No”"]),
        ("At least 14 people were killed when the Varrow Dam overflowed.", [FLOOD]),
        ("The storm left 1,300 families without power for 30 days.", [RECORD.replace("a 30-day period", "30 days")]),
        ("Eight helicopters and 600 soldiers have been sent to the valley.", [ARMY]),
        ("Delcourt sent soldiers.", ["Governor Marisa Delcourt sent soldiers to the valley."]),
        ("Governor Delcourt sent soldiers.", ["Governor Marisa Delcourt sent soldiers to the valley."]),
        ("Delcourt’s soldiers came.", ["Marisa Delcourt's soldiers came by boat."]),
        ("“Nobody should try to go home to fetch belongings,” Delcourt said.", [SPEECH]),
        ('"Nobody should try to go home to fetch belongings," Delcourt said.', [SPEECH]),
        ("Engineers did not find a crack in the dam.", [CALM]),
        ("The company may replace the two sirens.", [CALM]),
        ("The court in Orlessa didn’t overturn the ban on boats.", [RULING.replace("did not", "didn’t")]),
        ("Delcourt said the water “is not finished with us”.", [f"{SPEECH} Delcourt said the water"]),
        (
            "Two sailors were killed when the ferry sank.",
            ["Two sailors were killed on Friday when the old ferry sank."],
        ),
        # the same number or name in another spelling
        ("At least fourteen people were killed when the Varrow Dam overflowed.", [FLOOD]),
        ("At least 14 people were killed after 2 days of rain.", [FLOOD]),
        ("The storm left 1300 families without power.", [RECORD]),
        ("The storm left families without power for a 30-day period.", [RECORD.replace("30-day", "30 day")]),
        ("Zelensky accepted the truce.", ["President Zelenskyy’s office said Zelenskyy accepted the truce."]),
        ("Zelensky accepted the truce.", ["President Volodymyr Zelenskyy accepted the truce."]),
        ("Kiev accepted the truce.", ["Kyiv accepted the truce on Tuesday."]),
        ("The dam overflowed on May 6.", ["The dam overflowed on 6 May after rain."]),
        # one fact of two sources that share words
        (
            "Two sailors were killed when the old ferry sank off Marlow.",
            [
                "Two sailors were killed when the old ferry sank on Friday.",
                "The old ferry sank off Marlow, police said.",
            ],
        ),
    ],
)
def test_what_the_quotes_support_is_left_in_peace(text, quotes):
    assert problems(text, quotes) == ()


@pytest.mark.parametrize(
    ("text", "quotes", "found"),
    [
        ("At least 14 people were killed and buried.", [FLOOD], set()),
        ("At least 16 people were killed.", [FLOOD], {"number"}),
        ("The Harrow Dam overflowed.", [FLOOD], {"name"}),
        ("“Everybody should go home,” Delcourt said.", [SPEECH], {"quotation"}),
    ],
)
def test_a_sentence_taken_as_it_stands_is_checked_for_numbers_names_and_quotations_only(text, quotes, found):
    assert {p.kind for p in problems(text, quotes, "extracted")} == found


def test_a_problem_names_the_words_in_question():
    assert Problem("number", "16") in problems("At least 16 people were killed.", [FLOOD])
    assert Problem("name", "Harrow Dam") in problems("The Harrow Dam overflowed.", [FLOOD])


def test_a_number_of_one_quote_and_a_name_of_another_are_both_supported():
    found = kinds("At least 14 people were killed when the Varrow Dam overflowed, Delcourt said.", FLOOD, ARMY)
    assert found.isdisjoint({"number", "name", "words"})


def test_without_a_quote_nothing_is_supported():
    assert problems(FLOOD, []) != ()


def test_faithful_and_false_pairs_are_told_apart():
    pairs = [json.loads(line) for line in NEGATIVES.read_text("utf-8").splitlines()]
    caught = sum(bool(problems(p["unsupported"], p["sources"])) for p in pairs)
    passed = sum(not problems(p["supported"], p["sources"]) for p in pairs)
    assert (caught + passed) / (2 * len(pairs)) >= 0.74


def test_a_number_behind_a_name_stands_behind_it_in_a_quote():
    quote = "Officers found Ada Holt, 25, and Ben Holt, 22, dead in their flat."
    assert [p.text for p in problems("Officers found Ada Holt, 22, dead in their flat.", [quote])] != []
    assert not problems("Officers found Ada Holt, 25, dead in their flat.", [quote])
    assert not problems("Officers found Holt, 22, dead in their flat.", [quote])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The dam overflowed on Tuesday.", []),
        ("The dam collapsed on Tuesday.", ["collapsed"]),
        ("The old stone dam overflowed, killing nine.", ["old stone", "killing nine"]),
        ("In the US 4000 sandbags were filled.", ["sandbags were filled"]),
        ("", []),
    ],
)
def test_runs_of_words_that_no_quote_holds_are_found(text, found):
    quotes = ["The dam overflowed on Tuesday.", "The United States has 4,000 dams."]
    assert [text[a:b] for a, b in unsupported(text, quotes)] == found


def test_a_model_for_inference_has_the_last_word_on_words_but_not_on_facts():
    quotes = ["The dam above Tarsholm overflowed on Tuesday."]
    paraphrase, false = (
        "Water poured over the Tarsholm dam on Tuesday.",
        "The Tarsholm dam overflowed 12 times on Friday.",
    )
    assert {p.kind for p in problems(paraphrase, quotes, "written")} & {"words", "join"}
    assert problems(paraphrase, quotes, "written", entailed=True) == ()
    assert [p.kind for p in problems(paraphrase, quotes, "written", entailed=False)] == ["entailment"]
    assert "number" in {p.kind for p in problems(false, quotes, "written", entailed=True)}
