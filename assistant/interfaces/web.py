"""The page: a Gradio chat that renders the chain's events. `static/page.js` opens the sources beside it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when imported, and only this switches it off

import gradio as gr
from fastapi import FastAPI
from pydantic import ValidationError

from assistant.errors import AnswerTimeout, AssistantError, RateLimited, Refused
from assistant.interfaces import markup
from assistant.interfaces.assets import PageOnly, preferred_language
from assistant.interfaces.desk import Desk
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import add_handlers
from assistant.interfaces.rates import Rates
from assistant.interfaces.record import client_of
from assistant.interfaces.stream import SteadyStream
from assistant.messages import Catalogue, catalogue
from assistant.settings import Settings
from assistant.types import (
    MAX_QUESTION_CHARS,
    Answer,
    AnswerEvent,
    Event,
    Notice,
    NoticeEvent,
    ProgressEvent,
    Question,
    SentenceEvent,
    Source,
    SourcesEvent,
    Turn,
)

_log = logging.getLogger(__name__)

_HEAD = '<link rel="stylesheet" href="/static/page.css"><script src="/static/page.js" defer></script>'

_SUGGESTIONS = 4
_TURNS = 20  # of the conversation that go with a question; the chain uses the last few


@dataclass
class Conversation:
    """What the server keeps of a page: messages as shown, and the same conversation in plain words for the chain."""

    messages: list[dict[str, str]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    replies: int = 0
    language: str = "en"
    busy: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)  # set: the answer that is coming is not wanted any more


def mount_page(app: FastAPI, assistant: Application, desk: Desk, rates: Rates) -> None:
    """Mounts Gradio at "/", after every other route."""
    gr.mount_gradio_app(
        app,
        Page(assistant, desk, rates).blocks(),
        path="/",
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=_HEAD,
    )
    mount: Any = app.routes[-1]
    add_handlers(mount.app)
    mount.app = PageOnly(SteadyStream(mount.app, app.state.closing))


class Page:
    """The page of an assistant."""

    def __init__(self, assistant: Application, desk: Desk, rates: Rates) -> None:
        self._assistant = assistant
        self._desk = desk
        self._rates = rates
        self._answering: dict[str | None, Conversation] = {}  # by Gradio's session

    def blocks(self) -> gr.Blocks:
        """The Gradio application."""
        words = catalogue("en")
        with gr.Blocks(title=words.text("page.title"), analytics_enabled=False, fill_width=True) as blocks:
            conversation = gr.State(Conversation())
            with gr.Row(elem_id="desk"):
                with gr.Column(elem_id="talk"):
                    masthead = gr.Markdown("", elem_id="masthead", latex_delimiters=[])
                    chat = gr.Chatbot(
                        elem_id="chat",
                        show_label=False,
                        container=False,
                        latex_delimiters=[],
                        line_breaks=False,
                        layout="panel",
                        buttons=[],
                        autoscroll=False,
                        height=None,
                        group_consecutive_messages=False,
                        feedback_options=None,
                    )
                    with gr.Row(elem_id="suggestions"):
                        suggestions = [gr.Button("", visible=False, size="sm") for _ in range(_SUGGESTIONS)]
                    box = gr.Textbox(
                        elem_id="question",
                        show_label=False,
                        label=words.text("page.question"),
                        container=False,
                        lines=1,
                        max_lines=6,
                        max_length=MAX_QUESTION_CHARS,
                        submit_btn=True,
                    )
                    colophon = gr.Markdown("", elem_id="colophon", latex_delimiters=[])
                with gr.Column(elem_id="source"):  # filled by page.js
                    gr.Markdown("", latex_delimiters=[])
            answering = [chat, box, *suggestions]
            # "multiple", because the browser would silently drop a question asked just before the end of an answer.
            quiet: dict[str, Any] = {
                "show_progress": "hidden",
                "api_visibility": "private",
                "trigger_mode": "multiple",
            }
            blocks.load(self.open, conversation, [masthead, colophon, *answering], **quiet)
            box.submit(self.ask, [box, conversation], answering, **quiet)
            for suggestion in suggestions:
                suggestion.click(self.ask, [suggestion, conversation], answering, **quiet)
            box.stop(self.stop, conversation, None, **quiet)
            chat.clear(self.clear, conversation, answering, **quiet)
            blocks.unload(self.leave)
        # One at a time is Gradio's default. The chain has a pool of its own; this bounds what waits before it.
        blocks.queue(default_concurrency_limit=16, max_size=64, api_open=False)
        return cast(gr.Blocks, blocks)

    async def open(self, conversation: Conversation, request: gr.Request) -> AsyncIterator[Any]:
        """Puts the page into the browser's language, and asks what its address asks."""
        conversation.language = preferred_language(request.headers.get("accept-language", ""))
        words = catalogue(conversation.language)
        title, tagline = (markup.exact(words.text(f"page.{key}")) for key in ("title", "tagline"))
        head = [
            f"<div><h1>{title}</h1><p>{tagline}</p></div>",
            f"<div>{markup.exact(self._reader(words))}</div>",
        ]
        yield [
            *head,
            gr.skip(),
            gr.Textbox(placeholder=words.text("page.placeholder"), label=words.text("page.question")),
            *_buttons(self._examples(conversation.language)),
        ]
        if question := request.query_params.get("q", "").strip():
            async for shown in self.ask(question, conversation, request):
                yield [gr.skip(), gr.skip(), *shown]

    async def ask(self, question: str, conversation: Conversation, request: gr.Request) -> AsyncIterator[Any]:
        """Shows a question and then its answer as it comes: one update for each verified sentence."""
        if conversation.busy or not question.strip():
            yield _unchanged()
            return
        conversation.busy = True
        conversation.stop = stop = asyncio.Event()
        self._answering[request.session_hash] = conversation
        conversation.replies += 1
        conversation.messages += [_message("user", markup.asked(question)), _message("assistant", "")]
        shown = markup.Reply(conversation.replies, conversation.language)
        try:
            shown = replace(shown, progress=self._words(shown).text("page.progress_condense"))
            yield [
                self._show(conversation, shown),
                gr.Textbox(value="", submit_btn=False, stop_btn=True),
                *_buttons(()),
            ]
            answer: Answer | None = None
            try:
                client = client_of(request.request)
                await self._rates.admit(client)
                asked = Question(question=question, history=tuple(conversation.turns[-_TURNS:]))
                async with aclosing(_until(stop, self._desk.events(asked, client))) as events:
                    async for event in events:
                        if isinstance(event, AnswerEvent):
                            answer = event.answer
                        shown = self._with(shown, event)
                        # Told each time: the browser can lose the first while it is still busy with `open`.
                        yield [self._show(conversation, shown), gr.Textbox(submit_btn=False, stop_btn=True), *_kept()]
            except Refused as exc:
                shown = replace(shown, progress="", failure=self._refusal(exc, self._words(shown)))
            except (AssistantError, ValidationError) as exc:
                told = str(exc) if isinstance(exc, AssistantError) else self._words(shown).text("page.failed")
                shown = replace(shown, progress="", failure=told)
            except Exception:
                _log.exception("the page could not answer")
                shown = replace(shown, progress="", failure=self._words(shown).text("page.failed"))
            if conversation.stop is not stop:  # a new conversation has begun meanwhile
                return
            if stop.is_set() and answer is None:
                notice = Notice(code="stopped", message=self._words(shown).text("page.stopped"))
                shown = replace(shown, progress="", notices=(*shown.notices, notice))
            if answer is not None:
                conversation.turns += [
                    Turn(role="user", content=question),
                    Turn(role="assistant", content=answer.answer),
                ]
                del conversation.turns[:-_TURNS]
            conversation.busy = False  # the browser may ask again as soon as it has the next update
            yield [
                self._show(conversation, shown),
                gr.Textbox(submit_btn=True, stop_btn=False),
                *_buttons(answer.follow_ups if answer else ()),
            ]
        finally:
            if conversation.stop is stop:  # else the next question is being answered already
                conversation.busy = False
                self._answering.pop(request.session_hash, None)

    async def leave(self, request: gr.Request) -> None:
        """Ends the answer of a page that was closed: Gradio alone would wait for the chain's next event."""
        if conversation := self._answering.pop(request.session_hash, None):
            conversation.stop.set()

    async def stop(self, conversation: Conversation) -> None:
        """Ends the answer that is coming where it stands."""
        conversation.stop.set()

    async def clear(self, conversation: Conversation) -> list[Any]:
        """Begins a new conversation."""
        conversation.stop.set()
        conversation.stop = asyncio.Event()
        conversation.messages = []
        conversation.turns = []
        conversation.busy = False
        examples = self._examples(conversation.language)
        return [[], gr.Textbox(submit_btn=True, stop_btn=False), *_buttons(examples)]

    def _show(self, conversation: Conversation, shown: markup.Reply) -> list[dict[str, str]]:
        html = markup.reply(shown, self._words(shown), self._sources())
        conversation.messages[-1] = _message("assistant", html)
        return list(conversation.messages)

    def _with(self, shown: markup.Reply, event: Event) -> markup.Reply:
        match event:
            case ProgressEvent(step=step):
                return replace(shown, progress=self._words(shown).text(f"page.progress_{step}"))
            case SourcesEvent():
                return shown
            case SentenceEvent(text=text, citations=citations):
                return replace(shown, text=shown.text + text, citations=shown.citations + citations)
            case NoticeEvent(notice=notice):
                return replace(shown, notices=(*shown.notices, notice))
            case AnswerEvent(answer=answer):
                return markup.Reply(
                    number=shown.number,
                    language=answer.language,
                    text=answer.answer,
                    citations=answer.citations,
                    related=answer.related,
                    notices=answer.notices,
                    partial=answer.status == "partial",
                )

    def _refusal(self, exc: Refused, words: Catalogue) -> str:
        match exc:
            case RateLimited():
                return words.text("page.limited", seconds=exc.retry_after or 1)
            case AnswerTimeout():
                return words.text("page.late")
            case _:
                return words.text("page.busy")

    def _words(self, shown: markup.Reply) -> Catalogue:
        return catalogue(shown.language)

    def _sources(self) -> dict[str, Source]:
        try:
            return dict(self._assistant.sources())
        except AssistantError:  # the answer, or the failure, is shown without the sources' metadata
            return {}

    def _examples(self, language: str) -> tuple[str, ...]:
        try:
            return self._assistant.example_questions(language)
        except AssistantError:  # what is wrong is told when something is asked
            return ()

    def _reader(self, words: Catalogue) -> str:
        return reader_line(self._assistant.settings, words)


