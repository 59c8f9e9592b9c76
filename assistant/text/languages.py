"""Which language a text is written in: by its script, then by its closed-class words, then by a statistical model.

Closed-class words decide almost every question in the languages that have a lexicon, and cost microseconds; only what
they leave open is given to py3langid (0.5 s when first used).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from assistant.text.lexicon import closed_class, question_words, words_of
from assistant.text.normalise import fold

_LATIN = ("en", "id", "ms", "vi", "fil")
_SCRIPTS = [
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("my", re.compile(r"[\u1000-\u109f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("vi", re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)),
]

_BEGINNING = 2_000  # code points of a source that tell its language

# Malay and Indonesian share most closed-class words; these tell Malay apart.
_MALAY = frozenset(
    [
        "bilakah",
        "bahawa",
        "kerana",
        "adakah",
        "ialah",
        "mesyuarat",
        "berapakah",
        "negeri",
        "kerajaan",
        "pengerusi",
        "daripada",
        "anggaran",
        "ahli",
        "sebanyak",
        "dagangan",
        "pelaburan",
        "manakah",
        "lawatan",
        "pegawai",
        "kanan",
        "bilangan",
        "bila",
        "siber",
        "jenayah",
        "keganasan",
        "tarikh",
        "tempoh",
        "bandar",
        "dipengerusikan",
        "mempengerusikan",
        "timbalan",
        "perjanjian",
        "penyelaras",
        "keutamaan",
        "sahaja",
        "awak",
    ]
)


def identify(text: str) -> str:
    """The BCP 47 language of a text, "en" where nothing speaks for any."""
    if not any(map(str.isalpha, text)):
        return "en"
    for language, script in _SCRIPTS:
        if len(script.findall(text)) * 3 >= len(re.findall(r"[^\W\d_]", text)) or (
            language == "vi" and script.search(text)
        ):
            return language
    words = [fold(m.group()) for m in words_of(text)]
    if not words:
        return "en"
    scores = {language: _score(words, language) for language in _LATIN}
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best > second and best > 0:
        return max(scores, key=scores.__getitem__)
    if best > 0 and {language for language, score in scores.items() if score == best} == {"id", "ms"}:
        return "id"
    return _statistical(text)


@lru_cache(maxsize=10_000)
def _identified(beginning: str) -> str:
    return identify(beginning)


def language_of(declared: str | None, text: str) -> str:
    """The language that a source is read in: the one its metadata declares, or the one its beginning is written in."""
    return declared or _identified(text[:_BEGINNING])


def _score(words: list[str], language: str) -> float:
    known = lexicon_words(language)
    score = sum(2.0 if word in _asking(language) else 1.0 for word in words if word in known)
    if language == "ms":
        score += sum(1.5 if word in _MALAY else 0.0 for word in words) - 0.5
    return score


@cache
def lexicon_words(language: str) -> frozenset[str]:
    """The closed-class words of a language, without loading its concepts."""
    return closed_class(language)


@cache
def _asking(language: str) -> frozenset[str]:
    return question_words(language)


def _statistical(text: str) -> str:
    label: str = _identifier().classify(text)[0]
    return {"tl": "fil"}.get(label, label)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["en", "id", "ms", "vi", "tl", "ru", "th", "zh", "de", "fr", "es", "nl", "pt", "it"])
    return identifier
