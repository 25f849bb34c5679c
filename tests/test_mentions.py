"""First mentions in full, later ones short."""

import pytest

from summarize.abstractive.mentions import introduced, shorten

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
        ("", ""),
    ],
)
def test_a_known_person_is_called_by_the_last_name(text, short):
    assert shorten(text, KNOWN) == short


def test_nobody_is_known_at_first():
    assert shorten("President Vladimir Putin agreed.", {}) == "President Vladimir Putin agreed."


def test_a_sentence_introduces_the_persons_it_names_with_title_and_full_name():
    text = "Governor Marisa Delcourt met Prime Minister Johan Ebbesen and Paul Hendry."
    assert introduced(text) == {"Delcourt": "Marisa", "Ebbesen": "Johan"}
