"""Stance: whether a question that asks for yes or no is answered so by the very words that are quoted to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.steps import claims, evidence
from assistant.steps.lines import lines_of
from assistant.steps.support import support
from assistant.text.lexicon import lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.types import Passage, Retrieval

CERTAIN = 0.9
"""Weighted share (0..1) of the question's words that one passage has to hold."""
DENYING = frozenset({"not", "tidak", "tak", "bukan", "не"})
"""Words that deny what is said, and not whom or when it is said of."""


def stance(retrieval: Retrieval, quoted: Sequence[Passage]) -> Literal["yes", "no", ""]:
    """ "yes" where the first quoted passage supports what the question asks, as a claim held to the same checks as a
    language model's sentence; "no" where it is the question's own words denied; "" where neither is certain."""
    question = retrieval.question
    if not (question.yes_no and quoted) or question.carried or question.ordered or question.superlative:
        return ""
    if question.own_view or claims.is_unreal(question.text, question.language):  # what is to come is not what was
        return ""
    if question.negated or question.rhetorical:  # "Isn't it in Kuta?": in some languages yes means that it is not
        return ""
    held = evidence.bag_of(quoted[0])
    if not all(evidence.is_light(token) or evidence.match(token, held) for token in question.content):
        return ""
    found = support(question.asserted.rstrip(" ,?？"), question.language, lines_of(quoted[:1]))
    if found.coverage < CERTAIN:
        return ""
    if not found.problems:
        return "yes"
    denied = {problem.check for problem in found.problems} == {"negation"} and _only_denies(question, quoted[0])
    return "no" if denied else ""


def _only_denies(question: Analysis, passage: Passage) -> bool:
    """Whether a sentence is the question's own words and a "not": "not until May", "not all" and "nobody but" deny something else."""
    held = evidence.bag(question.asserted, question.language)
    said = [t for t in evidence.bag_of(passage).tokens if t.kind != "function"]
    spoken = {fold(m.group()) for m in words_of(passage.text)} & lexicon(passage.language).negation
    whole = all(evidence.match(token, held) or fold(token.text) in spoken for token in said)
    return (
        whole
        and all(word in DENYING or word.endswith("n't") for word in spoken)
        and not claims.quantifiers(passage.text)
    )
