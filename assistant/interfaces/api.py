"""The HTTP API: ask, sources, health. It parses requests, calls the application and renders what comes back."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import unicodedata
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Body, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticSerializationError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from assistant import __version__
from assistant.interfaces import examples
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import MEDIA_TYPE, Problem, problem_of
from assistant.types import (
    Answer,
    AnswerEvent,
    Event,
    NoticeEvent,
    ProgressEvent,
    Question,
    SentenceEvent,
    Source,
    SourcesEvent,
    Turn,
)

_EVENT_STREAM = "text/event-stream"
_SETTLED = 2
"""Events awaited before a stream begins: a question that cannot be worked on fails by then, with its status code."""


class AskRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str
    history: tuple[Turn, ...] = Field(
        default=(), max_length=200, description="the conversation so far, oldest first: context, never evidence"
    )
    language: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        max_length=35,
        description="BCP 47: of the answer's own words; identified from the question when missing",
    )
    stream: bool = Field(default=False, description="server-sent events instead of one Answer")
    explain: bool = Field(default=False, description="fills `explanation` of the Answer")
    request_id: str | None = Field(default=None, max_length=200, description="returned in the Answer")

    @model_validator(mode="after")
    def _is_text(self) -> AskRequest:
        # JSON can spell half of a surrogate pair, which is no text and could not be sent back.
        try:
            self.model_dump_json()
        except PydanticSerializationError:
            raise ValueError("a text holds half of a surrogate pair") from None
        return self


class SourceInfo(BaseModel):
    """A source's metadata."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SOURCE]})

    source_id: str
    title: str
    date: dt.date | None
    publisher: str | None
    language: str | None
    url: str | None
    note: str | None
    sha256: str
    characters: int = Field(description="code points of the text")

    @classmethod
    def of(cls, source: Source, **more: Any) -> Any:
        return cls(
            source_id=source.source_id,
            title=source.title,
            date=source.date,
            publisher=source.publisher,
            language=source.language,
            url=source.url,
            note=source.note,
            sha256=source.sha256,
            characters=len(source.text),
            **more,
        )


