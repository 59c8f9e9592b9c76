from __future__ import annotations

import pytest

from assistant.steps.restate import restated


@pytest.mark.parametrize(
    ("quote", "spoken", "language", "expected"),
    [
        ("perdagangan sebesar 18 miliar dolar AS", "id", "en", ("18 billion",)),
        ("investasi 45 juta, perdagangan 18 miliar", "id", "ru", ("45 миллионов", "18 миллиардов")),
        ("perdagangan 18 miliar", "id", "zh-CN", ("180亿",)),
        ("perdagangan 18 miliar", "id", "ms", ()),  # read with the same words
        ("sebesar 2,5 juta", "id", "en", ("2.5 million",)),
        ("sebesar 2.345.678 orang", "id", "en", ()),  # digits need no words
        ("sebesar 12 orang", "id", "en", ()),
        ("a budget of €6.9 million", "en", "id", ("6,9 juta",)),
        ("1 ribu 2 ribu 3 ribu 4 ribu 5 ribu", "id", "en", ()),
    ],
)
def test_large_numbers_are_given_in_the_askers_words(
    quote: str, spoken: str, language: str, expected: tuple[str, ...]
) -> None:
    assert restated(quote, spoken, language) == expected


def test_what_would_be_rounded_is_left_out() -> None:
    assert restated("sebesar 2,3456789 juta", "id", "en") == ()
