"""The command line as people and scripts meet it: a process with arguments, streams and an exit status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = (str(Path(sys.executable).with_name("assistant")),)
MODULE = (sys.executable, "-m", "assistant")
QUESTION = "Who chaired the meeting?"
CHAIR = "Jose Tavares"
ASIDE = "The harbour council of Tarvic met in Oslo on 3 May 2021 and elected Maren Oskvist its president.\n"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The lines on stderr without the program's name, which each of them has; none is a traceback."""
        lines = self.err.splitlines()
        assert [line for line in lines if not line.startswith("assistant: ")] == []
        return [line.removeprefix("assistant: ") for line in lines]


class Home:
    """A folder that people work in: `seeds`, the index in `.assistant`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seeds = path / "seeds"
        self.index = path / ".assistant" / "index"

    def start(self, *arguments: str | bytes, program: tuple[str, ...] = PROGRAM) -> subprocess.Popen[bytes]:
        settings = ("ASSISTANT_", "OPENAI_", "CHROMA_", "LANGSMITH_", "LANGCHAIN_", "REDIS_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
        return subprocess.Popen(
            [*program, *arguments],
            cwd=self.path,
            env={**environment, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str | bytes, given: bytes = b"", program: tuple[str, ...] = PROGRAM) -> Done:
        process = self.start(*arguments, program=program)
        return finished(process, given)

    @property
    def snapshot(self) -> Path:
        return self.index / (self.index / "CURRENT").read_text().strip()


def finished(process: subprocess.Popen[bytes], given: bytes = b"") -> Done:
    try:
        out, err = process.communicate(given, timeout=90)
    finally:
        process.kill()
    return Done(process.returncode, out.decode(), err.decode())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The article, ingested. Not to be changed."""
    home = Home(tmp_path_factory.mktemp("made"))
    shutil.copytree(ROOT / "seeds", home.seeds)
    assert home.run("ingest").status == 0
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    """The article, ingested; to be changed."""
    shutil.copytree(made.path, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """The article, not ingested."""
    home = Home(tmp_path)
    shutil.copytree(ROOT / "seeds", home.seeds)
    return home


def change_schema(home: Home) -> str:
    manifest = home.snapshot / "manifest.json"
    fields = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**fields, "schema": fields["schema"] + 1}))
    return "made by another version of this program"
