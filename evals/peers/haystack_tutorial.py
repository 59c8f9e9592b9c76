"""Haystack's first RAG tutorial: embedding retrieval from a store in memory, a prompt, a chat generator.

https://haystack.deepset.ai/tutorials/27_first_rag_pipeline

Its documents come split already, and for others it points to the tutorial on preprocessing, whose splitter (150 words with
50 of overlap) is used here (https://haystack.deepset.ai/tutorials/30_file_type_preprocessing_index_pipeline), without its
cleaner, which changes white space and with it every offset. Store, retriever (the ten best chunks), prompt and generator
are the first tutorial's; the embedder is the assistant's. Telemetry is off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine import Engine
from tutorial import MAX_TOKENS, TEMPERATURE, TIMEOUT_SECONDS, Chunk, Model, NotInstalled, Outcome, Peer

from assistant.evaluation.program import Program
from assistant.types import Source, Usage

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when haystack is imported
try:
    from haystack import Document
    from haystack.components.builders import ChatPromptBuilder
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.dataclasses import ChatMessage
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.utils import Secret
except ImportError as exc:
    raise NotInstalled("Haystack") from exc

PROMPT = """
Given the following information, answer the question.

Context:
{% for document in documents %}
    {{ document.content }}
{% endfor %}

Question: {{question}}
Answer:
"""
"""The tutorial's."""


class HaystackTutorial:
    """The tutorial's program on one corpus; its components are called in turn, as its pipeline would."""

    def __init__(self, sources: Mapping[str, Source], data: Path, model: Model | None) -> None:
        self._embedder = Engine()
        splitter = DocumentSplitter(split_by="word", split_length=150, split_overlap=50)
        documents = [Document(content=each.text, meta={"source": each.source_id}) for each in sources.values()]
        splits = splitter.run(documents)["documents"]
        vectors = self._embedder.embed_documents([split.content for split in splits])
        store = InMemoryDocumentStore()
        store.write_documents([replace(split, embedding=vector) for split, vector in zip(splits, vectors, strict=True)])
        self._retriever = InMemoryEmbeddingRetriever(store)
        self._prompt = ChatPromptBuilder(template=[ChatMessage.from_user(PROMPT)], required_variables="*")
        self._generator = _generator(model) if model else None

    def run(self, question: str) -> Outcome:
        found = self._retriever.run(query_embedding=self._embedder.embed_query(question))["documents"]
        chunks = [Chunk(each.meta["source"], each.meta["split_idx_start"], each.content, each.score) for each in found]
        if self._generator is None:
            return Outcome(chunks)
        prompt = self._prompt.run(documents=found, question=question)["prompt"]
        reply = self._generator.run(messages=prompt)["replies"][0]
        used = reply.meta.get("usage") or {}
        usage = Usage(input_tokens=used.get("prompt_tokens"), output_tokens=used.get("completion_tokens"))
        return Outcome(chunks, reply.text or "", usage)

    def close(self) -> None:
        """Nothing is held open."""


def open_program(seeds: Path, data: Path) -> Program:
    """The tutorial as a program under evaluation; its store is in memory, and the data folder stays empty."""
    return Peer(seeds, data, HaystackTutorial, ["haystack-ai"])


def _generator(model: Model) -> OpenAIChatGenerator:
    generator = OpenAIChatGenerator(
        model=model.name,
        api_base_url=model.base_url,
        api_key=Secret.from_token(model.key),
        generation_kwargs={"temperature": TEMPERATURE, "max_completion_tokens": MAX_TOKENS},
        timeout=TIMEOUT_SECONDS,
    )
    generator.warm_up()  # here, not in the first of several threads
    return generator
