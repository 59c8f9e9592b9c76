"""Programs as processes: run to their end, or started, waited for until they answer, and stopped."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from figures import NotMeasured

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEEDS = ROOT / "seeds"

_SECONDS = 120
_LOOK = 0.01  # seconds between two looks whether a server answers
_SILENT = {"GRADIO_ANALYTICS_ENABLED": "False"}


def assistant(command: str, data: Path, *rest: str, seeds: Path = SEEDS) -> list[str]:
    """The command line of the assistant's own program."""
    return [sys.executable, "-m", "assistant", command, "--seeds", str(seeds), "--data", str(data), *rest]


def peer(program: str, *rest: str) -> list[str]:
    """That of a file beside this one."""
    return [sys.executable, str(HERE / program), *rest]


def run(command: Sequence[str], folder: Path) -> None:
    """Runs a program to its end, in a folder without a `.env`.

    Raises:
        NotMeasured: it failed.
    """
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as exc:
        raise NotMeasured(f"{' '.join(command)}: not done after {_SECONDS} s") from exc
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise NotMeasured(f"{' '.join(command)}: exit status {done.returncode}: {said[-1]}")


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path, path: str = "/") -> Iterator[float]:
    """A server while the block runs, which begins when the path is answered with 200; the milliseconds until then.

    Raises:
        NotMeasured: it ended, or did not answer in time.
    """
    begun = time.monotonic()
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **_SILENT}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while not _answers(f"http://127.0.0.1:{port}{path}"):
                if process.poll() is not None or time.monotonic() > begun + _SECONDS:
                    raise NotMeasured(f"{' '.join(command)}: does not answer on port {port}")
                time.sleep(_LOOK)
            yield (time.monotonic() - begun) * 1000
        finally:
            process.terminate()


def of_children() -> float:
    """The processor's seconds that the processes which have ended took, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response:
            return bool(response.status == 200)
    except urllib.error.URLError:
        return False
