"""Russian in Latin letters, written back."""

from __future__ import annotations

import pytest

from assistant.text.translit import to_cyrillic


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Gde proshla vstrecha WTO?", "Где прошла встреча WTO?"),
        ("V Kute ili v EU?", "В Куте или в EU?"),  # two capitals are an abbreviation, one is a word
    ],
)
def test_capitals_stay_capitals_and_abbreviations_stay_latin(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic
