"""Faults while it serves: other writers, a language model that fails, clients that are silent or slow, and long runs."""

from __future__ import annotations

import asyncio
import random
import resource
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from assistant.interfaces.connections import HEAD_SECONDS
from assistant.types import Answer

from ..models.fake_openai import Say, serving
from .home import CHAIR, SECONDS, Home, ask, problems, within
from .trial import Trial

ASKED = (
    CHAIR,
    "How large was the budget in dollars?",
    "Кто вёл встречу в Амбоне?",
    "Who sells umbrellas in Oslo, Norway?",
)
"""One question is always about the chair; the others make the work differ."""


def two_servers(folder: Path, times: int) -> Trial:
    """Two servers on one data folder that a third process ingests into: both have each new snapshot within two seconds of
    the ingest's end, and no request fails or is answered wrong meanwhile."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    home.run("ingest")
    stop, current, slowest = threading.Event(), [0], 0.0
    with ExitStack() as stack:
        servers = [stack.enter_context(home.serving()) for _ in range(2)]

        def hammer(url: str) -> tuple[int, list[str]]:
            count, wrong = 0, []
            with httpx.Client(base_url=url, timeout=SECONDS) as client:
                while not stop.is_set():
                    before = current[0]
                    try:
                        answer = ask(client)
                    except httpx.HTTPError as exc:
                        wrong.append(f"{type(exc).__name__}: {exc}")
                        continue
                    count += 1
                    # What is being written may be in use already; what was before stays for two seconds.
                    wrong += problems(answer, range(max(0, before - 1), current[0] + 2))
            return count, wrong

        with ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(hammer, server.url) for server in servers * 2]
            for version in range(1, times + 1):
                home.write(version)
                trial.hold(home.run("ingest").status == 0, "an ingest failed")
                ended = time.monotonic()
                for server in servers:
                    with httpx.Client(base_url=server.url, timeout=SECONDS) as client:
                        seen = within(lambda client=client, version=version: not problems(ask(client), [version]), 5)  # type: ignore[misc]
                    slowest = max(slowest, time.monotonic() - ended)
                    trial.hold(seen and time.monotonic() - ended < 2.0, f"version {version} after {slowest:.1f} s")
                current[0] = version
                trial.tried += 1
            stop.set()
            done = [client.result(SECONDS) for client in clients]
        for server in servers:
            trial.hold(not server.traceback, "a traceback in a server's log")
    trial.wrong += [problem for _, wrong in done for problem in wrong]
    trial.figures = {"requests": sum(count for count, _ in done), "slowest": f"{slowest:.2f} s"}
    return trial


def model_faults(folder: Path, times: int) -> Trial:
    """A language model that is slow, fails, breaks off or is gone: each question is answered in time, by the embedded
    reader with a notice; and when the model is back, by the model."""
    trial, home, faults = Trial(), Home(folder), 0
    home.write(0)
    home.run("ingest")
    good = Say(["Siti Rahma led the harbour meeting in Ambon. [1]"])
    bad = [
        Say(status=500), Say(status=429, headers={"retry-after": "60"}), Say(before=4.0), Say(breaks=0, pieces=["x"]),
        Say(["Siti "] * 5, between=3.0), Say(raw=b"<html>"), Say(error_after=0), Say(["\ud83d"], endless=True),
    ]  # fmt: skip
    now = [good]

    def script(asked: dict[str, Any]) -> Say:
        return now[0] if asked.get("stream") or now[0] is not good else Say(yes=0.99)

    with serving(script) as fake:
        settings = {"OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": "x", "ASSISTANT_MODEL": "openai:fake"}
        with (
            home.serving(ASSISTANT_MODEL_TIMEOUT="1", ASSISTANT_TIMEOUT="30", **settings) as served,
            httpx.Client(base_url=served.url, timeout=SECONDS) as client,
        ):
            for number in range(times):
                now[0] = bad[number % len(bad)]
                begun = time.monotonic()
                answer = ask(client)
                trial.tried += 1
                trial.none_of(problems(answer, [0]), f"fault {number % len(bad)}")
                trial.hold(
                    time.monotonic() - begun < 25, f"fault {number % len(bad)}: {time.monotonic() - begun:.0f} s"
                )
                faults += bool(answer.notices)
                trial.hold(answer.reader != "embedded" or answer.notices, f"fault {number % len(bad)}: no notice")
            now[0] = good
            back = within(lambda: ask(client).reader == "openai:fake", 90)
            trial.hold(back, "the model is back, and is not asked any more")
            trial.hold(not served.traceback, "a traceback in the log")
    trial.figures = {"notices": faults}
    return trial


def silent_clients(folder: Path, times: int) -> Trial:
    """Clients that open connections and send nothing, half a head, or half a body, more than there are file descriptors:
    who is connected is answered meanwhile, and all others again when the silent have been let go."""
    trial, home = Trial(), Home(folder)
    home.write(0)
    home.run("ingest")

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

    parts = [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-", b"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-"]
    with home.serving(options={"preexec_fn": few}) as served:
        where = ("127.0.0.1", httpx.URL(served.url).port or 0)
        body = f"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1:{where[1]}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
        with httpx.Client(base_url=served.url, timeout=SECONDS) as client:
            ask(client)
            silent = []
            for number in range(times):
                one = socket.create_connection(where, timeout=5)
                one.sendall([*parts, body.encode()][number % 4])
                silent.append(one)
                trial.tried += 1
            trial.none_of(problems(ask(client), [0]), "meanwhile")
            most = served.open_files()
            trial.hold(most < 250, f"{most} of 256 file descriptors are taken")
            ask(client)

        def answered() -> bool:
            try:
                with httpx.Client(base_url=served.url, timeout=5) as other:
                    return not problems(ask(other), [0])
            except httpx.HTTPError:
                return False

        begun = time.monotonic()
        trial.hold(within(answered, HEAD_SECONDS + 10), "a new client is not answered when the silent should be gone")
        waited = time.monotonic() - begun
        trial.hold(within(lambda: served.open_files() < 100, 15), f"{served.open_files()} descriptors are still open")
        for one in silent:
            one.close()
        trial.hold(not served.traceback, "a traceback in the log")
    trial.figures = {"file descriptors": f"{most} of 256", "a new client waits": f"{waited:.0f} s"}
    return trial


def slow_readers(folder: Path, times: int) -> Trial:
    """Clients that ask for streams and texts and do not read them, or leave in the middle: others are answered soon."""
    trial, home, chance = Trial(), Home(folder, sentences=200), random.Random(4)
    home.write(0)
    home.run("ingest")
    slowest = 0.0
    with home.serving() as served, httpx.Client(base_url=served.url, timeout=SECONDS) as client:
        ask(client)
        files, where = served.open_files(), ("127.0.0.1", httpx.URL(served.url).port or 0)
        slow: list[socket.socket] = []
        for number in range(times):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            one.connect(where)
            asked = f'{{"question": "{CHAIR}", "stream": true}}'
            head = f"Host: 127.0.0.1:{where[1]}\r\nContent-Type: application/json\r\n"
            one.sendall(
                f"GET /v1/sources/ships.txt HTTP/1.1\r\n{head}\r\n".encode() * 100
                if number % 2
                else f"POST /v1/ask HTTP/1.1\r\n{head}Content-Length: {len(asked)}\r\n\r\n{asked}".encode()
            )
            slow.append(one)
            if number % 3 == 0:
                time.sleep(chance.uniform(0, 0.03))
                slow.pop(chance.randrange(len(slow))).close()  # left, perhaps in the middle of an answer
            if number % 10 == 0:
                begun = time.monotonic()
                trial.none_of(problems(ask(client), [0], 200), "meanwhile")
                slowest = max(slowest, time.monotonic() - begun)
            trial.tried += 1
        for one in slow:
            one.close()
        trial.hold(
            within(lambda: served.open_files() <= files + 5, 20), f"{served.open_files()} files open, {files} before"
        )
        trial.hold(slowest < 10, f"an answer took {slowest:.1f} s")
        trial.hold(not served.traceback, "a traceback in the log")
    trial.figures = {"slowest answer to others": f"{slowest:.2f} s"}
    return trial


def endurance(folder: Path, times: int) -> Trial:
    """Over many questions, with an ingest after every 330 of them, memory and open files stay flat, and each answer is
    right."""
    trial, home = Trial(), Home(folder, sentences=20)
    home.write(0)
    home.run("ingest")
    seen: list[tuple[int, float, int]] = []
    with home.serving() as served:
        version = 0
        while trial.tried < times:
            batch = min(330, times - trial.tried)
            trial.wrong += asyncio.run(_asked(served.url, batch, [version - 1, version] if version else [0]))
            trial.tried += batch
            seen.append((trial.tried, served.memory(), served.open_files()))
            version += 1
            home.write(version)
            trial.hold(home.run("ingest").status == 0, "an ingest failed")
            time.sleep(1.1)
        trial.hold(not served.traceback, "a traceback in the log")
    if len(seen) >= 10:
        third = len(seen) // 3
        middle, last = (max(memory for _, memory, _ in part) for part in (seen[third : 2 * third], seen[2 * third :]))
        trial.hold(
            last < 1.1 * middle + 5, f"memory grows: {middle:.0f} MB in the middle third, {last:.0f} MB in the last"
        )
    files = [count for _, _, count in seen]
    trial.hold(max(files) <= min(files) + 16, f"open files grow: {files[0]} to {max(files)}")
    shown = seen[:: max(1, len(seen) // 8)] + seen[-1:]
    trial.figures = {
        "ingests": version,
        "MB": "/".join(f"{memory:.0f}" for _, memory, _ in shown),
        "open files": "/".join(str(count) for _, _, count in shown),
    }
    return trial


async def _asked(url: str, count: int, versions: list[int]) -> list[str]:
    """Asks so many questions, eight at a time, half of them as streams; what was wrong."""
    wrong: list[str] = []
    numbers = iter(range(count))

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=SECONDS) as http:
            for number in numbers:
                question, stream = ASKED[number % len(ASKED)], number % 3 == 0
                response = await http.post("/v1/ask", json={"question": question, "stream": stream})
                if response.status_code != 200:
                    wrong.append(f"{response.status_code} {response.text[:200]}")
                elif stream and "event: answer" not in response.text:
                    wrong.append(f"a stream without an answer: {response.text[-200:]}")
                elif not stream and question == CHAIR:
                    wrong.extend(problems(Answer.model_validate(response.json()), versions, 20))

    await asyncio.gather(*(client() for _ in range(8)))
    return wrong
