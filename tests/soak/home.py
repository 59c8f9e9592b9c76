"""A folder with sources whose versions can be told apart, the program's commands in it, and whether an answer is right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from assistant.app import Assistant, build
from assistant.evaluation.scoring import broken_invariants
from assistant.settings import load_settings
from assistant.types import Answer, Source

PROGRAM = str(Path(sys.executable).with_name("assistant"))
CHAIRS = ("Siti Rahma", "Dewi Lestari", "Igor Petrov", "Maria Santos", "Nguyen Van Minh")
CHAIR = "Who led the harbour meeting in Ambon?"
TRACEBACK = "Traceback (most recent call last)"
SECONDS = 180.0
"""For a command to end, and for a server to be ready, on a machine that is busy with other things."""


def texts(version: int, sentences: int = 40) -> dict[str, str]:
    """The sources' texts: in each version other names, at other places, and `sentences` that have to be embedded anew."""
    chair = CHAIRS[version % len(CHAIRS)]
    told = "Weather was fair. " * (version % 7)
    harbour = f"{told}{chair} led the harbour meeting in Ambon on 3 March 2021. The budget reached {40 + version} million dollars.\n"
    more = " ".join(
        f"Ship {n} of convoy {version} carried {n * 7 + version} tons of rice to port {n % 9}."
        for n in range(sentences)
    )
    return {"harbour.txt": harbour, "ships.txt": more + "\n"}


def problems(answer: Answer, versions: Sequence[int], sentences: int = 40) -> list[str]:
    """What is wrong with an answer to `CHAIR`, if the sources may have any of these versions."""
    found: list[str] = []
    for version in versions:
        written = texts(version, sentences)
        broken = broken_invariants(answer, {name: _source(name, text) for name, text in written.items()})
        cited = " ".join(citation.cited_text for citation in answer.citations)
        if not broken and CHAIRS[version % len(CHAIRS)] in cited:
            return []
        found += broken or [f"not version {version}: {answer.status}, {cited!r}"]
    return found


def _source(name: str, text: str) -> Source:
    return Source(source_id=name, text=text, title=name, sha256="0" * 64)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def traceback(self) -> bool:
        return TRACEBACK in self.out + self.err


class Home:
    """A folder that people work in: `seeds`, the index in `data`."""

    def __init__(self, path: Path, *, sentences: int = 40) -> None:
        self.path = path
        self.seeds = path / "seeds"
        self.data = path / "data"
        self._sentences = sentences
        self.seeds.mkdir(parents=True, exist_ok=True)

    def write(self, version: int) -> None:
        """The sources in a version."""
        for name, text in texts(version, self._sentences).items():
            (self.seeds / name).write_text(text, encoding="utf-8")

    def environment(self, **settings: Any) -> dict[str, str]:
        ours = ("ASSISTANT_", "OPENAI_", "SLACK_", "LANGSMITH_", "LANGCHAIN_", "REDIS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {
            **kept,
            "PYTHONUTF8": "1",
            "ASSISTANT_SEEDS": str(self.seeds),
            "ASSISTANT_DATA": str(self.data),
            **settings,
        }

    def start(
        self, *arguments: str, log: Path | None = None, options: Any = None, **settings: Any
    ) -> subprocess.Popen[str]:
        """A command of the program; what it says goes to pipes, or on stderr into a file."""
        with (log or Path(os.devnull)).open("a") as file:
            return subprocess.Popen(
                [PROGRAM, *arguments],
                cwd=self.path,
                env=self.environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file if log else subprocess.PIPE,
                text=True,
                **(options or {}),
            )

    def run(self, *arguments: str, options: Any = None, **settings: Any) -> Done:
        process = self.start(*arguments, options=options, **settings)
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:  # one thing that did not hold, and no end of the scenario
            process.kill()
            process.communicate()
            return Done(-1, "", f"`assistant {' '.join(arguments)}` did not end within {SECONDS:g} s")
        return Done(process.returncode, out, err)

    def assistant(self) -> Assistant:
        """The program in this process."""
        return build(load_settings(model="embedded", seeds=self.seeds, data=self.data))

    @contextmanager
    def serving(self, *, options: Any = None, **settings: Any) -> Iterator[Serving]:
        """`assistant serve`, ready; killed at the end."""
        log = self.path / f"serve-{time.monotonic_ns()}.log"
        process = self.start("serve", "--port", "0", log=log, options=options, **settings)
        serving = Serving(process, log)
        try:
            serving.ready()
            yield serving
        finally:
            process.kill()
            process.communicate(timeout=SECONDS)


class Serving:
    """A server that runs; `url` once it is ready."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self.log = log
        self.url = ""

    def ready(self) -> None:
        def said() -> bool:
            found = re.search(r"Ready on (http://\S+)", self.log.read_text(encoding="utf-8"))
            self.url = found[1] if found else ""
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            return bool(self.url)

        assert within(said, SECONDS), self.log.read_text(encoding="utf-8")

    @property
    def traceback(self) -> bool:
        return TRACEBACK in self.log.read_text(encoding="utf-8")

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def within(holds: Callable[[], object], seconds: float) -> bool:
    """Whether something holds before so many seconds have passed."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def ask(client: httpx.Client, question: str = CHAIR, **more: Any) -> Answer:
    """Asks a server. Raises httpx.HTTPError where it does not answer, or with an error."""
    response = client.post("/v1/ask", json={"question": question, **more}).raise_for_status()
    return Answer.model_validate(response.json())


def spread(times: int, seconds: float) -> list[float]:
    """Moments over a stretch of time, evenly."""
    return [seconds * (n + 0.5) / times for n in range(times)]
