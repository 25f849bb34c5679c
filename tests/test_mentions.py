"""First mentions in full, later ones short."""

import pytest

from summarize.abstractive.mentions import introduced, persons, shorten

KNOWN = {"Putin": "Vladimir", "Ebbesen": "Johan"}


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("President Vladimir Putin agreed.", "Putin agreed."),
        ("Russian President Vladimir Putin agreed.", "Putin agreed."),
        ("A call with Russian President Vladimir Putin ended.", "A call with Putin ended."),
        ("Prime Minister Johan Ebbesen met President Vladimir Putin.", "Ebbesen met Putin."),
        ("Former prime minister Johan Ebbesen wept.", "Ebbesen wept."),
        ("He met the Russian president Vladimir Putin.", "He met Putin."),
        ("The former deputy prime minister Johan Ebbesen wept.", "Ebbesen wept."),
        ("Secretary Ludmilla Putin agreed.", "Secretary Ludmilla Putin agreed."),
        ("“President Vladimir Putin agreed,” he said.", "“President Vladimir Putin agreed,” he said."),
        ("President Vladimir Putin is “President Vladimir Putin”.", "Putin is “President Vladimir Putin”."),
        ("Governor Marisa Delcourt agreed.", "Governor Marisa Delcourt agreed."),
        ("Putin agreed.", "Putin agreed."),
        ("The president agreed.", "The president agreed."),
        ("Vladimir Putin has agreed, and Vladimir Putin’s army too.", "Putin has agreed, and Putin’s army too."),
        ("Johan Ebbesen Jr wept for Anna Putin.", "Johan Ebbesen Jr wept for Anna Putin."),
        ("Boris Vladimir Putin and Johan Ebbesen Street.", "Boris Vladimir Putin and Johan Ebbesen Street."),
        ("He said “Vladimir Putin agreed”.", "He said “Vladimir Putin agreed”."),
        ("", ""),
    ],
)
def test_a_known_person_is_called_by_the_last_name(text, short):
    assert shorten(text, KNOWN) == short


def test_nobody_is_known_at_first():
    assert shorten("President Vladimir Putin agreed.", {}) == "President Vladimir Putin agreed."


def test_who_is_called_by_title_or_as_mr_is_a_person():
    texts = [
        "Governor Marisa Delcourt met Johan Ebbesen and Paul Hendry.",
        "Mr Ebbesen left the White House; House rules.",
    ]
    assert persons(texts) == {"Delcourt": "Marisa", "Ebbesen": "Johan"}
    assert persons([*texts, "Anna Ebbesen wept."]) == {"Delcourt": "Marisa"}


def test_a_sentence_introduces_the_persons_it_names_in_full():
    text = "Governor Marisa Delcourt met Johan Ebbesen and Paul Hendry in the White House."
    assert introduced(text, {"Delcourt": "Marisa", "Ebbesen": "Johan", "Hendry": "Anna"}) == {
        "Delcourt": "Marisa",
        "Ebbesen": "Johan",
    }
