"""What the bot does with what Slack tells it: questions are answered in their threads, everything else is left alone."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from assistant.interfaces.slack.api import Answer, Api, ApiFailure, Progress, Sentence, Turn
from assistant.interfaces.slack.blocks import ASK, FEEDBACK, OPEN, button_values, evidence, note
from assistant.interfaces.slack.reply import SLACK_FAULTS, Place, Reply, name_of
from assistant.interfaces.slack.seen import Seen
from assistant.interfaces.slack.text import clipped, escape, mentioned, plain
from assistant.messages import Catalogue, catalogue
from assistant.text.languages import identify
from assistant.text.markdown import unescape

_log = logging.getLogger("assistant.slack")

ANSWERED, ASKED = "meeting_answer", "meeting_question"
"""`event_type` of the metadata of the bot's messages: an answer, and a question that somebody asked by a button."""

_WRITTEN = (None, "file_share", "thread_broadcast")
"""Subtypes of messages that people write. Edited, deleted and joined are others, and nothing to answer."""
_TURNS = 20  # of the thread that go with a question; the API uses the last few
_TURN = 2_000  # characters of one of them
_PAGE = 200  # messages of a thread fetched at once
_PAGES = 5
_PROMPTS = 4  # Slack's limit
_THREADS = 10_000  # of which it is remembered whether the bot takes part


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is in its workspace."""

    user: str
    bot: str
    team: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where it was asked."""

    question: str
    ts: str  # of its message
    place: Place