class SourceText(SourceInfo):
    """A source with its whole text, which the offsets of citations count in code points."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**examples.SOURCE, "text": "Mangupura (Bisnis Bali) – Peningkatan kerja..."}]}
    )

    text: str


class SourceList(BaseModel):
    sources: tuple[SourceInfo, ...]


class Health(BaseModel):
    status: str = Field(examples=["ok"])


def _failures(*statuses: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": when, "content": content} for status, when in statuses}


_ANYWHERE = ((403, "another site asks"), (421, "Host is not this server's"), (500, "an unexpected error"))
_UNUSABLE = (503, "there is no usable index")


def add_api(app: FastAPI, assistant: Application) -> None:
    """Adds the routes of the API for an assistant."""

    @app.post(
        "/v1/ask",
        summary="Ask a question",
        response_model=Answer,
        responses={
            200: {
                "description": "The Answer, or with `stream` or `Accept: text/event-stream` the events `progress`, "
                "`sources`, `sentence`, `notice`, `answer` (last) or `error` (a Problem; last)",
                "content": {
                    "application/json": {"example": examples.ANSWER},
                    _EVENT_STREAM: {"schema": {"type": "string"}, "example": examples.STREAM},
                },
            },
            **_failures(
                (400, "the body is not JSON"),
                (413, "the body is too large"),
                (415, "the body is not declared as JSON"),
                (422, "a field is wrong (`errors` names it) or the question cannot be worked on"),
                _UNUSABLE,
                *_ANYWHERE,
            ),
        },
    )
    async def ask(
        request: Request,
        body: Annotated[AskRequest, Body(openapi_examples=examples.ASK)],
        x_request_id: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Any:
        question = Question(
            question=body.question,
            history=body.history,
            language=body.language,
            explain=body.explain,
            request_id=body.request_id if body.request_id is not None else x_request_id,
        )
        if not body.stream and _EVENT_STREAM not in request.headers.get("accept", "").lower():
            return await assistant.chain.ainvoke(question)
        await run_in_threadpool(assistant.ready)
        events = assistant.chain.events(question)
        first: list[Event] = []
        with contextlib.suppress(StopAsyncIteration):
            while len(first) < _SETTLED:
                first.append(await anext(events))
        return EventSourceResponse(_stream(first, events), ping=15)

    @app.get("/v1/sources", summary="The sources", responses=_failures(_UNUSABLE, *_ANYWHERE))
    def sources() -> SourceList:
        found = sorted(assistant.sources().values(), key=lambda source: source.source_id)
        return SourceList(sources=tuple(SourceInfo.of(source) for source in found))

    @app.get(
        "/v1/sources/{source_id:path}",
        summary="A source and its text",
        responses=_failures((404, "no such source"), _UNUSABLE, *_ANYWHERE),
    )
    def source(source_id: str) -> SourceText:
        found = assistant.sources().get(unicodedata.normalize("NFC", source_id))
        if found is None:
            raise HTTPException(404, f"there is no source {source_id}: GET /v1/sources lists them")
        text: SourceText = SourceText.of(found, text=found.text)
        return text

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", summary="Is the server alive?")
    async def healthz() -> Health:
        return Health(status="ok")

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", summary="Can it answer?", responses=_failures(_UNUSABLE))
    def readyz() -> Health:
        assistant.ready()
        return Health(status="ready")


def new_app() -> FastAPI:
    """An application whose OpenAPI document describes problems too."""
    app = FastAPI(
        title="Meeting assistant",
        version=__version__,
        summary="Answers about a meeting from its source documents, every sentence verified against their exact words",
        docs_url=None,  # Swagger's and Redoc's pages load their scripts from other servers
        redoc_url=None,
        redirect_slashes=False,
    )
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            template = "#/components/schemas/{model}"
            problem = Problem.model_json_schema(ref_template=template)
            document = plain()
            schemas = document["components"]["schemas"]
            schemas.update(problem.pop("$defs"), Problem=problem)
            # What FastAPI says of its own errors, in place of which Problems are sent.
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for operation in (each for path in document["paths"].values() for each in path.values()):
                if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                    del operation["responses"]["422"]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def close_routes(app: FastAPI) -> None:
    """Answers a wrong method on the routes so far, and anything else under /v1, before a mount at "/" could."""
    methods: dict[str, set[str]] = {}
    for route in app.routes:
        if isinstance(route, Route):
            methods.setdefault(route.path, set()).update(route.methods or ())
    for path, allowed in methods.items():
        app.router.routes.append(Route(path, _Refuse(405, ", ".join(sorted(allowed)))))
    app.router.routes.append(Mount("/v1", _Refuse(404)))


class _Refuse:
    """An endpoint for every method that answers with a status."""

    def __init__(self, status: int, allow: str | None = None) -> None:
        self._status = status
        self._headers = {"allow": allow} if allow else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(self._status, headers=self._headers)


async def _stream(first: list[Event], events: AsyncIterator[Event]) -> AsyncIterator[ServerSentEvent]:
    try:
        for event in first:
            yield _rendered(event)
        async for event in events:
            yield _rendered(event)
    except Exception as exc:  # the status has been sent: the problem is an event
        yield ServerSentEvent(problem_of(exc).json_text(), event="error")
    finally:
        if close := getattr(events, "aclose", None):
            await close()


def _rendered(event: Event) -> ServerSentEvent:
    match event:
        case ProgressEvent(step=step):
            return ServerSentEvent(_json({"step": step}), event="progress")
        case SourcesEvent(passages=passages):
            return ServerSentEvent(_json({"passages": [_plain(p) for p in passages]}), event="sources")
        case SentenceEvent(text=text, citations=citations):
            shown = {"text": text, "citations": [_plain(citation) for citation in citations]}
            return ServerSentEvent(_json(shown), event="sentence")
        case NoticeEvent(notice=notice):
            return ServerSentEvent(notice.model_dump_json(), event="notice")
        case AnswerEvent(answer=answer):
            return ServerSentEvent(answer.model_dump_json(), event="answer")


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
