"""Periods: when something begins or ends, held against the two years that a source gives."""

from __future__ import annotations

import pytest

from assistant.steps import claims
from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.periods import told_by_period
from assistant.steps.support import support

from .made import source

PLAN = "The council adopted the harbour plan 2016–2020 at its session in Ambon."
POST = "Kenya adalah ketua komite periode 2018-2021."
SPELLED = "The council talked of the loan of Ambon from 2014 to 2019."
MINISTERS = "Rahma was minister 2003-2006 and Okoro was minister 2007-2011."
TWO = "The fairs of 2016 and 2020 were held in Oslo."


@pytest.mark.parametrize(
    ("text", "language", "sentence", "spoken", "held"),
    [
        (PLAN, "en", "The harbour plan ends in 2020.", "en", True),
        (PLAN, "en", "The harbour plan begins in 2016.", "en", True),
        (PLAN, "en", "План гавани начинается в 2016 году.", "ru", True),
        (PLAN, "en", "The harbour plan ends in 2016.", "en", False),
        (PLAN, "en", "The harbour plan begins in 2020.", "en", False),
        (PLAN, "en", "Rencana pelabuhan berakhir pada tahun 2016.", "id", False),
        (PLAN, "en", "The council begins in 2016.", "en", False),  # the plan does
        (POST, "id", "Kenya is chair of the committee until 2021.", "en", True),
        (POST, "id", "Kenya is chair of the committee since 2018.", "en", True),
        (POST, "id", "Kenya menjadi ketua komite hingga tahun 2021.", "id", True),
        (POST, "id", "Kenya is chair of the committee until 2018.", "en", False),
        (POST, "id", "Кения — председатель комитета с 2021 года.", "ru", False),
        (POST, "id", "Kenya is chair of the committee from 2018 to 2021.", "en", True),
        (SPELLED, "en", "The loan of Ambon ends in 2019.", "en", True),
        (SPELLED, "en", "The loan of Ambon ends in 2014.", "en", False),
        (SPELLED, "en", "Ambon ends in 2019.", "en", False),
        (PLAN, "en", "The harbour plan begins after 2016.", "en", False),
        (PLAN, "en", "The harbour plan ends shortly before 2020.", "en", False),
        (PLAN, "en", "The harbour ends in 2020.", "en", False),
        (MINISTERS, "en", "Rahma was minister until 2011.", "en", False),  # of two periods nothing is told
        (TWO, "en", "The fairs in Oslo were held until 2020.", "en", False),  # two years joined by "and" are no period
    ],
)
def test_when_something_begins_and_ends(text: str, language: str, sentence: str, spoken: str, held: bool) -> None:
    lines = lines_of(whole_source(source(text, language=language)))
    assert (not support(sentence, spoken, lines).problems) is held


def test_what_a_period_tells() -> None:
    [line] = lines_of(whole_source(source(PLAN, language="en")))
    told = told_by_period(claims.read("The harbour plan ends in 2020.", "en"), line)
    assert [token.text for token in told] == ["2020", "ends in"]
    assert told_by_period(claims.read("The session ends in 2020.", "en"), line) == ()
