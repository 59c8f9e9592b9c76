"""Ellipsis: what a follow-up names takes the place of its like in the question before ("And with Norway?", "А в 2017 году?").

Two parts are alike if they are of one sort: names, countries, years, months, places in an order.
"""

from __future__ import annotations

from typing import NamedTuple

from assistant.steps.evidence import is_light
from assistant.text.lexicon import words_of
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token

Span = tuple[int, int]
"""Where something stands in a text."""


class Part(NamedTuple):
    """What a question names: a token of it, or names that stand side by side."""

    start: int
    end: int
    sort: str


class _Word(NamedTuple):
    start: int
    end: int
    text: str


def sort_of(token: Token) -> str:
    """Of which sort of things that one question is seldom about two of a token is; "" for others."""
    if token.kind in ("year", "month", "ordinal"):
        return token.kind
    if not token.keys.isdisjoint(RELATIVE_YEARS):
        return "year"
    if any(key.startswith("c_country_") for key in token.keys):
        return "country"
    return "name" if token.kind == "name" else ""


def parts(question: Analysis) -> list[Part]:
    """What a question names, without its light words; a name of several words is one ("Jose Tavares")."""
    found: list[Part] = []
    for token in question.content:
        sort = sort_of(token)
        if found and sort == "name" == found[-1].sort and question.text[found[-1].end : token.start] == " ":
            found[-1] = found[-1]._replace(end=token.end)
        elif not is_light(token):
            found.append(Part(token.start, token.end, sort))
    return found


def in_place(before: Analysis, question: Analysis) -> tuple[str, tuple[Span, ...]] | None:
    """The question before with what this one names in the place of its like, and where the rest of it stands; None where
    this one names nothing or several things, or its place cannot be told."""
    named = parts(question)
    if len(named) != 1 or question.negated:
        return None
    part, words = named[0], _words(question.text)
    leading = [w for w in words if len(question.opens_with) <= w.start and w.end <= part.start]
    stand_in = next((n for n, w in enumerate(leading) if w.text in question.pronouns), -1)
    leading = leading[stand_in + 1 :][-1:]  # "the one *in* Kuta"
    trailing = [w for w in words if w.start >= part.end and w.text not in question.pronouns]  # "the second *one*"
    if len(trailing) > 1:
        return None
    place = _place(before, part, leading[0].text if leading else "", trailing[0].text if trailing else "")
    if place is None:
        return None
    (start, end), leads = place
    told_end = trailing[0].end if trailing else part.end
    told = question.text[leading[0].start if leads and leading else part.start : told_end]
    rest = (0, start), (start + len(told), len(before.text) + len(told) - (end - start))
    return before.text[:start] + told + before.text[end:], rest


def _place(before: Analysis, part: Part, leading: str, trailing: str) -> tuple[Span, bool] | None:
    """Where in a question a part has its place, and whether the word that leads it comes along: where its like stands; else
    after the same word ("trade *with* Russia": "with Norway")."""
    words, others = _words(before.text), parts(before)
    alike = [other for other in others if part.sort and other.sort == part.sort]
    if len(alike) > 1:
        return None
    led = {other: next((w for w in words if w.end == other.start - 1), None) for other in others}
    same = [other for other, word in led.items() if leading and word and word.text == leading]
    if alike:
        chosen = alike[0]
        if leading and chosen not in same and part.sort not in ("year", "ordinal") and _is_led(before, led[chosen]):
            return None  # "trade with Russia": "from Norway"
    elif len(same) == 1 and {part.sort, same[0].sort} <= {"", "name", "country"}:
        chosen = same[0]
    else:
        return None
    word, ends = led[chosen], {other.end for other in others if other.sort != "month"}
    leads = chosen in same or (
        part.sort == "year" and (word is None or word.end in ends)
    )  # "trade last year": "in 2017"
    end = next((w.end for w in words if trailing and w.start == chosen.end + 1 and w.text == trailing), chosen.end)
    return (word.start if chosen in same and word else chosen.start, end), leads


def _is_led(question: Analysis, word: _Word | None) -> bool:
    """Whether the word before a part is one that leads it, not one that it follows."""
    return word is not None and not any(t.start < word.end and word.start < t.end for t in question.content)


def _words(text: str) -> list[_Word]:
    return [_Word(m.start(), m.end(), fold(m.group())) for m in words_of(text)]
