from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.index.ingest import IngestReport, ingest
from assistant.index.server.client import ChromaServer

from .chroma import Chroma, asking
from .fakes import IDENTITY, FakeEmbeddings, write_seeds


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Three sources in a folder."""
    return write_seeds(tmp_path / "seeds")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the index goes; not there yet."""
    return tmp_path / "data"


@pytest.fixture
def embeddings() -> FakeEmbeddings:
    return FakeEmbeddings()


@pytest.fixture
def run(seeds: Path, data: Path, embeddings: FakeEmbeddings) -> Callable[..., IngestReport]:
    """An ingest of the seeds into the data folder."""

    def ingested(*, prune: bool = False) -> IngestReport:
        return ingest(seeds, data, embeddings, IDENTITY, prune=prune)

    return ingested


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    chroma = Chroma(tmp_path_factory.mktemp("chroma") / "db")
    yield chroma
    chroma.stop()


@pytest.fixture
def chroma(shared: Chroma) -> Chroma:
    """The server, running and empty."""
    if shared.process.poll() is not None:
        shared.start()
    with asking(shared) as asked:
        for each in asked.list_collections():
            asked.delete_collection(each.name)
    return shared


@pytest.fixture
def server(chroma: Chroma) -> Iterator[ChromaServer]:
    with closing(ChromaServer(chroma.url)) as server:
        yield server
