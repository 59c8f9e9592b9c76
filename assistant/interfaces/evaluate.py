"""`assistant eval run | compare | report | draft`."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import AssistantError, UsageError

if TYPE_CHECKING:
    from assistant.evaluation.records import Record

WORSE, NOT_MEASURED = 1, 3
"""Exit statuses beyond those of every command; 2 is used wrongly."""

SHOWN_FAILURES = 10

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


class _Commands(click.Group):
    """Ends with 3 where something could not be measured: 1 is for runs that are worse."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError:
            raise
        except AssistantError as exc:
            if ctx.find_root().params.get("debug"):
                traceback.print_exc()
            click.echo(f"assistant: {exc}", err=True)
            ctx.exit(NOT_MEASURED)


@click.group(name="eval", cls=_Commands)
def evaluate() -> None:
    """Measure answers on cases, with error bars. (README, "Evaluate")"""


@evaluate.command()
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="Folder of the run; an unfinished one goes on."
)
@click.option(
    "--cases", type=click.Path(path_type=Path), multiple=True, help="Files or folders of cases (evals/cases)."
)
@click.option("--corpora", type=click.Path(path_type=Path), default=Path("evals/corpora"), show_default=True)
@click.option(
    "--seeds",
    type=click.Path(path_type=Path),
    default=Path("seeds"),
    show_default=True,
    help="Sources of the corpus “article”.",
)
@click.option("--corpus", multiple=True, help="Only the cases of this corpus.")
@click.option("--language", multiple=True, help="Only the cases in this language.")
@click.option("--limit", type=click.IntRange(1), help="Only that many cases, spread over the whole.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Cases at a time; more than one disturbs the latencies.",
)
@click.option("--min", "low", multiple=True, metavar="METRIC=VALUE", help="Fail below this.")
@click.option("--max", "high", multiple=True, metavar="METRIC=VALUE", help="Fail above this.")
def run(
    output: Path,
    cases: tuple[Path, ...],
    corpora: Path,
    seeds: Path,
    corpus: tuple[str, ...],
    language: tuple[str, ...],
    limit: int | None,
    workers: int,
    low: tuple[str, ...],
    high: tuple[str, ...],
) -> None:
    """Ask every case and write each answer down as it comes; a run that was stopped goes on where it was."""
    from assistant.evaluation.compare import parse_limits
    from assistant.evaluation.metrics import METRICS
    from assistant.evaluation.report import cell
    from assistant.evaluation.runs import Corpora, find_cases, spread
    from assistant.evaluation.runs import run as run_cases

    limits = parse_limits(low), parse_limits(high)
    where = Corpora(seeds, corpora)
    every = find_cases(cases or (Path("evals/cases"),), where)
    chosen = [
        case for case in every if (not corpus or case.corpus in corpus) and (not language or case.language in language)
    ]
    if not chosen:
        there = sorted({f"{case.corpus} {case.language}" for case in every})
        raise UsageError(f"no case has that corpus and language; there are {', '.join(there)}")
    try:
        with _progress() as progress:
            done = run_cases(
                spread(chosen, limit or len(chosen)), output, corpora=where, workers=workers, progress=progress
            )
    except KeyboardInterrupt as exc:
        raise AssistantError("stopped; the same command goes on where it was") from exc
    records = done.records
    for metric in METRICS.values():
        found = metric.measure(records)
        click.echo(f"{metric.name:<22}{cell(found):<26}{found.count if found else 0:>6}")
    for name, error in done.errors[:SHOWN_FAILURES]:
        click.echo(f"assistant: {name} failed: {error}", err=True)
    if done.errors:
        click.echo(f"assistant: {len(done.errors)} of the cases failed; the same command tries them again", err=True)
        sys.exit(NOT_MEASURED)
    _hold(records, *limits)


@evaluate.command()
@click.argument("a", type=_FOLDER)
@click.argument("b", type=_FOLDER)
@click.option("--min", "low", multiple=True, metavar="METRIC=VALUE", help="Fail where B is below this.")
@click.option("--max", "high", multiple=True, metavar="METRIC=VALUE", help="Fail where B is above this.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def compare(a: Path, b: Path, low: tuple[str, ...], high: tuple[str, ...], as_json: bool) -> None:
    """Tell whether run B is better than run A, and whether by more than chance.

    Exit status: 0 no worse; 1 significantly worse in what the program promises, or past a limit; 2 used wrongly; 3 it
    could not be measured.
    """
    from assistant.evaluation.compare import compare as compare_runs
    from assistant.evaluation.compare import parse_limits
    from assistant.evaluation.records import read_run

    limits = parse_limits(low), parse_limits(high)
    runs = read_run(a), read_run(b)
    found = compare_runs(*runs)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(found.lines()))
    for each in found.worse:
        click.echo(f"assistant: {each.metric.name} is significantly worse", err=True)
    _hold(runs[1].records, *limits)
    if found.worse:
        sys.exit(WORSE)


@evaluate.command()
@click.argument("folder", type=_FOLDER)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The HTML file to write.")
def report(folder: Path, output: Path) -> None:
    """Write a run as one HTML page that works offline."""
    from assistant.evaluation.records import read_run
    from assistant.evaluation.report import html

    _write(output, html(read_run(folder)))


@evaluate.command()
@click.argument("feedback", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The file of draft cases to write.")
def draft(feedback: Path, output: Path) -> None:
    """Turn readers' thumbs that came with their question into draft cases, for a person to complete."""
    from assistant.evaluation.drafts import draft_cases

    if output.exists():
        raise UsageError(f"{output} exists: give another --output, so that nothing is lost")
    drafts = draft_cases(feedback)
    _write(output, "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in drafts))
    click.echo(f"{len(drafts)} drafts; complete each, and take its `draft` out")


def _hold(records: Sequence[Record], low: dict[str, float], high: dict[str, float]) -> None:
    """Ends with 1 where a limit is passed."""
    from assistant.evaluation.compare import past_limits

    passed = past_limits(records, low, high)
    for line in passed:
        click.echo(f"assistant: {line}", err=True)
    if passed:
        sys.exit(WORSE)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"{path} cannot be written ({exc.strerror}); give another --output") from exc


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar with the time left, on a terminal; else a line every so often."""
    from tqdm import tqdm

    with tqdm(desc="cases", unit="case", mininterval=0.5 if sys.stderr.isatty() else 20) as bar:

        def progress(done: int, total: int) -> None:
            if not bar.total:
                bar.reset(total)
                bar.initial = done  # the time left goes by what this process has done
            bar.update(done - bar.n)

        yield progress
