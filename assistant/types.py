"""The values that travel between the steps and out to the interfaces; all of them are frozen.

Offsets are 0-based, end exclusive, and count Unicode code points of a source's text exactly as it was ingested.
The outer shapes (`Answer`, `Citation`, ...) are pydantic models because they are serialised; the inner ones are
dataclasses because they are made in large numbers.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.text.languages import language_of
from assistant.text.layout import NOTHING, Under
from assistant.text.questions import Analysis
from assistant.text.tokens import Token

Status = Literal["answered", "partial", "not_in_sources", "conversational"]
Role = Literal["user", "assistant"]

LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
"""A BCP 47 tag (RFC 5646), as far as its form goes: "en", "zh-Hant"."""

MAX_QUESTION_CHARS = 2_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- what comes in -------------------------------------------------------------------------------------------------


class Turn(_Frozen):
    """One earlier message of the conversation. It is context for the question, never evidence."""

    role: Role
    content: str


class Question(_Frozen):
    """A question as an interface hands it to the chain."""

    question: str
    history: tuple[Turn, ...] = ()
    language: str | None = Field(
        default=None,
        max_length=35,
        description="BCP 47: of the answer's own words; the question's own when missing",
    )
    explain: bool = False
    request_id: str | None = None

    @field_validator("language")
    @classmethod
    def _is_tag(cls, tag: str | None) -> str | None:
        if tag is not None and not re.fullmatch(LANGUAGE_TAG, tag):
            raise ValueError("not a language tag (BCP 47): write e.g. en, id or zh-Hant")
        return tag


# --- sources -------------------------------------------------------------------------------------------------------


UPLOADS = "_uploads/"
"""What the id of every article that was added by upload begins with. No seed's id can: names with `_` are left out."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a source: the place of its words in the text, and its level (1..6, 1 the highest)."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source document as ingested. `text` is what every offset refers to."""

    source_id: str
    text: str
    title: str
    sha256: str  # of the text's UTF-8 bytes and of the metadata: what decides whether it changed
    language: str | None = None
    date: dt.date | None = None
    publisher: str | None = None
    url: str | None = None
    note: str | None = None  # e.g. that the title is descriptive, not the source's own headline
    questions: tuple[str, ...] = ()  # that it answers, in any language, to be shown as examples
    pages: tuple[int, ...] = ()  # where each page of the original begins in the text; none: it has no pages
    headings: tuple[Heading, ...] = ()  # in order, none inside another
    file_date: dt.date | None = None  # when the original says that its file was made: not the article's date

    @property
    def is_upload(self) -> bool:
        """Whether it was added by upload, and can be removed as such."""
        return self.source_id.startswith(UPLOADS)

    @property
    def has_title(self) -> bool:
        """Whether it was given one: a file's name is none."""
        return self.title != PurePosixPath(self.source_id).stem

    def pages_of(self, start: int, end: int) -> tuple[int, int] | None:
        """The numbers (from 1) of the first and the last page that a span is on; None for a source without pages."""
        if not self.pages:
            return None
        return max(1, bisect_right(self.pages, start)), max(1, bisect_right(self.pages, max(start, end - 1)))

    def pages_without_text(self) -> tuple[int, ...]:
        """The numbers of the pages that hold no text: blank ones, and pictures of text."""
        ends = (*self.pages[1:], len(self.text)) if self.pages else ()
        spans = zip(self.pages, ends, strict=True)
        return tuple(number for number, (start, end) in enumerate(spans, 1) if not self.text[start:end].strip())


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence found for a question, with the evidence that ranked it.

    `similarity` is the highest cosine (-1..1) of the question with the sentence or one of its clauses, `lexical` its
    BM25 score relative to the best one's (0..1). `held` tells for each content token of the question how surely (0..1)
    the sentence holds it, `led` and `followed` the same together with the sentence before and after it, and with those that it
    stands `under`. `score` is the ranking's, comparable within one retrieval only. `answers` are the log-odds that the
    sentence answers the question, as `models.interaction` reads the two; None: they were not read together.
    """

    source: Source
    number: int  # its place among the sentences of the index; neighbours of one source are consecutive
    start: int
    end: int
    text: str
    clauses: tuple[tuple[int, int], ...]
    before: str  # the sentence before it in its paragraph, "" if there is none
    after: str
    similarity: float
    lexical: float
    held: tuple[float, ...]
    led: tuple[float, ...]
    followed: tuple[float, ...]
    score: float = 0.0
    answers: float | None = None
    clause: tuple[int, int] | None = None  # the clause nearest to the question
    under: Under = NOTHING

    @property
    def near(self) -> tuple[float, ...]:
        """How surely the sentence holds each token together with those on both sides, and what it stands under."""
        return tuple(map(max, self.led, self.followed))

    @property
    def span(self) -> Span:
        return Span(self.source.source_id, self.start, self.end)

    @property
    def language(self) -> str:
        """BCP 47: the one its source declares, or is written in."""
        return language_of(self.source.language, self.source.text)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question: the passages, best first, and what each word of the question weighs.

    `weights` go with `question.content`: 0..1.3, high for names, numbers and words that few sentences
    hold. `absent` are the content tokens that none of the candidates holds in any form, nor a sentence beside one;
    `elsewhere` are those of them which other sentences hold.
    """

    question: Analysis
    passages: tuple[Passage, ...]
    weights: tuple[float, ...]
    absent: tuple[Token, ...]
    elsewhere: tuple[Token, ...] = ()

    @property
    def unmentioned(self) -> tuple[Token, ...]:
        """The content tokens that no sentence of the index holds."""
        return tuple(token for token in self.absent if token not in self.elsewhere)


