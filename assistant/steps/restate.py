"""What a quote in another language says in numbers, in the asker's own notation: "18 miliar" is "18 billion"."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Literal

from assistant.text.lexicon import lexicon
from assistant.text.tokens import Token, tokens

LEAST = 1_000
"""Smaller numbers are written with the same digits everywhere."""
MOST = 4
"""A table of figures is left as it is."""


@lru_cache(maxsize=1_024)
def restated(quote: str, spoken: str, language: str) -> tuple[str, ...]:
    """The large numbers that a quote gives in words of its language `spoken` ("18 miliar"), in that of the asker.

    Both are BCP 47. Only what reads back as exactly the same number is given; () where the languages are the same, or
    for more than `MOST` of them.
    """
    if lexicon(spoken) is lexicon(language):
        return ()
    said = [token for token in tokens(quote, spoken) if _is_scaled(token)]
    found = dict.fromkeys(_written(token.value or 0.0, language) for token in said)
    return tuple(filter(None, found)) if len(said) <= MOST else ()


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
