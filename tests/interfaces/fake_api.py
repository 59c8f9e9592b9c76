"""The assistant's API on loopback, which answers as its contract says, or fails as the question tells it to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from .loopback import Loopback

HOSTILE = "<!channel> <!here|x> <@U1> <https://evil.example|click> & *b* _i_ `c` ~s~ https://evil.example/x [1](y)"
LONG = [f"Sentence {number} of the minutes says that item {number} & its annex were adopted." for number in range(400)]


class FakeApi(Loopback):
    """`asked` are the bodies of questions, `rated` those of thumbs; `keys` is what it takes, None for anything."""

    def __init__(self, key: str | None = None) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.rated: list[dict[str, Any]] = []
        self.key = key

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def application(self) -> web.Application:
        served = web.Application()
        served.router.add_post("/v1/ask", self._ask)
        served.router.add_post("/v1/feedback", self._feedback)
        served.router.add_get("/v1/examples", self._examples)
        return served

    def questions(self, question: str) -> list[dict[str, Any]]:
        return [each for each in list(self.asked) if each["question"] == question]

    def _refused(self, request: web.Request) -> bool:
        return self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}"

    async def _examples(self, request: web.Request) -> web.Response:
        if self._refused(request):
            return _problem("key", 401)
        return web.json_response({"language": "en", "questions": ["Who chaired the meeting?"], "new": 1})

    async def _feedback(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "unkept" in body["answer_id"]:
            return _problem("data-folder", 503)
        self.rated.append(body)
        return web.json_response({"status": "recorded"})

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        question = body["question"]
        match question.split()[0]:
            case "refused":
                return _problem("key", 401)
            case "limited":
                return _problem("rate-limit", 429, {"retry-after": "7"})
            case "busy":
                return _problem("overloaded", 503)
            case "unreadable":
                return _problem("question", 422)
            case "proxy":
                return web.Response(status=502, text="<html>secret backend</html>")
            case "crashed":
                return _problem("unexpected", 500)
            case "slow":
                await asyncio.sleep(30)
            case "reset":
                assert request.transport is not None
                request.transport.abort()
        return await self._stream(request, question)

    async def _stream(self, request: web.Request, question: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)

        async def send(name: str, data: Any) -> None:
            whole = f": ping\n\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
            await response.write(whole[:40])  # events need not come in one piece
            await response.write(whole[40:])

        await send("progress", {"step": "retrieve"})
        pieces, pause = ["It was adopted: “item 1” \\[sic\\] [1]", "\n\nAnd “item 2” [2]"], 0.0
        citations = [_citation(1, "item 1"), _citation(2, "item 2")]
        more: dict[str, Any] = {}
        match question.split(maxsplit=1)[0]:
            case "hostile":
                escaped = "".join(f"\\{char}" if char in "\\`*_[]<>~|" else char for char in HOSTILE)
                pieces, citations = [f"“{escaped}” [1]"], [{**_citation(1, HOSTILE), "title": HOSTILE}]
                more = {"notices": [{"code": "x", "message": HOSTILE}], "follow_ups": [HOSTILE]}
            case "long":
                pieces = [f"{'' if n == 0 else ' '}{sentence}" for n, sentence in enumerate(LONG)]
                citations = [_citation(n, LONG[n] * 3) for n in range(1, 61)]
                more = {"follow_ups": ["Why? " * 100, "So?"]}
            case "unspaced":
                pieces, citations = ["&" * 15_000], [_citation(1, "&" * 9_000)]
            case "paused":
                pause = 1.2
            case "late":
                pause = 0.6
        for number, piece in enumerate(pieces):
            await asyncio.sleep(pause if number else 0)
            await send("sentence", {"text": piece, "citations": [], "later": "a field that is new"})
            if question.startswith("dies"):
                await asyncio.sleep(0.1)
                assert request.transport is not None
                request.transport.abort()
                return response
            if question.startswith("breaks") and number == 0:
                await send(
                    "error", {"type": "urn:meeting-assistant:problem:timeout", "status": 504, "detail": "secret"}
                )
                return response
        if question.startswith("ends"):
            return response
        await send("answer", _answer(question, "".join(pieces), citations, **more))
        return response


def _citation(marker: int, words: str) -> dict[str, Any]:
    return {
        "marker": marker,
        "source_id": "minutes.txt",
        "title": "Minutes",
        "start_char_index": 0,
        "end_char_index": len(words),
        "cited_text": words,
        "context": f"Before it. {words} After it.",
    }


def _answer(question: str, text: str, citations: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": "unkept" if question.startswith("unkept") else "a7",
        "question": question,
        "standalone_question": question,
        "language": "ru" if "по-русски" in question else "en",
        "status": "partial" if question.startswith("partly") else "answered",
        "answer": text,
        "citations": citations,
        "a field that is new": True,
        **more,
    }


def _problem(kind: str, status: int, headers: dict[str, str] | None = None) -> web.Response:
    told = {"type": f"urn:meeting-assistant:problem:{kind}", "title": "x", "status": status, "detail": "secret detail"}
    return web.json_response(told, status=status, headers=headers, content_type="application/problem+json")
