"""The index on a Chroma server: a real `chroma run` on loopback, which is stopped, held and started again."""

from __future__ import annotations

import base64
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import IndexBusy, IndexUnreachable, IndexUnusable
from assistant.index import exact
from assistant.index.ingest import IngestReport, ingest, is_current
from assistant.index.server import client
from assistant.index.store import LiveIndex, open_index

from .chroma import Chroma, asking, collections
from .fakes import IDENTITY, SENTENCES, FakeEmbeddings, start, write_seeds

Run = Callable[..., IngestReport]

INGEST = """
import os, pathlib, signal, sys
from fakes import *
from assistant.index.ingest import ingest
from assistant.index.server import turns
seeds, url, lease, dies = sys.argv[1:]
turns.LEASE_SECONDS = float(lease)
def progress(done, total):
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
ingest(pathlib.Path(seeds), pathlib.Path("/nowhere"), FakeEmbeddings(), IDENTITY, progress=progress, chroma_url=url)
"""


@pytest.fixture
def run(chroma: Chroma, seeds: Path, data: Path, embeddings: FakeEmbeddings) -> Iterator[Run]:
    """An ingest of the seeds to the server, after which the data folder is still not there."""

    def ingested(*, prune: bool = False, wait: float = 2.0) -> IngestReport:
        return ingest(seeds, data, embeddings, IDENTITY, prune=prune, wait=wait, chroma_url=chroma.url)

    yield ingested
    assert not data.exists()


@pytest.fixture
def live(chroma: Chroma, data: Path) -> Iterator[LiveIndex]:
    index = LiveIndex(data, IDENTITY, chroma_url=chroma.url)
    yield index
    index.close()


