"""Pertinent: whether a sentence that the sources hold also answers the question that was asked."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.steps import claims, evidence
from assistant.steps.contradictions import contradictions
from assistant.steps.generate import choose
from assistant.steps.lines import Line
from assistant.text.lexicon import words_of
from assistant.types import Check, DraftSentence, Retrieval

FRAGMENT = 3
"""Content words up to which a sentence that takes up none of the question's is a mere fragment ("20 years")."""
UNIT = 2
"""Words after a number that may tell what it is a number of ("US dollars")."""


def beside_the_point(
    text: str, language: str, draft: DraftSentence, retrieval: Retrieval, lines: Sequence[Line]
) -> Check | None:
    """What speaks against a verified sentence of the BCP 47 `language` as the answer, None for nothing:

    - it rests on another sentence than the one that the embedded reader would quote first,
    - it has no word of the kind that is asked for, none of the question's (of one for yes or no it lacks any), says nothing
      but the question again, or is a mere fragment, or
    - what it gives as the answer the source says of something else than what is asked about.
    """
    question = retrieval.question
    best = choose(retrieval)[:1]
    if not any(
        span.source_id == p.source.source_id and span.start < p.end and p.start < span.end
        for span in draft.spans
        for p in best
    ):
        return Check("answer_place", "missing", text)
    said = evidence.bag(text, language)
    if not evidence.can_answer(question, said, language):
        return Check("answer_type", "missing", question.asks)
    asked = evidence.bag(question.text, question.language)
    content = [t for t in claims.read(text, language).content if not evidence.is_light(t)]
    added = [t for t in content if not evidence.match(t, asked)]
    repeats = not added and not question.yes_no
    heavy = [t for t in question.content if not evidence.is_light(t) and t not in question.carried]
    left = [t for t in heavy if not evidence.match(t, said)]
    elsewhere = bool(heavy) and (len(left) == len(heavy) or (question.yes_no and bool(left)))
    if repeats or elsewhere or (len(content) <= FRAGMENT and len(added) == len(content)):
        return Check("answer_whole", "missing", text)
    numbers = [t for t in added if t.kind == "number"]
    if len(numbers) != 1:
        return None
    unit = [m.end() for m in words_of(text) if m.start() >= numbers[0].end][:UNIT]
    figure = text[numbers[0].start : max(unit, default=numbers[0].end)]
    together = claims.read(f"{question.text.rstrip(' ?？')} {figure}", question.language)
    first = draft.spans[0]
    for line in lines:
        if line.passage.source.source_id == first.source_id and line.start <= first.start < line.end:
            against = [
                c for c in contradictions(together, line, ()) if (c.check, c.outcome) == ("facts", "contradicted")
            ]
            return against[0] if against else None
    return None
