"""The dates of a quote in the asker's own notation: "19-20 Februari 2019" is "19-20 February 2019"."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.text.tokens import Token, tokens

ANY_YEAR = 2000
"""A leap year, for a date that is told without one."""
REACH = 3
"""Tokens within which the other day of a period stands, and the year: "16 *sampai dengan* 29", "tháng 2 *năm* 2019"."""
LISTED = 24
"""Tokens before a month among which the days of a list are."""

_LOCALES = {"en": "en-GB"}
"""CLDR's English is that of the United States, with the month first; here it is Britain's, as the sources mostly have it."""
_DAY = re.compile(r"\d{1,2}")
_TO_MONTH = re.compile(r"\s?")
_TO_YEAR = re.compile(r",?\s?(?:năm\s)?", re.IGNORECASE)
_UNTIL = re.compile(
    r"\s?[-–—]\s?|\s(?:sampai(?: dengan)?|hingga|s\.?d\.?|to|until|through|по|до|đến|hanggang)\s|日?至|\s?ถึง\s?",
    re.IGNORECASE,
)
_AND = re.compile(r",?\s(?:and|dan|и|và|at|และ)\s", re.IGNORECASE)
_COMMA = re.compile(r",\s")
_UNCLEAR = re.compile(r"\s?/\s?|\s(?:на|или|or|atau|hoặc|hay|o|ke)\s|\s?(?:或|หรือ)\s?", re.IGNORECASE)
"""Between two days or months that are no list and no period for certain."""
_YEAR_FIRST = re.compile(r"\s?年\s?")
_DAY_LAST = re.compile(r"\s?[日号]")
_OF_PATTERN = re.compile(r"'[^']*'|d+")  # a CLDR pattern's days; its own words stand in quotation marks


Period = tuple[Token, ...]
"""A day, or the first and the last of several."""


@dataclass(frozen=True, slots=True)
class Date:
    """A month as a text gives it. `days` are none, one, or the first and the last of a period."""

    month: Token
    days: tuple[int, ...]
    year: int | None


def dates(quote: str, spoken: str, language: str) -> Iterator[str]:
    """The dates of a quote of the BCP 47 language `spoken` with a day or a year, in that of the asker, where the word for the month
    is another there, and that read back as the same. Of those that are said together ("5 May to 7 June") all or none."""
    said = tokens(quote, spoken)
    values = [token for token in said if token.value is not None]
    for group in _together(quote, _found(quote, said)):
        told = [(date, _written(date, language)) for found in group for date in found.dates]
        whole = all(found.dates for found in group) and all(text for _, text in told)
        if whole and not _goes_on(quote, values, group) and any(_is_another(*each, language) for each in told):
            yield from (text for _, text in told)


@dataclass(frozen=True, slots=True)
class _Found:
    """From where to where a quote tells of a month, and its dates; none where there is no day or year, or no certain one."""

    start: int
    end: int
    dates: tuple[Date, ...]


def _together(quote: str, found: Iterable[_Found]) -> Iterator[list[_Found]]:
    """The dates in groups with nothing but a joint between them: a period, a list or a choice."""
    group: list[_Found] = []
    for each in found:
        if group and not _is_joint(quote[group[-1].end : each.start]):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _is_joint(gap: str) -> bool:
    return any(pattern.fullmatch(gap) for pattern in (_UNTIL, _AND, _COMMA, _UNCLEAR))


def _goes_on(quote: str, values: Sequence[Token], group: Sequence[_Found]) -> bool:
    """Whether a year or a day that is told without a month belongs to the first or the last of a group ("2018 to May 2019")."""
    start, end = group[0].start, group[-1].end
    first, last = (bisect_left(values, at, key=lambda token: token.start) for at in (start, end))
    sides = [(token, quote[token.end : start]) for token in values[max(0, first - 1) : first]]
    sides += [(token, quote[end : token.start]) for token in values[last : last + 1]]
    return any((t.kind == "year" or _is_day(t)) and _is_joint(gap) and not _COMMA.fullmatch(gap) for t, gap in sides)


def _is_another(date: Date, text: str, language: str) -> bool:
    """Whether a month is called otherwise in a text than where it was found."""
    return all(token.text != date.month.text for token in tokens(text, language) if token.kind == "month")


def _found(quote: str, said: Sequence[Token]) -> Iterator[_Found]:
    for at, month in enumerate(said):
        if month.kind != "month":
            continue
        ahead = _year_ahead(quote, said, at)
        behind = _year_behind(quote, said, at)
        used = [month]
        days = _days_before(quote, said, at)
        if days == []:
            days, year = _days_after(quote, said, at, ahead)
            used += [day for period in days for day in period]
            ahead = year or ahead
        elif days:
            used += [day for period in days for day in period]
        year = ahead or behind
        used += [year] if year else []
        value = int(year.value or 0) if year else None
        told = [Date(month, _values(days_of), value) for days_of in ([()] if days == [] else days or [])]
        told = [date for date in told if date.days or date.year]
        yield _Found(min(t.start for t in used), max(t.end for t in used), tuple(told))


def _days_before(quote: str, said: Sequence[Token], at: int) -> list[Period] | None:
    """The days before a month, each as a date of its own or as a period; None where a period begins in another month, or where it is
    not certain what they are ("5/6 May", "in 5, 6 May")."""
    if not at or not _is_day(said[at - 1]) or not _TO_MONTH.fullmatch(quote, said[at - 1].end, said[at].start):
        return []
    back = [token for token in said[max(0, at - LISTED) : at] if token.value is not None][::-1]
    days: list[Period] = [(back[0],)]
    listed = False  # by "and": commas before it are of the same list
    for last, first in pairwise(back):
        gap = quote[first.end : last.start]
        if not _is_joint(gap):
            break
        if not _is_day(first):
            return None if first.kind == "number" and not _COMMA.fullmatch(gap) else days
        if _UNTIL.fullmatch(gap) and len(days[0]) == 1 and (first.value or 0) < (last.value or 0):
            days[0] = (first, *days[0])
        elif _AND.fullmatch(gap) or (listed and _COMMA.fullmatch(gap)):
            listed = True
            days.insert(0, (first,))
        else:
            return None
    return days


def _days_after(quote: str, said: Sequence[Token], at: int, year: Token | None) -> tuple[list[Period], Token | None]:
    """The days after a month, where a year follows them or a word for a day, and that year ("In May 5 people came" has none)."""
    run = [token for token in said[at + 1 : at + 2 + REACH] if _is_day(token)]
    if year or not run or run[0] is not said[at + 1] or quote[said[at].end : run[0].start].strip():
        return [], year
    last = run[1] if len(run) > 1 and _UNTIL.fullmatch(quote, run[0].end, run[1].start) else run[0]
    year = _year_ahead(quote, said, said.index(last))
    if year is None and not _DAY_LAST.match(quote, last.end):
        return [], None
    return ([(run[0], last)] if last is not run[0] else [(last,)]), year


def _values(period: Period) -> tuple[int, ...]:
    return tuple(int(day.value or 0) for day in period)


def _is_day(token: Token) -> bool:
    return token.kind == "number" and 1 <= (token.value or 0) <= 31 and bool(_DAY.fullmatch(token.text))


def _year_ahead(quote: str, said: Sequence[Token], at: int) -> Token | None:
    """The year that follows a month or a day."""
    year = next((token for token in said[at + 1 : at + REACH] if token.kind == "year"), None)
    return year if year and _TO_YEAR.fullmatch(quote, said[at].end, year.start) else None


def _year_behind(quote: str, said: Sequence[Token], at: int) -> Token | None:
    """The year that goes before a month, in Chinese."""
    year = next((token for token in said[max(0, at - 2) : at] if token.kind == "year"), None)
    return year if year and _YEAR_FIRST.fullmatch(quote, year.end, said[at].start) else None


def _written(date: Date, language: str) -> str:
    """A date in a language, or "" where there is no such day or it would be read otherwise by `tokens`."""
    from babel.core import Locale
    from babel.dates import parse_pattern

    locale = Locale.parse(_LOCALES.get(language, language), sep="-")
    try:
        day = dt.date(date.year or ANY_YEAR, int(date.month.value or 0), max(date.days, default=1))
    except ValueError:
        return ""
    if not date.days:
        pattern = locale.datetime_skeletons["yMMMM"].pattern
    elif date.year:
        pattern = locale.date_formats["long"].pattern.replace(" G", "")  # Thai's era
    else:
        pattern = locale.datetime_skeletons["MMMMd"].pattern
    days = f"'{'-'.join(map(str, date.days))}'"
    pattern = _OF_PATTERN.sub(lambda m: m.group() if m.group().startswith("'") else days, pattern)
    text = str(parse_pattern(pattern).apply(day, locale))
    expected = [("month", date.month.value), *(("number", float(day)) for day in date.days)]
    expected += [("year", float(date.year))] if date.year else []
    read = [(token.kind, token.value) for token in tokens(text, language) if token.value is not None]
    return text if sorted(read) == sorted(expected) else ""
