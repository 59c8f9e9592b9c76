"""Sources that give different figures or dates for one thing are both quoted, and it is said."""

from __future__ import annotations

import pytest

from assistant.steps.disagree import disagreement
from assistant.steps.generate import choose
from assistant.text.questions import analyse
from assistant.types import Retrieval

from .made import passages, retrieval, source

ONE = "The flood of the Sintar drove 1,240 people from their homes on 11 February 2020."


def found(question: str, *texts: str, language: str = "en") -> Retrieval:
    asked = analyse(question, language)
    sources = [source(text, f"{n}.txt") for n, text in enumerate(texts)]
    return retrieval(asked, *(each[0] for each in (passages(asked, one) for one in sources)))


@pytest.mark.parametrize(
    ("question", "other", "differ"),
    [
        ("How many people did the flood of the Sintar drive from their homes?", ONE.replace("1,240", "1,420"), True),
        ("How many people did the flood of the Sintar drive from their homes?", ONE, False),
        (
            "How many people did the flood of the Sintar drive from their homes?",
            "The harbour of Sintar has 7 cranes.",
            False,
        ),
        ("When did the flood of the Sintar drive people from their homes?", ONE.replace("February", "March"), True),
        ("When did the flood of the Sintar drive people from their homes?", ONE.replace("11", "12"), True),
        ("When did the flood of the Sintar drive people from their homes?", ONE.replace("1,240", "1,420"), False),
        ("Why did the flood of the Sintar drive people from their homes?", ONE.replace("1,240", "1,420"), False),
        (
            "How many people did the flood of the Sintar drive from their homes in 2020?",
            ONE.replace("1,240", "860").replace("2020", "2023"),  # another flood
            False,
        ),
    ],
)
def test_another_value_for_the_same_thing_is_a_disagreement(question: str, other: str, differ: bool) -> None:
    both = found(question, ONE, other)
    assert disagreement(both) == (both.passages[1] if differ else None)
    if differ:
        assert choose(both)[:2] == both.passages[:2]


def test_values_in_different_units_do_not_disagree() -> None:
    money = "The flood of the Sintar cost the people 45 million dollars."
    question = "How much did the flood of the Sintar cost the people?"
    assert disagreement(found(question, money, money.replace("dollars", "rupiah"))) is None
    assert disagreement(found(question, money, money.replace("45", "54"))) is not None


def test_one_source_does_not_disagree_with_itself() -> None:
    question = analyse("How many people did the flood of the Sintar drive from their homes?", "en")
    two = passages(question, source(f"{ONE} {ONE.replace('1,240', '1,420')}"))
    assert disagreement(retrieval(question, *two)) is None
