"""A measurement as a Markdown file, which tells the command, the day and the machine that its figures are of."""

from __future__ import annotations

import datetime as dt
import os
import platform
import shlex
from collections.abc import Sequence
from pathlib import Path


def document(title: str, command: Sequence[str], body: str, day: dt.date | None = None) -> str:
    """The file's text; `day` is today where none is given."""
    day = day or dt.date.today()
    made = f"Made by `{shlex.join(command)}` on {day.day} {day:%B %Y}; {machine()}."
    return f"# {title}\n\n{made}\n\n{body.strip()}\n"


def machine() -> str:
    """The processor, how many there are, the system, and Python's version."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    processor = model or platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def busy() -> str:
    """How busy the machine is: its load averages of 1 and 5 minutes."""
    return " and ".join(f"{each:.1f}" for each in os.getloadavg()[:2])
