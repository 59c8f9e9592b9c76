"""What can be done with an answer on the page, and with the conversation, in a real Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from .conftest import Served
from .fakes import ARTICLE, HOSTILE, INVESTMENT, TRADE, FakeAssistant, until
from .pages import Opened, answered, ask, hold_opening, kept

# Gradio 6.31 keeps statistics of its queue with calls that pandas 3 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:(The copy keyword|'future.no_silent_downcasting')")

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


# --- citations ------------------------------------------------------------------------------------------------------


def test_a_citation_shows_its_words_at_hover_and_focus(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    page.locator("#chat a.cite").nth(1).hover()
    expect(page.get_by_role("tooltip").locator("mark.quote")).to_have_text(INVESTMENT)
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    page.mouse.move(2, 2)
    page.locator("#chat .asked").click()
    page.keyboard.press("Tab")
    expect(page.locator("#chat a.cite").first).to_be_focused()
    expect(page.get_by_role("tooltip")).to_contain_text(TRADE)
    expect(page.locator("#chat a.cite").first).to_have_attribute("aria-describedby", "snippet")


def test_everything_works_by_keyboard_and_is_told(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type("Trade?")
    page.keyboard.press("Enter")
    answered(page)
    told = page.locator("#announced")
    expect(told).to_contain_text("Each sentence was checked")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('a.cite')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#source mark.current")).to_be_focused()
    expect(told).to_contain_text("Marked in the source:")
    expect(told).to_contain_text(page.locator("#source mark.current").text_content() or "-")
    page.keyboard.press("Escape")
    expect(page.locator("#chat a.cite").last).to_be_focused()
    assert page.locator("#chat .passage").first.get_attribute("lang") == "id"
    assert page.locator("#chat [role=log]").get_attribute("aria-live") == "off"  # else read out anew at each sentence


def test_a_click_on_an_earlier_answer_brings_its_evidence_back(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    ask(page, "hostile")
    answered(page, 2)
    expect(page.locator("#source h2")).to_have_text(HOSTILE.title)
    page.locator("#chat .reply").first.locator(".standing").click()
    expect(page.locator("#source h2")).to_have_text(ARTICLE.title)
    expect(page.locator("#source mark.quote")).to_have_count(2)


def test_sources_are_listed_counted_and_searched(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    entries = page.locator("#source .entry")
    expect(entries).to_have_count(2)
    ask(page, "Trade?")
    answered(page)
    page.get_by_role("button", name="All sources").click()
    expect(entries.first).to_contain_text(ARTICLE.title)
    expect(entries.first.locator(".count")).to_have_text("2Quotes in this answer: 2")
    page.keyboard.type("hostile")  # the search has the focus
    expect(entries).to_have_count(1)
    page.get_by_role("searchbox").fill("Bisnis")
    entries.first.click()
    expect(page.locator("#source mark.quote")).to_have_count(2)


def test_on_a_phone_the_sources_can_be_read_before_anything_is_asked(served: Served, open_page: Opened) -> None:
    page = open_page(served.url, width=320, height=568)
    page.get_by_role("button", name="Sources").click()
    expect(page.locator("#source .entry")).to_have_count(2)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#source")).to_be_hidden()
    expect(page.get_by_role("button", name="Sources")).to_be_focused()


def test_nothing_is_marked_in_a_source_that_has_changed(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    changed = {"source_id": ARTICLE.source_id, "title": ARTICLE.title, "text": "X" + ARTICLE.text, "language": "id"}
    page.route("**/v1/sources/asean*", lambda route: route.fulfill(json=changed))
    ask(page, "Trade?")
    answered(page)
    expect(page.locator("#source .failure")).to_contain_text("changed since it was quoted")
    assert page.locator("#source mark").count() == 0


# --- what an answer is worth ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "standing"),
    [
        ("Trade?", "Each sentence was checked against the quoted words"),
        ("partly?", "The sources answer only a part of the question."),
        ("Which hotel?", "Not in the sources"),
    ],
)
def test_an_answer_says_what_it_is_worth(served: Served, open_page: Opened, question: str, standing: str) -> None:
    page = open_page(served.url)
    ask(page, question)
    answered(page)
    assert page.locator("#chat .standing").inner_text() == standing


def test_how_it_was_answered(served: Served, open_page: Opened) -> None:
    page = open_page(served.url, locale="ru-RU")
    ask(page, "Trade?")
    answered(page)
    page.get_by_text("Как получен ответ").click()
    how = page.locator("#chat details.how")
    expect(how).to_contain_text("embedded")
    expect(how).to_contain_text("никуда ничего не отправляется")
    expect(how).to_contain_text(re.compile(r"1,2\s*с"))
    expect(how.locator("li")).to_have_text("Found: <i>names</i>.")


def test_too_many_questions_are_told(open_page: Opened, tmp_path: Path) -> None:
    with Served(FakeAssistant(ARTICLE, rate_limit="1/hour", data=tmp_path)) as limited:
        page = open_page(limited.url, width=360)
        ask(page, "Trade?")
        answered(page)
        ask(page, "And investment?")
        expect(page.locator("#chat .failure")).to_contain_text("Too many questions: ask again in")
        page.get_by_role("button", name="Edit the question").click()
        expect(page.get_by_role("textbox", name="Your question")).to_have_value("And investment?")
        expect(page.locator("#chat .reply")).to_have_count(1)
        page.context.close()  # before the server ends, which the console would tell


def test_a_server_that_is_gone_and_back_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    # The console tells of refused connections, so the page is opened without the fixture's checks.
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(30_000)
    with Served(FakeAssistant(ARTICLE, data=tmp_path)) as first:
        page.goto(first.url)
        ask(page, "Trade?")
        answered(page)
        kept(page)
    page.locator("#question textarea").fill("And then?")
    offline = page.locator("#offline")
    expect(offline).to_have_text(re.compile("Your question is kept"), timeout=30_000)
    with Served(FakeAssistant(ARTICLE, data=tmp_path), port=int(first.host.split(":")[1])) as second:
        expect(offline).to_have_count(0, timeout=30_000)
        answered(page)
        expect(page.locator("#question textarea")).to_have_value("And then?")
        page.locator("#question textarea").press("Enter")
        answered(page, 2)
        assert [turn.content for turn in second.assistant.chain.asked[-1].history][:1] == ["Trade?"]
        context.close()


# --- below an answer ------------------------------------------------------------------------------------------------


def test_an_answer_is_copied_with_its_sources(served: Served, open_page: Opened) -> None:
    page = open_page(served.url, **CLIPBOARD)
    ask(page, "hostile")
    answered(page)
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.locator("#announced")).to_have_text("Copied.")
    assert "**Sources**\n- [1] \\<b onclick" in copied(page)
    page.get_by_role("button", name="Copy with its sources").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('\\nSources')")
    quoted = HOSTILE.text.split("\n\n")[1]
    assert copied(page).startswith(f"“{quoted}” [1]")
    assert f"- [1] {HOSTILE.title}, folder/hostile.txt, 12–" in copied(page)


def test_a_link_opens_the_question(served: Served, open_page: Opened) -> None:
    page = open_page(served.url, **CLIPBOARD)
    ask(page, "Trade & <b>?")
    answered(page)
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator("#announced")).to_have_text("The link was copied.")
    other = open_page(copied(page))
    answered(other)
    kept(other)
    assert other.locator("#chat .asked").inner_text() == "Trade & <b>?"
    assert served.assistant.chain.asked[-1].history == ()
    asked = len(served.assistant.chain.asked)
    other.reload()  # the address has asked once
    answered(other)
    assert len(served.assistant.chain.asked) == asked


def test_the_last_question_is_asked_again_or_changed(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    ask(page, "Again?")
    answered(page, 2)
    again = page.get_by_role("button", name="Ask again")
    expect(again).to_have_count(1)  # only below the last answer
    asked = len(served.assistant.chain.asked)
    again.click()
    until(lambda: len(served.assistant.chain.asked) > asked)  # the answer before stands until then
    answered(page, 2)
    assert [each.question for each in served.assistant.chain.asked[asked:]] == ["Again?"]
    assert len(served.assistant.chain.asked[-1].history) == 2
    page.get_by_role("button", name="Edit the question").click()
    box = page.get_by_role("textbox", name="Your question")
    expect(box).to_have_value("Again?")
    expect(box).to_be_focused()
    expect(page.locator("#chat .reply")).to_have_count(1)


def test_a_thumb_is_kept_with_what_its_reader_agreed_to(served: Served, open_page: Opened) -> None:
    kept = served.assistant.settings.data / "feedback.jsonl"
    kept.unlink(missing_ok=True)
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    page.get_by_role("button", name="This did not help").click()
    page.get_by_role("textbox", name="What was good or wrong?").fill("Which <year>?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#announced")).to_contain_text("Thank you.")
    page.get_by_role("button", name="This helped").click()
    page.get_by_role("checkbox", name="Send the question").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("form.rating")).to_have_text("Thank you. It was kept on the server.")
    down, up = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert (down["rating"], down["comment"]) == ("down", "Which <year>?") and "question" not in down
    assert (up["rating"], up["question"]) == ("up", "Trade?") and TRADE in up["answer"]


# --- the conversation -----------------------------------------------------------------------------------------------


def test_the_conversation_is_kept_in_the_browser_until_it_is_cleared(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    kept(page)
    page.reload()
    answered(page)
    expect(page.locator("#chat mark.quote")).to_have_text([TRADE, INVESTMENT])
    expect(page.locator("#source mark.quote")).to_have_count(2)
    expect(page.get_by_role("button", name="Who chaired the meeting?")).to_be_visible()
    ask(page, "And then?")
    answered(page, 2)
    assert [turn.content for turn in served.assistant.chain.asked[-1].history][:1] == ["Trade?"]
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#chat .reply")).to_have_count(0)
    kept(page, empty=True)
    page.reload()
    expect(page.get_by_role("button", name="Who chaired the meeting?")).to_be_visible()
    assert page.locator("#chat .reply").count() == 0


def test_a_question_that_overtakes_the_opening_of_the_page_is_kept_and_answered(
    served: Served, open_page: Opened
) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    kept(page)
    held = hold_opening(page)
    page.reload()
    page.wait_for_selector("#tools")
    with page.expect_response("**/queue/join*"):
        ask(page, "And then?")
    held.pop().continue_()
    answered(page, 2)
    expect(page.locator("#chat .asked")).to_have_text(["Trade?", "And then?"])
    assert [turn.content for turn in served.assistant.chain.asked[-1].history][:1] == ["Trade?"]


def test_the_conversation_is_saved(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade *now*?")
    answered(page)
    ask(page, "Which hotel?")
    answered(page, 2)
    texts = {}
    for kind in ("Markdown", "JSON"):
        page.get_by_text("Save", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        texts[kind] = Path(download.value.path()).read_text(encoding="utf-8")
    assert texts["Markdown"].startswith("# Meeting assistant\n\n> Trade \\*now\\*?\n\nIn the source:")
    assert "> Which hotel?" in texts["Markdown"]
    answers = json.loads(texts["JSON"])["answers"]
    assert [answer["status"] for answer in answers] == ["answered", "not_in_sources"]
    assert answers[0]["citations"][0]["cited_text"] == TRADE


def test_on_paper_the_conversation_is_whole(served: Served, open_page: Opened) -> None:
    page = open_page(served.url, height=400, color_scheme="dark")
    for number in (1, 2):
        ask(page, "Trade?")
        answered(page, number)
    page.emulate_media(media="print")
    expect(page.locator("#question")).to_be_hidden()
    expect(page.locator("#source")).to_be_hidden()
    assert page.evaluate("document.querySelector('#chat .panel-wrap').scrollHeight <= document.body.scrollHeight")
    assert page.locator("#chat .reply").last.evaluate("each => getComputedStyle(each).color") == "rgb(0, 0, 0)"


# --- languages and looks --------------------------------------------------------------------------------------------


def test_another_language_is_chosen_and_kept(served: Served, open_page: Opened) -> None:
    page = open_page(served.url)
    ask(page, "Trade?")
    answered(page)
    kept(page)
    page.get_by_role("combobox", name="Language").select_option("ru")
    expect(page.get_by_role("heading", level=1)).to_have_text("Помощник по встрече")
    answered(page)
    expect(page.locator("#chat .standing")).to_have_text("Каждое предложение сверено с приведёнными словами")
    expect(page.locator("#chat .meta").first).to_contain_text("20 февраля 2019")
    assert page.locator("html").get_attribute("lang") == "ru"
    assert "In the source" in page.locator("#chat .reply > .prose").inner_text()  # an answer keeps its language


@pytest.mark.parametrize(("width", "scheme", "question"), [(1280, "light", "Trade?"), (320, "dark", "Which hotel?")])
def test_axe_finds_no_serious_problem(
    served: Served, open_page: Opened, width: int, scheme: str, question: str
) -> None:
    page = open_page(served.url, width=width, height=740, color_scheme=scheme)
    expect(page.get_by_role("button", name="Who chaired the meeting?")).to_be_visible()
    found = {**problems(page)}
    ask(page, question)
    answered(page)
    page.locator("#chat summary").click()
    page.get_by_role("button", name="This helped").click()
    found |= problems(page)
    assert found == {}


def problems(page: Page) -> dict[str, list[str]]:
    violations = Axe().run(page).response["violations"]
    return {
        each["id"]: [node["html"][:200] for node in each["nodes"]]
        for each in violations
        if each["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 400)])  # a small phone; a laptop at 200 %
def test_small_windows_and_large_letters(served: Served, open_page: Opened, width: int, height: int) -> None:
    page = open_page(served.url, width=width, height=height, locale="id-ID", reduced_motion="reduce")
    ask(page, "hostile")
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.get_by_role("textbox").last).to_be_in_viewport(ratio=1)
    expect(page.locator("#tools")).to_be_in_viewport(ratio=1)
    seen = page.locator("#chat .panel-wrap").bounding_box()
    assert seen is not None and seen["height"] >= 0.45 * height


def test_nothing_jumps_while_an_answer_comes(served_held: Served, open_page: Opened) -> None:
    page = open_page(served_held.url)
    ask(page, "Trade?")
    served_held.assistant.chain.release()
    first = page.locator("#chat .reply p").nth(1)
    expect(first).to_contain_text("In the source")
    before = first.bounding_box()
    served_held.assistant.chain.release()
    answered(page)
    assert first.bounding_box() == before
