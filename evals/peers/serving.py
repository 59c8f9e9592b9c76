"""Answers a second over HTTP, by how many clients ask at once and how many processes answer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx
from figures import NotMeasured, Part, p95
from processes import assistant, free_port, serving

CLIENTS = (1, 8, 64)
REPLICAS = (1, 2)
WARM_UP = 5


def throughput(
    data: Path, folder: Path, questions: Sequence[str], seconds: float
) -> tuple[Part, dict[int, list[float]]]:
    """The table, and for each number of processes the answers a second by `CLIENTS`."""
    rows: list[tuple[str, ...]] = []
    rates: dict[int, list[float]] = {}
    for replicas in REPLICAS:
        with ExitStack() as stack:
            urls = []
            for _ in range(replicas):
                port = free_port()
                stack.enter_context(serving(assistant("serve", data, "--port", str(port)), port, folder, "/readyz"))
                urls.append(f"http://127.0.0.1:{port}")
            for url in urls * WARM_UP:  # loads everything
                httpx.post(f"{url}/v1/ask", json={"question": "What is known of the meeting?"}, timeout=120)
            for clients in CLIENTS:
                begun = time.monotonic()
                times = asyncio.run(_ask(urls, questions, clients, seconds))
                rate = len(times) / (time.monotonic() - begun)
                rates.setdefault(replicas, []).append(rate)
                rows.append(
                    (
                        "one" if replicas == 1 else f"{replicas}, one data folder",
                        str(clients),
                        f"{rate:.1f}",
                        f"{statistics.median(times):.0f}",
                        f"{p95(times):.0f}",
                    )
                )
    part = Part(
        "Over HTTP",
        f"`assistant serve`, {seconds:g} s each and what was asked by then; a client asks `/v1/ask` one question after "
        f"another, {len(questions)} different ones in turn, more than the server remembers. The clients share the machine "
        "with the server.",
        ("processes", "clients", "answers a second", "p50, ms", "p95, ms"),
        rows,
    )
    return part, rates


async def _ask(urls: Sequence[str], questions: Sequence[str], clients: int, seconds: float) -> list[float]:
    """The milliseconds that each answer took."""
    times: list[float] = []
    numbers = count()
    end = time.monotonic() + seconds

    async def client(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=120) as http:  # a connection of its own, as clients have
            while time.monotonic() < end:
                begun = time.perf_counter()
                response = await http.post("/v1/ask", json={"question": questions[next(numbers) % len(questions)]})
                if response.status_code != 200 or not response.json()["answer"]:
                    raise NotMeasured(f"a question over HTTP: {response.status_code} {response.text[:200]}")
                times.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(client(urls[at % len(urls)]) for at in range(clients)))
    return times
