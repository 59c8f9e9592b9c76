"""Scoring: what the contract always holds is seen to be broken where it is."""

from __future__ import annotations

import pytest

from assistant.evaluation.scoring import broken_invariants
from assistant.types import Answer

from .made import REFUSAL, SOURCES, TRADE, answer, quoted

SOUND = quoted(TRADE)
(CITED,) = SOUND.citations


@pytest.mark.parametrize("sound", [SOUND, REFUSAL, quoted(TRADE, "Delegasi Laos diwakili Bounnhang.")])
def test_a_sound_answer_breaks_nothing(sound: Answer) -> None:
    assert broken_invariants(sound, SOURCES) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (answer("No marker.", TRADE), "the markers in the answer do not go with [1]"),
        (answer("Two markers. [1][2]", TRADE), "the markers in the answer do not go with [1]"),
        (answer("Another number. [2]", TRADE), "the markers in the answer do not go with [1]"),
        (answer("It grew.", status="answered"), "status answered with 0 citations"),
        (answer("It grew. [1]", TRADE, status="not_in_sources"), "status not_in_sources with 1 citations"),
        *(
            (SOUND.model_copy(update={"citations": (CITED.model_copy(update=change),)}), "a.txt does not hold the citation at")
            for change in (
                {"cited_text": "Perdagangan mencapai 19 miliar dolar."},
                {"start_char_index": CITED.start_char_index + 1},
                {"end_char_index": CITED.end_char_index + 1},
                {"cited_text": "", "end_char_index": CITED.start_char_index},
                {"context": "Perdagangan mencapai"},
                {"context": f"{TRADE} Dan lagi."},
            )
        ),
        (
            SOUND.model_copy(update={"citations": (CITED.model_copy(update={"source_id": "b.txt"}),)}),
            "b.txt does not hold the citation at",
        ),
        (
            REFUSAL.model_copy(update={"related": (CITED.model_copy(update={"marker": None, "context": "x"}),)}),
            "a.txt does not hold the citation at",
        ),
    ],
)  # fmt: skip
def test_what_is_broken_is_said(broken: Answer, said: str) -> None:
    (found,) = broken_invariants(broken, SOURCES)
    assert found.startswith(said)
