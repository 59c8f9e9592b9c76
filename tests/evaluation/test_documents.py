"""The head of a measurement's file."""

from __future__ import annotations

import datetime as dt

from assistant.evaluation.documents import busy, document, machine


def test_a_measurement_tells_its_command_day_and_machine() -> None:
    text = document("Speed", ["make", "bench", "a b"], "\n| table |\n", dt.date(2026, 11, 5))
    assert text == f"# Speed\n\nMade by `make bench 'a b'` on 5 November 2026; {machine()}.\n\n| table |\n"


def test_how_busy_the_machine_is_are_two_numbers() -> None:
    assert [float(each) >= 0 for each in busy().split(" and ")] == [True, True]
