"""Asks a running server for a while with many clients at once, and prints throughput, latencies and what went wrong.

    assistant serve & python evals/load.py --clients 100 --seconds 60

Each client asks one question after another, in turn for an Answer, for its events and as OpenAI's clients do, waits as
long as a refusal (429, 503) tells it to, and checks every answer. Exit status: 1 if there was any error other than a
refusal, or a wrong answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

import httpx

QUESTIONS = (
    ("How large was trade between ASEAN and Russia?", "18 miliar"),
    ("Berapa nilai perdagangan ASEAN-Rusia tahun lalu?", "18 miliar"),
    ("Who chaired the meeting?", "Jose Tavares"),
    ("Siapa yang memimpin pertemuan itu?", "Jose Tavares"),
    ("Who sells umbrellas in Oslo, Norway?", None),
)
"""Questions, and words that an answer quotes; None: it has to be declined."""

REFUSED = (429, 503)
WAYS = ("answer", "events", "chunks")


@dataclass
class Tally:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # of answers
    wrong: list[str] = field(default_factory=list)


async def client(http: httpx.AsyncClient, number: int, end: float, tally: Tally) -> None:
    """One client, who asks until the time is over."""
    for turn, (question, quoted) in zip(count(number), cycle(QUESTIONS[number % 5 :] + QUESTIONS[: number % 5])):
        if time.monotonic() >= end:
            return
        begun = time.perf_counter()
        way, identity = WAYS[turn % len(WAYS)], f"{number}-{turn}"
        path, body = asked(way, question)
        try:
            response = await http.post(path, json=body, headers={"X-Request-ID": identity})
        except httpx.HTTPError as exc:
            tally.statuses[type(exc).__name__] += 1
            continue
        tally.statuses[str(response.status_code)] += 1
        if response.status_code in REFUSED:
            await asyncio.sleep(min(float(response.headers["retry-after"]), max(0.0, end - time.monotonic())))
        elif response.status_code == 200:
            tally.seconds.append(time.perf_counter() - begun)
            answer = answered(way, response.text)
            cited = " ".join(citation["cited_text"] for citation in answer.get("citations", ()))
            right = quoted in cited if quoted else answer.get("status") == "not_in_sources"
            own = response.headers["x-request-id"] == identity == answer.get("request_id", identity)
            if not right or not own:
                tally.wrong.append(f"{question} ({way})")


def asked(way: str, question: str) -> tuple[str, dict[str, Any]]:
    """Path and body of a question."""
    if way == "chunks":
        return "/v1/chat/completions", {"messages": [{"role": "user", "content": question}], "stream": True}
    return "/v1/ask", {"question": question, "stream": way == "events"}


def answered(way: str, text: str) -> dict[str, Any]:
    """The Answer, or of a completion what it tells of its evidence; nothing of a stream that did not come to its end."""
    if way == "answer":
        return dict(json.loads(text))
    data = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    if way == "events":
        return dict(json.loads(data[-1]))
    deltas = [choice["delta"] for each in data[:-1] for choice in json.loads(each).get("choices", ())]
    whole = data[-1] == "[DONE]"
    return next((dict(delta["context"]) for delta in deltas if "context" in delta), {}) if whole else {}


async def load(url: str, key: str | None, clients: int, seconds: float) -> Tally:
    """All clients together."""
    tally = Tally()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    trusted = ssl.create_default_context()
    async with AsyncExitStack() as stack:
        # Each with a connection of its own, as clients have: in one pool of httpx's they wait for each other, for seconds.
        each = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, headers=headers, timeout=120, verify=trusted)
            )
            for _ in range(clients)
        ]
        end = time.monotonic() + seconds
        await asyncio.gather(*(client(http, number, end, tally) for number, http in enumerate(each)))
    return tally


def report(tally: Tally, clients: int, seconds: float) -> str:
    """The figures, a line each."""
    ordered = sorted(tally.seconds)
    lines = [
        f"{clients} clients for {seconds:g} s",
        f"answers     {len(ordered)}, {len(ordered) / seconds:.1f} a second",
        f"statuses    {', '.join(f'{status}: {number}' for status, number in sorted(tally.statuses.items()))}",
        f"wrong       {len(tally.wrong)} {sorted(set(tally.wrong)) or ''}",
    ]
    if ordered:
        shown = (
            f"p{share} {ordered[min(len(ordered) - 1, len(ordered) * share // 100)]:.3f}" for share in (50, 95, 99)
        )
        lines.insert(2, f"seconds     {', '.join(shown)}, most {ordered[-1]:.3f}")
    return "\n".join(lines)


def main() -> int:
    """Exit status: 0, or 1 as told above."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:7860")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    tally = asyncio.run(load(given.url, os.environ.get("ASSISTANT_API_KEY"), given.clients, given.seconds))
    print(report(tally, given.clients, given.seconds))
    expected = {"200", *map(str, REFUSED)}
    return int(bool(tally.wrong) or not tally.seconds or not set(tally.statuses) <= expected)


if __name__ == "__main__":
    sys.exit(main())
