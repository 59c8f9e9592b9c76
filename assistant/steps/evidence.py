"""Evidence that a sentence answers a question: small pure functions over their tokens."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.text.normalise import same_name
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens
from assistant.types import Passage

PART_OF_PHRASE = 0.8
"""A question's word that the sentence has inside a longer phrase: "security" in "cyber security"."""
PART_OF_WORD = 0.5
"""A question's phrase of which the sentence has a single word: "cyber security" against "security"."""
FUZZY = 0.9
"""A name that only sounds alike: Моргулов, Morgulov, "Morgulof"."""

MIN_WEIGHT = 0.15
KIND_WEIGHTS = {"name": 1.3, "number": 1.3, "year": 1.3, "ordinal": 1.2, "month": 1.2}

_DAYS = frozenset({"c_today", "c_yesterday", "c_tomorrow", "c_weekday"})
SAYING = frozenset({"c_say", "c_say_state", "c_express", "c_explain", "c_emphasise", "c_announce", "c_mention", "c_speak"})
_SPANS = frozenset({"c_year", "c_month", "c_week", "c_day", "c_hour", "c_minute", "c_decade", "c_century"})
_AGES = frozenset({"c_age", "c_year"})
_RELATIVE_YEARS = {"c_last_year": -1, "c_this_year": 0, "c_next_year": 1}


@dataclass(frozen=True, slots=True)
class Bag:
    """What a text can be matched by."""

    keys: frozenset[str]
    parts: frozenset[str]
    skeletons: tuple[str, ...]
    tokens: tuple[Token, ...]


@lru_cache(maxsize=20_000)
def bag(text: str, language: str, date: dt.date | None = None) -> Bag:
    """The matchable words of a text; relative years ("last year") also by their number where the date is known."""
    found = tokens(text, language)
    keys = set().union(*(token.keys for token in found)) if found else set()
    if date:
        keys |= {f"y_{date.year + shift}" for phrase, shift in _RELATIVE_YEARS.items() if phrase in keys}
    parts = frozenset().union(*(token.parts for token in found))
    skeletons = tuple(dict.fromkeys(token.skeleton for token in found if token.skeleton and token.kind != "function"))
    return Bag(frozenset(keys), parts, skeletons, found)


def bag_of(passage: Passage, text: str | None = None) -> Bag:
    """What a passage can be matched by, or another text of its source."""
    return bag(passage.text if text is None else text, passage.language, passage.source.date)


def match(asked: Token, held: Bag) -> float:
    """How surely (0..1) a text holds a word of the question."""
    if not asked.keys.isdisjoint(held.keys):
        return 1.0
    if not asked.keys.isdisjoint(held.parts):
        return PART_OF_PHRASE
    if asked.skeleton and not asked.concepts and any(same_name(asked.skeleton, other) for other in held.skeletons):
        return FUZZY
    if asked.parts and not (asked.parts.isdisjoint(held.keys) and asked.parts.isdisjoint(held.parts)):
        return PART_OF_WORD
    return 0.0


def weights(question: Analysis, frequencies: Mapping[str, int], total: int) -> tuple[float, ...]:
    """What each content token of a question weighs: its kind's weight times its inverse document frequency (0..1).

    `frequencies` tells in how many of the `total` sentences a key occurs.
    """
    ceiling = math.log(total + 1.5)
    found = []
    for token in question.content:
        occurs = max((frequencies.get(key, 0) for key in token.keys), default=0)
        rarity = math.log((total + 1.5) / (occurs + 0.5)) / ceiling if ceiling else 1.0
        found.append(KIND_WEIGHTS.get(token.kind, 1.0) * min(1.0, max(MIN_WEIGHT, rarity)))
    return tuple(found)


def share(weights: Sequence[float], held: Sequence[float]) -> float:
    """The weighted share (0..1) of a question's words that is held; 0 for a question without content."""
    whole = sum(weights)
    return sum(weight * strength for weight, strength in zip(weights, held, strict=True)) / whole if whole else 0.0


def speaks(held: Bag) -> bool:
    """Whether a text says that someone said something."""
    return not held.keys.isdisjoint(SAYING) and any(token.kind == "name" for token in held.tokens)


def has_kind(asks: str, held: Bag) -> bool:
    """Whether a text has words of the kind that a question asks for; True for kinds that no form of words shows."""
    kinds = {token.kind for token in held.tokens}
    if asks == "person":
        return any(token.kind == "name" and not token.concepts for token in held.tokens)
    if asks == "place":
        return "name" in kinds
    if asks == "date":
        return bool(kinds & {"month", "year"}) or not held.keys.isdisjoint(_DAYS)
    if asks == "year":
        return "year" in kinds or not held.keys.isdisjoint(_RELATIVE_YEARS)
    if asks == "number":
        return "number" in kinds
    if asks == "duration":
        return "year" in kinds or ("number" in kinds and not held.keys.isdisjoint(_SPANS))
    if asks == "age":
        return "number" in kinds and not held.keys.isdisjoint(_AGES)
    return True
