"""Transcripts: texts of which many a line begins with whoever says it ("MR. ARRIETA: Thank you, Chair.")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from assistant.text.lexicon import concept_class
from assistant.text.normalise import fold
from assistant.text.tokens import Token, tokens

MOST_WORDS = 6
"""Of a label: "CHAIR (Cllr. Judith Mbeki)"; more is a sentence that goes on after its colon."""
SPEAKERS, TURNS = 2, 2
"""A transcript has so many speakers at least who take so many turns each, of which a sentence follows their names: "Deadline:", too,
stands before many a line, and "Chair: Siti Rahma" in the minutes of each meeting."""

_TIME = r"[\[(]?\d{1,2}(?::\d{2}){1,2}(?:[.,]\d{1,3})?[\])]?[ \t]*(?:[-–—][ \t]*)?"
_LABEL = re.compile(rf"^[ \t>*_]*(?:{_TIME})?([^\W\d_][^:\n]{{0,59}}):[*_]*\s", re.MULTILINE)
_MARKS = " *_"
_SENTENCE = re.compile(r"[^\S\n]*(?:\S+[^\S\n]+){2}[^\n]*[.?!…]")


class Speaker(NamedTuple):
    """One who speaks: the label of their lines, its words, and those of them that name somebody or else say who it is ("CHAIR",
    "Project Manager")."""

    label: str
    words: tuple[Token, ...]
    name: tuple[Token, ...]


def label(line: str) -> str:
    """What a line begins with that may say who speaks, folded; "" for nothing."""
    found = _LABEL.match(line)
    return _folded(found[1]) if found else ""


@lru_cache(maxsize=256)
def speakers(text: str, language: str) -> Mapping[str, Speaker]:
    """Those who speak in a transcript, by what `label` gives of their lines; {} where a text is no transcript."""
    found = [(_folded(each[1]), each) for each in _LABEL.finditer(text)]
    turns = Counter(name for name, _ in found if name)
    often = Counter(name for name, each in found if name and _SENTENCE.match(text, each.end()))
    written = {name: each[1].rstrip(_MARKS) for name, each in reversed(found) if name} if len(often) >= SPEAKERS else {}
    said = {name: tokens(words, language) for name, words in written.items()}
    somebody = {name for name, words in said.items() if _names(words) or any(map(_is_actor, words))}
    if sum(often[name] >= TURNS for name in somebody) < SPEAKERS:
        return {}
    return {
        name: Speaker(written[name], words, _speaker(words, written[name]))
        for name, words in said.items()
        if turns[name] >= TURNS or (name in somebody and _is_capitalised(written[name]))
    }


def _folded(words: str) -> str:
    return fold(words.rstrip(_MARKS)) if words[0].isupper() and len(words.split()) <= MOST_WORDS else ""


def _is_capitalised(words: str) -> bool:
    """Whether words look like a name, to a bracket ("Lena Fox (chair)"): no sentence that goes on after its colon."""
    return all(word[0].isupper() for word in words.partition("(")[0].split())


def _is_actor(token: Token) -> bool:
    return "actor" in map(concept_class, token.concepts)


def _names(words: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(
        t for t in words if t.kind != "function" and not t.concepts and (t.kind == "name" or t.text[:1].isupper())
    )


def _speaker(words: tuple[Token, ...], written: str) -> tuple[Token, ...]:
    """The names of a label, those before a bracket if there are any, or else, and where they are but letters ("PhD C"), all words."""
    named, bracket = _names(words), written.find("(") % (len(written) + 1)
    named = tuple(t for t in named if t.end <= bracket) or named
    return named if any(len(t.text) > 1 for t in named) else tuple(t for t in words if t.kind != "function")