@pytest.fixture
def searched_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the index were a large one, whose vectors are searched by the server."""
    monkeypatch.setattr(exact, "EXACT_RECORDS", 1)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(client, "PATIENCE", 0.3)
    return 0.3


def opened(data: Path, url: str) -> None:
    """Opens the index once. Raises as a reader does."""
    with closing(LiveIndex(data, IDENTITY, chroma_url=url)) as live, live.open():
        pass


def texts(live: LiveIndex) -> dict[str, str]:
    with live.open() as index:
        return {source_id: source.text for source_id, source in index.sources.items()}


def test_an_index_on_a_server_is_that_on_disk(run: Run, live: LiveIndex, seeds: Path, tmp_path: Path) -> None:
    assert run().added == tuple(sorted(SENTENCES))
    ingest(seeds, tmp_path / "disk", FakeEmbeddings(), IDENTITY)
    on_disk = open_index(tmp_path / "disk", IDENTITY)
    asked = FakeEmbeddings().embed_query("Trade with Russia reached 18 billion")
    with live.open() as index:
        assert dict(index.sources) == dict(on_disk.sources)
        assert index.nearest(asked, 20) == on_disk.nearest(asked, 20)
        assert index.matching(["russia", "trade"], 5) == on_disk.matching(["russia", "trade"], 5)
    on_disk.close()


@pytest.mark.usefixtures("searched_there")
def test_a_large_index_is_searched_by_the_server(run: Run, live: LiveIndex, embeddings: FakeEmbeddings) -> None:
    run()
    with live.open() as index:
        [text] = [
            each.text for each in index.sentences([index.nearest(embeddings.embed_query("Gas prices"), 1)[0].number])
        ]
        assert text == "Gas prices rose in winter."
        with pytest.raises(IndexUnusable, match="gives 3 numbers"):
            index.nearest([1.0] * 3, 1)


def test_only_what_differs_is_embedded(
    run: Run, chroma: Chroma, live: LiveIndex, seeds: Path, data: Path, embeddings: FakeEmbeddings
) -> None:
    first = run()
    assert first.embedded == len(set(embeddings.texts))
    assert run().snapshot == first.snapshot
    embeddings.texts.clear()
    write_seeds(seeds, {"trade.md": SENTENCES["trade.md"] + " Wheat was sold.", "renamed.txt": SENTENCES["asean.txt"]})
    (seeds / "asean.txt").unlink()
    assert not is_current(seeds, data, IDENTITY, chroma_url=chroma.url)
    second = run()
    assert (second.added, second.changed, second.removed) == (("renamed.txt",), ("trade.md",), ("asean.txt",))
    assert embeddings.texts == ["Wheat was sold.", f"{SENTENCES['trade.md']} Wheat was sold."]
    assert is_current(seeds, data, IDENTITY, chroma_url=chroma.url)
    assert set(texts(live)) == {"deep/energy.txt", "renamed.txt", "trade.md"}
    with live.open() as index:
        numbers = {hit.number for hit in index.nearest([1.0] * 16, 100)}
        assert numbers == {each.number for source_id in index.sources for each in index.of_source(source_id)}
    write_seeds(seeds, {"more.txt": "Once more."})
    run()
    snapshots = [name for name in collections(chroma) if not name.startswith("assistant-turn-")]
    assert len(snapshots) == 4 and not [name for name in snapshots if first.snapshot in name]


def test_readers_see_what_another_process_ingests(run: Run, chroma: Chroma, data: Path, seeds: Path) -> None:
    run()
    readers = [LiveIndex(data, IDENTITY, chroma_url=chroma.url) for _ in range(3)]
    done, seen = threading.Event(), [0.0] * len(readers)

    def read(at: int) -> None:
        while not done.is_set():
            with readers[at].open() as index:
                assert index.nearest([1.0] * 16, 3) and index.matching(["trade"], 1)
                if "new.txt" in index.sources and not seen[at]:
                    seen[at] = time.monotonic()
            time.sleep(0.01)

    with ThreadPoolExecutor(len(readers)) as pool:
        reading = [pool.submit(read, at) for at in range(len(readers))]
        write_seeds(seeds, {"new.txt": "Something new of trade."})
        process = start(INGEST, seeds, chroma.url, 30, "")
        _, said = process.communicate(timeout=60)
        finished = time.monotonic()
        while not all(seen) and time.monotonic() < finished + 5:
            time.sleep(0.01)
        done.set()
        for each in reading:
            each.result()
    assert process.returncode == 0, said
    assert all(seen) and max(seen) < finished + 2.0
    assert [reader.problem for reader in readers] == [None] * len(readers)
    for reader in readers:
        reader.close()


def test_a_killed_ingest_leaves_the_old_index_and_the_next_one_goes_on(
    run: Run, chroma: Chroma, live: LiveIndex, seeds: Path
) -> None:
    old = run().snapshot
    write_seeds(seeds, {"new.txt": "Something new."})
    process = start(INGEST, seeds, chroma.url, 30, "dies")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert texts(live) == SENTENCES
    left = [name for name in collections(chroma) if old not in name and "turn" not in name]
    assert left
    with pytest.raises(IndexBusy, match=r"another process is writing .* if it was stopped, in \d+ s"):
        run(wait=0)
    with asking(chroma) as asked:  # as if its time had passed
        turn = max(
            (each for each in asked.list_collections() if "-turn-" in each.name), key=lambda each: str(each.name)
        )
        turn.modify(metadata={**turn.metadata, "until": 0.0})
    assert run().added == ("new.txt",)
    assert not set(left) & set(collections(chroma))
    live.renew()
    assert "new.txt" in texts(live)


@pytest.mark.parametrize("delay", [0.6, 1.0])
def test_killed_at_any_moment(run: Run, chroma: Chroma, live: LiveIndex, seeds: Path, delay: float) -> None:
    run()
    new = {"many.txt": "\n\n".join(f"Sentence number {n} of many." for n in range(300))}
    write_seeds(seeds, new)
    process = start(INGEST, seeds, chroma.url, 1, "")
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=60)
    assert texts(live) in (SENTENCES, {**SENTENCES, **new})
    run(wait=5)
    live.renew()
    assert texts(live) == {**SENTENCES, **new}


def test_a_server_that_is_gone_leaves_readers_what_they_have(run: Run, chroma: Chroma, seeds: Path, data: Path) -> None:
    run()
    now = [0.0]
    live = LiveIndex(data, IDENTITY, chroma_url=chroma.url, clock=lambda: now[0])
    assert texts(live) == SENTENCES
    chroma.stop()
    now[0] = 2.0
    assert texts(live) == SENTENCES
    with live.open() as index:
        assert len(index.nearest([1.0] * 16, 5)) == 5
    said = rf"the Chroma server 127.0.0.1:{chroma.port} cannot be reached \(.*\); start it, or see to CHROMA_URL$"
    assert isinstance(live.problem, IndexUnreachable)
    for attempt in (
        run,
        lambda: is_current(seeds, data, IDENTITY, chroma_url=chroma.url),
        lambda: opened(data, chroma.url),
    ):
        with pytest.raises(IndexUnreachable, match=said):
            attempt()
    chroma.start()
    write_seeds(seeds, {"new.txt": "Something new."})
    assert run().embedded == 1
    now[0] = 4.0
    assert "new.txt" in texts(live)
    assert live.problem is None
    live.close()


@pytest.mark.usefixtures("searched_there")
def test_a_large_index_says_that_its_server_is_gone_and_goes_on_when_it_is_back(
    run: Run, chroma: Chroma, live: LiveIndex
) -> None:
    run()
    with live.open() as index:
        before = index.nearest([1.0] * 16, 5)
        chroma.stop()
        with pytest.raises(IndexUnreachable, match="cannot be reached"):
            index.nearest([1.0] * 16, 5)
        assert index.matching(["russia"], 5)
        chroma.start()
        assert index.nearest([1.0] * 16, 5) == before


def test_a_server_that_hangs_is_not_waited_for(
    run: Run, chroma: Chroma, impatient: float, data: Path, seeds: Path
) -> None:
    run()
    live = LiveIndex(data, IDENTITY, chroma_url=chroma.url)
    assert texts(live) == SENTENCES
    chroma.held()
    time.sleep(1.1)
    begun = time.monotonic()
    assert texts(live) == SENTENCES
    assert impatient <= time.monotonic() - begun < 3.0
    told = live.problem
    assert "does not answer within 0.3 s" in str(told)
    assert texts(live) == SENTENCES
    assert live.problem is told  # the next question does not wait again
    with pytest.raises(IndexUnreachable, match=r"does not answer within 0.3 s"):
        opened(data, chroma.url)
    chroma.process.send_signal(signal.SIGCONT)
    write_seeds(seeds, {"new.txt": "Something new."})
    run()
    deadline = time.monotonic() + 10
    while "new.txt" not in texts(live) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "new.txt" in texts(live)
    live.close()


def test_an_answer_of_something_else_is_said(data: Path) -> None:
    class Other(BaseHTTPRequestHandler):
        status, asked = 404, ""

        def do_GET(self) -> None:
            Other.asked = self.headers.get("Authorization", "")
            self.send_response(Other.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: it belongs to the test."""

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for Other.status in (404, 401, 503):
            with pytest.raises(
                IndexUnreachable, match=rf"does not answer as one \(HTTP Error {Other.status}"
            ) as caught:
                opened(data, f"http://me:hu%40sh@127.0.0.1:{server.server_port}/there/")
            assert "sh@" not in str(caught.value)
        assert base64.b64decode(Other.asked.removeprefix("Basic ")) == b"me:hu@sh"
        server.shutdown()


