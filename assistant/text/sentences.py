"""Sentences, clauses and paragraphs of a text, as offsets into it; the text itself is never changed.

Rules, not a model: a full stop ends a sentence unless an abbreviation or an initial stands before it (`abbreviations`), a
digit or a lower-case letter after it (UAX #29, section 5, with the usual tailoring), and so do the lines of a list, a form or a
mail (`layout`). Thai has no full stop, and writes a space after a sentence, but also within: it is cut where both sides are long
enough to be sentences and no word joins them. Texts without any mark are cut once they grow past `MAX_SENTENCE`, so that
every unit stays embeddable: at the end of a line, else at white space. A row of a table (| a | b |) is a sentence, whatever
marks are in it.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.text.abbreviations import is_of_word
from assistant.text.layout import LINE_BREAK, line_ends, paragraphs

MAX_SENTENCE = 600
"""Code points; a longer stretch without a sentence end is cut (e5 reads 512 tokens, about 1,500 of Latin text)."""

MIN_CLAUSE = 40
"""Code points; a shorter clause says too little to be found by, and joins its neighbour."""

SHORT, WINDOW, LEADING = 200, 400, 2
"""Code points of a sentence that says too little by itself to be found by what is asked ("Not before May."), and of it with those
before it, so many at most, which tell what it is about."""

MIN_THAI = 45
"""Code points of Thai, some ten words; a shorter stretch between spaces is a phrase, and joins its neighbour."""

_ROW_RULE = re.compile(r"[-:=\s]*[|+][-|+:=\s]*")  # a line without words in a table: |---|:-:|, +===+, |  |
_CLOSERS = "\"'”’»›)]}」』】）"
_TERMINATOR = re.compile(rf"[.!?…。！？｡؟۔।॥]+[{re.escape(_CLOSERS)}]*")
_STOP_OF_WORD = re.compile(r"\.[)\]}]*")  # of an initial in brackets too, which go on: "(Safin R. T.) is to bring more"
_OPENING = re.compile(r"\s*(?:[–—]\s+)?[\"'“‘«„(\[¿¡]*")  # after a dash too: “Stop!” – he said
_NO_SPACE_AFTER = frozenset("。！？｡॥")  # written without a following space
_CLAUSE_BREAK = re.compile(r"[,;:，、；：](?=\s|$|[\u3040-\u9fff])|\s[–—-]\s|(?<=\s)(?=[“«„])")
_THAI_GAP = re.compile(r"(?<=[\u0e01-\u0e2e\u0e30-\u0e45\u0e47-\u0e4e])[ \u00a0]+(?=[\u0e01-\u0e2e\u0e40-\u0e44])")
_THAI_GOES_ON = re.compile(  # with a word that joins: which, and, or, but, by, in order to, because, such as, that, ...
    "ซึ่ง|และ|หรือ|แต่(?!ละ)|โดย|เพื่อ|เพราะ|เนื่องจาก|รวมทั้ง|รวมถึง|รวมไปถึง|ตลอดจน|กับ|จึง|เช่น|ได้แก่|คือ|ว่า|ถึง|กล่าว|ระบุ|ที่(?!ประชุม|ปรึกษา)"
)
_THAI_OPEN = re.compile(  # ends with such a word, or with the title and first name of a person
    r"(?:ว่า|และ|หรือ|ได้แก่|คือ|เช่น|กับ|ของ|โดย|ระหว่าง|(?:นาย(?!กรัฐ|กฯ|ทหาร|จ้าง)|นาง|ดร\.)\S{2,20})$"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's place in its source's text, its clauses', and its paragraph's."""

    start: int
    end: int
    paragraph: tuple[int, int]
    clauses: tuple[tuple[int, int], ...]  # cover the sentence's words in order; one clause: the sentence itself


def split(text: str) -> list[Sentence]:
    """The sentences of a text in order; every character but white space, tables' rules and lines of nothing but the marks of
    quoted mail is in exactly one of them."""
    sentences: list[Sentence] = []
    for paragraph in (whole for found in paragraphs(text) for whole in _trimmed(text, *found)):
        for start, end in _rows_and_sentences(text, *paragraph):
            sentences.append(Sentence(start, end, paragraph, _clauses(text, start, end)))
    return sentences


