"""What `assistant doctor` finds: each setting with its origin, and whether what it names is healthy."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

from pydantic import SecretStr

from assistant.app import Assistant
from assistant.errors import AssistantError
from assistant.models.chat import Chat, Spent
from assistant.models.embedder import CALIBRATED
from assistant.settings import Settings, alias, origin

MASK = "********"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*(?=@)")  # in an address: user:password@
_SHORT = 20  # characters; what is shorter might be guessed


def examine(assistant: Assistant, options: set[str], *, call: bool = False) -> tuple[list[str], bool]:
    """The lines to print, and whether all is well; `options` are the settings given on the command line.

    `call`: the language model is asked one tiny question; else nothing is sent to it.
    """
    lines = ["settings"]
    for name in Settings.model_fields:
        value = getattr(assistant.settings, name)
        shown = MASK if isinstance(value, SecretStr) else "-" if value is None else _CREDENTIALS.sub(MASK, str(value))
        lines.append(f"  {alias(name):24} {shown}  ({origin(assistant.settings, name, options)})")
    healthy = True
    lines.append("health")
    checks: tuple[tuple[str, Callable[[Assistant], Iterator[str]]], ...] = (
        ("seeds", _seeds),
        ("embedder", _embedder),
        *([("chroma", _chroma)] if assistant.settings.chroma_url else [("uploads", _uploads)]),
        ("index", _index),
        ("reader", _reader),
        ("keys", _keys),
        ("rate limit", _rate),
        *([("call", _call)] if call else []),
    )
    for what, check in checks:
        found, good = _tried(check, assistant)
        healthy &= good
        lines += [f"  {what:10} {'ok  ' if good else 'BAD '} {line}" for line in found]
    return lines, healthy


def _tried(check: Callable[[Assistant], Iterator[str]], assistant: Assistant) -> tuple[list[str], bool]:
    try:
        return list(check(assistant)), True
    except AssistantError as exc:
        return str(exc).splitlines(), False


def _seeds(assistant: Assistant) -> Iterator[str]:
    from assistant.index.sources import passed_over, read_source, scan

    paths = scan(assistant.settings.seeds)
    for path in paths:
        read_source(assistant.settings.seeds, path)
    yield f"{len(paths)} readable in {assistant.settings.seeds}"
    if others := passed_over(assistant.settings.seeds):
        yield others


def _embedder(assistant: Assistant) -> Iterator[str]:
    yield f"{assistant.embedder}, {len(assistant.embeddings.embed_query('ok'))} dimensions"
    name = assistant.settings.embeddings
    if host := assistant.settings.sent_to().get(name):
        yield f"questions and sources are sent to {host}"
    if name != CALIBRATED:
        yield (
            f"sentences are ranked by this one's similarities with weights fitted to {CALIBRATED}'s; "
            "`assistant eval run` measures how well"
        )


def _index(assistant: Assistant) -> Iterator[str]:
    with assistant.live.open() as index:
        yield f"snapshot {index.snapshot}: {len(index.sources)} sources, {index.sentence_count} sentences"
    if not assistant.is_current():
        yield "older than the seeds: the next ask, serve or ingest brings it up to date"


def _chroma(assistant: Assistant) -> Iterator[str]:
    from assistant.index.server.client import ChromaServer

    with closing(ChromaServer(assistant.settings.chroma_url or "")) as server:
        yield f"{server.where} answers (version {server.version()}) and holds the index; articles are added by ingest alone"


def _uploads(assistant: Assistant) -> Iterator[str]:
    from assistant.index.uploads.convert import require_packages
    from assistant.index.uploads.folder import UploadFolder

    uploads = UploadFolder(assistant.settings.data)
    sources, problems = uploads.read()
    for problem in problems:
        raise problem
    if assistant.settings.uploads:
        require_packages()
    allowed = "can" if assistant.settings.uploads else "cannot"
    yield f"{len(sources)} readable in {uploads.root}; articles {allowed} be added and removed on the page"


def _reader(assistant: Assistant) -> Iterator[str]:
    if assistant.chat is None:
        elsewhere = "nothing is sent anywhere else" if assistant.settings.sent_to() else "nothing is sent anywhere"
        yield f"{assistant.settings.model}: answers come from this machine; {elsewhere}"
    else:
        yield f"{assistant.chat.name}: questions and sources are sent to {assistant.settings.server()}"


def _call(assistant: Assistant) -> Iterator[str]:
    """Two tiny calls of the language model, which hold nothing of the sources."""
    if assistant.chat is None:
        yield "no language model is configured: nothing was called"
        return
    yield from asyncio.run(_called(assistant.chat, assistant.settings.server()))


async def _called(chat: Chat, server: str) -> list[str]:
    spent = Spent()
    try:
        begun = time.perf_counter()
        said = await chat.yes_or_no([("user", "Is two plus two four? Answer yes or no.")], spent)
        asked = time.perf_counter() - begun
        begun, first, pieces = time.perf_counter(), 0.0, 0
        async for _ in chat.stream([("user", "Count from one to five in words.")], 20, spent):
            first = first or time.perf_counter() - begun
            pieces += 1
        whole = time.perf_counter() - begun
    finally:
        await chat.close()
    likely = "no yes or no" if said is None else f"P(yes) {said.yes:.2f}" if said.graded else "yes or no in words"
    tokens = "not reported" if spent.input_tokens is None else f"{spent.input_tokens} in, {spent.output_tokens} out"
    return [
        f"{chat.name} on {server} answers in {asked:.2f} s: {likely}",
        f"log probabilities: {'given' if said and said.graded else 'not given; a plain yes or no is used'}",
        f"streaming: {pieces} pieces, the first after {first:.2f} s, all after {whole:.2f} s",
        f"tokens: {tokens}; the context's length is not told by this API",
    ]


def _keys(assistant: Assistant) -> Iterator[str]:
    keys = assistant.settings.keys()
    if not keys:
        yield "none: the page and the API are open, and served on loopback only"
        return
    yield f"of {', '.join(keys)}"
    for name, key in keys.items():
        if len(key) < _SHORT:
            yield f"that of {name} is short: python -c 'import secrets; print(secrets.token_urlsafe())' makes a better one"


def _rate(assistant: Assistant) -> Iterator[str]:
    settings = assistant.settings
    if settings.rate_limit is None:
        yield "none"
    elif settings.redis_url is None:
        yield f"{settings.rate_limit} for each key or address, counted by each server"
    else:
        from assistant.interfaces.rates import redis_answers

        where = urlsplit(settings.redis_url.get_secret_value()).netloc.rpartition("@")[2]
        if not asyncio.run(redis_answers(settings.redis_url.get_secret_value())):
            raise AssistantError(f"Redis on {where} does not answer: each server counts by itself until it does")
        yield f"{settings.rate_limit} for each key or address, counted in Redis on {where}"
