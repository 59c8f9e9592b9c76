"""What is known of a language's words: closed-class words, what question words ask for, number words, and concepts.

A concept is a key that words of several languages share (`trade`: trade, perdagangan, торговля). Concepts come from
`data/glossary.tsv` and, for countries, from CLDR through Babel (key `country_sg`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.text.normalise import fold, stem

LANGUAGES = ("en", "id", "ru", "ms", "vi", "th", "fil", "zh")
"""Languages with words of their own here; any other is read with the English ones."""

UNSPACED = frozenset({"th", "zh"})
"""Written without spaces between words: looked up by the longest form that fits."""

MAX_PHRASE = 5  # words

_WORD = re.compile(r"[^\W_]+(?:['’](?=[^\W_])[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language. Phrases are tuples of stems; unspaced languages have one "stem" a phrase."""

    language: str
    function: frozenset[str]
    negation: frozenset[str]
    pronouns: frozenset[str]
    also: tuple[str, ...]
    asks: dict[tuple[str, ...], str]
    numbers: dict[str, int]
    scales: dict[str, int]
    ordinal_words: dict[str, int]
    ordinal_patterns: tuple[re.Pattern[str], ...]
    months: dict[str, int]
    concepts: dict[tuple[str, ...], tuple[str, ...]]

    def stems(self, words: Iterable[str]) -> tuple[str, ...]:
        return tuple(stem(word, self.language) for word in words)

    def longest_concept(self, stems: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
        """How many words from `at` make up the longest known phrase, and its concepts; (0, ()) if none does."""
        for length in range(min(MAX_PHRASE, len(stems) - at), 0, -1):
            if found := self.concepts.get(tuple(stems[at : at + length])):
                return length, found
        return 0, ()


def words_of(text: str) -> list[re.Match[str]]:
    """The words of a text in a script that writes spaces."""
    return list(_WORD.finditer(text))


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a BCP 47 language."""
    language = language.split("-")[0].lower()
    language = {"tl": "fil"}.get(language, language)
    if language not in LANGUAGES:
        language = "en"
    layers = [_words()[name] for name in (("id", "ms") if language == "ms" else (language,))]

    def listed(key: str) -> frozenset[str]:
        return frozenset(fold(word) for layer in layers for word in layer[key])

    def mapped(key: str) -> dict[str, int]:
        return {fold(word): value for layer in layers for word, value in layer[key].items()}

    return Lexicon(
        language=language,
        function=listed("function"),
        negation=listed("negation"),
        pronouns=listed("pronouns"),
        also=tuple(sorted(listed("also"), key=len, reverse=True)),
        asks={
            tuple(fold(phrase).split()) if language not in UNSPACED else (fold(phrase),): kind
            for layer in layers
            for kind, phrases in layer["asks"].items()
            for phrase in phrases
        },
        numbers=mapped("numbers"),
        scales=mapped("scales"),
        ordinal_words={fold(w): n for layer in layers for w, n in layer["ordinals"]["words"].items()},
        ordinal_patterns=tuple(re.compile(p, re.IGNORECASE) for layer in layers for p in layer["ordinals"]["patterns"]),
        months=_months(language),
        concepts=_concepts(language),
    )


@cache
def closed_class(language: str) -> frozenset[str]:
    """The closed-class words of a language and its question words, folded; loads no concepts."""
    layer = _words()[language]
    phrases = [*layer["function"], *layer["negation"], *layer["pronouns"], *(p for ps in layer["asks"].values() for p in ps)]
    return frozenset(word for phrase in phrases for word in fold(phrase).split())


def _concepts(language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], set[str]] = {}
    closed = closed_class(language)
    for concept, form in [*_glossary(language), *_countries(language)]:
        words = [fold(form)] if language in UNSPACED else [fold(m.group()) for m in words_of(form)]
        if words and len(words) <= MAX_PHRASE and not (len(words) == 1 and words[0] in closed):
            found.setdefault(tuple(stem(word, language) for word in words), set()).add(concept)
    return {phrase: tuple(sorted(concepts)) for phrase, concepts in found.items()}


def _glossary(language: str) -> Iterator[tuple[str, str]]:
    columns, *rows = _glossary_rows()
    column = columns.index(language)
    fallback = columns.index("id") if language == "ms" else column  # Malay cells hold what differs from Indonesian
    for row in rows:
        for cell in {row[column], row[fallback]}:
            for form in filter(None, cell.split(", ")):
                yield row[0].replace("demonym_", "country_"), form


def _countries(language: str) -> Iterator[tuple[str, str]]:
    from babel import Locale  # noqa: PLC0415  (30 ms; only when a language is first met)

    for code, name in Locale.parse(language).territories.items():
        if len(code) == 2:
            yield f"country_{code.lower()}", name


def _months(language: str) -> dict[str, int]:
    from babel import Locale  # noqa: PLC0415

    locale = Locale.parse(language)
    forms = {
        fold(name).rstrip("."): number
        for style in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[style][width].items()
    }
    return {name: number for name, number in forms.items() if not name.isdigit()}


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("data/words.toml").read_text(encoding="utf-8"))


@cache
def _glossary_rows() -> list[list[str]]:
    text = files(__package__).joinpath("data/glossary.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
