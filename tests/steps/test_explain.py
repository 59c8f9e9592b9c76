"""Explain: a refusal says what the sources do not mention, and what stands below it."""

from __future__ import annotations

from assistant.messages import catalogue
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


def test_a_refusal_tells_what_no_source_explains_unless_none_mentions_it() -> None:
    words, checks = catalogue("en"), (Check("definition", "missing", "Kuta"), Check("probability", "found", "0.10"))
    kuta = analyse("What is Kuta?", "en")
    held = retrieval(kuta, *passages(kuta, source("They met in Kuta.")))
    assert "No source says what “Kuta” is." in refusal(held, checks, words)
    assert "They do not mention: “Kuta”." in refusal(retrieval(kuta), checks, words)
    assert "No source says" not in refusal(retrieval(kuta), checks, words)
