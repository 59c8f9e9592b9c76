"""Disagree: whether another source gives another figure or date for what is asked; both are quoted then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice, pairwise

from assistant.steps import evidence, rivals
from assistant.steps.claims import unit_of
from assistant.text.questions import Analysis
from assistant.text.tokens import Token
from assistant.types import Passage, Retrieval

LOOKED_AT = 6
"""Passages among which another source is looked for."""
LESS = 0.1
"""Weighted share (0..1) of the question that the other passage may hold less of."""

_COMPARED: Mapping[str, Callable[[Token], bool]] = {
    "number": lambda token: token.kind == "number",
    "share": lambda token: token.kind == "number",
    "age": lambda token: token.kind == "number",
    "duration": lambda token: token.kind in ("number", "year"),
    "year": lambda token: token.kind == "year",
    "date": lambda token: token.kind in ("month", "year"),
    "day": lambda token: token.kind in ("month", "year"),
}
"""The words that are held against each other, by what is asked for."""


def disagreement(retrieval: Retrieval) -> Passage | None:
    """The nearest passage of another source than the best one's that answers as well, with other values; None where
    there is none, or the answer is no figure and no date."""
    best, *others = islice(retrieval.passages, LOOKED_AT)
    said = _values(retrieval, best)
    enough = evidence.share(retrieval.weights, best.held) - LESS
    for other in others if said else ():
        if other.source is best.source or evidence.share(retrieval.weights, other.held) < enough:
            continue
        told = _values(retrieval, other)
        if any(said[unit].isdisjoint(told[unit]) for unit in said.keys() & told.keys()):
            return other
    return None


def _values(retrieval: Retrieval, passage: Passage) -> dict[str, set[float | None]]:
    """By unit or kind, the values in a passage that could be the answer: new ones, near to what is asked about."""
    question, held = retrieval.question, evidence.bag_of(passage)
    compared = _COMPARED.get(question.asks)
    if compared is None or rivals.contradicted(question, [held]) or _of_another_year(question, held):
        return {}
    dated = [pair for pair in pairwise(held.tokens) if {each.kind for each in pair} == {"number", "month"}]
    days = {each for pair in dated for each in pair if each.kind == "number"}
    found: dict[str, set[float | None]] = {}
    for token in evidence.near_answers(question, held):
        if token in days:
            unit = "day" if question.asks in ("date", "day") else ""
        elif not compared(token):
            unit = ""
        else:
            unit = unit_of(passage.text, token, held.tokens) or token.kind
        if unit:
            found.setdefault(unit, set()).add(token.value)
    return found


def _of_another_year(question: Analysis, held: evidence.Bag) -> bool:
    """Whether a text has years, and none that the question names."""
    asked = {token.value for token in question.content if token.kind == "year"}
    told = {token.value for token in held.tokens if token.kind == "year"}
    return bool(asked and told) and asked.isdisjoint(told)
