"""Adding articles on the page, asking about them and removing them, in a real Chromium with a real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from assistant.app import Assistant

from ..index.files import locked_pdf, pdf
from .conftest import Served
from .pages import Opened, answered, ask

# Gradio 6.31 keeps statistics of its queue with calls that pandas 3 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:(The copy keyword|'future.no_silent_downcasting')")

HOSTILE = '<img src=x onerror="window.hacked=1"> & “minutes”'
MINUTES = pdf(
    "Minutes of the harbour board",
    "The harbour board approved twelve cranes.\nThe chair was Eleni Markou.",
    "",
    info="/Title (Harbour minutes) /CreationDate (D:20190221)",
    outline=[("Minutes of the harbour board", 0)],
)
NAME = "_uploads/minutes.pdf"
WHO = "Who was the chair of the harbour board?"


@pytest.fixture
def at(accepting_at: str, accepting: Assistant) -> Iterator[str]:
    """The address; what a test adds is removed after it."""
    yield accepting_at
    for source_id in [each for each in accepting.sources() if each.startswith("_uploads/")]:
        assert accepting.remove(source_id)


def file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("#source input[type=file]").set_input_files(file(name, content))  # type: ignore[arg-type]


def test_an_article_is_added_asked_about_cited_by_its_page_and_removed(
    at: str, open_page: Opened, accepting: Assistant
) -> None:
    page = open_page(at, permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#source h2")).to_have_text("asean")
    page.get_by_role("button", name="Add an article").click()
    expect(page.get_by_text("txt, md, pdf, docx, html, htm · 50 MB")).to_be_visible()
    choose(page, "minutes.pdf", MINUTES)
    expect(page.locator("#source .chosen")).to_have_text("minutes.pdf")
    page.get_by_label("Date of the article").fill("2019-02-20")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#source h2")).to_have_text("Harbour minutes")
    expect(page.locator("#source h2")).to_be_focused()
    expect(page.locator("#announced")).to_have_text("Added: Harbour minutes")
    assert page.locator("#source header .meta").inner_text() == "February 20, 2019"
    assert page.locator("#source header .failure").inner_text() == "Pages without text, which were not read: 3"
    assert page.locator("#source .text .heading").all_inner_texts() == ["Minutes of the harbour board"]
    pages = "(all) => all.map((one) => getComputedStyle(one, '::before').content)"
    assert page.locator("#source .text .page").evaluate_all(pages) == ['"page 1"', '"page 2"']
    assert page.locator("#source .text").text_content() == accepting.sources()[NAME].text  # and nothing of the page's

    ask(page, WHO)
    answered(page)
    card = page.locator("#chat .card", has_text="Eleni Markou").first
    expect(card.locator(".meta span")).to_have_text("Harbour minutes · page 2 · February 20, 2019")
    page.get_by_role("button", name="Copy with its sources").click()
    expect(page.locator("#announced")).to_have_text("Copied.")
    assert f"Harbour minutes, page 2, {NAME}" in page.evaluate("navigator.clipboard.readText()")
    page.locator("#chat a.cite").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("page 2")
    card.locator("a.open").click()
    expect(page.locator("#source mark.current")).to_contain_text("Eleni Markou")

    page.locator("#source").get_by_role("button", name="Remove").click()
    expect(page.locator("#source").get_by_role("button", name="Cancel")).to_be_focused()
    page.locator("#source").get_by_role("button", name="Remove").click()
    expect(page.locator("#source h2")).to_have_text("asean")
    expect(page.locator("#announced")).to_have_text("Removed: Harbour minutes")
    assert NAME not in accepting.sources()


def test_a_citation_of_what_was_removed_says_so(
    at: str, browser: Browser, accepting: Assistant, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(MINUTES)
    accepting.add(tmp_path / "x", "minutes.pdf")
    with browser.new_context(viewport={"width": 600, "height": 700}, locale="en-US") as context:
        page = context.new_page()  # whose console may tell of the 404
        page.goto(at)
        ask(page, WHO)
        answered(page)
        accepting.remove(NAME)
        page.locator("#chat a.cite").first.click()
        expect(page.locator("#source .failure")).to_have_text("This source has been removed.")


def test_by_keyboard_alone_in_another_language(at: str, open_page: Opened, accepting: Assistant) -> None:
    page = open_page(at, locale="ru-RU")
    # From the start: `expect_file_chooser` does not wait until the browser leaves the file dialogue to Playwright.
    page.on("filechooser", lambda _: None)
    expect(page.locator("#source h2")).to_have_text("asean")

    def tab_to(selector: str) -> None:
        for _ in range(40):
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached")

    tab_to("#source .add")
    page.keyboard.press("Enter")
    expect(page.locator("#source input[type=file]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file("минуты.txt", "Совет порта одобрил двенадцать кранов.".encode()))  # type: ignore[arg-type]
    expect(page.locator("#source .send")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    tab_to("#source .send")
    page.keyboard.press("Enter")
    expect(page.locator("#announced")).to_have_text("Добавлено: минуты")
    tab_to("#source .remove")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#source .remove")).to_be_focused()
    assert "_uploads/минуты.txt" in accepting.sources()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#announced")).to_have_text("Удалено: минуты")
    page.get_by_role("button", name="Добавить статью").click()
    page.keyboard.press("Escape")
    expect(page.locator("#source form")).to_have_count(0)


def test_what_cannot_be_added_is_told_and_the_form_stays(at: str, open_page: Opened, accepting: Assistant) -> None:
    page = open_page(at)
    page.get_by_role("button", name="Add an article").click()
    failure = page.locator("#source [role=alert]")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(failure).to_have_text("Choose a file, or drop it here")
    for name, content, words in (
        ("run.exe", b"MZ", "Files of this type cannot be read."),
        ("empty.txt", b"", "There are no words in this file."),
    ):
        choose(page, name, content)  # told before anything is sent
        expect(failure).to_contain_text(words)
    for name, content, words in (
        ("scan.pdf", pdf("", ""), "This PDF holds pictures of its pages and no text."),
        ("locked.pdf", locked_pdf("x"), "The file needs a password."),
        ("asean.md", accepting.sources()["asean.txt"].text.encode(), "These words are there already: asean"),
    ):
        choose(page, name, content)
        expect(failure).to_have_text("")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(failure).to_contain_text(words)
        expect(page.get_by_role("button", name="Add", exact=True)).to_be_focused()
    busy = 'event: error\ndata: {"type": "urn:meeting-assistant:problem:index-busy", "status": 503}\n\n'
    page.route("**/v1/sources?*", lambda route: route.fulfill(body=busy, content_type="text/event-stream"))
    choose(page, "minutes.pdf", MINUTES)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(failure).to_have_text("Another program is changing the sources at the moment. Try again soon.")
    page.unroute("**/v1/sources?*")
    page.get_by_role("button", name="Add", exact=True).click()  # which then goes well
    expect(page.locator("#source h2")).to_have_text("Harbour minutes")


def test_a_file_over_the_limit_is_not_sent(at: str, open_page: Opened, tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as made:
        made.truncate(50_000_001)
    page = open_page(at)
    page.get_by_role("button", name="Add an article").click()
    page.locator("#source input[type=file]").set_input_files(large)
    expect(page.locator("#source [role=alert]")).to_have_text(
        "The file is larger than 50 MB. Split it, or leave out its pictures."
    )


def test_a_dropped_file_opens_the_form_and_hostile_words_are_shown_as_text(at: str, open_page: Opened) -> None:
    page = open_page(at)
    expect(page.locator("#source h2")).to_have_text("asean")
    dropped = page.evaluate_handle(
        """() => { const given = new DataTransfer();
        given.items.add(new File(["<b onclick='window.hacked=1'>The board</b> approved cranes."], "<i>x.md"));
        return given }"""
    )
    page.dispatch_event("#talk", "drop", {"dataTransfer": dropped})  # beside the panel: nothing happens
    expect(page.locator("#source form")).to_have_count(0)
    page.dispatch_event("#source aside", "dragover", {"dataTransfer": dropped})
    page.dispatch_event("#source aside", "drop", {"dataTransfer": dropped})
    expect(page.locator("#source .chosen")).to_have_text("<i>x.md")
    page.get_by_label("Title").fill(HOSTILE)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#source h2")).to_have_text(HOSTILE)
    ask(page, "What did the board approve?")
    answered(page)
    expect(page.locator("#chat .card .meta span").first).to_have_text(HOSTILE)
    page.get_by_role("button", name="All sources").click()
    expect(page.locator("#source .entry .name")).to_have_text([HOSTILE, "asean"])
    assert page.locator("#source :is(img, b, i), #chat .message img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_an_answer_does_not_take_the_form_away(at: str, open_page: Opened) -> None:
    page = open_page(at)
    page.get_by_role("button", name="Add an article").click()
    page.get_by_label("Title").fill("Half written")
    box = page.locator("#question textarea")
    box.fill("Who led the meeting in Kuta?")
    box.press("Enter")
    answered(page)
    expect(page.get_by_label("Title")).to_have_value("Half written")
    page.locator("#chat a.cite").first.click()  # asked for, the source comes
    expect(page.locator("#source mark.current")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_axe_finds_no_serious_problem(at: str, open_page: Opened, width: int, dark: bool) -> None:
    page = open_page(at, width=width, height=740, color_scheme="dark" if dark else "light")
    if width < 1000:
        page.get_by_role("button", name="Sources", exact=True).click()

    def found() -> list[str]:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        return [
            f"{v['id']}: {v['help']}"
            for v in Axe().run(page).response["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    page.get_by_role("button", name="Add an article").click()
    choose(page, "minutes.pdf", MINUTES)
    assert found() == []
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#source h2")).to_have_text("Harbour minutes")
    page.locator("#source").get_by_role("button", name="Remove").click()
    assert found() == []
    page.locator("#source").get_by_role("button", name="Remove").click()
    expect(page.locator("#source h2")).to_have_text("asean")


def test_where_it_is_not_allowed_nothing_offers_it(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    expect(page.locator("#source .entry")).to_have_count(2)
    expect(page.get_by_role("button", name="Add an article")).to_have_count(0)
    assert httpx.get(f"{served.url}/v1/sources").json()["sources"][0]["uploaded"] is False
