"""Those who write to an index on a Chroma server take turns."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from assistant.errors import IndexBusy
from assistant.index.server import turns
from assistant.index.server.client import ChromaServer
from assistant.index.server.turns import Turns

from .chroma import Chroma, collections


def test_one_writes_at_a_time(chroma: Chroma) -> None:
    writing: list[int] = []

    def write(number: int) -> None:
        with closing(ChromaServer(chroma.url)) as server, Turns(server).taken(60):
            writing.append(number)
            time.sleep(0.02)
            assert writing == [number]
            writing.clear()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(8)))
    assert len(collections(chroma)) == 1


def test_a_writer_that_was_not_heard_of_changes_nothing(server: ChromaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = Turns(server), Turns(server)
    monkeypatch.setattr(turns, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(slow, "_keep", lambda done: None)
    with slow.taken(0):
        time.sleep(0.4)
        with quick.taken(0):
            quick.point("new")
            with pytest.raises(IndexBusy, match="another has begun: nothing was changed"):
                slow.point("old")
    assert quick.current() == "new"


def test_a_writer_that_is_alive_keeps_its_turn(server: ChromaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LEASE_SECONDS", 1.0)
    with Turns(server).taken(0):
        time.sleep(1.6)
        with pytest.raises(IndexBusy), Turns(server).taken(0):
            pass
