"""Scope: the source that a question is about. It may name one ("In the minutes of the board, who ...?"); within a
conversation it is likely the one of which words were shown last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePosixPath

from assistant.steps import evidence
from assistant.steps.claims import NUMERIC
from assistant.text.abbreviations import ends
from assistant.text.languages import language_of
from assistant.text.layout import opening
from assistant.text.lexicon import concept_class, group, lexicon, says_any, words_of
from assistant.text.matchable import Matchable
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, analyse, asks_from, asks_something
from assistant.text.tokens import Token
from assistant.types import Passage, Source

ENOUGH = 0.6
"""Share of the words by which a question names a document that the source has; the others stay in the question."""
SAME = 0.5
"""How surely (`evidence.match`) it has one."""
FEWEST_OPENING = 2
"""Words of a question that what a source opens with holds, for a passage to be read with it."""
BEGINNING = 600
"""Code points of a source in which a report says what it is about: headline, dateline and first sentences."""
DATELINE = 250
"""Those in which it has its dateline and first sentence."""
SHORT = 20
"""Code points; a quotation that is shorter may stand in any source."""
FACTS = NUMERIC | {"name"}

Span = tuple[int, int]

_PART_ENDS = re.compile(r"[.:;!?\u2026]\s+|\s[-–—]\s|[,，]\s+|\s\(|\)\s*[:,]?\s*")
_SPOKEN = {  # languages that documents are called by ("the Russian programme")
    "en": {"c_english_language"},
    "id": {"c_country_id", "c_indonesian_language"},
    "ru": {"c_country_ru", "c_russian_language"},
}
_ACCORDING = frozenset("according per menurut berdasarkan dalam pada согласно по в из theo".split())
_IF = frozenset("if unless unlike instead except jika apabila andai kecuali если вместо".split())


def shows(question: Analysis, source: Source) -> bool:
    """Whether a source has the words that were last shown in the conversation."""
    return len(question.shown) >= SHORT and question.shown in source.text


def spoken_of(question: Analysis, candidates: Sequence[Passage]) -> Source | None:
    """The source, of those of the candidates, of which words were last shown in the conversation; None where they lack a name, number
    or time of the question that others have."""
    source = next((passage.source for passage in candidates if shows(question, passage.source)), None)
    facts = [n for n, token in enumerate(question.content) if token.kind in FACTS and token not in question.carried]
    having = [{passage.source for passage in candidates if passage.near[n]} for n in facts]
    return None if any(sources and source not in sources for sources in having) else source


def describes_document(question: Analysis) -> bool:
    """Whether a question says first which document it is about."""
    leading = (_within(question, told) for told, _ in _splits(question) if told[0] == 0)
    return any(any(map(_is_document, told)) for told in leading)


def named_source(question: Analysis, sources: Sequence[Source]) -> tuple[Source, Analysis] | None:
    """The one source, of these, that a question names before it asks or at its end, and what it asks of that; None where it names
    none, or several, or one that is none of these ("In the *2017* report, who ...?"), or leaves it out ("*After* the 8th ..."), and
    where it names a publisher, who may have published several."""
    for told, asking in _splits(question):
        named = question.text[slice(*told)]
        by_publisher = any(each.publisher and evidence.says(named, each.publisher) for each in sources)
        if by_publisher or _leaves_out(named, question.language):
            continue
        rest = _within(question, asking)
        # The last part may tell it alone: "Different document: the briefing note."
        starts = [told[0], *(start for start in _starts(question.text) if told[0] < start < told[1])]
        parts = [_of_document(_within(question, (start, told[1])), question.language) for start in starts]
        fits = [(fit, said, source) for said in parts for source in sources if (fit := _fit(said, rest, source))]
        best, said, meant = max(fits, key=lambda each: each[0], default=(None, [], None))
        if meant is not None and all(fit != best or source is meant for fit, _, source in fits):
            return meant, _rest(question, asking, [t for t in said if _tells(t, meant) and not _has(meant, t)])
    return None


def named_above(question: Analysis, passage: Passage, above: Mapping[int, Matchable]) -> tuple[int, ...]:
    """Which of the sentences `above` a passage, by their numbers, tell what the question says of it and the passage lacks: its heading
    where that holds a word of it, and what its source opens with where that holds two, for one is in every question about it. A
    title stands before each sentence of its source already (`index.vectors.title_before`)."""
    lacking = [t for t, held in zip(question.content, passage.held, strict=True) if not (held or evidence.is_light(t))]
    opens = () if passage.source.has_title else passage.under.opening
    named: tuple[int, ...] = ()
    for numbers, fewest in ((opens, FEWEST_OPENING), (passage.under.heading, 1)):
        said = sum(any(evidence.match(token, above[n]) >= SAME for n in numbers) for token in lacking)
        named += numbers if said >= fewest else ()
    return named


@lru_cache(maxsize=64)
def _splits(question: Analysis) -> tuple[tuple[Span, Span], ...]:
    """The ways to part a question into what it may name a source by and what it asks, which is more than a question word: after parts
    that ask nothing, after words for a document ("in the minutes *what* ..."), and before these at its end ("... in the minutes")."""
    text, language = question.text, question.language
    begins, first = _asking_part(text, language), asks_from(text, language)
    documents = [token for token in question.content if _is_document(token)]
    found = [((0, begins), (begins, len(text)))] if begins else []
    if any(token.end <= first for token in documents):
        found.append(((0, first), (first, len(text))))
    if documents and 0 <= first < (last := _last_place(text, language, documents[-1].start)):
        found.append(((last, len(text)), (0, last)))
    whole = [each for each in found if _within(question, each[0])]
    return tuple(each for each in whole if not all(map(evidence.is_light, _within(question, each[1]))))


def _asking_part(text: str, language: str) -> int:
    """Where the first part of a question begins that asks something; 0 also where it has no parts."""
    starts = _starts(text)
    parts = zip(starts, [*starts[1:], len(text)], strict=True) if len(starts) > 1 else ()
    asks = (a for a, b in parts if asks_something(text[a:b], language) or analyse(text[a:b], language).yes_no)
    return next(asks, 0)


def _last_place(text: str, language: str, before: int) -> int:
    """Where the last word of place, or for "according to", stands before a place, if nothing is asked after it; else -1."""
    leading = lexicon(language).where | _ACCORDING
    words = [(m.start(), fold(m.group()) in leading) for m in words_of(text) if m.start() < before]
    led = pairwise([(0, False), *words])  # of "according to" the first
    last = max((at for (_, follows), (at, leads) in led if leads and not follows), default=-1)
    return last if asks_from(text[max(0, last) :], language) < 0 else -1


def _within(question: Analysis, span: Span) -> list[Token]:
    return [token for token in question.content if span[0] <= token.start and token.end <= span[1]]


def _starts(text: str) -> list[int]:
    """Where the parts of a question begin."""
    return [0, *ends(_PART_ENDS, text)]


def _leaves_out(text: str, language: str) -> bool:
    """Whether a text has a negation, or a word of order, of addition or of a condition."""
    words = lexicon(language)
    said = {fold(m.group()) for m in words_of(text)}
    phrases = (*words.sequence, *words.besides)
    return not said.isdisjoint(words.negation | _IF) or says_any(text, phrases, language)


def _of_document(said: list[Token], language: str) -> list[Token]:
    """The words that may tell which document is meant: from the one for its kind on, where that comes first ("*notulen* rapat", but
    "the board *minutes*")."""
    first = next((n for n, token in enumerate(said) if _is_document(token)), 0)
    return said if language == "en" else said[first:]


def _fit(said: Sequence[Token], asked: Sequence[Token], source: Source) -> tuple[int, bool, int] | None:
    """How well words tell which source is meant: how many of them it has in its title, whether they name its language, and how many
    for such a document; None where a name, number or time, too many words, or the kind of document, tell of another source, or an
    ordinal of what is asked does."""
    documents = [token for token in said if _is_document(token)]
    if not documents:  # to read what a source says of itself takes 0.5 ms
        return None
    telling = [token for token in said if _tells(token, source)]
    had = [token for token in telling if _has(source, token)]
    title, _ = _says_of_itself(source)
    counted = any(token.kind == "ordinal" for token in title.tokens)
    other = [t for t in telling if t.kind in FACTS and t not in had]
    other += [t for t in asked if counted and t.kind == "ordinal" and not evidence.match(t, title)]
    # What says by its title that it is minutes is no speech; it may be a document, or a report.
    kinds = [token for token in documents if token.keys.isdisjoint(group("document"))]
    other_kind = (
        bool(kinds) and any(map(_is_document, title.tokens)) and not any(_has(source, token) for token in kinds)
    )
    if other or other_kind or not had or len(had) < ENOUGH * len(telling):
        return None
    own = sum(evidence.match(token, title) >= SAME for token in had)
    return own, any(_is_language(token, source) for token in said), sum(_has(source, token) for token in documents)


def _has(source: Source, token: Token) -> bool:
    """Whether a source has a word where it says what it is, a number or time in its title."""
    title, beginning = _says_of_itself(source)
    return any(
        evidence.match(token, each) >= SAME for each in ((title,) if token.kind in NUMERIC else (title, beginning))
    )


def _tells(token: Token, source: Source) -> bool:
    """Whether a word may tell a source from others: no light one, nor one for what is done ("I am *looking at* the minutes"), for a
    kind of document or for its language."""
    if _is_language(token, source) or len(token.text) == 1:
        return False
    does = bool(token.concepts) and set(map(concept_class, token.concepts)) == {"action"}
    of_words = not token.keys.isdisjoint(group("wording"))  # "in the Russian *language*"
    return token.kind in FACTS or not (does or of_words or evidence.is_light(token) or _is_document(token))


def _rest(question: Analysis, asking: Span, kept: Sequence[Token]) -> Analysis:
    """What a question asks in a span of it, with the words outside that are to be `kept`."""
    led = f"{' '.join(token.text for token in kept)}: " if kept else ""
    moved = len(led) - asking[0]
    carried = tuple((t.start + moved, t.end + moved) for t in _within(question, asking) if t in question.carried)
    rest = analyse(led + question.text[slice(*asking)].rstrip(" ,"), question.language, carried)
    return replace(rest, answered=question.answered, follows=question.follows, shown=question.shown)


@lru_cache(maxsize=64)
def _says_of_itself(source: Source) -> tuple[evidence.Bag, evidence.Bag]:
    """The words by which a source says what it is: its title, its file's name and what it opens with; and those of its first lines."""
    name = re.sub(r"[-_]+", " ", PurePosixPath(source.source_id).stem)
    words, language = (source.title, name, source.text[: opening(source.text)]), _language(source)
    return evidence.bag("\n".join(words), language), evidence.bag(source.text[:DATELINE], language)


def _language(source: Source) -> str:
    return language_of(source.language, source.text).split("-")[0]


def _is_language(token: Token, source: Source) -> bool:
    """Whether a word is for the language that a source is written in."""
    return not token.keys.isdisjoint(_SPOKEN.get(_language(source), ()))


def _is_document(token: Token) -> bool:
    return not token.keys.isdisjoint(group("genres")) or fold(token.text) in ("faq", "faqs")
