"""The embedded default: one written sentence per planned claim, by the fusion model.

The model copies words from the claim's kin or takes function words from a closed list, so each output word knows
where it comes from. Its beams are ranked by likelihood, by how much of the claim they keep, and by how steadily they
follow their sources; a lightly compressed source sentence and that sentence itself stand behind them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from summarize.abstractive.compression import compress
from summarize.abstractive.pronouns import people, resolve
from summarize.config import FusionSettings
from summarize.documents import Candidate, Claim, Draft, Sentence, Story
from summarize.models import load_fusion
from summarize.planning import Planned
from summarize.text import content_words, sentences

TARGET_WORDS = 26
"""Length a written sentence aims at; longer sources are shortened towards it."""

RATIOS = (1.0, 0.8)
"""Lengths asked for, as shares of the aim; every claim is written at each."""


@dataclass(frozen=True)
class Source:
    """A source sentence as the model reads it, and the stretches of the article that show it."""

    text: str
    sentence: Sentence
    shown: tuple[Sentence, ...]


def fuse(story: Story, planned: Sequence[Planned], settings: FusionSettings) -> tuple[Draft, ...]:
    """Drafts in the order of the plan, all claims of the story decoded in one batch.

    Raises:
        ModelError: the weights cannot be loaded.
    """
    if not planned:
        return ()
    model = load_fusion(settings)
    groups = _sources(story, [p.claim for p in planned], settings.max_sources)
    texts = [[s.text for s in group] for group in groups]
    longest = [max(len(t.split()) for t in group) for group in texts]
    wordings: list[list[Candidate]] = [[] for _ in planned]
    for share in RATIOS:
        ratios = [share * min(1.0, TARGET_WORDS / max(1, n)) for n in longest]
        fused = model.fuse(texts, ratio=ratios, beams=settings.beams)
        for found, group, beams in zip(wordings, texts, fused, strict=True):
            found += [Candidate(c.text, "fused", _worth(c.text, c.score, c.jumps.unanchored, group)) for c in beams]
    return tuple(
        Draft(
            candidates=(*_best_first(found), *_fallbacks(group[0])),
            evidence=(*p.claim.sentences, *(s for source in group for s in source.shown)),
            rank=p.rank,
        )
        for p, found, group in zip(planned, wordings, groups, strict=True)
    )


def _sources(story: Story, claims: Sequence[Claim], limit: int) -> list[list[Source]]:
    """For each claim its head and kin, one sentence an article, opening pronouns resolved."""
    found = {a.id: sentences(a) for a in story.articles}
    persons = people(s.text for group in found.values() for s in group)

    def read(sentence: Sentence) -> Source:
        before = found[sentence.article][: sentence.index]
        resolved = resolve(sentence, before, story.by_id[sentence.article], persons)
        if resolved is None:
            return Source(" ".join(sentence.text.split()), sentence, ())
        return Source(" ".join(resolved.text.split()), sentence, (resolved.span,))

    groups = []
    for claim in claims:
        one_each: dict[str, Sentence] = {}
        for sentence in claim.kin:
            one_each.setdefault(sentence.article, sentence)
        groups.append([read(s) for s in list(one_each.values())[:limit]])
    return groups


def _worth(text: str, score: float, unanchored: int, sources: Sequence[str]) -> float:
    """Rank of a wording: likelihood, plus the share kept of what two sources agree on, minus loose joins."""
    common = _shared(sources)
    kept = len(common & set(content_words(text))) / len(common) if common else 1.0
    return score + kept - 0.3 * unanchored


def _shared(sources: Sequence[str]) -> set[str]:
    """Content words of at least two sources, or of the only one."""
    held = [set(content_words(s)) for s in sources]
    if len(held) == 1:
        return held[0]
    return {w for words in held for w in words if sum(w in other for other in held) > 1}


def _best_first(candidates: list[Candidate]) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for c in candidates:
        if c.text not in best or c.score > best[c.text].score:
            best[c.text] = c
    return sorted(best.values(), key=lambda c: (-round(c.score, 4), c.text))


def _fallbacks(source: Source) -> list[Candidate]:
    """The head lightly compressed, with its pronoun resolved, and the head as it stands."""
    plain = " ".join(source.sentence.text.split())
    shortened = compress(source.text)
    verbatim = Candidate(plain, "extracted")
    return [verbatim] if shortened == plain else [Candidate(shortened, "compressed"), verbatim]
