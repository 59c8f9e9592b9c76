"""Errors over HTTP: `application/problem+json` (RFC 9457), and on the OpenAI-compatible routes OpenAI's own shape.

`KINDS` is the whole of what can be told; the README lists it, and a test compares the two.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from assistant.errors import (
    AnswerTimeout,
    AssistantError,
    DataFolderError,
    EmbedderUnavailable,
    IndexBusy,
    IndexUnreachable,
    IndexUnusable,
    Overloaded,
    QuestionError,
    RateLimited,
    Refused,
    Stopping,
    UploadConflict,
    UploadError,
    UploadsOff,
    UsageError,
)
from assistant.interfaces.headers import HARDENING

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)

OWN = "urn:meeting-assistant:problem:"
"""What the `type` of every problem begins with; the name of its kind follows."""

_MAX_FIELDS = 10
_MAX_POINTER = 200
"""Wrong fields that one problem names, and characters of each one's place; a body can hold thousands."""

_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""By RFC 9110, which Python follows from 3.13 on: a problem's title is the same whatever runs the server."""

_OPENAI_PREFIXES = ("/v1/chat", "/v1/models", "/v1/completions", "/v1/embeddings", "/v1/responses")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of error: its stable name, its status, and OpenAI's `type` and `code` for it."""

    name: str
    status: int
    meaning: str
    openai_type: str = "invalid_request_error"
    openai_code: str | None = None

    @property
    def code(self) -> str:
        return self.openai_code or self.name.replace("-", "_")

    @property
    def openai_status(self) -> int:
        """OpenAI tells of every wrong body with 400."""
        return 400 if self.status == 422 else self.status


KINDS = {
    kind.name: kind
    for kind in (
        Kind("not-json", 400, "the body is not valid JSON"),
        Kind("key", 401, "no API key, or one that is not known", "authentication_error", "invalid_api_key"),
        Kind("origin", 403, "a page of another site asks", "permission_error"),
        Kind("uploads-off", 403, "articles cannot be added or removed here, or not this one", "permission_error"),
        Kind("not-found", 404, "there is nothing at this address", "not_found_error"),
        Kind("model", 404, "there is no such model", "not_found_error", "model_not_found"),
        Kind("method", 405, "this address does not take that method; `Allow` lists those it takes"),
        Kind("body-timeout", 408, "the body did not come in time"),
        Kind("exists", 409, "the article is there already, or another of its name; `reason` and `source_id` say which"),
        Kind("too-large", 413, "the body is too large"),
        Kind("media-type", 415, "the body is not declared as JSON"),
        Kind("host", 421, "Host is not a name of this server"),
        Kind("fields", 422, "a field is missing or wrong; `errors` names it"),
        Kind("question", 422, "the question cannot be worked on: empty, too long, no words in it"),
        Kind("file", 422, "the file cannot be added; `reason` and `detail` say why"),
        Kind("usage", 422, "used wrongly otherwise"),
        Kind(
            "rate-limit", 429, "too many requests; `Retry-After` says when", "rate_limit_error", "rate_limit_exceeded"
        ),
        Kind("unexpected", 500, "an unexpected error; the server's log has the details", "server_error"),
        Kind("failed", 500, "the work could not be done; `detail` says why", "server_error"),
        Kind("index-unusable", 503, "there is no usable index", "server_error"),
        Kind("index-unreachable", 503, "the Chroma server that holds the index does not answer", "server_error"),
        Kind("index-busy", 503, "another process is writing the index", "server_error"),
        Kind("data-folder", 503, "the data folder cannot be written", "server_error"),
        Kind("embedder", 503, "the server of the embeddings gave no usable vectors; `detail` says why", "server_error"),
        Kind("overloaded", 503, "all places are taken; `Retry-After` says when to try again", "server_error"),
        Kind("stopping", 503, "the server is about to stop", "server_error"),
        Kind("timeout", 504, "the answer took too long", "server_error"),
    )
}
_OF_STATUS = {
    KINDS[name].status: KINDS[name]
    for name in (
        "not-json key origin not-found method body-timeout too-large media-type host fields rate-limit unexpected"
    ).split()
}
_OF_ERROR: tuple[tuple[type[AssistantError], str], ...] = (
    (QuestionError, "question"),
    (UploadConflict, "exists"),
    (UploadError, "file"),
    (UploadsOff, "uploads-off"),
    (UsageError, "usage"),
    (IndexUnusable, "index-unusable"),
    (IndexUnreachable, "index-unreachable"),
    (IndexBusy, "index-busy"),
    (EmbedderUnavailable, "embedder"),
    (DataFolderError, "data-folder"),
    (RateLimited, "rate-limit"),
    (Overloaded, "overloaded"),
    (Stopping, "stopping"),
    (AnswerTimeout, "timeout"),
    (AssistantError, "failed"),
)


