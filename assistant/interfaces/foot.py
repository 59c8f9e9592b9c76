"""What stands below an answer on the page: its standing, how it came about, and what can be done with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from babel.units import format_unit

from assistant.interfaces.escaping import exact, lang_class, locale_of
from assistant.interfaces.reply import ChatReply
from assistant.messages import Catalogue
from assistant.text.markdown import unescape
from assistant.types import Answer

_ON_ANSWERS = ("copy", "markdown", "link", "up", "down")
_ON_ALL = ("again", "edit")


def foot(answer: Answer | None, words: Catalogue, where: str) -> str:
    """The foot of a reply. `where` says where questions go; a reply that was stopped or failed has no answer."""
    if answer is None:
        return _actions(_ON_ALL, words)
    return _how(answer, words, where) + _actions((*_ON_ANSWERS, *_ON_ALL), words) + _record(answer)


def standing(answer: Answer, words: Catalogue) -> str:
    """One line that says what the answer is worth."""
    label: Mapping[str, str] = {"answered": "verified", "partial": "partial", "not_in_sources": "refused"}
    if answer.status not in label:
        return ""
    name = label[answer.status]
    return f'<p class="standing {name}">{exact(words.text(f"page.{name}"))}</p>'


def _how(answer: Answer, words: Catalogue, where: str) -> str:
    facts = [(words.text("page.how_reader"), answer.reader), (words.text("page.how_where"), where)]
    if answer.standalone_question != answer.question:
        facts.append((words.text("page.how_question"), answer.standalone_question))
    if (total := answer.timings_ms.get("total")) is not None:
        facts.append((words.text("page.how_time"), _seconds(total, words.language)))
    rows = "".join(f"<dt>{exact(name)}</dt><dd>{exact(value)}</dd>" for name, value in facts)
    checks = "".join(f'<li class="{each.outcome}">{exact(each.message)}</li>' for each in answer.explanation)
    listed = f'<ul class="{lang_class(answer.language)}">{checks}</ul>' if checks else ""
    summary = exact(words.text("page.how"))
    return f'<details class="how"><summary>{summary}</summary><dl>{rows}</dl>{listed}</details>'


def _seconds(milliseconds: float, language: str) -> str:
    seconds = milliseconds / 1000
    return format_unit(
        seconds,
        "duration-second",
        length="short",
        format="0.0" if seconds >= 1 else "0.00#",
        locale=locale_of(language),
    )


def _actions(names: tuple[str, ...], words: Catalogue) -> str:
    buttons = "".join(
        f'<button class="act {name}" title="{exact(words.text(f"page.act_{name}"))}">'
        f'<span class="heard">{exact(words.text(f"page.act_{name}"))}</span></button>'
        for name in names
    )
    return f'<div class="acts">{buttons}</div>'


def _record(answer: Answer) -> str:
    """The answer for the page's program: to copy, to save and to rate. In base64 nothing in it can act as markup."""
    markdown = ChatReply(answer, {}, "").content
    fields = {
        "answer": answer.model_dump(mode="json"),
        "markdown": markdown,
        "text": unescape(markdown.replace("**", "")),  # of a quote they would be escaped
    }
    packed = base64.b64encode(json.dumps(fields, ensure_ascii=False).encode()).decode("ascii")
    return f'<code class="record">{exact(packed)}</code>'