def windows(sentences: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """For each of a text's sentences in order, by their places, the place of it with what leads to it: itself where it is
    long, or the first."""
    before: deque[int] = deque(maxlen=LEADING)
    for start, end in sentences:
        is_short = end - start < SHORT
        yield next((first for first in before if is_short and end - first <= WINDOW), start), end
        before.append(start)


def _rows_and_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The paragraph's rows of tables, each whole where it is not too long, and the sentences before, between and after."""
    for row_start, row_end in _rows(text, start, end):
        yield from _sentences(text, start, row_start)
        if not _ROW_RULE.fullmatch(text, row_start, row_end):
            fits = row_end - row_start <= MAX_SENTENCE
            yield from [(row_start, row_end)] if fits else _sentences(text, row_start, row_end)
        start = row_end
    yield from _sentences(text, start, end)


def _rows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The lines of a paragraph that are a table's, its rules among them; none where no line is a row."""
    if text.find("|", start, end) < 0:
        return []
    ends = [(gap.start(), gap.end()) for gap in LINE_BREAK.finditer(text, start, end)]
    starts = [start, *(after for _, after in ends)]
    lines = [line for a, (b, _) in zip(starts, [*ends, (end, end)], strict=True) for line in _trimmed(text, a, b)]
    rules = {line for line in lines if _ROW_RULE.fullmatch(text, *line)}
    # Under a rule of Markdown's a row needs no mark at its ends.
    is_ruled = any({"|", "-"} <= set(text[a:b]) for a, b in rules)
    piped = {(a, b) for a, b in lines if text[a] == text[b - 1] == "|" or (is_ruled and "|" in text[a:b])}
    return sorted(piped | rules) if piped - rules else []


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for cut in [*_sentence_ends(text, start, end), end]:
        for piece in _trimmed(text, start, cut):
            for sentence in _thai(text, *piece):
                yield from _bounded(text, *sentence)
        start = cut


def _thai(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range, in Thai cut at the spaces that part sentences."""
    for gap in _THAI_GAP.finditer(text, start, end):
        if (
            gap.start() - start >= MIN_THAI
            and end - gap.end() >= MIN_THAI
            and not _THAI_GOES_ON.match(text, gap.end())
            and not _THAI_OPEN.search(text, max(start, gap.start() - MIN_THAI), gap.start())
        ):
            yield start, gap.start()
            start = gap.end()
    yield start, end


def _sentence_ends(text: str, start: int, end: int) -> list[int]:
    ends = [m.end() for m in _TERMINATOR.finditer(text, start, end) if _ends_sentence(text, start, end, m)]
    return sorted(ends + line_ends(text, start, end))


def _ends_sentence(text: str, start: int, end: int, mark: re.Match[str]) -> bool:
    after = mark.end()
    if after >= end:
        return False
    if text[after] == "\t":
        return False  # the next cell of a row follows
    if not text[after].isspace():
        return text[after - 1] in _NO_SPACE_AFTER or mark.group()[0] in _NO_SPACE_AFTER
    opening = _OPENING.match(text, after, end)
    if opening and text[opening.end() : min(opening.end() + 1, end)].islower():
        return False
    return not _STOP_OF_WORD.fullmatch(mark.group()) or not is_of_word(text, start, mark.start(), after)


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE:
        most = start + MAX_SENTENCE
        breaks = [gap.end() for gap in LINE_BREAK.finditer(text, start, most + 2) if gap.start() <= most]
        white = (i for i in range(most, start + MAX_SENTENCE // 2, -1) if text[i].isspace())
        cut = breaks[-1] if breaks else next(white, most)  # a line may be a row of a table
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _clauses(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    cuts = [start]
    for mark in _CLAUSE_BREAK.finditer(text, start, end):
        if mark.end() - cuts[-1] >= MIN_CLAUSE and end - mark.end() >= MIN_CLAUSE:
            cuts.append(mark.end())
    cuts.append(end)
    return tuple(piece for a, b in itertools.pairwise(cuts) for piece in _trimmed(text, a, b))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range without white space at its ends, or nothing."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
