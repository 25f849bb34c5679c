"""The embedded default: one written sentence per planned claim, by the fusion model.

The model copies words from the claim's kin or takes function words from a closed list, so each output word knows
where it comes from. Wordings are ranked by likelihood and by how much of the claim they keep, and the best are put
before the judge; what cannot be trusted, by the way it takes through the sources and by the judge, is left out
(``paths``, ``trust``). A lightly compressed source sentence and that sentence itself stand behind them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

from summarize.abstractive.compression import compress
from summarize.abstractive.paths import breaks, evidence
from summarize.abstractive.pronouns import people, resolve
from summarize.abstractive.trust import shipped, trust
from summarize.config import FusionSettings
from summarize.documents import Candidate, Claim, Draft, Origin, Sentence, Story
from summarize.models import load_fusion, load_judge
from summarize.planning import Planned
from summarize.text import content_words, dangles, sentences

if TYPE_CHECKING:
    from summarize.models.fusion import Candidate as Wording

TARGET_WORDS = 26
"""Length a written sentence aims at; longer sources are shortened towards it."""

RATIO = 0.85
"""Length asked for, as a share of the aim."""

MERGED = 0.3
"""Worth won by a wording that draws on two sources: that is what fusing is for."""

KEPT = 2.0
"""Worth of keeping every word that two sources agree on."""

TRIED = 4
"""Wordings of a claim that are put before the judge and the verifier."""

PASS = 0.9
"""Trust from which a written wording may be said."""

DOUBT = 0.5
"""Worth of the logarithm of the trust in a wording."""

PLAIN = -0.4
"""Likelihood a source sentence is credited with where it stands among the written ones."""

WORDY = 0.02
"""Worth lost by each word past the aim."""


@dataclass(frozen=True)
class Source:
    """A source sentence as the model reads it, and the stretches of the article that show it."""

    text: str
    sentence: Sentence
    shown: tuple[Sentence, ...]


def fuse(
    planned: Sequence[Planned], read: Mapping[Sentence, Sequence[Source]], settings: FusionSettings
) -> tuple[Draft, ...]:
    """Drafts in the order of the plan, all claims of the story decoded in one batch.

    Args:
        planned: claims of which each has sources.
        read: as ``sources`` gives it.
        settings: model, beams.

    Raises:
        ModelError: the weights cannot be loaded.
    """
    if not planned:
        return ()
    model = load_fusion(settings)
    groups = [read[p.claim.kin[0]] for p in planned]
    texts = [[s.text for s in group] for group in groups]
    beams = model.fuse(texts, ratio=ratios(texts), beams=settings.beams)
    ranked = _judged([_best_first(ws, group) for ws, group in zip(beams, groups, strict=True)], texts, settings)
    return tuple(
        Draft(
            candidates=(*wordings, *_fallbacks(group[0])),
            evidence=(*p.claim.sentences, *(s for source in group for s in source.shown)),
            rank=p.rank,
            readings=tuple(source.text for source in group),
        )
        for p, group, wordings in zip(planned, groups, ranked, strict=True)
    )


def ratios(texts: Sequence[Sequence[str]]) -> list[float]:
    """The length to ask for each claim: target words over the longest source's words."""
    longest = [max(len(t.split()) for t in group) for group in texts]
    return [RATIO * min(1.0, TARGET_WORDS / max(1, n)) for n in longest]


@dataclass(frozen=True)
class Ranked:
    """A wording among those of its claim.

    Attributes:
        candidate: its text, origin and worth.
        evidence: of its path; empty for a source sentence.
    """

    candidate: Candidate
    evidence: Mapping[str, float]


def _judged(
    ranked: Sequence[Sequence[Ranked]], texts: Sequence[Sequence[str]], settings: FusionSettings
) -> list[list[Candidate]]:
    """The candidates of each claim, ranked anew with the trust in the written ones; what fails is left out."""
    judge = load_judge(settings)
    asked = [(r.candidate.text, tuple(texts[n])) for n, claim in enumerate(ranked) for r in claim if r.evidence]
    marks = dict(zip(asked, judge.judge(asked).tolist(), strict=True)) if judge and asked else {}
    judged = []
    for n, claim in enumerate(ranked):
        kept = []
        for r in claim:
            if not r.evidence:
                kept.append(r.candidate)
                continue
            sure = trust(r.evidence, shipped(), marks.get((r.candidate.text, tuple(texts[n]))))
            if sure >= PASS:
                kept.append(replace(r.candidate, score=r.candidate.score + DOUBT * log(sure)))
        judged.append(sorted(kept, key=lambda c: (-round(c.score, 4), c.text)))
    return judged


