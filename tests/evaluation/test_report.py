"""The report is one file that needs nothing else, and shows hostile texts as text."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from assistant.evaluation.program import Reply
from assistant.evaluation.records import CaseRecord, Run, TurnRecord
from assistant.evaluation.report import html, path, risk_coverage
from assistant.types import Answer

from .made import ABOUT, CASES, REFUSAL, TRADE, answer, case, case_record, perfect, span


def made(*cases: CaseRecord) -> Run:
    return Run(Path("run-a"), ABOUT, cases, 0)


def test_it_needs_nothing_from_outside_and_is_well_formed() -> None:
    page = html(made(*(case_record(each, perfect(each)) for each in CASES)))
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://", page)
    open_tags: list[str] = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "line", "rect", "path"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

    Balanced().feed(page)
    assert open_tags == []


def test_failures_show_question_answer_citations_and_gold() -> None:
    wrong = case_record(CASES[0], Reply(answer("It was 99 billion [1].", TRADE), (span(TRADE),), 0.9))
    failed = CaseRecord(case=CASES[1], turns=(TurnRecord(error="TimeoutError: slow"),))
    page = unescape(html(made(wrong, failed)))
    for shown in (
        "How large was trade?",
        "It was 99 billion [1].",
        TRADE,
        "18 miliar",
        "no accepted form",
        "unsupported: 99",
        "TimeoutError: slow",
        "retrieved at 1",
    ):
        assert shown in page, shown


def test_hostile_texts_are_text() -> None:
    hostile = case(1, "<script>alert(1)</script>", "18 miliar", accept=["<b>x</b>"])
    said: Answer = REFUSAL.model_copy(update={"answer": '<img src=x onerror="alert(1)">'})
    page = html(made(case_record(hostile, Reply(said, (), 0.2))))
    assert "<script" not in page and "<img" not in page and "<b>x" not in page
    assert "&lt;script&gt;" in page


def test_an_empty_run_and_one_without_scores_have_a_report() -> None:
    assert "None." in html(made())
    assert "gives no scores" in html(made(case_record(CASES[0], Reply(REFUSAL))))


def test_the_curve_begins_with_the_surest_question() -> None:
    records = made(*(case_record(each, perfect(each)) for each in CASES)).records
    assert risk_coverage(records) == [(0.5, 0.0), (1.0, 0.5)]  # two scores, so two thresholds
    assert path([(0, 0), (1, 1)]) == "M48,226 L628,10"
