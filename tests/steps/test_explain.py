"""Explain: a refusal says what the sources do not mention, and what stands below it."""

from __future__ import annotations

from assistant.messages import catalogue
from assistant.steps.explain import refusal
from assistant.text.questions import analyse

from .made import passages, retrieval, source


def test_a_refusal_tells_of_passages_only_where_there_are_some() -> None:
    words, question = catalogue("en"), analyse("Who led Morgulov?", "en")
    alone = refusal(retrieval(question), words)
    assert alone == "The sources do not answer this question. They do not mention: “Morgulov”."
    near = refusal(retrieval(question, *passages(question, source("Siti Rahma led it."))), words)
    assert near == f"{alone} {words.text('refusal.related')}"
