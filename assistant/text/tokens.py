"""The words of a sentence or question, each with what it can be matched by in another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.text.lexicon import MAX_PHRASE, UNSPACED, Lexicon, lexicon, words_of
from assistant.text.normalise import fold, skeleton, stem

Kind = Literal["function", "word", "name", "number", "year", "ordinal", "month"]
Piece = tuple[int, int, str]
"""A word's start and end, and the word folded."""

_NUMBER = re.compile(r"(?<![a-zа-яё]{3})\d+(?:[.,\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)?")  # "kata2" is "kata-kata"
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
    found = list(_numbers(text, words, pieces))
    if found:
        taken = _Taken(text)
        for token in found:
            taken.take(token.start, token.end)
        pieces = [piece for piece in pieces if taken.is_free(piece[0], piece[1])]
    found += _words(text, pieces, words)
    return tuple(sorted(found, key=lambda token: token.start))


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


def _numbers(text: str, words: Lexicon, pieces: list[Piece]) -> Iterator[Token]:
    taken = _Taken(text)
    for m in words.month_phrases.finditer(text) if words.month_phrases else ():
        taken.take(*m.span())
        month = words.months[fold(m.group())]
        yield Token(m.group(), *m.span(), "month", frozenset({f"m_{month}"}), value=month)
    for pattern in words.ordinal_patterns + (lexicon("en").ordinal_patterns if words.language != "en" else ()):
        for m in pattern.finditer(text):
            if taken.is_free(*m.span()):
                taken.take(*m.span())
                value = float(m.group(1))
                yield _numeric(text, m.start(), m.end(), "year" if _is_year(m.group(1), value) else "ordinal", value)
    for m in _NUMBER.finditer(text):
        if not taken.is_free(*m.span()):
            continue
        value, end = _scaled(text, _parse(m.group()), m.end(), words)
        taken.take(m.start(), end)
        yield _numeric(text, m.start(), end, "year" if _is_year(m.group(), value) else "number", value)
    for start, end, kind, value in _spelled(text, words, pieces):
        if taken.is_free(start, end):
            taken.take(start, end)
            yield _numeric(text, start, end, kind, value)


def _is_year(digits: str, value: float) -> bool:
    return value.is_integer() and 1800 <= value <= 2200 and len(digits) == 4


def _numeric(text: str, start: int, end: int, kind: Kind, value: float) -> Token:
    prefix = {"year": "y", "ordinal": "o"}.get(kind, "n")
    return Token(text[start:end], start, end, kind, frozenset({f"{prefix}_{value:.10g}"}), value=value)


def _spelled(text: str, words: Lexicon, pieces: list[Piece]) -> Iterator[tuple[int, int, Kind, float]]:
    """Numbers written in words: "three", "dua puluh", "двадцать", "ketiga", "шестнадцатой"."""
    if words.language in UNSPACED:
        forms = sorted([*words.numbers, *words.ordinal_words], key=len, reverse=True)
        for m in re.finditer("|".join(map(re.escape, forms)), text):
            ordinal = words.ordinal_words.get(m.group())
            number = words.numbers.get(m.group()) if ordinal is None else ordinal
            yield m.start(), m.end(), "number" if ordinal is None else "ordinal", float(number or 0)
        return
    at = 0
    while at < len(pieces):
        start, end, word = pieces[at]
        at += 1
        ordinal = _ordinal(word, words.language)
        if (ordinal is None and word not in words.numbers) or _within_phrase(pieces, at - 1, words):
            continue  # "come first", "в первую очередь", "kedua belah pihak"
        if (word, words.language) == ("năm", "vi") and text[end : end + 2].strip().isdigit():
            continue  # "năm 2019" is no five but a year
        if word == "first" and _ENDS_CLAUSE.match(text, end):
            continue  # "what ends first, ...?": of no thing the first one
        if ordinal is not None:
            yield start, end, "ordinal", float(ordinal)
            continue
        value = float(words.numbers[word])
        while at < len(pieces) and (pieces[at][2] in words.scales or pieces[at][2] in words.numbers):
            after = pieces[at][2]
            if after in words.scales:
                scale = words.scales[after]
                value = value + 10 if scale < 0 else max(value, 1.0) * scale  # Indonesian "belas" adds ten
            elif value >= 10 and words.numbers[after] < 10:
                value += words.numbers[after]
            else:
                break
            end = pieces[at][1]
            at += 1
        yield start, end, "number", value


_ENDS_CLAUSE = re.compile(r"\s*(?:[.?!:;]|$|,(?!\s*(?:second|and|or)\b))")


def _within_phrase(pieces: list[Piece], at: int, words: Lexicon) -> bool:
    """Whether a word is part of a known phrase, of two words or with one on either side or two after it."""
    spans = ((at - 1, at + 1), (at - 1, at + 2), (at, at + 3))
    spoken = (tuple(piece[2] for piece in pieces[a:b]) for a, b in spans if a >= 0 and b <= len(pieces))
    return any(words.stems(each) in words.concepts for each in spoken)


@lru_cache(maxsize=20_000)
def _ordinal(word: str, language: str) -> int | None:
    words = lexicon(language)
    if language != "ru":
        return words.ordinal_words.get(word)
    # Russian ordinals are inflected: the stem and at most four letters of ending.
    fits = [n for w, n in words.ordinal_words.items() if word.startswith(w) and 1 <= len(word) - len(w) <= 3]
    return fits[0] if fits and word not in words.numbers else None


def _parse(digits: str) -> float:
    """The value of digits with separators: the last separator is decimal unless exactly three digits follow it."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", digits)
    *groups, last = re.split(r"[.,]", plain)
    if groups and len(last) == 3 and not (len(groups) == 1 and groups[0] == "0"):
        return float("".join([*groups, last]))
    return float("".join(groups) + "." + last) if groups else float(last)


_MILLIONS = re.compile(r"m(?=[\s-](?:us |u\.s\. )?(?:dollars?|usd|euros?|roubles?|rubles?)\b)", re.IGNORECASE)
"""Of money, "45m dollars" are no metres."""


def _scaled(text: str, value: float, end: int, words: Lexicon) -> tuple[float, int]:
    if _MILLIONS.match(text, end):
        return value * 1_000_000, end + 1
    after = re.compile(r"[\s-]{0,2}([^\W\d_]+)\.?").match(text, end)
    if after is None:
        return value, end
    word = fold(after.group(1))
    scale = words.scales.get(word)
    if scale is None and words.language in UNSPACED:
        prefix = max((w for w in words.scales if word.startswith(w)), key=len, default="")
        return (value * words.scales[prefix], after.start(1) + len(prefix)) if prefix else (value, end)
    if scale is None:
        scale = lexicon("en").scales.get(word)
    return (value * scale, after.end(1)) if scale and scale > 10 else (value, end)


def _unspaced(text: str, words: Lexicon) -> list[tuple[int, int]]:
    """Word boundaries by the longest known form; stretches without one stay whole."""
    known = words.function | {phrase[0] for phrase in words.concepts} | set(words.months)
    known |= {phrase[0] for phrase in words.asks}
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


class _Taken:
    """Which characters of a text are spoken for. A mark each: a table of ten thousand numbers is one sentence, and to hold
    each number against all others would take minutes."""

    def __init__(self, text: str) -> None:
        self._marks = bytearray(len(text))

    def take(self, start: int, end: int) -> None:
        self._marks[start:end] = b"\1" * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        return not any(self._marks[start:end])
