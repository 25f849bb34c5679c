"""A digest with all a page may meet: copies, overlapping quotes, asides, other scripts, hostile strings."""
# ruff: noqa: E501

from datetime import UTC, datetime, timedelta, timezone

from summarize.documents import (
    Article,
    Aside,
    Citation,
    Conflict,
    ConflictValue,
    Digest,
    Origin,
    Skipped,
    Story,
    Summary,
    SummarySentence,
)

_LANTERN = """\
Ferry back in service

By Ottilie Brandvold

The Skarvik car ferry sailed again on Friday morning, 41 days after a fire in its engine room left the \
islanders of Hestra without a link to the mainland.

“We have missed our post, our dentist and our hairdresser,” said the island's mayor, Runa Eide. “In that order.”

The repair cost 6.2 million kroner, according to the operator Nordsund, and inspectors passed the ship on \
Thursday night.

Share this story
"""

_WIRE = """\
SKARVIK (Coastal Wire) - A ferry that burned in April returned to the Hestra crossing on Friday after inspectors \
passed it the night before.

Nordsund, which runs the route, put the bill at 6.2 million kroner. The cause, a cracked fuel line, had been \
reported by the crew twice in March, a letter seen by Coastal Wire shows.

The company did not comment on the letter.
"""

_COPY = """\
The ferry which burned in April came back to the Hestra crossing on Friday, after the inspectors passed it the \
night before. The bill is 6.2 million kroner, says Nordsund, which runs the route.
"""

_BULLETIN = """\
Good morning from Radio Hestra. The boat is back! The first car aboard was a hearse, the second an ice cream van.
The harbour office expects 900 passengers by Sunday. The repair is said to have cost 2.6 million kroner.
The crew's union wants an inquiry into two warnings about a fuel line that it says went unanswered.
"""

_HOSTILE = """\
<script>alert("pwned")</script> ]]> <!-- --> & the town clerk's *own* words: "the `budget` is [closed](javascript:alert(1))".\r
\x1b[31mRed ink\x1b[0m of $5_000 | was found \u202eyltneuqesbus\u202c in the ledger. 😀 The mayor resigned at noon.
رئيس البلدية استقال عند الظهر. 市長は正午に辞任した。
"""


def _article(id: str, text: str, asides: tuple[tuple[str, str], ...] = (), **facts: object) -> Article:
    spans = ((text.index(words), words, kind) for words, kind in asides)
    return Article(
        id=id,
        text=text,
        asides=tuple(Aside(start, start + len(words), kind) for start, words, kind in spans),
        **facts,  # type: ignore[arg-type]
    )


def _cite(article: Article, quote: str, score: float = 0.75) -> Citation:
    start = article.text.index(quote)
    return Citation(article.id, start, start + len(quote), quote, score)


def _sentence(text: str, origin: Origin, *citations: Citation, replaced: int = 0) -> SummarySentence:
    return SummarySentence(text, citations, origin, replaced)


