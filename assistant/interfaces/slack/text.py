"""Text on its way into and out of Slack, whose messages mark up mentions, links and formatting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ACTIVE = re.compile(r"(?m)[\\`*_\[\]~|]|(?<=:)//|(?<=www)\.|^[-+=#]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
"""What Markdown could take for formatting, a list or a heading, and addresses."""
_MARKUP = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
_ENDS = (
    re.compile(r"\n+"),
    re.compile(r"[.!?…][\"”»’)\]]*\s+|[。！？][”」』）]*"),
    re.compile(r"\s+"),
)
"""Where a text is cut, the best first: paragraphs, sentences, words."""


def escape(text: str) -> str:
    """Plain text for a message's `text`: in it nothing mentions anybody, and nothing is a link."""
    return re.sub("[&<>]", lambda found: _ENTITIES[found[0]], text)


def markdown(text: str) -> str:
    """Plain text as the Markdown of a stream that shows exactly this text, without links that would be unfolded."""
    return escape(_ACTIVE.sub(lambda found: "".join(f"\\{char}" for char in found[0]), text))


def plain(text: str) -> str:
    """What a person wrote, without the mentions of people and groups."""
    shown = _MARKUP.sub(_shown, text)
    for char, entity in reversed(_ENTITIES.items()):
        shown = shown.replace(entity, char)
    return " ".join(shown.split())


def mentioned(text: str) -> set[str]:
    """The ids of the users that a message mentions."""
    return set(_MENTION.findall(text))


def pieces(text: str, size: int) -> Iterator[str]:
    """The text in pieces of at most `size` characters, cut where a reader would: they concatenate to the text."""
    while len(text) > size:
        end = _end(text[:size])
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def beginning(text: str, room: int, shown: Callable[[str], str] = str) -> str:
    """As much of the text as takes at most `room` characters when shown, cut where a reader would."""
    while (long := len(shown(text))) > room:
        size = min(len(text) - 1, len(text) * room // long)
        text = next(pieces(text, size)) if size else ""
    return text


def clipped(text: str, size: int) -> str:
    """The text, or its beginning and an ellipsis, in at most `size` characters."""
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


def _shown(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith("@"):
        return " "
    if target.startswith("!"):
        return label if target.startswith("!date") else " "
    if target.startswith("#"):
        return f"#{label}"
    return label or target.removeprefix("mailto:")


def _end(text: str) -> int:
    for kind in _ENDS:
        places = [found.end() for found in kind.finditer(text)]
        if places and places[-1] >= len(text) // 4:  # else the piece would be too short for its reader
            return places[-1]
    return len(text)