def sources(story: Story, claims: Sequence[Claim], limit: int) -> dict[Sentence, tuple[Source, ...]]:
    """For each claim, by its head, its kin: one sentence an article, lightly compressed, opening pronouns resolved.

    Sentences that still cannot stand alone are left out, and so is a claim of which nothing is left, unless nothing at
    all would be left.
    """
    found = {a.id: sentences(a) for a in story.articles}
    persons = people(s.text for group in found.values() for s in group)

    def read(sentence: Sentence) -> Source:
        before = found[sentence.article][: sentence.index]
        resolved = resolve(sentence, before, story.by_id[sentence.article], persons)
        if resolved is None:
            return Source(compress(sentence.text), sentence, ())
        return Source(compress(resolved.text), sentence, (resolved.span,))

    groups: dict[Sentence, tuple[Source, ...]] = {}
    for claim in claims:
        one_each: dict[str, Sentence] = {}
        for sentence in claim.kin:
            one_each.setdefault(sentence.article, sentence)
        groups[claim.kin[0]] = tuple(read(s) for s in one_each.values())
    alone = {head: tuple(s for s in group if not dangles(s.text)) for head, group in groups.items()}
    kept = alone if any(alone.values()) else groups
    return {head: group[:limit] for head, group in kept.items() if group}


def _worth(text: str, likelihood: float, draws_on_two: bool, sources: Sequence[str]) -> float:
    """Rank of a wording: likelihood, the share kept of what two sources agree on, merging, and length."""
    common = _shared(sources)
    kept = len(common & set(content_words(text))) / len(common) if common else 1.0
    length = WORDY * max(0, len(text.split()) - TARGET_WORDS)
    return 2 * likelihood + KEPT * kept + MERGED * draws_on_two - length


def _shared(sources: Sequence[str]) -> set[str]:
    """Content words of at least two sources, or of the only one."""
    held = [set(content_words(s)) for s in sources]
    if len(held) == 1:
        return held[0]
    return {w for words in held for w in words if sum(w in other for other in held) > 1}


def _best_first(wordings: Sequence["Wording"], group: Sequence[Source]) -> list[Ranked]:
    """The wordings and the sources themselves, each text once, the best first, as far as they will be judged.

    Who is judged hangs on worth and on the trust in the path alone.
    """
    texts = [source.text for source in group]
    plain = [Candidate(text, _origin(text, group), _worth(text, PLAIN, False, texts)) for text in dict.fromkeys(texts)]
    ranked = [(c.score, Ranked(c, {})) for c in plain]
    # Of the same text written twice the likelier one counts.
    for w in {w.text: w for w in sorted(wordings, key=lambda w: w.score) if w.text not in texts}.values():
        if not w.jumps.unanchored and not dangles(w.text) and not breaks(w, texts):
            proof = evidence(w, texts)
            worth = _worth(w.text, w.score, bool(proof["merged"]), texts)
            written = Ranked(Candidate(w.text, _origin(w.text, group), worth), proof)
            ranked.append((worth + DOUBT * log(trust(proof, shipped())), written))
    ranked.sort(key=lambda r: (-round(r[0], 4), r[1].candidate.text))
    return [r for _, r in ranked[:TRIED]]


def _origin(text: str, group: Sequence[Source]) -> Origin:
    """What a wording really is: the model may also write a source as it stands."""
    if any(text == " ".join(source.sentence.text.split()) for source in group):
        return "extracted"
    return "compressed" if any(text == source.text for source in group) else "fused"


def _fallbacks(source: Source) -> list[Candidate]:
    """The head lightly compressed, with its pronoun resolved, and the head as it stands."""
    plain = " ".join(source.sentence.text.split())
    verbatim = Candidate(plain, "extracted")
    return [verbatim] if source.text == plain else [Candidate(source.text, "compressed"), verbatim]
