"""An Answer as the message of a chat: its sources listed at its end, its citations as annotations and as snippets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from assistant.interfaces.bodies import plain
from assistant.interfaces.pages import pages
from assistant.messages import Catalogue, catalogue, languages
from assistant.text.markdown import escape, quotation, unescape
from assistant.types import Answer, Citation, Source

_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")  # what a source says in brackets is escaped in an answer


class ChatReply:
    """The content, the annotations and the context of a chat completion's message.

    `base_url` is this server's, for the citations of sources that have no URL of their own.
    """

    def __init__(self, answer: Answer, sources: Mapping[str, Source], base_url: str) -> None:
        self._answer = answer
        self._sources = sources
        self._base_url = base_url.rstrip("/")
        self.tail = _tail(answer)

    @property
    def content(self) -> str:
        return self._answer.answer + self.tail

    def evidence(self) -> dict[str, Any]:
        """`annotations` (OpenAI's url_citation, at each marker) and `context` (the verified snippets)."""
        answer = self._answer
        cited = {citation.marker: citation for citation in answer.citations}
        annotations = [
            {
                "type": "url_citation",
                "url_citation": {
                    "start_index": found.start(),
                    "end_index": found.end(),
                    "url": self._url(cited[int(found[1])]),
                    "title": cited[int(found[1])].title,
                },
            }
            for found in _MARKER.finditer(answer.answer)
            if int(found[1]) in cited
        ]
        context = {
            "answer_id": answer.id,
            "status": answer.status,
            "language": answer.language,
            "reader": answer.reader,
            "citations": [self._snippet(citation) for citation in answer.citations],
            "related": [self._snippet(citation) for citation in answer.related],
            "follow_ups": list(answer.follow_ups),
            "notices": [plain(notice) for notice in answer.notices],
        }
        return {"annotations": annotations, "context": context}

    def usage(self) -> dict[str, int] | None:
        """The tokens that the reader took; None where that is not known."""
        spent = self._answer.usage
        if spent.input_tokens is None or spent.output_tokens is None:
            return None
        return {
            "prompt_tokens": spent.input_tokens,
            "completion_tokens": spent.output_tokens,
            "total_tokens": spent.input_tokens + spent.output_tokens,
        }

    def _snippet(self, citation: Citation) -> dict[str, Any]:
        """A citation as this program gives it, and under the names that Azure's clients read."""
        return {
            **plain(citation),
            "content": citation.cited_text,
            "url": self._url(citation),
            "filepath": citation.source_id,
            "chunk_id": f"{citation.start_char_index}-{citation.end_char_index}",
        }

    def _url(self, citation: Citation) -> str:
        source = self._sources.get(citation.source_id)
        if source is not None and source.url:
            return source.url
        return f"{self._base_url}/v1/sources/{quote(citation.source_id)}"


def without_tail(content: str) -> str:
    """A message of an earlier answer without what `ChatReply` put at its end."""
    for language in languages():
        words = catalogue(language)
        for heading in ("page.sources", "page.related"):
            content = content.split(f"\n\n**{words.text(heading)}**\n", 1)[0]
    return content


def _tail(answer: Answer) -> str:
    words = catalogue(answer.language)
    parts = []
    if answer.status == "partial":
        parts.append(escape(words.text("page.partial")))
    if answer.citations:
        said = unescape(answer.answer)
        lines = [
            f"- [{each.marker}] {_place(each, words)}"
            + ("" if each.cited_text in said else f": {quotation(_flat(each))}")
            for each in answer.citations
        ]
        parts.append("\n".join((f"**{words.text('page.sources')}**", *lines)))
    if answer.related:
        lines = [f"- {quotation(_flat(each))} ({_place(each, words)})" for each in answer.related]
        parts.append("\n".join((f"**{words.text('page.related')}**", *lines)))
    parts += [escape(notice.message) for notice in answer.notices]
    return "".join(f"\n\n{part}" for part in parts)


def _place(citation: Citation, words: Catalogue) -> str:
    title = " ".join(citation.title.split())
    characters = f"{citation.start_char_index}–{citation.end_char_index}"
    return escape(", ".join(filter(None, (title, pages(citation, words), citation.source_id, characters))))


def _flat(citation: Citation) -> str:
    """The words in one line, as a list item has to be."""
    return " ".join(citation.cited_text.split())
