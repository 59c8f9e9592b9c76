"""Errors as `application/problem+json` (RFC 9457), the only shape in which the HTTP interfaces tell of one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.errors import AssistantError, IndexBusy, IndexUnusable, QuestionError, UsageError
from assistant.interfaces.headers import HARDENING

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)

_OWN = "urn:meeting-assistant:problem:"
_KINDS: tuple[tuple[type[AssistantError], int, str], ...] = (
    (QuestionError, 422, f"{_OWN}question"),
    (UsageError, 422, f"{_OWN}usage"),
    (IndexUnusable, 503, f"{_OWN}index-unusable"),
    (IndexBusy, 503, f"{_OWN}index-busy"),
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
                    "type": f"{_OWN}question",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "the question is empty: ask something",
                }
            ]
        }
    )

    type: str = Field(default="about:blank", description="what kind of problem it is; never needs to be fetched")
    title: str
    status: int
    detail: str = Field(description="one line that says what happened and what to do")
    errors: tuple[FieldProblem, ...] | None = None

    @classmethod
    def of(cls, status: int, detail: str, kind: str = "about:blank", errors: Sequence[FieldProblem] = ()) -> Problem:
        return cls(type=kind, title=_phrase(status), status=status, detail=detail, errors=tuple(errors) or None)

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        return Response(self.json_text(), self.status, headers, MEDIA_TYPE)

    def json_text(self) -> str:
        return self.model_dump_json(exclude_none=True)


def problem_of(exc: Exception) -> Problem:
    """What is told of an exception: an AssistantError's own line, nothing of any other."""
    if isinstance(exc, AssistantError):
        status, kind = next(((s, k) for error, s, k in _KINDS if isinstance(exc, error)), (500, "about:blank"))
        return Problem.of(status, str(exc), kind)
    _log.error("unexpected error", exc_info=exc)
    return Problem.of(500, "an unexpected error; the server's log has the details")


def add_handlers(app: FastAPI) -> None:
    """Makes an application tell of every error as a problem."""

    async def http(_: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)
        detail = exc.detail if isinstance(exc.detail, str) else _phrase(exc.status_code)
        return Problem.of(exc.status_code, _DETAILS.get(detail, detail)).response(exc.headers)

    async def invalid(request: Request, exc: Exception) -> Response:
        assert isinstance(exc, RequestValidationError)
        if any(error["type"] == "json_invalid" for error in exc.errors()):
            return Problem.of(400, "the body is not valid JSON").response()
        content_type = request.headers.get("content-type", "")
        if request.method == "POST" and "json" not in content_type.lower():
            return Problem.of(415, "send JSON with Content-Type: application/json").response()
        return _fields(exc.errors()).response()

    async def known(_: Request, exc: Exception) -> Response:
        return problem_of(exc).response()

    async def unknown(_: Request, exc: Exception) -> Response:
        # Starlette answers this one outside the middleware, which therefore cannot add its headers; and it raises the
        # exception again, so that the server logs it.
        return Problem.of(500, "an unexpected error; the server's log has the details").response(HARDENING)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(AssistantError, known)
    app.add_exception_handler(Exception, unknown)


_DETAILS = {
    "Not Found": "there is nothing at this address",
    "Method Not Allowed": "this address does not take that method",
    "There was an error parsing the body": "the body is not valid JSON",
}


def _fields(errors: Sequence[Any]) -> Problem:
    problems = [
        FieldProblem(pointer=_pointer(error["loc"]), detail=error["msg"].removeprefix("Value error, "))
        for error in errors
    ]
    named = "; ".join(f"{problem.pointer}: {problem.detail}" for problem in problems)
    return Problem.of(422, named, f"{_OWN}fields", problems)


def _pointer(place: Sequence[str | int]) -> str:
    if place[:1] == ("header",):
        return str(place[-1])
    steps = place[1:] if place[:1] == ("body",) else place
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps) or "body"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
