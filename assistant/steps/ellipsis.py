"""Ellipsis: what a follow-up names takes the place of its like in the question before ("And with Norway?", "А в 2017 году?").

Two parts are alike if they are of one sort: names, countries, years, months, places in an order. After one and the same
word ("with Russia": "with the union") sorts that nothing is known of go together, and names with countries. Where the place
cannot be told, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.steps import claim_words
from assistant.steps.evidence import is_light
from assistant.text.lexicon import group, lexicon, says_any, words_of
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.normalise import fold, stem
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, meant

Span = tuple[int, int]
"""Where something stands in a text."""

LAST_YEAR = "c_last_year"
_OWNER = re.compile(r"['’]s$")
SOMEBODY = "somebody"
"""The sort of who is told by their country, in a follow-up: a name has its place."""
ABOUT = "about"
ARTICLES = frozenset({"the", "a", "an", "ang", "ng"})
_YEAR = frozenset({"год", "г"})
"""Russian has the word for a year among those that mean little: its stem, and how it is shortened."""


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
    if token.kind in ("year", "month", "ordinal", "number"):
        return token.kind
    if not token.keys.isdisjoint(RELATIVE_YEARS):
        return "year"
    if any(key.startswith("c_country_") for key in token.keys):
        return "country"
    return "name" if token.kind == "name" else ""


def parts(question: Analysis, *, people: bool = False) -> list[Part]:
    """What a question names, without its light words; a name of several words is one ("Jose Tavares"), a year has the word for
    it ("2018 году", "tahun 2018"). With `people` somebody of a country is a name, too ("the *Russian delegate*", "*wakil Rusia*")."""
    found: list[Part] = []
    for before, token in zip((None, *question.content), question.content, strict=False):
        sort = sort_of(token)
        beside = bool(found) and question.text[found[-1].end : token.start] == " "
        if beside and sort == "name" == found[-1].sort:
            found[-1] = found[-1]._replace(end=token.end)
        elif people and beside and before and _is_somebody_of(before, token):
            found[-1] = found[-1]._replace(end=token.end, sort=SOMEBODY)
        elif not is_light(token):
            found.append(Part(token.start, token.end, sort))
    return [_with_unit(part, question) if part.sort == "year" else part for part in found]


def _is_somebody_of(before: Token, token: Token) -> bool:
    """Whether two words are somebody, or the side, of a country. A word that is not known may be one, too: "the Russian *guy*"."""
    country, other = (before, token) if sort_of(before) == "country" else (token, before)
    people = not other.keys.isdisjoint(group("person") | group("side")) or (other is token and not other.concepts)
    return sort_of(country) == "country" and (other.kind == "word" or fold(other.text) == "one") and people


def in_place(before: Analysis, question: Analysis) -> tuple[str, tuple[Span, ...]] | None:
    """The question before with what this one names in the place of its like, and where the rest of it stands; None where
    this one names nothing or several things, or its place cannot be told."""
    if len(question.content) == 1 and (aspect := _aspects(question)):
        return _another_aspect(before, question, aspect[0])
    return _placed(before, question, parts(question)) or _placed(before, question, parts(question, people=True))


def _placed(before: Analysis, question: Analysis, found: Sequence[Part]) -> tuple[str, tuple[Span, ...]] | None:
    """As `in_place`, of what a question names."""
    opening = len(question.opens_with)
    again = _again(before, question)
    named = [part for part in found if part.start >= opening and not _is_one(part, again)]
    if len(named) != 1 or question.negated or (question.yes_no and question.pronouns):  # "Was it Russia?"
        return None
    part, words = named[0], _words(question.text)
    leading = [w for w in words if opening <= w.start and w.end <= part.start]
    if part.sort == SOMEBODY and leading and leading[-1].text in ARTICLES:
        part, leading = part._replace(start=leading[-1].start), leading[:-1]  # "the Russian delegate"
    stand_in = next((n for n, w in enumerate(leading) if w.text in question.pronouns), -1)
    leading = leading[stand_in + 1 :]  # "the one *in* Kuta"
    repeated = [n for n, w in enumerate(leading) if _is_one(w, again)]
    leading = leading[repeated[-1] + 1 :] if repeated else leading  # "the title *of* Tavares"
    asking = lexicon(question.language).what
    following = [w for w in words if w.start >= part.end and w.text not in question.pronouns and w.text not in asking]
    if not all(_is_one(w, again) for w in following):  # but for "the second *one*", "Tavares' *title*"
        return None
    told = question.text[part.start : part.end]
    relative = part.sort == "year" and not any(map(str.isdigit, told))
    place = _place(before, part, leading, again, relative=relative)
    if place is None:
        return None
    start, end, leads = place
    told = question.text[leading[0].start if leads and leading else part.start : part.end]
    if _is_year_before(question, part, before, (start, end)):
        told = lexicon(question.language).two_years_ago
    told += "" if (owned := _OWNER.search(before.text, start, end)) is None or _OWNER.search(told) else owned.group()
    rest = (0, start), (start + len(told), len(before.text) + len(told) - (end - start))
    return before.text[:start] + told + before.text[end:], rest


def _is_year_before(question: Analysis, part: Part, before: Analysis, place: Span) -> bool:
    """Whether "the year before", which by itself is last year, follows a question about last year."""
    words = lexicon(question.language).year_before
    earlier = fold(before.text[slice(*place)])
    of_last_year = any(LAST_YEAR in t.keys for t in before.content if place[0] <= t.start and t.end <= place[1])
    return fold(question.text[part.start : part.end]) in words and of_last_year and earlier not in words


def _aspects(question: Analysis) -> list[Token]:
    """Its words for what something has: a date, a place, a result."""
    return [t for t in question.content if not meant(t, question.language).isdisjoint(group("aspects"))]


def _another_aspect(before: Analysis, question: Analysis, aspect: Token) -> tuple[str, tuple[Span, ...]] | None:
    """The question before with another thing asked of the same ("What was the date of the meeting?": "And the *place*?")."""
    asked = _aspects(before)
    of_another = question.pronouns or aspect.text.endswith("nya") or question.language != before.language
    if of_another or len(asked) != 1 or before.asks or before.yes_no or asked[0].keys & aspect.keys:
        return None
    [other] = asked
    text = before.text[: other.start] + aspect.text + before.text[other.end :]
    return text, ((0, other.start), (other.start + len(aspect.text), len(text)))


def _again(before: Analysis, question: Analysis) -> list[Token]:
    """The words that the question before has too: "Tavares' *title*", "*jabatannya*" after "jabatan"."""
    said = frozenset().union(*(token.keys for token in before.content))
    return [token for token in question.content if not (sort_of(token) or token.keys.isdisjoint(said))]


def _is_one(part: Part | _Word, tokens: Sequence[Token]) -> bool:
    return any(token.start <= part.start < token.end for token in tokens)


def _place(
    before: Analysis, part: Part, leading: Sequence[_Word], again: Sequence[Token], *, relative: bool
) -> tuple[int, int, bool] | None:
    """From where to where in a question a part has its place, and whether the words that lead it come along. `relative` is a
    year that is told from another ("last year"); `again` are the words that say again what is asked of it: they have kept
    their place."""
    words, where, own = _words(before.text), lexicon(before.language).where, lexicon(before.language).own
    aside = before.carried if not before.follows and says_any(before.text, own, before.language) else ()
    kept = [t for t in before.content if any(t.keys & other.keys for other in again)]
    taken = (*aside, *kept)  # "I am *Anna*. ..."
    others = [p for p in parts(before) if not any(p.start <= t.start < p.end for t in taken)]
    tail = leading[-1:] if leading and leading[-1].text in where else leading  # "the ones *in*", but "after the"
    same = [p for p in others if tail and _lead_alike(_before(p, words), tail, before.language)]
    alike = [p for p in others if part.sort and p.sort == part.sort]
    if part.sort == SOMEBODY:
        alike = [p for p in others if p.sort == "name" and not before.text[p.start : p.end].isupper()]
    if len(alike) > 1 and part.sort in ("name", "country", SOMEBODY):  # "from Russia to Indonesia": "to China"
        alike = [p for p in alike if p in same]
    elif not alike:
        alike = [p for p in same if {part.sort, p.sort} <= {"", "name", "country"}]
    if not (alike or leading or part.sort):
        alike = _topics(before, others, words)
    if len(alike) != 1:
        return None
    place = alike[0]
    last = next((w for w in reversed(_before(place, words)) if w.end == place.start - 1), None)
    led = None if last is None or _is_content(last, before) else last
    if place.sort == "year":
        return _place_of_year(before, place, led, same=place in same, leading=len(leading), relative=relative)
    if place.sort == "month" and last and last.text.isdigit():  # "19 February"
        return None
    owned = bool(again) and [w.text for w in leading] == ["of"]  # "his *title*": "the title *of* Tavares"
    if leading and place not in same and led is not None and not owned:  # "trade with Russia": "from Norway"
        return None
    if not leading and not again and place.sort == "name" and led and led.text in where:  # "in Kuta": "Tavares"
        return None
    return (_title(place, before) if place.sort == "name" else place.start), place.end, False


def _topics(before: Analysis, others: Sequence[Part], words: Sequence[_Word]) -> list[Part]:
    """What a question asks about, where it says so at its end: "What did she say about *trade*?" """
    about = lexicon(before.language).about
    led = [p for p in others if not p.sort and any(w.text in about for w in _before(p, words)[-1:])]
    return [p for p in led if p is others[-1]]


def _place_of_year(
    before: Analysis, place: Part, led: _Word | None, *, same: bool, leading: int, relative: bool
) -> tuple[int, int, bool] | None:
    """As `_place`: what leads a year says what is asked about it, and takes the place of what led the other ("in 2018": "until
    2017", "last year")."""
    if any(t.kind == "month" and t.end == place.start - 1 for t in before.content):
        return place.start, place.end, False  # "November 2018": "2017"
    named = any(t.text[:1].isupper() and t.end == place.start - 1 for t in before.content)
    if (named and before.text[place.start : place.end].isdigit()) or leading > 1:  # "Agenda 2030"
        return None
    if same or led is None or (not leading and not relative):
        return place.start, place.end, not same
    return led.start, place.end, True


def _title(place: Part, question: Analysis) -> int:
    """Where a name begins with the posts before it: "*President* Putin"."""
    start = place.start
    for token in reversed(question.content):
        if token.end == start - 1 and not token.keys.isdisjoint(claim_words.titles()):
            start = token.start
    return start


def _with_unit(part: Part, question: Analysis) -> Part:
    """A year with the word for it beside it, before or after."""
    years = {(t.start, t.end) for t in question.content if "c_year" in t.keys}
    start, end = part.start, part.end
    for word in _words(question.text):
        if (word.start, word.end) in years or stem(word.text, "ru") in _YEAR:
            start = word.start if word.end == part.start - 1 else start
            end = word.end if word.start == part.end + 1 else end
    return part._replace(start=start, end=end)


def _before(part: Part, words: Sequence[_Word]) -> list[_Word]:
    return [word for word in words if word.end <= part.start]


def _lead_alike(words: Sequence[_Word], tail: Sequence[_Word], language: str) -> bool:
    """Whether words end as others do, articles left out where there is more; those for "about" are one."""
    about = lexicon(language).about
    mine, other = ([ABOUT if w.text in about else w.text for w in each] for each in (words, tail))
    if any(text not in ARTICLES for text in other):
        mine, other = ([text for text in each if text not in ARTICLES] for each in (mine, other))
    return mine[-len(other) :] == other


def _is_content(word: _Word, question: Analysis) -> bool:
    return any(t.start < word.end and word.start < t.end for t in question.content)


def _words(text: str) -> list[_Word]:
    return [_Word(m.start(), m.end(), fold(m.group())) for m in words_of(text)]
