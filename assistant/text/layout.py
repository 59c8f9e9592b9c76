"""Where the lines of a text part it: paragraphs, items, headings, and `Label: value` lines, as minutes, forms and mail have them.

A line break alone says nothing, since texts are wrapped. It says something before the mark of an item, between lines that are
labelled, and where the first word of the next line would still have fitted: the writer ended that line, no margin did. The marks
of quoted mail (`> >`) stay with their line, since `> 5 %` may begin one as well; lines of nothing else are empty lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WRAPPED = 72
"""Code points; mail and other plain text is wrapped about here or later: 78 (RFC 5322), less some room for marks of quoting."""

FULL_LINE = 50
"""Code points; a line as long is one of running text and no heading, as is one that ends a sentence."""

FARTHEST_ABOVE = 200
"""Code points before a line in which the end of what stands above it is looked for."""

FEWEST_CAPITALS = 3
"""Letters of a heading in capitals."""

OPENING, OPENING_PART = 300, 200
"""Code points within which a text opens before it says anything, and those of a paragraph of that."""

MAX_LIST = 800
"""Code points of a list that is read and quoted with what introduces it."""

LINE_BREAK = re.compile(r"\r\n|[\n\r\u0085\u2028]")

_BREAK = r"(?:\r\n|\n|\r(?!\n)|[\u0085\u2028])"
_PARAGRAPH_BREAK = re.compile(rf"(?:{_BREAK}|\A)[\s>]*(?:{_BREAK}|\Z)\s*|[\u2029\f]")
_NEXT_LINE = r"[^\S\r\n]*+(?>\r\n|\n|\r)"
_BELOW_A_GAP = re.compile(rf"(?:{_NEXT_LINE}){{2}}\s*+(\S[^\r\n]*+)")
_RULE_BELOW = re.compile(rf"{_NEXT_LINE}[^\S\r\n]*+\|?+[^\S\r\n]*+:?+-{{3}}[^\S\r\n:-]*+[-:]*+[^\S\r\n]*+\|")
_COLONS = (":", "：")
_LEAVES_OPEN = (*_COLONS, "?", "？", "؟")
_SECTION_NUMBER = re.compile(r"\A(?:#{1,6}\s*)?\d[\d.]*[.)\s]")
_NOTHING_ELSE = re.compile(r"[\s>]*\Z")
_MARGIN = re.compile(r"(?:(?:[^\S\r\n]*>)+[^\S\r\n]?)?")
_ITEM = re.compile(
    r"\s*(?:[-*•‣–—]|[*_]{0,3}(?:\(?\d{1,3}[.)]|\d{1,2}(?:\.\d{1,2}){1,4}[.)]|\(?[a-zа-е]\)|[a-h]\.(?=\s+[*“\"]*[A-Z]))[*_]{0,3})\s"
)
_MARKDOWN_HEADING = re.compile(r"#{1,6}[^\S\r\n]")
_NUMBERED = re.compile(
    r"[*_]{0,3}(?:\d{1,2}(?:[.)]|(?:\.\d{1,2}){1,3}[.)]?)|[IVXLC]{1,6}\.|[^\W\d_]\.)[*_]{0,3}\s+[^\W\d_]"
)
_LABEL = re.compile(  # one letter alone is none: the question and the answer of "Q: ..." and "A: ..." belong together
    r"[*_]{0,3}([^\W\d_][^\s:：|<>;!?][^\t\r\n:：|<>;!?]{0,38}?)[^\S\r\n]{0,20}[*_]{0,3}(?::[*_]{0,3}(?=\s|$)|：)"
)
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।][\"'”’»›)\]*_]*$")
_NO_HEADING = re.compile(r"[\t|]|[.!?…;,]$")
_FIRST_WORD = re.compile(r"\S*")
_OPENERS = "\"'“‘«„([*_"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a paragraph: its words, without the marks of quoted mail; the white space before them, and the width of all."""

    words: str
    indent: int
    width: int
    is_labelled: bool


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """The ranges between the empty lines of a text, in order, with the white space at their ends."""
    if _NOTHING_ELSE.match(text):  # a text has a paragraph, whatever it is of
        yield 0, len(text)
        return
    start = 0
    for gap in _PARAGRAPH_BREAK.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def line_ends(text: str, start: int, end: int) -> list[int]:
    """The places of a paragraph, each after a line break, where one sentence ends and another begins."""
    breaks = list(LINE_BREAK.finditer(text, start, end))
    if not breaks:
        return []
    begins = [start, *(each.end() for each in breaks)]
    stops = [*(each.start() for each in breaks), end]
    lines = [_line(text[a:b]) for a, b in zip(begins, stops, strict=True)]
    widest = max(line.width for line in lines)
    in_form = _in_forms(lines)
    return [
        begins[at]
        for at in range(1, len(lines))
        if _begins_item(text, begins[at], end)
        or _parts_form(lines, in_form, at, widest)
        or _parts_heading(text, lines, begins, at, widest)
    ]


