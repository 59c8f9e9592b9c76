"""What a text can be matched by, and its tokens, as the index keeps them: to read a sentence's words anew takes two to four times
as long as to read what was written of them."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast, get_args

from assistant.text.lexicon import group
from assistant.text.tokens import Kind, Token

RELATIVE_YEARS = {"c_year_before_last": -2, "c_last_year": -1, "c_this_year": 0, "c_next_year": 1}
"""Concepts of years that are told from the year of the text."""


_TELLING = frozenset({"c_write", "c_promise", "c_forecast", "c_remember"})
"""Beside words of saying, and for documents: words for what is told at a time of its own."""


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
    if date and not is_of_another_time(found, date):
        keys |= {f"y_{date.year + shift}" for phrase, shift in RELATIVE_YEARS.items() if phrase in keys}
    parts = frozenset[str]().union(*(token.parts for token in found))
    skeletons = tuple(dict.fromkeys(token.skeleton for token in found if token.skeleton and token.kind != "function"))
    return Matchable(keys, parts, skeletons)


def is_of_another_time(found: Sequence[Token], date: dt.date) -> bool:
    """Whether a text of these tokens gives what was said or written in a year before that of its date, from which its "last year" is
    told after both: "In *2015* the mayor *said*: “*Last year* we built the dam.”" """
    telling = group("saying") | group("genres") | _TELLING
    years = (t.start for t in found if t.kind == "year" and int(t.value or date.year) < date.year)
    tells = (t.start for t in found if not t.keys.isdisjoint(telling))
    begins = max(next(years, sys.maxsize), next(tells, sys.maxsize))
    return any(t.start > begins for t in found if not t.keys.isdisjoint(RELATIVE_YEARS))


def written(words: Matchable) -> str:
    """One text of it, of which `read` makes the same again."""
    return "\n".join(map(_joined, (sorted(words.keys), sorted(words.parts), words.skeletons)))


def read(content: str) -> Matchable:
    """What was `written`. Raises ValueError for anything else."""
    keys, parts, skeletons = content.split("\n")
    return Matchable(frozenset(_parted(keys)), frozenset(_parted(parts)), _parted(skeletons))


def written_tokens(found: Sequence[Token]) -> str:
    """One text of a text's tokens, of which `read_tokens` makes the same again."""
    return "\n".join(f"{token.start}\t{token.end}\t{_described(token)}" for token in found)


def read_tokens(content: str, text: str) -> tuple[Token, ...]:
    """The tokens that were `written_tokens` of a text. Raises ValueError for anything else."""
    found = []
    for line in filter(None, content.split("\n")):
        start, end, described = line.split("\t", 2)
        first, last = int(start), int(end)
        if not 0 <= first < last <= len(text):
            raise ValueError(f"a token at {first} to {last} of {len(text)}")
        found.append(Token(text[first:last], first, last, *_description(described)))
    return tuple(found)


def _described(token: Token) -> str:
    value = "" if token.value is None else repr(token.value)
    return "\t".join((token.kind, _joined(sorted(token.keys)), _joined(sorted(token.parts)), token.skeleton, value))


@lru_cache(maxsize=65_536)
def _description(described: str) -> tuple[Kind, frozenset[str], frozenset[str], str, float | None]:
    kind, keys, parts, skeleton, value = described.split("\t")
    if kind not in get_args(Kind):
        raise ValueError(f"a token of kind {kind!r}")
    number = float(value) if value else None
    return cast(Kind, kind), frozenset(_parted(keys)), frozenset(_parted(parts)), skeleton, number


_MARK = "\x1f"  # a key may have a space in it: one letter for four words of Arabic is folded to them


def _joined(keys: Iterable[str]) -> str:
    return _MARK.join(keys)


def _parted(content: str) -> tuple[str, ...]:
    return tuple(content.split(_MARK)) if content else ()
