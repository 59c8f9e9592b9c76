"""Logs as one JSON object a line, without the texts of questions unless they are asked for."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from types import TracebackType

_TRACEBACK = "Traceback (most recent call last):"
_PLACE = re.compile(r'  File "(.+)", line (\d+), in (.+)')
_RAISED = re.compile(r"[A-Za-z_][\w.]*")
_printed = logging.getLogger("assistant.printed")

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
            "event": self._event(record),
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

    def _event(self, record: logging.LogRecord) -> str:
        """The message; of a library's about an exception only the first line without `texts`, for the rest can hold it."""
        message = record.getMessage()
        return message if self._texts or not record.exc_info else message.partition("\n")[0]

    def _error(self, exc: BaseException, trace: TracebackType | None) -> dict[str, object]:
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        told: dict[str, object] = {"error": type(exc).__name__, "places": places}
        return {**told, "message": str(exc)} if self._texts else told


class Printed(io.TextIOBase):
    """Stands in for stderr while a server runs, and logs what libraries print there, past logging.

    Gradio prints the tracebacks of faults, with the inputs that caused them. As for other exceptions the class and the
    places are logged; other lines only with `texts`.
    """

    def __init__(self, *, texts: bool = False) -> None:
        self._texts = texts
        self._rest = ""
        self._places: list[str] | None = None  # of the traceback that is being printed
        self._logging = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._line(line)
        return len(text)

    def _line(self, line: str) -> None:
        if line == _TRACEBACK:
            self._places = []
        elif self._places is not None and (place := _PLACE.fullmatch(line)):
            self._places.append(f"{place[1]}:{place[2]} {place[3]}")
        elif self._places is not None and (raised := _RAISED.match(line)):
            self._log({"error": raised[0], "places": self._places}, line)
            self._places = None
        elif self._places is None and line.strip():
            self._log({"characters": len(line)}, line)

    def _log(self, fields: dict[str, object], line: str) -> None:
        if self._logging:  # the log cannot be written, which logging prints in turn
            return
        self._logging = True
        try:
            shown = {**fields, "message": line} if self._texts else fields
            _printed.warning("printed by a library", extra={"fields": shown})
        finally:
            self._logging = False


def configure(*, texts: bool) -> None:
    """Sends the whole process's logs to stderr in this form; `texts` lets questions and errors' messages in."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(texts=texts))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("assistant").setLevel(logging.INFO)
