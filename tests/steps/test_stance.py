"""Stance: "Yes." and "No." stand before a quote only where the quoted words say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.index.sources import read_source
from assistant.steps.condense import condense
from assistant.steps.context import whole_source
from assistant.steps.stance import stance
from assistant.types import Passage, Question, Retrieval

from .made import source

ROOT = Path(__file__).parents[2]
ASKED = [
    line.split("\t")
    for line in Path(__file__).with_name("yes_no.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]

STATED = [
    line.split("\t")
    for line in Path(__file__).with_name("stated.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def said(question: str, passages: tuple[Passage, ...]) -> str:
    """The best stance that any one of the passages would give."""
    asked = condense(Question(question=question))
    found = {stance(Retrieval(asked, passages, (), ()), (passage,)) for passage in passages}
    return "yes" if "yes" in found else "no" if "no" in found else ""


def report() -> tuple[Passage, ...]:
    folder = ROOT / "seeds"
    return whole_source(read_source(folder, folder / "asean-russia-som-2019.txt"))


@pytest.mark.parametrize("question", [q for truth, q in ASKED if truth == "-"])
def test_what_the_report_does_not_say_gets_no_yes(question: str) -> None:
    assert said(question, report()) != "yes"


def test_half_of_what_it_says_gets_a_yes_and_none_a_no() -> None:
    found = [said(q, report()) for truth, q in ASKED if truth == "yes"]
    assert "no" not in found
    assert found.count("yes") >= 0.5 * len(found)


@pytest.mark.parametrize(("language", "text", "question", "truth"), STATED)
def test_a_sentence_that_has_the_words_gets_a_yes_only_where_it_says_so(
    language: str, text: str, question: str, truth: str
) -> None:
    found = said(question, whole_source(source(text, language=language)))
    assert found == ("yes" if truth == "yes" else "")


def test_what_another_source_says_otherwise_gets_no_yes() -> None:
    first, other = (
        whole_source(source(f"The bridge costs {cost} million euros.", source_id=f"{cost}.txt"))[0] for cost in (14, 16)
    )
    asked = condense(Question(question="Does the bridge cost 14 million euros?"))
    others = replace(other, number=9, held=tuple(0.0 if t.kind == "number" else 1.0 for t in asked.content))
    assert stance(Retrieval(asked, (first,), (), ()), (first,)) == "yes"
    assert stance(Retrieval(asked, (first, others), (), ()), (first,)) == ""


def test_what_is_denied_gets_a_no() -> None:
    told = whole_source(source("The council did not approve the loan. The chair thanked the clerk."))
    assert said("Did the council approve the loan?", told) == "no"
    assert said("Did the clerk approve the loan?", told) == ""


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The rector, who did not attend the dinner, opened the library.", "Did the rector open the library?"),
        ("Without delay the council approved the budget.", "Did the council approve the budget?"),
        ("Nobody but the mayor received the medal.", "Did the mayor receive the medal?"),
        ("Not all delegates signed the protocol.", "Did delegates sign the protocol?"),
        ("The council did not reject the budget until May.", "Did the council reject the budget?"),
    ],
)
def test_a_denial_of_something_else_gets_no_no(text: str, question: str) -> None:
    assert said(question, whole_source(source(text))) != "no"


@pytest.mark.parametrize(
    "question",
    [
        "Who chaired the meeting in Kuta?",
        "Was the meeting held in Kuta or in Singapore?",
        "Didn't Jose Tavares chair the meeting in Kuta?",
        "Apakah bidang yang diutamakan?",
        "Apakah jawatan Jose Tavares?",
    ],
)
def test_a_question_that_a_yes_would_not_answer_gets_none(question: str) -> None:
    assert said(question, report()) == ""


@pytest.mark.parametrize(
    ("language", "text", "question", "stance"),
    [
        ("en", "Ms Rahma, is there a risk for the old lighthouse?", "Is there a risk for the old lighthouse?", ""),
        ("en", "- Ms Rahma: have the lighting repaired by May.", "Has the lighting been repaired?", ""),
        ("en", "The lighting was repaired in May.", "Was the lighting repaired?", "yes"),
        ("en", "The exercise planned for March was postponed to April.", "Was the exercise held in March?", ""),
        ("en", "The exercise was postponed to April.", "Was the exercise postponed?", "yes"),
        ("en", "The mill has moved the delivery of the piles to May.", "Did the mill deliver the piles?", ""),
        ("en", "The mill delivered the piles in May.", "Did the mill deliver the piles?", "yes"),
        ("ru", "Окна поступят до 1 ноября.", "Поступили ли окна?", ""),
        ("ru", "Окна поступили 1 ноября.", "Поступили ли окна?", "yes"),
        ("ru", "Договор подписан в мае.", "Подписали ли договор?", "yes"),
        ("ru", "– согласовать закрытие движения с полицией.", "Согласовано ли закрытие движения с полицией?", ""),
        ("ru", "Бюджет принято считать большим.", "Приняли ли договор?", ""),
        ("en", "Anna Kim took part in the race.", "Did Anna Kim take part in the race?", "yes"),
        ("en", "Hardly any members signed the letter.", "Did members sign the letter?", ""),
        ("en", "The firm forgot to deliver the windows.", "Did the firm deliver the windows?", ""),
        ("en", "The council agreed to sign the lease.", "Did the council sign the lease?", ""),
        ("en", "It is unclear whether Tom Beck signed the letter.", "Did Tom Beck sign the letter?", ""),
        ("id", "Jika ketua menandatangani surat, rapat selesai.", "Apakah ketua menandatangani surat?", ""),
        ("ru", "Фирма якобы продала дом.", "Продала ли фирма дом?", ""),
        ("id", "2. BPBD: memverifikasi data pengungsi.", "Apakah data pengungsi diverifikasi?", ""),
    ],
)
def test_what_is_asked_planned_or_undone_is_not_so(language: str, text: str, question: str, stance: str) -> None:
    assert said(question, whole_source(source(text, language=language))) == stance
