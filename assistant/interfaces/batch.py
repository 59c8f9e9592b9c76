"""`assistant ask --batch`: questions in a file, one a line, and their answers in another."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from assistant.errors import QuestionError, UsageError
from assistant.types import Question

if TYPE_CHECKING:
    from assistant.app import Assistant


def answer_batch(assistant: Assistant, batch: str, output: str) -> int:
    """Answers each line of the file `batch` in its place of the file `output` (`-` is stdin, stdout); how many could not be.

    Raises:
        UsageError: a file cannot be opened, or both are the same.
        IndexUnusable: there is no index, or it cannot be read.
    """
    failed = 0
    if "-" not in (batch, output) and Path(output).exists() and Path(batch).exists() and Path(batch).samefile(output):
        raise UsageError(
            f"{output} holds the questions: writing the answers there would lose them; give another --output"
        )
    with _opened(batch, "rb") as questions, _opened(output, "wb") as answers:
        for number, line in enumerate(questions, 1):
            if not line.strip():
                continue
            identity: object = None
            try:
                fields = _fields(line)
                identity = fields.pop("id", None)
                asked = Question.model_validate({**fields, "request_id": None if identity is None else str(identity)})
                text = assistant.chain.invoke(asked).model_dump_json()
            except (ValueError, QuestionError) as exc:
                failed += 1
                text = json.dumps({"request_id": identity, "line": number, "error": _reason(exc)}, ensure_ascii=False)
            answers.write(text.encode("utf-8", "backslashreplace") + b"\n")
            answers.flush()
    return failed


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as exc:
        raise ValueError(f"not UTF-8 at byte {exc.start} of the line") from exc
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON: {exc.msg} at column {exc.colno}") from exc
    except RecursionError as exc:
        raise ValueError("not a question: its brackets lie too deep within each other") from exc
    if not isinstance(fields, dict):
        raise ValueError('not a JSON object; write e.g. {"id": 1, "question": "Who chaired the meeting?"}')
    return fields


def _reason(exc: Exception) -> str:
    if isinstance(exc, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors()[:3])
    return str(exc)


@contextmanager
def _opened(path: str, mode: Literal["rb", "wb"]) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer if mode == "rb" else sys.stdout.buffer
        return
    try:
        file = Path(path).open(mode)  # noqa: SIM115 (only the opening is the path's fault)
    except OSError as exc:
        raise UsageError(f"{path}: {exc.strerror}") from exc
    with file:
        yield file
