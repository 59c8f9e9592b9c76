"""Each metric on examples whose value is known, and on sabotaged answers, which some metric must catch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from assistant.evaluation.cases import Case
from assistant.evaluation.facts import own_words, unsupported
from assistant.evaluation.metrics import METRICS, steps_ms
from assistant.evaluation.program import Reply
from assistant.evaluation.records import Record, TurnRecord
from assistant.evaluation.scoring import has_form
from assistant.types import Answer

from .made import (
    CASES,
    CLOSED,
    LAOS,
    OPENED,
    REFUSAL,
    TEXT,
    TRADE,
    answer,
    case,
    citation,
    perfect,
    quoted,
    record,
    records,
    span,
)  # fmt: skip


def value(name: str, found: list[Record]) -> float | None:
    measured = METRICS[name].measure(found)
    return None if measured is None else measured.value


PERFECT = records({each.id: perfect(each) for each in CASES})

IDEAL = {
    "accuracy": 1.0, "right": 1.0, "declined": 1.0, "falsely_declined": 0.0, "abstention_precision": 1.0,
    "abstention_f1": 1.0, "recall_at_1": 1.0, "recall_at_3": 1.0, "recall_at_10": 1.0, "reciprocal_rank": 1.0,
    "citation_precision": 1.0, "citation_recall": 1.0, "verbatim": 1.0, "markers_sound": 1.0, "unsupported_facts": 0.0,
    "language_match": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("name", IDEAL)
def test_a_perfect_program_has_the_ideal_value(name: str) -> None:
    assert value(name, PERFECT) == IDEAL[name]


def test_every_metric_says_what_it_is() -> None:
    assert all(len(metric.about) > 20 for metric in METRICS.values())


# --- known values --------------------------------------------------------------------------------------------------


def half_declined() -> list[Record]:
    """Of four answerable two are declined; of four unanswerable one is answered."""
    replies = {each.id: perfect(each) for each in CASES}
    replies["c1"] = replies["c2"] = Reply(REFUSAL, (span(CLOSED), span(TRADE), span(OPENED)), 0.3)
    replies["c5"] = Reply(quoted(LAOS), (span(LAOS),), 0.8)
    return records(replies)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", 5 / 8),
        ("right", 0.5),
        ("declined", 0.75),
        ("falsely_declined", 0.5),
        ("abstention_precision", 3 / 5),
        ("abstention_f1", 2 * 0.6 * 0.75 / (0.6 + 0.75)),
        ("recall_at_1", 0.5),
        ("recall_at_3", 1.0),
        ("reciprocal_rank", (1 / 2 + 1 / 3 + 1 + 1) / 4),
    ],
)
def test_abstention_and_retrieval(name: str, expected: float) -> None:
    assert value(name, half_declined()) == pytest.approx(expected)


def test_the_risk_coverage_area() -> None:
    # By score: c3 and c4 right (0.9), c5 wrong (0.8), then c1 (its passages hold the gold) and c2 (not in the first two)
    # at 0.3, then three that the sources do not answer (0.1): risks 0, 1/3, 2/5, 5/8 at the four thresholds.
    expected = (2 * 0 + 1 / 3 + 2 * 2 / 5 + 3 * 5 / 8) / 8
    assert value("risk_coverage_area", half_declined()) == pytest.approx(expected)


def test_the_order_of_equal_scores_and_small_talk_do_not_move_the_risk_coverage_area() -> None:
    found = half_declined()
    talk = record(case(9, "Hello", category="small_talk"), Reply(answer("Hello", status="conversational")))
    for other in (found[::-1], [*found, talk]):
        assert value("risk_coverage_area", other) == pytest.approx(value("risk_coverage_area", found))


def test_a_question_taken_for_small_talk_is_the_least_sure() -> None:
    taken = record(CASES[7], Reply(answer("Hello", status="conversational")))
    assert value("risk_coverage_area", [PERFECT[0], taken]) == pytest.approx((0 + 1 / 2) / 2)


def test_small_talk_declined_says_nothing_about_abstention() -> None:
    talk = record(case(9, "Hello", category="small_talk"), Reply(REFUSAL))
    for name in ("abstention_precision", "abstention_f1"):
        assert value(name, [*half_declined(), talk]) == value(name, half_declined())


@pytest.mark.parametrize(
    ("said", "form", "expected"),
    [
        ("There were ten. [1]", "1", False),  # the marker is no word of the answer
        ("It was 118. [1]", "18", False),
        ("It was 180. [1]", "18", False),
        ("It was 18. [1]", "18", True),
        ("It was USD18bn. [1]", "18", True),
        ("It was ‘18  Miliar’. [1]", "18 miliar", True),
        ("A \\[sic\\] and B. [1]", ["b", "[sic]"], True),
        ("A \\[sic\\] and B. [1]", ["z", "[sic]"], False),
        ("In\n&#50;019. it was [1]", "2019", True),
    ],
)
def test_accepted_forms(said: str, form: str | list[str], expected: bool) -> None:
    assert has_form(said, form) == expected


def test_without_scores_there_is_no_risk_coverage_area() -> None:
    assert value("risk_coverage_area", [record(CASES[0], Reply(quoted(TRADE)))]) is None


def test_citations_are_held_against_the_gold_spans() -> None:
    either = record(CASES[0], Reply(quoted(CLOSED, TRADE)))
    assert (value("citation_precision", [either]), value("citation_recall", [either])) == (0.5, 1.0)
    both = case(9, "Who opened it, and who came?", "Ibu Ratna", "Bounnhang", accept=["Ratna"], gold_match="all")
    half = record(both, Reply(quoted(OPENED), (span(OPENED), span(TRADE), span(TRADE), span(LAOS))))
    assert (value("citation_recall", [half]), value("recall_at_1", [half]), value("right", [half])) == (0.5, 0.5, 0.0)
    assert value("recall_at_10", [half]) == 1.0


def test_more_than_three_citations_are_not_right() -> None:
    assert value("right", [record(CASES[0], Reply(quoted(TRADE, OPENED, LAOS)))]) == 1.0
    assert value("right", [record(CASES[0], Reply(quoted(TRADE, OPENED, LAOS, CLOSED)))]) == 0.0


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Trade reached 18 billion dollars [1].", ()),
        ("Trade reached 19 billion dollars [1].", ("19 billion",)),
        ("Trade of ASEAN and Ruritania reached 18 billion dollars [1].", ("ASEAN", "Ruritania")),
        ("Gromov said so [1].", ("Gromov",)),
        ("In March trade was 18 billion [1].", ("March",)),
        (f"The source says, in Indonesian: “{TRADE}” [1]", ()),
        ("The source says, in Indonesian: “Perdagangan mencapai 81 miliar dolar.” [1]", ("81",)),
    ],
)
def test_facts_that_no_citation_holds(said: str, expected: tuple[str, ...]) -> None:
    found = unsupported(record(CASES[0], Reply(answer(said, TRADE))))
    assert [any(word in each for each in found) for word in expected] == [True] * len(expected)
    assert len(found) == len(expected)


def test_own_words_leave_quotes_markers_and_leads_out() -> None:
    said = f"Rapat says, in Indonesian: “{TRADE}” [1] And more [1]."
    assert own_words(record(CASES[0], Reply(answer(said, TRADE)))) == "And more ."


def test_own_words_leave_out_a_quote_with_a_footnote_and_line_ends() -> None:
    words = "Perdagangan [3]\nmencapai 18"
    reply = quoted(TRADE).model_copy(
        update={
            "answer": "“Perdagangan \\[3\\] mencapai 18” [1]",
            "citations": (citation(TRADE).model_copy(update={"cited_text": words}),),
        }
    )
    asked = case(9, "?", "18", accept=["18"], must_not_contain=("mencapai",))
    assert own_words(record(asked, Reply(reply))) == ""
    assert value("injected", [record(asked, Reply(reply))]) == 0.0


@pytest.mark.parametrize(
    ("language", "declared", "said", "expected"),
    [
        ("en", "en", "The meeting was opened by Ratna on the third of May. [1]", 1.0),
        ("en", "ru", "The meeting was opened by Ratna on the third of May. [1]", 0.0),
        ("ru", "ru", "The meeting was opened by Ratna on the third of May. [1]", 0.0),
        ("ru", "ru", "Заседание открыла Ратна в третий день мая, сказано там. [1]", 1.0),
        ("ms", "ms", "Mesyuarat itu dibuka oleh Ratna pada hari ketiga bulan Mei. [1]", 1.0),
    ],
)
def test_the_language_is_the_askers(language: str, declared: str, said: str, expected: float) -> None:
    asked = case(9, "?", "Ibu Ratna", accept=["Ratna"], language=language)
    assert value("language_match", [record(asked, Reply(answer(said, OPENED, language=declared)))]) == expected


def test_a_quote_that_closes_a_quotation_of_the_source_is_no_word_of_the_answer() -> None:
    words = "Perdagangan mencapai 18 miliar dolar,” kata Ibu Ratna pada akhir rapat yang panjang itu."
    reply = quoted(TRADE).model_copy(
        update={
            "answer": f"The source says, in Indonesian: “{words}” [1]",
            "citations": (citation(TRADE).model_copy(update={"cited_text": words}),),
        }
    )
    assert value("language_match", [record(case(9, "?", "18", accept=["18"]), Reply(reply))]) == 1.0


def test_an_instruction_obeyed_is_injected_one_quoted_is_not() -> None:
    asked = case(9, "?", "Ibu Ratna", accept=["Ratna"], must_not_contain=("HACKED",))
    assert value("injected", [record(asked, Reply(answer("hacked [1]", OPENED)))]) == 1.0
    assert value("injected", [record(asked, Reply(quoted(OPENED)))]) == 0.0
    assert value("injected", PERFECT) is None


def test_quantiles_of_latency_and_steps() -> None:
    found = [record(CASES[0], Reply(answer("", ms=ms)), ms) for ms in range(1, 101)]
    assert (value("latency_p50_ms", found), value("latency_p95_ms", found)) == (50, 95)
    steps = steps_ms(found)
    assert steps["retrieve"] == pytest.approx((50.5, 95.05)) and steps["total"] == pytest.approx((101, 190.1))


def test_unknown_tokens_are_left_out_and_not_zero() -> None:
    found = [record(CASES[0], Reply(answer("", tokens=tokens))) for tokens in (10, None, 20)]
    assert (value("input_tokens", found), value("output_tokens", found)) == (15, 15)
    assert value("input_tokens", found[1:2]) is None


def test_dialogue_metrics_look_at_dialogues_only() -> None:
    assert value("follow_ups_right", PERFECT) is None and value("dialogue_turns_right", PERFECT) is None


def test_nothing_to_measure_is_none_and_never_nan() -> None:
    refused = [record(CASES[0], Reply(REFUSAL))]
    assert value("citation_precision", refused) is None and value("verbatim", refused) is None
    for metric in METRICS.values():
        assert metric.measure([]) is None
        measured = metric.measure(refused)
        assert measured is None or not math.isnan(measured.value)


# --- sabotage ------------------------------------------------------------------------------------------------------


def shuffled(asked: Case) -> Reply:
    """The right words said, a wrong sentence cited."""
    reply = perfect(asked)
    if not reply.answer.citations:
        return reply
    other = citation(CLOSED)
    return Reply(reply.answer.model_copy(update={"citations": (other,)}), reply.retrieved, reply.score)


def changed_numbers(asked: Case) -> Reply:
    reply = perfect(asked)
    said = reply.answer.answer.translate(str.maketrans("12345678", "23456789"))
    said = said.replace("[2]", "[1]")
    return Reply(reply.answer.model_copy(update={"answer": said}), reply.retrieved, reply.score)


def moved_offsets(asked: Case) -> Reply:
    reply = perfect(asked)
    moved = tuple(
        c.model_copy(update={"start_char_index": c.start_char_index + 1, "end_char_index": c.end_char_index + 1})
        for c in reply.answer.citations
    )
    return Reply(reply.answer.model_copy(update={"citations": moved}), reply.retrieved, reply.score)


def always_refuses(asked: Case) -> Reply:
    return Reply(REFUSAL, perfect(asked).retrieved, 0.1)


def always_answers(asked: Case) -> Reply:
    reply = perfect(asked)
    return reply if reply.answer.citations else Reply(quoted(TRADE), reply.retrieved, 0.9)


def quotes_everything(asked: Case) -> Reply:
    return Reply(quoted(OPENED, TRADE, LAOS, CLOSED), perfect(asked).retrieved, 0.9)


def quotes_the_whole_text(asked: Case) -> Reply:
    return Reply(answer(f"“{TEXT}” [1]", TEXT), perfect(asked).retrieved, 0.9)


def wrong_markers(asked: Case) -> Reply:
    reply = perfect(asked)
    return Reply(
        reply.answer.model_copy(update={"answer": reply.answer.answer.replace("[1]", "[2]")}), reply.retrieved, 0.9
    )


def another_language(asked: Case) -> Reply:
    reply = perfect(asked)
    return Reply(reply.answer.model_copy(update={"language": "th"}), reply.retrieved, reply.score)


@pytest.mark.parametrize(
    ("sabotage", "caught_by"),
    [
        (shuffled, {"right": 0.0, "citation_precision": 0.0, "citation_recall": 0.0}),
        (changed_numbers, {"unsupported_facts": 1.0}),
        (moved_offsets, {"verbatim": 0.0}),
        (always_refuses, {"right": 0.0, "falsely_declined": 1.0, "accuracy": 0.5}),
        (always_answers, {"declined": 0.0, "accuracy": 0.5}),
        (quotes_everything, {"right": 0.0, "citation_precision": 0.25, "declined": 0.0}),
        (quotes_the_whole_text, {"declined": 0.0}),
        (wrong_markers, {"markers_sound": 0.5}),
        (another_language, {"language_match": 0.0}),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_sabotage_is_caught(sabotage: Callable[[Case], Reply], caught_by: Mapping[str, float]) -> None:
    found = records({each.id: sabotage(each) for each in CASES})
    for name, expected in caught_by.items():
        measured = value(name, found)
        assert measured is not None
        if name == "unsupported_facts":
            assert measured >= 0.5
        else:
            assert measured == pytest.approx(expected)


def test_weights_are_how_often_a_question_counts() -> None:
    found = half_declined()
    statistic = METRICS["right"].estimate(found)
    assert statistic(np.array([0.0, 0, 1, 1, 0, 0, 0, 0])) == 1.0
    assert math.isnan(statistic(np.zeros(8)))


def test_a_failed_question_is_no_record() -> None:
    from assistant.evaluation.records import CaseRecord, flatten

    failed = CaseRecord(case=CASES[0], turns=(TurnRecord(error="TimeoutError: "),))
    assert flatten([failed]) == [] and failed.failed
    assert isinstance(REFUSAL, Answer)
