"""Disagree: whether another source gives another figure or date for what is asked; both are quoted then.

That is only said where both passages speak of one thing, by what can be named: the words of the question, what a figure counts or
is of, the time that the sources tell of, and whom or what both sources name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from assistant.steps import evidence, rivals
from assistant.steps.claim_words import bounds
from assistant.steps.claims import unit_of
from assistant.text.languages import language_of
from assistant.text.lexicon import concept_class, group
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.normalise import same_name
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens
from assistant.types import Passage, Retrieval, Source

LOOKED_AT = 6
"""Passages among which another source is looked for."""
NEAR = 6.5
"""By how much the other passage's score may be less than the best one's. Of pairs that tell two figures of one thing the farthest
lie 5.9 apart; nearly all of those of other things have already failed by what they say."""
HELD = 0.5
"""How surely a word of the question has to be held; a related word is (`evidence.RELATED`)."""
UNSAID = 1 / 3
"""Weighted share (0..1) of the question that no source may have in any words."""
YEAR = 366
"""Days: sources further apart tell of other times."""
BEFORE = 1_500
"""Code points before a passage in which its source says what it is about: a section's heading, what was asked."""
HEAD = 3_000
"""Code points of a source that are looked at for whom and what it names."""
ROUNDED = 100
"""From here on a figure may be another one rounded: 1,200 of 1,240."""

_FIGURES = frozenset({"number", "share", "age", "duration"})
_DATES = frozenset({"date", "day", "year"})
_MOVING = frozenset({"c_next", "c_last_previous", "c_today", "c_current", "c_previous_meeting", *RELATIVE_YEARS})
"""What is another thing in a source of another day: the *next* meeting."""
_LINKS = frozenset({"c_cause", "c_result_outcome"})
"""They only join two words of a question: houses flooded *because of* the rain."""
_NOW = frozenset({"c_today", "c_current"})
_CHANGE = frozenset({"c_increase", "c_decrease", "c_drop_fall", "c_expand", "c_long"})
"""A figure beside one of these is a difference or a stretch (*extended* by seven days), beside none the whole."""
_RATE = frozenset({"c_annual"})
_NO_AMOUNT = re.compile(r"[/:]\d|\d[/:]")  # 24/1, 112/1 and 15:50 in digits
_NUMBERED = re.compile(r"(?:№|#|\b(?:no|nr|nomor|number|số)\b\.?)\s*$", re.IGNORECASE)
_LISTED = re.compile(r"\W*\d+[.)]\s")  # "1. " before an item

Date = tuple[float | None, float | None, float | None]
"""Day, month and year, each where it is told."""


def disagreement(retrieval: Retrieval) -> Passage | None:
    """The nearest passage of another source than the best one's that tells another value of the same thing; None where there is
    none, or the answer is no figure and no date."""
    asks = retrieval.question.asks
    if asks not in _FIGURES | _DATES or not retrieval.passages:
        return None
    best, *others = islice(retrieval.passages, LOOKED_AT)
    others = [each for each in others if each.source is not best.source and each.score >= best.score - NEAR]
    if not others or not _speaks_of_it(retrieval, best):
        return None
    differ = _dates_differ if asks in _DATES else _figures_differ
    return next(
        (
            other
            for other in others
            if _speaks_of_it(retrieval, other)
            and differ(retrieval, best, other)
            and _of_one_time(retrieval.question, best, other)
            and _name_the_same(best.source, other.source)
        ),
        None,
    )


def _heavy(question: Analysis) -> list[tuple[int, Token]]:
    """The words of a question that tell something, and where they stand in it. What has no meaning that is known tells most."""
    known = [(at, token) for at, token in enumerate(question.content) if token.keys.isdisjoint(_LINKS)]
    return [(at, token) for at, token in known if not (evidence.is_light(token) and (token.concepts or token.value))]


def _speaks_of_it(retrieval: Retrieval, passage: Passage) -> bool:
    """Whether a passage has every word of the question that tells something: some itself, the others at least beside it, in its
    source's title, or where its source has said them before together with one of its own. What is done may be said in words that
    no source has (`UNSAID`), what it is done to may not."""
    question, held = retrieval.question, evidence.bag_of(passage)
    unsaid = {
        at
        for at, token in _heavy(question)
        if token in retrieval.absent and token.kind == "word" and not any(map(_is_thing, token.keys))
    }
    alone = [float(at in unsaid) for at in range(len(question.content))]
    if rivals.contradicted(question, [held]) or evidence.share(retrieval.weights, alone) > UNSAID:
        return False
    title = evidence.bag_of(passage, passage.source.title)
    heavy = [(at, token) for at, token in _heavy(question) if at not in unsaid]
    own = {at for at, token in heavy if passage.held[at] >= HELD and token.kind not in ("name", "year", "month")}
    before = _lines_before(passage, [question.content[at] for at in own])
    return bool(own) and all(
        max(passage.near[at], *(evidence.match(token, each) for each in (title, *before))) >= HELD
        for at, token in heavy
    )


