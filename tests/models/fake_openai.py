"""An OpenAI-compatible server on loopback that answers as it is told to, faults included.

openai 3 does not go through httpx, so that mocks of it intercept nothing: only a real server does.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LEFT = (BrokenPipeError, ConnectionResetError)
PAUSE = 5.0
"""Seconds."""


@dataclass(frozen=True)
class Say:
    """What one request is answered with; the defaults are those of a healthy server.

    `yes` is P(yes) of the first token, None for a server that gives no log probabilities. `before` and `between` are
    seconds of waiting; `breaks` closes the connection after that many pieces, `error_after` sends an error object then,
    `pauses` says nothing for `PAUSE`.
    """

    pieces: Sequence[str] = ("Hello.",)
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    yes: float | None = None
    finish: str | None = "stop"
    before: float = 0.0
    between: float = 0.0
    breaks: int | None = None
    error_after: int | None = None
    pauses: int | None = None
    endless: bool = False
    raw: bytes | None = None
    usage: bool = True


Script = Callable[[dict[str, Any]], Say]


class FakeOpenAI:
    """`script` decides by the request's body; `requests` are the bodies that came, in order."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(fake) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or what it writes in pieces waits 40 ms for an acknowledgement

            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                fake.requests.append(asked)
                say = fake.script(asked)
                time.sleep(say.before)
                try:
                    self._answer(asked, say)
                except LEFT:
                    self.close_connection = True

            def _answer(self, asked: dict[str, Any], say: Say) -> None:
                if say.raw is not None:
                    self._send(200, "application/json", say.raw, say.headers)
                elif say.status != 200:
                    body = say.body or {"error": {"message": f"status {say.status}", "type": "x", "code": None}}
                    self._send(say.status, "application/json", json.dumps(body).encode(), say.headers)
                elif asked.get("stream"):
                    self._stream(asked, say)
                else:
                    self._send(200, "application/json", json.dumps(_whole(asked, say)).encode(), say.headers)

            def _send(self, status: int, kind: str, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def _stream(self, asked: dict[str, Any], say: Say) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                for event in _events(asked, say):
                    if event is None:
                        self.wfile.flush()
                        self.connection.close()
                        self.close_connection = True
                        return
                    line = f"data: {event}\n\n".encode()
                    self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
                    self.wfile.flush()
                    time.sleep(say.between)
                self.wfile.write(b"0\r\n\r\n")

        return Handler


def _events(asked: dict[str, Any], say: Say) -> Iterator[str | None]:
    """The data of each event; None breaks the connection."""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return json.dumps(_head(asked, "chat.completion.chunk") | {"choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    number = 0
    while say.endless or number < len(say.pieces):
        if number == say.breaks:
            yield None
        if number == say.pauses:
            time.sleep(PAUSE)
        if number == say.error_after:
            yield json.dumps({"error": {"message": "the engine died", "type": "server_error", "code": 500}})
            return
        yield chunk({"content": say.pieces[number % len(say.pieces)]})
        number += 1
    if number == say.breaks:
        yield None
    if say.finish is not None:
        yield chunk({}, say.finish)
    if say.usage and asked.get("stream_options", {}).get("include_usage"):
        yield json.dumps(_head(asked, "chat.completion.chunk") | {"choices": [], "usage": _usage(say)})
    yield "[DONE]"


def _whole(asked: dict[str, Any], say: Say) -> dict[str, Any]:
    text = "".join(say.pieces)
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": say.finish,
        "logprobs": None,
    }
    if say.yes is not None:
        said = {"yes": say.yes, "no": 1 - say.yes}
        choice["message"]["content"] = max(said, key=said.__getitem__)
        tops = [{"token": t, "logprob": math.log(max(p, 1e-9)), "bytes": None} for t, p in said.items()]
        if asked.get("logprobs"):
            choice["logprobs"] = {"content": [{**tops[0], "top_logprobs": tops}], "refusal": None}
    return _head(asked, "chat.completion") | {"choices": [choice]} | ({"usage": _usage(say)} if say.usage else {})


def _head(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": asked["model"]}


def _usage(say: Say) -> dict[str, int]:
    return {"prompt_tokens": 100, "completion_tokens": len(say.pieces), "total_tokens": 100 + len(say.pieces)}


@contextmanager
def serving(script: Script | Say) -> Iterator[FakeOpenAI]:
    """The server while the block runs."""
    fake = FakeOpenAI(script if callable(script) else lambda _: script)
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
