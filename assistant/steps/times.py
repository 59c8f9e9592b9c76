"""Times: whether a line says when something is as a claim does: on which date, last year or next, past or to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.steps import claims
from assistant.steps.claims import Claim
from assistant.steps.lines import Line
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.tokens import Token
from assistant.types import Check

DATE_GAP = 4
"""Code points between the parts of a claim's date."""
DAYS = frozenset({"c_yesterday", "c_today", "c_tomorrow"})
PAST = frozenset({"c_year_before_last", "c_last_year", "c_yesterday"})


def times(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """What a line, the predicate of a claim, with others that add who is meant, says of another time."""
    yield from _dates(claim, line)
    yield from _relative(claim, [line, *others])
    told = line.held.keys
    if claims.is_to_come(claim.text) and not PAST.isdisjoint(told) and not claims.is_to_come(line.text):
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
    """Whether nothing but more days, and at most one word, stands between two parts of a date ("19, 20 and 21 February")."""
    first, last = sorted((one, other))
    between = said[first + 1 : last]
    rest = [t for t in between if t.kind not in ("number", "ordinal")]
    parted = ";" in line.text[said[first].end : said[last].start]
    return not parted and len(rest) <= 1 and all(t.kind in ("word", "name") for t in rest)


def _relative(claim: Claim, lines: Sequence[Line]) -> Iterator[Check]:
    """Years and days that are told from that of the text: the claim's have to be the lines'."""
    keys = frozenset[str]().union(*(line.held.keys for line in lines))
    for token in claim.words:
        for family in (frozenset(RELATIVE_YEARS), DAYS):
            mine = token.keys & family
            if mine and mine.isdisjoint(keys):
                yield Check("facts", "missing" if family.isdisjoint(keys) else "contradicted", token.text)