def _lines_before(passage: Passage, own: Sequence[Token]) -> list[evidence.Bag]:
    """The lines not far before a passage, headings among them, that have one of its own words of the question."""
    text = passage.source.text[max(0, passage.start - BEFORE) : passage.start]
    bags = [evidence.bag_of(passage, line) for line in text.splitlines() if line.strip()]
    return [each for each in bags if any(evidence.match(token, each) >= HELD for token in own)]


def _of_one_time(question: Analysis, best: Passage, other: Passage) -> bool:
    """Whether nothing shows that two passages tell of different times: years beside the figures, the dates or the numbers in the
    titles of their sources, or words that mean another day in each ("the next meeting")."""
    first, second = (evidence.bag_of(each) for each in (best, other))
    asked = {token.value for token in question.content if token.kind == "year"}
    dates = best.source.date, other.source.date
    if dates[0] and dates[1] and dates[0] != dates[1]:
        moving = any(not token.keys.isdisjoint(_MOVING) for token in question.content)
        now = question.asks in _FIGURES and any(not each.keys.isdisjoint(_NOW) for each in (first, second))
        if moving or now or abs((dates[0] - dates[1]).days) > YEAR:
            return False
    if question.asks in _DATES:
        return all(not (asked and years) or bool(asked & years) for years in (_years(first), _years(second)))
    years = [_years(each) or _years_beside(passage) for each, passage in ((first, best), (second, other))]
    series = [_series(each) for each in (best, other)]
    apart = any(a and b and a.isdisjoint(b) for a, b in (years, series))
    return not apart and all(not (asked and told) or bool(asked & told) for told in years)


def _series(passage: Passage) -> set[float | None]:
    """The numbers by which a title tells its source from others of a series: "the 112th meeting", "Report 2023", "№ 17"."""
    title = passage.source.title
    return {
        token.value
        for token in tokens(title, passage.language)
        if token.kind in ("ordinal", "year", "month")
        or (token.kind == "number" and _NUMBERED.search(title, 0, token.start))
    }


def _years(held: evidence.Bag) -> set[float | None]:
    return {token.value for token in held.tokens if token.kind == "year"}


def _years_beside(passage: Passage) -> set[float | None]:
    return {year for text in (passage.before, passage.after) for year in _years(evidence.bag_of(passage, text))}


def _name_the_same(one: Source, other: Source) -> bool:
    """Whether two sources name somebody or something by the same name: two minutes of two bodies mostly do not."""
    return any(same_name(a, b) for a, b in product(_names(one), _names(other)))


@lru_cache(maxsize=64)
def _names(source: Source) -> frozenset[str]:
    text = f"{source.title}\n{source.text[:HEAD]}"
    said = tokens(text, language_of(source.language, source.text))
    return frozenset(token.skeleton for token in said if token.kind == "name" and token.skeleton and not token.concepts)


# --- figures ---------------------------------------------------------------------------------------------------------


