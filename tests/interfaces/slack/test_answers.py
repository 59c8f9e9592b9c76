"""Questions in Slack are answered, once and in time."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.messages import catalogue

from ..conftest import Served
from ..fake_api import FakeApi
from ..fake_slack import BOT, BOT_ID, SECRET, FakeSlack, Fault, Message
from ..fakes import INVESTMENT, TRADE
from .conftest import Bot, button, quotes, running, thumb

EN = catalogue("en")


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
    thread = {"user_id": user, "channel_id": f"D{user}", "thread_ts": "5.0"}
    opened = {"type": "assistant_thread_started", "assistant_thread": thread}
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
