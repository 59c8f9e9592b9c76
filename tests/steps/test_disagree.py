"""Sources that give different figures or dates for one thing are both quoted, and it is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

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


COUNCIL = "Ms. Adeyemi spoke. The terminal is to open on 3 June 2024."
MINUTES = "New ferry terminal in Halverton.\n\nMs. Adeyemi: the terminal is to open on 16 September 2024."


@pytest.mark.parametrize(
    ("question", "one", "other", "differ"),
    [
        ("When will the terminal open?", COUNCIL, MINUTES, True),
        ("When will the new terminal open?", MINUTES, "A new terminal. " + COUNCIL, True),  # said before it
        ("When will the terminal open?", COUNCIL, MINUTES.replace("16 September", "3 June"), False),
        (  # another subject: it has not all that is asked about
            "How many people work in the ferry office today?",
            "At present the ferry office in Halverton has nine people at work.",
            "In Halverton 170 people work on the building site.",
            False,
        ),
        (  # what is asked about is in neither
            "How much would Option D cost?",
            "In Halverton Option A is to cost £1.35 million.",
            "In Halverton the samples cost £7,860.",
            False,
        ),
        (
            "How many schools were flooded in Halverton?",
            "The flood in Halverton left 1,412 houses flooded and three people died.",
            "The flood in Halverton left 1,284 houses flooded.",
            False,
        ),
        (
            "How many houses were flooded in Halverton?",
            "The flood in Halverton left 1,412 houses flooded and three people died.",
            "The flood in Halverton left 1,284 houses flooded and two people died.",
            True,
        ),
        (  # a figure is of what stands beside it
            "How many houses were flooded in Halverton?",
            "The flood in Halverton left 1,412 houses flooded and three people died.",
            "The flood in Halverton left 1,284 people in flooded houses.",
            False,
        ),
        (  # rounded
            "How many houses were flooded in Halverton?",
            "The flood in Halverton left 1,412 houses flooded.",
            "The flood in Halverton left 1,400 houses flooded.",
            False,
        ),
        (  # a bound that the other lies near
            "How many houses were flooded in Halverton?",
            "The flood in Halverton left 1,412 houses flooded.",
            "The flood in Halverton left more than 1,350 houses flooded.",
            False,
        ),
        (  # years beside the figures
            "How many passengers did the Halverton ferry carry?",
            "The Halverton ferry carried 186,000 passengers in 2021.",
            "The Halverton ferry carried 192,000 passengers in 2022.",
            False,
        ),
        (  # a change is not the whole
            "By how many passengers did the Halverton ferry grow?",
            "The Halverton ferry grew by 12,000 passengers.",
            "The Halverton ferry has 192,000 passengers.",
            False,
        ),
        (  # dates and times in digits are no amounts
            "How many refugees are at Halverton?",
            "There are 1,105 refugees at Halverton.",
            "The mayor met refugees at Halverton (24/1).",
            False,
        ),
        (  # nor is the number of an item
            "How many wards of St. Brannoc use the system?",
            "In St. Brannoc 11 wards use the system.",
            "4. Wards of St. Brannoc that use the system.",
            False,
        ),
        (  # two bodies: nobody and nothing is named by both
            "When is the meeting?",
            "The meeting of the Halverton Board is on 11 April 2023.",
            "The meeting at St. Brannoc is on 4 July 2023.",
            False,
        ),
        (
            "How long does the emergency in Sukaraja last?",
            "The emergency in Sukaraja lasts 14 days.",
            "The emergency in Sukaraja lasts 21 days.",
            True,
        ),
        (
            "How long does the emergency in Sukaraja last?",
            "The emergency in Sukaraja lasts 14 days.",
            "The emergency in Sukaraja lasts in 2 villages.",
            False,
        ),
        (
            "In what year was the Halverton pier built?",
            "The Halverton pier was built in June 1987.",
            "The Halverton pier was built in 1978.",
            True,
        ),
    ],
)
def test_only_what_speaks_of_the_same_thing_disagrees(question: str, one: str, other: str, differ: bool) -> None:
    asked = analyse(question, "en")
    told = [passages(asked, source(text, name)) for text, name in ((one, "one"), (other, "other"))]
    best, second = (max(each, key=lambda passage: (sum(passage.held), passage.start)) for each in told)
    rest = [passage for each in told for passage in each if passage not in (best, second)]
    assert disagreement(retrieval(asked, best, second, *rest)) == (second if differ else None)


HOUSES = "The flood in Halverton left 1,412 houses flooded."


@pytest.mark.parametrize(
    ("question", "titles", "days", "differ"),
    [
        ("How many houses were flooded?", ("The flood", "After the flood"), (3, 5), True),
        ("How many houses were flooded?", ("Minutes of the 3rd meeting", "Minutes of the 4th meeting"), (3, 5), False),
        ("How many houses were flooded?", ("Minutes no. 3", "Minutes no. 4"), (3, 5), False),
        ("How many houses were flooded?", ("The flood", "After the flood"), (3, 800), False),
        ("How many houses are flooded today?", ("The flood", "After the flood"), (3, 5), False),
        ("How many houses are flooded today?", ("The flood", "After the flood"), (3, 3), True),
        ("How many houses were flooded in 2020?", ("The flood", "After the flood"), (3, 5), False),
    ],
)
def test_sources_of_another_time_do_not_disagree(
    question: str, titles: tuple[str, str], days: tuple[int, int], differ: bool
) -> None:
    asked = analyse(question, "en")
    texts = [f"{each} Now it is 2023. Today it rains." for each in (HOUSES, HOUSES.replace("1,412", "1,284"))]
    found = [
        passages(asked, replace(source(text, title), title=title, date=dt.date(2023, 1, 1) + dt.timedelta(days=day)))[0]
        for text, title, day in zip(texts, titles, days, strict=True)
    ]
    assert disagreement(retrieval(asked, *found)) == (found[1] if differ else None)


def test_a_passage_that_is_much_less_near_does_not_disagree() -> None:
    both = found(
        "How many people did the flood of the Sintar drive from their homes?", ONE, ONE.replace("1,240", "1,420")
    )
    best, other = both.passages
    assert disagreement(replace(both, passages=(best, replace(other, score=-6.0)))) is not None
    assert disagreement(replace(both, passages=(best, replace(other, score=-7.0)))) is None


def test_nothing_found_disagrees_with_nothing() -> None:
    assert disagreement(retrieval(analyse("How many people did the flood drive from their homes?", "en"))) is None