class FieldProblem(BaseModel):
    """One field that cannot be used."""

    pointer: str = Field(description="JSON pointer into the body, or the name of the header", examples=["/question"])
    detail: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": f"{OWN}question",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "the question is empty: ask something",
                }
            ]
        }
    )

    type: str = Field(description=f"what kind of problem it is: {OWN} and one of {', '.join(KINDS)}")
    title: str
    status: int
    detail: str = Field(description="one line that says what happened and what to do")
    errors: tuple[FieldProblem, ...] | None = None
    reason: str | None = Field(
        default=None,
        description=f"of a file that is not added: {', '.join((*UploadError.REASONS, *UploadConflict.REASONS))}",
    )
    source_id: str | None = Field(default=None, description="the source that is in the way of a file")

    @classmethod
    def of(cls, kind: str | int, detail: str = "", errors: Sequence[FieldProblem] = ()) -> Problem:
        """A problem of a kind, or of what a status alone says."""
        found = _OF_STATUS.get(kind) if isinstance(kind, int) else KINDS[kind]
        status = found.status if found else int(kind)
        name = f"{OWN}{found.name}" if found else "about:blank"
        told = detail or (found.meaning if found else _phrase(status))
        return cls(type=name, title=_phrase(status), status=status, detail=told, errors=tuple(errors) or None)

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.type.removeprefix(OWN)) or Kind("http", self.status, self.title)

    def response(self, headers: Mapping[str, str] | None = None, *, scope: Scope | None = None) -> Response:
        """The response to a request, in the shape that its route speaks."""
        if scope is not None and speaks_openai(scope["path"]):
            return Response(self.openai().model_dump_json(), self.kind.openai_status, headers, "application/json")
        return Response(self.json_text(), self.status, headers, MEDIA_TYPE)

    def json_text(self) -> str:
        return self.model_dump_json(exclude_none=True)

    def openai(self) -> OpenAIError:
        """The same in OpenAI's shape."""
        named = self.errors[0].pointer.strip("/").replace("/", ".") if self.errors else None
        kind = self.kind
        return OpenAIError(
            error=OpenAIErrorBody(message=self.detail, type=kind.openai_type, param=named, code=kind.code)
        )


class OpenAIErrorBody(BaseModel):
    """What OpenAI's clients read of an error."""

    message: str = Field(description="one line that says what happened and what to do", examples=["no such model"])
    type: str = Field(examples=["invalid_request_error"])
    param: str | None = Field(description="the field concerned", examples=["messages.0.content"])
    code: str | None = Field(description=f"one of {', '.join(kind.code for kind in KINDS.values())}")


class OpenAIError(BaseModel):
    """An error on the OpenAI-compatible routes."""

    error: OpenAIErrorBody


def speaks_openai(path: str) -> bool:
    """Whether a path is one of OpenAI's."""
    return path.startswith(_OPENAI_PREFIXES)


def problem_of(exc: Exception) -> Problem:
    """What is told of an exception: an AssistantError's own line, nothing of any other."""
    if isinstance(exc, AssistantError):
        kind = next(kind for error, kind in _OF_ERROR if isinstance(exc, error))
        if isinstance(exc, UploadError) and exc.reason == "too_large":
            kind = "too-large"
        told = Problem.of(kind, str(exc))
        if isinstance(exc, (UploadError, UploadConflict)):
            told = told.model_copy(update={"reason": exc.reason, "source_id": getattr(exc, "source_id", None)})
        return told
    _log.error("unexpected error", exc_info=exc)
    return Problem.of("unexpected")


def headers_of(exc: Exception) -> dict[str, str]:
    """The headers that go with an exception's problem."""
    wait = exc.retry_after if isinstance(exc, Refused) else None
    return {} if wait is None else {"retry-after": str(wait)}


def add_handlers(app: FastAPI) -> None:
    """Makes an application tell of every error in the shape of its route."""

    async def http(request: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)
        if exc.status_code == 403:  # Gradio's, of a path that leads out of its files: `origin` is another matter
            return Problem.of("not-found").response(scope=request.scope)
        told = exc.detail if isinstance(exc.detail, str) else ""
        if told in ("There was an error parsing the body", _phrase(exc.status_code)):
            told = ""
        return Problem.of(exc.status_code, told).response(exc.headers, scope=request.scope)

    async def invalid(request: Request, exc: Exception) -> Response:
        assert isinstance(exc, RequestValidationError)
        content_type = request.headers.get("content-type", "")
        if any(error["type"] == "json_invalid" for error in exc.errors()):
            problem = Problem.of("not-json")
        elif any(error["loc"][0] == "body" for error in exc.errors()) and (
            isinstance(exc.body, bytes) or "json" not in content_type.lower()
        ):  # what is declared as something else is not read as JSON
            problem = Problem.of("media-type", "send JSON with Content-Type: application/json")
        else:
            problem = _fields(exc.errors())
        return problem.response(scope=request.scope)

    async def known(request: Request, exc: Exception) -> Response:
        return problem_of(exc).response(headers_of(exc), scope=request.scope)

    async def unknown(request: Request, _: Exception) -> Response:
        # Starlette answers this one outside the middleware, which therefore cannot add its headers; and it raises the
        # exception again, so that the server logs it.
        return Problem.of("unexpected").response(HARDENING, scope=request.scope)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(AssistantError, known)
    app.add_exception_handler(Exception, unknown)


def _fields(errors: Sequence[Any]) -> Problem:
    problems = [
        FieldProblem(pointer=_pointer(error["loc"]), detail=error["msg"].removeprefix("Value error, "))
        for error in errors[:_MAX_FIELDS]
    ]
    named = "; ".join(f"{problem.pointer}: {problem.detail}" for problem in problems)
    return Problem.of("fields", named, problems)


def _pointer(place: Sequence[str | int]) -> str:
    if place[:1] == ("header",):
        return str(place[-1])
    steps = [str(step) for step in (place[1:] if place[:1] == ("body",) else place)]
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps) or "body"
    # A name can be half of a surrogate pair, which could not be sent, or as long as the body.
    return pointer.encode("utf-8", "backslashreplace").decode("utf-8")[:_MAX_POINTER]


def _phrase(status: int) -> str:
    try:
        return _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Error"
