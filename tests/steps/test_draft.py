"""Draft: sentences in any script, however the text is cut into chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.draft import MAX_SENTENCE, Cutter, Drafted

from ..text.strategies import ANY_TEXT


def cut(*chunks: str) -> list[Drafted]:
    cutter = Cutter()
    return [sentence for chunk in chunks for sentence in cutter.feed(chunk)] + cutter.close()


def texts(*chunks: str) -> list[str]:
    return [sentence.text for sentence in cut(*chunks)]


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("One here. Two there.", ["One here.", "Two there."]),
        ("Nilai itu 18 miliar dolar AS [1]. Lalu naik. [2][3] Selesai", ["Nilai itu 18 miliar dolar AS.", "Lalu naik.", "Selesai"]),
        ("Dr. A. Smith of the U.S. came. He left.", ["Dr. A. Smith of the U.S. came.", "He left."]),
        ("It cost 4.5 million. ok then", ["It cost 4.5 million. ok then"]),
        ("Это 18 млрд. долл. США. Второе предложение!", ["Это 18 млрд. долл. США.", "Второе предложение!"]),
        ("会议在巴厘岛举行。贸易额是180亿美元。[1]完", ["会议在巴厘岛举行。", "贸易额是180亿美元。", "完"]),
        ("“He said so.” Then he left.", ["“He said so.”", "Then he left."]),
        ("# Title\n- **first** item\n2) second `item`", ["Title", "first item", "second item"]),
        ("Three fields:\n- terror\n- cyber\n- disasters\n\nNext.", ["Three fields: terror; cyber; disasters", "Next."]),
        ("<think>I should. Maybe [1].</think>The answer.", ["The answer."]),
        ("<think>never closed. a. b.", []),
        ("See [the site](http://x.y/z) ![pic](http://e.vil/p.png) now.", ["See the site pic now."]),
        ("<b>Bold</b> <img src=x onerror=alert(1)> text.", ["Bold text."]),
        ("Answer: It was 2018.", ["It was 2018."]),
        ("a\u200bb\u202ec\U000e0041.", ["abc."]),
        ("One.\r\n\r\nTwo.", ["One.", "Two."]),
        ("Trade grew [1\nand it fell.", ["Trade grew [1", "and it fell."]),
        (f"Trade [1{'0' * 40} grew.", [f"Trade [1{'0' * 40} grew."]),
        ("", []),
        (" \n[1] ... **", []),
    ],
)  # fmt: skip
def test_sentences_come_clean(draft: str, expected: list[str]) -> None:
    assert texts(draft) == expected
    assert texts(*draft) == expected


@pytest.mark.parametrize(
    ("draft", "hints"),
    [
        ("A b. [1] C d [2]. E", [(1,), (2,), ()]),
        ("A b.[1][2] C", [(1, 2), ()]),
        ("A b 【4†source】. C", [(4,), ()]),
        ("A b. 【4】 C", [(4,), ()]),
        ("A b [1, 3]. C", [(1, 3), ()]),
        ("Ab cd. [note] C", [(), ()]),
    ],
)
def test_markers_are_kept_as_hints_of_their_sentence(draft: str, hints: list[tuple[int, ...]]) -> None:
    assert [sentence.hints for sentence in cut(*draft)] == hints


def test_a_sentence_is_given_out_when_the_next_begins() -> None:
    cutter = Cutter()
    assert cutter.feed("First one. [") == []
    assert cutter.feed("1") == []
    assert cutter.feed("]") == []
    assert cutter.feed(" S") == [Drafted("First one.", (1,))]
    assert not cutter.ended
    cutter.feed("econd.  ")
    assert cutter.ended


def test_a_text_without_an_end_is_cut() -> None:
    assert all(len(text) <= MAX_SENTENCE for text in texts("word " * 1000))


FRAGMENTS = [
    "Kuta",
    " ",
    ".",
    "\n",
    "[1]",
    "[",
    "]",
    "【2†s】",
    "*",
    "**",
    "a",
    "B",
    "1. ",
    "- ",
    ":",
    "。",
    "\u200b",
    "<b>",
]
PIECES = st.lists(st.sampled_from([*FRAGMENTS, "<think>", "</think>"]), max_size=40).map("".join)


@given(text=st.one_of(PIECES, ANY_TEXT), data=st.data())
def test_how_it_is_cut_into_chunks_does_not_matter(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert cut(*chunks) == cut(text)


@given(text=st.one_of(PIECES, ANY_TEXT))
def test_what_comes_out_is_one_clean_line(text: str) -> None:
    for sentence in cut(text):
        assert sentence.text == " ".join(sentence.text.split())
        assert any(map(str.isalnum, sentence.text))
        assert "\u200b" not in sentence.text
