"""Another speaker: what one person says is no answer to what somebody else said."""

from __future__ import annotations

import dataclasses

import pytest

from assistant.messages import catalogue
from assistant.steps.answerable import answerable
from assistant.steps.calibration import calibration
from assistant.steps.explain import refusal
from assistant.text.questions import analyse
from assistant.types import Judgement, Retrieval

from .made import passages, retrieval, source

SAID = "The mayor, Siti Rahma, said the pier will grow.\n\nThe harbour, said Budi Laut, must be dredged.\n\nThe cranes are new."
PIER, HARBOUR, CRANES = range(3)


def judged(question: str, best: int, language: str = "en") -> tuple[Judgement, Retrieval]:
    """A question judged by one of the sentences, of which the network would be sure."""
    analysis = analyse(question, language)
    found = passages(analysis, source(SAID))
    first = dataclasses.replace(found[best], answers=6.0)
    made = retrieval(analysis, first, *(each for each in found if each.number != first.number))
    return answerable(made, calibration()), made


@pytest.mark.parametrize(
    ("question", "best", "speaker"),
    [
        ("What did Laut say about the pier?", PIER, "Siti Rahma"),
        ("What did Siti Rahma say about the harbour?", HARBOUR, "Budi Laut"),
        ("According to Rahma, what must be done with the harbour?", HARBOUR, "Budi Laut"),
        ("What did Rahma say about the pier?", PIER, ""),
        ("What did Laut say about the cranes?", CRANES, ""),  # of which nobody is told to have said it
        ("What did Norwood say about the pier?", PIER, ""),  # who is not in the source: that is evidence of its own
        ("Who said that the harbour must be dredged?", HARBOUR, ""),
        ("Did Rahma say that the harbour must be dredged?", HARBOUR, ""),  # the quoted words tell who did
        ("What did Rahma say about Laut and the harbour?", HARBOUR, ""),
        ("Will the pier of Rahma grow?", PIER, ""),
    ],
)
def test_what_somebody_else_says_is_no_answer(question: str, best: int, speaker: str) -> None:
    found, _ = judged(question, best)
    assert [check.detail for check in found.checks if check.check == "another_speaker"] == [speaker] * bool(speaker)
    assert (found.status == "not_in_sources" and found.score == 0.0) or not speaker


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Apa kata Budi Laut soal dermaga?", "id"),
        ("Что сказал Лаут о причале?", "ru"),
        ("По словам Лаута, что с причалом?", "ru"),
    ],
)
def test_it_is_so_in_other_languages_and_scripts(question: str, language: str) -> None:
    assert any(check.check == "another_speaker" for check in judged(question, PIER, language)[0].checks)


def test_the_refusal_names_who_says_it() -> None:
    found, made = judged("What did Laut say about the pier?", PIER)
    assert "“Siti Rahma”" in refusal(made, found.checks, catalogue("en"))
