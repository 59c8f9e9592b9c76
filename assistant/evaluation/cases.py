"""Evaluation cases: their schema, and loading them with every problem listed by file and line.

A case is one line of JSON in `evals/cases/*.jsonl` (`evals/README.md` documents each field).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import UsageError
from assistant.types import Source

ANSWERABLE = ("fact", "list", "join", "attribution", "yes_no", "summary", "dialogue")
TALK = ("small_talk", "assistant")
UNANSWERABLE = (
    "person", "country", "year", "number", "role", "attribute", "negation", "false_premise", "neighbouring_event",
    "opinion", "prediction", "off_topic", "instruction",
)  # fmt: skip

Words = Annotated[str, Field(pattern=r"\S")]  # an empty form would be in every answer
Form = Words | Annotated[list[Words], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Gold(_Strict):
    """Words of a source that hold the answer."""

    source_id: str
    text: str = Field(min_length=1)


class Ask(_Strict):
    """A question and what a right answer to it is. `gold` None: the sources do not answer it."""

    question: str = Field(min_length=1)
    gold: tuple[Gold, ...] | None = None
    gold_match: Literal["any", "all"] = "any"
    accept: Mapping[str, Annotated[list[Form], Field(min_length=1)]] = Field(default_factory=dict)
    category: str = ""
    note: str = ""

    @property
    def answerable(self) -> bool:
        return self.gold is not None

    @model_validator(mode="after")
    def _consistent(self) -> Ask:
        if self.gold == ():
            raise ValueError("gold is an empty list: null says that the sources do not answer")
        if self.gold and not self.accept:
            raise ValueError("an answerable question needs accepted forms")
        if self.category:
            _check_category(self.category)
        return self


class Case(_Strict):
    """A question, or a dialogue of several (`turns`); `group` ties the same question in several languages."""

    id: Words
    group: Words
    language: Words
    category: str
    corpus: str = Field(pattern=r"^\w[\w.-]*$")  # names a folder
    asks: tuple[Ask, ...] = Field(min_length=1)
    must_not_contain: tuple[Words, ...] = ()
    note: str = ""
    draft: bool = False

    @model_validator(mode="after")
    def _finished(self) -> Case:
        if self.draft:
            raise ValueError("a draft: give it its group, category, gold and accepted forms, then take `draft` out")
        _check_category(self.category)
        return self

    @property
    def cluster(self) -> str:
        """What the bootstrap draws as one: the same question in several languages is one observation."""
        return f"{self.corpus}/{self.group}"


def _check_category(name: str) -> None:
    if name not in (*ANSWERABLE, *TALK, *UNANSWERABLE):
        raise ValueError(f"unknown category {name!r}")


class CasesError(UsageError):
    """Cases that cannot be used; the message lists every problem, a line each."""


def load_cases(paths: Iterable[Path]) -> tuple[Case, ...]:
    """The cases of JSON Lines files.

    Raises:
        CasesError: a file that cannot be read, bad JSON, a field that is missing, unknown or wrong, an id that occurs
            twice; all of them at once.
    """
    found: dict[str, Case] = {}
    problems: list[str] = []
    for path in paths:
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as exc:
            problems.append(f"{path} cannot be read: {exc.strerror}")
            continue
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                case = _case(line)
            except (ValueError, RecursionError) as exc:
                problems.append(f"{path}:{number}: {_first(exc)}")
                continue
            if case.id in found:
                problems.append(f"{path}:{number}: the id {case.id} occurs twice")
            found[case.id] = case
    if problems:
        raise CasesError("\n".join(problems))
    return tuple(found.values())


def digest(cases: Iterable[Case]) -> str:
    """The same for the same cases in the same order."""
    found = hashlib.sha256()
    for case in cases:
        found.update(case.model_dump_json().encode() + b"\n")
    return found.hexdigest()[:16]


def check_gold(cases: Iterable[Case], sources: Mapping[str, Source]) -> list[str]:
    """The gold spans that are not words of their source."""
    return [
        f"{case.id}: {gold.source_id} does not hold “{gold.text}”"
        for case in cases
        for ask in case.asks
        for gold in ask.gold or ()
        if gold.source_id not in sources or gold.text not in sources[gold.source_id].text
    ]


def _case(line: bytes) -> Case:
    fields = json.loads(line.decode("utf-8-sig"))
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    shared = {
        name: fields.pop(name)
        for name in ("id", "group", "language", "category", "corpus", "must_not_contain", "draft")
        if name in fields
    }
    if "turns" not in fields:
        return Case.model_validate({**shared, "asks": (Ask.model_validate(fields),)})
    turns = fields.pop("turns")
    if not isinstance(turns, list) or not turns:
        raise ValueError("turns: a list of at least one question is needed")
    return Case.model_validate({**shared, **fields, "asks": tuple(map(Ask.model_validate, turns))})


def _first(exc: Exception) -> str:
    """The first of what is wrong with a line, in words."""
    if isinstance(exc, ValidationError):
        error = exc.errors()[0]
        return f"{'.'.join(map(str, error['loc']))}: {error['msg']}".removeprefix(": ")
    if isinstance(exc, UnicodeDecodeError):
        return f"not UTF-8 at byte {exc.start} of the line; save the file as UTF-8"
    return f"not JSON: {exc}" if isinstance(exc, json.JSONDecodeError) else str(exc)
