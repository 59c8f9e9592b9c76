"""Follow-ups: what is spoken of after a refusal, another year or a pronoun for a thing."""

from __future__ import annotations

import pytest

from .made import alone


@pytest.mark.parametrize(
    ("earlier", "between", "question", "read"),
    [
        (
            "What was trade with Russia last year?",
            "And with Japan?",
            "And what role does Indonesia have?",
            "And what role does Indonesia have?",
        ),
        (
            "Berapa nilai perdagangan dengan Rusia?",
            "Kalau Jepang?",
            "Lalu apa peran Indonesia?",
            "Lalu apa peran Indonesia?",
        ),
        ("Какова торговля с Россией?", "А с Китаем?", "А какова роль Индонезии?", "А какова роль Индонезии?"),
        ("Какова торговля с Россией?", "А с Китаем?", "Хорошо, а какие области важны?", "а какие области важны?"),
    ],
)
def test_a_whole_question_leaves_what_was_spoken_of(earlier: str, between: str, question: str, read: str) -> None:
    """Or the refusal of it names a country that nobody asks about any more."""
    assert alone(question, earlier, "“18 billion” [1]", between, "The sources do not answer.") == read


@pytest.mark.parametrize(
    "question", ["And what about the role of Indonesia?", "And who from the Russian side?", "And which one in Russia?"]
)
def test_one_that_leaves_something_out_does_not(question: str) -> None:
    assert "trade" in alone(question, "Did trade grow last year?", "“Trade grew.” [1]")


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        ("Who chaired the 2019 summit in Ambon?", "And who represented Russia?"),
        ("Siapa memimpin KTT 2019 di Ambon?", "Dan siapa yang mewakili Rusia?"),
        ("Кто вёл саммит 2019 года в Амбоне?", "А кто представлял Россию?"),
    ],
)
def test_what_was_answered_is_still_spoken_of(earlier: str, question: str) -> None:
    assert "2019" in alone(question, earlier, "“Jose Tavares chaired it.” [1]")


@pytest.mark.parametrize(
    ("question", "keeps"),
    [
        ("How much does it cost to renew a permit?", False),
        ("Does it matter which card comes first?", False),
        ("How much does it cost?", True),
        ("Does it take long to build?", True),
    ],
)
def test_one_whose_pronoun_announces_a_clause_asks_anew(question: str, keeps: bool) -> None:
    assert ("trade" in alone(question, "Did trade grow last year?", "“Trade grew.” [1]")) is keeps


def test_what_somebody_is_in_is_nobody() -> None:
    turns = ("Кто провёл совещание?", "“Siti Rahma memimpin rapat.” [1]")
    assert "Siti" not in alone("А кто в нём участвовал?", *turns)
    assert "Siti Rahma" in alone("А где она родилась?", *turns)


@pytest.mark.parametrize(
    ("earlier", "question", "read"),
    [
        ("How big was trade last year?", "And the year before?", "How big was trade two years ago?"),
        ("Berapa perdagangan tahun lalu?", "Kalau tahun sebelumnya?", "Berapa perdagangan dua tahun lalu?"),
        (
            "Сколько составила торговля в прошлом году?",
            "А годом раньше?",
            "Сколько составила торговля два года назад?",
        ),
        ("How big was trade in 2018?", "And last year?", "How big was trade last year?"),
        ("Berapa perdagangan tahun lalu?", "Kalau tahun kemarin?", "Berapa perdagangan tahun kemarin?"),
        ("How big was trade in the previous year?", "And last year?", "How big was trade in last year?"),
    ],
)
def test_the_year_before_last_year_is_two_years_ago(earlier: str, question: str, read: str) -> None:
    assert alone(question, earlier, "“18 billion” [1]") == read


@pytest.mark.parametrize(
    ("earlier", "question", "read"),
    [
        ("What did Siti Rahma say about tourism?", "What about trade?", "What did Siti Rahma say about trade?"),
        ("What did Siti Rahma say about the tourism?", "And about trade?", "What did Siti Rahma say about the trade?"),
        ("Siti Rahma bilang apa soal turis?", "Kalau perdagangan?", "Siti Rahma bilang apa soal perdagangan?"),
        ("Что Моргулов сказал о туризме?", "А про торговлю?", "Что Моргулов сказал о торговлю?"),
        ("Who is Jose Tavares?", "And the Russian delegate?", "Who is the Russian delegate?"),
        ("What is Jose Tavares's post?", "And the Russian guy?", "What is the Russian guy's post?"),
        ("Siapa Jose Tavares?", "Kalau wakil Rusia?", "Siapa wakil Rusia?"),
        ("Кто такой Жозе Таварес?", "А российский представитель?", "Кто такой российский представитель?"),
        ("Who led the Philippine delegation?", "And the Russian one?", "Who led the Russian delegation?"),
    ],
)
def test_a_topic_or_somebody_of_a_country_takes_the_place_of_its_like(earlier: str, question: str, read: str) -> None:
    assert alone(question, earlier, "“Jose Tavares said so.” [1]") == read


def test_of_several_things_named_in_turn_the_last_one_is_asked_about() -> None:
    turns = ("How much did trade with Norway grow?", "“By 5 %.” [1]", "And the new port?", "“By 7 %.” [1]")
    assert alone("And the old school?", *turns) == "How much did trade with Norway grow: the old school?"


def test_what_was_declined_is_spoken_of_no_more() -> None:
    turns = ["Who chaired the summit in Ambon?", "“Siti Rahma chaired it.” [1]", "And which hotel was booked?"]
    assert "hotel" in alone("Who paid?", *turns, "“The Grand was booked.” [1]")
    assert "hotel" not in alone("Who paid?", *turns, "The sources do not answer.")
    assert "Ambon" in alone("Who paid?", *turns, "The sources do not answer.")


@pytest.mark.parametrize(
    ("before", "question", "standing"),
    [
        (
            "Did investment grow?",
            "And what documents were adopted?",
            "And what documents were adopted (investment grow)?",
        ),
        ("Apakah investasi naik?", "Dan dokumen apa yang diadopsi?", "Dan dokumen apa yang diadopsi (investasi naik)?"),
        ("Инвестиции выросли?", "А какие три области важнее?", "А какие три области важнее?"),  # it names a number
        # Said of what was asked about:
        ("Which countries took part?", "And which were absent?", "Which countries took part: which were absent?"),
        (
            "What did Lund say about fishing?",
            "And what on tourism policy?",
            "What did Lund say about fishing: what on tourism policy?",
        ),
        ("How much was traded in 2018?", "Never mind. And in 2017?", "How much was traded in 2017?"),
        ("What was adopted?", "And what about the two plans?", "What was adopted: what about the two plans?"),
    ],
)
def test_a_question_that_says_what_it_asks_for_is_not_read_into_the_one_before(
    before: str, question: str, standing: str
) -> None:
    assert alone(question, before, "The source says: “...” [1]") == standing
