"""Overview: the sentences that answer a question about a source itself: what it is about, what a paragraph of it or one of its
speakers says, who published it, how it is signed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, islice

from assistant.index.store import Index, IndexedSentence
from assistant.steps import evidence
from assistant.steps.scope import BEGINNING
from assistant.steps.speakers import SOURCES, told_by
from assistant.steps.summary import summary
from assistant.text.about import about_paragraph, about_signature, reported
from assistant.text.languages import language_of
from assistant.text.layout import is_heading
from assistant.text.lexicon import group
from assistant.text.questions import Analysis
from assistant.text.sentences import split
from assistant.text.tokens import Token
from assistant.types import Passage, Source

SUMMED_UP = 500
"""Sentences of a source that its summary is made from, the first ones."""


def naming_publisher(index: Index, source: Source, question: Analysis) -> list[int]:
    """The sentences of a source, by their numbers, that name whoever published it; [] where it is about something else than is
    asked."""
    name, topic = source.publisher, reported(question)
    if not name or not _is_all_about(source, topic):
        return []
    # In its case: "Antara" is an agency, "antara" is between.
    named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return [each.number for each in index.of_source(source.source_id) if named.search(each.text)]


def overview(index: Index, source: Source, question: Analysis, top: int) -> list[int]:
    """The sentences of a source, by their numbers, `top` at most, that sum it up, then the first of the others; where it is asked
    where it is from, the first ones, and how it is signed, the last one. Of a paragraph that is asked for, or of what somebody said,
    those of it."""
    theirs = told_by(question, source)
    sentences = _of_paragraph(source, index.of_source(source.source_id), about_paragraph(question))
    sentences = [each for each in sentences if not theirs or each.start in theirs]
    numbers = [each.number for each in sentences]
    if about_signature(question):
        return numbers[-1:]
    if question.asks == "place" or not numbers:
        return numbers[:top]
    texts, words = [each.text for each in sentences[:SUMMED_UP]], index.matchable(numbers[:SUMMED_UP])
    held = [words[number] for number in numbers[:SUMMED_UP]]
    main = [numbers[at] for at in summary(texts, held, language_of(source.language, source.text))]
    return [*main, *(number for number in numbers[:top] if number not in main)][:top]


def wants_whole(question: Analysis, source: Source) -> bool:
    """Whether the summary that a question wants is one of the source ("Summarise the meeting"), or of all that somebody says there;
    what somebody said of something, or a thing that is no more than named there, is not."""
    if told_by(question, source):
        return True
    meets = [not token.keys.isdisjoint(group("gathering")) for token in question.retold]
    if question.speaks_of_saying or not any(meets):
        return not question.speaks_of_saying and _is_all_about(source, question.retold, opening=_first_sentence(source))
    return all(meets) or _is_all_about(source, question.retold)


def first_told_by(question: Analysis, ranked: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Ranked passages, first those of the source in which somebody speaks of whose words a summary is wanted, if there is one."""
    sources = islice(dict.fromkeys(passage.source for passage in ranked), SOURCES)
    theirs = next((source for source in sources if told_by(question, source)), None)
    return tuple(sorted(ranked, key=lambda passage: passage.source is not theirs)) if theirs else ranked


def _of_paragraph(source: Source, sentences: list[IndexedSentence], which: int) -> list[IndexedSentence]:
    """Those of a paragraph, from 1 on, or -1 for the last; none where there are fewer, all for 0. Headings are none."""
    if not which:
        return sentences
    kept = [each for each in sentences if not is_heading(source.text, each.start, each.end)]
    paragraphs = [list(same) for _, same in groupby(kept, key=lambda each: each.paragraph)]
    at = which - 1 if which > 0 else which
    return paragraphs[at] if -len(paragraphs) <= at < len(paragraphs) else []


def _first_sentence(source: Source) -> int:
    return next((sentence.end for sentence in split(source.text[:BEGINNING])), 0)


def _is_all_about(source: Source, topic: Sequence[Token], opening: int = BEGINNING) -> bool:
    """Whether a source's title and beginning, so many code points, name the whole of a topic."""
    begun = evidence.bag(f"{source.title}\n{source.text[:opening]}", language_of(source.language, source.text))
    return all(evidence.match(token, begun) for token in topic)
