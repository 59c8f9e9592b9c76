"""Evidence that a sentence answers a question: small pure functions over their tokens."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.text.layout import is_heading
from assistant.text.lexicon import concept_class, group, lexicon, relatives, words_of
from assistant.text.matchable import RELATIVE_YEARS, Matchable, matchable
from assistant.text.normalise import fold, same_name, skeleton
from assistant.text.questions import Analysis, read
from assistant.text.tokens import Token, meant, tokens
from assistant.types import Passage

PART_OF_PHRASE = 0.8
"""A question's word that the sentence has inside a longer phrase: "security" in "cyber security"."""
PART_OF_WORD = 0.5
"""A question's phrase of which the sentence has a single word: "cyber security" against "security"."""
NEAR_WORDS = 2
"""Content words between which a number still belongs to a thing: "perdagangan sebesar 18 miliar dolar"."""
GOVERNMENT = 0.8
"""A capital against its country, for which it stands: "What did *Moscow* pledge?"."""
SMALL = 10
"""Up to this, a number in words counts the things asked for ("two posts") rather than being a fact about them."""
RELATED = 0.5
"""A word of the same family: "tourism" against "tourists"."""
FUZZY = 0.9
"""A name that only sounds alike: Моргулов, Morgulov, "Morgulof"."""

MIN_WEIGHT = 0.15
"""Of words that most sentences hold, and of light ones."""
KIND_WEIGHTS = {"name": 1.3, "number": 1.3, "year": 1.3, "ordinal": 1.2, "month": 1.2}

WITHIN = 6
"""Content words from the answer within which what is asked about it stands."""

_WRITES_NO_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_NUMBER_SEAM = re.compile(r"\d[.,]\|\d.?|.?\d\|[.,]\d", re.DOTALL)  # where a number is cut in two: "18|.5", "1,|1"
_CLOSING = " \t\n\"'”’»)*_"  # what may stand after the mark that ends a sentence

_ASKING = frozenset({"c_ask"})
_LABEL = re.compile(r"\w+(?: \d+)?:\s+")
_DAYS = frozenset({"c_today", "c_yesterday", "c_tomorrow", "c_weekday"})


@dataclass(frozen=True, slots=True)
class Bag(Matchable):
    """What a text can be matched by, and its tokens."""

    tokens: tuple[Token, ...]


@lru_cache(maxsize=20_000)
def bag(text: str, language: str, date: dt.date | None = None) -> Bag:
    """The tokens of a text, and what they can be matched by."""
    found = tokens(text, language)
    words = matchable(found, date)
    return Bag(words.keys, words.parts, words.skeletons, found)


def bag_of(passage: Passage, text: str | None = None) -> Bag:
    """What a passage can be matched by, or another text of its source."""
    return bag(passage.text if text is None else text, passage.language, passage.source.date)


def match(asked: Token, held: Matchable) -> float:
    """How surely (0..1) a text holds a word of the question."""
    if not asked.keys.isdisjoint(held.keys):
        return 1.0
    if not asked.keys.isdisjoint(held.parts):
        return PART_OF_PHRASE
    if asked.skeleton and not asked.concepts and any(same_name(asked.skeleton, other) for other in held.skeletons):
        return FUZZY
    shared = asked.parts and not (asked.parts.isdisjoint(held.keys) and asked.parts.isdisjoint(held.parts))
    if shared and _part_tells(asked, held):
        return GOVERNMENT if asked.kind == "name" and len([*words_of(asked.text)]) == 1 else PART_OF_WORD
    return 0.0 if relatives(asked.keys).isdisjoint(held.keys) else RELATED


def _part_tells(asked: Token, held: Matchable) -> bool:
    """Whether a single word of a phrase tells something of it. Of a country's name only where the text has it as a name
    ("Korea", for South Korea; in "Moscow" the part is Russia); of somebody only what says who it is: a *secretary*-general is
    a secretary, and no general."""
    if asked.kind == "name":
        words = [fold(m.group()) for m in words_of(asked.text)]
        return len(words) == 1 or any(skeleton(word) in held.skeletons for word in words)
    if all(concept_class(key) != "actor" for key in asked.concepts):
        return True
    said = (held.keys | held.parts) - group("grades")  # "jenderal" is a general, and what grade a director has
    return any(concept_class(key) == "actor" and key in said for key in asked.parts)


