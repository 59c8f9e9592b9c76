"""What a run writes down: one line of JSON for each case, whole enough to be judged again without the program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import UsageError
from assistant.evaluation.cases import Ask, Case
from assistant.evaluation.program import Reply
from assistant.evaluation.scoring import Verdict, is_verbatim, judge
from assistant.text.languages import language_of
from assistant.types import Answer, Source

RUN, RECORDS = "run.json", "records.jsonl"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TurnRecord(_Strict):
    """What came of one question. Without an answer, `error` says why, and nothing is measured on it.

    `gold_ranks` has for each gold span the rank (1 is the best) of the first retrieved place that holds it, None if none
    does; it is empty where nothing was looked up. `verbatim` tells for each citation whether its words stand at its place.
    """

    answer: Answer | None = None
    error: str = ""
    score: float | None = None
    retrieved: int = 0
    gold_ranks: tuple[int | None, ...] = ()
    verbatim: tuple[bool, ...] = ()
    ms: float = 0.0
    written: dict[str, tuple[str, dt.date | None]] = {}  # in which language (BCP 47) and when each cited source was


class CaseRecord(_Strict):
    """A case and what came of each of its questions; a dialogue that fails ends there."""

    case: Case
    turns: tuple[TurnRecord, ...]

    @property
    def failed(self) -> bool:
        return any(turn.error for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Record:
    """One question with its answer and verdict: what the metrics are computed from."""

    case: Case
    turn: int  # 0 for the first question of a dialogue, and for a single one
    ask: Ask
    category: str
    came: TurnRecord
    answer: Answer
    verdict: Verdict

    @property
    def key(self) -> tuple[str, int]:
        return self.case.id, self.turn


def turn_record(ask: Ask, reply: Reply, sources: Mapping[str, Source], ms: float) -> TurnRecord:
    """The record of an answer, with what needs the sources already judged."""
    texts = [sources[s.source_id].text[s.start : s.end] if s.source_id in sources else "" for s in reply.retrieved]
    ranks = []
    for gold in ask.gold or ():
        places = zip(reply.retrieved, texts, strict=True)
        held = (rank for rank, (s, text) in enumerate(places, 1) if s.source_id == gold.source_id and gold.text in text)
        ranks.append(next(held, None))
    return TurnRecord(
        answer=reply.answer,
        score=reply.score,
        retrieved=len(reply.retrieved),
        gold_ranks=tuple(ranks) if reply.retrieved else (),
        verbatim=tuple(is_verbatim(citation, sources) for citation in reply.answer.citations),
        ms=round(ms, 2),
        written={
            cited: (language_of(source.language, source.text), source.date)
            for cited in dict.fromkeys(citation.source_id for citation in reply.answer.citations)
            if (source := sources.get(cited))
        },
    )


def flatten(cases: Iterable[CaseRecord]) -> list[Record]:
    """The questions that were answered, in the order of the cases; errors are left out."""
    return [
        Record(each.case, turn, ask, category, came, came.answer, judge(ask, came.answer, category))
        for each in cases
        for turn, (ask, came) in enumerate(zip(each.case.asks, each.turns, strict=False))
        for category in [ask.category or each.case.category]
        if came.answer is not None
    ]


def read_records(path: Path) -> tuple[list[CaseRecord], int]:
    """The records of a file and how many of its bytes they take: a line cut off by a killed run is left out.

    Raises:
        UsageError: the file cannot be read, or a whole line is no record.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    except OSError as exc:
        raise UsageError(f"{path} cannot be read: {exc.strerror}") from exc
    found: list[CaseRecord] = []
    size = 0
    for line in lines:
        if not line.endswith(b"\n"):
            break
        try:
            found.append(CaseRecord.model_validate_json(line))
        except ValidationError as exc:
            raise UsageError(
                f"{path}: line {len(found) + 1} is damaged or of another version; run again elsewhere"
            ) from exc
        size += len(line)
    return found, size


class About(_Strict):
    """What fixes the outcome of a run, and when it was begun: its `run.json`.

    `programs` has for each corpus what the program on it says of itself, `digest` is of the `cases`, which are ids.
    """

    programs: Mapping[str, Mapping[str, str]]
    digest: str
    cases: tuple[str, ...]
    python: str
    machine: str
    begun: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run as read from its folder; `cases` are in the order they were asked for."""

    folder: Path
    about: About
    cases: Sequence[CaseRecord]
    missing: int  # cases that the run has not come to

    @property
    def records(self) -> list[Record]:
        return flatten(self.cases)

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(each.case.id, turn.error) for each in self.cases for turn in each.turns if turn.error]


def read_about(folder: Path) -> About:
    """What a run was begun with.

    Raises:
        UsageError: the folder holds no run, or one of another version.
    """
    path = folder / RUN
    try:
        return About.model_validate_json(path.read_bytes())
    except OSError as exc:
        raise UsageError(
            f"{folder} holds no run ({RUN}: {exc.strerror}); give the --output of `assistant eval run`"
        ) from exc
    except ValidationError as exc:
        raise UsageError(f"{path} is damaged or of another version; run again elsewhere") from exc


def read_run(folder: Path) -> Run:
    """A run from its folder; of a case that was tried again, the last try.

    Raises:
        UsageError: the folder holds no run, or one that is damaged.
    """
    about = read_about(folder)
    order = {name: at for at, name in enumerate(about.cases)}
    latest = {each.case.id: each for each in read_records(folder / RECORDS)[0]}
    cases = sorted(latest.values(), key=lambda each: order.get(each.case.id, len(order)))
    return Run(folder, about, cases, len(order.keys() - latest.keys()))
