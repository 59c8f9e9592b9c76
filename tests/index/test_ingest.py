"""Ingest applies exactly the difference, embeds no text twice, and refuses what looks like an accident."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import DataFolderError, IndexBusy, IndexUnusable, SeedsError
from assistant.index.ingest import IngestReport, ingest, is_current
from assistant.index.snapshots import Snapshots
from assistant.index.store import open_index

from .fakes import IDENTITY, SENTENCES, FakeEmbeddings, start, write_seeds
from .kept import words_in

Run = Callable[..., IngestReport]
ALL = tuple(sorted(SENTENCES))


def snapshots_in(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "index").iterdir() if path.is_dir())


def texts_in(data: Path) -> dict[str, str]:
    index = open_index(data, IDENTITY)
    try:
        return {source_id: source.text for source_id, source in index.sources.items()}
    finally:
        index.close()


def test_first_ingest(run: Run, seeds: Path, data: Path) -> None:
    report = run()
    assert (report.added, report.changed, report.removed, report.unchanged) == (ALL, (), (), ())
    assert (report.problems, report.rebuilt) == ((), None)
    assert texts_in(data) == SENTENCES
    assert report.snapshot == Snapshots(data).current()


def test_no_difference_writes_nothing(run: Run, data: Path, embeddings: FakeEmbeddings) -> None:
    first = run()
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.name != "writer.lock"}
    embeddings.texts.clear()
    second = run()
    assert (second.snapshot, second.unchanged, second.embedded) == (first.snapshot, ALL, 0)
    assert embeddings.texts == []
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.name != "writer.lock"} == before


def test_a_changed_sentence_is_all_that_is_embedded(
    run: Run, seeds: Path, data: Path, embeddings: FakeEmbeddings
) -> None:
    run()
    text = SENTENCES["deep/energy.txt"].replace("in March", "in April")
    (seeds / "deep/energy.txt").write_text(text)
    embeddings.texts.clear()
    report = run()
    assert (report.changed, report.embedded) == (("deep/energy.txt",), 2)
    assert embeddings.texts == ["The committee will meet again in April.", text]  # by itself, and with what leads to it
    index = open_index(data, IDENTITY)
    sentences = index.of_source("deep/energy.txt")
    assert [sentence.text for sentence in sentences] == ["Gas prices rose in winter.", embeddings.texts[0]]
    for sentence in sentences:  # old and new vectors stand for the sentences they should
        assert index.nearest(embeddings.embed_query(sentence.text), 1)[0].number == sentence.number
    assert index.matching(["march"], 5) == []
    index.close()


def test_a_renamed_source_is_not_embedded_again(run: Run, seeds: Path, data: Path) -> None:
    run()
    for name in SENTENCES:
        (seeds / name).rename(seeds / f"new-{Path(name).name}")
    report = run()  # nothing is lost, so this needs no prune
    assert (len(report.added), report.removed, report.embedded) == (3, ALL, 0)
    assert sorted(texts_in(data).values()) == sorted(SENTENCES.values())


def test_changed_metadata_is_a_change(run: Run, seeds: Path, data: Path) -> None:
    run()
    (seeds / "trade.md.yaml").write_text("publisher: Rice\n")
    report = run()
    assert (report.changed, report.embedded) == (("trade.md",), 0)
    index = open_index(data, IDENTITY)
    assert index.sources["trade.md"].publisher == "Rice"
    index.close()


def test_a_title_is_embedded_with_its_sentences(run: Run, seeds: Path, embeddings: FakeEmbeddings) -> None:
    run()
    (seeds / "trade.md.yaml").write_text("title: Rice\n")
    report = run()
    assert report.changed == ("trade.md",)
    assert report.embedded > 0
    assert embeddings.texts[-1].startswith("Rice: ")


def test_without_a_title_what_a_source_opens_with_is_embedded_with_its_sentences(
    run: Run, seeds: Path, embeddings: FakeEmbeddings
) -> None:
    run()
    (seeds / "fees.md").write_text("# **Fees** of the port\n\n## Stands\n\nThe fee is 40 crowns.")
    run()
    assert {"# **Fees** of the port", "Fees of the port: ## Stands", "Fees of the port: The fee is 40 crowns."} <= set(
        embeddings.texts
    )
    (seeds / "fees.md.yaml").write_text("title: Prices\n")
    run()
    assert "Prices: The fee is 40 crowns." in embeddings.texts


def test_equal_texts_are_embedded_once(seeds: Path, run: Run, embeddings: FakeEmbeddings) -> None:
    write_seeds(seeds, {"copy.txt": SENTENCES["asean.txt"]})
    run()
    assert len(embeddings.texts) == len(set(embeddings.texts))


def test_progress_counts_up_to_the_whole(seeds: Path, data: Path, embeddings: FakeEmbeddings) -> None:
    write_seeds(seeds, {"many.txt": "\n\n".join(f"Sentence number {n} of many." for n in range(150))})
    told: list[tuple[int, int]] = []
    report = ingest(seeds, data, embeddings, IDENTITY, progress=lambda done, total: told.append((done, total)))
    assert report.embedded > 299  # each sentence, and each but the first with what leads to it
    assert told[0] == (64, report.embedded)
    assert told[-1] == (report.embedded, report.embedded)
    assert all(one < other and total == report.embedded for (one, _), (other, total) in pairwise(told))


def test_a_source_that_cannot_be_read_now_stays_as_it_was(run: Run, seeds: Path, data: Path) -> None:
    run()
    (seeds / "trade.md").write_bytes(b"\xff broken")
    write_seeds(seeds, {"new.txt": "A new source.", "bad.txt": "\0"})
    report = run()
    assert (report.added, report.unchanged) == (("new.txt",), ALL)
    assert [problem.source_id for problem in report.problems] == ["bad.txt", "trade.md"]
    assert texts_in(data)["trade.md"] == SENTENCES["trade.md"]
    other = ingest(seeds, data, FakeEmbeddings(8), "other")  # also when everything is built anew
    assert "trade.md" in other.unchanged


def test_no_source_can_be_read(tmp_path: Path, data: Path, embeddings: FakeEmbeddings) -> None:
    seeds = write_seeds(tmp_path / "bad", {"a.txt": " "})
    with pytest.raises(SeedsError, match=r"no source can be read.*a\.txt: is empty"):
        ingest(seeds, data, embeddings, IDENTITY)
    assert snapshots_in(data) == []


def test_two_names_that_are_one(seeds: Path, run: Run) -> None:
    write_seeds(seeds, {"caf\u00e9.txt": "One.", "cafe\u0301.txt": "Two."})
    report = run()
    assert [problem.source_id for problem in report.problems] == ["caf\u00e9.txt"]
    assert "two files have this name" in str(report.problems[0])


def test_most_sources_gone_is_refused(run: Run, seeds: Path, data: Path) -> None:
    first = run()
    (seeds / "asean.txt").unlink()
    shutil.rmtree(seeds / "deep")
    with pytest.raises(
        SeedsError, match=r"2 of the 3 indexed sources are gone \(asean.txt, deep/energy.txt\).*--prune"
    ):
        run()
    assert Snapshots(data).current() == first.snapshot
    report = run(prune=True)
    assert report.removed == ("asean.txt", "deep/energy.txt")
    assert list(texts_in(data)) == ["trade.md"]


def test_the_only_source_gone_is_refused(tmp_path: Path, data: Path, embeddings: FakeEmbeddings) -> None:
    seeds = write_seeds(tmp_path / "s", {"a.txt": "One text."})
    ingest(seeds, data, embeddings, IDENTITY)
    (seeds / "a.txt").unlink()
    write_seeds(seeds, {"b.txt": "Another."})
    with pytest.raises(SeedsError, match="--prune"):
        ingest(seeds, data, embeddings, IDENTITY)


def test_one_of_three_may_go(run: Run, seeds: Path, data: Path, embeddings: FakeEmbeddings) -> None:
    run()
    (seeds / "trade.md").unlink()
    report = run()
    assert (report.removed, report.embedded) == (("trade.md",), 0)
    index = open_index(data, IDENTITY)
    assert index.matching(["rice", "steel"], 5) == []
    near = index.nearest(embeddings.embed_query("Exports of rice grew last year."), 99)
    assert len(near) == index.sentence_count == 5
    index.close()


def test_another_embedder_rebuilds(run: Run, seeds: Path, data: Path) -> None:
    run()
    other = FakeEmbeddings(8)
    with pytest.raises(IndexUnusable, match=r"another embedder \(fake-1, now fake-2\); run `assistant ingest`"):
        open_index(data, "fake-2")
    report = ingest(seeds, data, other, "fake-2")
    assert report.rebuilt == "the index was made with another embedder (fake-1, now fake-2)"
    assert report.embedded == len(other.texts) > 0
    index = open_index(data, "fake-2")
    assert index.nearest(other.embed_query("Russia sent a delegation."), 1)[0].similarity == pytest.approx(1)
    index.close()


def test_another_dimension_under_the_same_name_rebuilds(run: Run, seeds: Path, data: Path) -> None:
    run()
    write_seeds(seeds, {"new.txt": "Something new."})
    report = ingest(seeds, data, FakeEmbeddings(8), IDENTITY)
    assert report.rebuilt == "the embedder gives 8 numbers now, the index holds 16"
    index = open_index(data, IDENTITY)
    assert (index.dimension, len(index.sources)) == (8, 4)
    index.close()


@pytest.mark.parametrize("key", ["schema", "text_rules"])
def test_another_version_rebuilds(run: Run, data: Path, key: str) -> None:
    path = data / "index" / run().snapshot / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {key: 99 if key == "schema" else "other"}))
    with pytest.raises(IndexUnusable, match="another version of this program"):
        open_index(data, IDENTITY)
    report = run()
    assert report.rebuilt
    assert "another version" in report.rebuilt
    if key == "text_rules":
        assert report.embedded == 0
    assert words_in(data).keys()
    assert texts_in(data) == SENTENCES


def test_the_one_before_is_kept_and_older_ones_go(run: Run, seeds: Path, data: Path) -> None:
    names = []
    for n in range(4):
        write_seeds(seeds, {"n.txt": f"Number {n}."})
        names.append(run().snapshot)
    assert snapshots_in(data) == names[-2:]


def test_an_embedder_that_fails_changes_nothing(run: Run, seeds: Path, data: Path) -> None:
    class Broken(FakeEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise ConnectionError("no route")

    name = run().snapshot
    write_seeds(seeds, {"new.txt": "Something new."})
    with pytest.raises(ConnectionError):
        ingest(seeds, data, Broken(), IDENTITY)
    assert (Snapshots(data).current(), snapshots_in(data)) == (name, [name])


def test_two_ingests_at_once(seeds: Path, data: Path) -> None:
    inside, go_on = threading.Event(), threading.Event()

    class Slow(FakeEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            inside.set()
            go_on.wait(20)
            return super().embed_documents(texts)

    first = threading.Thread(target=ingest, args=(seeds, data, Slow(), IDENTITY))
    first.start()
    assert inside.wait(20)
    began = time.monotonic()
    with pytest.raises(IndexBusy, match="another process is writing the index"):
        ingest(seeds, data, FakeEmbeddings(), IDENTITY, wait=0.1)
    assert time.monotonic() - began < 2
    go_on.set()
    first.join()
    assert ingest(seeds, data, FakeEmbeddings(), IDENTITY).unchanged == ALL


def test_many_processes_ingest_at_once(seeds: Path, data: Path) -> None:
    code = (
        "import sys, pathlib\nfrom fakes import *\nfrom assistant.index.ingest import ingest\n"
        "r = ingest(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), FakeEmbeddings(), IDENTITY, wait=30)\n"
        "print(len(r.added), len(r.unchanged))"
    )
    started = [start(code, seeds, data) for _ in range(3)]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in started)
    assert said == ["0 3", "0 3", "3 0"]


def test_a_data_folder_that_cannot_be_made(seeds: Path, tmp_path: Path, embeddings: FakeEmbeddings) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="cannot be written: a part of its path is a file.*--data"):
        ingest(seeds, tmp_path / "file" / "data", embeddings, IDENTITY)
    assert embeddings.texts == []


@pytest.mark.parametrize("limit", [1_000, 30_000, 100_000, 200_000])
def test_a_disk_that_is_full(run: Run, seeds: Path, data: Path, limit: int) -> None:
    """A limit on the size of files stands for the full disk: the system refuses writes past it (EFBIG)."""
    name = run().snapshot
    write_seeds(seeds, {"new.txt": "\n\n".join(f"Sentence number {n} of many." for n in range(1_500))})
    code = (
        "import sys, pathlib, resource, signal\nfrom fakes import *\nfrom assistant.index.ingest import ingest\n"
        "from assistant.errors import DataFolderError\nimport chromadb\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))\n"
        "try:\n    ingest(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), FakeEmbeddings(), IDENTITY)\n"
        "except DataFolderError as exc:\n    print('refused:', exc)"
    )
    out, err = start(code, seeds, data, limit).communicate(timeout=60)
    assert out.startswith("refused: "), err
    assert out.count("\n") == 1
    assert (Snapshots(data).current(), snapshots_in(data)) == (name, [name])
    assert texts_in(data) == SENTENCES


def test_is_current(run: Run, seeds: Path, data: Path, tmp_path: Path) -> None:
    assert not is_current(seeds, data, IDENTITY)
    assert not data.exists()
    run()
    assert is_current(seeds, data, IDENTITY)
    assert not is_current(seeds, data, "fake-2")
    assert is_current(tmp_path / "nowhere", data, IDENTITY)
    write_seeds(seeds, {"trade.md": "Other words."})
    assert not is_current(seeds, data, IDENTITY)
    (seeds / "trade.md").write_bytes(b"\xff")  # cannot be read: the index stays as it is
    assert is_current(seeds, data, IDENTITY)
    (seeds / "trade.md").unlink()
    assert not is_current(seeds, data, IDENTITY)