def forms(token: Token) -> frozenset[str]:
    """The keys that a word has by how it is written, and not by what it means: Monday and Thursday have one meaning, days."""
    return token.keys - token.concepts


def is_question(text: str) -> bool:
    """Whether a sentence asks, whatever closes it ("... the lighthouse?”")."""
    return text.rstrip(_CLOSING).endswith(("?", "？", "؟"))


def only_asks(question: Analysis, passage: Passage) -> bool:
    """Whether a passage is somebody's question, which tells what an answer is about and is none, unless it is asked what they ask.
    One that tells who asks it is a statement ("Lena Fox asked why?")."""
    if not is_question(passage.text) or any(not t.keys.isdisjoint(_ASKING) for t in question.content):
        return False
    label = _LABEL.match(passage.text)  # "Question: ..."
    held = bag_of(passage, passage.text[label.end() :] if label else passage.text)
    return not speaks(held) and held.keys.isdisjoint(_ASKING)


def only_names(question: Analysis, passage: Passage) -> bool:
    """Whether a passage is a heading, unless it is asked for a title."""
    if any("c_title_headline" in token.keys for token in question.content):
        return False
    source, place = passage.source, (passage.start, passage.end)
    is_marked = any(place == (heading.start, heading.end) for heading in source.headings)
    return is_marked or is_heading(source.text, *place)


def says(text: str, phrase: str) -> bool:
    """Whether a text has the very words of a phrase, in whatever case, not as a part of other words or numbers."""
    found, wanted = (fold(" ".join(each.split())) for each in (text, phrase))
    at = found.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if not (_goes_on(found[:at], wanted) or _goes_on(wanted, found[end:])):
            return True
        at = found.find(wanted, at + 1)
    return False


def _goes_on(one: str, other: str) -> bool:
    """Whether the end of a text and the beginning of another make one word or number; in a script without spaces that
    cannot be seen."""
    at_seam = one[-1:] + other[:1]
    within_word = len(at_seam) == 2 and at_seam.isalnum() and not _WRITES_NO_SPACES.search(at_seam)
    return within_word or bool(_NUMBER_SEAM.fullmatch(one[-2:] + "|" + other[:2]))


def is_light(token: Token) -> bool:
    """Whether a question needs the word but an answer seldom repeats it: "mentioned", "year", "two" of two things."""
    small = token.kind == "number" and (token.value or 0) <= SMALL and not any(map(str.isdigit, token.text))
    return small or (token.kind == "word" and not read(token).isdisjoint(group("light")))


def weights(question: Analysis, frequencies: Mapping[str, int], total: int) -> tuple[float, ...]:
    """What each content token of a question weighs: its kind's weight times its inverse document frequency (0..1).

    `frequencies` tells in how many of the `total` sentences a key occurs.
    """
    ceiling = math.log(total + 1.5)
    found = []
    for token in question.content:
        occurs = max((frequencies.get(key, 0) for key in token.keys), default=0)
        rarity = math.log((total + 1.5) / (occurs + 0.5)) / ceiling if ceiling else 1.0
        light = is_light(token) or (token.kind == "word" and token in question.carried)
        rarity = MIN_WEIGHT if light else min(1.0, max(MIN_WEIGHT, rarity))
        found.append(KIND_WEIGHTS.get(token.kind, 1.0) * rarity)
    return tuple(found)


def share(weights: Sequence[float], held: Sequence[float]) -> float:
    """The weighted share (0..1) of a question's words that is held; 0 for a question without content."""
    whole = sum(weights)
    return sum(weight * strength for weight, strength in zip(weights, held, strict=True)) / whole if whole else 0.0


def near_quotes(passage: Passage, quotes: Sequence[str]) -> float:
    """How near (0..1) a passage is to words quoted before: 1 where it holds some of them, 0.5 beside such a one."""

    def shares(text: str) -> bool:
        return bool(text) and any(quote in text or text in quote for quote in quotes)

    return 1.0 if shares(passage.text) else 0.5 if shares(passage.before) or shares(passage.after) else 0.0


def speaks(held: Bag) -> bool:
    """Whether a text says that someone said something."""
    return not held.keys.isdisjoint(group("saying")) and any(token.kind == "name" for token in held.tokens)


