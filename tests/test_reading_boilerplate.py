import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize.reading.boilerplate import KINDS, find_asides, find_title

BEFORE = "The harbour office in Marlow closed on Monday after a fire in its cellar."
AFTER = "Nobody was hurt, and the office hopes to open again within a fortnight."


def found(text: str, title: str | None = None) -> list[tuple[str, str]]:
    return [(a.kind, text[a.start : a.end]) for a in find_asides(text, title)]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("byline", "By Jane Roe"),
        ("byline", "By Jane Roe in Kyiv"),
        ("byline", "By Jane Roe in London and Piet van der Berg in The Hague"),
        ("byline", "BY JANE ROE"),
        ("byline", "By Jane Roe."),
        ("byline", "By Jane Roe, Political Correspondent"),
        ("byline", "By Jane Roe | March 18, 2025"),
        ("byline", "*By Jane Roe*"),
        ("byline", "Jane Roe, Correspondent"),
        ("byline", "By our foreign desk"),
        ("byline", "Published: 18 March 2025 at 10:30"),
        ("byline", "March 18, 2025"),
        ("byline", "4 min read"),
        ("read more", "Read the full article here"),
        ("read more", "Read the full story here."),
        ("read more", "Read more: Office fires on the rise"),
        ("read more", "READ ALSO: Office fires on the rise"),
        ("read more", "Read more"),
        ("read more", "Related articles"),
        ("read more", "Continue reading below"),
        ("read more", "This is a developing story. Check back for updates."),
        ("read more", "https://example.org/fires"),
        ("credit", "with reports from international media"),
        ("credit", "With additional reporting by Jane Roe."),
        ("credit", "Additional reporting by Jane Roe and John Doe"),
        ("credit", "(Reporting by Jane Roe; Editing by John Doe)"),
        ("credit", "The Associated Press contributed to this report."),
        ("credit", "Photo: Jane Roe"),
        ("credit", "Photograph: Meridian Pictures"),
        ("credit", "Image credit: Jane Roe/Getty Images"),
        ("credit", "Firemen at work on Monday (Getty Images)"),
        ("credit", "Jane Roe/AP"),
        ("credit", "FILE PHOTO: The harbour office stands in Marlow, March 3, 2021."),
        ("credit", "![The office](office.jpg)"),
        ("newsletter", "Sign up for our newsletter"),
        ("newsletter", "Subscribe to The Daily Fire for more stories like this one."),
        ("newsletter", "Get the latest news delivered straight to your inbox every day."),
        ("newsletter", "You have reached your limit of free articles."),
        ("newsletter", "Write to Jane Roe at jane.roe@example.org"),
        ("cookies", "We use cookies to improve your experience."),
        ("cookies", "By continuing to browse this site, you agree to our use of them."),
        ("cookies", "Privacy policy"),
        ("share", "Share this article"),
        ("share", "Share this article: Fb | Twitter | Copy hyperlink"),
        ("share", "Facebook Twitter WhatsApp Email Print"),
        ("share", "Follow us on Instagram for more"),
        ("share", "12 comments"),
        ("copyright", "© 2025 Marlow News. All rights reserved."),
        ("copyright", "Copyright 2025 Marlow News"),
        ("copyright", "This material may not be published, broadcast or rewritten without permission."),
        ("advertisement", "ADVERTISEMENT"),
        ("advertisement", "Sponsored content"),
        ("advertisement", "Story continues below"),
        ("remark", "I hope, it's OK"),
        ("remark", "I hope, it’s OK"),
        ("remark", "pls check the hours in para 2, ok?"),
        ("remark", "TK"),
        ("remark", "[EDIT]"),
        ("remark", "[Note to desk: who said this?]"),
        ("remark", "Editor's note: This article has been shortened."),
        ("remark", "This article was updated on Tuesday with a comment."),
        ("separator", "* * *"),
        ("separator", "-----"),
        ("heading", "Europeans back Marlow"),
        ("heading", "What the office says"),
        ("heading", "DIPLOMATS WARN"),
        ("heading", "Int’l Response and Concerns Over the Harbour’s Future"),
        ("heading", "## What next for the harbour office, its cellar and all the people in it"),
        ("heading", "**What next**"),
        ("heading", "1. The First Lesson"),
        ("heading", "Why is it shut?"),
    ],
)
def test_a_line_that_is_not_reporting_is_set_aside(kind: str, line: str) -> None:
    assert found(f"{BEFORE}\n{line}\n{AFTER}") == [(kind, line)]
    assert found(f"{BEFORE}\r\n\r\n  {line} \r\n\r\n{AFTER}") == [(kind, line)]


