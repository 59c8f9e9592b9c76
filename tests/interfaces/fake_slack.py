"""Slack on loopback: its Web API, which keeps messages and refuses what breaks a limit, and its Socket Mode server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from aiohttp import WSMsgType, web

from .loopback import Loopback

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-good-token", "xapp-good-token", "good-signing-secret"
BOT, BOT_ID, TEAM, CHANNEL = "UBOT", "BBOT", "T1", "C1"


@dataclass(frozen=True)
class Fault:
    """How a call fails: Slack's error (or only late, without one), `retry_after` with 429."""

    error: str = ""
    retry_after: int | None = None
    delay: float = 0.0


@dataclass
class Call:
    """A call of the Web API that came in."""

    method: str
    fields: dict[str, Any]
    at: float
    failed: bool = False


@dataclass
class Message:
    """A message as Slack keeps it."""

    channel: str
    ts: str
    thread_ts: str | None
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    streaming: bool = False
    streamed: bool = False

    @property
    def shown(self) -> str:
        """What a reader sees: what was streamed, and the texts of the blocks."""
        return "\n".join(([self.text] if self.streamed or not self.blocks else []) + list(texts(self.blocks)))


class FakeSlack(Loopback):
    """`calls` came in, in order; `faults` are taken one by one for a method; `broken` are the limits that were broken."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.locales: dict[str, str] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.broken: list[str] = []
        self.acknowledged: dict[str, float] = {}  # seconds by envelope
        self.sockets: list[web.WebSocketResponse] = []
        self._sent: dict[str, float] = {}
        self._clock = itertools.count(int(time.time()) * 10)
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"http://{self.host}/api/"

    def application(self) -> web.Application:
        served = web.Application(client_max_size=1024 * 1024)
        served.router.add_route("*", "/api/{method}", self._call)
        served.router.add_get("/link", self._socket)
        return served

    # --- what people do --------------------------------------------------------------------------------------------

    def ts(self) -> str:
        return f"{next(self._clock) / 10:.6f}"

    def write(
        self, text: str, *, channel: str = CHANNEL, thread: str | None = None, user: str = "U1"
    ) -> dict[str, Any]:
        """A person's message, as Slack's event tells of it."""
        ts = self.ts()
        self.messages[channel, ts] = Message(channel, ts, thread, user, text)
        kind = "im" if channel.startswith("D") else "channel"
        event = {"type": "message", "channel": channel, "channel_type": kind, "user": user, "text": text, "ts": ts}
        return {**event, "team": TEAM, **({"thread_ts": thread} if thread else {})}

    def mention(self, text: str, **where: Any) -> dict[str, Any]:
        event = self.write(f"<@{BOT}> {text}", **where)
        return {name: value for name, value in event.items() if name != "channel_type"} | {"type": "app_mention"}

    def click(self, message: Message, action: Mapping[str, Any], *, user: str = "U1") -> dict[str, Any]:
        """A click on a button, as Slack tells of it."""
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": message.channel},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
            "message": {"ts": message.ts, "thread_ts": message.thread_ts, "user": BOT},
            "actions": [{**action, "action_ts": self.ts(), "block_id": "b"}],
        }

    # --- what Slack tells the bot ----------------------------------------------------------------------------------

    def send(self, payload: dict[str, Any]) -> str:
        """Sends an event, or a click, over the socket; its envelope."""
        envelope = f"e{next(self._numbers)}"
        click = payload["type"] == "block_actions"
        body = payload if click else self.callback(payload)
        kind = "interactive" if click else "events_api"
        self._sent[envelope] = time.monotonic()
        message = {"type": kind, "envelope_id": envelope, "accepts_response_payload": False, "payload": body}
        self.run(self._open_socket().send_json(message))
        return envelope

    def disconnect(self) -> None:
        """Asks the bot to connect anew, as Slack does every few hours."""
        self.run(self._open_socket().send_json({"type": "disconnect", "reason": "refresh_requested"}))

    def callback(self, event: dict[str, Any]) -> dict[str, Any]:
        return {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{event.get('ts')}", "event": event}

    def post(
        self, url: str, payload: dict[str, Any], *, secret: str = SECRET, age: float = 0.0, retry: int = 0
    ) -> httpx.Response:
        """Calls the bot over HTTP, signed."""
        body, headers = self.signed(payload, secret=secret, age=age)
        if retry:
            headers |= {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_timeout"}
        return httpx.post(url, content=body, headers=headers, timeout=10)

    def signed(
        self, payload: dict[str, Any], *, secret: str = SECRET, age: float = 0.0
    ) -> tuple[bytes, dict[str, str]]:
        click = payload["type"] == "block_actions"
        raw = payload if click or payload["type"] == "url_verification" else self.callback(payload)
        body = (urlencode({"payload": json.dumps(raw)}) if click else json.dumps(raw)).encode()
        at = str(int(time.time() - age))
        digest = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        kind = "application/x-www-form-urlencoded" if click else "application/json"
        return body, {"content-type": kind, "x-slack-request-timestamp": at, "x-slack-signature": f"v0={digest}"}

    # --- what the bot did ------------------------------------------------------------------------------------------

    def called(self, method: str, **fields: Any) -> list[Call]:
        return [
            call
            for call in list(self.calls)
            if call.method == method and all(call.fields.get(name) == value for name, value in fields.items())
        ]

    def replies(self, thread: str, channel: str = CHANNEL) -> list[Message]:
        """The bot's messages in a thread."""
        return [
            each
            for each in list(self.messages.values())
            if (each.channel, each.thread_ts, each.user) == (channel, thread, BOT)
        ]

    def answer(self, event: Mapping[str, Any], count: int = 1, seconds: float = 15.0) -> Message:
        """The bot's newest reply in the thread of an event, once it has `count` finished ones."""
        thread = event.get("thread_ts") or event["ts"]

        def finished() -> list[Message]:
            return [each for each in self.replies(thread, event["channel"]) if each.blocks or not each.streamed]

        self.until(lambda: len(finished()) >= count and not finished()[count - 1].streaming, seconds)
        return finished()[count - 1]

    def until(self, holds: Callable[[], object], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds:g} s; calls: {[call.method for call in self.calls]}"
            time.sleep(0.01)

    # --- the servers -----------------------------------------------------------------------------------------------

    def _open_socket(self) -> web.WebSocketResponse:
        self.until(lambda: self.sockets and not self.sockets[-1].closed)
        return self.sockets[-1]

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                envelope = message.json()["envelope_id"]
                self.acknowledged.setdefault(envelope, time.monotonic() - self._sent[envelope])
        return socket

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            fields = await request.json()
        else:
            fields = {**request.query, **(await request.post())}
        call = Call(method, fields, time.monotonic())
        self.calls.append(call)
        fault = self.faults[method].pop(0) if self.faults[method] else Fault()
        await asyncio.sleep(fault.delay)
        if fault.retry_after is not None:
            call.failed = True
            headers = {"retry-after": str(fault.retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        good = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        error = fault.error or ("" if token == good else "invalid_auth") or _broken(fields)
        told = {} if error else self._did(method, fields)
        call.failed = bool(error or "error" in told)
        if error in ("msg_too_long", "invalid_blocks"):
            self.broken.append(f"{method}: {error} {json.dumps(fields)[:300]}")
        return web.json_response({"ok": not call.failed, **({"error": error} if error else told)})

    def _did(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"user_id": BOT, "bot_id": BOT_ID, "team_id": TEAM, "user": "meeting-assistant"}
            case "apps.connections.open":
                return {"url": f"ws://{self.host}/link"}
            case "users.info":
                return {"user": {"id": fields["user"], "locale": self.locales.get(fields["user"], "en-US")}}
            case "conversations.replies":
                return self._thread(fields)
            case "chat.postMessage" | "chat.startStream":
                streamed = method == "chat.startStream"
                posted = Message(
                    fields["channel"],
                    self.ts(),
                    fields.get("thread_ts"),
                    BOT,
                    fields.get("markdown_text" if streamed else "text") or "",
                    fields.get("blocks") or [],
                    fields.get("metadata") or {},
                    streaming=streamed,
                    streamed=streamed,
                )
                self.messages[posted.channel, posted.ts] = posted
                return {"channel": posted.channel, "ts": posted.ts}
            case "chat.appendStream" | "chat.stopStream":
                message = self.messages[fields["channel"], fields["ts"]]
                if not message.streaming:
                    return {"error": "message_not_in_streaming_state"}
                message.text += fields.get("markdown_text") or ""
                message.blocks = fields.get("blocks") or message.blocks
                message.metadata = fields.get("metadata") or message.metadata
                message.streaming = method == "chat.appendStream"
                return {"channel": message.channel, "ts": message.ts}
            case "chat.update":
                message = self.messages[fields["channel"], fields["ts"]]
                message.text, message.blocks = fields["text"], fields.get("blocks") or []
                message.metadata = fields.get("metadata") or message.metadata
                message.streaming = message.streamed = False
                return {"channel": message.channel, "ts": message.ts}
            case "chat.postEphemeral" | "assistant.threads.setStatus" | "assistant.threads.setSuggestedPrompts":
                return {}
        return {"error": "unknown_method"}

    def _thread(self, fields: dict[str, Any]) -> dict[str, Any]:
        """A page of two messages, so that more than one has to be fetched."""
        begun = (fields["channel"], fields["ts"])
        found = [
            {
                "type": "message",
                "ts": each.ts,
                "user": each.user,
                "text": each.text,
                **({"metadata": each.metadata} if each.metadata else {}),
                **({"bot_id": BOT_ID} if each.user == BOT else {}),
            }
            for each in sorted(self.messages.values(), key=lambda each: float(each.ts))
            if begun in ((each.channel, each.ts), (each.channel, each.thread_ts))
        ]
        at = int(fields.get("cursor") or 0)
        following = str(at + 2) if at + 2 < len(found) else ""
        return {"messages": found[at : at + 2], "response_metadata": {"next_cursor": following}}


def texts(value: Any) -> Iterator[str]:
    """All that is shown of blocks, in order."""
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for name, each in value.items():
            if name != "text" or not isinstance(each, str):
                yield from texts(each)


def elements(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    """All parts of blocks of a type."""
    if isinstance(value, list):
        for each in value:
            yield from elements(each, kind)
    elif isinstance(value, dict):
        if value.get("type") == kind:
            yield value
        for each in value.values():
            yield from elements(each, kind)


def _broken(fields: dict[str, Any]) -> str:
    """Slack's error for what breaks one of its documented limits."""
    blocks = fields.get("blocks") or []
    said = sum(map(len, texts(blocks))) + len(fields.get("text") or "") + len(fields.get("markdown_text") or "")
    if said > 12_000:
        return "msg_too_long"
    buttons = [*elements(blocks, "button")]
    good = (
        len(blocks) <= 50
        and all(0 < len(text) <= 3_000 for text in texts(blocks))
        and all(len(each["elements"]) <= 25 for each in elements(blocks, "actions"))
        and all(len(each["elements"]) <= 10 for each in elements(blocks, "context"))
        and all(len(each["text"]["text"]) <= 75 for each in buttons)
        and all(len(each.get("value", "")) <= 2_000 and len(each.get("url", "")) <= 3_000 for each in buttons)
        and all(
            len({b["action_id"] for b in each["elements"]}) == len(each["elements"])
            for each in elements(blocks, "actions")
        )
    )
    return "" if good else "invalid_blocks"
