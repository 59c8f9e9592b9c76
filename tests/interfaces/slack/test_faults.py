"""What goes wrong around the Slack bot is told, and answers come all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.messages import catalogue

from ..fake_slack import FakeSlack, Fault
from .conftest import Bot, quotes, running, thumb

EN = catalogue("en")


FAILURES = [
    ("refused", "slack.misconfigured"),
    ("busy", "page.busy"),
    ("unreadable", "slack.question"),
    ("proxy", "slack.down"),
    ("crashed", "slack.failed"),
    ("reset", "slack.down"),
]


@pytest.mark.parametrize(("question", "told"), FAILURES)
def test_a_failing_api_is_told_in_the_thread(strained: tuple[FakeSlack, Bot], question: str, told: str) -> None:
    slack, bot = strained
    event = slack.mention(f"{question} who is that?")
    slack.post(bot.url, event)
    assert slack.answer(event).text == EN.text(told)
    assert len(slack.replies(event["ts"])) == 1


def test_a_rate_limit_of_the_api_says_when_in_the_asker_s_language(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    event = slack.mention("limited Кто представлял Россию на встрече?")
    slack.post(bot.url, event)
    assert slack.answer(event).text == catalogue("ru").text("page.limited", seconds=7)


def test_an_api_that_is_not_there_is_said_at_the_start_and_in_the_thread(tmp_path: Path) -> None:
    with FakeSlack() as slack, running(slack, "http://127.0.0.1:9", tmp_path) as bot:
        assert "the API at http://127.0.0.1:9 does not answer" in bot.lines[0]
        event = slack.write("Siapa yang memimpin pertemuan itu?", channel="D1")
        slack.send(event)
        assert slack.answer(event).text == catalogue("id").text("slack.down")


@pytest.mark.parametrize("how", ["dies", "ends", "breaks"])
def test_an_answer_that_breaks_off_is_ended_with_what_was_verified(strained: tuple[FakeSlack, Bot], how: str) -> None:
    slack, bot = strained
    event = slack.mention(f"{how} midway")
    slack.post(bot.url, event)
    answer = slack.answer(event)
    assert answer.text.startswith("It was adopted: “item 1” \\[sic\\] \\[1\\]") and not answer.streaming
    assert EN.text("page.late" if how == "breaks" else "slack.interrupted") in answer.shown


@pytest.mark.parametrize(("method", "seconds"), [("chat.startStream", 3), ("chat.stopStream", 1)])
def test_slack_s_rate_limit_is_waited_for(strained: tuple[FakeSlack, Bot], method: str, seconds: int) -> None:
    """Also one that is longer than an answer of the API may take."""
    slack, bot = strained
    slack.faults[method] = [Fault(retry_after=seconds)]
    event = slack.mention("late Adopted?")
    before = len(slack.called(method))
    slack.post(bot.url, event)
    answer = slack.answer(event)
    refused, again = slack.called(method)[before:]
    assert refused.failed and not again.failed and again.at - refused.at >= seconds
    assert answer.text.endswith("And “item 2” \\[2\\]") and len(slack.replies(event["ts"])) == 1


def test_sentences_that_come_slowly_are_appended(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    event = slack.mention("paused")
    slack.post(bot.url, event)
    answer = slack.answer(event)
    (appended,) = slack.called("chat.appendStream", ts=answer.ts)
    assert appended.fields["markdown_text"] == "\n\nAnd “item 2” \\[2\\]"
    assert answer.text == f"It was adopted: “item 1” \\[sic\\] \\[1\\]{appended.fields['markdown_text']}"


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_a_stream_that_dies_is_finished_by_an_update(strained: tuple[FakeSlack, Bot], method: str) -> None:
    slack, bot = strained
    slack.faults[method] = [Fault("message_not_in_streaming_state")]
    event = slack.mention("paused")
    slack.post(bot.url, event)
    slack.until(lambda: [message for message in slack.replies(event["ts"]) if message.metadata])
    (answer,) = slack.replies(event["ts"])
    assert "It was adopted: “item 1” [sic] [1]" in answer.shown and "And “item 2” [2]" in answer.shown
    assert quotes(answer) == ["item 1", "item 2"] and answer.metadata["event_type"] == "meeting_answer"


def test_where_slack_does_not_stream_the_answer_is_posted_and_updated(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    slack.faults["chat.startStream"] = [Fault("unknown_method")]
    event = slack.mention("paused")
    slack.post(bot.url, event)
    slack.until(lambda: len([m for m in slack.replies(event["ts"]) if quotes(m)]) == 1)
    (answer,) = slack.replies(event["ts"])
    assert "And “item 2” [2]" in answer.shown and not answer.streamed
    (posted,) = slack.called("chat.postMessage", thread_ts=event["ts"])
    assert posted.fields["unfurl_links"] is posted.fields["unfurl_media"] is False


def test_an_answer_that_slack_takes_in_no_way_ends_the_bot_s_trying(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    for method in ("chat.startStream", "chat.postMessage"):
        slack.faults[method] = [Fault("not_in_channel"), Fault("not_in_channel")]
    lost, other = slack.mention("Lost?", channel="C5"), slack.mention("Other?")
    slack.post(bot.url, lost)
    slack.until(lambda: len(slack.called("chat.postMessage", channel="C5")) == 2)
    for method in ("chat.startStream", "chat.postMessage"):
        slack.faults[method].clear()
    slack.post(bot.url, other)
    slack.answer(other)
    assert slack.replies(lost["ts"], "C5") == []


def test_a_thumb_that_is_not_kept_is_told(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    event = slack.mention("unkept")
    slack.post(bot.url, event)
    answer = slack.answer(event)
    assert slack.post(bot.url, slack.click(answer, thumb(answer, "positive_button"), user="U9")).status_code == 200
    slack.until(lambda: slack.called("chat.postEphemeral", user="U9"))
    assert slack.called("chat.postEphemeral", user="U9")[0].fields["text"] == EN.text("slack.down")
