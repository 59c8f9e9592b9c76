"""What a text can be matched by: worked out when it is indexed, for reading a sentence's words anew takes 0.2 ms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.text.tokens import Token

RELATIVE_YEARS = {"c_year_before_last": -2, "c_last_year": -1, "c_this_year": 0, "c_next_year": 1}
"""Concepts of years that are told from the year of the text."""


@dataclass(frozen=True, slots=True)
class Matchable:
    """`keys` and `parts` are those of the text's tokens, `skeletons` those of its words that mean something by themselves."""

    keys: frozenset[str]
    parts: frozenset[str]
    skeletons: tuple[str, ...]


def matchable(found: Sequence[Token], date: dt.date | None) -> Matchable:
    """What a text of these tokens can be matched by; relative years ("last year") also by their number where the text's
    date is known."""
    keys = frozenset[str]().union(*(token.keys for token in found))
    if date:
        keys |= {f"y_{date.year + shift}" for phrase, shift in RELATIVE_YEARS.items() if phrase in keys}
    parts = frozenset[str]().union(*(token.parts for token in found))
    skeletons = tuple(dict.fromkeys(token.skeleton for token in found if token.skeleton and token.kind != "function"))
    return Matchable(keys, parts, skeletons)


def written(words: Matchable) -> str:
    """One text of it, of which `read` makes the same again: neither keys nor skeletons have white space."""
    return "\n".join(" ".join(each) for each in (sorted(words.keys), sorted(words.parts), words.skeletons))


def read(content: str) -> Matchable:
    """What was `written`. Raises ValueError for anything else."""
    keys, parts, skeletons = content.split("\n")
    return Matchable(frozenset(keys.split()), frozenset(parts.split()), tuple(skeletons.split()))
