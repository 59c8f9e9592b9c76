"""Small talk is told by whole phrases; a question with anything more in it is a question."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.lexicon import LANGUAGES, UNSPACED
from assistant.text.smalltalk import INTENTS, intent

from .strategies import ANY_TEXT

PHRASES = tomllib.loads(
    (Path(__file__).parents[2] / "assistant" / "text" / "data" / "smalltalk.toml").read_text(encoding="utf-8")
)
QUESTIONS = {
    "en": "who chaired the harbour meeting", "id": "siapa yang memimpin rapat pelabuhan", "ru": "кто вёл заседание в порту",
    "ms": "siapakah yang mempengerusikan mesyuarat pelabuhan", "vi": "ai chủ trì cuộc họp ở cảng", "th": "ใครเป็นประธานการประชุมท่าเรือ",
    "fil": "sino ang namuno sa pulong sa daungan", "zh": "谁主持了港口会议",
}  # fmt: skip


def test_every_language_has_every_intent() -> None:
    assert set(PHRASES) == set(LANGUAGES)
    assert {name: set(table) for name, table in PHRASES.items()} == {name: set(INTENTS) for name in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_recognised_as_what_it_is(language: str) -> None:
    listed = [(phrase, kind) for kind, phrases in PHRASES[language].items() for phrase in phrases]
    assert [(p, kind, found) for p, kind in listed if (found := intent(p, language)) != kind] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_case_and_marks_make_no_difference(language: str) -> None:
    listed = [(phrase, kind) for kind, phrases in PHRASES[language].items() for phrase in phrases]
    assert [p for p, kind in listed if intent(f"  {p.upper()}!! 🙂", language) != kind] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_after_a_greeting_is_a_question(language: str) -> None:
    asked = QUESTIONS[language]
    space = "" if language in UNSPACED else ", "
    greetings = PHRASES[language]["greeting"]
    assert intent(asked, language) == ""
    assert [g for g in greetings if intent(f"{g}{space}{asked}?", language) != ""] == []


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name not in UNSPACED])
def test_of_several_the_one_that_wants_an_answer_wins(language: str) -> None:
    greeting, identity = (PHRASES[language][kind][0] for kind in ("greeting", "identity"))
    assert intent(f"{greeting}, {identity}?", language) == intent(f"{identity}? {greeting}", language) == "identity"


@given(text=ANY_TEXT, language=st.sampled_from([*LANGUAGES, "de", "zh-Hant"]))
def test_any_text_is_small_talk_or_not(text: str, language: str) -> None:
    assert intent(text, language) in (*INTENTS, "")


@pytest.mark.parametrize("text", ["", "   ", "please", "😀", "bot"])
def test_fillers_alone_are_no_small_talk(text: str) -> None:
    assert intent(text, "en") == ""


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("Xin chào, bạn là ai?", "vi", "identity"),  # "xin chào bạn" is a greeting too
        ("Chào bạn có khỏe không", "vi", "wellbeing"),
        ("Xin chao, ban la ai?", "vi", "identity"),
        ("cam on ban nhieu", "vi", "thanks"),
        ("Maraming salamat po! Paalam", "fil", "farewell"),
        ("Terima kasih banyak ya", "ms", "thanks"),
        ("thanks, bye", "th", ""),
        ("สวัสดีครับ คุณเป็นใคร", "th", "identity"),
        ("你好，你是谁？", "zh", "identity"),
    ],
)
def test_phrases_that_share_words_are_parted_so_that_all_words_are_covered(text: str, language: str, kind: str) -> None:
    assert intent(text, language) == kind


def test_a_long_text_of_greetings_takes_linear_time() -> None:
    assert intent("xin chào bạn " * 5_000, "vi") == "greeting"
    assert intent("xin chào bạn " * 5_000 + "harbour", "vi") == ""


@pytest.mark.parametrize("language", ["ru", "vi", "de"])
@pytest.mark.parametrize(("text", "kind"), [("Good night!", "farewell"), ("Terima kasih!", "thanks")])
def test_english_and_indonesian_small_talk_is_told_in_any_language_with_spaces(
    text: str, kind: str, language: str
) -> None:
    assert intent(text, language) == kind


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("ลาก่อนครับ", "th", "farewell"), ("ลาก่อนค่ะ", "th", "farewell"), ("คุณเป็นใครคะ", "th", "identity"),
        ("ขอบคุณนะ", "th", "thanks"), ("你能帮我什么吗", "zh", "capability"), ("再见啊", "zh", "farewell"),
        ("你叫什么呢", "zh", "identity"), ("请问你是谁", "zh", "identity"),
    ],
)  # fmt: skip
def test_particles_make_small_talk_no_question(text: str, language: str, kind: str) -> None:
    assert intent(text, language) == kind


@pytest.mark.parametrize(("text", "language"), [("ครับ", "th"), ("请问", "zh")])
def test_particles_alone_are_no_small_talk(text: str, language: str) -> None:
    assert intent(text, language) == ""


@pytest.mark.parametrize(("text", "language"), [("你好", "zh-CN"), ("你好", "zh-Hans-CN"), ("สวัสดี", "th-TH")])
def test_a_language_may_be_given_with_its_script_and_country(text: str, language: str) -> None:
    assert intent(text, language) == "greeting"


@pytest.mark.parametrize(
    ("text", "language"), [("Nothing else?", "en"), ("That's it?", "en"), ("Itu saja?", "id"), ("Это всё?", "ru")]
)
def test_whoever_asks_whether_that_is_all_is_not_thanking(text: str, language: str) -> None:
    assert intent(text, language) == ""
    assert intent(text.rstrip("?"), language) == "thanks"
