"""Text as CommonMark that renders as exactly that text, and back."""

from __future__ import annotations

import re

_ACTIVE = re.compile(r"[\\`*_\[\]<>~|]|&(?=#?\w+;)|(?<=:)//|(?<=www)\.|(?<=[\n\r])(?:[-+=#>]|\d+(?=[.)]))|!(?=\[)")
"""What CommonMark, and GitHub's tables, strike-through and bare links, could take for markup inside a quote."""
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&#(\d{1,3});")


def escape(text: str) -> str:
    """Source text as CommonMark that renders as exactly that text (runs of white space aside)."""
    return _ACTIVE.sub(_escaped, text)


def unescape(markdown: str) -> str:
    """The plain text of an answer: what `escape` put in taken out again."""
    return _ENTITY.sub(lambda m: chr(int(m.group(1))), _ESCAPED.sub(r"\1", markdown))


def _escaped(active: re.Match[str]) -> str:
    found = active.group()
    return f"&#{ord(found[0])};{found[1:]}" if found[0].isdigit() else "".join(f"\\{c}" for c in found)
