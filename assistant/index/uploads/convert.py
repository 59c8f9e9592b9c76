"""Has a file read by a worker process, within a time and a memory that hold for any file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import SettingsError, UploadError
from assistant.index.uploads.extract import Extract
from assistant.index.uploads.formats import MAX_FILE_BYTES, kind_of, too_large

SECONDS = 60
"""How long reading may take. 500 plain pages of PDF took 1.2 s, 10,000 paragraphs of Word 1.0 s."""
MEMORY = 2_000_000_000
"""Bytes of address space that it may take."""

_ENVIRONMENT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")
"""What the worker is given of the environment: what Python needs, and no key or token."""

_PACKAGES = ("pypdf", "mammoth", "selectolax")


def require_packages() -> None:
    """Looks whether the readers' packages are installed, without importing them.

    Raises:
        SettingsError: one is not.
    """
    if any(find_spec(name) is None for name in _PACKAGES):
        raise SettingsError('ASSISTANT_UPLOADS needs packages of its own: pip install "meeting-assistant[uploads]"')


def convert(file: Path, name: str, *, seconds: int = SECONDS, memory: int = MEMORY) -> Extract:
    """What is read out of a file; `name` is its name as `clean_name` gives it.

    Raises:
        UploadError: it cannot be added; the message says why.
    """
    if file.stat().st_size > MAX_FILE_BYTES:
        raise too_large()
    # -P: a module in the current folder is not taken for one of the program's.
    command = [sys.executable, "-P", "-m", "assistant.index.uploads.worker"]
    command += [kind_of(name), os.fspath(file), str(seconds), str(memory)]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL, env=environment
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode < 0:  # ended by its limits
        raise UploadError("too_slow", f"the file takes longer than {seconds} s to read; save it anew, or split it")
    try:
        found = json.loads(done.stdout)
    except ValueError as exc:
        what = "the file is damaged and cannot be read; save it again and upload that"
        raise UploadError("damaged", what) from exc
    if "refused" in found:
        raise UploadError(*found["refused"])
    return Extract.from_json(found)
