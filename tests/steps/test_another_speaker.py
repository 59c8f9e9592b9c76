"""Another speaker: what one person says is no answer to what somebody else said."""

from __future__ import annotations

import dataclasses

import pytest

from assistant.messages import catalogue
from assistant.steps.answerable import answerable
from assistant.steps.calibration import calibration
from assistant.steps.explain import refusal
from assistant.steps.speakers import closest
from assistant.text.questions import analyse
from assistant.types import Judgement, Retrieval

from .made import passages, retrieval, source

SAID = "The mayor, Siti Rahma, said the pier will grow.\n\nThe school, said Budi Laut, must be painted.\n\nThe cranes are new."
PIER, SCHOOL, CRANES = range(3)


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
        ("What did Siti Rahma say about the school?", SCHOOL, "Budi Laut"),
        ("According to Rahma, what must be done with the school?", SCHOOL, "Budi Laut"),
        ("What did Rahma say about the pier?", PIER, ""),
        ("What did Laut say about the cranes?", CRANES, ""),  # of which nobody is told to have said it
        ("What did Norwood say about the pier?", PIER, ""),  # who is not in the source: that is evidence of its own
        ("Who said that the school must be painted?", SCHOOL, ""),
        ("Did Rahma say that the school must be painted?", SCHOOL, ""),  # the quoted words tell who did
        ("What did Rahma say about Laut and the school?", SCHOOL, "Budi Laut"),
        ("Will the pier of Rahma grow?", PIER, ""),
        ("What did Rahma and Laut say about the pier?", PIER, ""),
    ],
)
def test_what_somebody_else_says_is_no_answer(question: str, best: int, speaker: str) -> None:
    found, _ = judged(question, best)
    assert [check.detail for check in found.checks if check.check == "another_speaker"] == [speaker] * bool(speaker)
    assert (found.status == "not_in_sources" and found.score == 0.0) or not speaker


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Apa kata Budi soal dermaga?", "id"),
        ("Что сказал Лаут о причале?", "ru"),
        ("По словам Лаута, что с причалом?", "ru"),
    ],
)
def test_it_is_so_in_other_languages_and_scripts(question: str, language: str) -> None:
    assert any(check.check == "another_speaker" for check in judged(question, PIER, language)[0].checks)


def test_the_refusal_names_who_says_it() -> None:
    found, made = judged("What did Laut say about the pier?", PIER)
    assert "“Siti Rahma”" in refusal(made, found.checks, catalogue("en"))


@pytest.mark.parametrize("best", [PIER, SCHOOL, CRANES])
def test_what_they_say_is_the_closest_passage(best: int) -> None:
    found, made = judged("What did Laut say about the pier?", best)
    shown = closest(made, found.checks)
    assert "the pier will grow" in shown[0].text
    assert [p for p in shown if p is not shown[0]] == [p for p in made.passages if p is not shown[0]]
    assert closest(made, ()) == made.passages


@pytest.mark.parametrize(
    ("text", "question"),
    [
        # who goes on is only taken to
        (
            "The mayor, Siti Rahma, said the pier will grow. The school will be painted.",
            "What did Laut say about the school?",
        ),
        # somebody whom something is said to
        ("In reply to Rahma, the mayor said that the school will be painted.", "What did Laut say about the school?"),
        ("The mayor thanked Siti Rahma and said the school will be painted.", "What did Laut say about the school?"),
        # two speak in one sentence
        (
            "Budi Laut, the rector, said the school is old, Siti Rahma said it is new.",
            "What did Laut say about the school?",
        ),
        # they say so themselves, too
        (
            "The mayor, Siti Rahma, said the school is new.\n\nThe rector, Budi Laut, said the school is old.",
            "What did Laut say about the school?",
        ),
    ],
)
def test_nobody_is_told_to_have_said_what_the_source_leaves_open(text: str, question: str) -> None:
    analysis = analyse(question, "en")
    found = passages(analysis, source(f"{text}\n\nThe rector, Budi Laut, said it rains."))
    judgement = answerable(retrieval(analysis, *found), calibration())
    assert not any(check.check == "another_speaker" for check in judgement.checks)
