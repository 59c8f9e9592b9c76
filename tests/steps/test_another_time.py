"""Another time: a question of this year is not answered with what is told of last year."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from assistant.steps.answerable import answerable
from assistant.steps.calibration import calibration
from assistant.text.questions import analyse

from .made import passages, retrieval, source

CALIBRATED = calibration()
LAST_YEAR = "Last year trade reached 18 billion dollars."
PROMISED = "Anna Weber promised to deliver the report in June 2020."
CREATED = "The committee, created in 2012, is chaired by Anna Kim."


@pytest.mark.parametrize(
    ("text", "question", "declined"),
    [
        (LAST_YEAR, "How much was trade this year?", True),
        (LAST_YEAR, "How much was trade in 2015?", True),
        (LAST_YEAR, "What was the figure for trade the year before last?", True),
        (LAST_YEAR, "Trade reached 18 billion dollars in 2015, I heard?", False),  # which asks whether
        (LAST_YEAR, "How much was trade in February 2019?", True),
        (LAST_YEAR, "How much was trade last year?", False),
        (LAST_YEAR, "How much was trade in 2018?", False),
        (LAST_YEAR, "Which year was the trade of?", False),
        (LAST_YEAR, "How much was trade in the 2019 report?", False),  # which only tells what report is meant
        (LAST_YEAR, "What did they explain in 2019 of trade?", False),
        (LAST_YEAR, "Was trade 18 billion dollars this year?", False),  # the quoted sentence tells that it was not
        (PROMISED, "Who promised in March 2015 to deliver the report?", True),
        (PROMISED, "Who promised in February 2019 to deliver the report?", False),  # when the source itself is of
        (CREATED, "Who chairs the committee this year?", False),
        (CREATED, "Who chaired the committee in 2015?", True),
    ],
)
def test_what_is_told_of_another_time_is_no_answer(text: str, question: str, declined: bool) -> None:
    analysis = analyse(question, "en")
    made = retrieval(analysis, *passages(analysis, source(text, date=dt.date(2019, 2, 20))))
    sure = dataclasses.replace(made.passages[0], answers=6.0)
    judged = answerable(dataclasses.replace(made, passages=(sure,)), CALIBRATED)
    assert any(check.check == "time" for check in judged.checks) is declined
    assert (judged.score == 0.0) is declined


@pytest.mark.parametrize(
    ("question", "declined"), [("How much is trade this year?", True), ("How much was trade last year?", False)]
)
def test_relative_years_need_no_date_to_be_others(question: str, declined: bool) -> None:
    analysis = analyse(question, "en")
    judged = answerable(retrieval(analysis, *passages(analysis, source(LAST_YEAR))), CALIBRATED)
    assert any(check.check == "time" for check in judged.checks) is declined
