"""Texts to try a promise on: any Unicode that a source or a question can hold."""

from __future__ import annotations

from hypothesis import strategies as st

ANY_CHARACTER = st.characters(exclude_categories=["Cs"], exclude_characters="\0")

HARD_CHARACTERS = st.sampled_from(
    [
        *"ab Z.,;:!?…-–—'’\"“”«»()[]{}<>*_`~|\\/&#+=@$%1290",
        *["\r\n", "\n", "\r", "\t", "\n\n", "\r\n\r\n", "\u0085", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\u00a0"],
        *["e\u0301", "\u0301", "\u0e35", "\u200b", "\u200d", "\ufeff", "\u202e", "\u202c", "\u2066"],
        *["👩\u200d👩\u200d👧", "🇮🇩", "👍🏽", "😀"],
        *["שלום", "مرحبا", "۔", "١٢", "ประชุม", "会议。", "二", "तक।", "ё", "İ", "ß", "ﬁ", "ǅ"],
        *["Dr.", "т.е.", "3.5", "ke-3", "16th", "18 miliar", "Kuta", "\n- ", "\n1. ", "\n# ", "&amp;", "![x](y)"],
    ]
)

ANY_TEXT = st.one_of(
    st.text(ANY_CHARACTER, max_size=200),
    st.lists(HARD_CHARACTERS, max_size=80).map("".join),
    st.tuples(st.text(HARD_CHARACTERS.filter(lambda c: len(c) == 1), min_size=1, max_size=12), st.integers(1, 200)).map(
        lambda made: made[0] * made[1]
    ),
)
"""Arbitrary Unicode, what splitters and Markdown stumble over, and long repetitions."""
