"""Compose: verified sentences become the Answer's Markdown and its citations, each marker given once and for all."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from assistant.text.markdown import escape, quotation
from assistant.text.questions import Analysis
from assistant.types import (
    Answer,
    Citation,
    Cite,
    DraftSentence,
    Explanation,
    Notice,
    NoticeEvent,
    Passage,
    Question,
    SentenceEvent,
    Source,
    Span,
    Status,
    Usage,
)


class Composer:
    """Collects what one answer says. Not thread-safe; one for each answer."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = sources
        self.text = ""
        self.citations: list[Citation] = []
        self.related: tuple[Citation, ...] = ()
        self.follow_ups: tuple[str, ...] = ()
        self.notices: list[Notice] = []
        self.reader = "embedded"
        self.usage = Usage()
        self._markers: dict[Span, int] = {}

    def add(self, draft: DraftSentence, passages: Sequence[Passage]) -> SentenceEvent:
        """A verified sentence as it is shown, with the citations whose markers are new in it."""
        known = len(self.citations)
        shown = "".join(part if isinstance(part, str) else self._cite(part, passages) for part in draft.parts)
        return self._said(f"{draft.lead} {shown}" if draft.lead else shown, known)

    def say(self, words: str) -> SentenceEvent:
        """Words of the message catalogue, which state nothing about the meeting."""
        return self._said(escape(words), len(self.citations))

    def notice(self, code: str, message: str) -> NoticeEvent:
        """What the asker should know of how the answer came about."""
        self.notices.append(Notice(code=code, message=message))
        return NoticeEvent(self.notices[-1])

    def cites(self, passage: Passage) -> bool:
        """Whether the answer cites words of a passage."""
        return any(
            cited.source_id == passage.source.source_id
            and cited.start_char_index < passage.end
            and passage.start < cited.end_char_index
            for cited in self.citations
        )

    def spent(self, usage: Usage) -> None:
        """Adds what a reader used; what is unknown makes the whole unknown."""
        before = self.usage
        self.usage = Usage(
            input_tokens=_sum(before.input_tokens, usage.input_tokens),
            output_tokens=_sum(before.output_tokens, usage.output_tokens),
        )

    def passages(self, passages: Sequence[Passage]) -> tuple[Citation, ...]:
        """Passages as citations without a marker."""
        return tuple(_citation(p.span, p.source, passages, None) for p in passages)

    def answer(
        self,
        question: Question,
        asked: Analysis,
        language: str,
        status: Status,
        explanation: tuple[Explanation, ...],
        timings_ms: Mapping[str, float],
    ) -> Answer:
        """The whole answer, whose own words are of the BCP 47 `language`."""
        return Answer(
            id=uuid.uuid4().hex,
            request_id=question.request_id,
            question=question.question,
            standalone_question=asked.text,
            language=language,
            status=status,
            answer=self.text,
            citations=tuple(self.citations),
            related=self.related,
            follow_ups=self.follow_ups,
            reader=self.reader,
            notices=tuple(self.notices),
            usage=self.usage,
            explanation=explanation if question.explain else (),
            timings_ms=timings_ms,
        )

    def _said(self, words: str, known: int) -> SentenceEvent:
        piece = f"\n\n{words}" if self.text else words
        self.text += piece
        return SentenceEvent(piece, tuple(self.citations[known:]))

    def _cite(self, cite: Cite, passages: Sequence[Passage]) -> str:
        span, source = cite.span, self.sources[cite.span.source_id]
        if span not in self._markers:
            self._markers[span] = len(self._markers) + 1
            self.citations.append(_citation(span, source, passages, self._markers[span]))
        marker = f"[{self._markers[span]}]"
        return f"{quotation(source.text[span.start : span.end])} {marker}" if cite.quoted else marker


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _citation(span: Span, source: Source, passages: Sequence[Passage], marker: int | None) -> Citation:
    """A span as the outside sees it; its context is the whole of the sentences that it is a part of."""
    around = [p for p in passages if p.source.source_id == span.source_id and p.start < span.end and span.start < p.end]
    start = min([span.start, *(p.start for p in around)])
    end = max([span.end, *(p.end for p in around)])
    pages = source.pages_of(span.start, span.end)
    return Citation(
        marker=marker,
        source_id=span.source_id,
        title=source.title,
        start_char_index=span.start,
        end_char_index=span.end,
        cited_text=source.text[span.start : span.end],
        context=source.text[start:end],
        start_page_number=pages[0] if pages else None,
        end_page_number=pages[1] + 1 if pages else None,
    )
