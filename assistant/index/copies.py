"""Private copies of a snapshot's files, in the system's folder for temporary files (TMPDIR).

A copy goes when it is closed or its process ends. Those of killed processes are swept when the next one is made: each
copy holds a file that its process keeps locked.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PREFIX = "assistant-index-"
_IN_USE = "in-use"
_ABANDONED_SECONDS = 60.0  # a younger copy may be one whose lock is not taken yet


class PrivateCopy:
    """The files at `paths` (relative, with `/`) of a folder, copied; `folder` of the copy is where they are.

    Raises:
        OSError: a file is missing, or the temporary folder cannot be written.
    """

    def __init__(self, folder: Path = Path(), paths: Iterable[str] = ()) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = os.open(self.folder / _IN_USE, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._finalize = weakref.finalize(self, _remove, self.folder, lock, os.getpid())
        try:
            copy_files(folder, self.folder, paths)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Removes the copy."""
        self._finalize()


def copy_files(source: Path, target: Path, paths: Iterable[str]) -> None:
    """Copies the files at `paths` from one folder to another, which is made if needed."""
    target.mkdir(exist_ok=True)
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / path)


def _remove(folder: Path, lock: int, owner: int) -> None:
    if os.getpid() == owner:  # a forked child must not remove what its parent reads
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid != os.getuid() or time.time() - found.st_mtime < _ABANDONED_SECONDS:
                continue
            lock = os.open(folder / _IN_USE, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails with OSError while its process lives
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
