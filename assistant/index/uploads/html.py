"""Reads HTML: the words that a reader of the page sees, paragraph by paragraph, and what the page says of itself.

A row of a table is a line. Of a page with one `<main>` or one `<article>` that part is taken. Scripts, styles, menus,
forms' controls, what is hidden and what is struck out are not. Nothing is loaded, and no script runs.
"""

from __future__ import annotations

import codecs
import datetime as dt
import re
from typing import TYPE_CHECKING

from assistant.errors import UploadError
from assistant.index.uploads.extract import Extract, clean, day_of, title_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_PARTS = frozenset(  # elements that stand in lines of their own
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main ol p pre search section summary table tbody tfoot thead tr "
    "ul".split()
)
_LEFT_OUT = frozenset(
    "script style template noscript head title svg math iframe frame object embed canvas audio video map img nav button "
    "select option datalist input textarea del s strike dialog menu rp rt link meta base".split()
)
_CELLS = frozenset({"td", "th"})
_MAX_CELL = 1_500
"""Code points of a cell in a line, half a printed page: tables that lay out a page hold whole articles in a cell."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:opacity|font-size)\s*:\s*0(?![.\d]*[1-9])"
)
# The lookbehind and the missing "@" let each part of a style sheet be looked through once, whatever it holds; without ";"
# the rule after an @charset or @import is no part of it.
_RULE = re.compile(r"(?<![^{}@;])(?P<selector>[^{}@;]+)\{(?P<body>[^{}]*)\}")
_AT_RULE = re.compile(r"@[^{}@;]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MAX_RULES = 500
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|p|div|article|main|h[1-6]|table|ul|ol|span|br)\b", re.IGNORECASE
)
_RAISED = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SPACE = re.compile(r"[ \t\n\r\f]+")

_DATES = (
    'meta[property="article:published_time"]',
    'meta[itemprop="datePublished"]',
    'meta[name="date"]',
    'meta[name="dc.date"]',
    'meta[name="DC.date"]',
    'meta[name="DC.date.issued"]',
    'time[itemprop="datePublished"]',
    "time[pubdate]",
)


def read_html(data: bytes) -> Extract:
    """The page's words and what it says of itself.

    Raises:
        UploadError: it is no HTML, or its encoding cannot be told.
    """
    text = _decoded(data)
    if not _MARKUP.search(text):
        raise UploadError("mismatch", "the file is no html file, whatever its name says; give it the ending .txt")
    return from_markup(text)


def from_markup(markup: str, title_class: str | None = None) -> Extract:
    """The same of HTML that is decoded already; a heading of `title_class`, if there is one, is the title before others."""
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(markup)
    found = page.body
    if found is None:
        return Extract("")
    hidden = _hidden_by_rules(page)
    for selector in ("main", "article"):
        parts = page.css(selector)
        if len(parts) == 1:
            found = parts[0]
            break
    writer = _Writer(title_class)
    _walk(found, writer, hidden)
    headings = tuple(writer.headings)
    first = [writer.text[start:end] for start, end in writer.titles or [h[:2] for h in headings if h[2] == 1]]
    return Extract(
        writer.text,
        title=title_of(_said(page, 'meta[property="og:title"]'))
        or title_of(first[0] if len(first) == 1 else None)
        or title_of(_heading_of_tab(page)),
        date=_date(page),
        publisher=title_of(_said(page, 'meta[property="og:site_name"]')),
        url=_address(page),
        headings=headings,
    )


def _decoded(data: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _in(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(data[:4096])
    if declared is None:
        what = "the page is not UTF-8, and does not say which encoding it has; save it as UTF-8 and upload it again"
        raise UploadError("not_utf8", what)
    name = declared[1].decode("ascii")
    # Browsers take Latin-1 for the larger set of letters that it is nearly always meant as.
    return _in(data, "windows-1252" if name.lower() in ("iso-8859-1", "latin1", "latin-1", "us-ascii") else name)


def _in(data: bytes, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
        return data.decode(encoding)
    except (LookupError, ValueError, TypeError) as exc:
        what = f"the page is not in the encoding that it names ({encoding}); save it as UTF-8 and upload it again"
        raise UploadError("not_utf8", what) from exc


class _Writer:
    """Puts a page's words together as a browser lays them out: spaces collapse, and parts stand in lines of their own."""

    def __init__(self, title_class: str | None) -> None:
        self._title_class = title_class
        self._pieces: list[str] = []
        self._length = 0
        self._due = ""  # the white space that comes before the next word
        self.headings: list[tuple[int, int, int]] = []
        self.titles: list[tuple[int, int]] = []  # the headings of the class that titles have

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def length(self) -> int:
        return self._length

    @property
    def next(self) -> int:
        """Where the next word would stand."""
        return self._length + (len(self._due) if self._length else 0)

    def words(self, text: str, *, kept: bool) -> None:
        """Adds words; `kept`: their white space is the author's."""
        text = clean(text)
        if kept:
            self._put(text)
            return
        words = _SPACE.sub(" ", text)
        if words.startswith(" "):
            self.gap(" ")
        if stripped := words.strip(" "):
            self._put(stripped)
            if words.endswith(" "):
                self.gap(" ")

    def gap(self, white: str) -> None:
        """Asks for white space before the next word: the largest that was asked for stands."""
        if _WIDTH[white] > _WIDTH[self._due]:
            self._due = white

    def heading(self, began: int, node: LexborNode) -> None:
        """Keeps the place of a heading, which ends here."""
        if self._length > began:
            self.headings.append((began, self._length, _HEADINGS[str(node.tag)]))
            if self._title_class and node.attributes.get("class") == self._title_class:
                self.titles.append((began, self._length))

    def _put(self, text: str) -> None:
        if not text:
            return
        if self._length:
            self._pieces.append(self._due)
            self._length += len(self._due)
        self._due = ""
        self._pieces.append(text)
        self._length += len(text)


