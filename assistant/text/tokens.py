"""The words of a sentence or question, each with what it can be matched by in another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from assistant.text.lexicon import MAX_PHRASE, UNSPACED, Lexicon, lexicon, words_of
from assistant.text.normalise import fold, skeleton, stem
from assistant.text.numbers import NumberKind, Piece, Taken, numbers

Kind = Literal["function", "word", "name", "number", "year", "ordinal", "month"]

_SCAN_ERROR = re.compile(r"I(?=[a-z])")  # a capital I read for a lower-case l at the head of a word: "Iebih", "Ialu"
_SPOKEN = re.compile(r"[\u0e00-\u0e7f\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word (or phrase with a concept of its own) and its place in the text.

    `keys` are what it is matched by as a whole: stems, concepts (`c_...`) and normalised numbers; `parts` the keys of a
    phrase's single words ("senior officials": senior, official); `skeleton` is for fuzzy matching of names and of words
    without a concept ("" where that makes no sense); `value` is a number's, ordinal's, year's or month's.
    """

    text: str
    start: int
    end: int
    kind: Kind
    keys: frozenset[str]
    parts: frozenset[str] = frozenset()
    skeleton: str = ""
    value: float | None = None

    @property
    def concepts(self) -> frozenset[str]:
        return _concepts(self.keys)


@lru_cache(maxsize=65_536)
def _concepts(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if key.startswith("c_"))


_KEPT = 20_000  # texts
_kept: dict[tuple[str, str], tuple[Token, ...]] = {}


def tokens(text: str, language: str) -> tuple[Token, ...]:
    """The tokens of a text in order; phrases that share words with a longer phrase are left to the longer one."""
    found = _kept.get((text, language))
    return found if found is not None else keep(text, language, _tokens(text, language))


def keep(text: str, language: str, found: tuple[Token, ...]) -> tuple[Token, ...]:
    """Has `tokens` give these for a text; they are its own, told when it was indexed."""
    if len(_kept) >= _KEPT:
        _kept.clear()
    _kept[text, language] = found
    return found


def is_kept(text: str, language: str) -> bool:
    """Whether the tokens of a text are told without reading it anew."""
    return (text, language) in _kept


def forget() -> None:
    """Has every text read anew."""
    _kept.clear()


def _tokens(text: str, language: str) -> tuple[Token, ...]:
    words = lexicon(language)
    cut = _unspaced(text, words) if words.language in UNSPACED else [m.span() for m in words_of(text)]
    pieces = [(start, end, fold(text[start:end])) for start, end in cut]
    found = [_numeric(text, *each) for each in numbers(text, words, pieces)]
    if found:
        taken = Taken(text)
        for token in found:
            taken.take(token.start, token.end)
        pieces = [piece for piece in pieces if taken.is_free(piece[0], piece[1])]
    found += _words(text, pieces, words)
    found.sort(key=lambda token: token.start)
    found = _with_days(text, found)
    return tuple(_of_another_year(text, found, at, words) for at in range(len(found)))


