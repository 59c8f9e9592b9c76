"""The language of a question: right for short questions in the eight languages, and some language for any text."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.languages import identify, language_of
from assistant.text.translit import is_latin_russian, to_cyrillic

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


LABELLED = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "languages.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
FAST = 0.2
"""Milliseconds that a question takes typically (0.014 measured)."""


def test_nearly_every_short_question_is_told_from_sixteen_languages() -> None:
    wrong = [(label, text, identify(text)) for label, text in LABELLED if identify(text) not in label.split("|")]
    asked, missed = (Counter(label for label, *_ in rows) for rows in (LABELLED, wrong))
    assert len(LABELLED) >= 260 and len(asked) >= 10
    assert len(wrong) <= 0.02 * len(LABELLED), wrong
    assert [label for label in missed if missed[label] > max(1, 0.06 * asked[label])] == [], wrong


def test_telling_the_language_takes_no_time() -> None:
    def took(text: str) -> float:
        begun = time.perf_counter()
        identify(text)
        return 1_000 * (time.perf_counter() - begun)

    for _, text in LABELLED:
        identify(text)  # the word lists are read
    assert median(took(f"{text} ") for _, text in LABELLED) < FAST  # with a space: what was asked is remembered


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who is Игорь Моргулов?", "en"),
        ("Кто такой Jose Tavares?", "ru"),
        ("Siapa Игорь Моргулов?", "id"),
        ("Who is Nguyễn Phú Trọng?", "en"),
        ("Sino si Nguyễn Phú Trọng?", "fil"),
        ("Nguyễn Phú Trọng là ai?", "vi"),
        ("Jose Tavares是谁？", "zh"),
        ("Jose Tavares とは誰ですか", "ja"),
        ("Кто сказал «Indonesia mengajak semua pihak»?", "ru"),
        ('What does "siapa yang memimpin rapat itu" mean?', "en"),
        ('Apa arti "counter-terrorism cooperation"?', "id"),
        ("„Wer leitete die Sitzung“", "de"),
    ],
)
def test_names_and_quotations_in_another_language_do_not_decide(text: str, language: str) -> None:
    assert identify(text) == language


def test_ukrainian_is_told_from_russian_by_its_letters() -> None:
    assert identify("Хто очолив зустріч у місті і що він вирішив?") == "uk"


@pytest.mark.parametrize("name", ["Jose Tavares", "Igor Morgulov", "ASEAN", "SOM", "MoU 2018"])
def test_a_name_alone_is_read_as_english(name: str) -> None:
    assert identify(name) == "en"


def test_a_longer_text_in_a_language_without_words_here_is_given_to_the_model() -> None:
    assert identify("cześć jak się masz dzisiaj") == "pl"


def test_russian_in_latin_letters_is_told_and_written_back() -> None:
    assert is_latin_russian("gde proshla vstrecha") and to_cyrillic("gde proshla vstrecha") == "где прошла встреча"
    assert not is_latin_russian("где прошла встреча")
    assert not is_latin_russian("To do: a note on my plan")


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Кто возглавил House of the Harbour and Pier?", "ru"),
        ("谁领导 House of the Harbour？", "zh"),
        ("Who wrote Берег и море?", "en"),
        ("Who wrote 山和海?", "en"),
        ("Did 김민준 sing?", "en"),
    ],
)
def test_between_two_scripts_a_question_word_counts_for_more_than_another(text: str, language: str) -> None:
    assert identify(text) == language


def test_one_letter_of_a_name_does_not_make_a_russian_question_ukrainian() -> None:
    assert identify("Кто построил новую пристань в деревне Їжаки и сколько это стоило?") == "ru"


def test_where_closed_class_words_decide_a_long_name_does_not() -> None:
    assert identify("Did Badan Pengawasan Keamanan Perikanan Laut relocate?") == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kerja sama perikanan", "id"),  # "sama" is Russian in Latin letters too
        ("Como funcionam reuniões?", "pt"),  # "como" is Spanish too
        ("ternak", "id"),
        ("panalangin", "fil"),
        ("assalamualaikum", "id"),
        ("babay", "fil"),
    ],
)
def test_what_closed_class_words_leave_open_other_words_and_letters_decide(text: str, language: str) -> None:
    assert identify(text) == language


@pytest.mark.parametrize("text", ["Komu byla dana eta strana", "tolko zdes", "nashei sviazi"])
def test_russian_is_known_in_each_common_spelling_in_latin_letters(text: str) -> None:
    assert identify(text) == "ru"


def test_a_text_that_the_model_calls_tagalog_is_filipino() -> None:
    assert identify("Tumakbo kalabaw palayan") == "fil"
