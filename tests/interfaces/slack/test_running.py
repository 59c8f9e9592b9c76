"""The Slack bot is started and ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.messages import catalogue, languages

from ...measured import MEASURED
from ..conftest import ANA, Served
from ..fake_api import FakeApi
from ..fake_slack import APP_TOKEN, BOT_TOKEN, CHANNEL, FakeSlack
from ..fakes import INVESTMENT, TRADE
from .conftest import PROGRAM, quotes, running

EN = catalogue("en")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_what_has_been_begun_is_finished_when_it_is_told_to_end(tmp_path: Path, end: signal.Signals) -> None:
    with FakeSlack() as slack, FakeApi() as api, running(slack, api.url, tmp_path) as bot:
        event = slack.mention("late")
        slack.send(event)
        slack.until(lambda: api.asked)
        bot.process.send_signal(end)
        assert bot.process.wait(15) == 0
        assert slack.answer(event).text.endswith("And “item 2” \\[2\\]")
        assert len(bot.lines) == 1


def told(folder: Path, *arguments: str, **settings: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **MEASURED, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xoxp-hush"}, "SLACK_BOT_TOKEN: not such a token"),
        ({"SLACK_BOT_TOKEN": BOT_TOKEN}, "set SLACK_APP_TOKEN (xapp-...) for Socket Mode, or SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": BOT_TOKEN}, "SLACK_APP_TOKEN: not such a token"),
        ({"SLACK_BOT_TOKEN": "xoxb-hush", "SLACK_APP_TOKEN": APP_TOKEN}, "SLACK_BOT_TOKEN: Slack does not accept it"),
        ({"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": "xapp-hush"}, "SLACK_APP_TOKEN: Slack does not accept it"),
        (
            {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "ASSISTANT_API_KEY": "hush"},
            "ASSISTANT_API_KEY",
        ),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_one_clear_line(
    slack: FakeSlack, served_with_keys: Served, tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    where = {"SLACK_API_URL": slack.url, "ASSISTANT_URL": served_with_keys.url, "ASSISTANT_API_KEY": ANA}
    status, lines = told(tmp_path, **{**where, **settings})
    assert (status, len(lines)) == (2, 1) and said in lines[0] and lines[0].startswith("assistant: ")
    assert "hush" not in lines[0]


def test_a_slack_that_cannot_be_reached_is_one_clear_line(tmp_path: Path) -> None:
    settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": "http://127.0.0.1:9"}
    status, lines = told(tmp_path, **settings)
    assert (status, len(lines)) == (1, 1) and "Slack cannot be reached" in lines[0]


def test_with_a_key_the_api_answers(slack: FakeSlack, served_with_keys: Served, tmp_path: Path) -> None:
    with FakeSlack() as own, running(own, served_with_keys.url, tmp_path, ASSISTANT_API_KEY=ANA):
        event = own.mention("Trade?")
        own.send(event)
        assert quotes(own.answer(event)) == [TRADE, INVESTMENT]


def test_without_its_packages_it_says_how_to_install_them() -> None:
    code = "import sys; sys.modules['slack_bolt'] = None; from assistant.interfaces.cli import main; main(['slack'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        'assistant: `assistant slack` needs packages of its own: pip install "meeting-assistant[slack]"'
    ]


def test_the_manifest_asks_for_what_the_bot_uses() -> None:
    def printed(*arguments: str) -> Any:
        return json.loads(subprocess.check_output([*PROGRAM, "--manifest", *arguments], text=True))

    socket = printed()
    assert socket["oauth_config"]["scopes"]["bot"] == [
        "app_mentions:read", "assistant:write", "channels:history", "chat:write", "groups:history", "im:history", "users:read",
    ]  # fmt: skip
    assert set(socket["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_home_opened", "app_mention", "message.channels", "message.groups", "message.im",
    }  # fmt: skip
    assert socket["settings"]["socket_mode_enabled"] and socket["features"]["app_home"]["messages_tab_enabled"]
    assert len(socket["display_information"]["description"]) <= 140
    url = "https://bot.example/slack/events"
    called = printed("--url", url)["settings"]
    assert (called["socket_mode_enabled"], called["interactivity"]["request_url"]) == (False, url)
    assert called["event_subscriptions"]["request_url"] == url


@pytest.mark.parametrize("language", languages())
def test_buttons_fit_in_every_language(language: str) -> None:
    words = catalogue(language)
    assert all(len(words.text(f"slack.{name}")) <= 75 for name in ("good", "bad", "open"))
    assert len(words.text("page.placeholder")) <= 75 and CHANNEL
