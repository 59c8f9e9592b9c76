"""Rank: the candidates of a retrieval by all their evidence together, a linear model fitted on labelled questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from assistant.steps import evidence, rivals
from assistant.steps.meanings import asked_acronyms, asked_term, defines, spells_out
from assistant.steps.scope import FACTS, spoken_of
from assistant.steps.speakers import only_assents
from assistant.text.questions import Analysis
from assistant.text.tokens import Token
from assistant.types import Passage

READ, WITHIN = 3, 3.0
"""Of so many best passages those are read together with the question, in 2.3 ms each, whose score is so near to the best one's:
2.2 on average. With 2.0, which reads 1.8, 0.84 of the article's answerable questions are kept with the right sentence where as many
of the others are declined, instead of 0.85 (area under the curve 0.927, 0.930); all three give 0.855 (0.932), and four no more."""
SPELLS = 20.0
"""More than all other evidence: nothing else says what an acronym stands for, or a term is."""
SAYS = 50.0
"""More than all evidence together: only what holds the very words is about them."""

STAYS = 4.0
"""For a passage of the source that was last spoken of, in log odds: on 290 turns about ten documents each, 3 to 5 do the same, and 2
leaves more answers to other sources."""

SILENT = 8.0
"""As much against it, in log odds, as reading a sentence ever finds for it: a question in a source, a heading, or assent, answers
nothing."""


def rank(
    question: Analysis, weights: Sequence[float], candidates: Sequence[Passage], model: Mapping[str, float]
) -> tuple[Passage, ...]:
    """The candidates with their scores, best first; equal scores in the order of the sources."""
    rows = features(question, weights, candidates)
    exact = partial(_exact, question, asked_acronyms(question), asked_term(question))
    stays = spoken_of(question, candidates)
    scored = [
        replace(
            candidate,
            score=sum(model[name] * value for name, value in row.items())
            + exact(candidate)
            + STAYS * (candidate.source is stays),
        )
        for candidate, row in zip(candidates, rows, strict=True)
    ]
    return tuple(sorted(scored, key=lambda passage: (-passage.score, passage.number)))


def to_read(ranked: Sequence[Passage]) -> int:
    """How many of the best passages are worth reading together with the question."""
    return sum(passage.score >= ranked[0].score - WITHIN for passage in ranked[:READ])


def reordered(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Passages of which the best were read together with the question, by their score and what was read: the score is a logit
    too, fitted as that of being the one that answers. Those that were not read count as the least of those that were.

    Of the answerable questions whose right sentence is found at all, 0.74 of IDK-MRC's have it first then, instead of 0.67; 0.87
    of the article's, instead of 0.84.
    """
    least = min((passage.answers for passage in passages if passage.answers is not None), default=0.0)
    scored = [
        replace(passage, score=passage.score + (least if passage.answers is None else passage.answers))
        for passage in passages
    ]
    return tuple(sorted(scored, key=lambda passage: (-passage.score, passage.number)))


def _exact(question: Analysis, acronyms: Sequence[str], term: tuple[Token, ...], candidate: Passage) -> float:
    """What it adds to a score that a passage spells an acronym out that is asked for, "Senior Officials Meeting (SOM)", says what
    a term is, or has the very words of the topic; and against it that it only asks, or is a heading, or no more than assent."""
    tells_nothing = any(tell(question, candidate) for tell in (evidence.only_asks, evidence.only_names, only_assents))
    says = SAYS if question.topic and evidence.says(candidate.text, question.topic) else 0.0
    means = any(spells_out(candidate, acronym) for acronym in acronyms) or (term and defines(candidate, term))
    return (SPELLS if means else 0.0) + says - SILENT * tells_nothing


def features(question: Analysis, weights: Sequence[float], candidates: Sequence[Passage]) -> list[dict[str, float]]:
    """The evidence for each candidate by name, about 0..1 each but `similarity`, which is 0 for the nearest and falls
    by 1 for each 0.1 of cosine."""
    nearest = max((candidate.similarity for candidate in candidates), default=0.0)
    facts = [weight if token.kind in FACTS else 0.0 for token, weight in zip(question.content, weights, strict=True)]
    focus = [float(token in question.focus) for token in question.content]
    rows = []
    for candidate in candidates:
        held = evidence.bag_of(candidate)
        fits = evidence.can_answer(question, held, candidate.language)
        near = evidence.share(weights, candidate.near)
        rows.append(
            {
                "similarity": 10 * (candidate.similarity - nearest),
                "held": evidence.share(weights, candidate.held),
                "led": evidence.share(weights, candidate.led),
                "near": near,
                "facts": evidence.share(facts, candidate.held),
                "focus": evidence.share(focus, candidate.held),
                "kind": float(bool(question.asks)) if fits else -1.0,
                "speaker": near if question.asks_speaker and evidence.speaks(held) else 0.0,
                "lexical": candidate.lexical,
                "contradicted": float(bool(rivals.contradicted(question, [held]))),
                "quoted": evidence.near_quotes(candidate, question.answered),
            }
        )
    return rows
