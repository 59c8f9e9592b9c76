"""The folder of uploads and the index: what was added stays until it is removed, whatever else is ingested or fails."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import IndexBusy, IndexUnusable, SeedsError, SourceError, UploadConflict, UploadError
from assistant.index.build import Builder
from assistant.index.ingest import IngestReport, add_upload, ingest, is_current, remove_upload
from assistant.index.snapshots import Snapshots
from assistant.index.sources import read_source
from assistant.index.store import LiveIndex, open_index
from assistant.index.uploads import folder as folders
from assistant.index.uploads import pdf
from assistant.index.uploads.extract import MAX_HEADINGS, Extract
from assistant.index.uploads.folder import UploadFolder, titled
from assistant.types import Heading, Source

from .fakes import IDENTITY, SENTENCES, FakeEmbeddings, write_seeds

Run = Callable[..., IngestReport]
Add = Callable[..., Source]
TEXT = "Harbour minutes\nThe board met in Larnaca.\n\nIt approved 12 cranes."
MINUTES = "_uploads/minutes.pdf"


@pytest.fixture
def add(data: Path, tmp_path: Path, embeddings: FakeEmbeddings) -> Add:
    """Adds an article to the index."""

    def added(text: str = TEXT, name: str = "minutes.pdf", wait: float = 2.0, **about: object) -> Source:
        original = tmp_path / "original"
        original.write_bytes(b"%PDF-")
        uploads = UploadFolder(data)
        staged = uploads.stage(Extract(text, **about), name, original)  # type: ignore[arg-type]
        try:
            add_upload(data, staged, embeddings, IDENTITY, wait=wait)
        finally:
            uploads.discard(staged)
        return staged.source

    return added


def indexed(data: Path) -> dict[str, Source]:
    index = open_index(data, IDENTITY)
    try:
        return dict(index.sources)
    finally:
        index.close()


def lying_in(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "uploads").iterdir())


def test_an_article_is_added_with_what_is_known_of_it(
    run: Run, add: Add, data: Path, embeddings: FakeEmbeddings
) -> None:
    run()
    embeddings.texts.clear()
    about = {
        "title": "Minutes: “3”",
        "date": dt.date(2019, 2, 20),
        "file_date": dt.date(2019, 2, 21),
        "publisher": "P #1",
    }
    source = add(headings=((0, 15, 1),), pages=(0, 43, 43), url="https://example.org/a", **about)
    assert source == indexed(data)[MINUTES]
    assert (source.source_id, source.text, source.is_upload) == (MINUTES, TEXT, True)
    assert {key: getattr(source, key) for key in about} == about
    assert (source.headings, source.pages, source.url) == ((Heading(0, 15, 1),), (0, 43, 43), "https://example.org/a")
    assert len(embeddings.texts) == 3  # nothing else is embedded again
    (folder,) = (data / "uploads").iterdir()
    assert folder.name.startswith("minutes-")
    assert sorted(path.name for path in folder.iterdir()) == [
        "original.pdf",
        "text.txt",
        "text.txt.yaml",
        "upload.json",
    ]
    assert json.loads((folder / "upload.json").read_text())["name"] == "minutes.pdf"


def test_pages_are_told_of_every_span() -> None:
    source = Source("s", "one\ntwo\n\nfour", "t", "h", pages=(0, 4, 8, 9))
    assert source.pages_of(0, 3) == (1, 1)
    assert source.pages_of(0, 5) == (1, 2)
    assert source.pages_of(4, 4) == source.pages_of(4, 8) == (2, 2)
    assert source.pages_of(9, 13) == (4, 4)
    assert source.pages_without_text() == (3,)
    assert Source("s", "x", "t", "h").pages_of(0, 1) is None
    assert Source("s", "x", "t", "h").pages_without_text() == ()


@pytest.mark.parametrize("prune", [False, True])
def test_ingesting_the_seeds_never_removes_an_upload(run: Run, add: Add, seeds: Path, data: Path, prune: bool) -> None:
    run()
    add()
    (seeds / "trade.md").unlink()
    report = run(prune=prune)
    assert (report.removed, MINUTES in report.unchanged) == (("trade.md",), True)
    shutil.rmtree(seeds)
    write_seeds(seeds, {"other.txt": "Quite another text."})
    if prune:
        assert run(prune=True).added == ("other.txt",)
        assert set(indexed(data)) == {"other.txt", MINUTES}
    else:
        with pytest.raises(SeedsError, match="2 of the 2 indexed sources are gone"):
            run()
    assert indexed(data)[MINUTES].text == TEXT


def test_a_change_of_the_uploads_leaves_the_seeds_as_they_were_indexed(
    run: Run, add: Add, seeds: Path, data: Path
) -> None:
    run()
    shutil.rmtree(seeds)  # not mounted at the moment
    add()
    assert set(indexed(data)) == {*SENTENCES, MINUTES}
    assert {k: v.text for k, v in indexed(data).items() if k != MINUTES} == SENTENCES


def test_an_upload_survives_a_new_index(run: Run, add: Add, seeds: Path, data: Path) -> None:
    run()
    add()
    shutil.rmtree(data / "index")
    report = run()
    assert MINUTES in report.added and indexed(data)[MINUTES].text == TEXT
    report = ingest(seeds, data, FakeEmbeddings(8), "other")
    assert report.rebuilt and MINUTES in report.unchanged


def test_no_seed_can_have_the_id_of_an_upload(run: Run, add: Add, seeds: Path, data: Path) -> None:
    write_seeds(
        seeds, {"_uploads/minutes.pdf": "x", "_uploads/minutes.pdf.txt": "Not a source.", "uploads/a.txt": "A seed."}
    )
    run()
    add()
    assert set(indexed(data)) == {*SENTENCES, "uploads/a.txt", MINUTES}


def test_an_article_can_be_removed(run: Run, add: Add, data: Path, embeddings: FakeEmbeddings) -> None:
    run()
    add()
    report = remove_upload(data, MINUTES, embeddings, IDENTITY)
    assert report is not None and report.removed == (MINUTES,)
    assert set(indexed(data)) == set(SENTENCES)
    assert lying_in(data) == []
    assert remove_upload(data, MINUTES, embeddings, IDENTITY) is None
    add()  # and added again


def test_what_was_deleted_by_hand_is_gone_at_the_next_ingest(run: Run, add: Add, seeds: Path, data: Path) -> None:
    run()
    add()
    assert is_current(seeds, data, IDENTITY)
    shutil.rmtree(data / "uploads")
    assert not is_current(seeds, data, IDENTITY)
    assert run().removed == (MINUTES,)


def test_what_is_there_already_is_not_added_again(run: Run, add: Add, data: Path) -> None:
    run()
    add()
    with pytest.raises(UploadConflict, match="as _uploads/minutes.pdf") as told:
        add(name="other.txt")
    assert (told.value.reason, told.value.source_id) == ("same_text", MINUTES)
    with pytest.raises(UploadConflict, match="there already, as trade.md"):
        add(SENTENCES["trade.md"])
    with pytest.raises(UploadConflict, match=r"added as MINUTES\.PDF") as told:
        add("Other words.", name="MINUTES.PDF")  # file systems may hold these names for the same
    assert told.value.reason == "same_name"
    assert len(lying_in(data)) == 1


def test_names_of_any_script_and_length_lie_side_by_side(run: Run, add: Add, data: Path) -> None:
    run()
    names = ["протокол.txt", "会议.txt", "CON.txt", "a b.txt", "a-b.txt", "x" * 116 + ".txt", "..%2f.md", "?#.md"]
    for number, name in enumerate(names):
        add(f"The number is {number}.", name)
    assert {*names} == {each.removeprefix("_uploads/") for each in indexed(data) if each.startswith("_uploads/")}
    assert all(name.isascii() and len(name) < 64 for name in lying_in(data))
    assert len({name.casefold() for name in lying_in(data)}) == len(names)


@pytest.mark.parametrize("title", ["2019-02-20", "null", "a: b # c", "'\"", "x\u2028\ufeffx", "- x", "{x}", "12"])
def test_any_title_is_kept_as_words(data: Path, tmp_path: Path, title: str) -> None:
    (tmp_path / "original").write_bytes(b"x")
    assert UploadFolder(data).stage(Extract("Words.", title), "x.txt", tmp_path / "original").source.title == title


def test_what_a_file_may_have_its_metadata_may_list(data: Path, tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(b"x")
    text = "Words. " * 140_000
    places = range(0, len(text), len(text) // pdf.MAX_PAGES)
    pages = tuple(places)[: pdf.MAX_PAGES]
    headings = tuple((at, at + 5, 6) for at in places)[-MAX_HEADINGS:]
    source = (
        UploadFolder(data).stage(Extract(text, pages=pages, headings=headings), "x.pdf", tmp_path / "original").source
    )
    assert (len(source.pages), len(source.headings)) == (pdf.MAX_PAGES, MAX_HEADINGS)


def test_more_than_the_most_are_not_taken(run: Run, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_UPLOADS", 1)
    run()
    add()
    with pytest.raises(UploadError) as told:
        add("Other words.", "other.txt")
    assert told.value.reason == "full"


def test_where_the_index_cannot_be_built_nothing_has_changed(
    run: Run, add: Add, seeds: Path, data: Path, embeddings: FakeEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()

    class Broken(Exception):
        pass

    def broken(*_: object) -> str:
        raise Broken

    before = Snapshots(data).current()
    with monkeypatch.context() as patched:
        patched.setattr(Builder, "build", broken)
        with pytest.raises(Broken):
            add()
    assert (lying_in(data), Snapshots(data).current()) == ([], before)
    add()
    with monkeypatch.context() as patched:
        patched.setattr(Builder, "build", broken)
        with pytest.raises(Broken):
            remove_upload(data, MINUTES, embeddings, IDENTITY)
    assert len(lying_in(data)) == 1 and MINUTES in indexed(data)
    assert is_current(seeds, data, IDENTITY)


def test_another_process_that_writes_is_waited_for_and_told_of(
    run: Run, add: Add, data: Path, embeddings: FakeEmbeddings
) -> None:
    run()
    with Snapshots(data).writer(1), pytest.raises(IndexBusy, match="another process is writing"):
        add(wait=0.05)
    assert lying_in(data) == []
    add()
    with Snapshots(data).writer(1), pytest.raises(IndexBusy):
        remove_upload(data, MINUTES, embeddings, IDENTITY, wait=0.05)
    assert len(lying_in(data)) == 1


def test_without_an_index_there_is_nothing_to_add_to(add: Add, data: Path, embeddings: FakeEmbeddings) -> None:
    with pytest.raises(IndexUnusable, match="there is no index"):
        add()
    with pytest.raises(IndexUnusable, match="run `assistant ingest`"):
        remove_upload(data, MINUTES, embeddings, IDENTITY)
    assert lying_in(data) == []


def test_an_upload_that_a_kill_left_out_of_the_index_goes_in_with_the_next_ingest(
    run: Run, add: Add, seeds: Path, data: Path, embeddings: FakeEmbeddings
) -> None:
    run()
    add()
    (home,) = (data / "uploads").iterdir()
    home.rename(data / "kept")
    run()
    (data / "kept").rename(home)  # as it lies between the two renames of an addition
    assert not is_current(seeds, data, IDENTITY)
    assert run().added == (MINUTES,)
    home.rename(data / "uploads" / ".gone-1")  # and of a removal
    assert not is_current(seeds, data, IDENTITY)
    assert run().removed == (MINUTES,)


def test_an_incomplete_upload_is_named_and_the_others_go_on(run: Run, add: Add, data: Path) -> None:
    run()
    add()
    add("Other words.", "other.md")
    broken = next(path for path in (data / "uploads").iterdir() if path.name.startswith("minutes"))
    (broken / "upload.json").write_text("[]")
    report = run()
    assert [str(problem).split(";")[0] for problem in report.problems] == [
        f"_uploads/{broken.name}: the upload in {broken} is incomplete"
    ]
    assert "_uploads/other.md" in report.unchanged


def test_what_a_killed_process_left_is_cleared_away(run: Run, add: Add, data: Path) -> None:
    run()
    for name, age in ((".new-1", 7200), (".gone-1", 7200), (".new-2", 60)):
        left = data / "uploads" / name
        left.mkdir(parents=True)
        now = left.stat().st_mtime
        os.utime(left, (now - age, now - age))
    assert run().unchanged == tuple(sorted(SENTENCES))
    add()
    assert [name for name in lying_in(data) if name.startswith(".")] == [".new-2"]


def test_a_live_index_is_renewed_at_once(run: Run, add: Add, data: Path) -> None:
    run()
    live = LiveIndex(data, IDENTITY, clock=lambda: 0.0)  # whose time stands still
    with live.open() as index:
        assert MINUTES not in index.sources
    add()
    with live.open() as index:
        assert MINUTES not in index.sources
    live.renew()
    with live.open() as index:
        assert MINUTES in index.sources
    live.close()


def test_what_a_person_says_goes_before_what_the_file_says() -> None:
    extract = Extract("x", title="File", date=dt.date(2019, 1, 1))
    assert titled(extract, None, None) == extract
    assert titled(extract, "Mine", dt.date(2020, 1, 1)) == Extract("x", title="Mine", date=dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ("pages: [1, 5]", "the first at 0"),
        ("pages: [0, 9, 5]", "offsets at which pages begin"),
        ("pages: [0, true]", "offsets at which pages begin"),
        ("pages: 3", "offsets at which pages begin"),
        ("pages: [0, 99]", "lies at 99, the text has 14 characters"),
        ("headings: [[0, 3]]", r"\[start, end, level\]"),
        ("headings: [[5, 9, 1], [0, 3, 1]]", r"\[start, end, level\]"),
        ("headings: [[0, 3, 7]]", r"\[start, end, level\]"),
        ("headings: title", r"\[start, end, level\]"),
        ("headings: [[0, 15, 1]]", "lies at 15"),
        ("file_date: soon", "file_date must be a day"),
    ],
)
def test_places_that_cannot_be_are_refused(tmp_path: Path, metadata: str, words: str) -> None:
    (tmp_path / "a.txt").write_text("The board met.")
    (tmp_path / "a.txt.yaml").write_text(metadata)
    with pytest.raises(SourceError, match=words):
        read_source(tmp_path, tmp_path / "a.txt")
