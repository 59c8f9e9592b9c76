"""The language of a question: right for short questions in the eight languages, and some language for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.languages import identify, language_of

from .strategies import ANY_TEXT

QUESTIONS = {
    "en": [
        "Who was there?", "When did it start?", "How many people came?", "Why was the budget cut?",
        "Where is the harbour?",
        "What did the council decide?", "Which ministers spoke?", "Is there a plan?",
    ],
    "id": [
        "Siapa yang hadir?", "Kapan rapat dimulai?", "Berapa orang yang datang?", "Mengapa dana itu dipotong?",
        "Di mana pelabuhan itu?", "Apa yang diputuskan dewan?", "Bagaimana hasilnya?", "Apakah ada rencana lain?",
    ],
    "ru": [
        "Кто присутствовал?", "Когда началась встреча?", "Сколько человек пришло?", "Почему сократили бюджет?",
        "Где находится порт?", "Что решил совет?", "Какие министры выступили?", "Есть ли план?",
    ],
    "ms": [
        "Bilakah mesyuarat itu bermula?", "Berapakah bilangan ahli yang hadir?", "Siapakah pengerusi mesyuarat itu?",
        "Adakah terdapat perjanjian baharu?", "Apakah anggaran kerajaan?", "Di manakah bandar itu?",
        "Mengapa lawatan itu penting kerana dagangan?",
    ],
    "vi": [
        "Ai đã có mặt?", "Cuộc họp bắt đầu khi nào?", "Có bao nhiêu người đến?", "Tại sao ngân sách bị cắt?",
        "Cảng ở đâu?", "Hội đồng quyết định gì?", "Bộ trưởng nào đã phát biểu?",
    ],
    "th": [
        "ใครเข้าร่วม", "การประชุมเริ่มเมื่อไร", "มีคนมากี่คน", "ทำไมงบประมาณถูกตัด", "ท่าเรืออยู่ที่ไหน",
        "สภาตัดสินใจอะไร",
        "มีแผนอื่นหรือไม่",
    ],
    "fil": [
        "Sino ang dumalo?", "Kailan nagsimula ang pulong?", "Ilan ang mga taong dumating?",
        "Bakit binawasan ang badyet?",
        "Nasaan ang daungan?", "Ano ang napagpasyahan ng konseho?", "Mayroon bang plano?",
    ],
    "zh": [
        "谁出席了会议？", "会议什么时候开始？", "来了多少人？", "为什么削减预算？",
        "港口在哪里？", "理事会决定了什么？", "有计划吗？", "哪些部长发言？",
    ],
}  # fmt: skip


def test_there_are_sixty_questions_in_eight_languages() -> None:
    assert len(QUESTIONS) == 8
    assert sum(map(len, QUESTIONS.values())) == 60


@pytest.mark.parametrize(("language", "question"), [(name, q) for name, asked in QUESTIONS.items() for q in asked])
def test_a_short_question_is_known_by_its_language(language: str, question: str) -> None:
    assert identify(question) == language


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda q: f"  {q} 2019 "], ids=["upper", "lower", "spaced"])
def test_case_space_and_numbers_do_not_change_the_language(change: object) -> None:
    assert callable(change)
    wrong = [
        (q, identify(change(q))) for name, asked in QUESTIONS.items() for q in asked if identify(change(q)) != name
    ]
    assert wrong == []


@pytest.mark.xfail(reason="these words are Malay and Indonesian, and count as Malay only")
@pytest.mark.parametrize("question", ["Mengapa anggaran dipotong?", "Apa isi perjanjian itu?", "Siapa pegawai itu?"])
def test_indonesian_words_that_malay_shares_do_not_make_a_question_malay(question: str) -> None:
    assert identify(question) == "id"


@given(text=ANY_TEXT)
def test_any_text_has_some_language(text: str) -> None:
    assert identify(text).isalpha()


@pytest.mark.parametrize("text", ["", " ", "123", "?!", "😀"])
def test_a_text_without_words_is_read_as_english(text: str) -> None:
    assert identify(text) == "en"


@given(text=st.text(max_size=30), language=st.sampled_from(["id", "pt-BR", "ru"]))
def test_a_declared_language_wins(text: str, language: str) -> None:
    assert language_of(language, text) == language


def test_a_long_source_is_told_by_its_beginning() -> None:
    beginning = "Кто присутствовал на встрече? " * 100
    assert language_of(None, beginning + "What did they decide? " * 10_000) == "ru"
