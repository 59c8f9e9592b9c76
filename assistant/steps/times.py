"""Times: whether a line says when something is as a claim does: on which date, last year or next, past or to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.steps import claims
from assistant.steps.claims import Claim
from assistant.steps.lines import Line
from assistant.steps.periods import another_end
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.tokens import Token
from assistant.types import Check

DATE_GAP = 4
"""Code points between the parts of a claim's date."""
DAYS = frozenset({"c_yesterday", "c_today", "c_tomorrow"})
NOW = frozenset({"c_this_year", "c_today"})
PAST = frozenset({"c_year_before_last", "c_last_year", "c_yesterday"})


def times(claim: Claim, line: Line) -> Iterator[Check]:
    """What a line, the predicate of a claim, says of another time."""
    yield from _dates(claim, line)
    yield from _relative(claim, line)
    yield from another_end(claim, line)
    to_come = claims.is_to_come(line.text) or claims.is_unreal(line.text, line.passage.language)
    if claims.is_to_come(claim.text) and not PAST.isdisjoint(line.held.keys) and not to_come:
        yield Check("facts", "contradicted", line.text)  # "Trade will reach ..." of last year's


def _dates(claim: Claim, line: Line) -> Iterator[Check]:
    """Days, months and years that stand together in the claim have to stand together in the line."""
    said = [t for t in line.held.tokens if t.kind != "function"]
    for first, second in pairwise(claim.numbers):
        if "month" not in (first.kind, second.kind) or second.start - first.end > DATE_GAP:
            continue
        places = [[n for n, t in enumerate(said) if not t.keys.isdisjoint(each.keys)] for each in (first, second)]
        if all(places) and not any(_are_one_date(line, said, a, b) for a in places[0] for b in places[1]):
            yield Check("facts", "contradicted", claim.text[first.start : second.end])


def _are_one_date(line: Line, said: Sequence[Token], one: int, other: int) -> bool:
    """Whether no more than other days and a word stand between two parts of a date ("19, 20 and 21 February"), and between a month and
    its year other months and two words ("28 February to 2 March 2018")."""
    first, last = sorted((one, other))
    with_year = "year" in (said[first].kind, said[last].kind)
    days = {"number", "month"} if with_year else {"number"}
    rest = [t for t in said[first + 1 : last] if t.kind not in days]
    parted = ";" in line.text[said[first].end : said[last].start]
    return not parted and len(rest) <= 1 + with_year and all(t.kind in ("word", "name") for t in rest)


def _relative(claim: Claim, line: Line) -> Iterator[Check]:
    """Years and days that are told from that of the text: the claim's have to be the line's, in words or by the year's number; what
    is said without any may be so today."""
    keys, date = line.held.keys, line.passage.source.date
    years = {phrase for phrase, shift in RELATIVE_YEARS.items() if date and f"y_{date.year + shift}" in keys}
    for token in claim.words:
        for family in (frozenset(RELATIVE_YEARS), DAYS):
            mine, its = token.keys & family, (keys | years) & family
            if mine and mine.isdisjoint(its) and (its or mine.isdisjoint(NOW)):
                yield Check("facts", "contradicted" if its else "missing", token.text)
