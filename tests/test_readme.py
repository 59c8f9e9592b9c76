"""The README's commands and examples, run as they stand."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult

from assistant.index.sources import read_source
from assistant.interfaces.problems import KINDS
from assistant.settings import Settings

from .conftest import JavaScript
from .index.files import pdf

SERVED = "http://127.0.0.1:7860"
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def blocks(language: str) -> list[str]:
    found = [text for spoken, text in BLOCKS if spoken == language]
    assert found
    return found


@pytest.mark.parametrize("block", blocks("console"))
def test_commands_print_what_the_readme_shows(block: str, tmp_path: Path) -> None:
    command, *expected = block.strip().splitlines()
    words = shlex.split(command.removeprefix("$ "))
    program = str(Path(sys.executable).with_name(words[0]))
    done = subprocess.run(
        [program, *words[1:], "--data", str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[: len(expected)] == expected


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_SEEDS", str(ROOT / "seeds"))
    space: dict[str, object] = {}
    exec(compile(blocks("python")[0], "README.md", "exec"), space)
    assert len(space["retriever"].invoke("trade")) == 3  # type: ignore[attr-defined]
    assert space["chain"].invoke("hello").status == "conversational"  # type: ignore[attr-defined]


def test_the_metadata_example_is_read(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("The board met.", encoding="utf-8")
    (tmp_path / "report.txt.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    source = read_source(tmp_path, tmp_path / "report.txt")
    assert source.title == yaml.safe_load(blocks("yaml")[0])["title"]
    assert source.questions == ("Who chaired the meeting?",)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API as `make run` serves it, on a port of its own, where articles can be added."""
    program = str(Path(sys.executable).with_name("assistant"))
    data = tmp_path_factory.mktemp("data")
    log = data / "log"  # a file: a pipe that nobody reads is full after some hundred lines, and stops the server
    with (
        log.open("w", encoding="utf-8") as err,
        subprocess.Popen(
            [program, "serve", "--port", "0", "--data", str(data)],
            cwd=ROOT,
            stderr=err,
            env={**os.environ, "ASSISTANT_UPLOADS": "true"},
        ) as process,
    ):
        try:
            while (ready := re.search(r"Ready on (\S+)", log.read_text(encoding="utf-8"))) is None:
                assert process.poll() is None, log.read_text(encoding="utf-8")
                time.sleep(0.05)
            yield ready[1]
        finally:
            process.terminate()
    assert process.returncode == 0


def test_the_curl_example_is_answered(address: str) -> None:
    (command,) = [block for block in blocks("sh") if block.startswith("curl") and "/v1/ask" in block]
    done = subprocess.run(
        ["sh", "-c", command.replace(SERVED, address)], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout)["status"] == "answered"


def test_the_examples_of_files_add_and_remove_one(address: str, tmp_path: Path) -> None:
    (commands,) = [block for block in blocks("sh") if block.startswith("curl") and "/v1/sources" in block]
    (tmp_path / "minutes.pdf").write_bytes(pdf("The harbour board approved twelve cranes."))
    done = subprocess.run(
        ["sh", "-e", "-c", commands.replace(SERVED, address)],
        capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path,
    )  # fmt: skip
    added, end = json.JSONDecoder().raw_decode(done.stdout)
    assert (added["source_id"], added["date"], added["pages"]) == ("_uploads/minutes.pdf", "2019-02-20", 1)
    assert json.loads(done.stdout[end:]) == {"status": "removed"}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the examples leave closing to the end of the program
def test_the_examples_of_clients_run(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    space: dict[str, object] = {}
    examples = [block for block in blocks("python") if SERVED in block]
    assert len(examples) == 2
    for example in examples:
        exec(compile(example.replace(SERVED, address), "README.md", "exec"), space)
    assert "**Sources**" in capsys.readouterr().out


def test_the_javascript_example_runs(javascript: JavaScript, address: str) -> None:
    (example,) = blocks("js")
    quoted, *streamed = javascript("--input-type=module", given=example.replace(SERVED, address)).splitlines()
    assert "18 miliar" in quoted
    assert "18 miliar" in streamed[0] and "**Sources**" in streamed


def test_the_mcp_configuration_starts_a_server(tmp_path: Path) -> None:
    (block,) = blocks("json")
    server = json.loads(block)["mcpServers"]["meeting"]
    assert server["command"] == "/path/to/meeting-assistant/.venv/bin/assistant"
    program = str(Path(sys.executable).with_name("assistant"))
    places = {
        "/path/to/meeting-assistant/seeds": str(ROOT / "seeds"),
        "/path/to/meeting-assistant/.assistant": str(tmp_path),
    }
    arguments = [places.get(argument, argument) for argument in server["args"]]
    assert {*places.values()} < {*arguments}

    async def ask() -> CallToolResult:
        async with Client(StdioServerParameters(command=program, args=arguments, cwd="/")) as client:
            return await client.call_tool("ask_meeting", {"question": "Who chaired the meeting?"})

    assert asyncio.run(ask()).structured_content["status"] == "answered"


def test_the_load_script_finds_nothing_wrong(address: str) -> None:
    script = [sys.executable, "evals/load.py", "--url", address, "--clients", "5", "--seconds", "2"]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "p95" in done.stdout and "a second" in done.stdout


def test_every_kind_of_error_is_listed() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \| (.*) \|$", README, re.MULTILINE)
    assert listed == [(kind.name, str(kind.status), kind.meaning) for kind in KINDS.values()]


def test_make_knows_the_commands() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_setting_is_listed() -> None:
    listed = set(re.findall(r"^\| ([A-Z_]+) \|", README, re.MULTILINE))
    assert listed == {
        str(field.alias) for name, field in Settings.model_fields.items() if not name.startswith("openai")
    }


def test_the_files_that_it_names_are_there() -> None:
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(
        r"`(assistant/[\w/.]+|seeds/|evals/)`", README
    ):
        assert (ROOT / path).exists(), path
