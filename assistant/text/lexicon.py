"""What is known of a language's words: closed-class words, what question words ask for, number words, and concepts.

A concept is a key that words of several languages share (`trade`: trade, perdagangan, торговля). Concepts come from
`data/glossary.tsv` and, for countries, from CLDR through Babel (key `country_sg`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.text.normalise import fold, stem

LANGUAGES = ("en", "id", "ru", "ms", "vi", "th", "fil", "zh")
"""Languages with words of their own here; any other is read with the English ones."""

UNSPACED = frozenset({"th", "zh"})
"""Written without spaces between words: looked up by the longest form that fits."""

MAX_PHRASE = 5  # words
MIN_CORRECTED, LONG_WORD = 5, 8  # letters of a word
MAX_MEANT = 5  # words that a misspelt one may stand for
MIN_ASKED = 4  # letters of a word of a question phrase

_SAME = {"tl": "fil", "ms": "id"}
_LAYERS = {"id": ("id", "ms")}
"""Indonesian and Malay are read with the words of both: questions mix them, and short ones cannot be told apart."""

_WORD = re.compile(r"[^\W_]+(?:['’](?=[^\W_])[^\W_]+)*")


Concepts = dict[tuple[str, ...], tuple[str, ...]]
"""The concepts of phrases by their words."""


@dataclass(frozen=True)
class Lexicon:
    """The words of one language. Phrases are tuples of stems; unspaced languages have one "stem" a phrase."""

    language: str
    function: frozenset[str]
    negation: frozenset[str]
    sequence: frozenset[str]  # before, after
    up_to: frozenset[str]  # those of them that also say up to which level
    superlative: frozenset[str]  # largest, most
    naming: frozenset[str]  # name, called
    yes_no: tuple[str, ...]  # is it true that
    yes_no_first: tuple[str, ...]  # is, did
    alternative: frozenset[str]  # or
    either: frozenset[str]  # words that a question for yes or no does not have: or, whether
    concessive: frozenset[str]  # although
    about: frozenset[str]  # what something is said about follows
    paragraph: frozenset[str]
    last: frozenset[str]  # of several
    tags: tuple[str, ...]  # or not; longest first
    rhetorical: tuple[str, ...]  # isn't: it opens a question, and denies nothing
    where: frozenset[str]  # in, from
    emphasis: frozenset[str]  # exactly
    besides: frozenset[str]  # else, also
    own: frozenset[str]  # I, our
    year_before: frozenset[str]  # the year before, a year earlier
    two_years_ago: str  # what "the year before" is after "last year"
    views: tuple[str, ...]  # in your opinion
    causes: frozenset[str]  # because, due to
    what: frozenset[str]  # question words that ask for no kind of answer
    pronouns: frozenset[str]
    also: tuple[str, ...]  # longest first, as are the next two
    asides: tuple[str, ...]
    changes: tuple[str, ...]  # asides that change the subject
    asks: dict[tuple[str, ...], str]
    numbers: dict[str, int]
    scales: dict[str, int]
    ordinal_words: dict[str, int]
    ordinal_patterns: tuple[re.Pattern[str], ...]
    months: dict[str, int]
    month_phrases: re.Pattern[str] | None  # those of the months that are no single word ("tháng 2", "2月")

    # Made when they are asked for: of a source's language, whose words are told by its index, `concepts` seldom is.
    @cached_property
    def concepts(self) -> Concepts:
        """The concepts of each known phrase, by its stems."""
        return _concepts((self.stems(words), concept) for words, concept in _phrases_of(self.language))

    @cached_property
    def spelt(self) -> Concepts:
        """The same by whole words: a stem is shared by words of many meanings."""
        return _concepts(_phrases_of(self.language))

    def stems(self, words: Iterable[str]) -> tuple[str, ...]:
        return tuple(stem(word, self.language) for word in words)

    def longest_concept(self, stems: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
        """How many words from `at` make up the longest known phrase, and its concepts; (0, ()) if none does."""
        for length in range(min(MAX_PHRASE, len(stems) - at), 0, -1):
            if found := self.concepts.get(tuple(stems[at : at + length])):
                return length, found
        return 0, ()

    @cached_property
    def openings(self) -> frozenset[str]:
        """The stems that known phrases begin with: most words are none of them."""
        return frozenset(phrase[0] for phrase in self.concepts)

    @cached_property
    def cut_at(self) -> frozenset[str]:
        """The known words that a text without spaces is cut at, as they are written: folding makes two signs of Thai "ำ"."""
        known = self.function | {phrase[0] for phrase in self.concepts} | self.months.keys()
        known |= {phrase[0] for phrase in self.asks}
        return known | {word.replace("\u0e4d\u0e32", "\u0e33") for word in known}

    @cached_property
    def single_words(self) -> dict[str, tuple[str, ...]]:
        """The concepts of single stems."""
        return {phrase[0]: concepts for phrase, concepts in self.concepts.items() if len(phrase) == 1}

    @cached_property
    def spelt_words(self) -> dict[str, tuple[str, ...]]:
        """The concepts of single words as they are spelt."""
        return {phrase[0]: concepts for phrase, concepts in self.spelt.items() if len(phrase) == 1}

    @cached_property
    def _asking(self) -> tuple[str, ...]:
        """The words of question phrases that are long enough to be known with a slip in them."""
        return tuple(sorted({word for phrase in self.asks for word in phrase if len(word) >= MIN_ASKED}))

    def asked(self, word: str) -> str:
        """The word of a question phrase that an unknown word is one slip away from ("tanggl", "logn"), or the word."""
        if len(word) < MIN_ASKED or word in self.function or stem(word, self.language) in self.openings:
            return word
        found = process.extractOne(word, self._asking, scorer=OSA.distance, score_cutoff=1)
        return str(found[0]) if found and found[0][0] == word[0] else word

    def corrected(self, word: str) -> tuple[str, ...]:
        """The concepts of the known words or stems that a misspelt one most likely stands for: one slip in a word of five
        to seven letters, two in a longer one (optimal string alignment, so a swap of neighbours is one); () if none is.
        """
        slips = _slips(len(word))
        for known, by_initial in _alike(self.language, len(word)) if slips else ():
            if not process.extractOne(word, by_initial.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips):
                continue  # as with most words, which takes a tenth of the time to see
            found = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=MAX_MEANT)
            near = [form for form, slip, _ in found if slip == found[0][1] and form[0] == word[0]]
            if near:
                return tuple(sorted({concept for form in near for concept in known[form]}))
        return ()


def _slips(length: int) -> int:
    """How many slips a word of so many letters may have."""
    return 0 if length < MIN_CORRECTED else 1 if length < LONG_WORD else 2


@cache
def _alike(language: str, length: int) -> tuple[tuple[dict[str, tuple[str, ...]], dict[str, list[str]]], ...]:
    """The concepts of the stems and of the words that one of that length may stand for, and these words by their first
    letters: each slip adds or takes a letter at most. Two in three known words are of other lengths, and need not be compared."""
    words, slips = _lexicon(language), _slips(length)
    found = []
    for every in (words.single_words, words.spelt_words):
        known = {word: concepts for word, concepts in every.items() if abs(len(word) - length) <= slips}
        by_initial: dict[str, list[str]] = {}
        for word in known:
            by_initial.setdefault(word[:1], []).append(word)
        found.append((known, by_initial))
    return tuple(found)


def words_of(text: str) -> list[re.Match[str]]:
    """The words of a text in a script that writes spaces."""
    return list(_WORD.finditer(text))


def says_any(text: str, phrases: Collection[str], language: str) -> bool:
    """Whether a text of a language has one of the words: as a whole word, or anywhere where no spaces are written."""
    if language in UNSPACED:
        return any(word in text for word in phrases)
    return any(fold(m.group()) in phrases for m in words_of(text))


def lexicon(language: str) -> Lexicon:
    """The lexicon of a BCP 47 language."""
    language = language.split("-", maxsplit=1)[0].lower()
    language = _SAME.get(language, language)
    return _lexicon(language if language in LANGUAGES else "en")


@cache
def _lexicon(language: str) -> Lexicon:
    layers = [_words()[name] for name in _LAYERS.get(language, (language,))]

    def listed(key: str) -> frozenset[str]:
        return frozenset(fold(word) for layer in layers for word in layer.get(key, ()))

    def mapped(key: str) -> dict[str, int]:
        return {fold(word): value for layer in layers for word, value in layer[key].items()}

    months = _months(language) | mapped("months")
    return Lexicon(
        language=language,
        function=listed("function"),
        negation=listed("negation"),
        sequence=listed("sequence"),
        up_to=listed("up_to"),
        superlative=listed("superlative"),
        naming=listed("naming"),
        yes_no=tuple(sorted(listed("yes_no"))),
        yes_no_first=tuple(sorted(listed("yes_no_first"))),
        alternative=listed("alternative"),
        either=listed("alternative") | listed("either"),
        concessive=listed("concessive"),
        about=listed("about"),
        paragraph=listed("paragraph"),
        last=listed("last"),
        tags=tuple(sorted(listed("tags"), key=len, reverse=True)),
        rhetorical=tuple(sorted(listed("rhetorical"))),
        where=listed("where"),
        emphasis=listed("emphasis"),
        besides=listed("besides"),
        own=listed("own"),
        year_before=listed("year_before"),
        two_years_ago=_words()[language]["two_years_ago"],
        views=tuple(sorted(listed("views"))),
        causes=listed("causes"),
        what=listed("what"),
        pronouns=listed("pronouns"),
        also=tuple(sorted(listed("also"), key=len, reverse=True)),
        asides=tuple(sorted(listed("asides") | listed("changes"), key=len, reverse=True)),
        changes=tuple(sorted(listed("changes"), key=len, reverse=True)),
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
        months=months,
        month_phrases=_phrases(language, months),
    )


@cache
def group(name: str) -> frozenset[str]:
    """The keys of a group of concepts (`data/concepts.toml`), e.g. `group("light")` holds "c_mention"."""
    groups = tomllib.loads(files(__package__).joinpath("data/concepts.toml").read_text(encoding="utf-8"))
    return frozenset(f"c_{concept}" for concept in groups[name])


@cache
def concept_class(key: str) -> str:
    """What a concept (`c_...`) mostly is in a question: actor, thing, attribute, event, action or quality; "" for the
    keys that are none."""
    return _classes().get(key, "")


@cache
def relatives(keys: frozenset[str]) -> frozenset[str]:
    """The concepts that share a root or nearly the meaning with those among the keys, without these (`families.tsv`)."""
    concepts = [key for key in keys if key.startswith("c_")]
    return frozenset().union(*(_families().get(key, frozenset()) for key in concepts)) - keys


@cache
def _classes() -> dict[str, str]:
    columns, *rows = _glossary_rows()
    at = columns.index("class")
    return {f"c_{row[0]}": row[at] for row in rows}


@cache
def _families() -> dict[str, frozenset[str]]:
    text = files(__package__).joinpath("data/families.tsv").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        family = {f"c_{concept}" for concept in line.split("\t")} if not line.startswith("#") else set()
        for concept in family:
            found.setdefault(concept, set()).update(family)
    return {concept: frozenset(family) for concept, family in found.items()}


def _phrases(language: str, names: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for those of the names that the words of a text are not held against, longest first."""
    phrases = sorted((name for name in names if language in UNSPACED or " " in name), key=len, reverse=True)
    # No digit after a digit; where words have spaces, no letter, and no "times" ("tháng một lần", once a month).
    end = r"(?!(?<=\d)\d)" + ("" if language in UNSPACED else r"(?![^\W\d_]| lần)")
    return re.compile(rf"(?<!\d)(?:{'|'.join(map(re.escape, phrases))}){end}", re.IGNORECASE) if phrases else None


