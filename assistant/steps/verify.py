"""Verify: a drafted sentence is shown only if the exact words of its spans hold what it says.

The embedded reader's sentences come with their spans (`verify`), for a language model's the verifier finds them (`ground`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.steps import evidence
from assistant.steps.lines import Line
from assistant.steps.support import Similar, support
from assistant.text.languages import language_of
from assistant.text.markdown import escape
from assistant.text.tokens import tokens
from assistant.types import Check, Cite, DraftSentence, Source, Span

_FACTS = frozenset({"number", "year", "ordinal", "month", "name"})


def verify(draft: DraftSentence, sources: Mapping[str, Source], language: str) -> tuple[Check, ...]:
    """What speaks against showing a sentence of the BCP 47 `language`; nothing (an empty tuple) where

    - it cites at least one span, and every span is a place in a source with words in it, and
    - every number, date and name of its own words occurs in its spans together, in any language or notation.

    Quotes need no check of their own: they are cut from the source at their span when the sentence is composed.
    """
    if not draft.spans:
        return (Check("citation", "missing", draft.own_words),)
    misplaced = tuple(Check("span", "missing", span.source_id) for span in draft.spans if not _stands(span, sources))
    if misplaced:
        return misplaced
    held = [_words(span, sources[span.source_id]) for span in draft.spans]
    return tuple(
        Check("facts", "missing", token.text)
        for token in tokens(draft.own_words, language)
        if token.kind in _FACTS and not any(evidence.match(token, one) >= evidence.PART_OF_PHRASE for one in held)
    )


def ground(
    text: str, language: str, lines: Sequence[Line], similar: Similar | None = None
) -> tuple[DraftSentence | None, tuple[Check, ...]]:
    """A free sentence of the BCP 47 `language` with the spans that hold it, or None and what speaks against it."""
    found = support(text, language, lines, similar)
    if found.problems:
        return None, found.problems
    parts: list[str | Cite] = [escape(text)]
    for span in found.spans:
        parts += [" ", Cite(span, quoted=False)]
    return DraftSentence(tuple(parts)), ()


def _stands(span: Span, sources: Mapping[str, Source]) -> bool:
    source = sources.get(span.source_id)
    return source is not None and 0 <= span.start < span.end <= len(source.text) and bool(_text(span, source).strip())


def _words(span: Span, source: Source) -> evidence.Bag:
    return evidence.bag(_text(span, source), language_of(source.language, source.text), source.date)


def _text(span: Span, source: Source) -> str:
    return source.text[span.start : span.end]
