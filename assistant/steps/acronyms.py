"""What acronyms a question wants spelt out, and which passages say what one stands for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from anyascii import anyascii

from assistant.steps.evidence import bag_of
from assistant.text.lexicon import words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, read
from assistant.types import Passage

ACRONYM = "#"
_WORD = re.compile(r"#|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff]|[\w'’]+")
LONG = 3
"""Letters of an acronym that may leave a word out: two capitals stand in too many rows of words."""


def asked_acronyms(question: Analysis) -> tuple[str, ...]:
    """The acronyms that a question wants spelt out ("What does *SOM* stand for?"), or one that it asks nothing but the
    meaning of ("What is *SOM*?")."""
    texts = (token.text for token in question.content)
    acronyms = tuple(t for t in texts if len(t) > 1 and t[0].isupper() and t[-1].isupper())  # SOM, MoU
    if any("c_abbreviation" in read(token) for token in question.content):
        return acronyms
    return acronyms if len(acronyms) == 1 and _asks_meaning(question, acronyms[0]) else ()


def spells_out(passage: Passage, acronym: str) -> bool:
    """Whether a passage says what an acronym stands for or is: "Senior Officials Meeting (SOM)", "SOM (Senior ...)", "SOM is a
    ...", "SOM is short for ...", or words in a row with these initials."""
    written = {(passage.text, acronym), (anyascii(passage.text), anyascii(acronym))}  # АСЕАН, ASEAN
    named = any(fold(short) in map(fold, _words(text)) for text, short in written)
    told = named and "c_abbreviation" in bag_of(passage).keys
    return told or any(_spells_out(text, short) for text, short in written)


def _spells_out(text: str, acronym: str) -> bool:
    folded, short = fold(text), fold(acronym)
    if _is_beside(folded, short) or (short in folded and _is_defined(text, acronym)):
        return True
    if len(acronym) < LONG:
        return False
    initials = "".join(word[0] for word in _words(text) if fold(word) != short)
    return acronym in initials or any(acronym.upper() in row for row in _capitals(text, short))


def _is_beside(folded: str, short: str) -> bool:
    """Whether words that begin as an acronym does stand right beside it in brackets: no signature "(dar)" after a full stop."""
    after = re.search(rf"\b{re.escape(short)} \((\w)", folded)
    before = re.search(rf"((?:[\w'’-]+ ){{1,{2 * len(short)}}})\({re.escape(short)}\)", folded)
    words = [*(before[1].split() if before else ()), *(after[1] if after else ())]
    return any(word[0] == short[0] for word in words)


def _is_defined(text: str, acronym: str) -> bool:
    """Whether a clause begins with an acronym and says what it is: not "the chair of *SOM is a* man"."""
    clauses = (_masked(fold(clause), fold(acronym)) for clause in re.split(r"[.,;:!?()“”\"]", text))
    return any(clause.removeprefix(" the").startswith(tuple(_phrases("told"))) for clause in clauses)


def _words(text: str) -> list[str]:
    return [m.group() for m in words_of(text)]


def _asks_meaning(question: Analysis, acronym: str) -> bool:
    asked = _masked(fold(question.text), fold(acronym)).removeprefix(_spaced(fold(question.opens_with)).rstrip())
    for words in sorted(_phrases("besides"), key=len, reverse=True):
        asked = asked.replace(words, " ")
    return _spaced(asked) in _phrases("asked")


def _masked(folded: str, short: str) -> str:
    """The words of a text, the acronym as `ACRONYM`, with a space around each."""
    return _spaced(re.sub(rf"(?<![a-z0-9]){re.escape(short)}(?![a-z0-9])", ACRONYM, folded))


def _spaced(text: str) -> str:
    """The words of a text with a space around each; where none are written, the letters."""
    return f" {' '.join(_WORD.findall(text))} "


def _capitals(text: str, short: str) -> Iterable[str]:
    """The initials of words in a row that begin with capitals, at most one other between two of them ("Information and
    Communication Technologies"); the acronym itself is none of them."""
    for part in re.split(r"[^\w\s'’-]", text):
        row, others = "", 0
        for word in part.split():
            if fold(word) == short:
                continue
            if not word[0].isupper():
                others += 1
                continue
            if others > 1:
                yield row
                row = ""
            row, others = row + word[0], 0
        yield row


@cache
def _phrases(name: str) -> frozenset[str]:
    """What `acronyms.toml` lists under a name, with a space around each."""
    listed = tomllib.loads(files(__package__).joinpath("acronyms.toml").read_text(encoding="utf-8"))[name]
    return frozenset(_spaced(fold(phrase)) for phrase in listed)
