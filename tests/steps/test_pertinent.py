"""Pertinent: what is true of the source and does not answer the question is no answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import build
from assistant.messages import catalogue
from assistant.settings import load_settings
from assistant.steps.condense import condense
from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.llm import speaks
from assistant.steps.pertinent import beside_the_point, left_out
from assistant.steps.retrieve import Retriever
from assistant.steps.verify import ground
from assistant.types import Question

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def retrieve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    assistant = build(load_settings(seeds=ROOT / "seeds", data=tmp_path_factory.mktemp("data"), model="embedded"))
    assistant.ingest()
    yield assistant.chain.retrieve
    assistant.live.close()


def problem(retrieve: Retriever, question: str, sentence: str, language: str) -> str:
    """The check that speaks against a sentence that is held by the source, "" for none."""
    retrieval = retrieve(condense(Question(question=question)))
    lines = lines_of(whole_source(retrieval.passages[0].source))
    draft, problems = ground(sentence, language, lines)
    assert draft is not None, problems
    found = beside_the_point(sentence, language, draft, retrieval, lines)
    return found.check if found else ""


@pytest.mark.parametrize(
    ("question", "sentence", "language"),
    [
        ("Who chaired the meeting in Kuta?", "Jose Tavares chaired the meeting in Kuta.", "en"),
        ("How large was trade last year?", "Trade was 18 billion US dollars last year.", "en"),
        ("Siapa Wakil Menteri Luar Negeri Rusia?", "Wakil Menteri Luar Negeri Rusia adalah Igor Morgulov.", "id"),
        ("Is cyber security a priority?", "Cyber security is a priority.", "en"),
    ],
)
def test_an_answer_passes(retrieve: Retriever, question: str, sentence: str, language: str) -> None:
    assert problem(retrieve, question, sentence, language) == ""


@pytest.mark.parametrize(
    ("question", "sentence", "language", "check"),
    [
        ("How large was trade last year?", "45 million US dollars.", "en", "answer_whole"),
        ("How large was trade last year?", "Investment was 45 million US dollars last year.", "en", "facts"),
        ("When was the meeting in Kuta?", "The meeting was in Kuta.", "en", "answer_type"),
        ("What is Russia committed to?", "Russia is committed.", "en", "answer_whole"),
        (
            "Who chaired the meeting in Kuta?",
            "Igor Morgulov is deputy foreign minister of Russia.",
            "en",
            "answer_place",
        ),
    ],
)
def test_what_does_not_answer_is_stopped(
    retrieve: Retriever, question: str, sentence: str, language: str, check: str
) -> None:
    assert problem(retrieve, question, sentence, language) == check


def test_a_word_of_two_scripts_is_of_no_language() -> None:
    assert speaks("Россия сотрудничает с ASEAN в борьбе с терроризмом.", "ru")
    assert not speaks("Россия сотрудничает в области конtra терроризма.", "ru")


def test_a_title_in_another_language_makes_no_other_language() -> None:
    title = "Statement of ASEAN and Russia Ministers of Foreign Affairs on Joint Efforts to Counter Terrorism"
    told = f"Dua pernyataan itu ialah {title}."
    assert not speaks(told, "id")
    assert speaks(told, "id", shown=f"Ini {title}.")
    assert not speaks("The leaders adopted the statement that is named in the report.", "id", shown=f"Ini {title}.")
    assert not speaks(f"It is the {title}.", "id", shown=f"It is the {title}.")  # nothing is left to tell by


@pytest.mark.parametrize(
    ("question", "sentence", "quoted"),
    [
        ("What posts does Jose Tavares hold?", "Jose Tavares is director general for ASEAN cooperation.", True),
        ("Which three fields come first?", "Cyber security comes first.", True),
        ("Is cyber security a priority?", "Cyber security is a priority.", False),
        ("Who chaired the meeting in Kuta?", "Jose Tavares chaired the meeting in Kuta.", False),
        ("What is the article about?", "Jose Tavares chaired the meeting in Kuta.", False),
        ("What does SOM stand for?", "SOM stands for Senior Officials Meeting.", False),
    ],
)
def test_what_may_be_half_an_answer_is_quoted(retrieve: Retriever, question: str, sentence: str, quoted: bool) -> None:
    retrieval = retrieve(condense(Question(question=question)))
    draft, problems = ground(sentence, "en", lines_of(whole_source(retrieval.passages[0].source)))
    assert draft is not None, problems
    assert bool(left_out([draft], "en", retrieval, catalogue("en"))) is quoted
