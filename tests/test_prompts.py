"""Prompts: strict headers and variables, and what is filled in stays as it is."""

from __future__ import annotations

import pytest

from assistant.prompts import names, parse, prompt

GOOD = "---\nversion: 2\nvariables: question, language\n---\nAnswer {question} in {language}.\n"


def test_every_prompt_that_ships_is_well_formed() -> None:
    assert {"system", "draft", "answerable", "repair"} <= set(names())
    assert all(prompt(name).version >= 1 for name in names())


def test_what_is_filled_in_is_no_template() -> None:
    made = parse("p", GOOD)
    assert made.version == 2
    assert made.fill(question="{language} {0}", language="en") == "Answer {language} {0} in en."


def test_a_missing_or_unknown_variable_is_named() -> None:
    with pytest.raises(KeyError, match="p needs language"):
        parse("p", GOOD).fill(question="x")
    with pytest.raises(ValueError, match="p has no variable nonsense"):
        parse("p", GOOD).fill(question="x", language="en", nonsense="y")


@pytest.mark.parametrize(
    "content",
    [
        "Answer {question}.",
        GOOD.replace("variables: question, language", "variables: question"),
        GOOD.replace("{language}", "English"),
        GOOD.replace("version: 2", "version: two"),
        GOOD.replace("version: 2\n", ""),
        GOOD.replace("{question}", "{}"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match="prompt p"):
        parse("p", content)
