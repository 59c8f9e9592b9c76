"""The Model Context Protocol over stdin and stdout: the tool `ask_meeting`, and the sources as resources.

For MCP clients such as Claude Desktop, which start the program and give its answers to their model. Stdout carries
messages of the protocol alone; the SDK points everything else that is printed while it serves at stderr.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import unicodedata
from bisect import bisect_right
from contextlib import aclosing
from typing import Any
from urllib.parse import quote, unquote

from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    Annotations,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceLink,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)
from pydantic import ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from assistant import __version__
from assistant.errors import AssistantError
from assistant.interfaces import logs
from assistant.interfaces.bodies import Body, plain
from assistant.interfaces.desk import Desk
from assistant.interfaces.metrics import Metrics
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import KINDS
from assistant.interfaces.reply import ChatReply, without_tail
from assistant.messages import Catalogue, catalogue
from assistant.types import LANGUAGE_TAG, MAX_QUESTION_CHARS, Answer, AnswerEvent, ProgressEvent, Question, Source, Turn

TOOL = "ask_meeting"
SCHEME = "meeting://sources/"
"""What the URI of every source begins with; its id follows, percent-encoded (RFC 3986) but for `/`."""
PAGE = 100
"""Sources that one `resources/list` tells of."""
STATUS = "\n\nStatus: "
"""What ends the text of a result: clients may show their model the text alone."""

INSTRUCTIONS = (
    f"Answers questions about a meeting from its source documents. Ask with {TOOL}, in any language; what is asked and "
    "what is answered are not remembered, so give the conversation in `history` where a question needs it. Quoted words "
    "are verbatim. Where the status is not_in_sources, say that the sources do not tell, and add nothing from elsewhere."
)
DESCRIPTION = (
    "Answers a question about the meeting from its source documents, each sentence with the exact words that it rests on "
    "([n] in the answer is the citation with that marker; offsets count code points of the source's text). The status is "
    "answered, partial, conversational, or not_in_sources: then the sources do not answer the question, and the related "
    "passages are only what comes closest."
)

_STEPS = ("condense", "retrieve", "answerable", "generate", "verify")
_MARKDOWN = (".md", ".markdown")
_log = logging.getLogger(__name__)

Context = ServerRequestContext[Any]


class AskMeeting(Body):
    """The arguments of `ask_meeting`."""

    model_config = ConfigDict(extra="forbid", title=TOOL)

    question: str = Field(
        description="one question, as the person asked it", json_schema_extra={"maxLength": MAX_QUESTION_CHARS}
    )
    history: tuple[Turn, ...] = Field(
        default=(),
        max_length=200,
        description="the conversation so far, oldest first: context for a follow-up, never evidence",
    )
    language: str | None = Field(
        default=None,
        pattern=LANGUAGE_TAG,
        max_length=35,
        description="BCP 47, e.g. en: of the answer's own words; the question's own when missing",
    )


def new_server(assistant: Application) -> Server[Any]:
    """An MCP server of an assistant, for any transport."""
    return _Handlers(assistant).server()


def serve(assistant: Application) -> None:
    """Serves on stdin and stdout until stdin ends.

    Raises:
        IndexUnusable: there is no index to answer from.
    """
    assistant.ready()
    settings = assistant.settings
    logs.configure(texts=settings.log_questions)
    # The thread that waits for the next message would hold up a tidy end until there is one; nothing has to be saved.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    print(
        f"Ready for an MCP client on stdin and stdout  (reader: {settings.reader()}, data: {settings.data}). Ctrl-C stops it.",
        file=sys.stderr,
        flush=True,
    )
    asyncio.run(_serve(assistant))


async def _serve(assistant: Application) -> None:
    server = new_server(assistant)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


class _Handlers:
    """What answers each request of the protocol."""

    def __init__(self, assistant: Application) -> None:
        self._assistant = assistant
        self._desk = Desk(assistant, Metrics())

    def server(self) -> Server[Any]:
        return Server(
            "meeting-assistant",
            title="Meeting assistant",
            version=__version__,
            instructions=INSTRUCTIONS,
            on_list_tools=self.tools,
            on_call_tool=self.call,
            on_list_resources=self.resources,
            on_read_resource=self.read,
        )

    async def tools(self, _: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        tool = Tool(
            name=TOOL,
            title="Ask about the meeting",
            description=DESCRIPTION,
            input_schema=AskMeeting.model_json_schema(),
            output_schema=Answer.model_json_schema(mode="serialization"),
            annotations=ToolAnnotations(
                read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
            ),
        )
        return ListToolsResult(tools=[tool])

    async def call(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """The Answer as text, as structured content, and with a link to each source that it cites.

        What goes wrong is a result too, as the protocol asks for: the client's model reads it and can ask better.
        """
        if params.name != TOOL:
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name}: there is {TOOL}")
        try:
            asked = AskMeeting.model_validate(params.arguments or {})
        except ValidationError as exc:
            return _failed("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors()[:3]))
        try:
            answer = await self._answer(context, asked)
        except AssistantError as exc:
            return _failed(str(exc))
        except Exception:
            _log.exception("a question failed")
            return _failed(KINDS["unexpected"].meaning)
        return CallToolResult(content=[_text(answer), *await self._links(answer)], structured_content=plain(answer))

    async def _answer(self, context: Context, asked: AskMeeting) -> Answer:
        """Answers, and tells a client that wants to know of each step; one that cancels ends the work."""
        question = Question(
            question=asked.question, history=tuple(map(_without_foot, asked.history)), language=asked.language
        )
        words = catalogue(asked.language or "en")
        async with aclosing(self._desk.events(question, "mcp")) as events:
            async for event in events:
                if isinstance(event, ProgressEvent):
                    await _progress(context, event.step, words)
                elif isinstance(event, AnswerEvent):
                    return event.answer
        raise AssertionError("the chain ended without an answer")

    async def _links(self, answer: Answer) -> list[ResourceLink]:
        """A link to each source that an answer cites; none where the index has gone since."""
        cited = dict.fromkeys(citation.source_id for citation in answer.citations)
        try:
            sources = await run_in_threadpool(self._assistant.sources)
        except AssistantError:
            return []
        return [ResourceLink(**_described(sources[each])) for each in cited if each in sources]

    async def resources(self, _: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        """The sources by id, a page at a time; the cursor is the last id, so that a changed index skips none."""
        sources = await self._sources()
        ids = sorted(sources)
        begin = bisect_right(ids, params.cursor) if params and params.cursor is not None else 0
        page = ids[begin : begin + PAGE]
        more = begin + PAGE < len(ids)
        return ListResourcesResult(
            resources=[Resource(**_described(sources[source_id])) for source_id in page],
            next_cursor=page[-1] if more else None,
        )

    async def read(self, _: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        """The whole text of a source, exactly as it was ingested."""
        sources = await self._sources()
        source_id = unicodedata.normalize("NFC", unquote(params.uri.removeprefix(SCHEME)))
        source = sources.get(source_id)
        if source is None or not params.uri.startswith(SCHEME):
            raise MCPError(INVALID_PARAMS, "there is no such resource: resources/list tells which there are")
        text = TextResourceContents(uri=params.uri, mime_type=_media_type(source), text=source.text)
        return ReadResourceResult(contents=[text])

    async def _sources(self) -> dict[str, Source]:
        try:
            return dict(await run_in_threadpool(self._assistant.sources))
        except AssistantError as exc:
            raise MCPError(INTERNAL_ERROR, str(exc)) from exc


async def _progress(context: Context, step: str, words: Catalogue) -> None:
    if step in _STEPS:
        done = _STEPS.index(step)
        await context.session.report_progress(done, len(_STEPS), words.text(f"page.progress_{step}"))


def _text(answer: Answer) -> TextContent:
    """The answer with its sources listed at its end, and its status."""
    return TextContent(text=f"{ChatReply(answer, {}, '').content}{STATUS}{answer.status}")


def _failed(reason: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=reason)], is_error=True)


def _without_foot(turn: Turn) -> Turn:
    """A turn without what `_text` put at its end, if it is an earlier answer of ours."""
    if turn.role == "user":
        return turn
    return turn.model_copy(update={"content": without_tail(turn.content).split(STATUS, 1)[0]})


def _described(source: Source) -> dict[str, Any]:
    """A source as a resource, or a link to one. `name` is its id, which citations give."""
    told = (source.publisher, source.date and source.date.isoformat(), source.language, source.note)
    return {
        "uri": SCHEME + quote(source.source_id),
        "name": source.source_id,
        "title": source.title,
        "description": ". ".join(part for part in told if part) or None,
        "mime_type": _media_type(source),
        "size": len(source.text.encode("utf-8")),
        "annotations": Annotations(audience=["user", "assistant"]),
    }


def _media_type(source: Source) -> str:
    return "text/markdown" if source.source_id.lower().endswith(_MARKDOWN) else "text/plain"
