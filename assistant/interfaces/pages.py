"""How the pages of a citation are told: by the same words on the page, in Slack, on the command line and over HTTP."""

from __future__ import annotations

from typing import Protocol

from assistant.messages import Catalogue


class OnPages(Protocol):
    """A citation, as far as its pages go."""

    @property
    def start_page_number(self) -> int | None: ...

    @property
    def end_page_number(self) -> int | None: ...


def pages(citation: OnPages, words: Catalogue) -> str:
    """The pages of the original that a citation is on, "" where it has none."""
    first, end = citation.start_page_number, citation.end_page_number
    if first is None or end is None:
        return ""
    if end - first == 1:
        return words.text("page.page_of", page=first)
    return words.text("page.pages_of", first=first, last=end - 1)
