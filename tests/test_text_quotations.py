"""Quotations: what is one, how deep, and who said it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.text import quotations

# text -> inner texts, a "+" for each level of depth
CASES = [
    ('"We will go," he said.', ["We will go,"]),
    ("“We will go,” he said.", ["We will go,"]),
    ("The plan was “good” and “fair”.", ["good", "fair"]),
    ("“He told me ‘no’ twice,” she said.", ["He told me ‘no’ twice,", "+no"]),
    ("‘He said “stop” to us,’ she said.", ["He said “stop” to us,", "+stop"]),
    ("\"She called it 'a farce' today,\" he said.", ["She called it 'a farce' today,", "+a farce"]),
    ("“She said ‘it reads “no” here’ twice.”", ["She said ‘it reads “no” here’ twice.", "+it reads “no” here", "++no"]),
    ("‘We won’t,’ he said. ‘The Ukrainians’ land is theirs.’", ["We won’t,", "The Ukrainians’ land is theirs."]),
    ("'We don't know,' he said. 'The soldiers' families left.'", ["We don't know,", "The soldiers' families left."]),
    ("The Ukrainians’ army of the ’90s didn’t move.", []),
    ("The boys' club wasn't '90s, it's rock 'n' roll.", []),
    ("“Don’t wait for ’em,” he said.", ["Don’t wait for ’em,"]),
    ("“It began in May.\n“It ended in June,” he said.", ["It began in May.", "It ended in June,"]),
    ("\"It began in May.\n\n\"It ended in June,\" he said.", ["It began in May.", "It ended in June,"]),
    ("He said “it never closed.\nThen “it did.”", ["it never closed.", "it did."]),
    ('He is 6\'2" tall and said "no".', ["no"]),
    ('A 5" pipe burst.', []),
    ("«Nous allons», he said.", ["Nous allons"]),
    ('He said "foo. Then "bar," he added.', ["foo. Then", "bar,"]),
    ('He said:"No."', ["No."]),
    ('("No," he said.)', ["No,"]),
    ('"No"—that was all.', ["No"]),
    ('He left." She stayed.', []),
    ("No marks at all.", []),
    ('""', [""]),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_quotations(text: str, expected: list[str]) -> None:
    assert ["+" * q.depth + q.inner for q in quotations(text)] == expected


SPEAKERS = [
    ('"We go," said Kremlin spokesman Dmitry Peskov on Tuesday.', "Kremlin spokesman Dmitry Peskov"),
    ('"We go," Mr. Peskov said.', "Mr. Peskov"),
    ('"We go," Sen. Bob Lee, R-Ohio, said.', "Sen. Bob Lee"),
    ("‘We go,’ Anna Roe, 34, told reporters.", "Anna Roe"),
    ('"We go," she said.', "she"),
    ('"We go," according to the ministry.', "the ministry"),
    ('According to the ministry, the strikes were "massive".', "the ministry"),
    ("Putin said the plan was “good”.", "Putin"),
    ("Ann Roe told reporters: “We go.”", "Ann Roe"),
    ("Trump tweeted: “Great call!”", "Trump"),
    ('Zelenskyy, speaking in Helsinki, said that he "rejected" it.', "Zelenskyy"),
    ('Zelenskyy, speaking in Helsinki, had "rejected" it.', None),
    ("The talks were “frank”.", None),
    ('He left. The talks were "frank". Roe said nothing.', None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "speaker"), SPEAKERS)
def test_speaker(text: str, speaker: str | None) -> None:
    assert [q.speaker for q in quotations(text)] == [speaker]


def test_a_speaker_goes_on() -> None:
    text = '"We go," Ann Roe said. "We stay."\nNobody asked. "It rained."'
    assert [q.speaker for q in quotations(text)] == ["Ann Roe", "Ann Roe", None]


def test_a_speech_over_paragraphs_has_one_speaker() -> None:
    text = "Ann Roe said: “It began in May.\n“It ended in June.”"
    assert [q.speaker for q in quotations(text)] == ["Ann Roe", "Ann Roe"]


MARKS = st.text(st.sampled_from("\"'“”‘’«» aZs.,\n\u2028\ud800😀`1("), max_size=60)


@given(st.one_of(st.text(), MARKS))
def test_offsets_are_exact_and_nesting_is_proper(text: str) -> None:
    found = quotations(text)
    ends: list[int] = []
    for q in found:
        assert text[q.start : q.end] == q.text and q.inner in q.text and q.start < q.end
        while ends and ends[-1] <= q.start:
            ends.pop()
        assert q.depth == len(ends) and (not ends or q.end <= ends[-1])
        ends.append(q.end)
    assert [q.start for q in found] == sorted(q.start for q in found)
