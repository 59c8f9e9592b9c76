"""The Slack bot as a process, between a Slack and an API on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ...measured import MEASURED
from ..conftest import Served
from ..fake_api import FakeApi
from ..fake_slack import APP_TOKEN, BOT_TOKEN, SECRET, FakeSlack, Message, elements

PROGRAM = (str(Path(sys.executable).with_name("assistant")), "slack")


class Bot:
    """A process of the bot; `lines` is what it says, `url` where it listens in HTTP mode."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.url = ""
        threading.Thread(target=self._read, daemon=True).start()

    def ready(self) -> Bot:
        end = time.monotonic() + 20
        while not any(line.startswith("Ready in Slack") for line in self.lines):
            assert self.process.poll() is None and time.monotonic() < end, self.lines
            time.sleep(0.01)
        banner = self.lines[-1]
        if "port " in banner:
            self.url = f"http://127.0.0.1:{banner.split('port ')[1].split(';')[0]}/slack/events"
        return self

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))


@contextmanager
def running(slack: FakeSlack, api: str, folder: Path, *arguments: str, **settings: str) -> Iterator[Bot]:
    """The bot in a folder, in Socket Mode unless a signing secret is given."""
    given = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_API_URL": slack.url, "ASSISTANT_URL": api, **settings}
    if "SLACK_SIGNING_SECRET" not in given:
        given = {"SLACK_APP_TOKEN": APP_TOKEN, **given}
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONUTF8": "1", **MEASURED, **given},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        bot = Bot(process)
        try:
            yield bot.ready()
            process.terminate()
            process.wait(30)
        finally:
            process.kill()
    said = "\n".join(bot.lines)
    assert "Traceback" not in said
    assert not any(secret in said for secret in (BOT_TOKEN, APP_TOKEN, SECRET, "secret detail", "item 1", "Trade"))


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """Slack, as the bot that asks the API of the tests sees it."""
    with FakeSlack() as fake:
        yield fake
        assert fake.broken == []


@pytest.fixture(scope="module")
def bot(slack: FakeSlack, served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """The bot in Socket Mode, with the served API."""
    page = "https://page.example/"
    with running(slack, served.url, tmp_path_factory.mktemp("bot"), ASSISTANT_PAGE_URL=page) as started:
        yield started


@pytest.fixture(scope="module")
def api() -> Iterator[FakeApi]:
    with FakeApi(key="good-api-key") as fake:
        yield fake


@pytest.fixture(scope="module")
def strained(api: FakeApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeSlack, Bot]]:
    """A Slack, and the bot in HTTP mode with the API that fails when it is told to."""
    settings = {"SLACK_SIGNING_SECRET": SECRET, "ASSISTANT_API_KEY": "good-api-key", "ASSISTANT_TIMEOUT": "0.5"}
    folder = tmp_path_factory.mktemp("strained")
    with FakeSlack() as fake, running(fake, api.url, folder, "--port", "0", **settings) as started:
        yield fake, started
        assert fake.broken == []


def quotes(message: Message) -> list[str]:
    """The words in bold within the quotations of a message."""
    return [
        part["text"]
        for quote in elements(message.blocks, "rich_text_quote")
        for part in quote["elements"]
        if part.get("style", {}).get("bold")
    ]


def button(message: Message, kind: str, number: int = 0) -> dict[str, Any]:
    return list(elements(message.blocks, kind))[number]


def thumb(message: Message, which: str) -> dict[str, Any]:
    thumbs = button(message, "feedback_buttons")
    return {"type": "feedback_buttons", "action_id": thumbs["action_id"], "value": thumbs[which]["value"]}
