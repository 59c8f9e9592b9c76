"""Russian typed in Latin letters, written back in Cyrillic."""

from __future__ import annotations

import re

from assistant.text.languages import identify

_LETTERS = {
    "shch": "щ", "sch": "щ", "yo": "ё", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ya": "я",
    "iy": "ий", "yy": "ый", "ey": "ей", "oy": "ой", "ay": "ай", "uy": "уй", "ye": "е", "ju": "ю", "ja": "я", "'": "ь",
    "a": "а", "b": "б", "v": "в", "g": "г", "d": "д", "e": "е", "z": "з", "i": "и", "j": "й", "k": "к", "l": "л",
    "m": "м", "n": "н", "o": "о", "p": "п", "r": "р", "s": "с", "t": "т", "u": "у", "f": "ф", "h": "х", "c": "ц",
    "y": "ы", "w": "в", "x": "кс", "q": "к",
}  # fmt: skip
_LETTERS |= {  # "Rossiya": the y belongs to the vowel after it
    before + after: _LETTERS[before] + _LETTERS[after] for before in "aeiouy" for after in ("ya", "yu", "ye", "yo")
}
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LETTER = re.compile("|".join(sorted(map(re.escape, _LETTERS), key=len, reverse=True)))


def is_latin_russian(text: str) -> bool:
    """Whether a text in Latin letters reads as Russian."""
    return not _CYRILLIC.search(text) and identify(text) == "ru"


def to_cyrillic(text: str) -> str:
    """The text with its Latin words in Cyrillic; words in capitals (ASEAN, SOM) are abbreviations and stay."""
    return re.sub(
        r"[A-Za-z']+", lambda m: m.group() if m.group().isupper() and len(m.group()) > 1 else _word(m.group()), text
    )


def _word(word: str) -> str:
    cyrillic = _LETTER.sub(lambda m: _LETTERS[m.group()], word.lower())
    return cyrillic.capitalize() if word[0].isupper() else cyrillic
