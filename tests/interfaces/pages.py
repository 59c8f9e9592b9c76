"""What the tests of the page have in common."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

Opened = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox").last
    box.fill(question)
    box.press("Enter")


def answered(page: Page, number: int = 1) -> None:
    """Waits until an answer is whole."""
    expect(page.locator("#chat .reply")).to_have_count(number)
    expect(page.locator("#chat .progress")).to_have_count(0)
    expect(page.locator("#question .submit-button")).to_be_visible()


def kept(page: Page, *, empty: bool = False) -> None:
    """Waits until the browser keeps an answer, or none: Gradio writes a moment after it shows. Encrypted, none is 69
    characters."""
    size = "(localStorage.getItem('meeting-assistant') ?? '').length"
    page.wait_for_function(f"() => {size} {'<' if empty else '>'} 500")


def hold_opening(page: Page) -> list[Route]:
    """Holds back, from now on, the request by which the page tells Gradio that it was opened."""
    held: list[Route] = []

    def decide(route: Route) -> None:
        if '"fn_index":0,' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", decide)
    return held
