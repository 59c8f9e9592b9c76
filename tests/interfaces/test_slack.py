"""The Slack bot as a process, between a Slack and an API on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import DataFolderError
from assistant.interfaces.slack.seen import Seen
from assistant.interfaces.slack.text import beginning, escape, markdown, pieces, plain
from assistant.messages import catalogue, languages

from ..measured import MEASURED
from .conftest import ANA, Served
from .fake_api import HOSTILE, LONG, FakeApi
from .fake_slack import APP_TOKEN, BOT, BOT_ID, BOT_TOKEN, CHANNEL, SECRET, FakeSlack, Fault, Message, elements
from .fakes import INVESTMENT, TRADE

PROGRAM = (str(Path(sys.executable).with_name("assistant")), "slack")
EN = catalogue("en")


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


# --- questions and answers -----------------------------------------------------------------------------------------


def test_a_mention_is_answered_in_its_thread(slack: FakeSlack, bot: Bot) -> None:
    event = slack.mention("Trade?")
    envelope = slack.send(event)
    answer = slack.answer(event)
    assert slack.acknowledged[envelope] < 1
    assert answer.text == (
        "In the source: “perdagangan sebesar 18 miliar dolar AS” \\[1\\]"
        "\n\nAnd: “investasi mencapai 45 juta dolar AS” \\[2\\] \\[1\\]"
    )
    assert quotes(answer) == [TRADE, INVESTMENT]
    assert "Report on the 16th ASEAN-Russia Senior Officials Meeting" in answer.shown
    assert EN.text("page.evidence") in answer.shown and "<b>" not in answer.text
    (begun,) = slack.called("chat.startStream", thread_ts=event["ts"])
    assert (begun.fields["recipient_user_id"], begun.fields["recipient_team_id"]) == ("U1", "T1")
    status = slack.called("assistant.threads.setStatus", thread_ts=event["ts"])
    assert [call.fields["status"] for call in status] == [EN.text("page.progress_condense")]
    assert status[0].at < begun.at
    assert button(answer, "button", 1)["url"] == "https://page.example/?q=Trade%3F"
    assert len(slack.replies(event["ts"])) == 1


def test_what_the_sources_do_not_say_is_shown_as_that(slack: FakeSlack, bot: Bot) -> None:
    event = slack.mention("Which hotel?")
    slack.send(event)
    answer = slack.answer(event)
    assert answer.text == "The sources do not answer this question."
    assert EN.text("page.related") in answer.shown and EN.text("page.evidence") not in answer.shown
    assert "Igor Morgulov" in answer.shown and quotes(answer) == []


def test_a_direct_message_is_answered_and_the_thread_is_the_conversation(
    slack: FakeSlack, bot: Bot, served: Served
) -> None:
    first = slack.write("Trade?", channel="D1")
    slack.send(first)
    slack.answer(first)
    second = slack.write("And &lt;investment&gt;? <@U7> <#C2|general>", channel="D1", thread=first["ts"])
    slack.send(second)
    slack.answer(second, 2)
    asked = served.assistant.chain.asked[-1]
    assert asked.question == "And <investment>? #general"
    assert [(turn.role, turn.content[:14]) for turn in asked.history] == [
        ("user", "Trade?"),
        ("assistant", "In the source:"),
    ]


def test_a_long_thread_is_no_more_than_the_api_takes(slack: FakeSlack, bot: Bot, served: Served) -> None:
    root = slack.write("😀" * 2_000)
    for _ in range(9):
        slack.write("😀" * 3_000, thread=root["ts"])
    event = slack.mention("😀" * 2_000, thread=root["ts"])
    slack.send(event)
    slack.answer(event)
    asked = served.assistant.chain.asked[-1]
    assert sum(len(turn.content) for turn in asked.history) == 10 * 2_000


def test_a_thread_in_which_it_takes_part_goes_on_without_mentions(slack: FakeSlack, bot: Bot, served: Served) -> None:
    first = slack.mention("Trade?")
    slack.send(first)
    slack.answer(first)
    slack.send(slack.write("<@U8> what do you think?", thread=first["ts"]))
    second = slack.write("And last year?", thread=first["ts"], user="U2")
    slack.send(second)
    slack.answer(second, 2)
    asked = served.assistant.chain.asked[-1]
    assert (asked.question, [turn.role for turn in asked.history]) == ("And last year?", ["user", "assistant", "user"])
    assert len(slack.replies(first["ts"])) == 2


def test_a_thread_is_known_again_by_what_stands_in_it(slack: FakeSlack, bot: Bot) -> None:
    """As after a restart: the bot has posted there, and this process does not know it."""
    root = slack.write("Old question", channel="C9")
    ts = slack.ts()
    slack.messages["C9", ts] = Message("C9", ts, root["ts"], BOT, "Old answer")
    follow = slack.write("And now?", channel="C9", thread=root["ts"])
    slack.send(follow)
    slack.answer(follow, 2)


def test_a_question_in_a_thread_that_cannot_be_read_is_answered_by_itself(
    slack: FakeSlack, bot: Bot, served: Served
) -> None:
    root = slack.write("Something before", channel="C8")
    slack.faults["conversations.replies"] = [Fault("missing_scope"), Fault("missing_scope")]
    slack.send(slack.write("Not for the bot, as far as it knows", channel="C8", thread=root["ts"]))
    slack.until(lambda: len(slack.faults["conversations.replies"]) == 1)
    event = slack.mention("Trade?", channel="C8", thread=root["ts"])
    slack.send(event)
    slack.answer(event)
    assert (served.assistant.chain.asked[-1].question, served.assistant.chain.asked[-1].history) == ("Trade?", ())


def test_what_is_not_for_it_is_left_alone(slack: FakeSlack, bot: Bot, served: Served) -> None:
    asked = len(served.assistant.chain.asked)
    calls = len(slack.calls)
    thread = slack.write("A thread of others")
    own = slack.mention("Trade?")
    ignored = [
        slack.write("Just talking"),
        slack.write("And on", thread=thread["ts"]),
        {**slack.mention("from a bot"), "bot_id": "B9"},
        {**slack.write("own", channel="D1"), "user": BOT},
        {**slack.write("own", channel="D1"), "bot_id": BOT_ID},
        {**slack.write("joined", channel="D1"), "subtype": "channel_join"},
        {**slack.write("", channel="D1"), "subtype": "message_changed", "message": {"text": f"<@{BOT}> Trade?"}},
        {**slack.write("", channel="D1"), "subtype": "message_deleted", "deleted_ts": "1.0"},
        {**slack.write("Slackbot", channel="D1"), "user": "USLACKBOT"},
        {"type": "reaction_added", "user": "U1", "reaction": "eyes", "item": {}},  # not in the manifest
    ]
    envelopes = [slack.send(event) for event in [*ignored, own]]
    slack.answer(own)
    slack.until(lambda: all(envelope in slack.acknowledged for envelope in envelopes))
    assert len(served.assistant.chain.asked) == asked + 1
    posted = [c for c in slack.calls[calls:] if c.method.startswith("chat.")]
    assert {c.method for c in posted} == {"chat.startStream", "chat.stopStream"} and len(posted) == 2


def test_a_mention_without_a_question_is_told_what_to_do(slack: FakeSlack, bot: Bot) -> None:
    event = slack.mention("")
    slack.send(event)
    assert EN.text("smalltalk.greeting") in slack.answer(event).shown


def test_a_suggested_question_is_asked_in_the_thread(slack: FakeSlack, bot: Bot, served: Served) -> None:
    event = slack.mention("Trade?")
    slack.send(event)
    answer = slack.answer(event)
    suggested = button(answer, "button")
    assert suggested["text"]["text"] == suggested["value"] == "Who chaired the meeting?"
    click = slack.click(answer, suggested, user="U5")
    for _ in range(2):
        slack.send(click)
    slack.answer(event, 3)
    assert [message.text for message in slack.replies(event["ts"])][1] == "<@U5>: Who chaired the meeting?"
    assert [turn.role for turn in served.assistant.chain.asked[-1].history] == ["user", "assistant"]
    follow = slack.write("And then?", thread=event["ts"])
    slack.send(follow)
    slack.answer(follow, 4)
    assert [turn.content[:14] for turn in served.assistant.chain.asked[-1].history] == [
        "Trade?", "In the source:", "Who chaired th", "In the source:",
    ]  # fmt: skip


def test_a_thumb_goes_to_the_api(slack: FakeSlack, bot: Bot, served: Served) -> None:
    event = slack.mention("Trade?")
    slack.send(event)
    answer = slack.answer(event)
    slack.send(slack.click(answer, thumb(answer, "negative_button"), user="U6"))
    slack.until(lambda: slack.called("chat.postEphemeral", user="U6"))
    (thanked,) = slack.called("chat.postEphemeral", user="U6")
    assert (thanked.fields["text"], thanked.fields["thread_ts"]) == (EN.text("slack.noted"), event["ts"])
    kept = (served.assistant.settings.data / "feedback.jsonl").read_text().splitlines()
    assert [json.loads(kept[-1])[name] for name in ("answer_id", "rating")] == ["a1", "down"]


@pytest.mark.parametrize(("user", "first"), [("U1", "Who chaired"), ("UID", "Siapa yang"), ("UDE", "Who chaired")])
def test_questions_are_suggested_in_the_language_of_the_person(
    slack: FakeSlack, bot: Bot, user: str, first: str
) -> None:
    slack.locales |= {"UID": "id-ID", "UDE": "de-DE"}
    opened = {"type": "assistant_thread_started", "assistant_thread": {"user_id": user, "channel_id": f"D{user}"}}
    opened["assistant_thread"] |= {"thread_ts": "5.0"}  # type: ignore[operator]
    home = {"type": "app_home_opened", "tab": "messages", "user": user, "channel": f"D{user}"}
    for event in (opened, home, {**home, "tab": "home"}):
        slack.send(event)
    slack.until(lambda: len(slack.called("assistant.threads.setSuggestedPrompts", channel_id=f"D{user}")) == 2)
    calls = slack.called("assistant.threads.setSuggestedPrompts", channel_id=f"D{user}")
    assert sorted(call.fields.get("thread_ts", "") for call in calls) == ["", "5.0"]
    for call in calls:
        assert len(call.fields["prompts"]) == 2
        assert call.fields["prompts"][0]["message"].startswith(first)


def test_the_socket_is_opened_anew_when_slack_asks_for_it(slack: FakeSlack, bot: Bot) -> None:
    before = len(slack.sockets)
    slack.disconnect()
    slack.until(lambda: len(slack.sockets) > before and not slack.sockets[-1].closed)
    event = slack.mention("Trade?")
    slack.send(event)
    slack.answer(event)


# --- once, and in time ---------------------------------------------------------------------------------------------


def test_a_storm_of_retries_gives_one_answer_also_after_a_restart(tmp_path: Path) -> None:
    settings = {"SLACK_SIGNING_SECRET": SECRET}
    with FakeSlack() as slack, FakeApi() as api:
        event = slack.mention("Trade?")
        twin = {**event, "type": "message", "channel_type": "channel"}
        with running(slack, api.url, tmp_path, "--port", "0", **settings) as bot, ThreadPoolExecutor(8) as pool:
            sent = [
                pool.submit(slack.post, bot.url, each, retry=retry, age=10 * retry)
                for retry in range(4)
                for each in (event, twin)
            ]
            assert {each.result().status_code for each in sent} == {200}
            slack.answer(event)
        with running(slack, api.url, tmp_path, "--port", "0", **settings) as bot:
            assert slack.post(bot.url, event, retry=3, age=5).status_code == 200
            other = slack.mention("Investment?")
            slack.post(bot.url, other)
            slack.answer(other)
        assert [body["question"] for body in api.asked] == ["Trade?", "Investment?"]
        assert len(slack.replies(event["ts"])) == 1


def test_it_acknowledges_at_once_however_slow_slack_and_the_api_are(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    slack.faults["assistant.threads.setStatus"] = [Fault(retry_after=60)]
    event = slack.mention("slow answer")
    begun = time.monotonic()
    assert slack.post(bot.url, event).status_code == 200
    assert time.monotonic() - begun < 1
    assert slack.answer(event).text == EN.text("page.late")


def test_a_thread_s_questions_are_answered_one_after_another(strained: tuple[FakeSlack, Bot], api: FakeApi) -> None:
    slack, bot = strained
    first = slack.mention("late first")
    second = slack.mention("And second?", thread=first["ts"])
    for event in (first, second):
        slack.post(bot.url, event)
    slack.answer(second, 2)
    (asked,) = api.questions("And second?")
    assert [turn["role"] for turn in asked["history"]] == ["user", "assistant"]


# --- what goes wrong -----------------------------------------------------------------------------------------------

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


# --- limits and markup ---------------------------------------------------------------------------------------------


def test_a_long_answer_is_whole_in_several_messages_cut_at_sentences(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    event = slack.mention("long")
    slack.post(bot.url, event)
    slack.until(lambda: any("feedback_buttons" in json.dumps(m.blocks) for m in slack.replies(event["ts"])))
    messages = sorted(slack.replies(event["ts"]), key=lambda message: float(message.ts))
    first = messages[0].text.replace("&amp;", "&")
    assert first.endswith(". ") and len(messages) > 4
    shown = first + "".join(message.shown.replace("\n", "") for message in messages[1:])
    assert shown.startswith(" ".join(LONG))
    cited = [words for message in messages for words in quotes(message)]
    assert cited == [LONG[n] * 3 for n in range(1, 61)]
    assert [each["value"] for m in messages for each in elements(m.blocks, "button")] == ["So?"]


def test_an_answer_without_a_place_to_cut_is_whole_too(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    event = slack.mention("unspaced")
    slack.post(bot.url, event)
    slack.until(lambda: any("feedback_buttons" in json.dumps(m.blocks) for m in slack.replies(event["ts"])))
    messages = sorted(slack.replies(event["ts"]), key=lambda message: float(message.ts))
    streamed = messages[0].text.count("&amp;")
    assert streamed > 1_000
    assert streamed + "".join(message.shown for message in messages[1:]).count("&") >= 15_000 + 9_000


def test_nothing_in_an_answer_can_mention_link_or_format(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    slack.faults["chat.stopStream"] = [Fault("message_not_in_streaming_state")]
    for turn, event in enumerate((slack.mention("hostile 1"), slack.mention("hostile 2"))):
        slack.post(bot.url, event)
        slack.until(lambda event=event: any(quotes(m) for m in slack.replies(event["ts"])))  # type: ignore[misc]
        (answer,) = slack.replies(event["ts"])
        assert quotes(answer) == [HOSTILE]
        assert f"“{HOSTILE}” [1]" in answer.shown or turn == 1
    began = slack.called("chat.startStream")[-1].fields["markdown_text"]
    assert began == (
        "“&lt;!channel&gt; &lt;!here\\|x&gt; &lt;@U1&gt; &lt;https:\\/\\/evil.example\\|click&gt; &amp; \\*b\\* \\_i\\_ "
        "\\`c\\` \\~s\\~ https:\\/\\/evil.example/x \\[1\\](y)” \\[1\\]"
    )
    for call in slack.calls:
        parsed = [
            call.fields.get("markdown_text"),
            call.fields.get("text") if call.method != "chat.postMessage" else None,
        ]
        parsed += [each["text"] for each in elements(call.fields.get("blocks"), "mrkdwn")]
        assert not any("<" in text for text in parsed if text)
        assert all(each["verbatim"] for each in elements(call.fields.get("blocks"), "mrkdwn"))


@given(st.text(alphabet=st.sampled_from("ab.!?。 \n&<>*[]"), max_size=300), st.integers(1, 60))
def test_pieces_are_the_whole_text_and_small_enough(text: str, size: int) -> None:
    cut = list(pieces(text, size))
    assert "".join(cut) == text and all(0 < len(piece) <= size for piece in cut)
    begun = beginning(text, size, markdown)
    assert text.startswith(begun) and len(markdown(begun)) <= size
    assert begun == text or len(markdown(text)) > size


@given(st.text(max_size=100))
def test_what_is_escaped_is_read_as_it_was(text: str) -> None:
    assert not set(escape(text)) & set("<>")
    assert plain(escape(text)) == " ".join(text.split())


def test_what_slack_marks_up_is_read_as_it_is_shown() -> None:
    said = "<@U1> Was it <!date^1^{date}|3 August> in <#C1|general>, <!here>? <mailto:a@b.example> <https://x.example|site>"
    assert plain(said) == "Was it 3 August in #general, ? a@b.example site"


def test_a_memory_that_cannot_be_kept_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="file/slack.sqlite3 cannot be used"):
        Seen(tmp_path / "file" / "slack.sqlite3")


def test_what_was_seen_long_ago_is_new_again(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "slack.sqlite3", kept=0.05)
    assert asyncio.run(seen.claim("a"))
    assert not asyncio.run(seen.claim("a"))
    time.sleep(0.06)
    assert asyncio.run(seen.claim("b"))
    assert asyncio.run(seen.claim("a"))
    seen.close()


# --- HTTP mode -----------------------------------------------------------------------------------------------------


def test_only_what_slack_signed_just_now_is_taken(strained: tuple[FakeSlack, Bot], api: FakeApi) -> None:
    slack, bot = strained
    event = slack.mention("forged")
    body, headers = slack.signed(event)
    refused = [
        slack.post(bot.url, event, secret="wrong-secret"),
        slack.post(bot.url, event, age=301),
        slack.post(bot.url, event, age=-301),
        httpx.post(bot.url, content=body, headers={"content-type": "application/json"}),
        httpx.post(bot.url, content=body + b" ", headers=headers),
    ]
    for name, value in [
        ("x-slack-request-timestamp", "soon"),
        ("x-slack-request-timestamp", ""),
        ("x-slack-signature", "v0="),
        ("x-slack-signature", "é"),
    ]:
        garbled = {**headers, name: value}
        encoded = [(n.encode(), v.encode()) for n, v in garbled.items()]
        refused.append(httpx.post(bot.url, content=body, headers=encoded))
    refused.append(httpx.post(bot.url, content=b"\xff", headers=headers))
    assert [response.status_code for response in refused] == [401] * len(refused)
    assert httpx.post(bot.url, content=body, headers=headers).status_code == 200
    slack.answer(event)
    replayed = httpx.post(bot.url, content=body, headers=headers)
    retried = httpx.post(bot.url, content=body, headers={**headers, "x-slack-retry-num": "1"})
    assert (replayed.status_code, retried.status_code, len(api.questions("forged"))) == (401, 200, 1)


def test_a_click_that_is_replayed_counts_once(strained: tuple[FakeSlack, Bot], api: FakeApi) -> None:
    slack, bot = strained
    event = slack.mention("Adopted?")
    slack.post(bot.url, event)
    answer = slack.answer(event)
    click = slack.click(answer, thumb(answer, "positive_button"), user="U4")
    rated = len(api.rated)
    for age in (0, 10, 20):
        assert slack.post(bot.url, click, age=age).status_code == 200
    slack.until(lambda: slack.called("chat.postEphemeral", user="U4"))
    assert api.rated[rated:] == [{"answer_id": "a7", "rating": "up"}]


def test_slack_s_own_check_of_the_address_is_answered(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    response = slack.post(bot.url, {"type": "url_verification", "challenge": "c7"})
    assert (response.status_code, response.json()) == (200, {"challenge": "c7"})
    assert slack.post(bot.url, {"type": "reaction_added", "user": "U1", "item": {}}).status_code == 200
    assert httpx.get(bot.url.replace("/slack/events", "/healthz")).json() == {"status": "ok"}
    assert httpx.get(bot.url).status_code == 405


# --- starting and ending -------------------------------------------------------------------------------------------


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
