"""Ranking: every candidate once, by all its evidence, whatever the order they came in."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps import evidence
from assistant.steps.calibration import calibration
from assistant.steps.rank import READ, WITHIN, features, rank, reordered, to_read
from assistant.text.questions import analyse
from assistant.types import Passage

from .made import passages, source

TEXT = (
    "Siti Rahma led the harbour meeting in Ambon. The budget reached 45 million dollars in 2021. "
    "Nobody objected.\n\nThe council discussed fishing. The fourth summit follows in June."
)
QUESTION = analyse("Who led the meeting in Ambon?", "en")
CANDIDATES = passages(QUESTION, source(TEXT), source(TEXT.replace("Siti Rahma", "Joko"), "b.txt"))
WEIGHTS = evidence.weights(QUESTION, {}, len(CANDIDATES))
MODEL = calibration().ranking


def test_the_calibration_has_a_weight_for_exactly_the_features() -> None:
    (row, *_) = features(QUESTION, WEIGHTS, CANDIDATES)
    assert row.keys() == MODEL.keys()


@given(seed=st.integers(0, 10**6))
def test_the_order_of_the_candidates_makes_no_difference(seed: int) -> None:
    shuffled = random.Random(seed).sample(CANDIDATES, len(CANDIDATES))
    assert rank(QUESTION, WEIGHTS, shuffled, MODEL) == rank(QUESTION, WEIGHTS, CANDIDATES, MODEL)


def test_the_best_come_first_and_none_is_lost() -> None:
    ranked = rank(QUESTION, WEIGHTS, CANDIDATES, MODEL)
    assert sorted(p.number for p in ranked) == sorted(p.number for p in CANDIDATES)
    assert [p.score for p in ranked] == sorted((p.score for p in ranked), reverse=True)
    assert "led the harbour meeting" in ranked[0].text


def test_equal_scores_keep_the_order_of_the_sources() -> None:
    ranked = rank(QUESTION, WEIGHTS, CANDIDATES[::-1], dict.fromkeys(MODEL, 0.0))
    assert [p.number for p in ranked] == sorted(p.number for p in CANDIDATES)


@given(weights=st.lists(st.floats(-5, 5), min_size=len(MODEL), max_size=len(MODEL)))
def test_a_score_is_the_weighted_sum_of_the_features(weights: list[float]) -> None:
    model = dict(zip(MODEL, weights, strict=True))
    rows = {p.number: row for p, row in zip(CANDIDATES, features(QUESTION, WEIGHTS, CANDIDATES), strict=True)}
    for passage in rank(QUESTION, WEIGHTS, CANDIDATES, model):
        assert passage.score == pytest.approx(sum(model[name] * value for name, value in rows[passage.number].items()))


def test_the_nearest_has_no_distance_and_shares_are_shares() -> None:
    rows = features(QUESTION, WEIGHTS, CANDIDATES)
    assert max(row["similarity"] for row in rows) == 0.0
    shares = ("held", "led", "near", "facts", "focus", "speaker", "lexical")
    assert all(0 <= row[name] <= 1 for row in rows for name in shares)
    assert all(row["held"] <= row["led"] <= row["near"] for row in rows)


def test_a_sentence_that_cannot_answer_is_marked_down() -> None:
    kinds = {
        p.text.split()[0]: row["kind"]
        for p, row in zip(CANDIDATES, features(QUESTION, WEIGHTS, CANDIDATES), strict=True)
    }
    assert kinds["Siti"] > kinds["The"]


def test_nothing_to_rank() -> None:
    assert rank(QUESTION, WEIGHTS, [], MODEL) == ()


def test_a_feature_without_a_weight_is_an_error() -> None:
    with pytest.raises(KeyError):
        rank(QUESTION, WEIGHTS, CANDIDATES, {})


def scored(*scores: float, answers: tuple[float | None, ...] = ()) -> list[Passage]:
    read = (*answers, *[None] * (len(scores) - len(answers)))
    return [
        replace(CANDIDATES[n], number=n, score=score, answers=said)
        for n, (score, said) in enumerate(zip(scores, read, strict=True))
    ]


@pytest.mark.parametrize(
    ("scores", "number"),
    [((3.0,), 1), ((3.0, 2.9, 2.8, 2.7), READ), ((3.0, 3.0 - WITHIN, -1.0), 2), ((3.0, 2.9 - WITHIN), 1)],
)
def test_what_is_near_to_the_best_is_read_and_no_more_than_so_many(scores: tuple[float, ...], number: int) -> None:
    assert to_read(scored(*scores)) == number


def test_what_was_read_changes_the_order_of_what_was_read_alone() -> None:
    found = reordered(scored(3.0, 2.5, 2.0, answers=(-2.0, 1.0)))
    assert [passage.number for passage in found] == [1, 0, 2]
    assert [passage.score for passage in found] == [
        3.5,
        1.0,
        0.0,
    ]  # the third as if it were read like the least of them


def test_what_nobody_read_stays_as_it_was() -> None:
    passages = scored(3.0, 2.5)
    assert reordered(passages) == tuple(passages)


@pytest.mark.parametrize(
    "text",
    [
        "Who led the harbour meeting in Ambon?",
        "“Who led the meeting in Ambon?”",
        "Question: Who led the meeting in Ambon?",
    ],
)
def test_a_question_of_a_source_comes_after_what_states_something(text: str) -> None:
    candidates = passages(QUESTION, source(f"{text} It was Siti Rahma who led it."))
    assert rank(QUESTION, WEIGHTS, candidates, MODEL)[0].text == "It was Siti Rahma who led it."


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What did the chair ask in Ambon?", "CHAIR: Who led the meeting in Ambon?"),  # which is what is asked for
        (
            "Who leads the opposition in Ambon?",
            "Lena Fox, who leads the opposition, asked who led the meeting in Ambon?",
        ),
        ("When was the board meeting in Ambon?", "# Board meeting in Ambon, 12 March 2024"),
    ],
)
def test_what_asks_but_states_as_well_is_as_good_as_any(question: str, text: str) -> None:
    asked = analyse(question, "en")
    candidates = passages(asked, source(f"{text}\n\nIt was cold."))
    assert rank(asked, evidence.weights(asked, {}, 2), candidates, MODEL)[0].text == text


@pytest.mark.parametrize(
    ("asked", "named"), [("What are the main risks?", True), ("What is the title on risks?", False)]
)
def test_a_heading_is_an_answer_only_to_who_asks_for_it(asked: str, named: bool) -> None:
    question = analyse(asked, "en")
    heading, said = passages(question, source("# Main risks\nA weaker euro is a main risk of the year."))
    assert (evidence.only_names(question, heading), evidence.only_names(question, said)) == (named, False)
