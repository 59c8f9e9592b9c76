"""Text as CommonMark that renders as exactly that text, and quotes of it; and back."""

from __future__ import annotations

import re

_ACTIVE = re.compile(r"[\\`*_\[\]<>~|]|&(?=#?\w+;)|(?<=:)//|(?<=www)\.|(?<=[\n\r])(?:[-+=#>]|\d+(?=[.)]))|!(?=\[)")
"""What CommonMark, and GitHub's tables, strike-through and bare links, could take for markup inside a quote."""
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&#(\d{1,3});")
_MARKS, _AROUND_MARKS = ("“", "”"), ("«", "»")
_MARKER = re.compile(r"(?<!\\)\[\d+\]")
_BESIDE = re.compile(r"\s*\([^()\n]*\)")  # what an answer adds to a quote, after its marker
# Russian has titles in such marks too, after a word: "В источнике «...» сказано".
_OPENING = {"”": re.compile("“"), "»": re.compile("(?<![а-яё] )«")}


def escape(text: str) -> str:
    """Source text as CommonMark that renders as exactly that text (runs of white space aside)."""
    return _ACTIVE.sub(_escaped, text)


def unescape(markdown: str) -> str:
    """The plain text of an answer: what `escape` put in taken out again."""
    return _ENTITY.sub(lambda m: chr(int(m.group(1))), _ESCAPED.sub(r"\1", markdown))


def quotation(text: str) -> str:
    """Source text in quotation marks, as CommonMark; in other ones where it has such itself."""
    opens, closes = _AROUND_MARKS if any(mark in text for mark in _MARKS) else _MARKS
    return f"{opens}{escape(text)}{closes}"


def quotations(markdown: str) -> tuple[str, ...]:
    """What an answer quotes, each before its marker or at the end, as CommonMark."""
    found = []
    for at, part in enumerate(_MARKER.split(markdown)):
        beside = _BESIDE.match(part) if at else None
        said = part[beside.end() if beside else 0 :].rstrip()
        opening = _OPENING.get(said[-1:])
        if opening and (begins := opening.search(said)) and begins.end() < len(said) - 1:
            found.append(said[begins.end() : -1])
    return tuple(found)


def _escaped(active: re.Match[str]) -> str:
    found = active.group()
    return f"&#{ord(found[0])};{found[1:]}" if found[0].isdigit() else "".join(f"\\{c}" for c in found)
