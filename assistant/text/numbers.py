"""The numbers of a text, in digits with marks and scales ("18,5 miliar", "18 พันล้าน") and in words ("dua puluh", "шестнадцатой")."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from assistant.text.lexicon import UNSPACED, Lexicon, lexicon
from assistant.text.normalise import fold

Piece = tuple[int, int, str]
"""A word's start and end, and the word folded."""
NumberKind = Literal["number", "year", "ordinal", "month"]
Number = tuple[int, int, NumberKind, float]
"""Where a number begins and ends, its kind and its value; a month's is 1 to 12."""

_NUMBER = re.compile(r"(?<![a-zа-яё]{3})\d+(?:[.,\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)?")  # "kata2" is "kata-kata"


def numbers(text: str, words: Lexicon, pieces: list[Piece]) -> Iterator[Number]:
    """The numbers, years, ordinals and months of several words of a text, none within another; `pieces` are its words."""
    taken = Taken(text)
    for m in words.month_phrases.finditer(text) if words.month_phrases else ():
        taken.take(*m.span())
        yield *m.span(), "month", words.months[fold(m.group())]
    for pattern in words.ordinal_patterns + (lexicon("en").ordinal_patterns if words.language != "en" else ()):
        for m in pattern.finditer(text):
            if taken.is_free(*m.span()):
                taken.take(*m.span())
                value = float(m.group(1))
                yield *m.span(), "year" if _is_year(m.group(1), value) else "ordinal", value
    for m in _NUMBER.finditer(text):
        if not taken.is_free(*m.span()):
            continue
        value, end = _compound(text, _parse(m.group()), m.end(), words)
        taken.take(m.start(), end)
        yield m.start(), end, "year" if _is_year(m.group(), value) else "number", value
    for start, end, kind, value in _spelled(text, words, pieces):
        if taken.is_free(start, end):
            taken.take(start, end)
            yield start, end, kind, value


def _is_year(digits: str, value: float) -> bool:
    return value.is_integer() and 1800 <= value <= 2200 and len(digits) == 4


def _spelled(text: str, words: Lexicon, pieces: list[Piece]) -> Iterator[Number]:
    """Numbers written in words: "three", "dua puluh", "двадцать", "ketiga", "шестнадцатой"."""
    if words.language in UNSPACED:
        forms = sorted({*words.numbers, *words.scales, *words.ordinal_words}, key=len, reverse=True)
        inside = Taken(text)
        for start, end, word in pieces:
            if text[start:end] in words.cut_at and word not in forms:
                inside.take(start, end)
        found = [(*m.span(), m.group()) for m in re.finditer("|".join(map(re.escape, forms)), text)]
        found = [piece for piece in found if inside.is_free(*piece[:2])]  # "สาม", three, in "สามารถ", can
        at = 0
        while at < len(found):
            start, end, word = found[at]
            if word in words.numbers:
                end, kind, value, at = _in_words(text, words, found, at)
                yield start, end, kind, value
            else:
                at += 1
                if word in words.ordinal_words:
                    yield start, end, "ordinal", float(words.ordinal_words[word])
        return
    at = 0
    while at < len(pieces):
        start, end, word = pieces[at]
        at += 1
        ordinal = _ordinal(word, words.language)
        if (ordinal is None and word not in words.numbers) or _within_phrase(pieces, at - 1, words):
            continue  # "come first", "в первую очередь", "kedua belah pihak"
        if (word, words.language) == ("năm", "vi") and (
            text[end : end + 2].strip().isdigit() or _is_phrase(pieces, at - 1, at + 1, words)
        ):
            continue  # "năm 2019" is no five but a year, and "năm ngoái" the last one
        if word == "first" and _ENDS_CLAUSE.match(text, end):
            continue  # "what ends first, ...?": of no thing the first one
        if ordinal is not None:
            if ordinal < 10 and at < len(pieces) and pieces[at][2] == "belas":  # "keenam belas"
                ordinal, end, at = ordinal + 10, pieces[at][1], at + 1
            yield start, end, "ordinal", float(ordinal)
            continue
        at -= 1
        end, kind, value, at = _in_words(text, words, pieces, at)
        yield start, end, kind, value


