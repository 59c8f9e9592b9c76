"""One answer in a thread: streamed as it comes, or, where Slack does not let it, posted and then updated."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.interfaces.slack.blocks import MAX_TEXT, Block, packed, prose
from assistant.interfaces.slack.text import beginning, escape, markdown

_log = logging.getLogger(__name__)

SLACK_FAULTS = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What a call of Slack raises when it fails, after what its retries could do."""

PACE = 1.0
"""Seconds between two updates of a message, or of its status: Slack's limits are by the minute."""
_STATUS_SECONDS = 2.0  # an answer does not wait longer for what only adorns it
_ROOM = 6_000  # characters streamed into one message; what does not fit goes on in the next
_LEAST = 500  # characters; less room is not worth a piece of a sentence


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reply goes, and to whom."""

    channel: str
    thread: str  # the `ts` of the message that it hangs from
    user: str
    team: str


class Reply:
    """A reply to one question. The texts that it is given are plain.

    Raises (from `finish`, once everything else was tried):
        SlackClientError, aiohttp.ClientError, TimeoutError: Slack does not take the message.
    """

    def __init__(self, slack: AsyncWebClient, place: Place) -> None:
        self._slack = slack
        self._place = place
        self._ts = ""  # of the message, once there is one
        self._streaming = False
        self._held = False  # Slack took no first words: `finish` tries once more, with the whole answer
        self._text = ""
        self._sent = 0  # characters of the text that Slack has
        self._room = _ROOM
        self._acted = 0.0
        self._status = ""

    @property
    def begun(self) -> bool:
        """Whether words of the answer came."""
        return bool(self._text)

    async def working(self, status: str) -> None:
        """Shows what is being done, until the first words come."""
        if self._ts or status in ("", self._status) or not self._due():
            return
        self._status = status
        try:
            async with asyncio.timeout(_STATUS_SECONDS):
                await self._slack.assistant_threads_setStatus(
                    channel_id=self._place.channel, thread_ts=self._place.thread, status=status
                )
        except SLACK_FAULTS as exc:
            _log.info("Slack shows no status (%s)", name_of(exc))

    async def say(self, text: str) -> None:
        """Adds a verified piece to the answer."""
        self._text += text
        if self._held:
            return
        if not self._ts:
            await self._begin()
        elif self._due():
            await (self._append() if self._streaming else self._update(prose(self._text)))

    async def finish(self, tail: Sequence[Block], metadata: dict[str, Any], text: str | None = None) -> None:
        """Ends the reply with these blocks below its text (`text`: the whole, where not all was said before)."""
        self._text = self._text if text is None else text
        if self._streaming:
            piece, after = self._take()
            rest = [*prose(after), *tail]
            first, *others = packed(rest, _ROOM - self._room) if not after else [[], *packed(rest)]
            if await self._stop(piece, first, metadata):
                await self._post_all(others)
                return
        messages = packed([*prose(self._text), *tail])
        if self._ts and await self._update(messages[0], metadata):
            messages = messages[1:]
            metadata = {}
        await self._post_all(messages, metadata)

    def _due(self) -> bool:
        """Whether it is time for another update; if so, it counts as made."""
        now = time.monotonic()
        if self._acted and now - self._acted < PACE:
            return False
        self._acted = now
        return True

    def _take(self) -> tuple[str, str]:
        """What is to be streamed next, as Markdown, and the text that has no room in this message."""
        rest = self._text[self._sent :]
        piece = beginning(rest, self._room, markdown)
        piece = piece if piece == rest or self._room >= _LEAST else ""
        shown = markdown(piece)
        self._sent += len(piece)
        self._room = 0 if piece != rest else self._room - len(shown)  # later pieces must not overtake what is left
        return shown, rest[len(piece) :]

    async def _begin(self) -> None:
        place, (piece, _) = self._place, self._take()
        self._acted = time.monotonic()
        try:
            begun = await self._slack.chat_startStream(
                channel=place.channel,
                thread_ts=place.thread,
                recipient_user_id=place.user,
                recipient_team_id=place.team,
                markdown_text=piece,
            )
            self._ts, self._streaming = begun["ts"], True
        except SLACK_FAULTS as exc:
            _log.info("Slack does not stream here (%s): posting instead", name_of(exc))
            try:
                self._ts = await self._post(packed(prose(self._text))[0], escape(self._fallback()))
            except SLACK_FAULTS as again:
                self._held = True
                _log.info("Slack took no first words (%s)", name_of(again))

    async def _append(self) -> None:
        piece, _ = self._take()
        if not piece:
            return
        try:
            await self._slack.chat_appendStream(channel=self._place.channel, ts=self._ts, markdown_text=piece)
        except SLACK_FAULTS as exc:  # stopped by the reader, or by Slack
            _log.info("the stream ended early (%s): updating instead", name_of(exc))
            self._streaming = False

    async def _stop(self, piece: str, blocks: Sequence[Block], metadata: dict[str, Any]) -> bool:
        try:
            await self._slack.chat_stopStream(
                channel=self._place.channel,
                ts=self._ts,
                markdown_text=piece or None,
                blocks=list(blocks) or None,
                metadata=metadata or None,
            )
        except SLACK_FAULTS as exc:
            _log.info("the stream could not be ended (%s): updating instead", name_of(exc))
            self._streaming = False
            return False
        return True

    async def _update(self, blocks: Sequence[Block], metadata: dict[str, Any] | None = None) -> bool:
        first = packed(blocks)[0]
        try:
            await self._slack.chat_update(
                channel=self._place.channel,
                ts=self._ts,
                text=escape(self._fallback()),
                blocks=first,
                metadata=metadata or None,
            )
        except SLACK_FAULTS as exc:
            _log.info("the message could not be updated (%s)", name_of(exc))
            return False
        return True

    async def _post_all(self, messages: Sequence[Sequence[Block]], metadata: dict[str, Any] | None = None) -> None:
        for number, blocks in enumerate(messages):
            await self._post(blocks, escape(self._fallback()), metadata if number == 0 else None)

    async def _post(self, blocks: Sequence[Block], text: str, metadata: dict[str, Any] | None = None) -> str:
        posted = await self._slack.chat_postMessage(
            channel=self._place.channel,
            thread_ts=self._place.thread,
            text=text,
            blocks=list(blocks) or None,
            metadata=metadata or None,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    def _fallback(self) -> str:
        return beginning(self._text, MAX_TEXT, escape)


def name_of(exc: BaseException) -> str:
    """Slack's name for an error, or else its class: neither holds a text or a token."""
    response = getattr(exc, "response", None)
    try:
        return str(response["error"]) if response is not None else type(exc).__name__
    except (KeyError, TypeError):
        return type(exc).__name__