def ferry() -> Summary:
    """Four articles, three independent reports; two citations of one article overlap."""
    lantern = _article(
        "news/hestra-lantern.txt",
        _LANTERN,
        (
            ("Ferry back in service", "heading"),
            ("By Ottilie Brandvold", "byline"),
            ("Share this story", "share"),
        ),
        title="Ferry back in service",
        source="The Hestra Lantern",
        published=datetime(2031, 5, 16, 9, 30, tzinfo=timezone(timedelta(hours=2))),
    )
    bulletin = _article("news/radio-hestra.txt", _BULLETIN)
    copy = _article("news/skarvik-today.html", _COPY, source="Skarvik Today", title="The ferry came back")
    wire = _article(
        "news/wire.json#17",
        _WIRE,
        (("SKARVIK (Coastal Wire) - ", "dateline"),),
        title="Burned ferry returns to island route after 41 days, letter shows warnings",
        source="Coastal Wire",
        url="https://coastalwire.example/2031/ferry?id=17&view=full",
        published=datetime(2031, 5, 16, 6, 0, tzinfo=UTC),
    )
    story = Story(
        "story-7c1e",
        (lantern, bulletin, copy, wire),
        (
            ("news/hestra-lantern.txt",),
            ("news/radio-hestra.txt",),
            ("news/wire.json#17", "news/skarvik-today.html"),
        ),
    )
    sentences = (
        _sentence(
            "The Skarvik car ferry returned to the Hestra crossing on Friday, 41 days after a fire in its engine "
            "room, once inspectors had passed it on Thursday night.",
            "fused",
            _cite(
                lantern,
                "The Skarvik car ferry sailed again on Friday morning, 41 days after a fire in its engine room left "
                "the islanders of Hestra without a link to the mainland.",
                0.8421,
            ),
            _cite(
                wire,
                "A ferry that burned in April returned to the Hestra crossing on Friday after inspectors passed it "
                "the night before.",
                0.6,
            ),
            _cite(
                copy,
                "The ferry which burned in April came back to the Hestra crossing on Friday, after the inspectors "
                "passed it the night before.",
                0.5,
            ),
        ),
        _sentence(
            "The repair cost 6.2 million kroner, according to the operator Nordsund.",
            "compressed",
            _cite(
                lantern,
                "The repair cost 6.2 million kroner, according to the operator Nordsund, and inspectors passed the "
                "ship on Thursday night.",
                1.0,
            ),
            _cite(wire, "Nordsund, which runs the route, put the bill at 6.2 million kroner.", 0.7),
        ),
        _sentence(
            "The cause, a cracked fuel line, had been reported by the crew twice in March, a letter shows; the "
            "crew's union wants an inquiry into the two warnings.",
            "fused",
            _cite(
                bulletin,
                "The crew's union wants an inquiry into two warnings about a fuel line that it says went unanswered.",
                0.55,
            ),
            _cite(
                wire,
                "The cause, a cracked fuel line, had been reported by the crew twice in March, a letter seen by "
                "Coastal Wire shows.",
                0.7,
            ),
            replaced=2,
        ),
        _sentence(
            "“We have missed our post, our dentist and our hairdresser,” said the island's mayor, Runa Eide.",
            "extracted",
            _cite(
                lantern,
                "“We have missed our post, our dentist and our hairdresser,” said the island's mayor, Runa Eide.",
                1.0,
            ),
        ),
        _sentence(
            "Inspectors passed the ship on Thursday night.",
            "compressed",
            _cite(lantern, "Nordsund, and inspectors passed the ship on Thursday night.", 1.0),
        ),
    )
    disputed = (
        Conflict(
            "The repair cost …, according to the operator",
            "number",
            (
                ConflictValue(
                    "6.2 million kroner",
                    (
                        _cite(
                            lantern,
                            "The repair cost 6.2 million kroner, according to the operator Nordsund, and inspectors passed "
                            "the ship on Thursday night.",
                            1.0,
                        ),
                        _cite(wire, "Nordsund, which runs the route, put the bill at 6.2 million kroner.", 1.0),
                        _cite(copy, "The bill is 6.2 million kroner, says Nordsund, which runs the route.", 1.0),
                    ),
                ),
                ConflictValue(
                    "2.6 million kroner",
                    (_cite(bulletin, "The repair is said to have cost 2.6 million kroner.", 1.0),),
                ),
            ),
        ),
    )
    return Summary(story, "Burned ferry returns to island route after 41 days", "fusion", sentences, disputed)


def ledger() -> Summary:
    """One article, every string of it hostile."""
    article = _article(
        "<img src=x onerror=alert(2)>\x1b]0;title\x07.txt",
        _HOSTILE,
        (("<!-- -->", '"><script>alert(3)</script>'),),
        title="</title><script>alert('t')</script> $style & [b]bold[/b] *stars* _lines_",
        source="\x9b31mLedger\u202e <b>Daily</b>\nNews",
        url="javascript:alert(document.domain)//https://ledger.example/",
        published=datetime(2031, 5, 17),
    )
    sentences = (
        _sentence(
            'The town clerk\'s *own* words: "the `budget` is [closed](javascript:alert(1))".',
            "compressed",
            _cite(
                article,
                _HOSTILE[: _HOSTILE.index("\r")],
            ),
        ),
        _sentence(
            "\x1b[31mRed ink\x1b[0m of $5_000 | was found \u202eyltneuqesbus\u202c in the ledger. <script>1</script>",
            "extracted",
            _cite(
                article,
                "\x1b[31mRed ink\x1b[0m of $5_000 | was found \u202eyltneuqesbus\u202c in the ledger.",
            ),
        ),
        _sentence(
            "رئيس البلدية استقال عند الظهر. 😀 市長は正午に辞任した。市長は正午に辞任した。市長は正午に辞任した。",
            "fused",
            _cite(article, "رئيس البلدية استقال عند الظهر. 市長は正午に辞任した。"),
            _cite(article, "😀 The mayor resigned at noon."),
        ),
    )
    return Summary(
        Story("story-0b5d", (article,), ((article.id,),)),
        "Mayor resigns <i>over</i> ledger & \x1b[1mink\x1b[0m ]]>",
        "fusion",
        sentences,
        unread_sentences=2,
        conflicts=(
            Conflict(
                "<b>the</b> `clerk`\x1b[1m",
                "quotation",
                (
                    ConflictValue("of $5_000 | was *found*", (_cite(article, "of $5_000 | was found"),)),
                    ConflictValue("<script>5</script>", (_cite(article, "The mayor resigned at noon."),)),
                ),
            ),
        ),
    )


def digest() -> Digest:
    """Both stories, one skipped input, and a signature."""
    return Digest(
        (ferry(), ledger()),
        (Skipped("news/\x1b[2Jbroken<br>.json", "line 3 is not JSON: expected ',' <here> & not `there`"),),
        {
            "version": "0.1.0",
            "summarizer": "fusion",
            "words": 150,
            "seed": 13,
            "encoder": {
                "model": "minilm",
                "sha256": "0123456789abcdef",
            },
            "note": "</dd><script>alert(4)</script>",
        },
    )
