"""The command line: `assistant ask | ingest | serve | slack | mcp | eval | doctor`. Data on stdout, everything else on stderr."""

from __future__ import annotations

import gc
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant import __version__
from assistant.errors import (
    AssistantError,
    DataFolderError,
    IndexBusy,
    IndexUnreachable,
    SeedsError,
    SettingsError,
    UsageError,
)
from assistant.interfaces.evaluate import evaluate

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.index.ingest import IngestReport
    from assistant.messages import Catalogue
    from assistant.types import Answer, Citation

GARBAGE = 50_000
"""Objects that are made before the young ones are looked through for garbage. What a start makes (modules, word lists)
stays: to look through it at every 700 is a tenth of the time of a command that asks one question."""

FAILED, MISUSED = 1, 2
"""Exit statuses: the work failed, used wrongly."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _Commands(click.Group):
    """Turns errors into one line on stderr and an exit status; `--debug` shows where they come from."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as exc:
            if ctx.params.get("debug"):
                traceback.print_exc()
            for line in str(exc).splitlines():
                click.echo(f"assistant: {line}", err=True)
            ctx.exit(MISUSED if isinstance(exc, UsageError) else FAILED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own; a closed pipe is click's too
        except Exception as exc:
            if ctx.params.get("debug"):
                traceback.print_exc()
            if isinstance(exc, OSError) and exc.strerror:  # a full disk behind stdout, a folder that nobody may read
                click.echo(f"assistant: {exc.filename or 'the output'}: {exc.strerror}", err=True)
                _drop_output()
                ctx.exit(FAILED)
            what = " ".join(f"{type(exc).__name__}: {exc}".split())
            click.echo(
                f"assistant: this should not have happened ({what}); `assistant --debug ...` shows where", err=True
            )
            ctx.exit(FAILED)


def _drop_output() -> None:
    """Sends what stdout still holds nowhere: at its end Python would try again to write it, and tell of that at length."""
    with suppress(OSError, ValueError):  # ValueError: it is closed, or a test's, which is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _folders(command: Callable[..., None]) -> Callable[..., None]:
    """The options that go with every command that reads an index."""
    for option in (
        click.option(
            "--data", type=click.Path(path_type=Path), help="Folder of the index (ASSISTANT_DATA; .assistant)."
        ),
        click.option(
            "--seeds", type=click.Path(path_type=Path), help="Folder of the sources (ASSISTANT_SEEDS; seeds)."
        ),
    ):
        command = option(command)
    return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
@click.version_option(__version__, prog_name="assistant")
def main(debug: bool) -> None:
    """Answers questions about a meeting from its source documents, with their exact words, or says that they do not."""
    gc.set_threshold(GARBAGE)
    # NumPy's threads are for matrices that nothing here has: to start them is a tenth of what a question costs a command.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@main.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the whole Answer as JSON.")
@click.option("--language", metavar="TAG", help="Language to answer in (BCP 47, e.g. en); default: the question's own.")
@click.option("--explain", is_flag=True, help="Say by which evidence it was answered or declined.")
@click.option(
    "--batch",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help='Questions, {"question": ..., "id": ..., "language": ...} a line, of which the first is needed; - is stdin.',
)
@click.option(
    "--output",
    type=click.Path(allow_dash=True),
    default="-",
    metavar="FILE",
    help="Where batch answers go; - is stdout.",
)
@_folders
def ask(
    question: str | None,
    as_json: bool,
    language: str | None,
    explain: bool,
    batch: str | None,
    output: str,
    seeds: Path | None,
    data: Path | None,
) -> None:
    """Answer a QUESTION, or a batch of them."""
    from assistant.interfaces.batch import answer_batch
    from assistant.types import LANGUAGE_TAG, Question

    if language is not None and not re.fullmatch(LANGUAGE_TAG, language):
        raise click.UsageError(f"--language {language}: not a language tag (BCP 47); write e.g. en, id or zh-Hant")
    if (question is None) == (batch is None):
        raise click.UsageError('give one question, e.g. assistant ask "Who chaired the meeting?", or --batch FILE')
    assistant = _assistant(seeds, data)
    assistant.load()
    _up_to_date(assistant)
    if batch is not None:
        failed = answer_batch(assistant, batch, output)
        if failed:
            click.echo(f"assistant: {failed} of the lines could not be answered; see their error", err=True)
            sys.exit(FAILED)
        return
    answer = assistant.chain.invoke(Question(question=str(question), language=language, explain=explain))
    click.echo(answer.model_dump_json(indent=2) if as_json else _shown(answer))


@main.command()
@click.option("--prune", is_flag=True, help="Let go of sources that are gone, even if that is most of them.")
@_folders
def ingest(prune: bool, seeds: Path | None, data: Path | None) -> None:
    """Bring the index up to date with the seeds folder."""
    report = _ingest(_assistant(seeds, data), prune=prune)
    click.echo(
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{len(report.unchanged)} unchanged; {report.embedded} texts embedded"
    )
    if report.problems:
        sys.exit(FAILED)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True, type=click.IntRange(0, 65535))
@_folders
def serve(host: str, port: int, seeds: Path | None, data: Path | None) -> None:
    """Open the web page and the HTTP API."""
    from assistant.interfaces import server

    assistant = _assistant(seeds, data)
    server.check_host(assistant.settings, host)  # an ingest can take an hour
    _up_to_date(assistant)
    server.serve(assistant, host, port)


