"""The assistant's HTTP API as the bot uses it. Of an answer only what is shown is read, so that the API may grow."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

_log = logging.getLogger(__name__)

Reason = Literal["down", "slow", "refused", "limited", "busy", "question", "failed", "interrupted"]

_PROBLEM = "urn:meeting-assistant:problem:"
_REASONS: dict[str, Reason] = {
    "key": "refused",
    "origin": "refused",
    "host": "refused",
    "rate-limit": "limited",
    "question": "question",
    "too-large": "question",
    "overloaded": "busy",
    "stopping": "busy",
    "index-unusable": "down",
    "index-unreachable": "down",
    "embedder": "down",
    "index-busy": "down",
    "timeout": "slow",
}
_REASONS_OF_STATUS: dict[int, Reason] = {
    401: "refused",
    403: "refused",
    429: "limited",
    502: "down",
    503: "down",
    504: "slow",
}
"""For what stands between, e.g. a proxy, and does not speak of problems."""
_AS_JSON = {"content-type": "application/json"}
_CONNECT = 10.0  # seconds
_SILENCE = 40.0  # seconds; the API sends a sign of life every 15
_SPARE = 2.0  # seconds that the way of an answer may add to its time
_LONGEST = 8 * 1024 * 1024  # bytes of one event


class ApiFailure(Exception):
    """The API gave no answer. `reason` is for the bot's words; `retry_after` is in seconds, where it is known."""

    def __init__(self, reason: Reason, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.retry_after = retry_after


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Citation(_Read):
    """Words of a source; a related passage has no marker."""

    marker: int | None = None
    title: str
    cited_text: str
    context: str = ""
    start_page_number: int | None = None
    end_page_number: int | None = None


class Notice(_Read):
    """What the asker should know of how the answer came about."""

    message: str


class Answer(_Read):
    """The whole answer; `answer` is CommonMark."""

    id: str
    language: str
    status: str
    answer: str
    standalone_question: str = ""
    citations: tuple[Citation, ...] = ()
    related: tuple[Citation, ...] = ()
    follow_ups: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


class Progress(_Read):
    """A step has begun."""

    step: str


class Sentence(_Read):
    """A verified piece of the answer, CommonMark; the pieces concatenate to the answer."""

    text: str


Event = Progress | Sentence | Answer
_EVENTS: dict[str, type[Progress] | type[Sentence] | type[Answer]] = {
    "progress": Progress,
    "sentence": Sentence,
    "answer": Answer,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


class Api:
    """The API at an address.

    Args:
        session: with which it is asked.
        url: where it is, without `/v1`.
        key: one of its keys, if it has some.
        seconds: that an answer may take.

    Raises (from every method):
        ApiFailure: there is no answer, with the reason.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str | None, seconds: float) -> None:
        self.url = url.rstrip("/")
        self._session = session
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._timeout = aiohttp.ClientTimeout(total=seconds + _SPARE, sock_connect=_CONNECT, sock_read=_SILENCE)

    async def ask(self, question: str, history: Sequence[Turn]) -> AsyncGenerator[Event, None]:
        """The events of a question; the Answer is the last one.

        They are read as they come, however long is taken over each: the API's time must not go by waiting for Slack.
        """
        read: asyncio.Queue[Event | Exception] = asyncio.Queue()

        async def reading() -> None:
            try:
                async for event in self._events(question, history):
                    read.put_nowait(event)
            except Exception as exc:
                read.put_nowait(exc)

        task = asyncio.create_task(reading())
        try:
            while True:
                match await read.get():
                    case Exception() as exc:
                        raise exc
                    case event:
                        yield event
                        if isinstance(event, Answer):
                            return
        finally:
            task.cancel()

    async def _events(self, question: str, history: Sequence[Turn]) -> AsyncGenerator[Event, None]:
        turns = [{"role": turn.role, "content": turn.content} for turn in history]
        asked = {"question": question, "history": turns, "stream": True}
        begun = False
        try:
            async with self._request("POST", "/v1/ask", data=_json(asked), headers=_AS_JSON) as response:
                await _check(response)
                async for name, data in _server_sent(response):
                    if name == "error":
                        raise _failure(0, data)
                    if name in _EVENTS:
                        event = _EVENTS[name].model_validate_json(data)
                        begun = begun or isinstance(event, Sentence)
                        yield event
                        if isinstance(event, Answer):
                            return
            raise ApiFailure("interrupted" if begun else "down", "the stream ended without an answer")
        except TimeoutError as exc:
            raise ApiFailure("slow") from exc
        except aiohttp.ClientError as exc:
            raise ApiFailure("interrupted" if begun else "down", type(exc).__name__) from exc
        except ValidationError as exc:
            raise ApiFailure("failed", "an event that is none of the API's") from exc

    async def examples(self, language: str) -> tuple[str, ...]:
        """Questions that the sources answer, in a BCP 47 language where there are some."""
        told = await self._told("GET", "/v1/examples", params={"language": language})
        return tuple(str(question) for question in told.get("questions", ()))

    async def rate(self, answer_id: str, rating: str) -> None:
        """Hands on a reader's thumb: up or down."""
        await self._told("POST", "/v1/feedback", json={"answer_id": answer_id, "rating": rating})

    async def _told(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            async with self._request(method, path, **request) as response:
                await _check(response)
                told = await response.json()
        except TimeoutError as exc:
            raise ApiFailure("slow") from exc
        except (aiohttp.ClientError, ValueError) as exc:
            raise ApiFailure("down", type(exc).__name__) from exc
        if not isinstance(told, dict):
            raise ApiFailure("failed", "not what the API says there")
        return told

    def _request(self, method: str, path: str, **request: Any) -> Any:
        return self._session.request(
            method,
            f"{self.url}{path}",
            headers={**self._headers, **request.pop("headers", {})},
            timeout=self._timeout,
            allow_redirects=False,
            **request,
        )


def _json(value: object) -> bytes:
    """JSON as UTF-8: escaped, an emoji has twelve bytes, and a long thread of them more than the API takes."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


async def _check(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        wait = response.headers.get("retry-after", "")
        raise _failure(response.status, await response.text(errors="replace"), int(wait) if wait.isdecimal() else None)


def _failure(status: int, body: str, retry_after: int | None = None) -> ApiFailure:
    """What a problem (RFC 9457), or else a status alone, says."""
    try:
        problem = json.loads(body)
        kind = str(problem["type"]).removeprefix(_PROBLEM)
    except (ValueError, KeyError, TypeError):
        kind = ""
    reason = _REASONS.get(kind) or _REASONS_OF_STATUS.get(status, "failed")
    return ApiFailure(reason, f"{status or 'in the stream'} {kind}".strip(), retry_after=retry_after)


async def _server_sent(response: aiohttp.ClientResponse) -> AsyncGenerator[tuple[str, str], None]:
    """Names and data of the server-sent events of a response."""
    rest, name, data = b"", "", list[str]()
    async for chunk in response.content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST:
            raise ApiFailure("failed", "an event without an end")
        for line in lines:
            field, _, value = line.decode("utf-8", "replace").rstrip("\r").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif not field and not value and data:
                yield name, "\n".join(data)
                name, data = "", []
