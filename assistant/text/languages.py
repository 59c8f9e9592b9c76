"""Which language a text is written in: by its scripts and its closed-class words, then by other words, then by a model.

A word speaks for each language that has it, the less the more languages do. Closed-class words decide almost every
question and cost microseconds; what they leave open is asked of the glossary, and only a longer text in a language that
nothing here knows is given to py3langid (0.5 s when first used).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from anyascii import anyascii

from assistant.text.lexicon import UNSPACED, closed_class, question_words, words_of
from assistant.text.normalise import fold, unmarked

ASKING, COMMON = 2.0, 1.0
"""What a question word and another closed-class word speak for a language."""
PLAIN = 0.6
"""The part of it where a Vietnamese word lacks its diacritics or a Russian one its letters: others look like it then."""
CONTENT = 0.5
"""What a word of the glossary, or a letter that few languages write, speaks for a language."""
SURE = 0.5
"""How far ahead of the second the first language has to be for closed-class words alone to decide."""
MODEL_LETTERS = 20
"""Of a text, for the model to be asked; on less it guesses."""

_BEGINNING = 2_000  # code points of a source that tell its language
_SPACED = ("en", "id", "ms", "vi", "fil")  # in Latin letters, with a lexicon
_SCRIPTS = {
    "th": r"\u0e00-\u0e7f",
    "ja": r"\u3040-\u30ff",
    "ko": r"\uac00-\ud7af\u1100-\u11ff",
    "zh": r"\u3400-\u9fff",
    "ru": r"\u0400-\u04ff",
    "lo": r"\u0e80-\u0eff",
    "km": r"\u1780-\u17ff",
    "my": r"\u1000-\u109f",
    "ar": r"\u0600-\u06ff",
    "hi": r"\u0900-\u097f",
    "he": r"\u0590-\u05ff",
    "el": r"\u0370-\u03ff",
}
_SCRIPT = re.compile("|".join(f"(?P<{language}>[{letters}]+)" for language, letters in _SCRIPTS.items()))
_UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
_SELDOM = 30  # letters of a Ukrainian text for one that Russian lacks, at most
_LETTERS = {
    "vi": re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]"),
    "es": re.compile(r"[ñ¿¡áíóú]"),
    "de": re.compile(r"[ßäöü]"),
    "pt": re.compile(r"[ãõ]"),
    "fr": re.compile(r"[œçàèéêû]"),
}
_NAMES = frozenset({"asean"})  # in words.toml and the glossary, and no more of their language than of any
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»|„[^“”]*[“”]|「[^」]*」')
_ROMANISED = [
    ("shch", "sch"),
    ("kh", "h"),
    ("oy", "oi"),
    ("ay", "ai"),
    ("ey", "ei"),
    ("iy", "ii"),
    ("ya", "ia"),
    ("yu", "iu"),
]


def identify(text: str, otherwise: str = "en") -> str:
    """The BCP 47 language of a text; `otherwise` where nothing speaks for any."""
    return _identified(text) or otherwise


@lru_cache(maxsize=10_000)
def _identified(text: str) -> str:
    unquoted = _QUOTED.sub(" ", text)  # 'What does "tidak" mean?' is English
    text = unquoted if any(map(str.isalpha, unquoted)) else text
    script, letters = _script(text)
    words = [fold(m.group()) for m in words_of(_SCRIPT.sub(" ", text) if script else text)]
    scores = _scores(words, _closed_class())
    best = max(scores.values(), default=0.0)
    if script:
        spoken, others = _spoken(script, text), sum(map(len, words))
        if spoken > best or (spoken >= best and 3 * letters >= others):
            return script
    if not _decided(scores):
        for language, weight in _scores(words, _content()).items():
            scores[language] += weight
        for language, letters_of in _LETTERS.items():
            if marked := sum(1 for word in fold(text).split() if letters_of.search(word)):
                scores[language] += CONTENT * marked
    if not scores:
        return _statistical(text) if sum(map(len, words)) >= MODEL_LETTERS else ""
    first = max(scores.values())
    language = next(name for name in (*_SPACED, *scores) if scores[name] == first)
    return _malay_or_indonesian(words) if language == "id" else language


def language_of(declared: str | None, text: str) -> str:
    """The language that a source is read in: the one its metadata declares, or the one its beginning is written in."""
    return declared or identify(text[:_BEGINNING])


def _script(text: str) -> tuple[str, int]:
    """The language that the text's letters other than Latin stand for ("" if it has none), and how many they are."""
    letters: Counter[str] = Counter()
    for run in _SCRIPT.finditer(text):
        letters[str(run.lastgroup)] += len(run.group())
    if not letters:
        return "", 0
    if 8 * letters["ja"] >= letters["zh"]:  # kana among the characters, though not a single one in a long Chinese text
        letters["ja"] += letters.pop("zh", 0)
    language, count = letters.most_common(1)[0]
    if language == "ru" and len(_UKRAINIAN.findall(text)) * _SELDOM >= count:
        language = "uk"
    return language, count


