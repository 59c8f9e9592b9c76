"""Thumbs from readers as draft cases, for a person to complete."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.errors import UsageError
from assistant.text.languages import identify


def draft_cases(feedback: Path) -> list[dict[str, object]]:
    """A draft case for each line of `feedback.jsonl` that came with its question, once for each question.

    A line is what `/v1/feedback` was sent. A draft cannot be run: its group, category, gold and accepted forms are for
    a person to fill in, with the answer and the comment at hand in its note.

    Raises:
        UsageError: the file cannot be read, or a line is not JSON; names it.
    """
    drafts: dict[str, dict[str, object]] = {}
    try:
        lines = feedback.read_bytes().split(b"\n")
    except OSError as exc:
        raise UsageError(f"{feedback} cannot be read: {exc.strerror}") from exc
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line.decode())
            question = given.get("question")
        except (ValueError, AttributeError, RecursionError) as exc:
            raise UsageError(f"{feedback}: line {number} is no JSON object in UTF-8; mend it or take it out") from exc
        if isinstance(question, str) and question.strip():
            drafts.setdefault(question.strip(), _draft(given, question.strip(), number))
    return list(drafts.values())


def _draft(given: dict[str, object], question: str, line: int) -> dict[str, object]:
    name = f"feedback-{given.get('answer_id') or line}"
    said = "; ".join(
        f"{label}: {given[field]}"
        for label, field in (("rated", "rating"), ("comment", "comment"), ("answer", "answer"))
        if given.get(field)
    )
    return {
        "id": name, "group": name, "language": identify(question), "category": "fact", "corpus": "article",
        "question": question, "gold": None, "accept": {}, "draft": True, "note": said,
    }  # fmt: skip
