"""Context: whole sources where they fit, else the passages found with their neighbours, within the budget."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.steps.context import context, tokens
from assistant.text.questions import analyse
from assistant.types import Retrieval

from .made import passages, retrieval, source

SENTENCES = [f"Harbour number {n} opened." for n in range(8)]
EACH = tokens(SENTENCES[0])


def found(*at: int) -> Retrieval:
    question = analyse("Which harbour opened?", "en")
    made = passages(question, source(" ".join(SENTENCES)))
    return retrieval(question, *(made[n] for n in at))


@pytest.mark.parametrize(
    ("at", "budget", "shown"),
    [
        ((5,), 8 * EACH, range(8)),
        ((5,), 8 * EACH - 1, [4, 5, 6]),
        ((0, 7), 5 * EACH, [0, 1, 6, 7]),
        ((5, 4), 5 * EACH, [3, 4, 5, 6]),  # none twice
        ((5, 1), 4 * EACH, [0, 4, 5, 6]),  # the best first, then what fits
        ((5,), EACH - 1, []),
    ],
)
def test_what_fits_is_shown_in_the_order_of_the_text(at: tuple[int, ...], budget: int, shown: list[int]) -> None:
    made = context(found(*at), budget)
    assert [passage.text for passage in made.passages] == [SENTENCES[n] for n in shown]


def test_a_later_source_gets_what_is_left() -> None:
    question = analyse("Which harbour opened?", "en")
    dated = source("A pier closed.", "b.txt", date=dt.date(2021, 3, 4))
    made = passages(question, source(" ".join(SENTENCES)), dated)
    ranked = retrieval(question, made[-1], made[2])
    shown = context(ranked, tokens("A pier closed.") + 3 * EACH)
    assert [passage.text for passage in shown.passages] == [*SENTENCES[1:4], "A pier closed."]
    assert (
        shown.text == f"# Title of a.txt\n{' '.join(SENTENCES[1:4])}\n\n# Title of b.txt (2021-03-04)\nA pier closed."
    )


def test_sentences_that_are_no_neighbours_are_lines_of_their_own() -> None:
    assert (
        context(found(0, 7), 4 * EACH).text == f"# Title of a.txt\n{' '.join(SENTENCES[:2])}\n{' '.join(SENTENCES[6:])}"
    )
