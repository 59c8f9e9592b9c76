"""What a text can be matched by, written beside its sentence in the index and read again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.text.matchable import matchable, read, written
from assistant.text.tokens import tokens

from .strategies import ANY_TEXT


@given(ANY_TEXT, st.sampled_from(["en", "id", "ru", "th", "zh", "vi"]), st.none() | st.dates(dt.date(1900, 1, 1)))
@example("Last year Moscow signed 3 agreements on cyber security.", "en", dt.date(2019, 2, 1))
def test_what_is_read_is_what_was_written(text: str, language: str, date: dt.date | None) -> None:
    found = matchable(tokens(text, language), date)
    assert read(written(found)) == found


def test_it_has_the_keys_the_parts_of_phrases_and_the_sounds_of_names() -> None:
    found = matchable(tokens("Morgulov praised senior officials last year.", "en"), dt.date(2019, 2, 1))
    assert {"c_last_year", "y_2018"} < found.keys
    assert {"senior", "c_official"} & found.parts
    assert found.skeletons[0] == tokens("Моргулов", "ru")[0].skeleton


@pytest.mark.parametrize("content", ["", "a b", "a\nb", "a\nb\nc\nd"])
def test_what_was_not_written_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        read(content)
