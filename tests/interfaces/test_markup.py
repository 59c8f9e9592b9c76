"""An answer as HTML: a list that is quoted stands in lines of its own."""

from __future__ import annotations

from html import unescape

import pytest

from assistant.interfaces.markup import _commonmark
from assistant.text.markdown import quotation


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("Agreed:\n- Bert: inform.\n- Olga: paint.", "Agreed:<br>- Bert: inform.<br>- Olga: paint."),
        ("Agreed:\n1. A note.\n2) Chairs.\nb) A fence.", "Agreed:<br>1. A note.<br>2) Chairs.<br>b) A fence."),
        ("a line that the source\nwraps - here", "a line that the source\nwraps - here"),
        ("the meeting on\n27. February was", "the meeting on\n27. February was"),
        ("2019\n2020 was better", "2019\n2020 was better"),
    ],
)
def test_a_line_ends_where_an_item_of_a_list_begins(quote: str, shown: str) -> None:
    html = _commonmark().render(quotation(quote), {"markers": {1}, "prefix": "q"})
    assert unescape(html).strip() == f"<p>“{shown}”</p>"
