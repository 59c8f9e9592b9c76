"""Scope: the source that a question is about. It may name one before it asks ("In the minutes of the board, who ...?"); within a
conversation it is likely the one of which words were shown last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from assistant.steps import evidence
from assistant.text.abbreviations import ends
from assistant.text.languages import language_of
from assistant.text.layout import opening
from assistant.text.lexicon import group
from assistant.text.matchable import Matchable
from assistant.text.questions import Analysis, analyse, asks_from, asks_something
from assistant.text.tokens import Token
from assistant.types import Passage, Source

ENOUGH = 0.6
"""Share of the words before a question that a source has where it says what it is; names and numbers it has all."""
FEWEST = 3
"""Words by which a source is told that are enough without one for a document ("On the seminar on islands in Kelmar: ...")."""
FEWEST_OPENING = 2
"""Words of a question that what a source opens with holds, for a passage to be read with it."""
SAME = 0.5
"""How surely (`evidence.match`) it has a word."""
BEGINNING = 600
"""Code points of a source in which a report says what it is about: headline, dateline and first sentences."""

_PART_ENDS = re.compile(r"[.:;!?\u2026]\s+|\s[-–—]\s|[,，]\s+|\s\(|\)\s*[:,]?\s*")
_SPOKEN = {
    "en": {"c_english_language"},
    "id": {"c_country_id", "c_indonesian_language"},
    "ru": {"c_country_ru", "c_russian_language"},
}


def spoken_of(question: Analysis, sources: Iterable[Source]) -> frozenset[Source]:
    """Those of the sources of which words were last shown in the conversation."""
    return frozenset(each for each in sources if any(words in each.text for words in question.shown))


def named_source(question: Analysis, sources: Sequence[Source]) -> tuple[Source, Analysis] | None:
    """The source that a question names before it asks, of these, and what it asks of that; None where it names none, or says of it
    what is not told there: "In the 2017 report, who ...?" asks about another one."""
    at = _asks_from(question)
    told = [token for token in question.content if token.end <= at]
    asked = any(token.start >= at and not evidence.is_light(token) for token in question.content)
    starts = _starts(question.text) if told and asked else []
    parts = [[token for token in told if token.start >= start] for start in starts]  # the last ones may tell it alone
    fits = [(fit, source) for said in parts for source in sources if (fit := _fit(said, source))]
    return (max(fits, key=lambda each: each[0])[1], _rest(question, at)) if fits else None


def named_above(question: Analysis, passage: Passage, above: Mapping[int, Matchable]) -> tuple[int, ...]:
    """Which of the sentences `above` a passage, by their numbers, tell what the question says of it and the passage lacks: its heading
    where that holds a word of it, and what its source opens with where that holds two, for one is in every question about it. A
    title stands before each sentence of its source already (`index.vectors.title_before`)."""
    lacking = [t for t, held in zip(question.content, passage.held, strict=True) if not (held or evidence.is_light(t))]
    opens, heading = passage.under
    named: tuple[int, ...] = ()
    for numbers, fewest in ((() if passage.source.has_title else opens, FEWEST_OPENING), (heading, 1)):
        said = sum(any(evidence.match(token, above[n]) >= SAME for n in numbers) for token in lacking)
        named += numbers if said >= fewest else ()
    return named


def _asks_from(question: Analysis) -> int:
    """Where a question begins to ask after parts that ask nothing, or after words for a document ("in the minutes *what* ..."); 0
    where it asks at once."""
    text, language = question.text, question.language
    starts = _starts(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if asks_something(text[start:end], language) or analyse(text[start:end], language).yes_no:
            if start:
                return start
            break
    first = asks_from(text, language)
    return first if any(_is_document(token) for token in question.content if token.end <= first) else 0


def _starts(text: str) -> list[int]:
    """Where the parts of a question begin."""
    return [0, *ends(_PART_ENDS, text)]


def _fit(said: Sequence[Token], source: Source) -> tuple[float, bool, int] | None:
    """How well words tell which source is meant: the share of them that it has where it says what it is, whether they name its
    language, and how many for such a document; None where they tell of another one."""
    documents = [token for token in said if _is_document(token)]
    spoken = [token for token in said if not token.keys.isdisjoint(_SPOKEN.get(_language(source), ()))]
    telling = [t for t in said if t not in documents and t not in spoken and not evidence.is_light(t)]
    title = _says_of_itself(source)
    beginning = evidence.bag(source.text[:BEGINNING], _language(source)) if documents else title

    def has(token: Token) -> bool:
        own = evidence.match(token, title) >= SAME
        return own or (token.kind in ("word", "name") and evidence.match(token, beginning) >= SAME)

    had = [token for token in telling if has(token)]
    if any(token.kind != "word" and token not in had for token in telling):
        return None
    if not had or len(had) < ENOUGH * len(telling) or not (documents or len(had) >= FEWEST):
        return None
    return len(had) / len(telling), bool(spoken), sum(map(has, documents))


def _rest(question: Analysis, at: int) -> Analysis:
    """A question without its first so many code points."""
    carried = tuple((token.start - at, token.end - at) for token in question.carried if token.start >= at)
    rest = analyse(question.text[at:], question.language, carried)
    return replace(rest, answered=question.answered, follows=question.follows, shown=question.shown)


@lru_cache(maxsize=64)
def _says_of_itself(source: Source) -> evidence.Bag:
    """The words by which a source says what it is: its title, its file's name, what it opens with, and who published it."""
    name = re.sub(r"[-_]+", " ", PurePosixPath(source.source_id).stem)
    words = (source.title, name, source.text[: opening(source.text)], source.publisher or "")
    return evidence.bag("\n".join(words), _language(source))


def _language(source: Source) -> str:
    return language_of(source.language, source.text).split("-")[0]


def _is_document(token: Token) -> bool:
    return not token.keys.isdisjoint(group("genres"))