_WIDTH = {"": 0, " ": 1, "\t": 2, "\n": 3, "\n\n": 4}


def _walk(top: LexborNode, writer: _Writer, hidden: set[int]) -> None:
    """Writes what is seen of a node; with a stack of its own, because pages may be nested deeper than Python calls."""
    stack: list[tuple[LexborNode, int | None]] = [(top, None)]  # a node and, where it is left, where it began
    kept = 0  # how many <pre> are open
    tables: list[bool] = []  # of each that is open, whether it has columns
    lined: set[int] = set()  # the cells that are part of a line
    in_line = 0  # how many of them are open
    shifts: list[dict[int, int]] = []
    while stack:
        node, began = stack.pop()
        tag = str(node.tag)
        if began is not None:
            if tag in _HEADINGS:
                writer.heading(began, node)
            if tag == "table":
                tables.pop()
            in_line -= node.mem_id in lined
            writer.gap(_between(tag, in_line) or ("\t" if tag in _CELLS else ""))
            kept -= tag == "pre"
            if tag in ("sup", "sub"):
                shifts.pop()
            continue
        if node.is_text_node:
            text = node.text_content or ""
            writer.words(text.translate(shifts[-1]) if shifts else text, kept=kept > 0 and not in_line)
            continue
        if not node.is_element_node or tag in _LEFT_OUT or node.mem_id in hidden or _is_hidden(node):
            continue
        writer.gap(_between(tag, in_line))
        kept += tag == "pre"
        if tag == "table":
            tables.append(_has_columns(node))
        if tag in _CELLS and tables and tables[-1] and not _is_laid_out(node):
            lined.add(node.mem_id)
            in_line += 1
        if tag in ("sup", "sub"):
            # Told by their height alone: "2017" and a raised 3 would otherwise become a number that nobody wrote.
            shifts.append(_RAISED if tag == "sup" else _LOWERED)
        stack.append((node, writer.next))
        stack += [(each, None) for each in reversed(_children(node))]


def _children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _between(tag: str, in_line: int) -> str:
    """The white space around an element; in a cell that is part of a line, paragraphs and lines are parted by a space."""
    if tag in _PARTS or tag == "br":
        return " " if in_line else "\n" if tag == "br" else "\n\n"
    return ""


def _has_columns(table: LexborNode) -> bool:
    """Whether some row has two cells; a table of one column is a box around paragraphs, which stay apart."""
    for part in _children(table):
        for row in [part] if part.tag == "tr" else _children(part):
            if row.tag == "tr" and sum(cell.tag in _CELLS for cell in _children(row)) > 1:
                return True
    return False


def _is_laid_out(cell: LexborNode) -> bool:
    """Whether a cell is a part of a page rather than of a row: with a table, a heading over words, or very many words."""
    words, is_headed = 0, False
    stack = _children(cell)
    while stack:
        node = stack.pop()
        if node.tag == "table":
            return True  # so that no word is looked through for more than one cell, however deep tables are nested
        if node.is_text_node:
            words += len((node.text_content or "").strip())
        elif node.tag in _HEADINGS:
            is_headed = True
        elif node.tag not in _LEFT_OUT:
            stack += _children(node)
    return words > _MAX_CELL or (is_headed and words > 0)


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDING.search((attributes.get("style") or "").lower()))


def _hidden_by_rules(page: LexborHTMLParser) -> set[int]:
    """The elements that the page's own style sheet hides, by the rules that hold everywhere."""
    found: set[int] = set()
    sheet = "\n".join(node.text() or "" for node in page.css("style"))
    rules = _RULE.finditer(_AT_RULE.sub("", _COMMENT.sub("", sheet)))
    hiding = [rule["selector"].strip() for rule in rules if _HIDING.search(rule["body"].lower())]
    for selector in hiding[:_MAX_RULES]:
        try:
            nodes = page.css(selector)
        except Exception:  # a selector that the parser does not know hides nothing here
            continue
        # A page that hides all of itself shows itself again by script.
        found |= {node.mem_id for node in nodes if node.tag not in ("html", "body", "main", "article")}
    return found


def _said(page: LexborHTMLParser, selector: str) -> str | None:
    node = page.css_first(selector)
    return (node.attributes.get("content") or node.attributes.get("datetime")) if node else None


def _date(page: LexborHTMLParser) -> dt.date | None:
    """The day of publication, where the page names one; None where it names several."""
    days = {day for selector in _DATES if (day := day_of(_said(page, selector)))}
    return days.pop() if len(days) == 1 else None


def _heading_of_tab(page: LexborHTMLParser) -> str | None:
    node = page.css_first("head title")
    return node.text() if node else None


def _address(page: LexborHTMLParser) -> str | None:
    node = page.css_first('link[rel="canonical"]')
    address = (node.attributes.get("href") or "").strip() if node else ""
    return address if re.fullmatch(r"https?://[!-~]{1,1000}", address) else None
