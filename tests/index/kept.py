"""What an index on disk keeps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.index.snapshots import Snapshots
from assistant.index.store import open_index
from assistant.models.interaction import Codes

from .fakes import IDENTITY


def words_in(data: Path) -> dict[str, Codes]:
    """What the words of each sentence mean, and that nothing is kept of sentences that are gone."""
    index = open_index(data, IDENTITY)
    try:
        sentences = [sentence for source_id in index.sources for sentence in index.of_source(source_id)]
        words = index.words(sentence.number for sentence in sentences)
    finally:
        index.close()
    with closing(sqlite3.connect(data / "index" / (Snapshots(data).current() or "") / "passages.sqlite3")) as db:
        assert db.execute("select count(*) from words").fetchone() == (len({each.text for each in sentences}),)
    return {sentence.text: words[sentence.number] for sentence in sentences}
