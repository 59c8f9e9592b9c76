"""What a text has instead of what a question says, on sentences made by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.steps import rivals
from assistant.steps.evidence import bag
from assistant.text.questions import analyse


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("How much was trade in 2016?", "Trade grew in 2017.", True),
        ("How much was trade in 2016?", "Trade grew in 2016 and 2017.", False),
        ("How much was trade in 2017?", "The plan is for 2016-2020.", False),
        ("How much was trade in 2015?", "It was 5 in 2010 and 9 in 2020.", True),
        ("How much was trade from 2016 to 2020?", "Trade grew in 2018.", False),
        ("Who met in March 2017?", "They met in April; the plan is for 2016-2020.", True),
        ("How much was trade in 2016?", "Trade grew.", False),
        ("How much was trade?", "Trade grew in 2017.", False),
        ("How much was trade the year before last?", "Trade grew last year.", True),
        ("How much was trade last year?", "Trade grew last year.", False),
        ("How much was trade in 2018?", "Trade grew last year.", False),
        ("Who met in March?", "They met in April.", True),
        ("Who met in April?", "They met in April.", False),
    ],
)
def test_another_date_is_a_year_or_month_that_is_not_asked_about(question: str, text: str, other: bool) -> None:
    date = dt.date(2019, 2, 21)
    assert rivals.another_date(analyse(question, "en"), bag(text, "en", date), date) is other


def test_one_of_two_ordinals_asked_about_may_be_the_right_one() -> None:
    held = [bag("The third summit was held.", "en")]
    assert rivals.contradicted(analyse("Was it the second summit or the third?", "en"), held) == ()
    assert rivals.contradicted(analyse("Was it the second summit?", "en"), held)


@pytest.mark.parametrize(
    ("question", "language", "against"),
    [
        ("What about the second one: which summit was it?", "en", False),
        ("Yang kedua, KTT apa itu?", "id", False),
        ("Where was the second summit?", "en", True),
        ("Di mana KTT kedua?", "id", True),
        ("Di mana KTT yang kedua?", "id", True),
    ],
)
def test_an_ordinal_for_a_thing_told_before_is_none_of_its_neighbours(
    question: str, language: str, against: bool
) -> None:
    held = [bag("KTT ke-3 diadakan di Ambon.", "id")]
    assert bool(rivals.contradicted(analyse(question, language), held)) is against


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("What did the second summit adopt?", "The third summit adopted it.", ["second"]),
        ("What did the 2nd summit adopt?", "KTT ke-3 mengadopsinya.", []),
        ("What did the third summit adopt?", "The third summit adopted it.", []),
        ("What did the second summit adopt?", "The second summit followed the third summit.", []),
        ("What did the second summit adopt?", "The summit adopted it.", []),
        ("What did the second summit adopt?", "The third harbour closed.", []),
    ],
)
def test_another_number_beside_the_same_word_contradicts(question: str, text: str, found: list[str]) -> None:
    assert [t.text for t in rivals.contradicted(analyse(question, "en"), [bag(text, "en")])] == found


def test_a_contradiction_is_seen_across_languages() -> None:
    asked = analyse("Что принял второй саммит?", "ru")
    assert rivals.contradicted(asked, [bag("Pada KTT ke-3 para pemimpin", "id")])
    assert not rivals.contradicted(asked, [bag("Pada KTT ke-2 para pemimpin", "id")])


@pytest.mark.parametrize(
    ("question", "language", "text", "spoken", "another"),
    [
        ("Siapa menteri itu?", "id", "Di sana Wakil Menteri Igor Morgulov hadir", "id", True),
        ("Кто министр?", "ru", "Di sana Wakil Menteri hadir", "id", True),
        ("Siapa menteri luar negeri?", "id", "Wakil Menteri Luar Negeri hadir", "id", True),
        ("Siapa menteri luar negeri?", "id", "Menteri Luar Negeri hadir", "id", False),
        ("Siapa wakil menteri luar negeri?", "id", "Wakil Menteri Luar Negeri hadir", "id", False),
        ("Кто министр иностранных дел?", "ru", "Wakil Menteri Luar Negeri hadir", "id", True),
        ("Siapa menteri luar negeri?", "id", "Wakil Menteri Luar Negeri dan Menteri Luar Negeri hadir", "id", False),
        ("Siapa menteri luar negeri?", "id", "Perdagangan naik", "id", False),
        (
            "Who headed the delegation?",
            "en",
            "Wakil Menteri Luar Negeri berbicara.",
            "id",
            False,
        ),  # wakil: a delegate too
    ],
)
def test_a_deputys_title_is_another_title(question: str, language: str, text: str, spoken: str, another: bool) -> None:
    assert bool(rivals.another_title(analyse(question, language), bag(text, spoken), spoken)) is another


def test_an_ordinal_is_held_against_its_noun_across_other_words() -> None:
    asked = analyse("What was agreed at the second ASEAN-Russia summit?", "en")
    assert [t.text for t in rivals.contradicted(asked, [bag("KTT ke-3 ASEAN-Rusia di Singapura.", "id")])] == ["second"]
    assert rivals.contradicted(asked, [bag("KTT ke-2 ASEAN-Rusia di Singapura.", "id")]) == ()
