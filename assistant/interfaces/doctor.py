"""What `assistant doctor` finds: each setting with its origin, and whether what it names is healthy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from pydantic import SecretStr

from assistant.app import Assistant
from assistant.errors import AssistantError
from assistant.settings import Settings, alias, origin

MASK = "********"
_SHORT = 20  # characters; what is shorter might be guessed


def examine(assistant: Assistant, options: set[str]) -> tuple[list[str], bool]:
    """The lines to print, and whether all is well; `options` are the settings given on the command line."""
    lines = ["settings"]
    for name in Settings.model_fields:
        value = getattr(assistant.settings, name)
        shown = MASK if isinstance(value, SecretStr) else "-" if value is None else str(value)
        lines.append(f"  {alias(name):24} {shown}  ({origin(assistant.settings, name, options)})")
    healthy = True
    lines.append("health")
    checks = (
        ("seeds", _seeds),
        ("embedder", _embedder),
        ("index", _index),
        ("reader", _reader),
        ("keys", _keys),
        ("rate limit", _rate),
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
    from assistant.index.sources import read_source, scan

    paths = scan(assistant.settings.seeds)
    for path in paths:
        read_source(assistant.settings.seeds, path)
    yield f"{len(paths)} readable in {assistant.settings.seeds}"


def _embedder(assistant: Assistant) -> Iterator[str]:
    yield f"{assistant.embedder}, {len(assistant.embeddings.embed_query('ok'))} dimensions"


def _index(assistant: Assistant) -> Iterator[str]:
    with assistant.live.open() as index:
        yield f"snapshot {index.snapshot}: {len(index.sources)} sources, {index.sentence_count} sentences"
    if not assistant.is_current():
        yield "older than the seeds: the next ask, serve or ingest brings it up to date"


def _reader(assistant: Assistant) -> Iterator[str]:
    yield f"{assistant.settings.model}: answers come from this machine; nothing is sent anywhere"


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
