"""What the Slack bot posts is whole, within limits, and can do no harm."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import DataFolderError
from assistant.interfaces.slack.seen import Seen
from assistant.interfaces.slack.text import beginning, escape, markdown, pieces, plain
from assistant.messages import catalogue

from ..fake_api import HOSTILE, LONG
from ..fake_slack import FakeSlack, Fault, elements
from .conftest import Bot, quotes

EN = catalogue("en")


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
