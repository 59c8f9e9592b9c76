"""What a question denies, and what denies nothing: tags and openings that only ask whether something is so."""

from __future__ import annotations

import pytest

from assistant.text.questions import analyse

from .asked import misread


def test_denials_are_noticed() -> None:
    asked = {
        ("Who did not come?", "en"): True, ("Siapa yang tidak hadir?", "id"): True, ("Кто не приехал?", "ru"): True,
        ("Who came?", "en"): False, ("Siapa yang hadir?", "id"): False, ("Кто приехал?", "ru"): False,
    }  # fmt: skip
    assert misread(asked, "negated") == []


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Was the plan adopted, or not?", "en"), ("Rencana itu disetujui atau tidak?", "id"), ("Harganya naik gak?", "id"),
        ("План приняли или нет?", "ru"), ("Kế hoạch được thông qua không?", "vi"), ("计划通过了吗？", "zh"),
    ],
)  # fmt: skip
def test_what_only_asks_whether_it_is_so_denies_nothing(question: str, language: str) -> None:
    found = analyse(question, language)
    assert found.yes_no and not found.negated


@pytest.mark.parametrize(
    ("question", "language", "asserted"),
    [
        ("The plan was adopted, wasn't it?", "en", "The plan was adopted"), ("It's the plan, no?", "en", "It's the plan"),
        ("Rencana itu disetujui, bukan?", "id", "Rencana itu disetujui"), ("План приняли, нет?", "ru", "План приняли"),
        ("Pelan itu diluluskan, bukan?", "ms", "Pelan itu diluluskan"),
    ],
)  # fmt: skip
def test_what_is_asserted_before_a_tag(question: str, language: str, asserted: str) -> None:
    found = analyse(question, language)
    assert found.asserted.rstrip(" ,") == asserted
    assert not found.negated


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wasn't the plan adopted?", "en"), ("So didn't they adopt the plan?", "en"), ("Bukankah rencana itu disetujui?", "id"),
        ("Разве план не приняли?", "ru"), ("А разве план не приняли?", "ru"), ("Hindi ba tinanggap ang plano?", "fil"),
    ],
)  # fmt: skip
def test_a_denial_that_opens_a_question_denies_nothing(question: str, language: str) -> None:
    found = analyse(question, language)
    assert found.yes_no and found.rhetorical and not found.negated


@pytest.mark.parametrize(("question", "language"), [("Who didn't come?", "en"), ("Siapa yang bukan anggota?", "id")])
def test_a_denial_after_a_question_word_denies(question: str, language: str) -> None:
    found = analyse(question, language)
    assert found.negated and not found.rhetorical


def test_a_rhetorical_opening_leaves_another_denial() -> None:
    assert analyse("Isn't it true that Siti did not sign?", "en").negated
    assert analyse("Bukankah Siti bukan anggota?", "id").negated


def test_a_question_that_denies_is_still_one() -> None:
    assert analyse("Who did not come?", "en").negated
    assert analyse("Siapa yang tidak hadir?", "id").negated
    assert not analyse("Which aspects, although not listed, were named?", "en").negated
    assert not analyse("Aspek apa yang disebut, walau tidak dirinci?", "id").negated
    assert analyse("Хотя он приехал, кто не подписал документ?", "ru").negated
    assert analyse("Siapa meskipun diundang tidak hadir?", "id").negated


def test_a_denial_right_after_the_one_that_opens_a_question_denies() -> None:
    found = analyse("Isn't not voting allowed?", "en")
    assert found.rhetorical and found.negated


def test_a_concession_that_opens_a_question_denies_nothing() -> None:
    assert not analyse("Although not listed, which aspects were named?", "en").negated


@pytest.mark.parametrize(
    ("question", "language"),
    [("Bakit siya oo at ako hindi?", "fil"), ("Who was copyright?", "en")],  # "ak|o hindi", "copy|right"
)
def test_the_end_of_a_word_is_no_tag(question: str, language: str) -> None:
    assert analyse(question, language).asserted == question
