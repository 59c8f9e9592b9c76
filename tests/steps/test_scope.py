"""Scope: a source that a question names first, the one that a conversation is about, and what a passage stands under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.index.ingest import ingest
from assistant.index.store import LiveIndex
from assistant.steps import evidence
from assistant.steps.calibration import calibration
from assistant.steps.condense import condense
from assistant.steps.generate import choose
from assistant.steps.retrieve import Retriever
from assistant.steps.scope import named_above, named_source, spoken_of
from assistant.text.layout import Under
from assistant.text.markdown import escape
from assistant.text.questions import analyse
from assistant.types import Passage, Question, Source, Turn

from ..index.fakes import IDENTITY, FakeEmbeddings
from .made import passages

MINUTES = Source(
    "minutes-harbour-board-87.md",
    "# Minutes of the 87th meeting of the Harbour Board\n\n## Fees\n\nThe fee was set at 40 crowns.\n\nRain fell.",
    "minutes-harbour-board-87", "0" * 64, language="en",
)  # fmt: skip
FAIR = Source(
    "speech.txt", "OPENING SPEECH\nTourism fair in Ternate\n\nThe fee is 90 crowns for a stand. We open at nine.",
    "speech", "1" * 64, language="en",
)  # fmt: skip
PROGRAMME = Source(
    "kelmar.txt",
    "ПРОГРАММА\nСеминар «Туризм на островах»\n\nВзнос составляет 120 крон.",
    "kelmar",
    "2" * 64,
    language="ru",
)
SOURCES = (MINUTES, FAIR, PROGRAMME)


@pytest.mark.parametrize(
    ("question", "source", "asked"),
    [
        ("In the minutes of the harbour board, what is the fee?", MINUTES, "what is the fee?"),
        ("The minutes of the 87th board meeting: what is the fee?", MINUTES, "what is the fee?"),
        ("I am reading the Secretary-General's note. Now the tourism fair speech - what is the fee?", FAIR, "what is the fee?"),
        ("in the opening speech at the tourism fair what is the fee?", FAIR, "what is the fee?"),
        ("Di program seminar pariwisata, berapa iurannya?", PROGRAMME, "berapa iurannya?"),
        ("The Russian programme of the island seminar: what is the fee?", PROGRAMME, "what is the fee?"),
        ("По программе семинара о туризме: какой взнос?", PROGRAMME, "какой взнос?"),
        ("In the secret minutes of the harbour board, what is the fee?", MINUTES, "secret: what is the fee?"),
        ("In the minutes of the harbour board, who is Dr. Sato?", MINUTES, "who is Dr. Sato?"),
        ("What is the fee in the minutes of the harbour board?", MINUTES, "What is the fee"),
        ("What is the fee, according to the speech at the tourism fair?", FAIR, "What is the fee"),
        ("Berapa iurannya menurut program seminar pariwisata itu?", PROGRAMME, "Berapa iurannya"),
        ("Какой взнос в программе семинара о туризме?", PROGRAMME, "Какой взнос"),
    ],
)  # fmt: skip
def test_a_question_is_asked_of_the_source_that_it_names(question: str, source: Source, asked: str) -> None:
    found = named_source(condense(Question(question=question)), SOURCES)
    assert found is not None
    assert (found[0].source_id, found[1].text) == (source.source_id, asked)


@pytest.mark.parametrize(
    "question",
    [
        "What is the fee?",
        "What is the fee in the minutes?",
        "What is the fee in the minutes of the 86th meeting of the harbour board?",
        "What is the fee after the minutes of the harbour board?",
        "Is the fee of the harbour board not in the minutes?",
        "In the minutes of the 86th meeting of the harbour board, what is the fee?",  # another meeting's
        "In the minutes of the Oslo harbour board, what is the fee?",
        "In the letter of the lighthouse keepers, what is the fee?",
        "In the speech about the seminar, what is the fee?",  # words of two sources
        "In the speech, what is the fee?",
        "For the fair in Ternate, what is the fee?",  # no document
        "Dua hari rapat harbour board itu berapa iurannya?",  # "hari" is a day, "harian" a newspaper
        "In the period of the harbour board what is the fee?",
        "After the minutes of the harbour board, what is the fee?",
        "If the minutes of the harbour board are lost, what is the fee?",
        "Besides the minutes of the harbour board, what is the fee?",
        "Not the minutes of the harbour board: what is the fee?",
        "Selain notulen harbour board, apa iurannya?",
        "Кроме программы семинара о туризме, какой взнос?",
        "I lost the minutes of the 87th harbour board. What is the fee of the 88th?",
        "As for Ternate, what is the fee?",
        "In the minutes of the harbour board, what?",  # nothing else is asked
        "The fee is in the minutes of the harbour board.",
    ],
)
def test_a_question_that_names_no_source_is_asked_of_all(question: str) -> None:
    assert named_source(condense(Question(question=question)), SOURCES) is None


def test_the_conversation_is_kept_with_what_is_asked_of_a_source() -> None:
    asked = replace(
        analyse("In the minutes of the harbour board, what is the fee?", "en"),
        shown="The fee was set at 40 crowns.",
        follows=True,
    )
    found = named_source(asked, SOURCES)
    assert found is not None
    assert (found[1].shown, found[1].follows) == ("The fee was set at 40 crowns.", True)


def spoken(question: str, *history: Turn) -> str | None:
    asked = condense(Question(question=question, history=history))
    source = spoken_of(asked, passages(asked, *SOURCES))
    return source.source_id if source else None


FEE = Turn(role="assistant", content=f"The source says: “{escape('The fee is 90 crowns for a stand.')}” [1]")


def test_a_conversation_is_about_the_source_that_was_shown_last() -> None:
    asked, nothing = (
        Turn(role="user", content="What is the fee?"),
        Turn(role="assistant", content="The sources do not answer it."),
    )
    assert spoken("When do you open?", asked, FEE, asked, nothing) == FAIR.source_id
    assert spoken("When do you open in Oslo?", asked, FEE) == FAIR.source_id  # which none tells of
    assert spoken("When do you open?") is None
    assert spoken("Another question: when do you open?", asked, FEE) is None
    assert spoken("What was set at the 87th meeting?", asked, FEE) is None  # that is another's
    assert spoken("And in Ternate?", asked, FEE) == FAIR.source_id
    assert (
        spoken("When do you open?", asked, Turn(role="assistant", content="The source says: “Rain fell.” [1]")) is None
    )  # too short


def under(question: str, source: Source, said: str, *above: str) -> tuple[int, ...]:
    """What a passage is read with, of an opening and a heading that it stands under, with the numbers 1 and 2."""
    asked = analyse(question, "en")
    passage = next(p for p in passages(asked, source) if said in p.text)
    words = {n: evidence.bag(text, "en") for n, text in enumerate(above, 1)}
    return named_above(asked, replace(passage, under=Under((1,), (2,))), words)


@pytest.mark.parametrize(
    ("question", "read_with"),
    [
        ("How many crowns are the fees of visitors?", (2,)),  # its heading has a word that it lacks
        ("How many crowns has the harbour board set?", (1,)),  # two words that the source opens with
        ("How many crowns has the board set?", ()),  # one is in every question about it
        ("How many crowns are the visitors' fees of the harbour board?", (1, 2)),
        ("What was set at 40 crowns?", ()),  # it lacks nothing
    ],
)
def test_a_passage_is_read_with_what_it_stands_under_where_that_is_asked(
    question: str, read_with: tuple[int, ...]
) -> None:
    said = (MINUTES, "set at 40", "Minutes of the 87th meeting of the Harbour Board", "Fees for visitors")
    assert under(question, *said) == read_with
    titled = replace(MINUTES, title="Minutes of the Harbour Board")  # stands before each of its sentences already
    assert under(question, titled, *said[1:]) == tuple(n for n in read_with if n == 2)


@pytest.fixture
def retrieve(tmp_path: Path) -> Iterator[Retriever]:
    (tmp_path / "seeds").mkdir()
    for each in SOURCES:
        (tmp_path / "seeds" / each.source_id).write_text(each.text, encoding="utf-8")
    ingest(tmp_path / "seeds", tmp_path / "data", FakeEmbeddings(), IDENTITY)
    live = LiveIndex(tmp_path / "data", IDENTITY)
    yield Retriever(live, FakeEmbeddings(), calibration().ranking)
    live.close()


def sources(passages: tuple[Passage, ...]) -> list[str]:
    return [passage.source.source_id for passage in passages]


@pytest.mark.parametrize("cached", [1, 64])
def test_only_the_source_that_is_named_is_looked_at(
    retrieve: Retriever, monkeypatch: pytest.MonkeyPatch, cached: int
) -> None:
    monkeypatch.setattr("assistant.index.store._CACHED_SOURCES", cached)
    everywhere = retrieve(condense(Question(question="What is the fee?")))
    assert set(sources(everywhere.passages)) == {each.source_id for each in SOURCES}
    of_one = retrieve(condense(Question(question="In the opening speech at the tourism fair, what is the fee?")))
    assert set(sources(of_one.passages)) == {FAIR.source_id}
    assert of_one.question.text == "what is the fee?"


@pytest.mark.parametrize("source", [MINUTES, FAIR])
def test_a_conversation_stays_with_its_source_and_quotes_no_other(retrieve: Retriever, source: Source) -> None:
    words = escape(max(source.text.splitlines()[3:], key=len))
    history = (
        Turn(role="user", content="What is told?"),
        Turn(role="assistant", content=f"The source says: “{words}” [1]"),
    )
    found = retrieve(condense(Question(question="How many crowns is the fee?", history=history)))
    assert found.passages[0].source.source_id == source.source_id
    assert set(sources(choose(found))) == {source.source_id}
    assert len(set(sources(found.passages))) > 1


@pytest.mark.parametrize(
    ("question", "near"),
    [
        ("What fee did the harbour board set?", True),
        ("What fee did the 87th meeting of the harbour board set?", True),
        ("What fee did the 88th meeting of the harbour board set?", False),
        ("What fee did the harbour board of Oslo set?", False),
        ("In the letters of the harbour board, what fee was set?", False),  # which are none of the sources
    ],
)
def test_what_a_passage_stands_under_counts_unless_another_one_is_asked_for(
    retrieve: Retriever, question: str, near: bool
) -> None:
    found = retrieve(condense(Question(question=question)))
    passage = next(each for each in found.passages if "set at 40" in each.text)
    at = [token.text for token in found.question.content].index("harbour")
    assert (bool(passage.near[at]), bool(passage.under.opening)) == (near, near)


def test_what_is_said_elsewhere_is_not_said_to_be_missing(retrieve: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = condense(Question(question="Is the fee of Ternate 120 crowns in Oslo?"))
    assert [token.text for token in retrieve(asked).absent] == ["Oslo"]
    monkeypatch.setattr("assistant.steps.retrieve.DENSE", 1)
    monkeypatch.setattr("assistant.steps.retrieve.LEXICAL", 0)
    found = retrieve(asked)
    assert {"Ternate", "Oslo"} <= {token.text for token in found.absent}
    assert "Ternate" in {token.text for token in found.elsewhere}
    assert [token.text for token in found.unmentioned] == ["Oslo"]