def can_answer(question: Analysis, held: Bag, language: str) -> bool:
    """Whether a text of a language has words of the kind that a question asks for, other than the question's own.

    True for kinds that no form of words shows (manner, or none).
    """
    asks = question.asks
    if question.by_name:
        return _has_full_name(question, held)
    if asks == "reason":
        return not held.keys.isdisjoint(lexicon(language).causes)
    if asks == "year" and not held.keys.isdisjoint(RELATIVE_YEARS):
        return True
    if asks in ("date", "day") and not held.keys.isdisjoint(group("days")):
        return True
    if asks == "day":
        return any({a.kind, b.kind} == {"number", "month"} for a, b in pairwise(held.tokens))
    if asks == "period":
        dated = any(token.kind in ("month", "year") for token in held.tokens)
        return dated or _has_period(held) or not held.keys.isdisjoint(RELATIVE_YEARS)
    if asks == "duration":
        return _has_period(held)
    if asks == "share":
        return not held.keys.isdisjoint(group("shares"))
    if asks == "age" and held.keys.isdisjoint(group("ages")):
        return False
    if asks == "person":
        countries = any("c_country" in token.keys for token in question.content)  # "who is the coordinating *country*"
        return any(
            (_is_person(token, language) or (countries and is_country(token))) and _is_new(token, question)
            for token in held.tokens
        )
    return asks not in _FITS or any(_FITS[asks](token) and _is_new(token, question) for token in held.tokens)


def unbound(question: Analysis, held: Bag) -> float | None:
    """The share (0..1) of the question's words in a text that stand nowhere near a word that could be the answer
    (`WITHIN` content words); None where there are none, or the form of a word does not show that it could."""
    answers, found = _answers_and_places(
        question, held, _FITS.get("year" if question.asks in ("date", "day") else question.asks)
    )
    if not (answers and found):
        return None
    far = [min(abs(at - other) for at in each for other in answers) > WITHIN for each in found]
    return sum(far) / len(far)


def near_answers(question: Analysis, held: Bag) -> tuple[Token, ...]:
    """The numbers, months and years of a text that are not the question's and stand near something of it."""
    answers, found = _answers_and_places(question, held, lambda token: token.kind in ("number", "month", "year"))
    said = [token for token in held.tokens if token.kind != "function"]
    return tuple(said[at] for at in answers if any(abs(at - other) <= WITHIN for each in found for other in each))


def _answers_and_places(
    question: Analysis, held: Bag, fits: Callable[[Token], bool] | None
) -> tuple[list[int], list[list[int]]]:
    """Where in the content words of a text new words that fit stand, and for each of the question's words that it has,
    where that does."""
    said = [token for token in held.tokens if token.kind != "function"]
    answers = [at for at, token in enumerate(said) if fits and fits(token) and _is_new(token, question)]
    asked = [token for token in question.content if not (is_light(token) or token in question.carried)]
    places = [[at for at, token in enumerate(said) if match(each, alone(token))] for each in asked] if answers else []
    return answers, [each for each in places if each]


@lru_cache(maxsize=20_000)
def alone(token: Token) -> Bag:
    """A word as a text of its own."""
    return Bag(token.keys, token.parts, (token.skeleton,) if token.skeleton else (), (token,))


def is_relative(held: Bag) -> bool:
    """Whether a text gives a year only relative to its own date ("last year")."""
    return not held.keys.isdisjoint(RELATIVE_YEARS) and not any(token.kind == "year" for token in held.tokens)


def uncounted(question: Analysis, held: Sequence[Bag]) -> bool:
    """Whether the thing that a question counts ("how many *programmes*") is in the texts, but nowhere with a new number
    beside it. False where nothing is counted, or the thing is in none of them (its absence is evidence of its own)."""
    counted = _counted(question) if question.asks == "number" else []
    places = [
        (said, at)
        for said in ([token for token in one.tokens if token.kind != "function"] for one in held)
        for at, token in enumerate(said)
        if any(not asked.keys.isdisjoint(token.keys | token.parts) for asked in counted)
    ]
    return bool(places) and not any(
        token.kind == "number" and _is_new(token, question)
        for said, at in places
        for token in said[max(0, at - NEAR_WORDS) : at + NEAR_WORDS + 1]
    )


