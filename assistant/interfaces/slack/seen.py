"""What has been taken up already, so that what Slack sends again is answered once, also after a restart."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from pathlib import Path

from assistant.errors import DataFolderError

_log = logging.getLogger(__name__)

KEPT = 24 * 3600.0
"""Seconds. Slack sends again at once, after one and after five minutes, and with delayed events hourly for a day."""


class Seen:
    """Keys of messages, button clicks and requests, in a small SQLite file that several processes may share.

    Raises:
        DataFolderError: the file cannot be made or read.
    """

    def __init__(self, path: Path, *, kept: float = KEPT) -> None:
        self._kept = kept
        self._recent: dict[str, float] = {}
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, at REAL NOT NULL)")
        except (OSError, sqlite3.Error) as exc:
            raise DataFolderError(f"{path} cannot be used ({exc}): make its folder writable, or give --data") from exc

    async def claim(self, key: str) -> bool:
        """Whether the key is new; from now on it is not."""
        now = time.time()
        if self._recent.get(key, 0.0) > now - self._kept:
            return False
        self._recent[key] = now
        try:
            return await asyncio.to_thread(self._insert, key, now)
        except sqlite3.Error as exc:  # a full disk, say: this process still remembers, only the next one would not
            _log.warning("what was answered could not be written down", exc_info=exc)
            return True

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()

    def _insert(self, key: str, now: float) -> bool:
        with self._lock:
            # A handful of rows an hour: looking through all of them costs less than keeping them in order.
            self._file.execute("DELETE FROM seen WHERE at < ?", (now - self._kept,))
            new = self._file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, now)).rowcount == 1
        for old in [each for each, at in list(self._recent.items()) if at < now - self._kept]:
            self._recent.pop(old, None)
        return new