def files_of(asked: Any) -> Any:
    [name] = [each.name for each in asked.list_collections() if each.name.endswith("-files")]
    return asked.get_collection(name, embedding_function=None)


def records_of(asked: Any) -> Any:
    return asked.get_collection(files_of(asked).name.removesuffix("-files"), embedding_function=None)


def change(asked: Any, path: str, content: str) -> None:
    files_of(asked).update(ids=[f"{path}:0"], metadatas=[{"path": path, "number": 0, "content": content}])


def point(asked: Any, snapshot: str) -> None:
    [turn] = [each for each in asked.list_collections() if "-turn-" in each.name]
    turn.modify(metadata={"snapshot": snapshot, "until": 0.0})


DAMAGE: dict[str, Callable[[Any], object]] = {
    "no manifest": lambda asked: files_of(asked).delete(ids=["manifest.json:0"]),
    "other text": lambda asked: change(asked, "passages.sqlite3", "eJwDAAAAAAE="),
    "no base64": lambda asked: change(asked, "exact.npz", "%%%"),
    "no files": lambda asked: asked.delete_collection(files_of(asked).name),
    "no name": lambda asked: point(asked, "../../etc"),
    "another's name": lambda asked: point(asked, "20990101T000000000000-abcdef"),
}


RECORDS: dict[str, Callable[[Any], object]] = {
    "no records": lambda asked: asked.delete_collection(records_of(asked).name),
    "a record less": lambda asked: records_of(asked).delete(ids=records_of(asked).peek(1)["ids"]),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_said_and_mended(run: Run, chroma: Chroma, data: Path, kind: str) -> None:
    run()
    with asking(chroma) as asked:
        DAMAGE[kind](asked)
    with pytest.raises(IndexUnusable, match="; run `assistant ingest`$"):
        opened(data, chroma.url)
    assert run().rebuilt
    opened(data, chroma.url)


@pytest.mark.usefixtures("searched_there")
@pytest.mark.parametrize("kind", RECORDS)
def test_missing_vectors_are_said_and_mended(run: Run, chroma: Chroma, seeds: Path, data: Path, kind: str) -> None:
    run()
    with asking(chroma) as asked:
        RECORDS[kind](asked)
    with pytest.raises(IndexUnusable, match="; run `assistant ingest`$"):
        opened(data, chroma.url)
    assert not is_current(seeds, data, IDENTITY, chroma_url=chroma.url)
    assert run().rebuilt
    opened(data, chroma.url)


def test_what_others_keep_on_the_server_is_left_alone(run: Run, chroma: Chroma, seeds: Path) -> None:
    with asking(chroma) as asked:
        for name in ("theirs", "assistant-notes", "assistant-turn-one"):
            asked.create_collection(name, embedding_function=None)
    for number in range(3):
        write_seeds(seeds, {"new.txt": f"Something new, {number}."})
        run()
    assert {"theirs", "assistant-notes", "assistant-turn-one"} <= set(collections(chroma))
