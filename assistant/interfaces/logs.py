"""Logs as one JSON object a line, without the texts of questions unless they are asked for."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import traceback
from contextvars import ContextVar
from types import TracebackType

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""


class JsonLines(logging.Formatter):
    """A record as a JSON object: time, level, event, request_id, and what the record's `fields` hold.

    Of an exception it tells the class and the places, and only with `texts` its message, which can quote a question.
    """

    def __init__(self, *, texts: bool = False) -> None:
        super().__init__()
        self._texts = texts

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if (current := request_id.get()) is not None:
            told["request_id"] = current
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            told |= fields
        else:
            told["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            told |= self._error(record.exc_info[1], record.exc_info[2])
        return json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode("utf-8")

    def _error(self, exc: BaseException, trace: TracebackType | None) -> dict[str, object]:
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        told: dict[str, object] = {"error": type(exc).__name__, "places": places}
        return {**told, "message": str(exc)} if self._texts else told


def configure(*, texts: bool) -> None:
    """Sends the whole process's logs to stderr in this form; `texts` lets questions and errors' messages in."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(texts=texts))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("assistant").setLevel(logging.INFO)