def _in_words(text: str, words: Lexicon, pieces: list[Piece], at: int) -> tuple[int, NumberKind, float, int]:
    """Where the number in words that begins at a piece ends, its kind ("twenty-*first*" is an ordinal) and value, and the piece after
    it. Words in a row are one number as long as each fits into what those before leave open: "two thousand nineteen", "dua ratus
    lima puluh ribu", "сто пятьдесят", but not "two three".
    """
    said = Said(ten_leads=words.language in ("vi", *UNSPACED))
    end = pieces[at][0]
    while at < len(pieces) and _GAP.fullmatch(text, end, pieces[at][0]):
        _, stop, word = pieces[at]
        ordinal = _ordinal(word, words.language) if words.language in ("en", "ru") else None
        if ordinal is not None and said.value and said.leaves_open(ordinal):
            value = said.value + ordinal
            return stop, "year" if 1800 <= value <= 2200 else "ordinal", value, at + 1
        joins = word == "and" and words.language == "en" and said.value >= 100
        if joins and _adds_to(said, [piece[2] for piece in pieces[at + 1 : at + 3]], words):
            end, at = stop, at + 1
            continue
        if not said.take(words.numbers.get(word), words.scales.get(word)):
            break
        end, at = stop, at + 1
    return end, "number", said.value, at


def _adds_to(said: Said, after: list[str], words: Lexicon) -> bool:
    """Whether the next words are a number that goes on with the one so far ("one hundred and *five*", "... and *two thousand*"),
    and not another one ("between one hundred and *two hundred*")."""
    number = words.numbers.get(after[0]) if after else None
    scale = words.scales.get(after[1], 1) if len(after) > 1 else 1
    return number is not None and said.leaves_open(number * (1 if said.is_multiplied_by(scale) else scale))


_ENDS_CLAUSE = re.compile(r"\s*(?:[.?!:;]|$|,(?!\s*(?:second|and|or)\b))")


def _within_phrase(pieces: list[Piece], at: int, words: Lexicon) -> bool:
    """Whether a word is part of a known phrase, of two words or with one on either side or two after it."""
    return any(_is_phrase(pieces, a, b, words) for a, b in ((at - 1, at + 1), (at - 1, at + 2), (at, at + 3)))


def _is_phrase(pieces: list[Piece], start: int, end: int, words: Lexicon) -> bool:
    spoken = [piece[2] for piece in pieces[start:end]] if start >= 0 and end <= len(pieces) else []
    return bool(spoken) and words.stems(spoken) in words.concepts


@lru_cache(maxsize=20_000)
def _ordinal(word: str, language: str) -> int | None:
    words = lexicon(language)
    if language != "ru":
        return words.ordinal_words.get(word)
    # Russian ordinals are inflected: the stem and at most three letters of ending.
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


def _compound(text: str, value: float, end: int, words: Lexicon) -> tuple[float, int]:
    """A number with its words of scale and what goes on with it on smaller ones, and where that ends: "1 billion 240 million",
    "1 млрд. 240 млн", "12亿4000万". Where the first is not round ("1.5 million"), or a comma or a word stands between, they are two.
    """
    whole, end, scale = _scaled(text, value, end, words)
    while scale and whole % scale == 0:
        more = _goes_on(text, end, scale, words)
        if more is None:
            break
        value, end, scale = more
        whole += value
    return whole, end


def _goes_on(text: str, end: int, scale: int, words: Lexicon) -> tuple[float, int, int] | None:
    """The value of a number right behind another one that is smaller than that one's scale, where it ends, and its own scale;
    0 for a last one without ("12万5000", 125,000), which only a script without spaces has. None where there is none such.
    """
    unspaced = words.language in UNSPACED
    gap = (_UNSPACED_JOINT if unspaced else _ABBREVIATED_JOINT if _ABBREVIATION.search(text, 0, end) else _JOINT).match(
        text, end
    )
    digits = _NUMBER.match(text, gap.end()) if gap else None
    if digits is None:
        return None
    value, stop, smaller = _scaled(text, _parse(digits.group()), digits.end(), words)
    if "." in text[end : digits.start()] and not _ENDS_SUM.match(text, stop):
        return None
    # Of 3亿 only thousands of 万 are left open, so that 3亿2019 is no number; 2019年 is a year.
    a_year = _is_year(digits.group(), value) and text.startswith("年", stop)
    adjoins = unspaced and digits.start() == end and value * 10 >= scale and not a_year
    return (value, stop, smaller) if value < scale and (smaller >= LEAST_SCALE or adjoins) else None


LEAST_SCALE = 1_000
"""What makes a number large enough to be said on two scales: "2 puluh", "2 belas" are no notation."""
_JOINT = re.compile("[ \u00a0\u202f]")
_ABBREVIATED_JOINT = re.compile(r"\.?[ \u00a0\u202f]")
_ENDS_SUM = re.compile(
    r"\.?+(?:\s\d|\s(?-i:[A-ZА-ЯЁ])|\s(?:руб|долл|евро|юан|dollar|dolar|euro|rupiah|rouble|ruble|rubel|usd|us\b)"
    r"|(?:\s[^\W\d_]+)?\s*(?:[,.;:!?)»”]|$))",
    re.IGNORECASE,
)
"""What follows a number that goes on across a full stop: money, another number, or one word at most and the end. In "Вышло 5 млн.
300 тыс. человек пришли" the full stop may end a sentence."""
_UNSPACED_JOINT = re.compile("[ \u00a0\u202f]?")
_ABBREVIATION = re.compile(r"(?:тыс|млн|млрд|трлн|bn|mn|tn|rb|jt)\Z", re.IGNORECASE)
"""Words of scale after which a full stop may end no sentence."""


