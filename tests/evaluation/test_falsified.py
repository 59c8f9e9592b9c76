"""True sentences with one thing changed by program, and how many of them are let pass."""

from __future__ import annotations

import numpy as np

from evals.falsified import changed, measured

SENTENCE = "Siti Rahma bought 300 lamps and Budi Laut sold 450 ropes."
OTHER = "Later Viktor Lund counted 12 boats."


def test_names_and_numbers_change_places_or_come_from_elsewhere() -> None:
    found = list(changed(SENTENCE, "en", f"{SENTENCE} {OTHER}", np.random.default_rng(0)))
    assert ("two numbers exchanged", "Siti Rahma bought 450 lamps and Budi Laut sold 300 ropes.") in found
    assert ("two names exchanged", "Budi Laut bought 300 lamps and Siti Rahma sold 450 ropes.") in found
    assert sorted(what for what, _ in found) == [
        "another name", "another name", "another number", "another number", "two names exchanged", "two numbers exchanged",
    ]  # fmt: skip
    assert all(sentence != SENTENCE for _, sentence in found)


def test_what_is_true_is_let_pass_and_what_was_changed_is_not() -> None:
    found = measured([("en", [SENTENCE, OTHER])])
    assert {what for what, passed in found if passed} == {"nothing"}
    assert found["nothing", True] == 2
    assert found.total() > 6
