from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.index.ingest import IngestReport, ingest

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
