"""Markdown taken out of an answer again."""

from __future__ import annotations

import pytest

from assistant.text.markdown import escape, quotation, quotations, unescape


@pytest.mark.parametrize("text", ["Agenda\n12. Budget", "Agenda\n2) Budget", "*Budget* [draft]", "Agenda\n# Budget"])
def test_what_escape_put_in_is_taken_out_again(text: str) -> None:
    assert escape(text) != text
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("trade of 18 billion", "“trade of 18 billion”"),
        ("“This is a guide,” said Igor.", "«“This is a guide,” said Igor.»"),
        ("was raised too,” said Jose.", "«was raised too,” said Jose.»"),
        ("документ «О мерах»", "“документ «О мерах»”"),
        ("see [1]", "“see \\[1\\]”"),
    ],
)
def test_a_quote_with_quotation_marks_stands_in_other_ones(text: str, quoted: str) -> None:
    assert quotation(text) == quoted
    assert [
        unescape(each) for each in quotations(f"The source says: {quotation(text)} [1]\n\n{quotation('so')} [2] (2018)")
    ] == [
        text,
        "so",
    ]


def test_a_title_in_other_marks_is_no_quotation() -> None:
    said = "В источнике «Протокол» сказано: “торговля” [1]\n\nВ источнике «Отчёт» сказано: «“Да”, сказал он.» [2] (“Tahun lalu”: 2018)"
    assert quotations(said) == ("торговля", "“Да”, сказал он.")


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("“so” [1] (2018)", ("so",)),
        ("“so” [1] (2018) “then” [2] (“Tahun lalu”: 2018)\n\n“now” [3]", ("so", "then", "now")),
        ("(a) “so” [1]", ("so",)),
        ("“so” (a) [1]", ()),
        ("“(so)” [1]", ("(so)",)),
        ("“” [1]", ()),
        ("“a” [1]", ("a",)),
        ("”", ()),
        ("says: so [1]", ()),
        ("“so", ()),
    ],
)
def test_a_quotation_stands_before_its_marker(said: str, quoted: tuple[str, ...]) -> None:
    assert quotations(said) == quoted
