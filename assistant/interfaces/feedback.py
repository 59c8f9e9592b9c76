"""Readers' thumbs, a JSON object a line, in the data folder's `feedback.jsonl`: what `assistant eval draft` reads."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI
from filelock import FileLock, Timeout
from pydantic import ConfigDict, Field

from assistant.errors import DataFolderError
from assistant.interfaces import examples
from assistant.interfaces.bodies import Body as JsonBody
from assistant.interfaces.bodies import Health
from assistant.interfaces.metrics import Metrics
from assistant.interfaces.openapi import failures
from assistant.types import MAX_QUESTION_CHARS

MAX_FILE_BYTES = 64 * 1024 * 1024
"""About 30,000 lines with question and answer; more is for a person to move away."""
_PATIENCE = 5.0  # seconds for another process to finish its line


class FeedbackRequest(JsonBody):
    """A reader's thumb. Question and answer only with the reader's consent."""

    model_config = ConfigDict(extra="forbid")

    answer_id: str = Field(min_length=1, max_length=100, description="`id` of the Answer")
    rating: Literal["up", "down"]
    comment: str | None = Field(default=None, max_length=2_000)
    question: str | None = Field(default=None, max_length=MAX_QUESTION_CHARS)
    answer: str | None = Field(default=None, max_length=20_000)


class FeedbackFile:
    """Appends lines safely: whole ones only, whatever other processes, a full disk or a kill do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, fields: dict[str, Any]) -> None:
        """Adds a line with these fields.

        Raises:
            DataFolderError: it cannot be written, or the file is full.
        """
        # ASCII only: readers split lines at U+2028 and its like too.
        line = json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=_PATIENCE), self._path.open("ab+") as file:
                self._write(file.fileno(), line)
        except (OSError, Timeout) as exc:
            reason = getattr(exc, "strerror", None) or "another process is writing"
            raise DataFolderError(f"the feedback could not be kept ({reason}): try again later") from exc

    def _write(self, file: int, line: bytes) -> None:
        end = _mend(file)
        if end + len(line) > MAX_FILE_BYTES:
            raise DataFolderError("the feedback could not be kept: feedback.jsonl is full, and has to be moved away")
        try:
            written = 0
            while written < len(line):
                written += os.write(file, line[written:])
            os.fsync(file)
        except OSError:
            os.ftruncate(file, end)
            raise


def add_feedback(app: FastAPI, data: Path, metrics: Metrics) -> None:
    """Adds the route for readers' thumbs."""
    kept = FeedbackFile(data / "feedback.jsonl")

    @app.post("/v1/feedback", summary="Rate an answer", responses=failures(400, 408, 413, 415, 422, "data-folder"))
    def feedback(body: Annotated[FeedbackRequest, Body(openapi_examples=examples.FEEDBACK)]) -> Health:
        given = {name: value for name, value in body.model_dump().items() if value is not None}
        kept.append({"time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), **given})
        metrics.rating(body.rating)
        return Health(status="recorded")


def _mend(file: int) -> int:
    """Cuts off what a killed process left of a line; where the file then ends."""
    end = os.fstat(file).st_size
    while end and os.pread(file, 1, end - 1) != b"\n":
        start = max(0, end - 4096)
        end = start + os.pread(file, end - start, start).rfind(b"\n") + 1
    if end != os.fstat(file).st_size:
        os.ftruncate(file, end)
    return end
