"""How the pages of a citation are told, wherever one is shown."""

from __future__ import annotations

import pytest

from assistant.interfaces.cli import _shown
from assistant.interfaces.pages import pages
from assistant.interfaces.slack import api as slack
from assistant.interfaces.slack.blocks import evidence
from assistant.messages import catalogue

from .fakes import ARTICLE, TRADE, cite


@pytest.mark.parametrize(
    ("first", "end", "language", "told"),
    [
        (3, 4, "en", "page 3"),
        (3, 6, "en", "pages 3–5"),
        (3, 4, "zh", "第 3 页"),
        (3, 5, "ru", "стр. 3–4"),
        (None, None, "en", ""),
    ],
)
def test_pages_are_told_by_their_numbers(first: int | None, end: int | None, language: str, told: str) -> None:
    citation = cite(ARTICLE, TRADE, 1).model_copy(update={"start_page_number": first, "end_page_number": end})
    assert pages(citation, catalogue(language)) == told


def test_slack_and_the_command_line_tell_them() -> None:
    from assistant.types import Answer

    citation = cite(ARTICLE, TRADE, 1).model_copy(update={"start_page_number": 2, "end_page_number": 4})
    answer = Answer(
        id="a", question="Q", standalone_question="Q", language="en", status="answered", answer="x [1]",
        citations=(citation,), related=(citation.model_copy(update={"marker": None}),),
    )  # fmt: skip
    assert _shown(answer).count("(pages 2–3, asean-russia-som-2019.txt, ") == 2
    read = slack.Answer.model_validate(answer.model_dump(mode="json"))
    assert str(evidence(read, catalogue("en"))).count(f"{ARTICLE.title}, pages 2–3") == 2
