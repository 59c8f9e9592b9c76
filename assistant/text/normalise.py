"""Forms of a word that can be compared across spellings, scripts and scan errors."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer
from anyascii import anyascii
from rapidfuzz.distance import Indel

_STEMMERS = {"en": "english", "id": "indonesian", "ms": "indonesian", "ru": "russian"}

# Spellings of one sound that differ between transliterations (Morgulov / Моргулов, Tavares / Таварес, Iosif / Joseph).
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        ("ph", "f"), ("kh", "h"), ("gh", "g"), ("dzh|zh|dj", "j"), ("shch|sch|sh", "s"), ("tch|tsch", "ch"), ("ck|q", "k"),
        ("c(?!h)", "k"), ("th", "t"), ("w", "v"), ("x", "ks"), ("z", "s"), ("ou|oo", "u"), ("y", "i"), ("ii+", "i"),
    ]
]  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")

MIN_NAME_SIMILARITY = 0.8
"""Normalised Indel similarity (0..1) above which two names count as one; one letter in five may differ."""


def fold(text: str) -> str:
    """Case, compatibility forms and typographic apostrophes folded away; accents stay."""
    return unicodedata.normalize("NFKC", text).replace("’", "'").casefold()


def unmarked(word: str) -> str:
    """A folded word without its diacritics, as Vietnamese is often typed."""
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(c for c in letters if not unicodedata.combining(c))


@lru_cache(maxsize=65_536)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a folded word, or the word itself where the language has no stemmer."""
    algorithm = _STEMMERS.get(language)
    return _stemmer(algorithm).stemWord(word.replace("ё", "е")) if algorithm else word


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """How a name sounds, roughly, in ASCII: for comparing names across scripts and spellings."""
    sounds = re.sub(r"[^a-z0-9]", "", anyascii(word).lower())
    for pattern, sound in _SOUNDS:
        sounds = pattern.sub(sound, sounds)
    return _DOUBLED.sub(r"\1", sounds)


def same_name(a: str, b: str) -> bool:
    """Whether two skeletons are one name, allowing an inflected ending (Kuta, Куте) and a slip of the pen."""
    if a == b:
        return bool(a)
    short, long = sorted((a, b), key=len)
    if len(short) < 3:
        return False
    if long.startswith(short) and len(long) - len(short) <= 2 and len(short) >= 4:
        return True
    if len(short) <= 5:  # Kuta / Kute: the same but for the ending vowel
        return short[:-1] == long[:-1] and len(short) == len(long) and short[-1] in "aeiou" and long[-1] in "aeiou"
    return short[0] == long[0] and Indel.normalized_similarity(short, long) >= MIN_NAME_SIMILARITY


@lru_cache(maxsize=8)
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm)
