"""What a quote says in numbers, dates and countries, in the asker's own notation: "18 miliar" is "18 billion"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from assistant.steps import evidence
from assistant.text.lexicon import lexicon
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.tokens import Token, tokens

LEAST = 1_000
"""Smaller numbers are written with the same digits everywhere."""
TIMES = frozenset({"date", "year", "duration"})
PLACES = frozenset({"country", "place"})
MOST = 4
"""Of each kind; a table of figures is left as it is."""


@lru_cache(maxsize=1_024)
def restated(
    quote: str, spoken: str, language: str, date: dt.date | None = None, asks: str | None = None
) -> tuple[str, ...]:
    """What a quote of the BCP 47 language `spoken` says, in that of the asker; only what reads back as exactly the same.

    Years that it gives relative to the `date` of its source ("“Tahun lalu”: 2018"), in any language; where the two differ,
    also large numbers in words and, where the question `asks` for one (`Analysis.asks`), months with their year, and
    countries. Nothing of a kind of which it has more than `MOST`.
    """
    said = tokens(quote, spoken)
    found = [_relative_years(said, date) if date else []]
    if lexicon(spoken) is not lexicon(language):
        found.append([_written(token.value or 0.0, language) for token in said if _is_scaled(token)])
        if asks in TIMES:
            found.append(list(_months(quote, said, language)))
        if asks in PLACES:
            found.append([_country(token, language) for token in said if evidence.is_country(token)])
    return tuple(dict.fromkeys(text for kind in found if len(kind) <= MOST for text in kind if text))


def _relative_years(said: Sequence[Token], date: dt.date) -> list[str]:
    shifts = [(token, shift) for token in said for key, shift in RELATIVE_YEARS.items() if key in token.keys]
    return [f"“{token.text}”: {date.year + shift}" for token, shift in shifts]


def _months(quote: str, said: Sequence[Token], language: str) -> Iterator[str]:
    """Months that stand before their year, where the asker's word for them is another."""
    from babel.core import Locale
    from babel.dates import format_skeleton

    for month, year in pairwise(said):
        if (month.kind, year.kind) == ("month", "year") and quote[month.end : year.start] == " ":
            day = dt.date(int(year.value or 0), int(month.value or 0), 1)
            text = format_skeleton("yMMMM", day, locale=Locale.parse(language, sep="-"))
            read = [(token.kind, token.value) for token in tokens(text, language)][:2]
            if month.text not in text and read == [(month.kind, month.value), (year.kind, year.value)]:
                yield text


def _country(token: Token, language: str) -> str:
    """The asker's name of a country, or "" where it is written the same."""
    from babel.core import Locale

    codes = [key.removeprefix("c_country_").upper() for key in token.keys if key.startswith("c_country_")]
    name = Locale.parse(language, sep="-").territories.get(codes[0], "")
    same = [read.keys for read in tokens(name, language)] if name != token.text else []
    return str(name) if any(not keys.isdisjoint(token.keys) for keys in same) else ""


def _is_scaled(token: Token) -> bool:
    return token.kind == "number" and (token.value or 0) >= LEAST and any(map(str.isalpha, token.text))


def _written(value: float, language: str) -> str:
    """The number with a word for its scale, or "" where that would round it or be read otherwise by `tokens`."""
    from babel.core import Locale
    from babel.numbers import format_compact_decimal

    locale = Locale.parse(language, sep="-")
    style: Literal["long", "short"] = "long" if "long" in locale.compact_decimal_formats else "short"  # 180亿
    exact = Decimal(f"{value:.15g}").normalize()  # of a float, "18.0", Babel would take another plural than of 18
    for digits in (0, 1, 2):
        text = format_compact_decimal(exact, format_type=style, locale=locale, fraction_digits=digits)
        if [token.value for token in tokens(text, language) if token.kind == "number"] == [value]:
            return text
    return ""