def reader_line(settings: Settings, words: Catalogue) -> str:
    """Where questions and sources go."""
    if settings.model == "embedded":
        return words.text("page.reader_embedded")
    provider, _, _ = settings.model.partition(":")
    base = settings.openai_base_url if provider == "openai" else None
    server = urlsplit(base).netloc if base else provider
    return words.text("page.reader_remote", server=server, reader=settings.model)


async def _until(stop: asyncio.Event, events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """The events until the last one or until `stop` is set, which also ends the work on the next one."""
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while True:
            following = asyncio.ensure_future(_next(events))
            try:
                await asyncio.wait((stopped, following), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not following.done():
                    following.cancel()
                    await asyncio.wait((following,))
            event = None if following.cancelled() else following.result()
            if event is None or stop.is_set():
                return
            yield event
    finally:
        stopped.cancel()
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _next(events: AsyncIterator[Event]) -> Event | None:
    return await anext(events, None)


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _buttons(questions: tuple[str, ...]) -> list[Any]:
    shown = [gr.Button(question, visible=True) for question in questions[:_SUGGESTIONS]]
    return shown + [gr.Button("", visible=False)] * (_SUGGESTIONS - len(shown))


def _kept() -> list[Any]:
    return [gr.skip()] * _SUGGESTIONS


def _unchanged() -> list[Any]:
    return [gr.skip(), gr.skip(), *_kept()]
