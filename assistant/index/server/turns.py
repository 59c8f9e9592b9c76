"""Which snapshot is in use on a Chroma server, and whose turn it is to write: the pointer and the writer's lease in one.

A turn is an empty collection `assistant-turn-<number>`, on which is noted which snapshot is in use, and until when its
owner may write. Only the highest number counts. Chroma has no transactions, but it makes a name once only: whoever makes
the next number has the turn. The highest is never removed, so numbers only grow, and an owner that was too slow finds a
higher one before it changes anything. Time is the server's, so that no two clocks need to agree.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from assistant.errors import AssistantError, IndexBusy, IndexUnusable
from assistant.index.server.client import ChromaServer

LEASE_SECONDS = 30.0
"""How long a turn lasts after its owner last said that it is alive, which it says three times as often."""

_NAME = re.compile(r"assistant-turn-(\d{9})")
_TRY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Turn:
    number: int
    snapshot: str  # "": none is in use
    until: float  # seconds since 1970; 0.0: it has ended


class Turns:
    """The turns on a server; raises (everywhere) as that does."""

    def __init__(self, server: ChromaServer) -> None:
        self._server = server
        self._mine: _Turn | None = None
        self._noting = threading.Lock()  # the thread that keeps a turn alive must not undo what its owner notes

    def current(self) -> str | None:
        """The name of the snapshot in use; None if there is none."""
        return self._highest().snapshot or None

    @contextmanager
    def taken(self, wait: float) -> Iterator[None]:
        """Has the turn while it lasts; waits for it up to `wait` seconds.

        Raises:
            IndexBusy: another has it still.
        """
        self._mine = self._take(time.monotonic() + wait)
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(done,), name="turn", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()
            with suppress(AssistantError):  # then it ends by itself
                self._note(self._mine.snapshot, ended=True)

    def point(self, snapshot: str) -> None:
        """Makes a snapshot the one in use, at once or not at all. For the owner of the turn.

        Raises:
            IndexBusy: the turn was lost, because its owner was not heard of for too long.
        """
        assert self._mine is not None
        if self._highest().number != self._mine.number:
            raise IndexBusy(
                "this ingest took too long to say that it is alive, and another has begun: nothing was changed"
            )
        self._note(snapshot)

    def _highest(self) -> _Turn:
        turns = {}
        for name, noted in self._server.collections().items():
            if match := _NAME.fullmatch(name):
                turns[int(match[1])] = noted
        if not turns:
            return _Turn(0, "", 0.0)
        number = max(turns)
        until = turns[number].get("until")
        return _Turn(
            number, str(turns[number].get("snapshot", "")), float(until) if isinstance(until, int | float) else 0.0
        )

    def _take(self, deadline: float) -> _Turn:
        while True:
            highest, now = self._highest(), self._server.clock()
            if highest.until <= now:
                mine = _Turn(highest.number + 1, highest.snapshot, now + LEASE_SECONDS)
                if self._server.create(_name(mine.number), {"snapshot": mine.snapshot, "until": mine.until}):
                    if self._highest().number == mine.number:
                        self._clear(mine.number)
                        return mine
                    self._server.delete(_name(mine.number))  # it was removed by the owner of a higher one meanwhile
            elif time.monotonic() >= deadline:
                raise IndexBusy(
                    f"another process is writing the index on {self._server.where}; try again when it has finished "
                    f"(or, if it was stopped, in {highest.until - now:.0f} s)"
                )
            time.sleep(_TRY_SECONDS)

    def _clear(self, below: int) -> None:
        for name in self._server.collections():
            if (match := _NAME.fullmatch(name)) and int(match[1]) < below:
                self._server.delete(name)

    def _keep(self, done: threading.Event) -> None:
        while not done.wait(LEASE_SECONDS / 3):
            with suppress(AssistantError):  # what is not heard in time is found out by `point`
                self._note()

    def _note(self, snapshot: str | None = None, *, ended: bool = False) -> None:
        with self._noting:
            assert self._mine is not None
            until = 0.0 if ended else self._server.clock() + LEASE_SECONDS
            noted = _Turn(self._mine.number, self._mine.snapshot if snapshot is None else snapshot, until)
            try:
                self._server.note(_name(noted.number), {"snapshot": noted.snapshot, "until": noted.until})
            except IndexUnusable as exc:
                raise IndexBusy("another ingest has begun, and has removed the turn of this one") from exc
            self._mine = noted


def _name(number: int) -> str:
    return f"assistant-turn-{number:09}"
