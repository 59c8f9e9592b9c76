"""People: who says what the passages found give, and the full names of those whom they name in part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.index.store import Index
from assistant.steps import evidence
from assistant.steps.claims import is_named
from assistant.steps.lines import MAX_SENTENCES, Voice, full_names, voice, voices_known
from assistant.text.questions import Analysis
from assistant.text.tokens import Token
from assistant.types import Passage, Source


def voices_of(index: Index, passages: Sequence[Passage]) -> dict[int, Voice]:
    """Who says what passages give, by their numbers, as far as their sources tell: these are read whole."""
    keep_whole(index, dict.fromkeys(passage.source for passage in passages))
    return {passage.number: told for passage in passages if (told := voice(passage))}


def keep_whole(index: Index, sources: Iterable[Source]) -> None:
    """Has the tokens kept of sources that are to be read for their speakers, which takes half as long then."""
    for source in sources:
        if not voices_known(source) and len(sentences := index.of_source(source.source_id)) <= MAX_SENTENCES:
            index.keep_tokens(sentences)


def with_people(passage: Passage, question: Analysis, speakers: tuple[Token, ...], told: Voice | None) -> Passage:
    """A passage that holds the full names of those whom it names in part, and, of the speakers that a question is about,
    its own speaker's, in whatever sentence that stands."""
    named = tuple(token for token in question.content if is_named(token))
    names = [*((name, named) for name in full_names(passage)), *([(told.name, speakers)] if told else [])]
    if not names:
        return passage
    bags = [(evidence.bag(name, passage.language), asked) for name, asked in names]
    by = tuple(max(evidence.match(t, bag) if t in asked else 0.0 for bag, asked in bags) for t in question.content)
    held, led, followed = (tuple(map(max, own, by)) for own in (passage.held, passage.led, passage.followed))
    return replace(passage, held=held, led=led, followed=followed)
