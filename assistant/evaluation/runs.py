"""Running cases through a program, each result written as it comes, so that a killed run goes on where it was."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from assistant.errors import AssistantError, SeedsError, UsageError
from assistant.evaluation.cases import Case, CasesError, check_gold, digest, load_cases
from assistant.evaluation.program import Opener, Ours, Program
from assistant.evaluation.records import (
    RECORDS,
    RUN,
    About,
    CaseRecord,
    Run,
    TurnRecord,
    read_about,
    read_records,
    read_run,
    turn_record,
)
from assistant.index.sources import read_source, scan
from assistant.types import Question, Source, Turn

Progress = Callable[[int, int], None]
ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Corpora:
    """Where the sources of each corpus of the cases are: the article's in the seeds folder, the others in one each."""

    seeds: Path = Path("seeds")
    folder: Path = Path("evals/corpora")

    def of(self, corpus: str) -> Path:
        return self.seeds if corpus == ARTICLE else self.folder / corpus


def find_cases(paths: Sequence[Path], corpora: Corpora) -> tuple[Case, ...]:
    """The cases of JSON Lines files and of folders of them, checked against their sources.

    Raises:
        CasesError: no cases, cases that are not well formed, a corpus that cannot be read, or gold spans that are not in
            the sources; all at once.
    """
    files = [file for path in paths for file in (sorted(path.rglob("*.jsonl")) if path.is_dir() else [path])]
    if absent := [file for file in files if not file.is_file()]:
        raise CasesError(
            "\n".join(f"there is no {file}; give files or folders of cases with --cases" for file in absent)
        )
    cases = load_cases(files)
    if not cases:
        raise CasesError(f"no cases in {', '.join(map(str, paths)) or 'no path'}; give others with --cases")
    problems = []
    for corpus in sorted({case.corpus for case in cases}):
        try:
            sources = read_corpus(corpora.of(corpus))
        except SeedsError:
            option = "--seeds" if corpus == ARTICLE else "--corpora"
            problems.append(
                f"no sources of the corpus {corpus} in {corpora.of(corpus)}; put them there or give {option}"
            )
            continue
        except AssistantError as exc:
            problems.append(f"the corpus {corpus}: {exc}")
            continue
        problems += check_gold([case for case in cases if case.corpus == corpus], sources)
    if problems:
        raise CasesError("\n".join(problems))
    return cases


def spread(cases: Sequence[Case], limit: int) -> list[Case]:
    """That many of the cases at even distances; all of them where there are no more."""
    count = min(limit, len(cases))
    return [cases[at * len(cases) // count] for at in range(count)]


def read_corpus(folder: Path) -> dict[str, Source]:
    """The sources of a folder, by id."""
    sources = (read_source(folder, path) for path in scan(folder))
    return {source.source_id: source for source in sources}


def run(
    cases: Sequence[Case],
    output: Path,
    *,
    corpora: Corpora,
    opener: Opener = Ours,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Run:
    """Runs the cases that the output folder does not yet have, and those that failed there; the whole run.

    Raises:
        UsageError: the folder cannot be made, holds a run of something else, or another process is writing it.
        AssistantError: the program could not be opened on a corpus, or the disk is full or fails.
    """
    lock = _locked(output)
    try:
        _run(cases, output, corpora, opener, workers, progress)
    except BrokenPipeError:
        raise  # whoever was reading the progress is gone
    except OSError as exc:
        problem = f"{exc.filename or output}: {exc.strerror or exc}"
        raise AssistantError(f"{problem}; when that is mended, the same command goes on") from exc
    finally:
        lock.release()
    return read_run(output)


def _locked(output: Path) -> BaseFileLock:
    lock = FileLock(output / ".lock", timeout=0)
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as exc:
        raise UsageError(f"{output} is being written by another run; wait for it, or give another --output") from exc
    except OSError as exc:
        raise UsageError(f"{output} cannot be written ({exc.strerror}); give another --output") from exc
    return lock


def _run(
    cases: Sequence[Case], output: Path, corpora: Corpora, opener: Opener, workers: int, progress: Progress
) -> None:
    with tempfile.TemporaryDirectory(prefix="assistant-eval-") as data:
        programs: dict[str, Program] = {}
        try:
            for corpus in sorted({case.corpus for case in cases}):
                programs[corpus] = opener(corpora.of(corpus), Path(data, corpus))
            _begin(output, cases, {corpus: program.about() for corpus, program in programs.items()})
            done = _resume(output)
            sources = {corpus: read_corpus(corpora.of(corpus)) for corpus in programs}
            waiting = [case for case in cases if case.id not in done]
            progress(len(cases) - len(waiting), len(cases))
            with (
                (output / RECORDS).open("ab") as records,
                closing(_answered(waiting, programs, sources, workers)) as came,
            ):
                for number, record in enumerate(came, len(cases) - len(waiting) + 1):
                    records.write(record.model_dump_json().encode() + b"\n")
                    records.flush()
                    progress(number, len(cases))
        finally:
            for program in programs.values():
                program.close()


def _begin(output: Path, cases: Sequence[Case], programs: Mapping[str, Mapping[str, str]]) -> None:
    """Writes what fixes the outcome, or holds it against what the folder's run was begun with."""
    about = About(
        programs=programs,
        digest=digest(cases),
        cases=tuple(case.id for case in cases),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        begun=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
    path = output / RUN
    if not path.exists():
        if (output / RECORDS).exists():
            raise UsageError(f"{output} has {RECORDS} without {RUN}; give another --output")
        _write_whole(path, about.model_dump_json(indent=1))
        return
    earlier = dict(read_about(output))
    if changed := [name for name, value in about if name != "begun" and earlier[name] != value]:
        raise UsageError(
            f"{output} holds a run of something else ({', '.join(changed)} differ); give another --output, or remove it"
        )


def _write_whole(path: Path, text: str) -> None:
    """So that a killed run leaves the whole file or none."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _resume(output: Path) -> set[str]:
    """The cases that are done; what a killed run left of a line is cut off."""
    records, size = read_records(output / RECORDS)
    if (output / RECORDS).exists():
        with (output / RECORDS).open("r+b") as file:
            file.truncate(size)
    latest = {each.case.id: each for each in records}
    return {name for name, each in latest.items() if not each.failed}


def _answered(
    cases: Iterable[Case],
    programs: Mapping[str, Program],
    sources: Mapping[str, Mapping[str, Source]],
    workers: int,
) -> Generator[CaseRecord, None, None]:
    """The records of the cases as they are done."""
    with ThreadPoolExecutor(workers, thread_name_prefix="eval") as pool:
        asked = [pool.submit(answer_case, case, programs[case.corpus], sources[case.corpus]) for case in cases]
        try:
            for future in as_completed(asked):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def answer_case(case: Case, program: Program, sources: Mapping[str, Source]) -> CaseRecord:
    """The questions of a case in turn, a dialogue's own answers being its history; a failure ends it and is recorded."""
    history: tuple[Turn, ...] = ()
    turns: list[TurnRecord] = []
    for ask in case.asks:
        begun = time.perf_counter()
        try:
            reply = program.ask(Question(question=ask.question, history=history))
        except Exception as exc:  # whatever it is, the other cases go on
            turns.append(TurnRecord(error=" ".join(f"{type(exc).__name__}: {exc}".split())))
            break
        turns.append(turn_record(ask, reply, sources, (time.perf_counter() - begun) * 1000))
        history += (Turn(role="user", content=ask.question), Turn(role="assistant", content=reply.answer.answer))
    return CaseRecord(case=case, turns=tuple(turns))