@cache
def question_words(language: str) -> frozenset[str]:
    """The words of one language's question phrases, folded; loads no concepts."""
    phrases = (phrase for each in _words()[language]["asks"].values() for phrase in each)
    return frozenset(word for phrase in phrases for word in fold(phrase).split())


@cache
def closed_class(language: str) -> frozenset[str]:
    """The closed-class words of one language and its question words, folded; loads no concepts."""
    layer = _words()[language]
    asks = (phrase for each in layer["asks"].values() for phrase in each)
    phrases = [*layer["function"], *layer["negation"], *layer["pronouns"], *asks]
    return frozenset(word for phrase in phrases for word in fold(phrase).split())


@cache
def _phrases_of(language: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The known phrases, each as its folded words, with what it is called."""
    layer = _words()[language]
    asks = (phrase for phrases in layer["asks"].values() for phrase in phrases)
    closed = frozenset(map(fold, (*layer["function"], *layer["negation"], *layer["pronouns"], *asks)))
    found = []
    for concept, form in [*_glossary(language), *_countries(language)]:
        folded = fold(form)
        words = (folded,) if language in UNSPACED else tuple(_WORD.findall(folded))
        if words and len(words) <= MAX_PHRASE and not (len(words) == 1 and words[0] in closed):
            found.append((words, concept))
    return tuple(found)


def _concepts(phrases: Iterable[tuple[tuple[str, ...], str]]) -> Concepts:
    """The concepts of each phrase, in order."""
    found: dict[tuple[str, ...], set[str]] = {}
    for words, concept in phrases:
        found.setdefault(words, set()).add(concept)
    return {words: tuple(sorted(concepts)) for words, concepts in found.items()}


@cache
def capitals(language: str) -> dict[str, str]:
    """The countries (`c_country_..`) by the stem of their capital, which stands for the government: "*Moscow* pledged"."""
    column = {"en": 1, "id": 2, "ru": 3}.get(language, 1)
    rows = files(__package__).joinpath("data/capitals.tsv").read_text(encoding="utf-8").splitlines()
    cells = [row.split("\t") for row in rows if not row.startswith(("#", "country"))]
    named = ((row[0], name) for row in cells for name in row[column].split(", "))
    return {stem(fold(name), language): f"c_country_{code.lower()}" for code, name in named}


def _glossary(language: str) -> Iterator[tuple[str, str]]:
    columns, *rows = _glossary_rows()
    spoken = [columns.index(name) for name in _LAYERS.get(language, (language,))]
    for row in rows:
        for cell in dict.fromkeys(row[column] for column in spoken):
            for form in filter(None, cell.split(", ")):
                yield row[0].replace("demonym_", "country_"), form


def _countries(language: str) -> Iterator[tuple[str, str]]:
    from babel import Locale

    for spoken in _LAYERS.get(language, (language,)):
        for code, name in Locale.parse(spoken).territories.items():
            if len(code) == 2:
                yield f"country_{code.lower()}", name
                if language == "ru" and " " not in name and name[-1] in _RUSSIAN_CONSONANTS:
                    yield f"country_{code.lower()}", f"{name}а"  # the stemmer takes "-ам" of "Вьетнам" for an ending


_RUSSIAN_CONSONANTS = frozenset("бвгджзклмнпрстфхцчшщ")
_RUSSIAN_ENDINGS = ("е", "ю", "у", "ем", "ём", "ом")
"""Of months ("в ноябре", "к маю"): CLDR has the nominative and the genitive."""


def _months(language: str) -> dict[str, int]:
    from babel import Locale

    forms = {
        fold(name).rstrip("."): number
        for locale in map(Locale.parse, _LAYERS.get(language, (language,)))
        for style in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[style][width].items()
    }
    declined = {
        name.rstrip("ьй") + ending: number
        for name, number in (forms.items() if language == "ru" else ())
        if name[-1] in "ьйт" and len(name) > 2
        for ending in _RUSSIAN_ENDINGS
    }
    return declined | {name: number for name, number in forms.items() if not name.isdigit()}


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("data/words.toml").read_text(encoding="utf-8"))


@cache
def _glossary_rows() -> list[list[str]]:
    text = files(__package__).joinpath("data/glossary.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
