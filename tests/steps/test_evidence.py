"""Evidence, one function at a time, on sentences made by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps import evidence
from assistant.steps.evidence import bag, can_answer, match
from assistant.text.questions import analyse
from assistant.text.tokens import Token, tokens

from ..text.strategies import ANY_TEXT
from .made import passages, source


def token(text: str, language: str = "en") -> Token:
    """The last content token of a text."""
    return [each for each in tokens(f"the {text}", language) if each.kind != "function"][-1]


def content(question: str, language: str = "en") -> dict[str, Token]:
    return {each.text: each for each in analyse(question, language).content}


# --- bag and match ---------------------------------------------------------------------------------------------------


@given(text=ANY_TEXT)
def test_a_text_holds_each_of_its_own_words(text: str) -> None:
    held = bag(text, "en")
    assert [each.text for each in held.tokens if match(each, held) != 1.0] == []


@given(text=ANY_TEXT, word=st.sampled_from(["Morgulov", "trade", "18", "2019", "senior officials"]))
def test_a_match_is_a_share_and_an_empty_text_holds_nothing(text: str, word: str) -> None:
    assert 0.0 <= match(token(word), bag(text, "en")) <= 1.0
    assert match(token(word), bag("", "en")) == 0.0


@pytest.mark.parametrize(
    ("asked", "language", "text", "spoken"),
    [
        ("trade", "en", "perdagangan mencapai 18 miliar", "id"),
        ("18 billion", "en", "perdagangan mencapai 18 miliar", "id"),
        ("третий", "ru", "pada KTT ke-3", "id"),
        ("России", "ru", "delegasi Rusia", "id"),
        ("Russia", "en", "в Москве, Россия", "ru"),
        ("November", "en", "pada November lalu", "id"),
        ("meeting", "en", "the meetings were held", "en"),
    ],
)
def test_a_word_matches_wholly_across_languages(asked: str, language: str, text: str, spoken: str) -> None:
    assert match(token(asked, language), bag(text, spoken)) == 1.0


def test_weaker_matches_are_weaker_in_order() -> None:
    within = match(token("security"), bag("on cyber security today", "en"))
    alike = match(token("Моргулов", "ru"), bag("said Igor Morgulov", "en"))
    single = match(token("cyber security"), bag("on security today", "en"))
    assert within == evidence.PART_OF_PHRASE
    assert alike == evidence.FUZZY
    assert single == evidence.PART_OF_WORD
    assert 0 < single < within < 1 and single < alike < 1


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Lavrov", "said Igor Morgulov"),
        ("17 billion", "18 billion"),
        ("2018", "in 2019"),
        ("fourth", "the third"),
        ("3", "the third"),
    ],
)
def test_another_name_number_or_year_does_not_match(asked: str, text: str) -> None:
    assert match(token(asked), bag(text, "en")) == 0.0


def test_relative_years_are_years_where_the_date_is_known() -> None:
    dated = bag("Last year trade grew", "en", dt.date(2019, 2, 20))
    assert match(token("2018"), dated) == 1.0
    assert match(token("2019"), dated) == 0.0
    assert match(token("2018"), bag("Last year trade grew", "en")) == 0.0
    assert match(token("2018"), bag("Tahun lalu perdagangan naik", "id", dt.date(2019, 2, 20))) == 1.0


# --- weights and shares ----------------------------------------------------------------------------------------------


def test_light_words_are_those_an_answer_seldom_repeats() -> None:
    words = content("How many of the two posts, 2019, were mentioned by Morgulov on trade?")
    light = {text for text, each in words.items() if evidence.is_light(each)}
    assert "two" in light
    assert not light & {"2019", "Morgulov", "trade"}
    assert not evidence.is_light(token("2"))  # in digits it is a fact


@given(total=st.integers(0, 10**6), occurs=st.integers(0, 10**6))
def test_weights_are_positive_and_bounded_and_rarer_is_no_lighter(total: int, occurs: int) -> None:
    question = analyse("What did Morgulov say about trade in Kuta in 2019?", "en")
    keys = {key for each in question.content for key in each.keys}
    often, seldom = (
        evidence.weights(question, dict.fromkeys(keys, min(n, total)), total) for n in (occurs, occurs // 2)
    )
    ceiling = max(evidence.KIND_WEIGHTS.values())
    assert len(often) == len(question.content)
    assert all(0 < a <= b + 1e-9 <= ceiling + 2e-9 for a, b in zip(often, seldom, strict=True))


def test_names_outweigh_words_and_rare_words_common_ones() -> None:
    question = analyse("Did Morgulov discuss zander fishing?", "en")
    weights = dict(zip([t.text for t in question.content], evidence.weights(question, {}, 100), strict=True))
    assert weights["Morgulov"] > weights["zander"]
    (key,) = content("about zander")["zander"].keys
    common = dict(zip(weights, evidence.weights(question, {key: 90}, 100), strict=True))
    assert common["zander"] < weights["zander"]


@given(pairs=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), max_size=10))
def test_a_share_is_between_nothing_and_all(pairs: list[tuple[float, float]]) -> None:
    weights, held = [w for w, _ in pairs], [h for _, h in pairs]
    assert 0 <= evidence.share(weights, held) <= 1 + 1e-9
    assert evidence.share(weights, [0.0] * len(pairs)) == 0
    assert evidence.share(weights, [1.0] * len(pairs)) == pytest.approx(1 if sum(weights) else 0)


def test_a_share_weighs() -> None:
    assert evidence.share((3.0, 1.0), (1.0, 0.0)) == 0.75
    assert evidence.share((), ()) == 0


# --- what a text can answer ------------------------------------------------------------------------------------------


CAN = [
    ("Who led it?", "It was led by Jose Tavares.", "It was led well."),
    ("Who led it?", "The chairman led it.", "It grew by 5 percent."),
    ("Where was it?", "It took place in Kuta.", "It took place at night."),
    ("Which country came?", "They came from Russia.", "They came from afar."),
    ("When was it?", "It was in February.", "It was long."),
    ("In what year?", "It was in 2019.", "It was in February."),
    ("How many came?", "There came 300 guests.", "There came many guests."),
    ("How much was traded?", "Trade was 18 billion.", "Trade was large."),
    ("How long did it last?", "It lasted 20 years.", "It lasted and lasted."),
    ("How long is the period?", "From 2018 to 2021 it runs.", "In 2018 it began."),
    ("How old is he?", "He is 43 years old.", "He paid 43 dollars."),
    ("Why was it held?", "Because of the flood.", "It was held."),
]


@pytest.mark.parametrize(("question", "answers", "does_not"), CAN)
def test_a_kind_of_answer_is_seen_in_the_words(question: str, answers: str, does_not: str) -> None:
    asked = analyse(question, "en")
    assert asked.asks
    assert can_answer(asked, bag(answers, "en"), "en")
    assert not can_answer(asked, bag(does_not, "en"), "en")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who is Jose Tavares?", "Jose Tavares came."),
        ("How many were the 18 billion?", "They were 18 billion."),
        ("When in 2019?", "In 2019."),
    ],
)
def test_the_words_of_the_question_are_no_answer_to_it(question: str, text: str) -> None:
    assert not can_answer(analyse(question, "en"), bag(text, "en"), "en")


@given(text=ANY_TEXT)
def test_a_kind_that_no_words_show_is_never_missing(text: str) -> None:
    for question in ("How was it decided?", "Name the goods."):
        assert can_answer(analyse(question, "en"), bag(text, "en"), "en")


@pytest.mark.parametrize(
    ("question", "language", "text", "spoken"),
    [
        ("Who led it?", "en", "Pertemuan dipimpin Jose Tavares.", "id"),
        ("Почему?", "ru", "karena banjir", "id"),
        ("Kapan?", "id", "встреча прошла в ноябрь 2018", "ru"),
        ("In what year?", "en", "tahun lalu", "id"),
    ],
)
def test_the_kind_is_seen_across_languages(question: str, language: str, text: str, spoken: str) -> None:
    assert can_answer(analyse(question, language), bag(text, spoken), spoken)


def test_someone_speaks_where_a_name_and_a_word_of_saying_stand() -> None:
    assert evidence.speaks(bag("Then Morgulov said that trade grew", "en"))
    assert evidence.speaks(bag("dan Morgulov mengatakan bahwa", "id"))
    assert not evidence.speaks(bag("Then Morgulov left", "en"))
    assert not evidence.speaks(bag("it was said that", "en"))


@pytest.mark.xfail(reason="the first word of a sentence is no name")
def test_someone_speaks_whose_name_opens_the_sentence() -> None:
    assert evidence.speaks(bag("Morgulov said that trade grew", "en"))


@pytest.mark.parametrize(
    ("question", "language", "word", "spoken"),
    [
        ("Which English word stands in brackets?", "en", "English", True),
        ("Which English word stands in brackets?", "en", "word", True),
        ("Which word stands in brackets?", "en", "word", False),
        ("Каким английским словом это названо?", "ru", "английским", True),
        ("Apa kata Inggris untuk ketahanan?", "id", "Inggris", True),
        ("Which English ports were named?", "en", "English", False),
        ("Did Russia translate the English word?", "en", "Russia", False),
        ("What did Russia say of every word?", "en", "Russia", False),
    ],
)
def test_a_country_beside_words_is_a_language(question: str, language: str, word: str, spoken: bool) -> None:
    asked = analyse(question, language)
    assert evidence.is_language(asked, {t.text: t for t in asked.content}[word]) is spoken


@pytest.mark.parametrize(
    ("asked", "text", "strength"),
    [
        ("secretary-general", "the director general spoke", 0.0),
        ("secretary-general", "the secretary spoke", evidence.PART_OF_WORD),
        ("foreign minister", "the minister spoke", evidence.PART_OF_WORD),
        ("United States", "they stood united", 0.0),
        ("South Korea", "the delegation of Korea", evidence.PART_OF_WORD),
        ("armed forces", "soldiers joined other forces", evidence.RELATED),
        ("cyber security", "security was discussed", evidence.PART_OF_WORD),
    ],
)
def test_a_word_of_somebodys_post_or_of_a_countrys_name_is_another(asked: str, text: str, strength: float) -> None:
    assert match(token(asked), bag(text, "en")) == strength


def test_a_year_is_relative_only_without_a_year_beside_it() -> None:
    assert evidence.is_relative(bag("trade grew last year", "en"))
    assert not evidence.is_relative(bag("last year, in 2018, trade grew", "en"))
    assert not evidence.is_relative(bag("trade grew", "en"))


def test_a_counted_thing_needs_a_number_beside_it() -> None:
    asked = analyse("How many ships came?", "en")
    assert asked.focus
    assert evidence.uncounted(asked, [bag("The ships left the harbour for Ambon late.", "en")])
    assert not evidence.uncounted(asked, [bag("There were 30 ships.", "en")])
    assert not evidence.uncounted(asked, [bag("Nothing of the kind.", "en")])
    assert not evidence.uncounted(asked, [bag("The ships left.", "en"), bag("He saw 30 ships.", "en")])
    assert not evidence.uncounted(analyse("Which ships came?", "en"), [bag("The ships left.", "en")])


def test_countries_and_their_people_are_told_from_other_names() -> None:
    assert all(evidence.is_country(token(*case)) for case in [("Russia", "en"), ("Россией", "ru"), ("Indonesia", "id")])
    assert not any(evidence.is_country(token(word)) for word in ("Kuta", "Morgulov", "trade", "2019"))


# --- what speaks against it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("Rapat dipimpin Ratna Wijaya.", True),
        ("Rapat dipimpin ketua.", True),
        ("Kemitraan itu disampaikan dalam perdagangan.", False),  # of one stem with partner, conveyor and trader
        ("Hubungan itu Iebih erat.", False),  # a scan error, no name
        ("KTT itu di SOM.", False),
    ],
)
def test_a_person_is_a_name_or_what_somebody_is(text: str, can: bool) -> None:
    assert evidence.can_answer(analyse("Siapa?", "id"), evidence.bag(text, "id"), "id") is can


def test_a_post_is_named_by_it_or_by_what_somebody_is() -> None:
    assert evidence.names_post(evidence.bag("Ratna menjabat ketua.", "id"), "id")
    assert not evidence.names_post(evidence.bag("Rapat dibuka di Kuta.", "id"), "id")


# --- where answers stand, and whose names they are -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("The harbour opened in 2021.", 0.0),
        ("The harbour opened. Nothing else was said of it.", None),  # no year
        ("Roads, bridges, trains, buses, planes, ships and cars of 2021, and the harbour", 0.0),
        ("The harbour has roads, bridges, trains, buses, planes, ships and cars of 2021.", 1.0),
        ("In 2021 the road was built.", None),  # nothing that is asked about
    ],
)
def test_what_is_asked_about_has_to_stand_near_the_answer(text: str, share: float | None) -> None:
    assert evidence.unbound(analyse("In which year did the harbour open?", "en"), bag(text, "en")) == share


def test_no_distance_is_measured_where_the_answer_has_no_form_of_its_own() -> None:
    assert (
        evidence.unbound(analyse("Why did the harbour open?", "en"), bag("The harbour opened in 2021.", "en")) is None
    )


@pytest.mark.parametrize(
    ("question", "language", "by_name"),
    [
        ("What is the name of the minister who came?", "en", True),
        ("Siapa nama menteri itu?", "id", True),
        ("Кто он, как его имя?", "ru", True),
        ("Who came?", "en", False),
        ("What is the name of the document?", "en", False),
    ],
)
def test_a_post_is_no_answer_where_a_name_is_asked_for(question: str, language: str, by_name: bool) -> None:
    asked = analyse(question, language)
    assert asked.by_name is by_name
    if by_name:
        assert can_answer(asked, bag("Wakil Menteri Siti Rahma hadir.", "id"), "id")
        assert not can_answer(asked, bag("Wakil presiden dan gubernur hadir di KTT.", "id"), "id")


@pytest.mark.parametrize(
    ("asked", "text", "strength"),
    [("tourism", "para turis datang", evidence.RELATED), ("tourism", "para menteri datang", 0.0)],
)
def test_a_word_of_the_same_family_is_held_in_part(asked: str, text: str, strength: float) -> None:
    assert match(token(asked), bag(text, "id")) == strength


@pytest.mark.parametrize(
    ("quotes", "nearness"),
    [
        (("Rahma led it",), 1.0),
        (("The harbour opened. Rahma led it. And more.",), 1.0),
        (("The harbour opened",), 0.5),
        (("Elsewhere",), 0.0),
        ((), 0.0),
    ],
)
def test_a_passage_is_near_to_what_was_quoted_before(quotes: tuple[str, ...], nearness: float) -> None:
    question = analyse("And when?", "en")
    middle = passages(question, source("The harbour opened. Rahma led it. Many came."))[1]
    assert evidence.near_quotes(middle, quotes) == nearness


def test_a_share_is_told_by_its_words() -> None:
    asked = analyse("What share of the budget went to roads?", "en")
    assert can_answer(asked, bag("Roads took 12 percent of the budget.", "en"), "en")
    assert not can_answer(asked, bag("Roads took 12 million of the budget.", "en"), "en")


@pytest.mark.parametrize(
    ("question", "text", "uncounted"),
    [
        ("How many Russian tourists came?", "Tourists came by ship to the harbour. It cost 45 million dollars.", True),
        ("How many Russian tourists came?", "There were 45 tourists.", False),
    ],
)
def test_what_is_counted_stands_after_the_name_of_its_kind(question: str, text: str, uncounted: bool) -> None:
    assert evidence.uncounted(analyse(question, "en"), [bag(text, "en")]) is uncounted


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("When does the plan end?", "The plan for 2016-2020 is new.", True),
        ("When did the plan begin?", "The plan for 2016-2020 is new.", True),
        ("When does the plan end?", "The plan of 2016 is new.", False),
        ("Who will end the plan?", "The plan for 2016-2020 is new.", False),
    ],
)
def test_a_period_tells_when_something_begins_and_ends(question: str, text: str, told: bool) -> None:
    asked = analyse(question, "en")
    assert any(evidence.told_by_period(asked, each, bag(text, "en")) for each in asked.content) is told


def test_what_is_done_is_not_counted() -> None:
    held = [bag("Trade reached 18 million.", "en"), bag("The cooperation goes on.", "en")]
    assert not evidence.uncounted(analyse("How much did cooperation in trade come to?", "en"), held)
    assert evidence.uncounted(analyse("How many ministers came?", "en"), [bag("The ministers met in 2019.", "en")])
