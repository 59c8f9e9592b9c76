"""The one place that builds real objects from settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import hypot

from assistant.chain import AnswerChain
from assistant.index.ingest import IngestReport, ingest, is_current
from assistant.index.store import LiveIndex
from assistant.models.chat import Chat, load_chat
from assistant.models.embedder import Embedder, load_embedder
from assistant.settings import Settings
from assistant.steps.calibration import calibration
from assistant.steps.read import Reader
from assistant.steps.retrieve import Retriever
from assistant.text.languages import identify
from assistant.types import Source


@dataclass(frozen=True, slots=True)
class Assistant:
    """The program, put together. Nothing is opened or loaded before the first question."""

    settings: Settings
    embeddings: Embedder
    embedder: str  # the identity that an index made with these embeddings records
    live: LiveIndex
    chain: AnswerChain
    chat: Chat | None = None

    def ingest(self, *, prune: bool = False, progress: Callable[[int, int], None] | None = None) -> IngestReport:
        """Brings the index up to date with the seeds folder (errors as of `assistant.index.ingest.ingest`)."""
        return ingest(
            self.settings.seeds, self.settings.data, self.embeddings, self.embedder, prune=prune, progress=progress
        )

    def is_current(self) -> bool:
        """Whether the index is there and as new as the seeds."""
        return is_current(self.settings.seeds, self.settings.data, self.embedder)

    def sources(self) -> Mapping[str, Source]:
        """The sources of the index in use, by id."""
        with self.live.open() as index:
            return index.sources

    def ready(self) -> None:
        """Raises IndexUnusable if no question could be answered now."""
        with self.live.open():
            pass

    def example_questions(self, language: str) -> tuple[str, ...]:
        """Questions in a BCP 47 language that the sources' metadata lists and that are answered, each tried by asking."""
        with self.live.open() as index:
            snapshot, listed = (
                index.snapshot,
                [q for source in islice(index.sources.values(), 20) for q in source.questions],
            )
        return _answered(self.chain, snapshot, tuple(question for question in listed if identify(question) == language))


@lru_cache(maxsize=32)
def _answered(chain: AnswerChain, snapshot: str, questions: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the questions that the chain answers; `snapshot` is what the cache goes by."""
    return tuple(question for question in questions if chain.invoke(question).status == "answered")


def build(settings: Settings) -> Assistant:
    """The assistant of these settings.

    Raises:
        SettingsError: a setting that cannot be used.
    """
    embeddings, embedder = load_embedder(settings.embeddings)
    live = LiveIndex(settings.data, embedder)
    calibrated = calibration()
    chat = load_chat(settings)
    llm = _llm_reader(chat, embeddings, settings) if chat else None
    chain = AnswerChain(Retriever(live, embeddings, calibrated.ranking), calibrated, llm=llm)
    return Assistant(settings, embeddings, embedder, live, chain, chat)


def _llm_reader(chat: Chat, embeddings: Embedder, settings: Settings) -> Reader:
    from assistant.steps.llm import LLMReader, llm_calibration

    query = lru_cache(maxsize=64)(embeddings.embed_query)

    def similar(claim: str, words: str) -> float:
        a, (b,) = query(claim), embeddings.embed_documents([words])
        return sum(x * y for x, y in zip(a, b, strict=True)) / (hypot(*a) * hypot(*b) or 1.0)

    pool = ThreadPoolExecutor(2, thread_name_prefix="verify")
    return LLMReader(chat, pool, llm_calibration(), similar, check=settings.model_check)
