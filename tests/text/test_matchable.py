"""What a text can be matched by, written beside its sentence in the index and read again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.text.matchable import matchable, read, read_tokens, written, written_tokens
from assistant.text.tokens import forget, is_kept, keep, tokens

from .strategies import ANY_TEXT


@given(ANY_TEXT, st.sampled_from(["en", "id", "ru", "th", "zh", "vi"]), st.none() | st.dates(dt.date(1900, 1, 1)))
@example("Nabi ﷺ", "id", None)  # folded to four words
@example("Last year Moscow signed 3 agreements on cyber security.", "en", dt.date(2019, 2, 1))
def test_what_is_read_is_what_was_written(text: str, language: str, date: dt.date | None) -> None:
    said = tokens(text, language)
    found = matchable(said, date)
    assert read(written(found)) == found
    assert read_tokens(written_tokens(said), text) == said


def test_it_has_the_keys_the_parts_of_phrases_and_the_sounds_of_names() -> None:
    found = matchable(tokens("Morgulov praised senior officials last year.", "en"), dt.date(2019, 2, 1))
    assert {"c_last_year", "y_2018"} < found.keys
    assert {"senior", "c_official"} & found.parts
    assert found.skeletons[0] == tokens("Моргулов", "ru")[0].skeleton


@pytest.mark.parametrize("content", ["", "a b", "a\nb", "a\nb\nc\nd"])
def test_what_was_not_written_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        "a", "0\t5", "0\t5\tword\tc_trade\t\t", "a\t5\tword\tc_trade\t\t\t", "0\t5\tword\t\t\t\tone",
        "0\t5\tverb\tc_trade\t\t\t", "7\t99\tword\tc_trade\t\t\t", "-3\t-1\tword\tc_trade\t\t\t", "5\t5\tword\t\t\t\t",
    ],
)  # fmt: skip
def test_tokens_that_were_not_written_are_refused(content: str) -> None:
    with pytest.raises(ValueError, match="unpack|invalid literal|could not convert|a token"):
        read_tokens(content, "Trade grew.")


def test_some_texts_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.text.tokens._KEPT", 2)
    forget()
    for text in ("Trade grew.", "Trade fell.", "Trade stood."):
        tokens(text, "en")
    assert [is_kept(text, "en") for text in ("Trade grew.", "Trade fell.", "Trade stood.")] == [False, False, True]


def test_tokens_that_are_kept_are_not_looked_for_again() -> None:
    forget()
    first, *_ = tokens("Trade grew.", "en")
    forget()
    assert not is_kept("Trade grew.", "en")
    keep("Trade grew.", "en", (first,))
    assert is_kept("Trade grew.", "en")
    assert tokens("Trade grew.", "en") == (first,)
    assert len(tokens("Trade grew.", "id")) == 2  # of another language
    forget()
    assert len(tokens("Trade grew.", "en")) == 2
