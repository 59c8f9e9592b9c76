"""Normal forms: names that are one across scripts and slips, and names that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.normalise import fold, same_name, skeleton, stem, unmarked

from .strategies import ANY_TEXT

LETTERS = st.text(st.sampled_from("abdefgilmnoprtuv"), min_size=8, max_size=14)


def same(a: str, b: str) -> bool:
    return same_name(skeleton(a), skeleton(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Morgulov", "Моргулов"), ("Morgulov", "Моргуловым"), ("Tavares", "Таварес"), ("Tavares", "Тавареса"),
        ("Lavrov", "Лавров"), ("Kuta", "Кута"), ("Kuta", "Куте"), ("Jakarta", "Джакарта"), ("Jakarta", "Джакарте"),
        ("Zhukov", "Жуков"), ("Shoygu", "Шойгу"), ("Khrushchev", "Хрущёв"), ("Joko", "Djoko"),
        ("Soekarno", "Sukarno"), ("Yudhoyono", "Юдойоно"), ("Morgulov", "MORGULOV"),
    ],
)  # fmt: skip
def test_a_name_is_one_across_scripts_spellings_and_endings(a: str, b: str) -> None:
    assert same(a, b) and same(b, a)


@pytest.mark.parametrize(
    ("printed", "scanned"),
    [("Morgulov", "Morguiov"), ("Morgulov", "Morgu1ov"), ("Tavares", "Tavarcs"), ("Mangupura", "Mangupnra")],
)
def test_a_slip_of_the_scanner_leaves_a_name_the_same(printed: str, scanned: str) -> None:
    assert same(printed, scanned)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Morgulov", "Lavrov"), ("Kuta", "Kota"), ("Kuta", "Kupang"), ("Bali", "Mali"), ("Iran", "Iraq"),
        ("Tavares", "Tanaka"), ("Jose", "John"), ("Ivanov", "Petrov"), ("Jakarta", "Yogyakarta"), ("ABC", "ABD"), ("Al", "Ali"),
    ],
)  # fmt: skip
def test_different_names_stay_different(a: str, b: str) -> None:
    assert not same(a, b) and not same(b, a)


@given(a=ANY_TEXT, b=ANY_TEXT)
def test_sameness_is_symmetric_and_an_empty_sound_is_like_nothing(a: str, b: str) -> None:
    assert same(a, b) == same(b, a)
    assert same(a, a) == bool(skeleton(a))
    assert not same_name("", skeleton(b))


@given(word=ANY_TEXT)
def test_a_skeleton_is_plain_ascii_in_lower_case(word: str) -> None:
    sound = skeleton(word)
    assert sound.isascii() and (not sound or (sound.isalnum() and sound == sound.lower()))


@given(word=LETTERS, at=st.integers(1, 13), letter=st.sampled_from("abdefgilmnoprtuv"))
def test_one_wrong_letter_within_a_long_name_is_forgiven(word: str, at: int, letter: str) -> None:
    at = 1 + at % (len(word) - 1)
    assert same_name(word, word[:at] + letter + word[at + 1 :])


@given(text=ANY_TEXT)
def test_folding_twice_changes_nothing_for_ascii_and_forgets_case(text: str) -> None:
    plain = "".join(c for c in text if c.isascii())
    assert fold(fold(plain)) == fold(plain) == fold(plain.upper()) == fold(plain.lower())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["meeting", "meetings"]),
        ("ru", ["встреча", "встречи", "встречу", "встречей"]),
        ("ru", ["чёрный", "черный"]),
        ("id", ["makanan", "makan"]),
    ],
)
def test_inflected_forms_have_one_stem(language: str, words: list[str]) -> None:
    assert len({stem(word, language) for word in words}) == 1


@given(word=st.text(max_size=20))
def test_a_language_without_a_stemmer_leaves_words_alone(word: str) -> None:
    assert stem(word, "th") == word


@pytest.mark.parametrize(
    ("word", "plain"), [("đường", "duong"), ("hội nghị", "hoi nghi"), ("bốn", "bon"), ("cam", "cam")]
)
def test_a_word_without_its_marks_has_plain_letters(word: str, plain: str) -> None:
    assert unmarked(word) == plain


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Eva", "Еве"), ("Amir", "Амира"), ("Zubin", "Зубина"), ("Zubin", "Зубином"),
        ("Zorvan", "Zurvan"),  # long enough for a slip
    ],
)  # fmt: skip
def test_a_short_name_is_one_in_its_cases(a: str, b: str) -> None:
    assert same(a, b) and same(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Zubin", "Zubinski"),  # three letters more
        ("Milan", "Mulan"),  # too short for a slip
        ("Elaina", "Elina"),
    ],
)
def test_a_short_name_with_another_letter_or_a_long_ending_is_another(a: str, b: str) -> None:
    assert not same(a, b) and not same(b, a)
