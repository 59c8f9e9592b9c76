"""The page: a Gradio chat that renders the chain's events. The programs in `static/` open the sources beside it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when imported, and only this switches it off

import gradio as gr
from fastapi import FastAPI, Request, Response

from assistant.errors import AssistantError
from assistant.interfaces import markup
from assistant.interfaces.assets import PageOnly, page_language
from assistant.interfaces.desk import Desk
from assistant.interfaces.escaping import exact
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import Problem, add_handlers
from assistant.interfaces.rates import Rates
from assistant.interfaces.record import client_of
from assistant.interfaces.replying import Replies
from assistant.interfaces.stream import SteadyStream
from assistant.interfaces.talk import Conversation
from assistant.messages import Catalogue, catalogue
from assistant.settings import Settings
from assistant.types import MAX_QUESTION_CHARS, Answer, Source, Turn

_HEAD = '<link rel="stylesheet" href="/static/page.css"><script type="module" src="/static/page.js"></script>'

_SUGGESTIONS = 4
_STORAGE = "meeting-assistant"  # where the browser keeps the conversation


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
    mount.app.add_exception_handler(KeyError, _unknown_function)
    mount.app = PageOnly(SteadyStream(mount.app, app.state.closing))


async def _unknown_function(request: Request, _: Exception) -> Response:
    """What Gradio looks up in vain for a request that no page of this server sends, such as a function by its number."""
    return Problem.of("not-found").response(scope=request.scope)


class Page:
    """The page of an assistant."""

    def __init__(self, assistant: Application, desk: Desk, rates: Rates) -> None:
        self._assistant = assistant
        self._replies = Replies(desk, rates)
        self._answering: dict[str | None, Conversation] = {}  # by Gradio's session

    def blocks(self) -> gr.Blocks:
        """The Gradio application."""
        words = catalogue("en")
        with gr.Blocks(title=words.text("page.title"), analytics_enabled=False, fill_width=True) as blocks:
            conversation = gr.State(Conversation())
            # Gradio encrypts what it keeps there; the key is in the page too, so that it protects nothing and needs no care.
            kept = gr.BrowserState([], storage_key=_STORAGE, secret=_STORAGE)
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
                    # Pressed by the page's program, for its own buttons: Gradio's would stand apart from the answers.
                    again, edit, clear = (
                        gr.Button("", elem_id=name, elem_classes="behind") for name in ("again", "edit", "clear")
                    )
                with gr.Column(elem_id="source"):  # filled by the page's program
                    gr.Markdown("", latex_delimiters=[])
            answering = [chat, box, kept, *suggestions]
            # "multiple", because the browser would silently drop a question asked just before the end of an answer.
            quiet: dict[str, Any] = {
                "show_progress": "hidden",
                "api_visibility": "private",
                "trigger_mode": "multiple",
            }
            blocks.load(self.open, [kept, conversation], [masthead, colophon, *answering], **quiet)
            box.submit(self.ask, [box, conversation], answering, **quiet)
            for suggestion in suggestions:
                suggestion.click(self.ask, [suggestion, conversation], answering, **quiet)
            again.click(self.again, conversation, answering, **quiet)
            edit.click(self.edit, conversation, answering, **quiet)
            box.stop(self.stop, conversation, None, **quiet)
            clear.click(self.clear, conversation, answering, **quiet)
            blocks.unload(self.leave)
        # One at a time is Gradio's default. The chain has a pool of its own; this bounds what waits before it.
        blocks.queue(default_concurrency_limit=16, max_size=64, api_open=False)
        return cast(gr.Blocks, blocks)

    async def open(self, kept: object, conversation: Conversation, request: gr.Request) -> AsyncIterator[Any]:
        """Puts the page into the reader's language, takes up what the browser kept, and asks what the address asks."""
        conversation.language = page_language(request.headers, request.cookies)
        words = catalogue(conversation.language)
        sources, where = self._sources(), reader_line(self._assistant.settings, words)
        conversation.restore(
            kept, lambda number, answer: markup.reply(markup.Reply.whole(number, answer), words, sources, where)
        )
        title, tagline = (exact(words.text(f"page.{key}")) for key in ("title", "tagline"))
        yield [
            f"<div><h1>{title}</h1><p>{tagline}</p></div>",
            f"<div>{exact(where)}</div>",
            conversation.messages() if conversation.exchanges else gr.skip(),
            gr.Textbox(placeholder=words.text("page.placeholder"), label=words.text("page.question")),
            gr.skip(),
            *_kept_buttons(),
        ]
        suggestions = await self._suggestions(conversation)
        if not conversation.busy and not conversation.asked:  # else it is another answer's turn to suggest
            yield [*[gr.skip()] * 5, *_buttons(suggestions)]
        if question := request.query_params.get("q", "").strip():
            # A link asks one question: what was said before in this browser does not change what it means.
            async for shown in self._answer(question, (), conversation, request):
                yield [gr.skip(), gr.skip(), *shown]

    async def ask(self, question: str, conversation: Conversation, request: gr.Request) -> AsyncIterator[Any]:
        """Shows a question and then its answer as it comes: one update for each verified sentence."""
        if not question.strip():
            yield _unchanged()
            return
        await conversation.until_open()
        async for shown in self._answer(question, conversation.history(), conversation, request):
            yield shown

    async def again(self, conversation: Conversation, request: gr.Request) -> AsyncIterator[Any]:
        """Asks the last question once more, in place of its answer."""
        if not conversation.busy and (question := conversation.take_back()):
            async for shown in self._answer(question, conversation.history(), conversation, request):
                yield shown
        else:
            yield _unchanged()

    async def edit(self, conversation: Conversation) -> list[Any]:
        """Takes the last question back into the box."""
        if conversation.busy:
            return _unchanged()
        question = conversation.take_back()
        return [
            conversation.messages(),
            gr.Textbox(value=question),
            conversation.kept(),
            *_buttons(await self._suggestions(conversation)),
        ]

    async def stop(self, conversation: Conversation) -> None:
        """Ends the answer that is coming where it stands."""
        conversation.stop.set()

    async def clear(self, conversation: Conversation) -> list[Any]:
        """Begins a new conversation; the browser forgets the one before."""
        await conversation.until_open()
        conversation.clear()
        buttons = _buttons(await self._suggestions(conversation))
        return [[], gr.Textbox(submit_btn=True, stop_btn=False), [], *buttons]

    async def leave(self, request: gr.Request) -> None:
        """Ends the answer of a page that was closed: Gradio alone would wait for the chain's next event."""
        if conversation := self._answering.pop(request.session_hash, None):
            conversation.stop.set()

    async def _answer(
        self, question: str, history: tuple[Turn, ...], conversation: Conversation, request: gr.Request
    ) -> AsyncIterator[Any]:
        if conversation.busy:
            yield _unchanged()
            return
        conversation.busy = True
        conversation.stop = stop = asyncio.Event()
        self._answering[request.session_hash] = conversation
        words = catalogue(conversation.language)
        exchange = conversation.begin(question)
        shown = markup.Reply(exchange.number, conversation.language, progress=words.text("page.progress_condense"))
        sources, where = self._sources(), reader_line(self._assistant.settings, words)
        try:
            exchange.html = markup.reply(shown, words, sources, where)
            yield [
                conversation.messages(),
                gr.Textbox(value="", submit_btn=False, stop_btn=True),
                gr.skip(),
                *_buttons(()),
            ]
            states = self._replies.to(
                shown, question, history, client=client_of(request.request), words=words, stop=stop
            )
            async with aclosing(states):
                async for shown in states:
                    if conversation.stop is not stop:  # a new conversation has begun meanwhile
                        return
                    exchange.html = markup.reply(shown, words, sources, where)
                    # Told each time: the browser can lose the first while it is still busy with `open`.
                    box = gr.Textbox(submit_btn=False, stop_btn=True)
                    yield [conversation.messages(), box, gr.skip(), *_kept_buttons()]
            exchange.answer = shown.answer
            conversation.busy = False  # the browser may ask again as soon as it has the next update
            yield [
                conversation.messages(),
                gr.Textbox(submit_btn=True, stop_btn=False),
                conversation.kept(),
                *_buttons(shown.answer.follow_ups if shown.answer else ()),
            ]
        finally:
            if conversation.stop is stop:  # else the next question is being answered already
                conversation.busy = False
                self._answering.pop(request.session_hash, None)

    def _sources(self) -> dict[str, Source]:
        try:
            return dict(self._assistant.sources())
        except AssistantError:  # the answer, or the failure, is shown without the sources' metadata
            return {}

    async def _suggestions(self, conversation: Conversation) -> tuple[str, ...]:
        """What may be asked next: the last answer's follow-ups, or examples."""
        last: Answer | None = conversation.exchanges[-1].answer if conversation.exchanges else None
        if last is not None:
            return last.follow_ups
        try:  # in a thread: the first time they are tried by asking
            return await asyncio.to_thread(self._assistant.example_questions, conversation.language)
        except AssistantError:  # what is wrong is told when something is asked
            return ()


def reader_line(settings: Settings, words: Catalogue) -> str:
    """Where questions and sources go."""
    if sent := settings.sent_to():
        hosts = dict.fromkeys(sent.values())
        return words.text("page.reader_remote", server=", ".join(hosts), reader=", ".join(sent))
    return words.text("page.reader_embedded")


def _buttons(questions: tuple[str, ...]) -> list[Any]:
    shown = [gr.Button(question, visible=True) for question in questions[:_SUGGESTIONS]]
    return shown + [gr.Button("", visible=False)] * (_SUGGESTIONS - len(shown))


def _kept_buttons() -> list[Any]:
    return [gr.skip()] * _SUGGESTIONS


def _unchanged() -> list[Any]:
    return [gr.skip(), gr.skip(), gr.skip(), *_kept_buttons()]
