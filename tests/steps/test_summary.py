"""Which sentences sum a source up."""

from __future__ import annotations

from assistant.steps.summary import SENTENCES, summary
from assistant.text.matchable import matchable
from assistant.text.tokens import tokens

REPORT = [
    "HARBOUR COUNCIL",
    "The harbour council met in Ambon to talk about dredging and the pier.",
    "It rained.",
    "Dredging of the harbour will begin in May, the council decided.",
    "Coffee was served by a cook from Ternate.",
    "The pier of the harbour will be repaired after the dredging.",
    "A dog slept under a table.",
    "The council asked the port for money to repair the pier.",
    "Someone had lost an umbrella.",
    "The port will pay for the dredging of the harbour in two parts.",
    "A singer from Tual came late.",
    "The next meeting of the council is about lighthouses.",
    "Somebody laughed.",
    "Present",
]


def summed(texts: list[str]) -> tuple[int, ...]:
    return summary(texts, [matchable(tokens(text, "en"), None) for text in texts], "en")


def test_what_most_is_said_about_is_told_after_the_first_sentence() -> None:
    told = summed(REPORT)
    assert told[0] == 1 and list(told) == sorted(told) and len(told) == SENTENCES
    assert 7 in told  # the council, the port and the pier
    assert {0, 2, 12, 13}.isdisjoint(told)  # headings, and what says next to nothing


def test_what_has_been_said_counts_less() -> None:
    again = [*REPORT, "Dredging of the harbour will begin in May, the council decided again."]
    assert len({3, len(again) - 1} & set(summed(again))) == 1


def test_of_few_sentences_the_first_are_told() -> None:
    assert summed(REPORT[:7]) == (1, 2, 3)


def test_where_most_ends_without_a_mark_what_ends_with_one_is_not_all() -> None:
    noted = [f"{text.rstrip('.')} [{n}]" if n else text for n, text in enumerate(REPORT[1:12])]
    assert summed(noted) == summed([text.replace("[", "").replace("]", "") for text in noted])
    listed = [*(text.rstrip(".") for text in REPORT[1:12]), "See the annex.", "Ibid.", "All rights reserved."]
    assert set(summed(listed)) - {11, 12, 13}


def test_where_nothing_ends_with_a_mark_every_line_may_be_told() -> None:
    assert summed(["คณะกรรมการท่าเรือประชุมที่อัมบน", "ประชุมเรื่องท่าเรือ"]) == (0, 1)
    assert summed([]) == ()