def _figures_differ(retrieval: Retrieval, best: Passage, other: Passage) -> bool:
    """Whether figures of the same thing are others in the second passage, and no such figure is in both."""
    found = [list(_figures(retrieval.question, each)) for each in (best, other)]
    pairs = [(a, b) for a, b in product(*found) if _of_one_thing(retrieval.question, a, b)]
    return bool(pairs) and not any(_agree(a, b) for a, b in pairs)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number that a passage tells, with the content words beside it that stand by no other number, and its unit. `counts` are the
    keys of the content word right after it, `lasts` those of the word of time there ("14 *days*")."""

    token: Token
    before: tuple[Token, ...]
    keys: frozenset[str]
    beside: tuple[Token, ...]
    unit: str
    counts: frozenset[str]
    lasts: frozenset[str]


def _figure(passage: Passage, held: evidence.Bag, number: Token) -> _Figure:
    said = [token for token in held.tokens if token.kind != "function"]
    at, reach = said.index(number), evidence.NEAR_WORDS
    before = [] if any(t.kind == "number" for t in said[max(0, at - reach - 1) : at]) else said[max(0, at - reach) : at]
    after = said[at + 1 : at + 1 + reach]
    after = after[: next((n for n, token in enumerate(after) if token.kind == "number"), reach)]
    behind = next((token for token in held.tokens if token.start >= number.end), number)
    in_time = behind.kind == "function" or not behind.keys.isdisjoint(group("spans"))  # "days" is both, by language
    beside = (*before, *after)
    return _Figure(
        token=number,
        before=tuple(before),
        keys=frozenset[str]().union(*(token.keys for token in beside)),
        beside=beside,
        unit=unit_of(passage.text, number, held.tokens),
        counts=after[0].keys if after else frozenset(),
        lasts=behind.keys if in_time else frozenset(),
    )


def _figures(question: Analysis, passage: Passage) -> Iterator[_Figure]:
    """The numbers of a passage near what is asked; no part of a date, no time, and not the number of an item."""
    held = evidence.bag_of(passage)
    dates = {token for date in _dates_of(held) for token in date}
    listed = _LISTED.match(passage.text)
    begins = listed.end() if listed else 0
    for token in evidence.near_answers(question, held):
        around = passage.text[max(0, token.start - 2) : token.end + 2]
        amount = token.kind == "number" and token not in dates and not _NO_AMOUNT.search(around)
        if amount and token.start >= begins:
            yield _figure(passage, held, token)


def _of_one_thing(question: Analysis, a: _Figure, b: _Figure) -> bool:
    """Whether two figures count the same or are of one unit, stand beside the same word of the question, and are both the whole or
    both a change."""
    asked = [
        {
            at
            for at, token in _heavy(question)
            if any(evidence.match(token, evidence.alone(each)) >= HELD for each in one.beside)
        }
        for one in (a, b)
    ]
    otherwise = any(a.keys & kind != b.keys & kind for kind in (_CHANGE, _RATE))
    if asked[0].isdisjoint(asked[1]) or a.unit != b.unit or otherwise:
        return False
    if question.asks == "duration":
        return not a.lasts.isdisjoint(b.lasts)
    return bool(a.unit) or not a.counts.isdisjoint(b.counts) or (_is_person(a.counts) and _is_person(b.counts))


def _is_thing(key: str) -> bool:
    return concept_class(key) in ("actor", "thing", "attribute")


def _is_person(keys: frozenset[str]) -> bool:
    return any(concept_class(key) == "actor" for key in keys)


def _agree(a: _Figure, b: _Figure) -> bool:
    """Whether two figures may be one: the same, one rounded, or one only a bound and the other near it."""
    one, two = sorted((a.token.value or 0.0, b.token.value or 0.0))
    bound = any(not token.keys.isdisjoint(bounds()) for each in (a, b) for token in each.before[-1:])
    if one == two or (bound and two <= one * 1.1):
        return True
    digits = min(len(f"{each:.15g}".replace(".", "").strip("0")) for each in (one, two))
    return one >= ROUNDED and f"{one:.{digits}g}" == f"{two:.{digits}g}"


# --- dates -----------------------------------------------------------------------------------------------------------


def _dates_differ(retrieval: Retrieval, best: Passage, other: Passage) -> bool:
    """Whether none of the dates near what is asked in one passage can be one of the other's."""
    found = [list(_dates(retrieval.question, each)) for each in (best, other)]
    pairs = [*product(*found)]
    return bool(pairs) and all(any(x and y and x != y for x, y in zip(a, b, strict=True)) for a, b in pairs)


def _dates(question: Analysis, passage: Passage) -> Iterator[Date]:
    held = evidence.bag_of(passage)
    near = evidence.near_answers(question, held)
    for date in _dates_of(held):
        if any(token in near for token in date):
            by_kind = {token.kind: token.value for token in date}
            day, month, year = (by_kind.get(kind) for kind in ("number", "month", "year"))
            if question.asks == "year":
                day = month = None
            if day or month or year:
                yield day, month, year


def _dates_of(held: evidence.Bag) -> Iterator[tuple[Token, ...]]:
    """The runs of day, month and year in a text, in any order, each of a kind once and with a month or a year."""
    run: list[Token] = []
    for token in (*held.tokens, None):
        kinds = {each.kind for each in run}
        dated = token is not None and token.kind in ("number", "month", "year") and token.kind not in kinds
        if dated and token is not None and not (token.kind == "number" and (token.value or 0) > 31):
            run.append(token)
            continue
        if kinds & {"month", "year"}:
            yield tuple(run)
        run = [token] if token is not None and token.kind in ("number", "month", "year") else []
