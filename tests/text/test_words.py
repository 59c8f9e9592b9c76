"""Words read and cut as they were meant, number words in a row, and what two languages share."""

from __future__ import annotations

import pytest

from assistant.text.tokens import Token, meant, tokens


def last(text: str, language: str) -> Token:
    return tokens(text, language)[-1]


def keys(text: str, language: str) -> frozenset[str]:
    return frozenset().union(*(token.keys for token in tokens(text, language)))


def values(text: str, language: str) -> list[float]:
    return [token.value for token in tokens(text, language) if token.value is not None]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("one million visitors", "en", [1_000_000]),
        ("mười hai nước", "vi", [12]),
        ("two three-day meetings", "en", [2, 3]),
        ("twenty ten-day visits", "en", [20, 10]),
        ("零度", "zh", [0]),
    ],
)
def test_number_words_in_a_row_are_one_number_where_they_add_up(
    text: str, language: str, expected: list[float]
) -> None:
    assert values(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("năm nước họp", [5]),
        ("năm 2019 có ba nước", [2019, 3]),
        ("năm ngoái có năm nước", [5]),
        ("họp trong năm nay", []),
    ],
)
def test_a_vietnamese_five_is_the_word_year_before_digits_and_within_a_phrase(text: str, expected: list[float]) -> None:
    assert values(text, "vi") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("the 3rd meeting, of 2019, had 12 guests", [3, 2019, 12]), ("which ends first, the pact or two loans?", [2])],
)
def test_numbers_after_a_word_that_counts_nothing_or_after_an_ordinal_are_read(
    text: str, expected: list[float]
) -> None:
    assert values(text, "en") == expected


@pytest.mark.parametrize(
    ("scanned", "printed", "language"),
    [("Iebih", "lebih", "id"), ("Iaporan", "laporan", "id"), ("Ià", "là", "vi"), ("Iaws", "laws", "en")],
)
def test_a_capital_i_read_for_an_l_is_read_as_the_l(scanned: str, printed: str, language: str) -> None:
    found, expected = (last(f"16 {word}", language) for word in (scanned, printed))
    assert (found.kind, found.keys, found.skeleton) == (expected.kind, expected.keys, expected.skeleton)


@pytest.mark.parametrize(
    ("text", "language", "key"),
    [
        ("They met Ivro", "en", "ivro"),  # "lvro" is no word
        ("pada bulan Juli", "id", "m_7"),  # nor is a J read for an l, though "luli" has the stem of a known word
    ],
)
def test_a_word_is_not_taken_for_one_with_an_l_without_need(text: str, language: str, key: str) -> None:
    assert key in last(text, language).keys


@pytest.mark.parametrize(
    ("gap", "together"),
    [("-", True), ("\n", True), ("\u00a0", True), ("  ", True), (", ", False), ("/", False), (". ", False)],
)
def test_a_phrase_goes_on_over_spaces_hyphens_and_line_ends_only(gap: str, together: bool) -> None:
    assert ("c_senior_official" in keys(f"They met senior{gap}officials", "en")) is together


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("зандерхолл", "ru"), ("зандерхоллами", "ru")),
        (("zanderhall", "en"), ("zanderhalls", "id")),  # an English word in Indonesian
    ],
)
def test_an_unknown_word_meets_its_other_forms(a: tuple[str, str], b: tuple[str, str]) -> None:
    assert keys(*a) & keys(*b)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("贸易龘", "zh", ["贸易", "龘"]),
        ("龘贸易", "zh", ["龘", "贸易"]),
        ("การค้าฬ", "th", ["การค้า", "ฬ"]),
        ("ฬการค้า", "th", ["ฬ", "การค้า"]),
    ],
)
def test_without_spaces_words_are_cut_at_the_known_ones(text: str, language: str, words: list[str]) -> None:
    assert [token.text for token in tokens(text, language)] == words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("we am", "en"),  # the stem of AMS, the member states of ASEAN
        ("Кута и", "ru"),  # that of ИИ, artificial intelligence
        ("Mereka can", "id"),  # in English a tin, too
    ],
)
def test_a_function_word_is_one_though_it_shares_its_form_or_stem(text: str, language: str) -> None:
    assert last(text, language).kind == "function"


@pytest.mark.parametrize(
    ("text", "found", "concept"),
    [
        ("pertemuan para ministries", "ministries", "c_ministry"),
        ("laporan itu made public", "made public", "c_announce"),  # "made" alone is a function word
    ],
)
def test_english_words_and_phrases_in_another_language_are_known_in_their_forms(
    text: str, found: str, concept: str
) -> None:
    token = last(text, "id")
    assert token.text == found
    assert concept in token.keys


def test_a_word_matches_by_its_stem_and_means_what_it_is_spelt_as() -> None:
    age = last("at that age", "en")
    assert {"c_age", "c_elderly"} <= age.keys  # "the aged" has its stem
    assert meant(age, "en") == {"c_age"}


def test_an_adjective_of_a_country_stands_for_it_though_it_is_written_small() -> None:
    assert "c_country_ru" in last("с российской", "ru").keys


@pytest.mark.parametrize(
    ("typeset", "typed"), [("They don’t", "They don't"), ("They met O’Zander", "They met O'Zander")]
)
def test_an_apostrophe_is_one_typed_or_typeset(typeset: str, typed: str) -> None:
    assert keys(typeset, "en") == keys(typed, "en")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("เรือสามารถออกจากท่าได้สามลำ", "th", [3]),  # "can", and three ships
        ("ห้ามจอดเรือห้าลำที่ศูนย์ประชุม", "th", [5]),  # forbidden, five ships, a convention centre
        ("三艘船统一出港", "zh", [3]),  # three ships, united
        ("一般零售", "zh", []),
    ],
)
def test_a_numeral_within_a_known_word_without_spaces_is_no_number(
    text: str, language: str, expected: list[float]
) -> None:
    assert values(text, language) == expected


def test_a_thai_word_with_a_sign_that_folds_to_two_is_known() -> None:
    assert "c_resource_reserve" in keys("เงินสำรอง", "th")
