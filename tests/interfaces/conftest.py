from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page, sync_playwright

from assistant.app import Assistant, build
from assistant.interfaces.ports import Application
from assistant.interfaces.server import configured, create_app, listening
from assistant.settings import load_settings
from tools.browser import find

from ..index.fakes import write_seeds
from .fakes import ARTICLE, HOSTILE, FakeAssistant

KEYS = "ana:key-of-ana-0123456789,slack@office:key-of-slack-9876543210"
ANA = "key-of-ana-0123456789"

LEAVING = "the page is left"
ENDED = ("AbortError", "Unexpected error Connection errored out")

BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Server:
    """An application served on loopback in a thread."""

    def __init__(self, assistant: Application, *, loopback: bool = True, port: int = 0) -> None:
        self._assistant = assistant
        self._loopback = loopback
        self._socket = listening("127.0.0.1", port)
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        app = create_app(self._assistant, loopback=self._loopback)
        self._server = uvicorn.Server(configured(app, self._assistant.settings))
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it tells of the forced end
        await self._server.serve(sockets=[self._socket])
        await app.state.rates.close()  # or its connections would warn in whichever test they are collected

    def __enter__(self) -> Self:
        self._thread.start()
        while self._server is None or not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            self._thread.join(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()


class Served(Server):
    """A fake assistant served."""

    def __init__(self, assistant: FakeAssistant, *, loopback: bool = True, port: int = 0) -> None:
        super().__init__(assistant, loopback=loopback, port=port)
        self.assistant = assistant


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An assistant with the article and a hostile source."""
    with Served(FakeAssistant(ARTICLE, HOSTILE, data=tmp_path_factory.mktemp("data"))) as server:
        yield server


@pytest.fixture(scope="session")
def served_with_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same, for those who have a key."""
    with Served(FakeAssistant(ARTICLE, HOSTILE, data=tmp_path_factory.mktemp("data"), api_keys=KEYS)) as server:
        yield server


@pytest.fixture(scope="session")
def served_held() -> Iterator[Served]:
    """The same, whose chain holds each sentence until it is released."""
    with Served(FakeAssistant(ARTICLE, HOSTILE, held=True)) as server:
        yield server


@pytest.fixture(scope="session")
def served_empty() -> Iterator[Served]:
    """An assistant without an index."""
    with Served(FakeAssistant()) as server:
        yield server


@pytest.fixture(scope="module")
def accepting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant, with one seed, to which articles can be added; who adds one removes it."""
    folder = tmp_path_factory.mktemp("uploads")
    seeds = write_seeds(
        folder / "seeds", {"asean.txt": "Jose Tavares led the meeting in Kuta. Trade reached 18 billion dollars."}
    )
    made = build(load_settings(model="embedded", seeds=seeds, data=folder / "data", uploads=True))
    made.ingest()
    yield made
    made.live.close()


@pytest.fixture(scope="module")
def accepting_at(accepting: Assistant) -> Iterator[str]:
    """Where it is served."""
    with Server(accepting) as server:
        yield server.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, or Playwright's own.

    For a module, not the session: until it is closed Playwright keeps an event loop running in this thread, in which
    other modules' `asyncio.run` would fail.
    """
    path = find()
    if path is None:
        reason = "no Chromium: apt-get install chromium, or python -m playwright install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


class Contexts:
    """The browser's contexts: each test has its own, and afterwards it serves others, because Gradio's many files are in
    its cache then. Nothing else stays: no page, cookie or conversation."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = {}
        self._taken: list[tuple[str, BrowserContext]] = []

    def page(self, address: str, **options: Any) -> Page:
        """A new page for an address, in a context that no other page of the test has."""
        key = repr(sorted(options.items()))
        free = self._free.setdefault(key, [])
        context = free.pop() if free else self._browser.new_context(**options)
        self._taken.append((key, context))
        page = context.new_page()
        session = context.new_cdp_session(page)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "cookies,local_storage"})
        session.detach()
        return page

    def give_back(self) -> None:
        """After a test."""
        for key, context in self._taken:
            if not context.pages:  # closed by the test
                context.close()
                continue
            for page in context.pages:
                page.close()
            context.clear_cookies()
            self._free[key].append(context)
        self._taken.clear()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture
def open_page(contexts: Contexts) -> Iterator[Callable[..., Page]]:
    """Opens an address; afterwards the console must be free of errors, and every request have stayed on loopback."""
    problems: list[str] = []

    def opened(address: str, *, width: int = 1280, height: int = 800, locale: str = "en-US", **more: Any) -> Page:
        page = contexts.page(address, viewport={"width": width, "height": height}, locale=locale, **more)
        page.add_init_script(f"addEventListener('beforeunload', () => console.debug('{LEAVING}'))")
        page.set_default_timeout(15_000)
        told = _Console(problems)
        page.on("console", told.hear)
        page.on("framenavigated", told.arrived)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda asked: None if _is_local(asked.url) else problems.append(f"asked for {asked.url}"))
        page.goto(address)
        page.wait_for_selector("#question textarea")
        return page

    yield opened
    contexts.give_back()
    assert problems == []


class _Console:
    """The problems that the console of a page tells; not what Gradio tells of its own stream, which it ends when the page
    is left."""

    def __init__(self, problems: list[str]) -> None:
        self._problems = problems
        self._leaving = False

    def hear(self, said: ConsoleMessage) -> None:
        if said.text == LEAVING:
            self._leaving = True
        elif said.type in ("error", "warning") and not (self._leaving and said.text.startswith(ENDED)):
            self._problems.append(said.text)

    def arrived(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            self._leaving = False


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))
