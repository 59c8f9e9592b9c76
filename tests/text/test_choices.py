"""What a question offers to choose from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.choices import choices, without_the_others
from assistant.text.questions import analyse

from .strategies import ANY_TEXT


@pytest.mark.parametrize(
    ("question", "language", "options"),
    [
        ("Is the harbour in Ambon or in Tual?", "en", {"Ambon", "Tual"}),
        ("Rapatnya di Ambon atau di Tual sih?", "id", {"Ambon", "Tual"}),
        ("Кто ведёт переговоры, Индия или Непал?", "ru", {"Индия", "Непал"}),
        ("Did 8, 9 or 10 ships come?", "en", {"8", "9", "10 ships"}),
        ("Is it steel, rice, or grain?", "en", {"steel", "rice", "grain"}),
        ("Cuộc họp ở Ambon hay Tual?", "vi", {"Ambon", "Tual"}),
        ("会议在库塔还是雅加达举行?", "zh", {"库塔", "雅加达"}),
        ("Was it the deputy minister or the minister who spoke?", "en", {"deputy minister", "minister"}),
    ],
)
def test_the_options_stand_on_both_sides_of_or(question: str, language: str, options: set[str]) -> None:
    (found,) = choices(analyse(question, language))
    assert {question[start:end] for start, end in found} == options


@pytest.mark.parametrize(
    "question", ["Where is the harbour?", "Or the harbour?", "The harbour, or", "Is it open or not?", "Or"]
)
def test_where_one_side_has_no_words_there_is_no_choice(question: str) -> None:
    assert choices(analyse(question, "en")) == ()


@pytest.mark.parametrize(
    ("question", "held", "lacking"),
    [
        ("Is the harbour in Ambon or in Tual?", {"harbour", "Ambon"}, []),
        ("Is the harbour in Ambon or in Tual?", {"harbour"}, ["Ambon", "Tual"]),
        ("Is the harbour in Ambon or in Tual?", {"Ambon"}, ["harbour"]),
        ("Is the mayor from the old harbour or from the fish market?", {"fish"}, ["mayor", "old", "harbour", "market"]),
        ("Did Ambon or Tual ratify the treaty?", {"Ambon", "Tual"}, ["ratify", "treaty"]),
        ("Is the pact with Ambon or Tual nuclear?", {"pact", "Ambon"}, ["nuclear"]),
        ("Is it Ambon or Tual or Namlea?", {"Ambon"}, []),
        ("Who led it for Tual, Rahma or Budi?", {"Rahma"}, ["led", "Tual"]),
        ("Did 8, 9 or 10 ships come?", {"10", "ships"}, []),
        ("Is it in Ambon or Tual (drug summit)?", {"Ambon"}, ["drug", "summit"]),
        ("Which was the largest, trade or tourism?", {"trade"}, ["largest", "tourism"]),
    ],
)
def test_the_other_option_need_not_be_there(question: str, held: set[str], lacking: list[str]) -> None:
    asked = analyse(question, "en")
    having = [token for token in asked.content if token.text in held]
    absent = [token for token in asked.content if token.text not in held]
    assert [token.text for token in without_the_others(asked, absent, having)] == lacking


@given(text=ANY_TEXT, language=st.sampled_from(["en", "id", "ru", "th", "zh", "vi"]))
def test_options_are_places_in_the_question(text: str, language: str) -> None:
    for choice in choices(analyse(text, language)):
        assert all(0 <= start < end <= len(text) for start, end in choice)


def offered(question: str, language: str) -> list[set[str]]:
    return [{question[start:end] for start, end in choice} for choice in choices(analyse(question, language))]


@pytest.mark.parametrize(
    ("question", "language", "options"),
    [
        ("Is the harbour in Ambon or in the north?", "en", {"Ambon", "north"}),
        ("Is it in Ambon or Tual (drug summit)?", "en", {"Ambon", "Tual"}),
        ("Did 8 or 9, 3 of them new, come?", "en", {"8", "9"}),
        ("会议在库塔或者印度举行?", "zh", {"库塔", "印度"}),
        ("渔业会议还是贸易会议?", "zh", {"渔业会议", "贸易会议"}),
    ],
)
def test_an_option_ends_where_something_else_begins(question: str, language: str, options: set[str]) -> None:
    assert offered(question, language) == [options]


def test_what_stands_far_from_or_is_no_option() -> None:
    assert offered("Did it close or was it by then moved?", "en") == []


def test_a_question_may_offer_two_choices() -> None:
    question = "Was it in Ambon or Tual, and was it steel or grain?"
    assert offered(question, "en") == [{"Ambon", "Tual"}, {"steel", "grain"}]


@pytest.mark.parametrize(
    ("question", "held", "lacking"),
    [
        ("Is it the old harbour or the market?", {"market"}, ["old"]),
        ("Is it the old harbour or the fish market?", {"fish", "market"}, []),
        ("Is it the old harbour or the fish market?", {"old", "harbour", "fish"}, ["market"]),
    ],
)
def test_of_the_other_option_the_words_next_to_or_are_excused(
    question: str, held: set[str], lacking: list[str]
) -> None:
    asked = analyse(question, "en")
    having = [token for token in asked.content if token.text in held]
    absent = [token for token in asked.content if token.text not in held]
    assert [token.text for token in without_the_others(asked, absent, having)] == lacking
