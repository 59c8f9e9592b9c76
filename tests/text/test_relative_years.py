"""Years told from now: last year, and which of many years are none that can be told."""

from __future__ import annotations

import pytest

from assistant.text.tokens import tokens


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Tiga tahun lalu", "id"),
        ("10 tahun lalu", "id"),
        ("tiga tahun yang lalu", "id"),
        ("beberapa tahun lalu", "id"),
        ("ratusan tahun lalu", "id"),
        ("10-an tahun lalu", "id"),
        ("lima tahun mendatang", "id"),
        ("tiga tahun ini", "id"),
        ("Tiga tahun lepas", "ms"),
        ("Три года назад", "ru"),
        ("22 года назад", "ru"),
        ("несколько лет назад", "ru"),
        ("полтора года назад", "ru"),
        ("тремя годами ранее", "ru"),
        ("в прошлые годы", "ru"),
        ("Ba năm trước", "vi"),
        ("những năm trước", "vi"),
        ("5 năm tới", "vi"),
        ("สามปีก่อน", "th"),
        ("หลายปีก่อน", "th"),
        ("สิบสองปีก่อน", "th"),
        ("tatlong nakaraang taon", "fil"),
        ("mga nakaraang taon", "fil"),
        ("Three years earlier", "en"),
        ("a few years earlier", "en"),
        ("in the last years", "en"),
        ("past years", "en"),
        ("in three years", "en"),
        ("in the coming years", "en"),
        ("one or two years ago", "en"),
    ],
)
def test_another_year_than_the_last_and_more_than_one_are_none_of_these(text: str, language: str) -> None:
    keys = frozenset[str]().union(*(token.keys | token.parts for token in tokens(text, language)))
    assert keys.isdisjoint({"c_last_year", "c_this_year", "c_next_year", "c_year_before_last"})


@pytest.mark.parametrize(
    ("text", "language", "year"),
    [
        ("2 tahun lalu", "id", "c_year_before_last"),
        ("2 года назад", "ru", "c_year_before_last"),
        ("tahun lalu", "id", "c_last_year"),
        ("satu tahun lalu", "id", "c_last_year"),
        ("kuartal 3 tahun lalu", "id", "c_last_year"),
        ("Berapa banyak tahun lalu?", "id", "c_last_year"),
        ("sebesar 18 miliar, tahun lalu", "id", "c_last_year"),
        ("18 billion last year", "en", "c_last_year"),
        ("one year earlier", "en", "c_last_year"),
        ("год назад", "ru", "c_last_year"),
        ("ไตรมาส 3 ปีนี้", "th", "c_this_year"),
        ("dua tahun lalu", "id", "c_year_before_last"),
        ("two years ago", "en", "c_year_before_last"),
        ("18 billion two years ago", "en", "c_year_before_last"),
        ("два года назад", "ru", "c_year_before_last"),
        ("hai năm trước", "vi", "c_year_before_last"),
        ("สองปีก่อน", "th", "c_year_before_last"),
    ],
)
def test_a_year_that_is_told_from_now_has_its_concept(text: str, language: str, year: str) -> None:
    assert any(year in token.keys for token in tokens(text, language))
