"""What the tests of the page have in common."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

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
