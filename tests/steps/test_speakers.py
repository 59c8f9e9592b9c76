"""Speakers of a transcript: they are called by a name or by what they are, and say what follows as well."""

from __future__ import annotations

import pytest

from assistant.messages import catalogue
from assistant.steps.generate import MAX_TURN, quote_span, quotes
from assistant.steps.lines import turn_end, voice
from assistant.steps.speakers import another_speaker, by_speaker, called, only_assents, speaks_in
from assistant.text.questions import analyse

from .made import passages, retrieval, source

MEETING = """Project Manager: What about the plastic? The survey is in.
Marketing: People hate white. It looks like a hospital. Grey came first.
Industrial Designer: The bamboo warps. We left it on the radiator over the weekend.
Marketing: Okay.
Minister Karela: I cannot pay for that this year.
Industrial Designer: It could be cheaper in metal.
Minister Karela: The treasury pays half of it.
Project Manager: Then plastic it is, and we launch it in grey.
Industrial Designer: Agreed, plastic can be washed as well."""


@pytest.mark.parametrize(
    ("question", "language", "labels"),
    [
        ("What did the Industrial Designer say about bamboo?", "en", ["industrial designer"]),
        ("Why does marketing hate white?", "en", ["marketing"]),
        ("What did the minister refuse?", "en", ["minister karela"]),
        ("What did Karela refuse?", "en", ["minister karela"]),
        ("Почему министр отказался платить?", "ru", ["minister karela"]),
        ("Apa kata Marketing dan Karela?", "id", ["marketing", "minister karela"]),
        ("Which project is late?", "en", []),  # a word of a label that is no name, and by itself nobody
        ("What did Osei say?", "en", []),
        ("What did the project say?", "en", []),
        ("What did Marketing tell the industrial designer?", "en", ["marketing"]),  # who is spoken to
        ("What did the designers say?", "en", []),
        ("Who agrees with Marketing?", "en", []),
        ("Who said that Marketing hates white?", "en", []),
    ],
)
def test_who_speaks_is_called_by_a_name_or_a_role(question: str, language: str, labels: list[str]) -> None:
    assert sorted(called(analyse(question, language), source(MEETING))) == labels


SIBLINGS = """Anna Barr: I think the insurance covers fire. It is cheap.
Tom Barr: The guard has a dog. It is called Rex.
User Interface Designer: Our screen is too low. Why is it?
Anna Barr: Tom Barr sells the boats. My brother knows that.
Decision: The gate is painted by us all.
Tom Barr: How many dogs did you see there?
User Interface Designer: Seven.
(Laughter.)
Decision: The gate is raised by an inch.
Anna Barr: We are done with that."""


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Anna Barr say about the dog?", "Tom Barr"),
        ("What did Tom Barr say about the dog?", ""),
        ("What did Barr say about the dog?", ""),
        ("What did Tom Barr say about the screen?", "User Interface Designer"),
        ("What did Tom Barr say about the boats?", "Anna Barr"),  # who speaks about him
    ],
)
def test_who_shares_a_name_is_somebody_else(question: str, speaker: str) -> None:
    asked = analyse(question, "en")
    ranked = passages(asked, source(SIBLINGS))
    assert another_speaker(retrieval(asked, *ranked)) == speaker


def test_what_is_noted_down_is_nobody_s() -> None:
    asked = analyse("What did Anna Barr say?", "en")
    told = {p.text: v.name for p in passages(asked, source(SIBLINGS)) if (v := voice(p))}
    assert "Decision: The gate is painted by us all." not in told
    assert told["Anna Barr: We are done with that."] == "Anna Barr"
    assert "Decision" not in told.values()


def test_a_number_and_what_is_done_are_more_than_assent() -> None:
    asked = analyse("How many dogs did they see?", "en")
    found = passages(asked, source(SIBLINGS))
    assert not [p.text for p in found if only_assents(asked, p) and "Seven" in p.text]
    seven = next(p for p in found if "Seven" in p.text)
    assert turn_end(seven, MAX_TURN) == seven.end  # no laughter


