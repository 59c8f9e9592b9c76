"""The dates of a quote in the asker's own notation: "19-20 Februari 2019" is "19-20 February 2019"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.text.tokens import Token, tokens

ANY_YEAR = 2000
"""A leap year, for a date that is told without one."""
REACH = 3
"""Tokens within which the other day of a period stands, and the year: "16 *sampai dengan* 29", "tháng 2 *năm* 2019"."""

_LOCALES = {"en": "en-GB"}
"""CLDR's English is that of the United States, with the month first; here it is Britain's, as the sources mostly have it."""
_DAY = re.compile(r"\d{1,2}")
_TO_MONTH = re.compile(r"\s?")
_TO_YEAR = re.compile(r",?\s?(?:năm\s)?", re.IGNORECASE)
_UNTIL = re.compile(
    r"\s?[-–—]\s?|\s(?:sampai(?: dengan)?|hingga|s\.?d\.?|to|until|through|по|до|đến|hanggang)\s|日?至|\s?ถึง\s?",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|dan|и|và|at|และ)\s", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\s?年\s?")
_DAY_LAST = re.compile(r"\s?[日号]")
_OF_PATTERN = re.compile(r"'[^']*'|d+")  # a CLDR pattern's days; its own words stand in quotation marks


@dataclass(frozen=True, slots=True)
class Date:
    """A month as a text gives it. `days` are none, one, or the first and the last of a period."""

    month: Token
    days: tuple[int, ...]
    year: int | None


def dates(quote: str, spoken: str, language: str) -> Iterator[str]:
    """The dates of a quote of the BCP 47 language `spoken` with a day or a year, in that of the asker, where the word for the month
    is another there, and that read back as the same."""
    for date in _found(quote, tokens(quote, spoken)):
        text = _written(date, language)
        if text and date.month.text not in text:
            yield text


def _found(quote: str, said: Sequence[Token]) -> Iterator[Date]:
    for at, month in enumerate(said):
        if month.kind != "month":
            continue
        ahead = _year_ahead(quote, said, at)
        found = _days_before(quote, said, at)
        if found is None or found:
            year = ahead or _year_behind(quote, said, at)
        else:
            found, year = _days_after(quote, said, at, ahead)
            year = year or _year_behind(quote, said, at)
        for days in [()] if found == [] else found or []:
            if days or year:
                yield Date(month, days, year)


def _days_before(quote: str, said: Sequence[Token], at: int) -> list[tuple[int, ...]] | None:
    """The days before a month, each as a date of its own or as a period; None where a period begins in another month."""
    if not at or not _is_day(said[at - 1]) or not _TO_MONTH.fullmatch(quote, said[at - 1].end, said[at].start):
        return []
    return _one_or_period(quote, said[max(0, at - 1 - REACH) : at][::-1])


def _days_after(
    quote: str, said: Sequence[Token], at: int, year: int | None
) -> tuple[list[tuple[int, ...]] | None, int | None]:
    """The days after a month, where a year follows them or a word for a day, and that year ("In May 5 people came" has none)."""
    run = [token for token in said[at + 1 : at + 2 + REACH] if _is_day(token)]
    if year or not run or run[0] is not said[at + 1] or quote[said[at].end : run[0].start].strip():
        return [], year
    last = run[1] if len(run) > 1 and _UNTIL.fullmatch(quote, run[0].end, run[1].start) else run[0]
    year = _year_ahead(quote, said, said.index(last))
    if year is None and not _DAY_LAST.match(quote, last.end):
        return [], None
    return ([_period(run[0], last)] if last is not run[0] else [_period(last)]), year


def _one_or_period(quote: str, back: Sequence[Token]) -> list[tuple[int, ...]] | None:
    """The days that end with the first of these tokens, which stand in a row backwards."""
    last = back[0]
    first = next((token for token in back[1:] if _is_day(token)), None)
    if first is not None and _UNTIL.fullmatch(quote, first.end, last.start):
        return [_period(first, last)] if (first.value or 0) < (last.value or 0) else None
    if first is not None and _AND.fullmatch(quote, first.end, last.start):
        return [_period(first), _period(last)]
    return [_period(last)]


def _period(*days: Token) -> tuple[int, ...]:
    return tuple(int(day.value or 0) for day in days)


def _is_day(token: Token) -> bool:
    return token.kind == "number" and 1 <= (token.value or 0) <= 31 and bool(_DAY.fullmatch(token.text))


def _year_ahead(quote: str, said: Sequence[Token], at: int) -> int | None:
    """The year that follows a month or a day."""
    year = next((token for token in said[at + 1 : at + REACH] if token.kind == "year"), None)
    return int(year.value or 0) if year and _TO_YEAR.fullmatch(quote, said[at].end, year.start) else None


def _year_behind(quote: str, said: Sequence[Token], at: int) -> int | None:
    """The year that goes before a month, in Chinese."""
    year = next((token for token in said[max(0, at - 2) : at] if token.kind == "year"), None)
    return int(year.value or 0) if year and _YEAR_FIRST.fullmatch(quote, year.end, said[at].start) else None


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
