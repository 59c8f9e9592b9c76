"""Markdown taken out of an answer again."""

from __future__ import annotations

import pytest

from assistant.text.markdown import escape, unescape


@pytest.mark.parametrize("text", ["Agenda\n12. Budget", "Agenda\n2) Budget", "*Budget* [draft]", "Agenda\n# Budget"])
def test_what_escape_put_in_is_taken_out_again(text: str) -> None:
    assert escape(text) != text
    assert unescape(escape(text)) == text
