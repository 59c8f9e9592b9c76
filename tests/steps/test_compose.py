"""Compose: Markdown that shows the source's words and nothing else, and markers that go with citations."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.steps.compose import Composer
from assistant.text.markdown import escape, unescape
from assistant.text.questions import analyse
from assistant.text.sentences import split
from assistant.types import Cite, DraftSentence, Passage, Question, SentenceEvent, Span

from ..text.strategies import ANY_TEXT
from .made import passages, source

COMMONMARK = MarkdownIt("commonmark")
GITHUB = MarkdownIt("gfm-like", {"linkify": False})
HARD = [
    "**bold** __x__ `code` [a](javascript:x) ![i](y) <b>t</b> <https://x.org> &amp; &#65; \\* ~~s~~ | a | b |",
    "a\n# head", "a\n  # head", "a\n===", "a\n   ---", "a\n- item", "a\n \t+ item", "a\n2) item", "a\n  1. item", "a\r> q",
    "a\n***", "a\n```\nb", "a\n~~~\nb", "a\n<div>\nb", "[x]: http://y", "a  \nb", "a\\\nb", "www.example.org https://x.org/_a_",
    "a\n|-|-|\n|b|c|", "&lt;b&gt; &copy &#x41;", "a\n\u00a0- b", "a\n1234567890. x", "a\n\u2028# b",
]  # fmt: skip
NOT_YET = {"a\n  # head", "a\n  1. item"}


def shown(markdown: str, renderer: MarkdownIt = COMMONMARK) -> str:
    """The text that a reader sees, in one line; only paragraphs and line breaks may be in it."""
    rendered = renderer.render(markdown)
    assert set(re.findall(r"</?([a-z0-9]+)", rendered)) <= {"p", "br"}, rendered
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", rendered)).split())


def plain(text: str) -> str:
    return " ".join(text.split())


@given(text=ANY_TEXT)
def test_a_quoted_sentence_is_shown_as_it_stands(text: str) -> None:
    for sentence in split(text):
        quote = text[sentence.start : sentence.end]
        assert shown(f"“{escape(quote)}” [1]") == plain(f"“{quote}” [1]")


@pytest.mark.parametrize(
    "quote",
    [pytest.param(q, marks=[pytest.mark.xfail(reason="spaces hide it")] if q in NOT_YET else []) for q in HARD],
)
@pytest.mark.parametrize("renderer", [COMMONMARK, GITHUB], ids=["commonmark", "github"])
def test_markup_in_a_quote_is_shown_and_not_obeyed(quote: str, renderer: MarkdownIt) -> None:
    assert shown(f"The source says: “{escape(quote)}” [1]", renderer) == plain(f"The source says: “{quote}” [1]")


@pytest.mark.xfail(reason="what opens a block is escaped after a line break only")
@given(text=st.one_of(ANY_TEXT, st.sampled_from(HARD)))
@example(text="- a")
@example(text="# a")
def test_one_line_of_text_is_shown_as_it_stands_wherever_it_stands(text: str) -> None:
    assert shown(escape(plain(text))) == plain(text)


@pytest.mark.xfail(reason="a source's own entity is taken out too")
@given(text=ANY_TEXT)
@example(text="&#65; and \\*")
@example(text="a\n1. b")
def test_unescape_takes_out_what_escape_put_in(text: str) -> None:
    assert unescape(escape(text)) == text


@given(text=st.text(st.characters(categories=["L", "N", "Zs"]), max_size=100))
def test_plain_words_are_not_touched(text: str) -> None:
    assert escape(text) == text


# --- the composer ----------------------------------------------------------------------------------------------------

TEXT = "Siti Rahma led it. Trade grew by 5 percent, said [3] the *minister*. Nobody objected.\n\nThe council will meet again."
SOURCE = source(TEXT)
PASSAGES = passages(analyse("Who led it?", "en"), SOURCE)
SPANS = [passage.span for passage in PASSAGES]


def composed(drafts: list[list[int]], *, quoted: bool = True) -> tuple[Composer, list[SentenceEvent]]:
    composer = Composer({SOURCE.source_id: SOURCE})
    events = [
        composer.add(DraftSentence(tuple(Cite(SPANS[at], quoted) for at in draft), lead="It says:"), PASSAGES)
        for draft in drafts
    ]
    return composer, events


@given(
    drafts=st.lists(st.lists(st.integers(0, len(SPANS) - 1), min_size=1, max_size=4), max_size=5), quoted=st.booleans()
)
def test_markers_count_from_one_in_order_of_first_use(drafts: list[list[int]], quoted: bool) -> None:
    composer, events = composed(drafts, quoted=quoted)
    used = [int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", composer.text)]
    wanted = [at for draft in drafts for at in draft]
    first = list(dict.fromkeys(wanted))
    assert used == [first.index(at) + 1 for at in wanted]
    assert [citation.marker for citation in composer.citations] == list(range(1, len(first) + 1))
    assert [Span(c.source_id, c.start_char_index, c.end_char_index) for c in composer.citations] == [
        SPANS[at] for at in first
    ]
    assert [c for event in events for c in event.citations] == composer.citations
    assert "".join(event.text for event in events) == composer.text


@given(text=ANY_TEXT, at=st.integers(0, 50), length=st.integers(1, 80))
def test_a_citation_is_verbatim_and_its_context_holds_it(text: str, at: int, length: int) -> None:
    made = source(text)
    around = passages(analyse("Who led it?", "en"), made)
    start = min(at, max(len(text) - 1, 0))
    span = Span(made.source_id, start, min(len(text), start + length))
    composer = Composer({made.source_id: made})
    composer.add(DraftSentence((Cite(span),)), around)
    (citation,) = composer.citations
    assert citation.cited_text == text[span.start : span.end]
    assert citation.cited_text in citation.context and citation.context in text
    assert [
        p.text for p in around if p.start < span.end and span.start < p.end and p.text not in citation.context
    ] == []


def test_passages_have_no_marker() -> None:
    listed = Composer({SOURCE.source_id: SOURCE}).passages(PASSAGES)
    assert [(c.marker, c.cited_text) for c in listed] == [(None, p.text) for p in PASSAGES]


def test_words_of_the_catalogue_bring_no_citation() -> None:
    composer = Composer({})
    event = composer.say("They do not mention: “[1] *x*”.")
    assert (event.citations, composer.citations) == ((), [])
    assert shown(composer.text) == "They do not mention: “[1] *x*”."


@pytest.mark.parametrize("title", ["Minutes [1]", "*Draft* <b>2</b>", "[7] notes", "a_b_c `d`"])
def test_a_title_in_the_lead_is_shown_and_is_no_marker(title: str) -> None:
    from assistant.messages import catalogue
    from assistant.steps.generate import generate

    from .made import retrieval

    question = analyse("Who led it?", "en")
    titled = [replace(source(TEXT, name), title=title) for name in ("a.txt", "b.txt")]
    found: list[Passage] = passages(question, *titled)
    found = [found[0], found[len(PASSAGES)], *found[1:3]]
    composer = Composer({each.source_id: each for each in titled})
    for draft in generate(retrieval(question, *found), catalogue("en")):
        composer.add(draft, found)
    markers = [int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", composer.text)]
    assert markers == [citation.marker for citation in composer.citations] != []
    assert title in shown(composer.text)


def test_the_answer_says_what_it_was_asked() -> None:
    composer, _ = composed([[0]])
    asked = analyse("Who led it, then?", "en")
    question = Question(question="And who led it?", request_id="r7", language="en")
    one, two = (composer.answer(question, asked, "id", "answered", (), {"total": 1.0}) for _ in range(2))
    assert (one.question, one.standalone_question, one.request_id) == ("And who led it?", "Who led it, then?", "r7")
    assert (one.language, one.status, one.answer) == ("id", "answered", composer.text)
    assert one.id != two.id