def _counted(question: Analysis) -> list[Token]:
    """What is counted: the word beside the question words, or after it where that is a name ("Russian *tourists*")."""
    found = []
    for token in question.focus:
        after = [each for each in question.content if each.start >= token.start]
        found += [each for each in after[:2] if each.kind != "name" and _can_be_counted(each)][:1]
    return found


def _can_be_counted(token: Token) -> bool:
    """No name or acronym, no time ("nilainya *tahun lalu* berapa"), and nothing that is done ("how much did *cooperation* in trade
    come to")."""
    times = group("spans") | _DAYS | RELATIVE_YEARS.keys()
    done = token.concepts and {"action"} == set(map(concept_class, token.concepts))
    return token.kind == "word" and not token.text.isupper() and not done and token.keys.isdisjoint(times)


def _is_name(token: Token) -> bool:
    return token.kind == "name" and not token.concepts


def names_post(held: Bag, language: str) -> bool:
    """Whether a text says what somebody is or which post they hold."""
    posts = group("posts")
    return any(_is_role(token, language) or not token.keys.isdisjoint(posts) for token in held.tokens)


def _is_person(token: Token, language: str) -> bool:
    return (_is_name(token) and not token.text.isupper()) or _is_role(token, language)


def _has_full_name(question: Analysis, held: Bag) -> bool:
    """Whether a text has two names in a row that are not the question's ("Jose Tavares"): titles of documents are mostly
    of known words."""
    return any(
        all(_is_name(t) and not t.text.isupper() and _is_new(t, question) for t in pair)
        and pair[1].start - pair[0].end == 1
        for pair in pairwise(held.tokens)
    )


def _is_role(token: Token, language: str) -> bool:
    return not group("person").isdisjoint(meant(token, language))


def is_country(token: Token) -> bool:
    """Whether a word names a country or its people, in any language."""
    return any(key.startswith("c_country_") for key in token.keys)


_FITS: Mapping[str, Callable[[Token], bool]] = {
    "country": is_country,
    "place": lambda token: _is_name(token) or is_country(token),
    "date": lambda token: token.kind in ("month", "year"),
    "year": lambda token: token.kind == "year",
    "number": lambda token: token.kind == "number",
    "age": lambda token: token.kind == "number",
    "ordinal": lambda token: token.kind == "ordinal",
}


def told_by_period(question: Analysis, token: Token, held: Bag) -> bool:
    """Whether a word asks when something begins or ends, and a text tells it by a period ("2018-2021")."""
    dated = question.asks in ("date", "day", "year", "duration", "period", "") and not token.keys.isdisjoint(
        group("bounds")
    )
    return dated and any({a.kind, b.kind} == {"year"} for a, b in pairwise(held.tokens))


def tells_where(question: Analysis, token: Token) -> bool:
    """Whether a word of one that asks where only says that something was there ("which city *hosted* it?")."""
    return question.asks in ("place", "country") and not token.keys.isdisjoint(group("hosting"))


def is_language(question: Analysis, token: Token) -> bool:
    """Whether a word is a language beside its "word", or that ("the *English word* in brackets"): a text seldom says which
    language its own is."""
    at = question.content.index(token)
    pairs = pairwise(question.content[max(0, at - 1) : at + 2])
    return any(
        not question.text[a.end : b.start].strip() and (_speaks_of(a, b) or _speaks_of(b, a))
        for a, b in pairs
        if token in (a, b)
    )


def _speaks_of(language: Token, word: Token) -> bool:
    spoken = is_country(language) or any(key.endswith("_language") for key in language.keys)
    return spoken and not word.keys.isdisjoint(group("wording"))


def _has_period(held: Bag) -> bool:
    """Whether a text has a number beside a unit of time ("20 tahun") or two years in a row ("2018-2021")."""
    said = [token for token in held.tokens if token.kind != "function"]
    spans = group("spans")
    return any(
        {a.kind, b.kind} == {"year"}
        or (a.kind == "number" and not b.keys.isdisjoint(spans))
        or (b.kind == "number" and not a.keys.isdisjoint(spans))
        for a, b in pairwise(said)
    )


def _is_new(token: Token, question: Analysis) -> bool:
    return all(
        token.keys.isdisjoint(asked.keys) and not (token.skeleton and same_name(token.skeleton, asked.skeleton))
        for asked in question.content
    )
