"""Reads .txt and .md files: their text as it stands, and the headings of Markdown."""

from __future__ import annotations

from itertools import accumulate, pairwise

from assistant.errors import UploadError
from assistant.index.uploads.extract import Extract, title_of

_BOM = b"\xef\xbb\xbf"


def decoded(data: bytes) -> str:
    """The text of UTF-8 bytes, unchanged but for a byte order mark.

    Raises:
        UploadError: they are not UTF-8, or no text.
    """
    body = data.removeprefix(_BOM)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UploadError("not_utf8", "the text is not UTF-8 but UTF-16; save it as UTF-8 and upload it again")
    if b"\0" in body:
        raise UploadError("binary", "the file is no text (it holds NUL bytes)")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as exc:
        at = exc.start + len(data) - len(body)
        what = f"the text is not UTF-8 (byte 0x{data[at]:02X} at offset {at}); save it as UTF-8 and upload it again"
        raise UploadError("not_utf8", what) from exc


def read_txt(data: bytes) -> Extract:
    """The text; nothing is guessed of its title. Raises UploadError as `decoded`."""
    return Extract(decoded(data))


def read_md(data: bytes) -> Extract:
    """The text with its marks, its headings, and as title the only one of the first level. Raises as `decoded`."""
    from markdown_it import MarkdownIt

    text = decoded(data)
    starts = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]
    if len(starts) != text.count("\n") + 1 + (not text.endswith("\n")):
        return Extract(text)  # lines end in other ways than Markdown's, so that its line numbers tell no place
    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable(["inline"])
    tokens = parser.parse(text)
    headings: list[tuple[int, int, int]] = []
    titles: list[str] = []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open" or opening.map is None or opening.level or not inline.content.strip():
            continue
        start = text.find(inline.content, starts[opening.map[0]], starts[opening.map[1]])
        if start < 0:
            continue
        level = int(opening.tag[1])
        headings.append((start, start + len(inline.content), level))
        titles += [inline.content] if level == 1 else []
    return Extract(text, title=title_of(titles[0]) if len(titles) == 1 else None, headings=tuple(headings))
