"""Periods: whether a line that gives two years ("2018-2021") tells when something begins or ends as a claim does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.steps import claim_words, evidence
from assistant.steps.claims import Claim
from assistant.steps.lines import Line
from assistant.text.lexicon import words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check

BEGIN, END = "c_begin", "c_end"
SPAN = frozenset({"c_period_duration", "c_duration", "c_term_of_office"})
DASHES = frozenset("-–—")


@dataclass(frozen=True, slots=True)
class Period:
    """The two years, and what lasts so long: the word before them ("country *coordinator* periode 2018-2021"), or the two that stand
    before them with a small word between ("*plan* for *trade* 2016-2020")."""

    first: Token
    last: Token
    of: tuple[Token, ...]


def periods(line: Line) -> tuple[Period, ...]:
    """The periods that a line gives, in its order."""
    said = [t for t in line.held.tokens if t.kind != "function"]
    found = []
    for at, (a, b) in enumerate(pairwise(said)):
        between = line.text[a.end : b.start]
        joining = [fold(m.group()) for m in words_of(between)]
        joined = between.strip() in DASHES or (len(joining) == 1 and joining[0] in claim_words.bound_words()[END])
        if (a.kind, b.kind) == ("year", "year") and joined:
            things = [t for t in said[:at] if t.kind in ("word", "name") and t.keys.isdisjoint(SPAN)][-2:]
            linking = (
                {fold(m.group()) for m in words_of(line.text[things[0].end : things[-1].start])} if things else set()
            )
            found.append(Period(a, b, tuple(things if linking - claim_words.joints() else things[-1:])))
    return tuple(found)


def another_end(claim: Claim, line: Line) -> Iterator[Check]:
    """What is said to begin with the last year of a period, or to last until its first one, does not."""
    for year, bound in _bounds(claim):
        its = [_place(year, period) for period in periods(line)]
        if any(its) and bound not in its:
            yield Check("facts", "contradicted", year.text)


def told_by_period(claim: Claim, line: Line) -> tuple[Token, ...]:
    """The years of a claim that a period of the line has as the beginning or the end that the claim says, and the words that
    say so ("the plan *ends* in *2020*": "rencana aksi periode 2016-2020")."""
    told: list[Token] = []
    given = periods(line)
    if len(given) != 1:
        return ()  # of which of them is not known
    [period] = given
    named = [any(evidence.match(mine, evidence.alone(t)) for mine in claim.content) for t in period.of]
    for year, bound in _bounds(claim):
        if named and all(named) and _place(year, period) == bound:
            told += [year, *(t for t in claim.words if bound in t.keys | t.parts)]
    return tuple(told)


def _bounds(claim: Claim) -> Iterator[tuple[Token, str]]:
    """The years of a claim at which it says that something begins or ends."""
    years = [t for t in claim.numbers if t.kind == "year"]
    said = {bound for t in claim.words for bound in (BEGIN, END) if bound in t.keys | t.parts}
    for year in years:
        before = [fold(m.group()) for m in words_of(claim.text[: year.start])][-2:]
        if before and before[-1] in claim_words.bound_words()["year"]:
            before.pop()
        led = [bound for bound in (BEGIN, END) if before[-1:] and before[-1] in claim_words.bound_words()[bound]]
        at = bool(before) and before[-1] in claim_words.bound_words()["at"]  # "ends *in* 2020", not "before 2020"
        for bound in led or (said if at and len(years) == len(said) == 1 else ()):
            yield year, bound


def _place(year: Token, period: Period) -> str:
    if not year.keys.isdisjoint(period.first.keys):
        return BEGIN
    return END if not year.keys.isdisjoint(period.last.keys) else ""
