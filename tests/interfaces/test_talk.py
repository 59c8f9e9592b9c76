"""The conversation of a page, when a question comes before what the browser kept."""

from __future__ import annotations

import asyncio

import pytest

from assistant.interfaces import talk
from assistant.interfaces.talk import Conversation
from assistant.types import Answer

KEPT = [
    Answer(
        id=name, question=name, standalone_question=name, language="en", status="answered", answer="x [1]"
    ).model_dump(mode="json")
    for name in ("First?", "Second?")
]


def restore(conversation: Conversation) -> None:
    conversation.restore(KEPT, lambda number, answer: f"{number} {answer.question}")


def test_what_was_kept_comes_before_a_question_that_was_asked_already() -> None:
    conversation = Conversation()
    exchange = conversation.begin("Third?")
    restore(conversation)
    restore(conversation)  # taken up once
    assert [each.question for each in conversation.exchanges] == ["First?", "Second?", "Third?"]
    assert len({each.number for each in conversation.exchanges}) == 3
    assert conversation.exchanges[-1] is exchange
    assert conversation.asked
    assert conversation.begin("Fourth?").number == 4


def test_a_question_waits_for_the_opening_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened_meanwhile() -> None:
        conversation = Conversation()
        waiting = asyncio.create_task(conversation.until_open())
        await asyncio.sleep(0)
        assert not waiting.done()
        restore(conversation)
        await waiting

    asyncio.run(opened_meanwhile())
    monkeypatch.setattr(talk, "_PATIENCE", 0.01)
    asyncio.run(Conversation().until_open())


@pytest.mark.parametrize("kept", [None, "x", [{"id": "x"}], {"id": "x"}])
def test_of_what_no_program_of_this_kind_kept_nothing_is_taken(kept: object) -> None:
    conversation = Conversation()
    conversation.restore(kept, lambda number, answer: "")
    assert conversation.opened.is_set() and conversation.exchanges == []


def test_the_browser_keeps_the_newest_answers_that_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = Conversation()
    restore(conversation)
    conversation.begin("Third?")  # not answered
    assert conversation.kept() == KEPT
    monkeypatch.setattr(talk, "MAX_KEPT", len(Answer(**KEPT[1]).model_dump_json()))
    assert conversation.kept() == KEPT[1:]
