"""Answerable: a calibrated probability over evidence that can be named."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.index.sources import read_source
from assistant.steps.answerable import MAX_COUNT, MAX_LENGTH, answerable, features
from assistant.steps.calibration import calibration
from assistant.steps.meanings import asked_acronyms
from assistant.text.questions import analyse
from assistant.types import Check, Judgement, Retrieval

from ..text.strategies import ANY_TEXT
from .made import passages, retrieval, source

CALIBRATED = calibration()
FAR_YEAR = "Siti Rahma led the meeting of farmers, teachers, doctors, nurses, drivers, judges and engineers, and a road of 2021."
TEXT = "Siti Rahma led the third harbour meeting in Ambon. The budget reached 45 million dollars in 2021."


def asked(question: str, text: str = TEXT, language: str = "en") -> Retrieval:
    analysis = analyse(question, language)
    return retrieval(analysis, *passages(analysis, source(text)))


def found(question: str, text: str = TEXT) -> dict[str, float]:
    return features(asked(question, text))


def test_the_calibration_has_a_weight_for_exactly_the_features() -> None:
    assert found("Who led the meeting?").keys() == CALIBRATED.answering.keys()


def test_the_calibration_says_where_it_comes_from() -> None:
    path = Path(__file__).parents[2] / "assistant" / "steps" / "calibration.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert {"source", "command", "measured"} <= stored.keys()
    assert 0 < CALIBRATED.threshold < 1


@given(
    text=ANY_TEXT.filter(lambda t: bool(t.strip())),
    question=ANY_TEXT,
    language=st.sampled_from(["en", "id", "ru", "th", "xx"]),
)
def test_any_text_gives_a_probability_and_the_threshold_decides(text: str, question: str, language: str) -> None:
    judged = answerable(asked(question, text, language), CALIBRATED)
    assert 0 <= judged.score <= 1
    assert judged.status == ("answered" if judged.score >= CALIBRATED.threshold else "not_in_sources")


@pytest.mark.parametrize(
    ("question", "status", "missing"),
    [
        ("Who is Siti Rahma?", "answered", ""),
        ("Who is Rahma?", "answered", ""),
        ("Who is Siti Laut?", "not_in_sources", "Siti Laut"),  # a first name of one and a last name of another
        ("Who is Budi Rahma?", "not_in_sources", "Budi Rahma"),
    ],
)
def test_who_somebody_is_is_told_beside_the_whole_name(question: str, status: str, missing: str) -> None:
    judged = answerable(asked(question, "The mayor, Siti Rahma, came.\n\nThe rector, Budi Laut, left."), CALIBRATED)
    assert (judged.status, judged.score) == (status, float(status == "answered"))
    assert (Check("absent", "missing", missing) in judged.checks) == bool(missing)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("Who was the director in 2022?", "answered"),
        ("Who was the director in 2023?", "not_in_sources"),
        ("Who was the director?", "answered"),
    ],
)
def test_a_sentence_without_a_time_is_of_the_one_that_its_source_opens_with(question: str, status: str) -> None:
    found = asked(question, "ANNUAL REPORT 2022\nOffice of Ports\n\nThe director was Tom Brask. It rained.")
    told = next(p for p in found.passages if "Brask" in p.text)
    first = dataclasses.replace(found, passages=(dataclasses.replace(told, answers=6.0), *found.passages))
    judged = answerable(first, CALIBRATED)
    assert judged.status == status
    assert (Check("time", "contradicted", "2023") in judged.checks) == (status == "not_in_sources")


def test_without_passages_nothing_is_answered() -> None:
    judged = answerable(retrieval(analyse("Who led Morgulov?", "en")), CALIBRATED)
    assert (judged.status, judged.score) == ("not_in_sources", 0.0)
    assert judged.checks == (Check("absent", "missing", "led"), Check("absent", "missing", "Morgulov"))


@pytest.mark.parametrize(("threshold", "status"), [(0.0, "answered"), (1.01, "not_in_sources")])
def test_the_threshold_can_be_set(threshold: float, status: str) -> None:
    assert (
        answerable(asked("Who led the meeting?"), dataclasses.replace(CALIBRATED, threshold=threshold)).status == status
    )


def test_from_the_threshold_on_it_is_answered() -> None:
    found = asked("Who led the meeting on terrorism?")
    at = answerable(found, CALIBRATED).score
    assert answerable(found, dataclasses.replace(CALIBRATED, threshold=at)).status == "answered"


def test_a_question_about_the_whole_source_is_answered_by_the_best_one() -> None:
    question = analyse("What is the article about?", "en")
    first, second = passages(question, source("Siti Rahma led."), source("Budi came.", "b.txt"))
    judged = answerable(retrieval(question, first, second), CALIBRATED)
    assert judged == Judgement("answered", 1.0, (Check("summary", "found", "Title of a.txt"),))


def test_a_question_for_what_is_said_of_quoted_words_is_answered_where_the_best_passage_has_them() -> None:
    judged = answerable(asked("What do the sources say about “Siti Rahma”?"), CALIBRATED)
    assert judged == Judgement("answered", 1.0, (Check("topic", "found", "Siti Rahma"),))
    assert answerable(asked("What do the sources say about “Budi Laut”?"), CALIBRATED).status == "not_in_sources"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Who led the harbour meeting?", [("coverage", "found", "led, harbour, meeting")]),
        (
            "How many guests led it?",
            [("absent", "missing", "guests"), ("coverage", "found", "led"), ("answer_type", "missing", "number")],
        ),
        ("Who sang?", [("absent", "missing", "sang")]),
    ],
)
def test_the_evidence_is_told(question: str, told: list[tuple[str, str, str]]) -> None:
    judged = answerable(asked(question), CALIBRATED)
    assert [(check.check, check.outcome, check.detail) for check in judged.checks] == [
        *told,
        ("probability", "found", f"{judged.score:.2f}"),
    ]


MEASURES = {"held", "near", "length"}
"""Features that are of every question; the others are 0 where nothing speaks against an answer."""
LED, APART = "Siti Rahma led the meeting.", "Siti Rahma led the meeting.\n\n"


@pytest.mark.parametrize(
    ("question", "text", "evidence"),
    [
        ("Who led the harbour meeting?", TEXT, {}),
        ("Who was mentioned at the meeting?", TEXT, {}),
        ("Who led the grobbling meeting of farmers?", TEXT, {"absent_actors": 1, "absent_unknown_here": 1}),
        ("Who led the meeting of ministre?", TEXT, {"absent_actors": 1}),  # a slip of a long word
        ("Who led the meeting of farmerz?", TEXT, {"absent_unknown_here": 1}),  # a short one may be another word
        ("Who strengthened the important meeting?", TEXT, {"absent_others": 2, "absent_focus": 1}),
        (
            "Who led the meeting in Norway with Lavrov in 1999?",
            TEXT,
            {"absent_countries": 1, "absent_names": 1, "absent_numbers": 1},
        ),
        ("Who said that Budi led?", APART + "Budi said so.", {"far_speakers": 1}),
        ("Who said that Budi led the harbour?", APART + "The harbour led Budi.", {"far_speakers": 1, "far_words": 1}),
        ("Who led with Budi?", APART + "Budi said so.", {"far_names": 1}),
        ("Who led with Russia in 2021?", APART + "Russia came in 2021.", {"far_countries": 1, "far_numbers": 1}),
        (
            "Which harbour did Rahma lead?",
            APART + "The harbour opened.",
            {"far_words": 1, "far_focus": 1, "unasked": 1},
        ),
        (
            "Which grobble did Rahma lead?",
            APART + "The grobble opened.",
            {"far_words": 1, "far_focus": 1, "unasked": 1},
        ),
        ("What did Rahma lead at the harbour?", APART + "The harbour opened.", {"far_words": 1, "unasked": 1}),
        ("Who led the harbour meeting?", APART + "The harbour opened.", {"far_words": 1}),
        ("Who was arrested by Rahma?", APART + "Budi was arrested.", {"far_events": 1}),
        ("In which year was the harbour meeting?", TEXT, {"kind_missing": 1}),  # the next sentence has one
        (
            "How many guests came?",
            LED,
            {
                "absent_actors": 1,
                "absent_focus": 1,
                "kind_missing": 1,
                "kind_far": 1,
                "kind_far_exact": 1,
                "nothing": 1,
            },
        ),
        (
            "How many harbours did Rahma lead?",
            "Rahma led the harbours. It took 3 years.",
            {"kind_missing": 1, "uncounted": 1},
        ),
        ("When did Rahma lead?", "Siti Rahma led the meeting yesterday.", {}),
        ("Why did Rahma lead?", LED, {"kind_missing": 1, "kind_far": 1}),
        ("What came before the meeting?", "Lunch came before the meeting.", {"unasked": 1}),
        ("What came before the meeting?", LED + " It came before lunch.", {"order_missing": 1, "unasked": 1}),
        (
            "Who led the meeting in 1999?",
            "Siti Rahma led the meeting in 2021.",
            {"absent_numbers": 1, "contradicted": 1, "another_date": 1},
        ),
        ("Who led the largest meeting?", LED + " It was the largest.", {}),
        ("Who did not lead the meeting?", LED + " Budi did not.", {}),
        ("Who did not lead the meeting?", LED, {"negation_missing": 1}),
        ("Who led the fourth harbour?", "Siti Rahma led the third harbour.", {"absent_numbers": 1, "contradicted": 1}),
        ("Who is the mayor of Ambon?", "Siti Rahma is the deputy mayor of Ambon.", {"another_title": 1}),
        ("Did Rahma lead the meeting or Budi?", LED, {"unasked": 1}),
    ],
)
def test_nothing_but_this_speaks_against_an_answer(question: str, text: str, evidence: dict[str, float]) -> None:
    assert {name: value for name, value in found(question, text).items() if value and name not in MEASURES} == evidence


@pytest.mark.parametrize(
    ("question", "text", "evidence"),
    [
        ("Siapa memimpin rapat grobel petani?", LED, {"absent_unknown": 1, "absent_things": 1}),
        (
            "Pelabuhan apa yang dipimpin Rahma?",
            APART + "The harbour opened.",
            {"far_words": 1, "far_focus": 1, "unasked": 1},
        ),
        ("Grobel apa yang dipimpin Rahma?", APART + "The grobel opened.", {"far_words": 1, "unasked": 1}),
    ],
)
def test_words_that_are_not_known_say_less_of_a_passage_in_another_language(
    question: str, text: str, evidence: dict[str, float]
) -> None:
    row = features(asked(question, text, "id"))
    assert {name: value for name, value in row.items() if value and name not in MEASURES} == evidence


def test_length_is_that_of_the_words_that_count_up_to_a_bound() -> None:
    assert found("Who was mentioned at the meeting?")["length"] == pytest.approx(math.log(2))
    assert found(f"Who led {'the grobbling meeting ' * 9}?")["length"] == pytest.approx(math.log(1 + MAX_LENGTH))


@pytest.mark.parametrize(
    ("question", "feature"),
    [
        ("Who led the meeting in Norway?", "absent_countries"),
        ("What did Lavrov do at the meeting?", "absent_names"),
        ("Who led the meeting in 1999?", "absent_numbers"),
        ("Who led the meeting of farmers?", "absent_actors"),
        ("Who led the meeting on terrorism?", "absent_things"),
        ("What was the salary at the meeting?", "absent_attributes"),
        ("Who was arrested at the meeting?", "absent_events"),
        ("Who strengthened the important meeting?", "absent_others"),
        ("In which year was the meeting led by Rahma held?", "unbound"),
        ("How many guests came?", "kind_missing"),
        ("Who led the fourth harbour?", "contradicted"),
        ("Who did not lead the meeting?", "negation_missing"),
        ("What came before the meeting?", "order_missing"),
    ],
)
def test_evidence_against_an_answer_is_counted_and_weighs_against_it(question: str, feature: str) -> None:
    text = "Siti Rahma led the third harbour in Ambon." if feature == "contradicted" else TEXT
    text = "Siti Rahma led the meeting in Ambon." if feature == "kind_missing" else text
    text = FAR_YEAR if feature == "unbound" else text
    assert found(question, text)[feature] > 0
    assert CALIBRATED.answering[feature] <= 0
    assert found("Who led the meeting in Ambon?")[feature] == 0


def test_a_word_that_another_paragraph_holds_is_far_and_not_absent() -> None:
    row = found("Who led the meeting of Russia?", "Siti Rahma led the meeting.\n\nA delegation of Russia came.")
    assert (row["far_countries"], row["absent_countries"]) == (1.0, 0.0)


@given(
    names=st.lists(
        st.sampled_from(["Lavrov", "Zuckerman", "Petrovich", "Yamamoto", "Bergstrom"]), min_size=1, max_size=30
    )
)
def test_counts_are_bounded(names: list[str]) -> None:
    row = found(f"Who met {', '.join(names)} there?")
    assert row["absent_names"] == min(MAX_COUNT, len(names))


def test_a_better_held_question_is_no_less_probable() -> None:
    right, wrong = (
        answerable(asked(q), CALIBRATED).score
        for q in ("Who led the meeting in Ambon?", "Who led the meeting in Oslo, Norway?")
    )
    assert right > wrong


@pytest.mark.parametrize(
    ("question", "declined"),
    [
        ("Who is the mayor of Ambon?", True),
        ("Who is the deputy mayor of Ambon?", False),
        ("Is Siti Rahma the mayor of Ambon?", False),
        ("Who is Siti Rahma, the mayor of Ambon?", False),
    ],
)
def test_a_deputy_is_not_who_was_asked_for_however_well_the_rest_agrees(question: str, declined: bool) -> None:
    found = asked(question, "Siti Rahma is the deputy mayor of Ambon.")
    sure = dataclasses.replace(found.passages[0], answers=6.0)
    judged = answerable(dataclasses.replace(found, passages=(sure,)), CALIBRATED)
    assert (judged.status == "not_in_sources") is declined
    assert (Check("title", "contradicted", "deputy mayor") in judged.checks) is declined


def test_a_feature_without_a_weight_is_an_error() -> None:
    with pytest.raises(KeyError):
        CALIBRATED.probability({"no_such_feature": 1.0}, "")


def test_words_carried_over_count_against_an_answer_only_as_absent_names_and_numbers() -> None:
    question = analyse("Who led it (terrorism trade 1999 Lavrov)?", "en", ((12, 38),))
    row = features(retrieval(question, *passages(question, source(TEXT))))
    assert (row["absent_things"], row["far_words"]) == (0.0, 0.0)
    assert (row["absent_numbers"], row["absent_names"]) == (1.0, 1.0)


def test_a_contradiction_counts_wherever_it_stands_and_not_where_a_passage_has_the_number() -> None:
    text = "Siti Rahma led the meeting.\n\nThe third harbour opened in Ambon."
    assert found("Who led the meeting at the fourth harbour?", text)["contradicted"] == 1.0
    assert (
        found("Who led the meeting at the fourth harbour?", f"{text}\n\nThe fourth harbour closed.")["contradicted"]
        == 0.0
    )


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("The Committee of Senior Farmers (CSF) met in Ambon.", True),
        ("The CSF (Committee of Senior Farmers) met in Ambon.", True),
        ("CSF is short for the Committee of Senior Farmers.", True),
        ("The CSF met in Ambon.", False),
    ],
)
def test_an_acronym_is_spelt_out_or_declined(text: str, answered: bool) -> None:
    judged = answerable(asked("What does CSF stand for?", text), CALIBRATED)
    assert (judged.status == "answered") is answered
    assert ("abbreviation" in {check.check for check in judged.checks}) is not answered


def test_an_acronym_may_have_small_letters() -> None:
    text = "They signed a Memorandum of Understanding (MoU) in Ambon."
    assert answerable(asked("What does MoU stand for?", text), CALIBRATED).status == "answered"
    russian = asked("Расшифруйте сокращение MoU", text, "ru")
    assert asked_acronyms(russian.question) == ("MoU",)
    assert answerable(russian, CALIBRATED).status == "answered"
    assert answerable(asked("What does MOU stand for?", text), CALIBRATED).status == "answered"
    unsaid = answerable(asked("What does MoU stand for?", "They signed an MoU."), CALIBRATED)
    assert unsaid.status == "not_in_sources" and [check.check for check in unsaid.checks] == ["abbreviation"]


@pytest.mark.parametrize(
    ("text", "answered"),
    [("Ambon is a harbour town in Maluku.", True), ("The council met in Ambon.", False)],
)
def test_a_term_is_defined_or_declined(text: str, answered: bool) -> None:
    judged = answerable(asked("What is Ambon?", text), CALIBRATED)
    assert (judged.status == "answered") is answered
    assert [each.detail for each in judged.checks if each.check == "definition"] == ([] if answered else ["Ambon"])


def test_whoever_says_what_the_best_passage_gives_can_be_the_answer() -> None:
    text = "“The harbour grew by ten berths. It will grow by two more. It is full,” said Budi Santoso."
    assert found("Who said that the harbour grew?", text)["kind_missing"] == 0
    assert found("Who led the harbour that grew?", text)["kind_missing"] == 1
    judged = answerable(asked("Who said that the harbour grew?", text), CALIBRATED)
    assert "answer_type" not in {check.check for check in judged.checks}


def test_what_the_best_passages_are_read_to_answer_counts_and_no_others() -> None:
    made = asked("Who led the meeting about fisheries?")

    def evidence(*answers: float | None) -> dict[str, float]:
        passages = tuple(dataclasses.replace(made.passages[0], answers=each) for each in answers)
        return features(dataclasses.replace(made, passages=passages))

    assert evidence(None)["read"] == 0
    assert evidence(-1.0, 0.5, None)["read"] == 0.5
    assert evidence(-1.0, None)["read"] == -1.0
    assert CALIBRATED.probability(evidence(2.0), "") > CALIBRATED.probability(evidence(-2.0), "")


def test_what_is_read_in_a_text_that_was_not_learned_from_is_believed_less() -> None:
    made = asked("Who led the meeting about fisheries?")
    text = made.passages[0].source.text
    learned = dataclasses.replace(CALIBRATED, learned=frozenset([hashlib.sha256(text.encode()).hexdigest()]))
    assert answerable(made, learned).score > answerable(made, CALIBRATED).score


def test_the_report_has_been_learned_from() -> None:
    folder = Path(__file__).parents[2] / "seeds"
    text = read_source(folder, folder / "asean-russia-som-2019.txt").text
    assert CALIBRATED.learned == {hashlib.sha256(text.encode()).hexdigest()}