@main.command()
@click.option("--manifest", is_flag=True, help="Print the manifest to make the Slack app from, and end.")
@click.option(
    "--url", metavar="URL", help="With --manifest: where Slack calls the bot, for HTTP in place of Socket Mode."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="For HTTP.")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="For HTTP.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder for what was answered (ASSISTANT_DATA; .assistant)."
)
def slack(manifest: bool, url: str | None, host: str, port: int, data: Path | None) -> None:
    """Answer in Slack: a process of its own, which asks the API at ASSISTANT_URL."""
    from assistant.interfaces.slack import manifest as manifests
    from assistant.settings import load_settings

    if manifest:
        click.echo(manifests.manifest(url))
        return
    if url is not None:
        raise click.UsageError("--url goes with --manifest")
    if find_spec("slack_bolt") is None or find_spec("aiohttp") is None:
        raise SettingsError('`assistant slack` needs packages of its own: pip install "meeting-assistant[slack]"')
    from assistant.interfaces.slack import service

    service.run(load_settings(data=data), host, port)


@main.command()
@_folders
def mcp(seeds: Path | None, data: Path | None) -> None:
    """Speak the Model Context Protocol on stdin and stdout, for an MCP client that starts this."""
    try:
        from assistant.interfaces import mcp as interface
    except ImportError as exc:  # also of another major version, whose names are others
        what = '`assistant mcp` needs a package of its own: pip install "meeting-assistant[mcp]"'
        raise SettingsError(what) from exc

    assistant = _assistant(seeds, data)
    _up_to_date(assistant)
    interface.serve(assistant)


@main.command()
@click.option("--call", is_flag=True, help="Ask the language model one tiny question; without it nothing is sent.")
@_folders
def doctor(call: bool, seeds: Path | None, data: Path | None) -> None:
    """Say what is configured, and whether it is healthy."""
    from assistant.interfaces.doctor import examine

    given = {name for name, value in (("seeds", seeds), ("data", data)) if value is not None}
    lines, healthy = examine(_assistant(seeds, data), given, call=call)
    click.echo("\n".join(lines))
    if not healthy:
        sys.exit(FAILED)


main.add_command(evaluate)


def _assistant(seeds: Path | None, data: Path | None) -> Assistant:
    from assistant.app import build
    from assistant.settings import load_settings

    return build(load_settings(seeds=seeds, data=data))


def _up_to_date(assistant: Assistant) -> None:
    """Ingests first where the index is missing or older than its seeds, and says so.

    Where that cannot be done now but the index can be used, says why, and leaves the index as it is.
    """
    from assistant.index.sources import scan

    try:
        scan(assistant.settings.seeds)  # an index is as new as seeds that are gone, but people must hear of that
        if assistant.is_current():
            return
        why = "is missing or older than its sources"
        click.echo(f"assistant: the index in {assistant.live.where} {why}: ingesting", err=True)
        _ingest(assistant)
    except (SeedsError, IndexBusy, IndexUnreachable, DataFolderError) as exc:
        if not _is_ready(assistant):
            raise
        click.echo(f"assistant: {exc}", err=True)
        click.echo("assistant: answering from the index as it was", err=True)


def _is_ready(assistant: Assistant) -> bool:
    try:
        assistant.ready()
    except AssistantError:
        return False
    return True


def _ingest(assistant: Assistant, *, prune: bool = False) -> IngestReport:
    from assistant.index.sources import passed_over

    with _progress("embedding") as progress:
        report = assistant.ingest(prune=prune, progress=progress)
    if report.rebuilt:
        click.echo(f"assistant: rebuilt from the sources: {report.rebuilt}", err=True)
    for problem in report.problems:
        stays = "; what it held before is still answered from" if problem.source_id in report.unchanged else ""
        click.echo(f"assistant: left out {problem}{stays}", err=True)
    if others := passed_over(assistant.settings.seeds):
        click.echo(f"assistant: seeds: {others}", err=True)
    return report


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr for work that takes longer than a second, on a terminal only."""
    from tqdm import tqdm

    with tqdm(desc=what, unit="text", delay=1.0, disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


# --- for people to read --------------------------------------------------------------------------------------------


def _shown(answer: Answer) -> str:
    from assistant.messages import catalogue
    from assistant.text.markdown import unescape

    words = catalogue(answer.language)
    lines = [unescape(answer.answer)]
    for citation in answer.citations:
        lines += ["", f"[{citation.marker}] {_place(citation, words)}", f"    {_marked(citation)}"]
    for citation in answer.related:
        lines += ["", f"  - {_place(citation, words)}", f"    {citation.cited_text}"]
    lines += ["", *(notice.message for notice in answer.notices)] if answer.notices else []
    if answer.explanation:
        lines += ["", words.text("answer.explanation"), *(f"  - {each.message}" for each in answer.explanation)]
    return _CONTROL.sub("\ufffd", "\n".join(lines))  # a source may hold escape sequences that a terminal obeys


def _place(citation: Citation, words: Catalogue) -> str:
    from assistant.interfaces.pages import pages

    characters = f"{citation.start_char_index}-{citation.end_char_index}"
    place = ", ".join(filter(None, (pages(citation, words), citation.source_id, characters)))
    return f"{citation.title} ({place})"


def _marked(citation: Citation) -> str:
    """The context with the cited words set off as »...«."""
    before, _, after = citation.context.partition(citation.cited_text)
    return f"{before}»{citation.cited_text}«{after}" if before or after else citation.cited_text
