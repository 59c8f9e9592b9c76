"""Explain: a refusal says what the sources do not mention, and what stands below it."""

from __future__ import annotations

from dataclasses import replace

from assistant.messages import catalogue
from assistant.steps.answerable import answerable
from assistant.steps.calibration import calibration
from assistant.steps.explain import refusal
from assistant.text.questions import analyse
from assistant.types import Check

from .made import passages, retrieval, source


def test_a_refusal_tells_of_passages_only_where_there_are_some() -> None:
    words, question = catalogue("en"), analyse("Who led Morgulov?", "en")
    alone = refusal(retrieval(question), (), words)
    assert alone == "The sources do not answer this question. They do not mention: “Morgulov”."
    near = refusal(retrieval(question, *passages(question, source("Siti Rahma led it."))), (), words)
    assert near == f"{alone} {words.text('refusal.related')}"


def test_a_refusal_does_not_say_that_what_stands_elsewhere_is_not_mentioned() -> None:
    words, question = catalogue("en"), analyse("Who led Morgulov and Tavares?", "en")
    found = retrieval(question)
    [tavares] = [token for token in found.absent if token.text == "Tavares"]
    assert "“Morgulov”, “Tavares”" in refusal(found, (), words)
    assert "“Morgulov”." in refusal(replace(found, elsewhere=(tavares,)), (), words)
    named = [check.detail for check in answerable(replace(found, elsewhere=(tavares,)), calibration()).checks]
    assert "Morgulov" in named and "Tavares" not in named


def test_a_refusal_tells_what_no_source_explains_unless_none_mentions_it() -> None:
    words, checks = catalogue("en"), (Check("definition", "missing", "Kuta"), Check("probability", "found", "0.10"))
    kuta = analyse("What is Kuta?", "en")
    held = retrieval(kuta, *passages(kuta, source("They met in Kuta.")))
    assert "No source says what “Kuta” is." in refusal(held, checks, words)
    assert "They do not mention: “Kuta”." in refusal(retrieval(kuta), checks, words)
    assert "No source says" not in refusal(retrieval(kuta), checks, words)
