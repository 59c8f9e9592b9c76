"""What the page shows of questions, answers and sources, as HTML in which nothing of theirs can act as markup.

Every text that is not of this program goes through `exact`. A message is one line of HTML that begins with a `<div>`,
so that the Markdown renderer of the chat takes the whole of it as a block of HTML and changes nothing in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from babel.dates import format_date
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline

from assistant.interfaces.escaping import exact, lang_class, locale_of
from assistant.interfaces.foot import foot, standing
from assistant.interfaces.pages import pages
from assistant.messages import Catalogue
from assistant.types import Answer, Citation, Notice, Source

_MARKER = re.compile(r"\[(\d{1,4})\]")
_DASHES = "-*•–—"
_ITEM = re.compile(r"(?:[-*•–—]|\d{1,3}[.)]|[a-zа-я][.)])\s")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known of an answer so far. `number` tells it from the other replies of the conversation."""

    number: int
    language: str = "en"
    text: str = ""
    citations: tuple[Citation, ...] = ()
    related: tuple[Citation, ...] = ()
    notices: tuple[Notice, ...] = ()
    progress: str = ""
    failure: str = ""
    answer: Answer | None = None  # when it is whole

    @classmethod
    def whole(cls, number: int, answer: Answer) -> Reply:
        """The reply that an answer is."""
        return cls(
            number, answer.language, answer.answer, answer.citations, answer.related, answer.notices, answer=answer
        )


def asked(question: str) -> str:
    """A question as a message of the chat."""
    return f'<div class="asked">{exact(question)}</div>'


def reply(shown: Reply, words: Catalogue, sources: Mapping[str, Source], where: str) -> str:
    """An answer as a message of the chat: text, notices, the words of the sources that it rests on, and its foot.

    `words` are in the page's language; `where` says where questions go.
    """
    answer = shown.answer
    # What is going on gives its line to what the answer is worth, so that nothing moves when it is whole.
    parts = [_line("standing progress", shown.progress)] if shown.progress else []
    parts += [standing(answer, words)] if answer else []
    parts += [_prose(shown)] if shown.text else []
    parts += [_line("notice", notice.message) for notice in shown.notices]
    if shown.failure:
        parts.append(_line("failure", shown.failure))
    if shown.citations:
        cards = [_card(c, f"{_prefix(shown)}-{c.marker}", words, sources.get(c.source_id)) for c in shown.citations]
        parts.append(_section("evidence", words.text("page.evidence"), cards))
    if shown.related:
        cards = [_card(c, "", words, sources.get(c.source_id)) for c in shown.related]
        parts.append(_section("related", words.text("page.related"), cards))
    if not shown.progress:
        parts.append(foot(answer, words, where))
    kind = f" {answer.status}" if answer else ""
    return f'<div class="reply{kind}">{"".join(parts)}</div>'


# --- the answer's own text -----------------------------------------------------------------------------------------


def _prose(shown: Reply) -> str:
    markers = {citation.marker for citation in shown.citations}
    html = _commonmark().render(shown.text, {"markers": markers, "prefix": _prefix(shown)})
    # With a space where a line ended: the words on both sides of it are two.
    return f'<div class="prose {lang_class(shown.language)}">{" ".join(html.splitlines())}</div>'


@cache
def _commonmark() -> MarkdownIt:
    """CommonMark without anything that loads, links or passes HTML through; `[n]` of a citation becomes its link."""
    parser = MarkdownIt("zero").enable(["list", "newline", "escape", "emphasis", "entity"])
    # Joining would make an escaped \[1\] of a quote look like the answer's own [1].
    parser.disable("text_join")
    parser.inline.ruler.push("cite", _cite)
    for kind in ("text", "text_special"):
        parser.add_render_rule(kind, _exactly)
    parser.add_render_rule("cite", _link)
    parser.add_render_rule("softbreak", _line_end)
    return parser


def _cite(state: StateInline, silent: bool) -> bool:
    found = _MARKER.match(state.src, state.pos)
    if found is None or int(found[1]) not in state.env["markers"]:
        return False
    if not silent:
        state.push("cite", "a", 0).content = found[1]
    state.pos = found.end()
    return True


def _exactly(renderer: RendererHTML, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    return exact(tokens[index].content)


def _line_end(renderer: RendererHTML, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    """A line of a quote ends where an item of a list begins; elsewhere lines are only as long as the source's happen to be."""
    before, following = (
        "".join(token.content for token in row) for row in (tokens[:index], tokens[index + 1 : index + 3])
    )
    is_item = _ITEM.match(following) and (following[0] in _DASHES or before.endswith((":", ";", ".", ",")))
    return "<br>" if is_item else "\n"


def _link(renderer: RendererHTML, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    number = tokens[index].content
    return f'<a class="cite" href="#{env["prefix"]}-{number}">{number}</a>'


# --- the words of the sources --------------------------------------------------------------------------------------


def _prefix(shown: Reply) -> str:
    return f"quote-{shown.number}"


def _card(citation: Citation, card_id: str, words: Catalogue, source: Source | None) -> str:
    """A passage with the quoted words marked. A related passage (no marker) has nothing marked: it is no answer."""
    identity = f' id="{card_id}" tabindex="-1"' if card_id else ""
    number = f'<span class="number">{citation.marker}</span>' if citation.marker is not None else ""
    quoted = _marked(citation, source) if citation.marker is not None else exact(citation.context)
    spoken = lang_class(source.language if source else None)
    meta = exact(_meta(citation, source, words))
    where = f"#source={quote(citation.source_id, safe='')}&amp;from={citation.start_char_index}"
    where += f"&amp;to={citation.end_char_index}"
    opened = f'<a class="open" href="{where}">{exact(words.text("page.open"))}</a>'
    return (
        f'<div class="card"{identity}>{number}<div class="passage {spoken}">{quoted}</div>'
        f'<div class="meta"><span>{meta}</span> {opened}</div></div>'
    )


def _marked(citation: Citation, source: Source | None) -> str:
    start = _offset(citation, source)
    end = start + len(citation.cited_text)
    before, after = citation.context[:start], citation.context[end:]
    return f'{exact(before)}<mark class="quote">{exact(citation.cited_text)}</mark>{exact(after)}'


def _offset(citation: Citation, source: Source | None) -> int:
    """Where the cited words begin in the context: the same words may stand in it more than once."""
    text = source.text if source else ""
    first = max(0, citation.end_char_index - len(citation.context))
    at = text.find(citation.context, first)
    if 0 <= at <= citation.start_char_index:
        return citation.start_char_index - at
    return citation.context.index(citation.cited_text)


def _meta(citation: Citation, source: Source | None, words: Catalogue) -> str:
    locale = locale_of(words.language)
    date = format_date(source.date, format="long", locale=locale) if source and source.date else None
    told = (citation.title, pages(citation, words), date, source.publisher if source else None)
    return " · ".join(part for part in told if part)


def _section(name: str, heading: str, cards: Sequence[str]) -> str:
    return f'<div class="{name}"><h3>{exact(heading)}</h3>{"".join(cards)}</div>'


def _line(name: str, text: str) -> str:
    return f'<p class="{name}">{exact(text)}</p>'