@pytest.mark.parametrize(
    "line",
    [
        "By Tuesday night, thousands had fled.",
        "By Monday Evening Standard Chartered had lost a fifth of its value.",
        "HARBOUR CHIEF Ann Lee resigned on Tuesday, the office said.",
        "“It was hell.”",
        "“No,” she said.",
        "He left.",
        "- Two schools were closed.",
        "- Cape Town, South Africa: 11.5 hours",
        "* Two schools stay closed until Monday",
        "• the road to Hexton is blocked",
        "Read more than 300 pages of evidence, the judge told the jury.",
        "Photographs of the fire were shared widely.",
        "Subscribers of the firm lost their service for two days.",
        "The company was accused of using cookies to follow its customers.",
        "Copyright law does not protect such recipes, the court ruled.",
        "Share prices fell by 4 percent.",
        "The report, with contributions from 40 scientists, was published on Monday.",
        "Related charges against two officers were dropped.",
        "Sponsored by the state, the museum opened in 1964.",
        "Follow the money, the detective used to say.",
        "The Associated Press contributed to this summit's chaos, he joked.",
        "Reporting from the scene, Ann Lee described a street full of glass.",
        "Get out of here, the fireman shouted.",
        "Trump said:",
        "ANN LEE: We never closed.",
        "Correction of the river will cost 3 million crowns.",
        "Why did nobody hear the alarm, and why had it not been tested since the winter of 2019?",
        "NATO — which was founded in 1949 — has 32 members.",
        "Analysis by the bank shows a loss of 4 percent.",
        "The office (AP) said so.",
    ],
)
def test_a_sentence_of_the_report_is_not(line: str) -> None:
    assert found(f"{BEFORE}\n{line}\n{AFTER}") == []
    assert found(f"{BEFORE}\n\n{line}\n\n{AFTER}") == []
    assert found(f"{BEFORE}\n{AFTER}\n{line}") == []


@pytest.mark.parametrize(
    "dateline",
    [
        "KYIV, March 18 (Agency) — ",
        "MOSCOW/KYIV, March 19 (Northgate Wire) – ",
        "HALDENVIK – ",
        "NEW YORK (AP) -- ",
        "PORTLAND, Maine (AP) — ",
        "WASHINGTON, D.C. — ",
        "Paris (AFP) - ",
        "(Reuters) - ",
        "Sennmouth, 18 March 2025 — ",
    ],
)
def test_only_the_dateline_itself_is_set_aside(dateline: str) -> None:
    assert found(f"{dateline}{BEFORE}\n{AFTER}") == [("dateline", dateline)]


def test_a_credit_after_a_sentence_leaves_the_sentence() -> None:
    assert found(f"{BEFORE} (Photo: Ann Lee)\n{AFTER}") == [("credit", "(Photo: Ann Lee)")]


def test_the_headline_is_set_aside_where_it_stands_and_where_it_is_repeated() -> None:
    headline = "Fire shuts harbour office"
    text = f"{headline}\n\n{BEFORE}\n\n{headline}.\n\n{AFTER}"
    assert found(text, headline) == [("heading", headline), ("heading", headline + ".")]
    assert found(f"{BEFORE}\n{AFTER}", BEFORE) == [("heading", BEFORE)]
    assert found(BEFORE, BEFORE) == []


def test_the_headline_of_a_text_is_found() -> None:
    for headline in ("Fire shuts harbour office", "“We all ran”", "Who Set the Fire?"):
        text = f"{headline}\n\nBy Ann Lee\n\n{BEFORE}\n\n{AFTER}"
        assert find_title(text, find_asides(text)) == headline
    assert find_title(BEFORE + "\n" + AFTER, ()) is None
    late = f"{BEFORE}\n\nWhat next\n\n{AFTER}"
    assert find_title(late, find_asides(late)) is None


def test_lines_of_a_wrapped_paragraph_are_one_unit() -> None:
    text = (
        "The harbour office in Marlow closed on Monday after a fire\n"
        "Ann Lee, the harbour master, said had started in the cellar of\n"
        "By the evening it was out. Photographs of the fire were shared\n"
        "widely.\n\nWhat next\n\n"
        "Nobody was hurt, and the office hopes to open again within the\n"
        "next fortnight.\n"
    )
    assert found(text) == [("heading", "What next")]


def test_a_few_stray_words_at_the_end_are_a_remark() -> None:
    assert found(f"{BEFORE}\n{AFTER}\ncheck the cellar") == [("remark", "check the cellar")]
    assert found(f"{BEFORE}\n{AFTER}\nThe minister rejected the charge that day") == []


def test_where_no_line_ends_in_a_full_stop_its_lack_tells_nothing() -> None:
    text = "the harbour office closed\nNobody was hurt\nIt opens again soon"
    assert found(text) == []


LINES = st.sampled_from(
    ["By Jane Roe", "Photo: Ann (AP)", "KYIV (AP) — ", "READ ALSO: x", "# A", BEFORE, AFTER, "", " ", "(Getty Images)"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=12), st.sampled_from(["\n", "\r\n", "\n\n", " "]))
def test_asides_are_sorted_apart_and_inside_the_text(pieces: list[str], joint: str) -> None:
    text = joint.join(pieces)
    end = 0
    for aside in find_asides(text, pieces[0] if pieces else None):
        assert end <= aside.start < aside.end <= len(text)
        assert aside.kind in KINDS
        assert text[aside.start : aside.end].strip()
        end = aside.end


def test_long_and_hostile_texts_take_time_in_proportion() -> None:
    import time

    for piece in ("By Jane Roe, ", "Facebook | ", "(", "A ", "a.b@", "read more ", "KYIV/", "\n\n \n", "x\n"):
        for size in (399, 200_000):
            start = time.process_time()
            find_asides((piece * size)[:size])
            assert time.process_time() - start < 3, (piece, size)
