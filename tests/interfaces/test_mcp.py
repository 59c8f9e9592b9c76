"""MCP as its clients meet it: the SDK's own client speaks to the real process over stdio, and in memory to a fake."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolResult,
    Resource,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from assistant import __version__
from assistant.interfaces.mcp import PAGE, TOOL, new_server

from .fakes import ARTICLE, HOSTILE, TRADE, FakeAssistant

ROOT = Path(__file__).parents[2]
PROGRAM = str(Path(sys.executable).with_name("assistant"))
QUESTION = "Who chaired the meeting?"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANT_", "OPENAI_"))}

Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the article, ingested."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    subprocess.run([PROGRAM, "ingest"], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return folder


def over_stdio(home: Path, talk: Talk, *, mode: str = "auto") -> None:
    """A client starts the program, as the configuration of one says, and talks to it."""
    arguments = ["mcp", "--seeds", str(home / "seeds"), "--data", str(home / ".assistant")]

    async def run() -> None:
        started = StdioServerParameters(command=PROGRAM, args=arguments, cwd="/")
        async with Client(started, mode=mode, read_timeout_seconds=60) as client:
            await talk(client)

    asyncio.run(run())


def in_memory(assistant: FakeAssistant, talk: Talk) -> None:
    async def run() -> None:
        async with Client(new_server(assistant)) as client:
            await talk(client)

    asyncio.run(run())


async def asked(client: Client, question: str = QUESTION, **more: Any) -> CallToolResult:
    result = await client.call_tool(TOOL, {"question": question, **more})
    assert isinstance(result, CallToolResult)
    return result


def text_of(result: CallToolResult) -> str:
    (block,) = [each for each in result.content if isinstance(each, TextContent)]
    return block.text


async def read(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents) and content.uri == uri
    return content.text


# --- the real process ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["legacy", "auto"])  # with the handshake of 2025 and before, and without
def test_an_answer_quotes_a_resource(home: Path, mode: str) -> None:
    async def talk(client: Client) -> None:
        assert client.server_info and client.server_info.version == __version__
        assert [tool.name for tool in (await client.list_tools()).tools] == [TOOL]
        (resource,) = (await client.list_resources()).resources
        assert (resource.title, resource.mime_type) == (ARTICLE.title, "text/plain")
        assert resource.description and "Bisnis Bali" in resource.description and "2019-02-20" in resource.description
        text = await read(client, resource.uri)
        assert text == ARTICLE.text and resource.size == len(text.encode("utf-8"))

        result = await asked(client)  # the client holds the structured content against the tool's schema
        answer = result.structured_content
        assert not result.is_error and (answer["status"], answer["language"]) == ("answered", "en")
        assert any("Jose Tavares" in citation["cited_text"] for citation in answer["citations"])
        for citation in answer["citations"]:
            assert citation["source_id"] == resource.name
            assert text[citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"]
        assert text_of(result).startswith(answer["answer"]) and text_of(result).endswith("\n\nStatus: answered")
        assert [each.uri for each in result.content if isinstance(each, ResourceLink)] == [resource.uri]

    over_stdio(home, talk, mode=mode)


def test_a_conversation_goes_on_and_what_is_not_in_the_sources_is_declined(home: Path) -> None:
    async def talk(client: Client) -> None:
        declined = await asked(client, "Кто представлял Китай?")
        told = declined.structured_content
        assert not declined.is_error and (told["status"], told["citations"]) == ("not_in_sources", [])
        assert told["related"] and "“Китай”" in text_of(declined)
        assert text_of(declined).endswith("\n\nStatus: not_in_sources")
        assert not [each for each in declined.content if isinstance(each, ResourceLink)]

        history = [
            {"role": "user", "content": "Who is Igor Morgulov?"},
            {"role": "assistant", "content": text_of(await asked(client, "Who is Igor Morgulov?"))},
        ]
        followed = (await asked(client, "What did he say?", history=history, language="id")).structured_content
        assert "Morgulov" in followed["standalone_question"] and followed["language"] == "id"
        assert "Morgulov" in " ".join(citation["context"] for citation in followed["citations"])

    over_stdio(home, talk)


def test_stdout_carries_the_protocol_alone_and_the_log_no_question(home: Path) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    process = start(home, "mcp")
    with process:
        assert process.stdin and process.stdout and process.stderr
        lines = []
        for number, method, params in (
            (1, "initialize", client),
            (None, "notifications/initialized", {}),
            (2, "tools/call", {"name": TOOL, "arguments": {"question": QUESTION}}),
            (3, "nonsense", {}),
        ):
            message = {"jsonrpc": "2.0", "method": method, "params": params, **({"id": number} if number else {})}
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            if number:
                lines.append(process.stdout.readline())
        process.stdin.close()
        rest, log = process.stdout.read(), process.stderr.read()
        assert process.wait(30) == 0
    told = [json.loads(line) for line in lines]
    assert [each["id"] for each in told] == [1, 2, 3] and rest == ""
    assert told[1]["result"]["structuredContent"]["status"] == "answered"
    assert told[2]["error"]["code"] == -32601
    ready, *logged = log.splitlines()
    assert ready.startswith("Ready for an MCP client on stdin and stdout")
    assert [json.loads(line)["outcome"] for line in logged] == ["answered"]
    assert "chaired" not in log


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_and_silently(home: Path, sent: signal.Signals) -> None:
    with start(home, "mcp") as process:
        assert process.stderr and process.stderr.readline().startswith("Ready")
        process.send_signal(sent)
        assert process.wait(10) == -sent
        assert process.stderr.read() == ""


def test_an_index_that_is_missing_is_made_first(home: Path, tmp_path: Path) -> None:
    with start(home, "mcp", "--data", str(tmp_path)) as process:
        out, err = process.communicate("", timeout=60)
    assert (process.returncode, out) == (0, "")
    first, ready = err.splitlines()
    assert "is missing or older than its sources: ingesting" in first and ready.startswith("Ready")


def test_without_an_index_and_sources_it_ends_with_one_line(tmp_path: Path) -> None:
    with start(tmp_path, "mcp") as process:
        out, err = process.communicate("", timeout=30)
    assert (process.returncode, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("assistant: ") and "--seeds" in line


def test_without_its_package_it_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['mcp'] = None; from assistant.interfaces.cli import main; main(['mcp'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        'assistant: `assistant mcp` needs a package of its own: pip install "meeting-assistant[mcp]"'
    ]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- a fake in its place -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "question: Field required"),
        ({"question": "Trade?", "stream": True}, "stream: Extra inputs are not permitted"),
        ({"question": "Trade?", "language": "<b>"}, "language: "),
        ({"question": "Trade?", "history": [{"role": "system", "content": "x"}]}, "history.0.role: "),
        ({"question": " "}, "the question is empty"),
        ({"question": "broken"}, "an unexpected error"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(arguments: dict[str, Any], said: str) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool(TOOL, arguments)
        assert result.is_error and result.structured_content is None
        assert said in text_of(result) and "secret" not in text_of(result) and "\n" not in text_of(result)

    in_memory(FakeAssistant(ARTICLE), talk)


def test_what_is_not_there_is_an_error_of_the_protocol() -> None:
    async def talk(client: Client) -> None:
        for wrong in (
            client.call_tool("ask", {}),
            *map(client.read_resource, ("meeting://sources/x", "x", ARTICLE.source_id)),
        ):
            with pytest.raises(MCPError) as refused:
                await wrong
            assert refused.value.code == INVALID_PARAMS and "there is no " in refused.value.message

    in_memory(FakeAssistant(ARTICLE), talk)


def test_an_index_that_has_gone_is_told() -> None:
    async def talk(client: Client) -> None:
        result = await asked(client)
        assert result.is_error and "assistant ingest" in text_of(result)
        for wrong in (client.list_resources(), client.read_resource("meeting://sources/x")):
            with pytest.raises(MCPError, match="assistant ingest") as refused:
                await wrong
            assert refused.value.code == INTERNAL_ERROR

    in_memory(FakeAssistant(), talk)


def test_every_source_is_listed_and_can_be_read() -> None:
    names = ["notes.MD", "рус/встреча №1 100%.txt", "a?b#c&d.txt", *(f"{n}.txt" for n in range(2 * PAGE))]
    sources = [HOSTILE, *(replace(ARTICLE, source_id=name, text=f"{name}\r\n\ttext") for name in names)]

    async def talk(client: Client) -> None:
        found: list[Resource] = []
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = await client.list_resources(cursor=cursor)
            found, cursor, pages = found + page.resources, page.next_cursor, pages + 1
        assert pages == 3
        assert [each.name for each in found] == sorted(source.source_id for source in sources)
        assert {each.name for each in found if each.mime_type == "text/markdown"} == {"notes.MD"}
        assert all(each.uri.isascii() and " " not in each.uri for each in found)
        for source in sources[:5]:
            (uri,) = [each.uri for each in found if each.name == source.source_id]
            assert await read(client, uri) == source.text

    in_memory(FakeAssistant(*sources), talk)


def test_an_answer_given_back_as_history_is_what_was_said() -> None:
    assistant = FakeAssistant(ARTICLE)

    async def talk(client: Client) -> None:
        for question in ("Trade?", "Which hotel?"):
            first = await asked(client, question)
            history = [{"role": "user", "content": question}, {"role": "assistant", "content": text_of(first)}]
            await asked(client, "And investment?", history=history)
            said = assistant.chain.asked[-1].history[-1].content
            assert said == first.structured_content["answer"]

    in_memory(assistant, talk)


def test_each_step_is_told_to_a_client_that_wants_to_know() -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    async def talk(client: Client) -> None:
        await client.call_tool(TOOL, {"question": "Trade?", "language": "id"}, progress_callback=progress)

    in_memory(FakeAssistant(ARTICLE), talk)
    assert [(done, total) for done, total, _ in told] == [(0, 5), (1, 5)]
    assert all(message and message.endswith("…") for _, _, message in told)


def test_a_cancelled_question_costs_no_more_work() -> None:
    assistant = FakeAssistant(ARTICLE)

    async def talk(client: Client) -> None:
        with pytest.raises(MCPError):
            await client.call_tool(TOOL, {"question": "slow"}, read_timeout_seconds=0.2)
        while assistant.chain.closed == 0:
            await asyncio.sleep(0.01)
        assert TRADE in text_of(await asked(client, "Trade?"))

    in_memory(assistant, talk)


def test_an_answer_may_take_so_long() -> None:
    async def talk(client: Client) -> None:
        result = await asked(client, "slow")
        assert result.is_error and "took longer than 0.1 s" in text_of(result)

    in_memory(FakeAssistant(ARTICLE, timeout=0.1), talk)
