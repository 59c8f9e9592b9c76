"""Texts of sources, questions and models as HTML in which nothing of theirs can act as markup."""

from __future__ import annotations

import re

from babel import Locale, UnknownLocaleError


def exact(text: str) -> str:
    """HTML that shows exactly this text: every character but letters, digits and spaces is encoded.

    Escaping `<`, `>` and `&` alone is not enough in Gradio's chat, which reformats, links or cuts what is left.
    """
    return "".join(char if char.isalnum() or char in _RAW else f"&#{ord(char)};" for char in text)


# A reference to a C1 control character means another character in HTML (windows-1252), so those stand for themselves.
_RAW = frozenset(" ") | {chr(code) for code in range(0x80, 0xA0)}


def lang_class(language: str | None) -> str:
    """A class that tells a text's language: the chat lets no `lang` through, so the page's program sets it from this."""
    return f"lang-{language}" if language and re.fullmatch(r"[A-Za-z0-9-]+", language) else ""


def locale_of(language: str) -> Locale:
    """How dates and numbers are written for readers of a language."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