_ENGLISH_DAY = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)
_BEFORE_MONTH = re.compile(r"\s+(?:of\s+)?|[–-]", re.IGNORECASE)
_OF_MONTH = re.compile(r"\s+(?:of|ng)\s+", re.IGNORECASE)
_AFTER_MONTH = re.compile(r"\.?\s+(?:the\s+)?", re.IGNORECASE)
_ANOTHER_DAY = re.compile(
    r"\s*[,–—/&-]\s*(?:(?:and|or|to|и|или|по|до|at)\s+)?|\s+(?:and|or|to|till|until|и|или|по|до|at)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_LAST_DAY = 31


def _with_days(text: str, found: list[Token]) -> list[Token]:
    """The tokens, with each ordinal that is a day of a month made the number that it is: "the *19th*, 20th and 21st of February"
    is 19-21 February. The 16th of meetings stays that, also beside a month."""
    told = [at for at, token in enumerate(found) if token.kind in ("month", "ordinal")]
    days: set[int] = set()
    # Each pair from both ends: a day that was found has the one beside it found.
    for one, other in [*pairwise(told), *reversed(list(pairwise(told)))]:
        first, last, between = found[one], found[other], text[found[one].end : found[other].start]
        if first.kind == last.kind == "ordinal":
            if not days.isdisjoint((one, other)) and _ANOTHER_DAY.fullmatch(between):
                days |= {one, other}
        elif last.kind == "month" and first.kind == "ordinal" and _is_day_of(first, between, last):
            days.add(one)
        elif last.kind == "ordinal" and _ENGLISH_DAY.fullmatch(last.text) and _AFTER_MONTH.fullmatch(between):
            before = text[max(0, first.start - 4) : first.start].lower().split()
            if before[-1:] != ["in"]:  # "in February 16th meeting" has no 16 February
                days.add(other)
    for at in days:
        if 1 <= (found[at].value or 0) <= _LAST_DAY:
            found[at] = _numeric(text, found[at].start, found[at].end, "number", found[at].value or 0)
    return found


def _is_day_of(day: Token, between: str, month: Token) -> bool:
    """Whether an ordinal before a month is its day, as English, Russian (with the month in the genitive) and Filipino say it;
    "ke-16 Februari" is none."""
    if _ENGLISH_DAY.fullmatch(day.text):
        return _BEFORE_MONTH.fullmatch(between) is not None
    return _OF_MONTH.fullmatch(between) is not None or (between.isspace() and fold(month.text)[-1] in "ая")


_ONE_YEAR = frozenset({"c_last_year", "c_this_year", "c_next_year"})
_TWO_YEARS = "c_year_before_last"
_YEARS = re.compile(r"\b(?:years|годы|годов|годам|годами|годах)\b|^года\b", re.IGNORECASE)
"""Russian "года назад" is only said of more than one, or of a part of one."""
_COUNTABLE = re.compile(r"(?:years?|tahun\w*|taun|thn|год\w*|năm)\b(?! ngoái)|ปี", re.IGNORECASE)
"""How a phrase begins that a number before it may count: "tiga *tahun lalu*", but not "18 billion *last year*"."""
_COUNTS = frozenset({"c_several", "c_minority", "c_many", "c_half_double"})
_COUNTING = frozenset("những các mấy chục mga belasan sekian an".split())
"""The last one of "10-an", some ten."""
_NUMBERED = frozenset({"c_quarter_period", "c_quarter_year"})
_ADJOINS = re.compile("[ \u00a0-]?")


def _of_another_year(text: str, found: list[Token], at: int, words: Lexicon) -> Token:
    """A token without the concept of last year, this or the next where another or more than one is meant ("tiga *tahun lalu*", three
    years ago; "*past years*"): it is of some year, and of none that can be told but two years ago."""
    token = found[at]
    told = token.keys & {*_ONE_YEAR, _TWO_YEARS}
    if not told or not ((_ONE_YEAR & told and _YEARS.search(token.text)) or _is_counted(text, found[: at + 1], words)):
        return token
    two = "c_last_year" in told and at > 0 and found[at - 1].value == 2
    return replace(token, keys=token.keys - told | {_TWO_YEARS if two else "c_year"})


def _is_counted(text: str, said: list[Token], words: Lexicon) -> bool:
    """Whether the last of these tokens, a phrase for a year, has a number or a word for many before it that counts its years."""
    *before, token = said
    last = before[-1] if before else token
    if last is token or not _ADJOINS.fullmatch(text, last.end, token.start):
        return False
    if _TWO_YEARS in token.keys:  # "สิบ*สองปีก่อน" is twelve; "one or *two years ago*"
        offered = fold(last.text) in words.alternative and before[-2:-1] and before[-2].kind == "number"
        return bool(offered) or (last.kind == "number" and " " not in text[last.end : token.start])
    if words.language != "fil" and not _COUNTABLE.match(token.text):
        return False
    if last.kind == "number":  # the third quarter of last year is "kuartal 3 *tahun lalu*"
        return last.value != 1 and (len(before) < 2 or before[-2].keys.isdisjoint(_NUMBERED))
    # "Berapa banyak *tahun lalu*?" asks for an amount.
    many = not last.keys.isdisjoint(_COUNTS) and "c_number_amount" not in last.keys
    return many or fold(last.text) in _COUNTING


@lru_cache(maxsize=20_000)
def meant(token: Token, language: str) -> frozenset[str]:
    """The keys of a word by itself where it is known: its stem is also that of others (mitra, *kemitraan*)."""
    spelt = lexicon(language).spelt.get(tuple(fold(m.group()) for m in words_of(token.text)))
    return token.keys | token.parts if spelt is None else frozenset(f"c_{concept}" for concept in spelt)


def index_terms(text: str, language: str) -> list[str]:
    """The keys by which a sentence is found lexically: those of all its words that are not function words."""
    return [
        key
        for token in tokens(text, language)
        if token.kind != "function"
        for key in sorted(token.keys | token.parts | ({f"s_{token.skeleton}"} if token.kind == "name" else frozenset()))
    ]


def _words(text: str, pieces: list[Piece], words: Lexicon) -> Iterator[Token]:
    folded = [_mended(text[start], word, words) for start, _, word in pieces]
    stems = [stem(word, words.language) for word in folded]
    english = lexicon("en")
    ends = _runs(text, pieces)
    at = 0
    while at < len(pieces):
        length: int = 0
        concepts: tuple[str, ...] = ()
        if stems[at] in words.openings:
            length, concepts = words.longest_concept(stems[at : ends[at]], 0)
        start, end = pieces[at][0], pieces[at + max(length, 1) - 1][1]
        if length <= 1 and folded[at] in words.function and not _is_month(text, start, end, words):
            yield Token(text[start:end], start, end, "function", frozenset({folded[at]}))
            at += 1
            continue
        if not length and words.language != "en":  # titles and terms that stand in English inside another language
            if stem(folded[at], "en") in english.openings:
                together = folded[at : ends[at]]
                length, concepts = english.longest_concept([stem(word, "en") for word in together], 0)
            end = pieces[at + max(length, 1) - 1][1]
            if length <= 1 and folded[at] in english.function and text[start].isascii():
                yield Token(text[start:end], start, end, "function", frozenset({folded[at]}))
                at += 1
                continue
        if not length and words.language == "en" and text[start].islower():  # people here mix it with Indonesian
            mixed = lexicon("id")
            concepts = mixed.spelt.get((folded[at],), ())
            if folded[at] in mixed.function or folded[at] in mixed.pronouns:
                yield Token(text[start:end], start, end, "function", frozenset({folded[at]}))
                at += 1
                continue
        length = max(length, 1)
        yield _word(text, start, end, folded[at : at + length], concepts, words, opens=at == 0)
        at += length


def _is_month(text: str, start: int, end: int, words: Lexicon) -> bool:
    """Whether a function word is a month here: English "May" within a sentence, or beside a number at its head."""
    if not text[start].isupper() or fold(text[start:end]) not in words.months:
        return False
    before = text[:start].rstrip()
    opens = not before or before[-1] in ".!?:;"
    return not opens or re.match(r"\s+\d", text[end:]) is not None


_TWICE = re.compile(r"([^\W\d_]{3,})2(nya)?")


def _mended(first: str, folded: str, words: Lexicon) -> str:
    """A word whose first letter was scanned wrongly as what was meant, where only that is a word that is known, and one
    that is said twice as people write it in chats ("bidang2nya") as itself."""
    if "2" in folded and words.language == "id" and (twice := _TWICE.fullmatch(folded)):
        return twice[1] + (twice[2] or "")
    if first != "I" or folded in words.function or stem(folded, words.language) in words.openings:
        return folded
    meant = f"l{folded[1:]}"
    return meant if meant in words.function or stem(meant, words.language) in words.openings else folded


def _runs(text: str, pieces: list[Piece]) -> list[int]:
    """For each word the end of its run of words with nothing but spaces and hyphens between them, a phrase's length at most."""
    ends: list[int] = []
    for at in reversed(range(len(pieces))):
        end = pieces[at][1]
        between = text[end : pieces[at + 1][0]] if at + 1 < len(pieces) else "."
        ends.append(ends[-1] if between == " " or not between.strip(" -\u00a0\n") else at + 1)
    return [min(end, at + MAX_PHRASE) for at, end in enumerate(reversed(ends))]


def _word(
    text: str, start: int, end: int, folded: list[str], concepts: tuple[str, ...], words: Lexicon, *, opens: bool
) -> Token:
    surface = text[start:end]
    if surface == "日" and text[:start][-1:].isdigit():  # the 19th of a month is no Japan
        concepts = tuple(concept for concept in concepts if not concept.startswith("country_"))
    return Token(surface, start, end, *_read(surface, tuple(folded), concepts, words.language, opens))


@lru_cache(maxsize=65_536)
def _read(
    surface: str, folded: tuple[str, ...], concepts: tuple[str, ...], language: str, opens: bool
) -> tuple[Kind, frozenset[str], frozenset[str], str, float | None]:
    """The kind, keys, parts, skeleton and value of a word or phrase; texts are mostly of words that were read before."""
    words = lexicon(language)
    concepts = _without_chance_countries(surface, folded, concepts, words)
    keys = {f"c_{concept}" for concept in concepts}
    parts: set[str] = set()
    country = any(concept.startswith("country_") for concept in concepts)
    capital = surface[:1].isupper() and not (opens and surface[1:].islower())  # a text's first word is capital anyway
    if len(folded) == 1:
        keys |= _stems(folded[0], words)
    else:
        for word in folded:
            if word in words.function:
                continue
            alone = words.longest_concept(words.stems([word]), 0)[1]
            parts |= _stems(word, words)
            parts |= {f"c_{c}" for c in alone if not (concepts and c.startswith("country_"))}  # "dolar *AS*" is money
    if _SCAN_ERROR.match(surface):
        meant = stem("l" + folded[0][1:], words.language)
        keys.add(meant)
        capital = capital and not (meant in words.function or (meant,) in words.concepts)
    if len(folded) == 1 and folded[0] in words.months:
        month = words.months[folded[0]]
        return "month", frozenset({*keys, f"m_{month}"}), frozenset(), "", month
    if country or (capital and not concepts):
        return "name", frozenset(keys), frozenset(parts), skeleton("".join(folded)), None
    return "word", frozenset(keys), frozenset(parts - keys), "" if concepts else skeleton("".join(folded)), None


def _without_chance_countries(
    surface: str, folded: tuple[str, ...], concepts: tuple[str, ...], words: Lexicon
) -> tuple[str, ...]:
    """The concepts without countries that only share a stem with a word written small ("данные", data, and Дания)."""
    spelt = words.spelt.get(folded, ())
    chance = surface[:1].islower() and any(not concept.startswith("country_") for concept in spelt)
    return (
        tuple(c for c in concepts if not (chance and c.startswith("country_") and c not in spelt))
        if chance
        else concepts
    )


def _stems(word: str, words: Lexicon) -> set[str]:
    return {stem(word, words.language), stem(word, "en")}


def _numeric(text: str, start: int, end: int, kind: NumberKind, value: float) -> Token:
    prefix = {"year": "y", "ordinal": "o", "month": "m"}.get(kind, "n")
    return Token(text[start:end], start, end, kind, frozenset({f"{prefix}_{value:.10g}"}), value=value)


def _unspaced(text: str, words: Lexicon) -> list[tuple[int, int]]:
    """Word boundaries by the longest known form; stretches without one stay whole."""
    known = words.cut_at
    longest = max(map(len, known))
    pieces = [(m.start(), m.end()) for m in words_of(_SPOKEN.sub(lambda m: " " * len(m.group()), text))]
    for run in _SPOKEN.finditer(text):
        at, unknown = run.start(), run.start()
        while at < run.end():
            stop = min(run.end(), at + longest)
            end = next((e for e in range(stop, at, -1) if text[at:e] in known), None)
            if end is None:
                at += 1
                continue
            if unknown < at:
                pieces.append((unknown, at))
            pieces.append((at, end))
            at = unknown = end
        if unknown < run.end():
            pieces.append((unknown, run.end()))
    return sorted(pieces)
