"""Verify: a sentence is refused unless the words of its spans hold what it says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.verify import verify
from assistant.types import Cite, DraftSentence, Source, Span

from ..text.strategies import ANY_TEXT
from .made import source

TEXT = "Tahun lalu perdagangan mencapai 18 miliar dolar AS.  Igor Morgulov hadir pada KTT ke-3 di Singapura pada November 2018."
SOURCE = source(TEXT, "a.txt", "id", dt.date(2019, 2, 20))
SOURCES = {
    "a.txt": SOURCE,
    "pg.txt": source("Papua New Guinea", "pg.txt"),
    "month.txt": source("Agustus", "month.txt", "id"),
}
FIRST = Span("a.txt", 0, TEXT.index("  "))
SECOND = Span("a.txt", TEXT.index("Igor"), len(TEXT))


def problems(
    *parts: str | Span, language: str = "en", sources: dict[str, Source] | None = None
) -> list[tuple[str, str]]:
    draft = DraftSentence(tuple(Cite(part) if isinstance(part, Span) else part for part in parts))
    return [(check.check, check.detail) for check in verify(draft, SOURCES if sources is None else sources, language)]


@pytest.mark.parametrize(
    ("words", "language", "span"),
    [
        ("Trade reached 18 billion dollars.", "en", FIRST),
        ("Торговля достигла 18 млрд долларов.", "ru", FIRST),
        ("In 2018 trade reached 18,000,000,000 dollars.", "en", FIRST),
        ("At the third summit, in November 2018, Morgulov spoke.", "en", SECOND),
        ("На третьем саммите был Моргулов.", "ru", SECOND),
        ("The source says this.", "en", FIRST),
        ("", "en", FIRST),
        ("It was in Papua.", "en", Span("pg.txt", 0, 16)),  # a part of a longer name
        (
            "It was in August.",
            "en",
            Span("month.txt", 0, 7),
        ),  # read in the language that its source is declared to be in
    ],
)
def test_what_the_span_holds_is_shown_in_any_language_and_notation(words: str, language: str, span: Span) -> None:
    assert problems(words, span, language=language) == []


@pytest.mark.parametrize(
    ("words", "language", "span", "refused"),
    [
        ("Trade reached 19 billion dollars.", "en", FIRST, "19 billion"),
        ("Trade reached 18 million dollars.", "en", FIRST, "18 million"),
        ("Торговля достигла 81 млрд долларов.", "ru", FIRST, "81 млрд"),
        ("Perdagangan mencapai 18 juta.", "id", FIRST, "18 juta"),
        ("It was in 2017.", "en", SECOND, "2017"),
        ("It was in December.", "en", SECOND, "December"),
        ("It was the fourth summit.", "en", SECOND, "fourth"),
        ("There came Lavrov himself.", "en", SECOND, "Lavrov"),
        ("It was held in Malaysia.", "en", SECOND, "Malaysia"),
        pytest.param(
            "Lavrov led the summit.",
            "en",
            SECOND,
            "Lavrov",
            marks=pytest.mark.xfail(reason="the first word is no name"),
        ),
        ("There was Morgulov himself.", "en", FIRST, "Morgulov"),  # another sentence holds it, the span does not
    ],
)
def test_a_fact_that_the_span_does_not_hold_is_refused(words: str, language: str, span: Span, refused: str) -> None:
    assert ("facts", refused) in problems(words, span, language=language)


@given(value=st.integers(10, 10**12))
def test_every_number_but_that_of_the_span_is_refused(value: int) -> None:
    assert bool(problems(f"It was {value} dollars.", FIRST)) == (value not in (18 * 10**9, 2018))


def test_facts_may_come_from_several_spans_together() -> None:
    assert problems("It was Morgulov: 18 billion.", FIRST, SECOND) == []
    assert problems("It was Morgulov: 18 billion.", FIRST) != []


def test_a_sentence_without_a_span_is_refused() -> None:
    assert problems("Trade grew.") == [("citation", "Trade grew.")]
    assert problems() == [("citation", "")]


@pytest.mark.parametrize(
    "span",
    [
        Span("b.txt", 0, 5), Span("a.txt", -1, 5), Span("a.txt", 5, 5), Span("a.txt", 9, 5), Span("a.txt", 0, len(TEXT) + 1),
        Span("a.txt", len(TEXT), len(TEXT) + 3), Span("a.txt", FIRST.end, FIRST.end + 2), Span("", 0, 0),
    ],
)  # fmt: skip
def test_a_span_out_of_range_or_without_words_is_refused(span: Span) -> None:
    assert problems("Words.", span) == problems("Words.", FIRST, span) == [("span", span.source_id)]


@given(text=ANY_TEXT, words=ANY_TEXT, start=st.integers(-5, 300), end=st.integers(-5, 300))
def test_only_places_with_words_stand(text: str, words: str, start: int, end: int) -> None:
    stands = 0 <= start < end <= len(text) and not text[start:end].isspace()
    found = problems(words, Span("a.txt", start, end), sources={"a.txt": source(text)})
    assert ("span" in [check for check, _ in found]) == (not stands)


@given(text=ANY_TEXT.filter(lambda t: bool(t.strip())))
def test_the_words_of_a_span_may_be_said_again(text: str) -> None:
    assert problems(text, Span("a.txt", 0, len(text)), sources={"a.txt": source(text)}) == []
