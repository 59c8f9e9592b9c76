"""Makes the pictures of the page for the README: `python -m tools.screenshots` serves the article and photographs it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import find

ROOT = Path(__file__).parents[1]


WIDE: dict[str, Any] = {"viewport": {"width": 1200, "height": 720}, "locale": "en-US"}
DARK = WIDE | {"color_scheme": "dark", "locale": "ru-RU"}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 680}, "locale": "id-ID"}


def ask(page: Page, question: str) -> None:
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    page.locator("#chat .acts").last.wait_for()


def cited(page: Page) -> None:
    ask(page, "Who chaired the meeting in Kuta?")
    page.locator("#chat a.cite").first.click()
    page.locator("#source mark.current").wait_for()


PICTURES: dict[str, tuple[dict[str, Any], Callable[[Page], None]]] = {
    "page": (WIDE, cited),
    "dark": (DARK, lambda page: ask(page, "Сколько составила торговля с Россией?")),
    "refusal": (WIDE, lambda page: ask(page, "Who represented China?")),
    "phone": (PHONE, lambda page: ask(page, "Berapa nilai perdagangan ASEAN-Rusia tahun lalu?")),
}


def photograph(browser: Browser, url: str, name: str) -> None:
    options, prepare = PICTURES[name]
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(url)
    page.locator("#suggestions button:visible").first.wait_for()
    prepare(page)
    page.wait_for_timeout(500)  # the source scrolls to its mark
    page.screenshot(path=ROOT / "docs" / f"{name}.png")
    context.close()


@contextmanager
def served() -> Iterator[str]:
    """The address of the assistant, with an index of its own."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "assistant", "serve", "--seeds", "seeds", "--data", data, "--port", "0"]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            ready = next(line for line in server.stderr if line.startswith("Ready on "))
            try:
                yield ready.split()[2]
            finally:
                server.terminate()


def main() -> None:
    """Makes all of them."""
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        for name in PICTURES:
            photograph(browser, url, name)
        browser.close()


if __name__ == "__main__":
    main()
