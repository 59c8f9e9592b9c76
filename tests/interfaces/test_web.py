"""The page in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assistant.interfaces.assets import preferred_language

from .conftest import Served
from .fakes import ARTICLE, HOSTILE, INVESTMENT, TRADE, until
from .pages import Opened, answered, ask

# Gradio 6.31 keeps statistics of its queue with calls that pandas 3 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:(The copy keyword|'future.no_silent_downcasting')")

SIZES = [(1280, 800), (360, 740)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_question_is_answered_with_quotes(served: Served, open_page: Opened, width: int, height: int) -> None:
    page = open_page(served.url, width=width, height=height)
    ask(page, "Trade?")
    answered(page)
    assert page.locator("#chat .asked").inner_text() == "Trade?"
    assert page.locator("#chat a.cite").all_inner_texts() == ["1", "2", "1"]
    assert page.locator("#chat mark.quote").all_inner_texts() == [TRADE, INVESTMENT]
    meta = page.locator("#chat .card .meta").first.inner_text()
    assert ARTICLE.title in meta and "February 20, 2019" in meta and "Bisnis Bali" in meta
    assert page.locator("#chat .notice").inner_text().endswith("<b>errors</b> included.")
    assert page.get_by_role("button", name="Who chaired the meeting?").is_visible()  # the follow-up
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_sentences_appear_one_by_one(served_held: Served, open_page: Opened) -> None:
    chain = served_held.assistant.chain
    page = open_page(served_held.url)
    ask(page, "Trade?")
    expect(page.locator("#chat .progress")).to_be_visible()
    chain.release()
    expect(page.locator("#chat a.cite")).to_have_count(1)
    assert page.locator("#chat mark.quote").all_inner_texts() == [TRADE]
    chain.release()
    expect(page.locator("#chat a.cite")).to_have_count(3)
    answered(page)


def test_the_question_box_is_the_last_textbox_and_has_a_name(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    expect(page.get_by_role("textbox").last).to_have_attribute("placeholder", "Ask about the meeting")
    expect(page.get_by_role("textbox", name="Your question")).to_have_count(1)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_the_address_asks(served: Served, open_page: Opened) -> None:
    page = open_page(f"{served.url}/?q=How%20large%20was%20trade%3F%20%3Cb%3E")
    answered(page)
    assert page.locator("#chat .asked").inner_text() == "How large was trade? <b>"
    assert page.locator("#chat mark.quote").first.inner_text() == TRADE


@pytest.mark.parametrize(
    ("locale", "example", "title"),
    [
        ("id-ID", "Siapa yang memimpin pertemuan itu?", "Asisten pertemuan"),
        ("ru-RU", "Кто вёл встречу?", "Помощник по встрече"),
        ("fr-FR", "Who chaired the meeting?", "Meeting assistant"),
    ],
)
def test_the_page_speaks_the_browsers_language(
    served: Served, open_page: Opened, locale: str, example: str, title: str
) -> None:
    page = open_page(served.url, locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("button", name=example).click()
    answered(page)
    assert page.locator("#chat .asked").inner_text() == example


def test_a_refusal_shows_passages_that_are_not_an_answer(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Which hotel?")
    answered(page)
    assert page.locator("#chat .reply > .prose").inner_text() == "The sources do not answer this question."
    assert page.locator("#chat .related h3").inner_text() == "Closest passages – not an answer"
    assert page.locator("#chat .related .card").count() == 2
    assert page.locator("#chat a.cite, #chat mark").count() == 0


def test_hostile_words_are_shown_as_text(served: Served, open_page: Opened) -> None:
    hostile = "hostile <img src=x onerror=window.hacked=1> [x](javascript:alert(1))\n\n# **y** &amp; $z$"
    page = open_page(served.url)
    ask(page, hostile)
    answered(page)
    assert page.locator("#chat .asked").text_content() == hostile
    quoted = HOSTILE.text.split("\n\n")[1]
    assert page.locator("#chat mark.quote").text_content() == quoted
    assert page.locator("#source mark.quote").text_content() == quoted
    assert page.locator("#source .text").text_content() == HOSTILE.text
    said = page.locator("#chat .reply > .prose p").text_content()
    assert said == f"“{quoted}” 1 <script>window.hacked = 1</script>"
    assert HOSTILE.title in page.locator("#chat .card .meta").inner_text()
    assert page.locator("#source h2").text_content() == HOSTILE.title
    assert page.locator("#chat .message img, #chat .message script, #source img, #source script").count() == 0
    assert page.evaluate("window.hacked") is None


def test_the_words_that_are_meant_are_marked_among_equal_ones(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "repeat")
    answered(page)
    expect(page.locator("#source mark.quote")).to_have_count(1)  # the panel comes a moment after the answer
    third = ARTICLE.text.replace("ASEAN", "-----", 2).index("ASEAN")
    before = page.evaluate(
        """() => { const range = document.createRange();
        range.setStart(document.querySelector('#source .text'), 0);
        range.setEndBefore(document.querySelector('#source mark'));
        return Array.from(range.toString()).length }"""
    )
    assert before == third
    assert (page.locator("#chat .passage").text_content() or "-") in ARTICLE.text


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_citation_opens_the_source_at_its_words(served: Served, open_page: Opened, width: int, height: int) -> None:
    page = open_page(served.url, width=width, height=height)
    ask(page, "Trade?")
    answered(page)
    page.locator("#chat a.cite").nth(1).click()
    current = page.locator("#source mark.current")
    expect(current).to_be_in_viewport()
    expect(current).to_be_focused()
    assert current.text_content() == INVESTMENT
    assert page.locator("#source mark.quote").all_inner_texts() == [INVESTMENT, TRADE]  # in the source's order
    assert page.locator("#source .text").text_content() == ARTICLE.text
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.keyboard.press("Escape")
    expect(page.locator("#chat a.cite").nth(1)).to_be_focused()
    if width < 1000:
        expect(page.locator("#source")).to_be_hidden()


def test_a_citation_opens_by_keyboard(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    page.locator("#chat a.cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source mark.current")).to_have_text(TRADE)


def test_a_refusal_leaves_no_older_quote_marked(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    expect(page.locator("#source mark.quote")).to_have_count(2)
    ask(page, "Which hotel?")
    answered(page, 2)
    expect(page.locator("#source mark.quote")).to_have_count(0)


def test_citations_of_an_older_answer_still_open(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    ask(page, "hostile")
    answered(page, 2)
    expect(page.locator("#source h2")).to_have_text(HOSTILE.title)
    page.locator("#chat a.cite").first.click()
    expect(page.locator("#source mark.current")).to_have_text(TRADE)


def test_the_conversation_goes_with_a_follow_up(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    ask(page, "And who chaired?")
    answered(page, 2)
    history = served.assistant.chain.asked[-1].history
    assert [turn.role for turn in history] == ["user", "assistant"]
    assert history[0].content == "Trade?"
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#chat .reply")).to_have_count(0)
    expect(page.get_by_role("button", name="How large was trade")).to_be_visible()
    ask(page, "Anew?")
    answered(page)
    assert served.assistant.chain.asked[-1].history == ()


def test_questions_asked_at_once_are_all_answered(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    streams: list[str] = []
    page.on("request", lambda asked: streams.append(asked.url) if "/queue/data" in asked.url else None)
    for number in range(1, 6):
        ask(page, f"Trade {number}?")
        answered(page, number)
    assert len(streams) <= 1  # the one of the page's opening goes on


def test_five_tabs_of_one_browser_are_answered(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    for _ in range(4):  # a browser opens six connections to a server, and each tab holds one
        page = page.context.new_page()
        page.goto(served.url)
        ask(page, "Trade?")
        expect(page.locator("#chat a.cite").first).to_be_visible(timeout=15_000)


def test_closing_the_page_ends_the_answer(served: Served, open_page: Opened) -> None:
    chain = served.assistant.chain
    before = len(chain.asked)
    page = open_page(f"{served.url}/?q=slow")
    expect(page.locator("#chat .progress")).to_have_text("Searching the sources…")
    assert len(chain.asked) == before + 1
    page.close()
    until(lambda: chain.closed == len(chain.asked))


def test_an_answer_can_be_stopped(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "slow")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#chat .notice")).to_have_text("Stopped.")
    expect(page.locator("#chat .progress")).to_have_count(0)
    chain = served.assistant.chain
    until(lambda: chain.closed == len(chain.asked))  # before its minute is over
    ask(page, "Trade?")
    answered(page, 2)
    assert page.locator("#chat mark.quote").first.inner_text() == TRADE


def test_failures_are_told(served: Served, served_empty: Served, open_page: Opened) -> None:
    page = open_page(f"{served.url}/?q=broken")
    expect(page.locator("#chat .failure")).to_have_text("Something went wrong. Ask again, or reload the page.")
    assert page.get_by_text("secret").count() == 0
    narrow = open_page(f"{served_empty.url}/?q=Trade", width=360)  # a wide one asks for the sources, which is a 503
    expect(narrow.locator("#chat .failure")).to_have_text("there is no index: run assistant ingest")


def test_messages_have_no_markup_in_their_accessible_names(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    page.wait_for_timeout(200)
    assert page.locator("#chat [aria-label*='<']").count() == 0


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("id", "id"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("fr,id;q=0.5,en;q=0.4", "id"),
        ("en;q=0.1,ru;q=0.9", "ru"),
        ("ru;q=0,en", "en"),
        ("*;q=x,id", "id"),
        ("fr", "en"),
        ("th-TH,th;q=0.9,en;q=0.8", "th"),
        ("zh-Hant-TW,en;q=0.5", "zh"),
        ("tl,en;q=0.5", "fil"),
    ],
)
def test_preferred_language(accept: str, language: str) -> None:
    assert preferred_language(accept) == language
