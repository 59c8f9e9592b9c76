from __future__ import annotations

import datetime as dt

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


def test_a_year_is_told_where_the_quote_counts_from_its_sources_date() -> None:
    date = dt.date(2019, 2, 20)
    assert restated("Tahun lalu saja, perdagangan 18 miliar", "id", "en", date) == ("“Tahun lalu”: 2018", "18 billion")
    assert restated("Trade grew last year.", "en", "en", date) == ("“last year”: 2018",)
    assert restated("Trade grew last year.", "en", "en") == ()


def test_a_month_is_told_where_the_asker_writes_it_otherwise() -> None:
    assert restated("di Kuta, 19-20 Februari 2019", "id", "en", asks="date") == ("February 2019",)
    assert restated("pada November 2018", "id", "en", asks="date") == ()
    assert restated("pada November 2018", "id", "ru", asks="year") == ("ноябрь 2018\u202fг.",)
    assert restated("di Kuta, 19-20 Februari 2019", "id", "en", asks="person") == ()


def test_countries_are_told_where_they_are_asked_for() -> None:
    assert restated("KTT ASEAN-Rusia di Singapura", "id", "ru", asks="country") == ("Россия", "Сингапур")
    assert restated("KTT ASEAN-Rusia di Singapura", "id", "ru") == ()
