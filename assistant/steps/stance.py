"""Stance: whether a question that asks for yes or no is answered so by the very words that are quoted to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.steps import evidence
from assistant.steps.lines import lines_of
from assistant.steps.support import support
from assistant.types import Passage, Retrieval

CERTAIN = 0.9
"""Weighted share (0..1) of the question's words that one passage has to hold."""


def stance(retrieval: Retrieval, quoted: Sequence[Passage]) -> Literal["yes", "no", ""]:
    """ "yes" where the first quoted passage supports what the question asks, as a claim held to the same checks as a
    language model's sentence; "no" where nothing but a denial stands between them; "" where neither is certain."""
    question = retrieval.question
    if not (question.yes_no and quoted) or question.carried or question.ordered or question.superlative:
        return ""
    if (
        question.own_view or question.negated or question.rhetorical
    ):  # "Isn't it in Kuta?": in some languages yes means that it is not
        return ""
    held = evidence.bag_of(quoted[0])
    if not all(evidence.is_light(token) or evidence.match(token, held) for token in question.content):
        return ""
    found = support(question.asserted.rstrip(" ,?？"), question.language, lines_of(quoted[:1]))
    if found.coverage < CERTAIN:
        return ""
    if not found.problems:
        return "yes"
    return "no" if {problem.check for problem in found.problems} == {"negation"} else ""