# --- what the steps conclude ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One piece of evidence for or against an answer being in the sources, in words (`explanation` of an Answer)."""

    check: str  # e.g. "years", "names", "answer_type"
    outcome: Literal["found", "missing", "contradicted", "not_asked"]
    detail: str = ""  # the words concerned


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the passages can answer the question: `score` is the calibrated probability (0..1) that they can."""

    status: Status
    score: float
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Exact words of a source."""

    source_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cite:
    """A place in a draft that rests on a span: its words in quotation marks and then the marker, or the marker alone."""

    span: Span
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence that a reader proposes: its own words and the places where it cites.

    `lead` are words of the message catalogue that introduce it; they say nothing about the meeting.
    """

    parts: tuple[str | Cite, ...]
    lead: str = ""

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(part.span for part in self.parts if isinstance(part, Cite))

    @property
    def own_words(self) -> str:
        return " ".join(part for part in self.parts if isinstance(part, str))


# --- what goes out -------------------------------------------------------------------------------------------------


class Citation(_Frozen):
    """Verbatim words of a source; the field names follow Anthropic's char_location and page_location citations."""

    marker: int | None
    source_id: str
    title: str
    start_char_index: int
    end_char_index: int
    cited_text: str
    context: str
    start_page_number: int | None = Field(
        default=None, ge=1, description="the page of the original where the words begin; null: it has no pages"
    )
    end_page_number: int | None = Field(default=None, ge=2, description="the one after the page where they end")


class Notice(_Frozen):
    code: str
    message: str


class Explanation(_Frozen):
    check: str
    outcome: str
    message: str


class Usage(_Frozen):
    input_tokens: int | None = 0
    output_tokens: int | None = 0


class Answer(_Frozen):
    """The whole answer, as every interface returns it; `/openapi.json` describes and shows it."""

    id: str
    request_id: str | None = None
    question: str
    standalone_question: str
    language: str
    status: Status
    answer: str
    citations: tuple[Citation, ...] = ()
    related: tuple[Citation, ...] = ()
    follow_ups: tuple[str, ...] = ()
    reader: str = "embedded"
    notices: tuple[Notice, ...] = ()
    explanation: tuple[Explanation, ...] = ()
    usage: Usage = Usage()
    timings_ms: Mapping[str, float] = Field(default_factory=dict)


# --- events of the chain -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """A step has begun: condense, retrieve, answerable, generate or verify."""

    step: str


@dataclass(frozen=True, slots=True)
class SourcesEvent:
    """The passages that the answer will draw on; sent only after the answerability step has passed."""

    passages: tuple[Citation, ...]  # marker None


@dataclass(frozen=True, slots=True)
class SentenceEvent:
    """A verified piece of the answer. The texts of an answer's SentenceEvents concatenate exactly to `Answer.answer`."""

    text: str
    citations: tuple[Citation, ...] = field(default=())  # those whose marker is new in this piece


@dataclass(frozen=True, slots=True)
class NoticeEvent:
    notice: Notice


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """The whole answer: always the last event.

    `retrieved` (best first) and `score` (the calibrated probability, 0..1, that they hold an answer) are what it was
    decided by, for evaluation; small talk has neither, and no client is sent them.
    """

    answer: Answer
    retrieved: tuple[Passage, ...] = ()
    score: float | None = None


Event = ProgressEvent | SourcesEvent | SentenceEvent | NoticeEvent | AnswerEvent
