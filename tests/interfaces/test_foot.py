"""The foot of an answer on the page: facts that it has, and no others."""

from __future__ import annotations

import pytest

from assistant.interfaces.foot import foot, standing
from assistant.messages import catalogue
from assistant.types import Answer, Status

WORDS = catalogue("en")


def answer(**fields: object) -> Answer:
    made = {"id": "x", "question": "And his title?", "standalone_question": "And his title?", "language": "en"}
    return Answer.model_validate({**made, "status": "conversational", "answer": "Hello.", **fields})


@pytest.mark.parametrize(
    ("status", "name"),
    [("answered", "verified"), ("partial", "partial"), ("not_in_sources", "refused"), ("conversational", "")],
)
def test_small_talk_has_no_standing(status: Status, name: str) -> None:
    said = standing(answer(status=status), WORDS)
    assert (f"standing {name}" in said) if name else said == ""


def test_how_it_came_about_names_the_question_as_read_and_the_time_where_they_are_known() -> None:
    question, time = WORDS.text("page.how_question"), WORDS.text("page.how_time")
    bare = foot(answer(), WORDS, "here")
    assert question not in bare and time not in bare
    whole = foot(answer(standalone_question="Who is Ana", timings_ms={"total": 1500.0}), WORDS, "here")
    assert f"<dt>{question}</dt><dd>Who is Ana</dd>" in whole and f"<dt>{time}</dt>" in whole
