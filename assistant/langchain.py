"""The search of this program as a LangChain retriever: documents are sentences of the sources, with their places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import ConfigDict, Field

from assistant.steps.condense import condense
from assistant.steps.retrieve import Retriever
from assistant.types import Passage, Question


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

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retrieve: Retriever
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