def with_list(text: str, start: int, end: int, most: int) -> int:
    """Where the list ends that a sentence introduces, with a colon or as its heading, or its last item that is whole within `most`
    code points; the sentence's own end where it introduces none. A line goes on with an item where it is further in than that."""
    ends_open = text[start:end].endswith(_COLONS)
    if _begins_item(text, start, end) or not (ends_open or is_heading(text, start, end)):
        return end
    taken = whole = end
    indent, after_gap = 0, True
    for begin, stop in _lines_after(text, end):
        line = _line(text[begin:stop])
        if not line.words:
            after_gap = True
            continue
        begins = _begins_item(text, begin, stop) and any(map(str.isalpha, line.words))
        is_numbered = line.words[0].isdigit() and not ends_open  # a section of what has a heading, and no item
        if is_numbered or not (begins or (line.indent > indent and not after_gap)):
            break
        whole, indent = (taken, line.indent) if begins else (whole, indent)
        if stop - end > most:
            return whole
        taken, after_gap = begin + len(text[begin:stop].rstrip()), False
    return taken


def _lines_after(text: str, start: int) -> Iterator[tuple[int, int]]:
    """The places of the lines that follow a place at the end of one."""
    while (gap := LINE_BREAK.search(text, start)) and not text[start : gap.start()].strip():
        after = LINE_BREAK.search(text, gap.end())
        start = after.start() if after else len(text)
        yield gap.end(), start


def is_heading(text: str, start: int, end: int) -> bool:
    """Whether a sentence is a heading, which tells what follows is about and nothing of it: one of Markdown's, the first row of a
    table, or a short line in capitals, or above an empty one and what introduces a list, or between empty ones above running text;
    none has a full stop, or a number but its section's."""
    return _is_heading(text, start, end, set_off=True)


def _is_heading(text: str, start: int, end: int, *, set_off: bool) -> bool:
    """As `is_heading`, which a line above running text is only where it may be `set_off`."""
    words = text[start:end]
    if any(map(str.isdigit, _SECTION_NUMBER.sub("", words))) or _ENDS_SENTENCE.search(words):
        return False
    if _MARKDOWN_HEADING.match(words) or (words.startswith("|") and _RULE_BELOW.match(text, end)):
        return True
    if len(words) >= FULL_LINE or _NO_HEADING.search(words) or _LABEL.match(words) or _begins_item(text, start, end):
        return False
    if _in_capitals(words):
        return LINE_BREAK.match(text, end) is not None
    below = _BELOW_A_GAP.match(text, end) if words[:1].isupper() else None
    if below is None:
        return False
    introduces = below[1].endswith(_COLONS) or _begins_item(text, below.start(1), below.end(1))
    return introduces or (set_off and _is_set_off(text, start) and _is_running_text(_line(below[1])))


def _is_set_off(text: str, start: int) -> bool:
    """Whether an empty line stands above a place, or nothing; no question or colon that the words there may answer."""
    near = text[max(0, start - FARTHEST_ABOVE) : start]
    above = near.rstrip()
    if not above:
        return len(near) == start  # the beginning of the text
    return len(LINE_BREAK.findall(near[len(above) :])) > 1 and above[-1] not in _LEAVES_OPEN


def opening(text: str) -> int:
    """Where what a text opens with ends, 0 where it begins to say something at once: its title, whose it is, of which day; no line
    that ends a sentence, has a label or is of a list or table, nor the heading of what follows."""
    end = last = 0
    for start, stop in paragraphs(text[: OPENING + 1]):
        lines = text[start:stop].strip().splitlines()
        says = any(_ENDS_SENTENCE.search(line.strip()) or _LABEL.match(line.strip()) for line in lines)
        says = says or any(line.lstrip().startswith("|") or _ITEM.match(line) for line in lines)
        if says or not lines or stop > OPENING or stop - start > OPENING_PART:
            break
        last, end = (start if end else 0), stop
    return last if last and _heads(text, last, end, set_off=False) else end


class Under(NamedTuple):
    """The sentences that one stands under, by their numbers: what its text opens with, and its heading."""

    opening: tuple[int, ...] = ()
    heading: tuple[int, ...] = ()


NOTHING = Under()


