"""Transcripts: texts of which many a line begins with whoever says it ("MR. ARRIETA: Thank you, Chair.")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from assistant.text.lexicon import concept_class, lexicon, says_any
from assistant.text.normalise import fold
from assistant.text.tokens import Token, tokens

MOST_WORDS = 6
"""Of a label: "CHAIR (Cllr. Judith Mbeki)"; more is a sentence that goes on after its colon."""
SPEAKERS, TURNS = 2, 2
"""A transcript has so many speakers at least who take so many turns each, of which a sentence follows their names: "Deadline:", too,
stands before many a line, and "Chair: Siti Rahma" in the minutes of each meeting."""
SPOKEN = 2
"""Turns at least that ask something or speak in the first person: "London: Rain. Oslo: Snow." and reviews of things have none."""

_TIME = r"[\[(]?\d{1,2}(?::\d{2}){1,2}(?:[.,]\d{1,3})?[\])]?[ \t]*(?:[-–—][ \t]*)?"
_LABEL = re.compile(rf"^[ \t>*_]*(?:{_TIME})?([^\W\d_][^:\n]{{0,59}}):[*_]*(?:[ \t]|$)", re.MULTILINE)
_MARKS = " *_"
_LINE = re.compile(r"\s*([^\n]*)")
_SENTENCE = re.compile(r"\s*(?:\S+[^\S\n]+){2}[^\n]*[.?!…]")
_RECORDS = frozenset(
    "c_act c_agree c_deadline c_decide c_note c_outcome c_resolution_decision c_resolution_document c_result_outcome c_vote".split()
)
"""What a label may stand for that is nobody: "Decision: ...", "Note: ..."."""


class Speaker(NamedTuple):
    """One who speaks: the label of their lines, its words, and those of them that name somebody or else say who it is ("CHAIR",
    "Project Manager"); none where the label is of what is noted down ("Decision")."""

    label: str
    words: tuple[Token, ...]
    name: tuple[Token, ...]


def label(line: str) -> str:
    """What a line begins with that may say who speaks, folded; "" for nothing."""
    found = _LABEL.match(line)
    return _folded(found[1]) if found else ""


def unlabelled(line: str, speaking: Mapping[str, Speaker]) -> str:
    """A line without what says which of the speakers says it."""
    found = _LABEL.match(line)
    return line[found.end() :] if found and _folded(found[1]) in speaking else line


@lru_cache(maxsize=256)
def speakers(text: str, language: str) -> Mapping[str, Speaker]:
    """Those who speak in a transcript, by what `label` gives of their lines; {} where a text is no transcript."""
    found = [(name, each) for each in _LABEL.finditer(text) if (name := _folded(each[1]))]
    turns = Counter(name for name, _ in found)
    often = Counter(name for name, each in found if _SENTENCE.match(text, each.end()))
    spoken = (each for name, each in found if turns[name] >= TURNS and _is_spoken(text, each.end(), language))
    if len(often) < SPEAKERS or len(list(islice(spoken, SPOKEN))) < SPOKEN:
        return {}
    written = {name: each[1].rstrip(_MARKS) for name, each in reversed(found)}
    again = {name: tokens(written[name], language) for name, count in turns.items() if count >= TURNS}
    if sum(often[name] >= TURNS and _tells_of_somebody(words) for name, words in again.items()) < SPEAKERS:
        return {}
    once = {
        name: tokens(written[name], language) for name in turns if name not in again and _is_capitalised(written[name])
    }
    said = again | {name: words for name, words in once.items() if _tells_of_somebody(words)}
    return {
        name: Speaker(written[name], words, () if _is_record(words) else _named(words, written[name]))
        for name, words in said.items()
    }


def _is_record(words: tuple[Token, ...]) -> bool:
    return any(not token.keys.isdisjoint(_RECORDS) for token in words)


def _folded(words: str) -> str:
    return fold(words.rstrip(_MARKS)) if words[0].isupper() and len(words.split()) <= MOST_WORDS else ""


def _is_spoken(text: str, start: int, language: str) -> bool:
    """Whether what is said in a line, or in the one below its label, asks something or is in the first person."""
    line = _LINE.match(text, start)
    return line is not None and ("?" in line[1] or says_any(line[1], lexicon(language).own, language))


def _is_capitalised(words: str) -> bool:
    """Whether words look like a name, to a bracket ("Lena Fox (chair)"): no sentence that goes on after its colon."""
    return all(word[0].isupper() for word in words.partition("(")[0].split())


def is_actor(token: Token) -> bool:
    """Whether a word is for somebody by what they do or are ("minister")."""
    return "actor" in map(concept_class, token.concepts)


def _tells_of_somebody(words: tuple[Token, ...]) -> bool:
    return not _is_record(words) and (any(map(_is_name, words)) or any(map(is_actor, words)))


def _is_name(token: Token) -> bool:
    is_written = token.kind == "name" or token.text[:1].isupper()
    return token.kind != "function" and not token.concepts and is_written


def _named(words: tuple[Token, ...], written: str) -> tuple[Token, ...]:
    """The names of a label, those before a bracket if there are any, where beside them are but roles ("Minister Karela"); else, and
    where they are but letters ("PhD C"), all words."""
    telling = tuple(t for t in words if t.kind != "function")
    before = tuple(t for t in telling if t.end <= len(written.partition("(")[0]))
    for part in (before, telling):
        names = tuple(filter(_is_name, part))
        if any(len(t.text) > 1 for t in names):
            return names if all(t in names or is_actor(t) for t in part) else part
    return telling
