"""Pertinent: whether sentences that the sources hold also answer the question that was asked, and all of it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.messages import Catalogue
from assistant.steps import claims, evidence
from assistant.steps.contradictions import contradictions
from assistant.steps.generate import OPEN_KINDS, choose, quotes, together
from assistant.steps.lines import Line
from assistant.steps.meanings import asked_acronyms, asked_term
from assistant.text.about import about_itself
from assistant.text.lexicon import words_of
from assistant.types import Check, DraftSentence, Retrieval

FRAGMENT = 3
"""Content words up to which a sentence that takes up none of the question's is a mere fragment ("20 years")."""
UNIT = 2
"""Words after a number that may tell what it is a number of ("US dollars")."""
WHOLE = 0.8
"""Share of the words of a quote, without the question's, that sentences which tell all of it have."""


def left_out(
    told: Sequence[DraftSentence], language: str, retrieval: Retrieval, words: Catalogue
) -> tuple[DraftSentence, ...]:
    """The quotes of the embedded reader of which verified sentences of the BCP 47 `language` leave something out, where half
    an answer looks like a whole one: it is of no kind with a form of its own (a list, what somebody said), or stands in
    several passages (somebody's posts, a year that is told from the report's)."""
    question = retrieval.question
    if (
        question.published
        or about_itself(question)
        or question.yes_no
        or asked_acronyms(question)
        or asked_term(question)
    ):
        return ()
    passages = together(retrieval) or (retrieval.passages[:1] if question.asks in OPEN_KINDS else ())
    sources = {passage.source.source_id: passage for passage in passages}
    known = [evidence.bag(question.text, question.language), *(evidence.bag(d.own_words, language) for d in told)]

    def is_told(quote: DraftSentence) -> bool:
        [span] = quote.spans
        of = sources[span.source_id]
        said = evidence.bag_of(of, of.source.text[span.start : span.end])
        content = [token for token in said.tokens if token.kind != "function" and not evidence.is_light(token)]
        new = [token for token in content if not evidence.match(token, known[0])]
        return sum(any(evidence.match(token, bag) for bag in known[1:]) for token in new) >= WHOLE * len(new)

    return tuple(quote for quote in quotes(passages, retrieval, words) if not is_told(quote))


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