def above(text: str, sentences: Sequence[tuple[int, int]], marked: Collection[tuple[int, int]] = ()) -> Iterator[Under]:
    """For each sentence (start, end) of a text those, by their places in the row, that it stands under; headings are those of the
    text itself and those `marked` as such."""
    ends = opening(text)
    first = tuple(n for n, (_, end) in enumerate(sentences) if end <= ends)
    heading: tuple[int, ...] = ()
    for n, (start, end) in enumerate(sentences):
        if end <= ends:
            yield NOTHING
            continue
        is_above = (start, end) in marked or _heads(text, start, end)
        yield Under(first, () if is_above else heading)
        heading = (n,) if is_above else heading


def _heads(text: str, start: int, end: int, *, set_off: bool = True) -> bool:
    """Whether a sentence is a heading, also one with a number or a question mark, which may answer something."""
    is_marked = _MARKDOWN_HEADING.match(text, start, end) is not None
    return is_marked or _is_heading(text, start, end, set_off=set_off)


def _in_capitals(words: str) -> bool:
    """Whether all letters are capitals, and enough of them; of a script that has none, nothing is."""
    letters = [letter for letter in words if letter.isalpha()]
    return len(letters) >= FEWEST_CAPITALS and all(map(str.isupper, letters))


def _line(text: str) -> _Line:
    margin = _MARGIN.match(text)
    words = text[margin.end() if margin else 0 :]
    bare = words.strip()
    label = _LABEL.match(bare)
    return _Line(bare, len(words) - len(words.lstrip()), len(text.rstrip()), bool(label and not label[1][0].islower()))


def _begins_item(text: str, at: int, end: int) -> bool:
    margin = _MARGIN.match(text, at, end)
    return _ITEM.match(text, margin.end() if margin else at, end) is not None


def _in_forms(lines: Sequence[_Line]) -> list[bool]:
    """Of each line, whether it is one of two labelled lines or more that follow each other. A line without a label that is
    further in than the labelled one before it goes on with its value."""
    found = [False] * len(lines)
    begin = labels = indent = 0
    for at, line in enumerate(lines):
        if line.is_labelled:
            begin, indent = begin if labels else at, line.indent
            labels += 1
        elif line.indent <= indent:
            labels = 0
        found[at] = labels > 1
        if labels == 2 and line.is_labelled:
            found[begin:at] = [True] * (at - begin)
    return found


def _parts_form(lines: Sequence[_Line], in_form: Sequence[bool], at: int, widest: int) -> bool:
    """Whether a line begins a labelled line of a form, or what comes after a form."""
    if in_form[at]:
        return lines[at].is_labelled
    return in_form[at - 1] and not _first(lines[at]).islower() and _was_ended(lines, at, max(widest, WRAPPED))


def _parts_heading(text: str, lines: Sequence[_Line], begins: Sequence[int], at: int, widest: int) -> bool:
    """Whether the line before is a heading, or the line one of Markdown.

    Two of one level in a row are lines of a comment. Any other heading is short and in capitals, or numbered where a sentence
    may begin; its line was ended early, and running text follows. Rows of tables are none.
    """
    above, below = lines[at - 1], lines[at]
    marks = [_MARKDOWN_HEADING.match(line.words) for line in (above, below)]
    if any(marks):
        return not (marks[0] and marks[1] and marks[0][0] == marks[1][0])
    is_short = above.width < FULL_LINE and not _NO_HEADING.search(above.words) and _was_ended(lines, at, widest)
    if not is_short or not _is_running_text(below):
        return False
    is_numbered, is_item = _NUMBERED.match(above.words), _begins_item(text, begins[at - 1], begins[at])
    if _in_capitals(above.words):
        return not below.words.isupper() and bool(is_numbered or not is_item)
    may_begin = at == 1 or not lines[at - 2].words or is_item or _ENDS_SENTENCE.search(lines[at - 2].words)
    return bool(is_numbered and may_begin)


def _was_ended(lines: Sequence[_Line], at: int, width: int) -> bool:
    """Whether the first word of a line would still have fitted into the one before, which is then no wrapped line."""
    word = _FIRST_WORD.match(lines[at].words)
    return lines[at - 1].width + 1 + len(word[0] if word else "") <= width


def _is_running_text(line: _Line) -> bool:
    first = _first(line)
    return (
        first.isalnum()
        and not first.islower()
        and bool(_ENDS_SENTENCE.search(line.words) or (line.width >= FULL_LINE and line.words[-1] != ";"))
    )


def _first(line: _Line) -> str:
    """The first letter or digit of a line, or whatever else it begins with but quotation marks, brackets and emphasis."""
    return line.words.lstrip(_OPENERS)[:1]
