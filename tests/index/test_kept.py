"""What an index keeps of each sentence for as long as it is there: its words, its tokens, and what it can be matched by."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assistant.errors import IndexUnusable
from assistant.index.ingest import IngestReport
from assistant.index.snapshots import Snapshots
from assistant.index.store import open_index
from assistant.models.interaction import codes
from assistant.text.matchable import matchable
from assistant.text.tokens import forget, is_kept, tokens

from .fakes import IDENTITY, FakeEmbeddings, write_seeds
from .kept import words_in

Run = Callable[..., IngestReport]


def test_the_words_of_each_sentence_are_kept_and_those_of_others_are_not(run: Run, seeds: Path, data: Path) -> None:
    run()
    before = words_in(data)
    write_seeds(seeds, {"titled.md": "Gas prices fell.", "titled.md.yaml": "title: On rice and steel\n"})
    (seeds / "deep/energy.txt").write_text("Gas prices rose in winter. The committee will not meet again.")
    (seeds / "trade.md").rename(seeds / "moved.md")
    run()
    after = words_in(data)
    kept = before.keys() & after.keys()
    assert len(kept) == len(before) - 1
    assert all(np.array_equal(before[text], after[text]) for text in kept)
    [titled] = FakeEmbeddings().encode_documents(["On rice and steel: Gas prices fell."])
    assert len(titled.states) == len("On rice and steel Gas prices fell".split())
    assert np.array_equal(after["Gas prices fell."], codes(titled.states[-len("Gas prices fell".split()) :]))


def test_words_that_are_missing_are_damage(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    index = open_index(data, IDENTITY)
    with pytest.raises(IndexUnusable, match="words of a sentence are missing"):
        index.words([12_345])
    monkeypatch.setattr(index, "_passages", SimpleNamespace(words=lambda numbers: dict.fromkeys(numbers, b"cut")))
    with pytest.raises(IndexUnusable, match="words of a sentence are missing"):
        index.words([0])
    monkeypatch.undo()
    index.close()


def test_what_a_sentence_can_be_matched_by_is_kept(run: Run, seeds: Path, data: Path) -> None:
    write_seeds(seeds, {"laporan.txt": "Tahun lalu Rusia hadir di Kuta."})
    (seeds / "laporan.txt.yaml").write_text("date: 2019-02-20\nlanguage: id\n", encoding="utf-8")
    run()
    index = open_index(data, IDENTITY)
    [sentence] = index.of_source("laporan.txt")
    kept = index.matchable([sentence.number, 12_345])
    assert kept == {sentence.number: matchable(tokens(sentence.text, "id"), dt.date(2019, 2, 20))}
    assert "y_2018" in kept[sentence.number].keys
    assert index.matchable([sentence.number]) == kept  # once more, from memory
    index.close()


def test_what_a_sentence_can_be_matched_by_may_be_damaged(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    index = open_index(data, IDENTITY)
    monkeypatch.setattr(index, "_passages", SimpleNamespace(matchable=lambda numbers: dict.fromkeys(numbers, "cut")))
    with pytest.raises(IndexUnusable, match="the index is damaged"):
        index.matchable([0])
    monkeypatch.undo()
    index.close()


def test_the_tokens_of_a_sentence_are_kept_as_long_as_it_is(run: Run, seeds: Path, data: Path) -> None:
    write_seeds(seeds, {"laporan.txt": "Tahun lalu Rusia hadir di Kuta. Igor berbicara."})
    (seeds / "laporan.txt.yaml").write_text("language: id\n", encoding="utf-8")
    run()
    index = open_index(data, IDENTITY)
    sentences = index.of_source("laporan.txt")
    expected = [tokens(each.text, "id") for each in sentences]
    forget()
    index.keep_tokens(sentences)
    assert all(is_kept(each.text, "id") for each in sentences)
    assert [tokens(each.text, "id") for each in sentences] == expected
    index.close()
    before = rows_of_tokens(data)
    (seeds / "laporan.txt").unlink()
    (seeds / "laporan.txt.yaml").unlink()
    run()
    assert rows_of_tokens(data) == before - {each.number for each in sentences}


def rows_of_tokens(data: Path) -> set[int]:
    with closing(sqlite3.connect(data / "index" / (Snapshots(data).current() or "") / "passages.sqlite3")) as db:
        return {number for (number,) in db.execute("select number from tokens")}


def test_the_tokens_of_a_sentence_may_be_damaged(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    index = open_index(data, IDENTITY)
    sentences = index.sentences([0])
    forget()
    monkeypatch.setattr(index, "_passages", SimpleNamespace(tokens=lambda numbers: dict.fromkeys(numbers, "cut")))
    with pytest.raises(IndexUnusable, match="the index is damaged"):
        index.keep_tokens(sentences)
    monkeypatch.undo()
    index.close()