def _scaled(text: str, value: float, end: int, words: Lexicon) -> tuple[float, int, int]:
    """A number times the words of scale behind it, each larger than the one before ("18 thousand million"), where it ends, and what
    it was multiplied by; 0 for nothing."""
    if _MILLIONS.match(text, end):
        return value * 1_000_000, end + 1, 1_000_000
    scale, after = _scale(text, end, words)
    times, least = 1, 10  # "2 puluh", "2 belas" are no notation
    while scale > least:
        times, end, least = times * scale, after, scale
        scale, after = _scale(text, end, words)
    return value * times, end, times if times > 1 else 0


_WORD_BEHIND = re.compile(r"[\s-]{0,2}(?:na\s)?([^\W\d_]+)\.?")  # Filipino "6.9 *na* milyon"
_GAP = re.compile(r"[\s-]{0,2}")


def _scale(text: str, end: int, words: Lexicon) -> tuple[int, int]:
    """What the word behind a number multiplies it by, and where that ends; 0 where it is no scale."""
    if words.language in UNSPACED:
        gap = _GAP.match(text, end)
        start = gap.end() if gap else end
        least = 100_000 if words.language == "th" else 1  # those below begin other words
        scales = [each for each, value in words.scales.items() if value >= least and text.startswith(each, start)]
        word = "" if text.startswith("百分", start) else max(scales, key=len, default="")  # percent
        return words.scales.get(word, 0), start + len(word)
    after = _WORD_BEHIND.match(text, end)
    if after is None:
        return 0, end
    word = fold(after.group(1))
    return words.scales.get(word) or lexicon("en").scales.get(word, 0), after.end(1)


class Said:
    """A number in words as far as it was said."""

    def __init__(self, *, ten_leads: bool) -> None:
        self._complete: list[tuple[float, int]] = []  # what was said up to a scale of a thousand or more, with that
        self._below = self._last = 0.0  # what comes after, and the last number of it
        self._ten_leads = ten_leads  # eleven is "ten one"

    @property
    def value(self) -> float:
        return sum(amount for amount, _ in self._complete) + self._below

    def leaves_open(self, number: float) -> bool:
        """Whether a number fits in beside those so far: 5 after 20 or 100, nothing after 5."""
        if self._below % 100 == 10 and not self._ten_leads:
            return False
        least = self._complete[-1][1] if self._complete else math.inf
        room = next((unit for unit in (1000, 100, 10) if self._below % unit == 0), 1) if self._below else least
        return 0 < number < room

    def is_multiplied_by(self, scale: int) -> bool:
        """Whether a scale is of all that was said since the last one: the thousand of "one hundred and two *thousand*"."""
        return 0 < self._below < scale

    def take(self, number: int | None, scale: int | None) -> bool:
        """Adds a word that is a number, a scale (of the last number or of all below), or either; False where it does not fit. Nothing
        may stand between hundreds and ones: 一百零五, 105."""
        if scale is not None and (number is None or 0 < self._last < 10):
            self._multiply(scale)
        elif number is not None and (not self.value or self.leaves_open(number) or (not number and self.value >= 100)):
            self._below, self._last = self._below + number, float(number)
        else:
            return False
        return True

    def _multiply(self, scale: int) -> None:
        if scale < 0:  # Indonesian "belas" adds ten
            self._below += 10
        elif scale < 1000:  # "lima *puluh*" after "seratus"
            self._below += max(self._last, 1.0) * scale - self._last
        else:
            smaller = [amount for amount, least in self._complete if least < scale]  # "thousand *million*"
            del self._complete[len(self._complete) - len(smaller) :]
            self._complete.append((max(sum(smaller) + self._below, 1.0) * scale, scale))
            self._below = 0.0
        self._last = 0.0


class Taken:
    """Which characters of a text are spoken for. A mark each: a table of ten thousand numbers is one sentence, and to hold
    each number against all others would take minutes."""

    def __init__(self, text: str) -> None:
        self._marks = bytearray(len(text))

    def take(self, start: int, end: int) -> None:
        self._marks[start:end] = b"\1" * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        return not any(self._marks[start:end])