def _spoken(language: str, text: str) -> float:
    """What the closed-class words in a text's other script speak for its language."""
    if language == "ru":
        words = [fold(m.group()) for m in words_of(text)]
        return sum(ASKING if w in question_words("ru") else COMMON for w in words if w in closed_class("ru"))
    if language in UNSPACED:
        found = _unspaced(language).findall(fold(text))
        return sum(ASKING if word in question_words(language) else COMMON for word in found)
    return 0.0


def _scores(words: Iterable[str], known: dict[str, dict[str, float]]) -> defaultdict[str, float]:
    scores: defaultdict[str, float] = defaultdict(float)
    for word in words:
        for language, weight in known.get(word, {}).items():
            scores[language] += weight
    return scores


def _decided(scores: dict[str, float]) -> bool:
    first, second, *_ = sorted((*scores.values(), 0.0, 0.0), reverse=True)
    return first >= COMMON and first - second >= SURE


def _malay_or_indonesian(words: list[str]) -> str:
    return "ms" if sum(_malay().get(word, 0.0) for word in words) > 0 else "id"


# --- word lists, each read when first needed -------------------------------------------------------------------------


@cache
def _closed_class() -> dict[str, dict[str, float]]:
    """What each closed-class word speaks for each language in Latin letters."""
    listed: dict[str, dict[str, float]] = {}

    def add(language: str, words: Iterable[str], weight: float) -> None:
        for word in words:
            if word not in _NAMES:
                listed.setdefault(word, {}).setdefault(language, weight)

    asking, common = _data()["asking"], _data()["common"]
    for language in sorted({*_SPACED, *asking, *common}):
        name = "id" if language == "ms" else language
        plain = PLAIN if language == "ru" else 1.0
        add(name, asking.get(language, ()), ASKING * plain)
        add(name, common.get(language, ()), COMMON * plain)
        if language in _SPACED:
            add(name, sorted(closed_class(language)), COMMON)
    for word in sorted(closed_class("vi")):
        add("vi", [unmarked(word)], PLAIN * (ASKING if word in asking["vi"] else COMMON))
    for word in sorted(closed_class("ru")):
        add("ru", _romanised(word), PLAIN * COMMON)
    return {
        word: {language: weight / len(languages) for language, weight in languages.items()}
        for word, languages in listed.items()
    }


@cache
def _content() -> dict[str, dict[str, float]]:
    """The same of the glossary's words, and those of small talk."""
    listed: dict[str, set[str]] = {}
    for language, forms in (*_glossary(), *_small_talk()):
        for word in fold(forms).replace(",", " ").replace("-", " ").split():
            if word not in _NAMES:
                listed.setdefault(word, set()).add("id" if language == "ms" else language)
    return {word: dict.fromkeys(sorted(spoken), CONTENT / len(spoken)) for word, spoken in listed.items()}


@cache
def _malay() -> dict[str, float]:
    """How surely words are Malay (above 0) rather than Indonesian (below)."""
    lists = ((name, sign) for name, sign in (("malay", 1.0), ("indonesian", -1.0)))
    weights = {"sure": 1.0, "weak": 0.5}
    return {word: sign * weights[kind] for name, sign in lists for kind in weights for word in _data()[name][kind]}


@cache
def _unspaced(language: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(closed_class(language), key=lambda word: (-len(word), word)))))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data/languages.toml").read_text(encoding="utf-8"))


def _glossary() -> Iterator[tuple[str, str]]:
    text = files(__package__).joinpath("data/glossary.tsv").read_text(encoding="utf-8")
    columns, *rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    for language in _SPACED:
        at = columns.index(language)
        yield language, ", ".join(row[at] for row in rows)


def _small_talk() -> Iterator[tuple[str, str]]:
    tables = tomllib.loads(files(__package__).joinpath("data/smalltalk.toml").read_text(encoding="utf-8"))
    for language in _SPACED:
        yield language, ", ".join(phrase for phrases in tables[language].values() for phrase in phrases)


def _romanised(word: str) -> list[str]:
    """A Russian word in Latin letters, in the spellings that are common."""
    spellings = [anyascii(word).lower().replace("'", "")]
    for letters, others in _ROMANISED:
        spellings += [spelling.replace(letters, others) for spelling in spellings if letters in spelling]
    return spellings


def _statistical(text: str) -> str:
    label: str = _identifier().classify(text)[0]
    return {"tl": "fil"}.get(label, label)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(
        "en id ms vi tl de fr es nl pt it pl cs sv da no fi hu ro hr tr".split()  # in Latin letters; the likely ones
    )
    return identifier