class Bot:
    """The bot of one workspace.

    Args:
        slack: the Web API, with the bot's token.
        api: the assistant's API.
        seen: what has been answered already.
        page_url: the web page, to which answers link if it is given.
    """

    def __init__(self, slack: AsyncWebClient, me: Me, api: Api, seen: Seen, page_url: str | None = None) -> None:
        self._slack = slack
        self._me = me
        self._api = api
        self._seen = seen
        self._page_url = page_url
        self._threads: dict[tuple[str, str], bool] = {}
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._working: set[asyncio.Task[Any]] = set()

    def listen(self, app: AsyncApp) -> None:
        """Has Bolt tell of what concerns the bot. Bolt acknowledges events before their listeners run."""
        app.event("app_mention")(self.message)
        app.event("message")(self.message)
        app.event("assistant_thread_started")(self.thread_started)
        app.event("app_home_opened")(self.home_opened)
        app.event(re.compile(".*"))(self.ignored)
        app.action(FEEDBACK)(self.rated)
        app.action(re.compile(rf"{ASK}_\d+"))(self.follow_up)
        app.action(OPEN)(self.opened)

    async def finish(self, seconds: float) -> None:
        """Waits for the answers that have been begun."""
        if self._working:
            await asyncio.wait(self._working, timeout=seconds)

    # --- what Slack tells ------------------------------------------------------------------------------------------

    async def message(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """A message that mentions the bot, was sent to it, or was written in a channel where it is."""
        if not self._by_a_person(event):
            return
        with self._at_work():
            asked = self._asked(event, body)
            if not self._addressed(event) and not await self._goes_on(event, asked.place):
                return
            # Mention and message are two events of one message, and Slack sends each again when in doubt.
            if await self._seen.claim(f"message {asked.place.channel} {asked.ts}"):
                await self._answer(asked)

    async def follow_up(self, ack: Callable[[], Awaitable[Any]], body: dict[str, Any]) -> None:
        """One of the questions that an answer suggested was chosen: it is asked in the thread for all to see."""
        await ack()
        with self._at_work():
            action, place = body["actions"][0], _place_of(body)
            question = str(action["value"])
            if not await self._seen.claim(_click(body)):
                return
            try:
                posted = await self._slack.chat_postMessage(
                    channel=place.channel,
                    thread_ts=place.thread,
                    text=f"<@{place.user}>: {escape(question)}",
                    metadata={"event_type": ASKED, "event_payload": {"question": question}},
                    unfurl_links=False,
                    unfurl_media=False,
                )
            except SLACK_FAULTS as exc:
                _log.error("a question could not be posted (%s)", name_of(exc))
                return
            await self._answer(Asked(question, str(posted["ts"]), place))

    async def rated(self, ack: Callable[[], Awaitable[Any]], body: dict[str, Any]) -> None:
        """A thumb: it goes to the API, and its giver is thanked where nobody else sees it."""
        await ack()
        with self._at_work():
            place = _place_of(body)
            try:
                rating, answer_id, language = button_values(str(body["actions"][0]["value"]))
            except ValueError:
                return
            if not await self._seen.claim(_click(body)):
                return
            words = catalogue(language)
            try:
                await self._api.rate(answer_id, rating)
                told = words.text("slack.noted")
            except ApiFailure as exc:
                _log.warning("a rating was not kept (%s)", exc)
                told = _failure(exc, words)
            try:
                await self._slack.chat_postEphemeral(
                    channel=place.channel, thread_ts=place.thread, user=place.user, text=escape(told)
                )
            except SLACK_FAULTS as exc:
                _log.info("nobody was thanked (%s)", name_of(exc))

    async def opened(self, ack: Callable[[], Awaitable[Any]]) -> None:
        """The link to the page was followed: the browser does that, but Slack wants to hear of it."""
        await ack()

    async def thread_started(self, event: dict[str, Any]) -> None:
        """Somebody opened the assistant of an app whose manifest has the older `assistant_view`."""
        thread = event.get("assistant_thread", {})
        await self._suggest(thread.get("channel_id"), thread.get("user_id"), thread.get("thread_ts"))

    async def home_opened(self, event: dict[str, Any]) -> None:
        """Somebody opened the conversation with the bot: it suggests what to ask."""
        if event.get("tab") == "messages":
            await self._suggest(event.get("channel"), event.get("user"))

    async def ignored(self) -> None:
        """Events that the app was subscribed to beyond its manifest: unacknowledged, Slack would send them again."""

    # --- which messages are questions ------------------------------------------------------------------------------

    def _by_a_person(self, event: dict[str, Any]) -> bool:
        written = event.get("subtype") in _WRITTEN and not event.get("bot_id") and not event.get("bot_profile")
        return written and event.get("user") not in (None, self._me.user, "USLACKBOT") and "channel" in event

    def _addressed(self, event: dict[str, Any]) -> bool:
        direct = event.get("channel_type") == "im"
        return event["type"] == "app_mention" or direct or self._me.user in mentioned(event.get("text") or "")

    async def _goes_on(self, event: dict[str, Any], place: Place) -> bool:
        """Whether a message that does not name the bot goes on with a conversation of the bot's."""
        if "thread_ts" not in event or mentioned(event.get("text") or "") or not plain(event.get("text") or ""):
            return False  # not in a thread, or meant for somebody else
        key = (place.channel, place.thread)
        if key not in self._threads:  # asked once a thread: from now on the bot knows itself when it takes part
            try:
                taken = any(self._is_mine(each) for each in await self._messages(place))
            except SLACK_FAULTS as exc:
                _log.warning("a thread could not be read (%s)", name_of(exc))
                return False
            self._remember(key, self._threads.get(key, False) or taken)
        return self._threads[key]

    def _asked(self, event: dict[str, Any], body: dict[str, Any]) -> Asked:
        place = Place(
            channel=event["channel"],
            thread=event.get("thread_ts") or event["ts"],
            user=event["user"],
            team=event.get("team") or body.get("team_id") or self._me.team,
        )
        return Asked(plain(event.get("text") or ""), event["ts"], place)

    def _is_mine(self, message: dict[str, Any]) -> bool:
        return message.get("user") == self._me.user or message.get("bot_id") == self._me.bot

    # --- answering -------------------------------------------------------------------------------------------------

    async def _answer(self, asked: Asked) -> None:
        """Answers a question, or says why not; a thread's questions one after another."""
        place, words = asked.place, catalogue(identify(asked.question))
        self._remember((place.channel, place.thread), True)
        async with self._turn(place):
            reply = Reply(self._slack, place)
            try:
                if not asked.question:
                    await reply.finish([], {}, words.text("smalltalk.greeting"))
                    return
                await reply.working(words.text("page.progress_condense"))
                history = await self._history(asked)
                try:
                    await self._told(asked, history, reply, words)
                except ApiFailure as exc:
                    _log.warning("the API gave no answer (%s)", exc)
                    await self._failed(reply, _failure(exc, words))
            except SLACK_FAULTS as exc:
                _log.error("an answer could not be shown (%s)", name_of(exc))
            except Exception:
                _log.exception("a question could not be answered")
                await self._failed(reply, words.text("slack.failed"))

    async def _told(self, asked: Asked, history: list[Turn], reply: Reply, words: Catalogue) -> None:
        async with aclosing(self._api.ask(asked.question, history)) as events:
            async for event in events:
                match event:
                    case Progress(step=step):  # a step that is newer than the bot has no words here
                        await reply.working(words.table("page").get(f"progress_{step}", ""))
                    case Sentence(text=text):
                        await reply.say(unescape(text))
                    case Answer():
                        said = unescape(event.answer)
                        payload = {"answer": clipped(said, _TURN), "answer_id": event.id}
                        below = evidence(event, catalogue(event.language), self._page_url)
                        await reply.finish(below, {"event_type": ANSWERED, "event_payload": payload}, said)

    async def _failed(self, reply: Reply, told: str) -> None:
        try:
            if reply.begun:
                await reply.finish([note(told)], {})
            else:
                await reply.finish([], {}, told)
        except SLACK_FAULTS as exc:
            _log.error("a failure could not be told (%s)", name_of(exc))

    def _remember(self, thread: tuple[str, str], takes_part: bool) -> None:
        self._threads[thread] = takes_part
        while len(self._threads) > _THREADS:
            del self._threads[next(iter(self._threads))]

    async def _history(self, asked: Asked) -> list[Turn]:
        """The thread before the question: what people wrote, and what the bot answered."""
        if asked.ts == asked.place.thread:
            return []
        try:
            messages = await self._messages(asked.place)
        except SLACK_FAULTS as exc:  # e.g. without the scope for it: the question is answered by itself
            _log.warning("a thread could not be read (%s)", name_of(exc))
            return []
        # The answer to an earlier question may have come after this one was written.
        before = [each for each in messages if _kind(each) == ANSWERED or float(each.get("ts") or 0) < float(asked.ts)]
        turns = [turn for message in before if (turn := self._as_turn(message)) is not None]
        return turns[-_TURNS:]

    def _as_turn(self, message: dict[str, Any]) -> Turn | None:
        if not self._is_mine(message):
            said = plain(message.get("text") or "") if self._by_a_person({"channel": "", **message}) else ""
            return Turn("user", clipped(said, _TURN)) if said else None
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if _kind(message) == ANSWERED and payload.get("answer"):
            return Turn("assistant", str(payload["answer"]))
        if _kind(message) == ASKED and payload.get("question"):
            return Turn("user", str(payload["question"]))
        return None  # the bot telling of a failure is no part of the conversation

    async def _messages(self, place: Place) -> list[dict[str, Any]]:
        """The last messages of a thread. Raises what a call of Slack raises."""
        found: deque[dict[str, Any]] = deque(maxlen=_PAGE)
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._slack.conversations_replies(
                channel=place.channel, ts=place.thread, limit=_PAGE, cursor=cursor, include_all_metadata=True
            )
            found.extend(page.get("messages") or ())
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return list(found)

    async def _suggest(self, channel: str | None, user: str | None, thread: str | None = None) -> None:
        if not channel:
            return
        with self._at_work():
            try:
                words = catalogue(await self._language(user))
                questions = await self._api.examples(words.language)
                prompts = [{"title": clipped(each, 75), "message": each} for each in questions[:_PROMPTS]]
                if prompts:
                    await self._slack.assistant_threads_setSuggestedPrompts(
                        channel_id=channel, thread_ts=thread, title=words.text("page.placeholder"), prompts=prompts
                    )
            except ApiFailure as exc:  # what is wrong is told when something is asked
                _log.warning("there are no questions to suggest (%s)", exc)
            except SLACK_FAULTS as exc:
                _log.info("Slack suggests no questions (%s)", name_of(exc))

    async def _language(self, user: str | None) -> str:
        """The language in which a person uses Slack, "en" where Slack does not tell."""
        try:
            told = await self._slack.users_info(user=user or "", include_locale=True)
            return str(told["user"]["locale"])
        except (*SLACK_FAULTS, KeyError, TypeError) as exc:
            _log.info("a person's language is not known (%s)", name_of(exc))
            return "en"

    # --- one after another -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self, place: Place) -> AsyncGenerator[None, None]:
        """One question of a thread at a time: the next one's history holds the answer."""
        lock = self._turns.setdefault((place.channel, place.thread), asyncio.Lock())
        async with lock:
            yield

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """What `finish` waits for."""
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        try:
            yield
        finally:
            self._working.discard(task)


def _kind(message: dict[str, Any]) -> str:
    """What a message of the bot's is: ANSWERED, ASKED, or something else."""
    return str((message.get("metadata") or {}).get("event_type", ""))


def _place_of(body: dict[str, Any]) -> Place:
    """Where a button stands that was clicked, and who clicked it."""
    message, user = body.get("message") or body["container"], body["user"]
    ts = message.get("ts") or message.get("message_ts")
    return Place(
        channel=(body.get("channel") or {}).get("id") or body["container"]["channel_id"],
        thread=message.get("thread_ts") or ts,
        user=user["id"],
        team=user.get("team_id") or (body.get("team") or {}).get("id", ""),
    )


def _click(body: dict[str, Any]) -> str:
    action, place = body["actions"][0], _place_of(body)
    return f"click {place.channel} {place.user} {action['action_id']} {action.get('action_ts')}"


def _failure(exc: ApiFailure, words: Catalogue) -> str:
    """What is told of a failure: what to do, and nothing of how it is built."""
    match exc.reason:
        case "down":
            return words.text("slack.down")
        case "slow":
            return words.text("page.late")
        case "refused":
            return words.text("slack.misconfigured")
        case "limited":
            return words.text("page.limited", seconds=exc.retry_after or 1)
        case "busy":
            return words.text("page.busy")
        case "question":
            return words.text("slack.question")
        case "interrupted":
            return words.text("slack.interrupted")
        case "failed":
            return words.text("slack.failed")