def test_nobody_is_called_where_nobody_speaks() -> None:
    text = source("Karela: a town.\n\nMinister Karela spoke. The minister left.")
    question = analyse("What did Minister Karela say?", "en")
    assert not called(question, text)
    assert not speaks_in(question, text)


def test_all_of_their_turns_are_theirs() -> None:
    question, text = analyse("What did Marketing say about white?", "en"), source(MEETING)
    theirs = [p.text for p in passages(question, text) if p.start in speaks_in(question, text)]
    assert theirs == [
        "Marketing: People hate white.",
        "It looks like a hospital.",
        "Grey came first.",
        "Marketing: Okay.",
    ]
    assert {v.name for p in passages(question, text) if p.text in theirs and (v := voice(p))} == {"Marketing"}


def test_what_others_say_is_no_answer_to_what_a_role_said() -> None:
    question = analyse("What did Marketing say about bamboo?", "en")
    ranked = passages(question, source(MEETING))
    own, others = by_speaker(question, ranked)
    assert [p.text for p in own if "Marketing" not in p.text] == ["It looks like a hospital.", "Grey came first."]
    assert len(own) + len(others) == len(ranked)
    bamboo = next(p for p in ranked if "bamboo" in p.text)
    made = retrieval(question, bamboo, *(p for p in ranked if p is not bamboo))
    assert another_speaker(made) == "Industrial Designer"


@pytest.mark.parametrize(
    ("question", "assents"),
    [("Why did Marketing object?", ["Marketing: Okay."]), ("Did Marketing object?", [])],
)
def test_assent_says_nothing_unless_yes_or_no_is_asked(question: str, assents: list[str]) -> None:
    asked = analyse(question, "en")
    assert [p.text for p in passages(asked, source(MEETING)) if only_assents(asked, p)] == assents


def test_a_short_sentence_of_another_text_says_something() -> None:
    asked = analyse("Why did Marketing object?", "en")
    assert not any(only_assents(asked, p) for p in passages(asked, source("Okay.\n\nMarketing: Okay.")))


@pytest.mark.parametrize(
    ("first", "most", "quoted"),
    [
        ("Marketing: People", 300, "Marketing: People hate white. It looks like a hospital. Grey came first."),
        ("It looks", 300, "It looks like a hospital. Grey came first."),
        ("Marketing: People", 60, "Marketing: People hate white. It looks like a hospital."),
        ("Marketing: People", 20, "Marketing: People hate white."),  # itself, however long
        ("Marketing: Okay", 300, "Marketing: Okay."),
        ("Industrial Designer: Agreed", 300, "Industrial Designer: Agreed, plastic can be washed as well."),
    ],
)
def test_a_turn_goes_on_until_another_speaks(first: str, most: int, quoted: str) -> None:
    question = analyse("Why?", "en")
    passage = next(p for p in passages(question, source(MEETING)) if p.text.startswith(first))
    assert MEETING[passage.start : turn_end(passage, most)] == quoted


def test_elsewhere_no_sentence_goes_on() -> None:
    [first, _] = passages(analyse("Why?", "en"), source("The pier closed. It rained."))
    assert turn_end(first, MAX_TURN) == first.end


@pytest.mark.parametrize(
    ("question", "ends"),
    [
        ("Why did Marketing reject white?", "Grey came first."),
        ("Which colour do people hate?", "Grey came first."),
        ("Did Marketing like white?", "white."),
        ("Who hates white?", "white."),
    ],
)
def test_what_they_go_on_to_say_is_quoted_where_nothing_shows_the_answer(question: str, ends: str) -> None:
    asked = analyse(question, "en")
    found = passages(asked, source(MEETING))
    best = next(p for p in found if "white" in p.text)
    made = retrieval(asked, best, *(p for p in found if p is not best))
    span = quote_span(best, made)
    assert MEETING[span.start : span.end].endswith(ends)
    after = next(p for p in found if p.number == best.number + 1)
    drafted = quotes([best, after], made, catalogue("en"))
    assert len(drafted) == (1 if ends == "Grey came first." else 2)  # nothing is quoted twice
