"""An opening pronoun is put back to its name only where the text leaves no doubt."""

import pytest

from summarize.abstractive.pronouns import people, resolve
from summarize.documents import TOLD, Article, Aside
from summarize.text import sentences

PERSONS = frozenset({"delcourt", "ebbesen", "merkel", "peskov", "putin", "trump"})


def last(text: str, persons: frozenset[str] = PERSONS) -> str | None:
    """The last sentence of a text with its opening pronoun resolved, or None."""
    article = Article("a", text)
    *before, sentence = sentences(article)
    found = resolve(sentence, before, article, persons)
    if found is not None:
        assert text[found.span.start : found.span.end] == found.span.text
        assert found.span.text.endswith(sentence.text)
    return found.text if found else None


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("Marisa Delcourt flew to Tamsin. She thanked the soldiers.", "Delcourt thanked the soldiers."),
        ("Delcourt flew to Tamsin. She thanked the soldiers.", "Delcourt thanked the soldiers."),
        ("Governor Marisa Delcourt flew to Tamsin. She left.", "Delcourt left."),
        ("On Tuesday, Delcourt flew to Tamsin. She left.", "Delcourt left."),
        ("Delcourt flew to Tamsin. However, she left.", "However, Delcourt left."),
        ("Delcourt flew to Tamsin. She thanked them. She left.", "Delcourt left."),
        ("Delcourt flew to Tamsin. Her car left.", "Delcourt’s car left."),
        ("Delcourt flew to Tamsin. Her car left. She waved.", "Delcourt waved."),
        ("“We are late,” Marisa Delcourt said. She left.", "Delcourt left."),
        ("“We are late,” said the spokesman Dmitry Peskov. He left.", "Peskov left."),
        ("Delcourt flew to Tamsin. “We are late,” she said at dawn.", "“We are late,” Delcourt said at dawn."),
        ("Delcourt came. “We are late,” she said. “Go,” she added.", "“Go,” Delcourt added."),
        (
            "The harbour board said no. It added that the quay was shut.",
            "The harbour board added that the quay was shut.",
        ),
        ("Talks go on, the ministry said on Friday. It said it hoped.", "The ministry said it hoped."),
        ("The ministry said no. It said why. It also said when.", "The ministry also said when."),
        ("The council left. It said why.", "The council said why."),
        ("Delcourt left. The bridge, she said, was lost.", "The bridge, Delcourt said, was lost."),
        ("Delcourt left. The bridge was lost, she said.", "The bridge was lost, Delcourt said."),
        ("OFTA said no. It said why.", "OFTA said why."),
        ("“We await Trump,” said the spokesman Dmitry Peskov. He left.", "Peskov left."),
    ],
)
def test_the_pronoun_gives_way_to_the_name(text, resolved):
    assert last(text) == resolved


@pytest.mark.parametrize(
    "text",
    [
        "Delcourt flew to Tamsin. The soldiers left.",
        "Delcourt flew to Tamsin. Herons left.",
        "Delcourt flew to Tamsin. They left.",
        "Delcourt flew to Tamsin. She’s gone.",
        "Putin and Trump spoke. He left.",
        "Putin and Trump spoke. “We are late,” he said.",
        "Putin came. “We are late,” they said.",
        "Putin came. “We are late,” Trump heard when he said so.",
        "The army came. “We are late,” he said.",
        "Angela Merkel welcomed Vladimir Putin in Berlin. He thanked her.",
        "Putin refused a full truce, Trump said. He was angry.",
        "Trump dismissed Putin last year. His deputy took over.",
        "“We are late,” Peskov told Trump. He left.",
        "Putin’s car was late. He left.",
        "The army came. He left.",
        "The army thanked Delcourt. She left.",
        "Varrow was hit. She left.",
        "Delcourt flew to Tamsin. The dam held. She left.",
        "Delcourt flew. She thanked them. She ate. She left.",
        "Delcourt flew to Tamsin. He thanked them. She left.",
        "She left.",
        "Putin coach Mario Castel said so. “We are late,” he said.",
        "The man came. Merkel. She left.",
        "The mayor said no. It said why.",
        "The lawyers said no. It said why.",
        "The report came on Monday. It said why.",
        "The board said no, the ministry said. It said why.",
        "Delcourt said the report was late. It said why.",
        "The board said yes. Herons left. It said why.",
        "It said why.",
    ],
)
def test_without_an_owner_beyond_doubt_the_sentence_stays(text):
    assert last(text) is None


def test_people_are_last_names_that_stand_in_full_and_alone():
    texts = ["Governor Marisa Delcourt met Paul Hendry at the Varrow Dam.", "Delcourt left.", "The Dam held."]
    assert people(texts) == {"delcourt"}


def test_nobody_is_a_person_without_names():
    assert people([]) == frozenset()
    assert last("Delcourt flew to Tamsin. She left.", frozenset()) is None


def test_no_name_is_fetched_from_beyond_a_sentence_that_was_set_aside() -> None:
    text = "Delcourt flew to Tamsin. Ebbesen met the crowd. She thanked the soldiers."
    start, end = text.index("Ebbesen"), text.index(" She thanked")
    for kind, resolved in ((TOLD, None), ("heading", "Delcourt thanked the soldiers.")):
        article = Article("a", text, asides=(Aside(start, end, kind),))
        *before, sentence = sentences(article)
        found = resolve(sentence, before, article, PERSONS)
        assert (found.text if found else None) == resolved
