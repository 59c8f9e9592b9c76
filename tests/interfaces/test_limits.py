"""How often, how much at once and how long: rates, the queue, the time an answer may take, a load."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakeredis import FakeRedis, TcpFakeServer
from playwright.sync_api import Browser, expect

from assistant.errors import RateLimited, SettingsError
from assistant.interfaces import rates
from assistant.interfaces.rates import Rates, redis_storage
from assistant.settings import load_settings

from .conftest import ANA, KEYS, Served
from .fakes import ARTICLE, HOSTILE, FakeAssistant, until
from .responses import events, problem
from .test_completions import refused

Start = Callable[..., Served]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Serves an assistant with these settings."""
    servers: list[Served] = []

    def started(**settings: Any) -> Served:
        server = Served(FakeAssistant(ARTICLE, HOSTILE, data=tmp_path, **settings))
        server.__enter__()
        servers.append(server)
        return server

    yield started
    for server in servers:
        server.__exit__()


def ask(server: Served, question: str = "Q", **more: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/ask", json={"question": question, **more.pop("json", {})}, timeout=20, **more)


def bearer(key: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {key}"}}


# --- rates ---------------------------------------------------------------------------------------------------------


def test_who_asks_too_often_is_told_when_to_ask_again(start: Start) -> None:
    server = start(rate_limit="3/minute")
    assert [ask(server).status_code for _ in range(3)] == [200] * 3
    told = ask(server)
    assert "3 per 1 minute" in problem(told, 429)["detail"]
    assert 1 <= int(told.headers["retry-after"]) <= 60
    chat = httpx.post(f"{server.url}/v1/chat/completions", json={"messages": [{"role": "user", "content": "Q"}]})
    assert refused(chat, 429, "rate_limit_exceeded")["type"] == "rate_limit_error"
    assert int(chat.headers["retry-after"]) >= 1
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/"):
        assert httpx.get(f"{server.url}{path}").status_code == 200


def test_each_key_has_its_own_rate(start: Start) -> None:
    server = start(rate_limit="2/minute", api_keys=KEYS)
    assert [ask(server, **bearer(ANA)).status_code for _ in range(3)] == [200, 200, 429]
    assert [ask(server, **bearer("key-of-slack-9876543210")).status_code for _ in range(3)] == [200, 200, 429]
    assert [ask(server).status_code for _ in range(3)] == [401, 401, 401]  # no key is no guess


def test_guessing_keys_counts_for_the_address(start: Start) -> None:
    server = start(rate_limit="2/minute", api_keys=KEYS)
    guesses = [ask(server, **bearer(f"wrong-{n}")) for n in range(3)]
    assert [response.status_code for response in guesses] == [401, 401, 429]
    assert problem(guesses[-1], 429)["type"].endswith(":rate-limit") and int(guesses[-1].headers["retry-after"]) >= 1
    assert ask(server, **bearer(ANA)).status_code == 200  # who has a key counts by its name
    assert httpx.post(f"{server.url}/login", data={"key": "x"}).status_code == 429


def test_a_rate_is_over_after_its_time(start: Start) -> None:
    server = start(rate_limit="2/second; 100/minute")
    assert [ask(server).status_code for _ in range(3)] == [200, 200, 429]
    time.sleep(1.1)
    assert ask(server).status_code == 200


def test_a_clock_that_is_set_back_shuts_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a machine starts with a wrong clock, which is put right later."""
    now = time.time

    async def asked() -> None:
        counted = Rates(load_settings(model="embedded", rate_limit="2/minute"))
        monkeypatch.setattr(time, "time", lambda: now() + 10 * 365 * 86400)
        for _ in range(2):
            await counted.admit("ana")
        with pytest.raises(RateLimited):
            await counted.admit("ana")
        monkeypatch.setattr(time, "time", now)
        for _ in range(2):
            await counted.admit("ana")
        with pytest.raises(RateLimited) as told:
            await counted.admit("ana")
        assert told.value.retry_after is not None and told.value.retry_after <= 61
        await counted.close()

    asyncio.run(asked())


def test_an_address_cannot_be_made_up(start: Start) -> None:
    server = start(rate_limit="2/minute")
    said = [ask(server, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(3)]
    assert said == [200, 200, 429]
    server = start(rate_limit="2/minute", proxies="127.0.0.1")
    said = [ask(server, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(3)]
    assert said == [200, 200, 200]


def test_the_page_says_that_it_was_asked_too_often(start: Start, browser: Browser) -> None:
    server = start(rate_limit="1/minute")
    page = browser.new_page(locale="id-ID")
    page.goto(f"{server.url}/?q=Trade")  # that is the one, unless the source beside the chat was it
    page.wait_for_selector("#chat .reply")
    box = page.get_by_role("textbox").last
    expect(page.locator("#question .submit-button")).to_be_visible()
    box.fill("Trade again?")
    box.press("Enter")
    expect(page.locator("#chat .reply").last).to_contain_text("Terlalu banyak pertanyaan")
    page.close()


@contextmanager
def redis() -> Iterator[str]:
    """A Redis on loopback."""
    server = TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"redis://127.0.0.1:{server.server_address[1]}/0"
    known = FakeRedis(server=server.fake_server)  # the fake hangs up where a Redis says that it does not know a script
    for script in vars(redis_storage(url).bridge).values():
        if hasattr(script, "script"):
            known.script_load(script.script)
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_servers_share_a_rate_through_redis(start: Start) -> None:
    with redis() as url:
        one, other = (start(rate_limit="3/minute", redis_url=url) for _ in range(2))
        assert [ask(server).status_code for server in (one, other, one)] == [200] * 3
        assert [ask(server).status_code for server in (one, other)] == [429] * 2
        assert int(ask(one).headers["retry-after"]) >= 1


def test_without_redis_each_server_counts_by_itself(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = start(rate_limit="2/minute", redis_url=f"redis://127.0.0.1:{port}/0")
    begun = time.monotonic()
    assert [ask(server).status_code for _ in range(3)] == [200, 200, 429]
    assert time.monotonic() - begun < 5


def test_a_missing_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r'pip install "meeting-assistant\[redis\]"'):
        Rates(load_settings(rate_limit="1/minute", redis_url="redis://127.0.0.1/0"))


# --- places, queue and time ----------------------------------------------------------------------------------------


def at_once(number: int, work: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


@pytest.mark.parametrize("stream", [False, True])
def test_what_finds_neither_place_nor_queue_is_refused(start: Start, stream: bool) -> None:
    server = start(concurrency=2, queue=3, pause=0.3)
    said = at_once(8, lambda _: ask(server, json={"stream": stream}))
    assert Counter(response.status_code for response in said) == {200: 5, 503: 3}
    for response in said:
        if response.status_code == 503:
            assert problem(response, 503)["type"].endswith(":overloaded")
            assert 1 <= int(response.headers["retry-after"]) <= 30
    assert ask(server).status_code == 200  # the places are free again


def test_at_most_so_many_are_worked_on(start: Start) -> None:
    server = start(concurrency=3, queue=50, pause=0.05)
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        chain = server.assistant.chain
        while not done.is_set():
            most = max(most, len(chain.asked) - chain.closed)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert {response.status_code for response in at_once(30, lambda _: ask(server))} == {200}
    done.set()
    watcher.join()
    assert most == 3


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_takes_too_long_ends(start: Start, stream: bool) -> None:
    server = start(timeout=0.5)
    response = ask(server, "slow", json={"stream": stream})
    if stream:
        name, told = events(response)[-1]
        assert (name, told["status"]) == ("error", 504)
    else:
        assert problem(response, 504)["type"].endswith(":timeout")
    chain = server.assistant.chain
    until(lambda: chain.closed == len(chain.asked))
    body = {"messages": [{"role": "user", "content": "slow"}]}
    refused(httpx.post(f"{server.url}/v1/chat/completions", json=body), 504, "timeout")
    streamed = httpx.post(f"{server.url}/v1/chat/completions", json={**body, "stream": True})
    assert '"code":"timeout"' in streamed.text and "[DONE]" not in streamed.text


def test_the_queue_is_left_when_its_time_is_over(start: Start) -> None:
    server = start(concurrency=1, queue=2, timeout=1.0)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, server, "slow")
        time.sleep(0.2)
        assert ask(server).status_code in (200, 503)
        assert first.result().status_code == 504
    assert ask(server).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_no_work_is_done_for_a_client_that_left_the_queue(start: Start, stream: bool) -> None:
    server = start(concurrency=1, queue=5, pause=0.5)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, server, "first")
        time.sleep(0.2)
        for n in range(3):
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{server.url}/v1/ask", json={"question": f"left {n}", "stream": stream}, timeout=0.1)
        last = pool.submit(ask, server, "last")
        assert (first.result().status_code, last.result().status_code) == (200, 200)
    assert [asked.question for asked in server.assistant.chain.asked] == ["first", "last"]


def test_a_client_that_leaves_frees_its_place(start: Start) -> None:
    server = start(concurrency=1, queue=0)
    with httpx.stream("POST", f"{server.url}/v1/ask", json={"question": "slow", "stream": True}) as response:
        lines = response.iter_lines()
        next(lines)
        assert ask(server).status_code == 503
    until(lambda: ask(server).status_code == 200)


def test_many_clients_for_some_seconds(start: Start) -> None:
    server = start(concurrency=4, queue=8)
    said: Counter[int] = Counter()
    wrong: list[str] = []

    async def client(number: int, http: httpx.AsyncClient, end: float) -> None:
        turn = 0
        while time.monotonic() < end:
            turn += 1
            identity = f"{number}-{turn}"
            asked = {"question": "Q", "request_id": identity, "stream": turn % 3 == 0}
            response = await http.post("/v1/ask", json=asked)
            said[response.status_code] += 1
            if response.status_code == 200 and f'"request_id":"{identity}"' not in response.text:
                wrong.append(identity)
            if response.status_code == 503 and "retry-after" not in response.headers:
                wrong.append(identity)

    async def load() -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
            end = time.monotonic() + 3
            await asyncio.gather(*(client(number, http, end) for number in range(20)))

    loader = threading.Thread(target=lambda: asyncio.run(load()))  # Playwright keeps a loop running in this thread
    loader.start()
    loader.join(30)
    assert not loader.is_alive()
    assert wrong == [] and set(said) <= {200, 503} and said[200] > 100, said
