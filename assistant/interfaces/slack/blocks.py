"""An answer as Slack's blocks, within Slack's limits.

What sources say stands in rich text, whose texts are literal: nothing in them is a mention, a link or formatting. In
other blocks everything is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from assistant.interfaces.pages import pages
from assistant.interfaces.slack.api import Answer, Citation
from assistant.interfaces.slack.text import clipped, escape, pieces
from assistant.messages import Catalogue

Block = dict[str, Any]

FEEDBACK, ASK, OPEN = "feedback", "ask", "open"
"""What the buttons' `action_id` begins with."""

MAX_BLOCKS = 45
"""Of a message; Slack takes 50."""
MAX_SIZE = 9_000
"""Characters of a message's blocks as JSON; with its `text` that stays under the 12,000 that Slack takes in all."""
MAX_TEXT = 1_500
"""Characters of a message's `text`, which is what notifications and screen readers tell."""

_PIECE = 2_500  # characters of one text; Slack takes 3,000
_AROUND = 300  # characters of a quote's context shown on each side of it
_TITLE = 200
_LABEL = 75  # Slack's limit for the text of a button
_LONGEST_URL = 1_500  # Slack takes 3,000; a longer one would be most of a message
_FOLLOW_UPS = 5


def prose(text: str) -> list[Block]:
    """Plain text as blocks that show exactly that."""
    return [_rich(_section(_text(piece))) for piece in pieces(text, _PIECE)]


def note(text: str) -> Block:
    """A line of the bot's own words beside an answer."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": escape(clipped(text, _PIECE)), "verbatim": True}],
    }


def evidence(answer: Answer, words: Catalogue, page_url: str | None = None) -> list[Block]:
    """What stands below the text of an answer: its quotes, notices, closest passages, questions to go on with, buttons."""
    blocks = [note(words.text("page.partial"))] if answer.status == "partial" else []
    blocks += [note(notice.message) for notice in answer.notices]
    if answer.citations:
        blocks.append(_heading(words.text("page.evidence")))
        blocks += [block for citation in answer.citations for block in _quoted(citation, words)]
    if answer.related:
        blocks.append(_heading(words.text("page.related")))
        blocks += [block for passage in answer.related for block in _related(passage, words)]
    if follow_ups := [each for each in answer.follow_ups if len(each) <= _LABEL * 4][:_FOLLOW_UPS]:
        blocks.append(_heading(words.text("slack.follow_ups")))
        blocks.append(_actions([_ask(number, question) for number, question in enumerate(follow_ups)]))
    if page_url and answer.status != "conversational" and (link := _link(answer, page_url)):
        button = {"type": "button", "action_id": OPEN, "text": _plain(words.text("slack.open")), "url": link}
        blocks.append(_actions([button]))
    if answer.status != "conversational":
        blocks.append(_feedback(answer, words))
    return blocks


def packed(blocks: Iterable[Block], used: int = 0) -> list[list[Block]]:
    """The blocks by messages, in order; `used` characters of the first message are taken already."""
    messages: list[list[Block]] = [[]]
    for block in blocks:
        size = len(json.dumps(block, ensure_ascii=False))
        if messages[-1] and (used + size > MAX_SIZE or len(messages[-1]) >= MAX_BLOCKS):
            messages.append([])
            used = 0
        messages[-1].append(block)
        used += size
    return messages


def button_values(rating_value: str) -> tuple[str, str, str]:
    """Rating, answer and language of a thumb. Raises ValueError if it is none of this bot's."""
    rating, answer_id, language = rating_value.split(" ")
    return rating, answer_id, language


def _quoted(citation: Citation, words: Catalogue) -> list[Block]:
    """A citation: its marker, the source's title and page, and its words in bold within their context."""
    before, _, after = citation.context.partition(citation.cited_text)
    title = _section(_text(f"[{citation.marker}] ", bold=True), _text(_named(citation, words)))
    first, *others = pieces(citation.cited_text, _PIECE)
    quote_of = _quote(_text(_ending(before)), _text(first, bold=True), _text(_begun(after) if not others else ""))
    return [_rich(title, quote_of), *(_rich(_quote(_text(piece, bold=True))) for piece in others)]


def _related(passage: Citation, words: Catalogue) -> list[Block]:
    """A closest passage. Nothing in it is set off: it is no answer."""
    title = _section(_text(_named(passage, words)))
    return [_rich(title, _quote(_text(clipped(passage.context or passage.cited_text, _PIECE))))]


def _named(citation: Citation, words: Catalogue) -> str:
    return ", ".join(filter(None, (clipped(citation.title, _TITLE), pages(citation, words))))


def _ending(text: str) -> str:
    return text if len(text) <= _AROUND else f"…{text[-_AROUND:]}"


def _begun(text: str) -> str:
    return clipped(text, _AROUND)


def _heading(text: str) -> Block:
    return _rich(_section(_text(text, bold=True)))


def _ask(number: int, question: str) -> Block:
    return {"type": "button", "action_id": f"{ASK}_{number}", "text": _plain(question), "value": question}


def _link(answer: Answer, page_url: str) -> str | None:
    link = f"{page_url.rstrip('/')}/?q={quote(answer.standalone_question, safe='')}"
    return link if answer.standalone_question and len(link) <= _LONGEST_URL else None


def _feedback(answer: Answer, words: Catalogue) -> Block:
    def button(rating: str, sign: str, label: str) -> Block:
        value = f"{rating} {answer.id} {answer.language}"
        return {"text": {"type": "plain_text", "text": sign}, "accessibility_label": label, "value": value}

    thumbs = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": button("up", "👍", words.text("slack.good")),
        "negative_button": button("down", "👎", words.text("slack.bad")),
    }
    return {"type": "context_actions", "elements": [thumbs]}


def _actions(elements: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": clipped(text, _LABEL), "emoji": False}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _section(*texts: Block) -> Block:
    return {"type": "rich_text_section", "elements": [each for each in texts if each["text"]]}


def _quote(*texts: Block) -> Block:
    return {"type": "rich_text_quote", "elements": [each for each in texts if each["text"]]}


def _text(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}
