"""A fake of the application that implements the interface which the interfaces render."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import IndexUnusable, QuestionError, UploadsOff
from assistant.settings import load_settings
from assistant.types import (
    MAX_QUESTION_CHARS,
    Answer,
    AnswerEvent,
    Citation,
    Event,
    Explanation,
    Notice,
    NoticeEvent,
    ProgressEvent,
    Question,
    SentenceEvent,
    Source,
    SourcesEvent,
    Status,
)

SEED = Path(__file__).parents[2] / "seeds" / "asean-russia-som-2019.txt"
ARTICLE = Source(
    source_id="asean-russia-som-2019.txt",
    text=SEED.read_bytes().decode("utf-8"),
    title="Report on the 16th ASEAN-Russia Senior Officials Meeting",
    sha256="0" * 64,
    language="id",
    date=dt.date(2019, 2, 20),
    publisher="Bisnis Bali",
)
HOSTILE = Source(
    source_id="folder/hostile.txt",
    text=(
        "Before it.\n\n<script>window.hacked = 1</script> [click](javascript:window.hacked=1) "
        '<img src=x onerror="window.hacked=1"> **bold** &amp; $x$ `code` https://evil.example/\n\nAfter it 😀 end.'
    ),
    title='<b onclick="window.hacked=1">Hostile</b>',
    sha256="1" * 64,
)
TRADE = "perdagangan sebesar 18 miliar dolar AS"
INVESTMENT = "investasi mencapai 45 juta dolar AS"
REPEATED = "ASEAN"


def cite(source: Source, quoted: str, marker: int | None, *, skip: int = 0) -> Citation:
    """A citation of the words' occurrence after `skip` others, its sentence as context."""
    start = -1
    for _ in range(skip + 1):
        start = source.text.index(quoted, start + 1)
    begin = max(source.text.rfind(stop, 0, start) + 2 for stop in (". ", "\n\n"))
    begin = 0 if begin == 1 else begin
    end = source.text.find(". ", start + len(quoted))
    return Citation(
        marker=marker,
        source_id=source.source_id,
        title=source.title,
        start_char_index=start,
        end_char_index=start + len(quoted),
        cited_text=quoted,
        context=source.text[begin : end + 1 if end != -1 else None],
    )


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for what another thread or the browser does; fails if it is not done in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.01)


class FakeChain:
    """Answers by words in the question: "hostile", "hotel" (refused), "repeat", "slow", "broken", "late", "partly"; others
    are answered with two sentences."""

    def __init__(self, sources: Mapping[str, Source], *, pause: float = 0.0, held: bool = False) -> None:
        self._sources = sources
        self._pause = pause
        self._free = threading.Semaphore(0) if held else None
        self.asked: list[Question] = []
        self.closed = 0

    def release(self) -> None:
        """Lets the next sentence go, where they are held."""
        assert self._free
        self._free.release()

    async def events(self, question: Question) -> AsyncIterator[Event]:
        self.asked.append(question)
        try:
            async for event in self._events(question):
                yield event
        finally:
            self.closed += 1

    async def _events(self, question: Question) -> AsyncIterator[Event]:
        text = question.question
        yield ProgressEvent("condense")
        if not text.strip():
            raise QuestionError("the question is empty: ask something")
        if len(text) > MAX_QUESTION_CHARS:
            raise QuestionError("the question is too long")
        if not self._sources:
            raise IndexUnusable("there is no index: run assistant ingest")
        if "broken" in text:
            raise RuntimeError("secret detail")
        yield ProgressEvent("retrieve")
        if "hotel" in text:
            related = (cite(ARTICLE, INVESTMENT, None), cite(ARTICLE, "Igor Morgulov", None))
            yield SentenceEvent("The sources do not answer this question\\.")
            yield answer_event(question, "not_in_sources", "The sources do not answer this question\\.", (), related)
            return
        pieces = [
            SentenceEvent("In the source: “perdagangan sebesar 18 miliar dolar AS” [1]", (cite(ARTICLE, TRADE, 1),)),
            SentenceEvent("\n\nAnd: “investasi mencapai 45 juta dolar AS” [2] [1]", (cite(ARTICLE, INVESTMENT, 2),)),
        ]
        if "hostile" in text:
            quoted = HOSTILE.text.split("\n\n")[1]
            escaped = "".join(f"\\{c}" if c.isascii() and not c.isalnum() and c != " " else c for c in quoted)
            pieces = [SentenceEvent(f"“{escaped}” [1] <script>window.hacked = 1</script>", (cite(HOSTILE, quoted, 1),))]
        if "repeat" in text:
            pieces = [SentenceEvent("“ASEAN” [1]", (cite(ARTICLE, REPEATED, 1, skip=2),))]
        yield SourcesEvent(tuple(c.model_copy(update={"marker": None}) for p in pieces for c in p.citations))
        for piece in pieces:
            if "slow" in text:
                await asyncio.sleep(60)
            await asyncio.sleep(self._pause)
            while self._free and not self._free.acquire(blocking=False):
                await asyncio.sleep(0.01)
            yield piece
            if "late" in text:
                raise RuntimeError("secret detail")
        notice = Notice(
            code="scan_errors", message="Quotations keep the source's own spelling, <b>errors</b> included."
        )
        yield NoticeEvent(notice)
        citations = tuple(c for piece in pieces for c in piece.citations)
        status: Status = "partial" if "partly" in text else "answered"
        yield answer_event(question, status, "".join(p.text for p in pieces), citations, (), notice)

    async def ainvoke(self, question: Question, /) -> Answer:
        async for event in self.events(question):
            if isinstance(event, AnswerEvent):
                return event.answer
        raise AssertionError("no answer")


def answer_event(
    question: Question,
    status: Status,
    text: str,
    citations: tuple[Citation, ...],
    related: tuple[Citation, ...],
    *notices: Notice,
) -> AnswerEvent:
    answer = Answer(
        id="a1",
        request_id=question.request_id,
        question=question.question,
        standalone_question=question.question,
        language=question.language or "en",
        status=status,
        answer=text,
        citations=citations,
        related=related,
        notices=notices,
        follow_ups=("Who chaired the meeting?",) if status == "answered" else (),
        explanation=(Explanation(check="names", outcome="found", message="Found: <i>names</i>."),)
        if question.explain
        else (),
        timings_ms={"retrieve": 1.0, "total": 1234.0},
    )
    return AnswerEvent(answer)


class FakeAssistant:
    """An application with the article and a hostile source, or none."""

    def __init__(self, *sources: Source, pause: float = 0.0, held: bool = False, **settings: Any) -> None:
        self._sources = {source.source_id: source for source in sources}
        self.chain = FakeChain(self._sources, pause=pause, held=held)
        self.settings = load_settings(**{"model": "embedded", **settings})

    def sources(self) -> Mapping[str, Source]:
        self.ready()
        return self._sources

    def add(self, *_: object, **__: object) -> Source:
        raise UploadsOff("this one takes no articles")

    def remove(self, source_id: str) -> bool:
        raise UploadsOff("this one takes no articles")

    def ready(self) -> None:
        if not self._sources:
            raise IndexUnusable("there is no index: run assistant ingest")

    def example_questions(self, language: str) -> tuple[str, ...]:
        return {
            "id": ("Siapa yang memimpin pertemuan itu?", "Berapa nilai perdagangan ASEAN dan Rusia?"),
            "ru": ("Кто вёл встречу?", "Каков объём торговли АСЕАН и России?"),
        }.get(language, ("Who chaired the meeting?", "How large was trade between ASEAN and Russia?"))
