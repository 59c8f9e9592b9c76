"""What the embedded reader chooses to quote."""

from __future__ import annotations

from dataclasses import replace

from assistant.steps.generate import choose
from assistant.text.questions import analyse

from .made import passages, retrieval, source

TEXT = (
    "The board met in Kuta. Ratna Wijaya, director of trade, opened it. Trade grew. "
    "Ratna is also chair of the committee. Guests came from afar."
)


def test_all_posts_of_a_person_are_quoted() -> None:
    question = analyse("Which posts does Ratna Wijaya hold?", "en")
    found = [replace(p, score=-float(p.number)) for p in passages(question, source(TEXT))]
    second, fourth = found[1], found[3]
    order = [second, found[0], found[2], fourth, found[4]]
    assert choose(retrieval(question, *order)) == (second, fourth)


def test_another_question_on_a_person_quotes_the_best() -> None:
    question = analyse("Who is Ratna Wijaya?", "en")
    found = passages(question, source(TEXT))
    order = [replace(found[1], score=9.0), *(replace(p, score=0.0) for p in (found[0], found[2], found[3]))]
    assert choose(retrieval(question, *order)) == (order[0],)
