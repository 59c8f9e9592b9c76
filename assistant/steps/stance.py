"""Stance: whether a question that asks for yes or no is answered so by the very words that are quoted to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from assistant.steps import claim_words, claims, evidence
from assistant.steps.lines import lines_of
from assistant.steps.relations import tells_how
from assistant.steps.stated import is_stated
from assistant.steps.support import support
from assistant.text.lexicon import group, lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.types import Passage, Retrieval

CERTAIN = 0.9
"""Weighted share (0..1) of the question's words that one passage has to hold."""
_LISTED = re.compile(r"\s*(?:[-*•–—]|\(?\d{1,3}[.)])\s")
PAST, PASSIVE = (
    ("л", "ла", "ло", "ли", "лся", "лась", "лось", "лись"),
    ("н", "на", "но", "ны", "ыт", "ыта", "ыто", "ыты"),
)
"""How Russian verbs end that tell what has been done, or what something has undergone ("подписан", "открыто")."""
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
    if not _states(question, quoted[0], held) or not _tells_as_done(question, quoted[0], held):
        return ""
    if not all(evidence.is_light(token) or evidence.match(token, held) for token in question.content):
        return ""
    found = support(question.asserted.rstrip(" ,?？"), question.language, lines_of(quoted[:1]))
    if found.coverage < CERTAIN:
        return ""
    if not found.problems:
        return "yes" if is_stated(question, quoted[0]) and not _is_disputed(retrieval, quoted[0]) else ""
    denied = {problem.check for problem in found.problems} == {"negation"} and _only_denies(question, quoted[0])
    denied = denied and is_stated(question, quoted[0])
    return "no" if denied else ""


def _is_disputed(retrieval: Retrieval, passage: Passage) -> bool:
    """Whether another sentence has all words of the question but a number or time, and another one of these."""
    content = retrieval.question.content
    heavy = [n for n, token in enumerate(content) if not evidence.is_light(token)]
    lacks = [
        (p, [content[n] for n in heavy if p.held and not p.held[n]]) for p in retrieval.passages if p is not passage
    ]
    return any(
        len(lacking) == 1
        and lacking[0].kind in claims.NUMERIC
        and any(token.kind == lacking[0].kind for token in evidence.bag_of(other).tokens)
        for other, lacking in lacks
    )


def _states(question: Analysis, passage: Passage, held: evidence.Bag) -> bool:
    """Whether a sentence says that something is so: it asks nothing, is no item of a list, which may be an order ("- Ms Adeyemi: have
    the lighting *repaired*"), and has no word that the question lacks for what undoes, plans or doubts it ("*postponed*", "*if*")."""
    asked = frozenset[str]().union(*(token.keys for token in question.content))
    undone = group("undone") - asked
    spoken, own = ({fold(m.group()) for m in words_of(text)} for text in (passage.text, question.text))
    return not (
        any(mark in passage.text for mark in "?？؟")
        or _LISTED.match(passage.text)
        or any(not token.keys.isdisjoint(undone) for token in held.tokens)
        or spoken & claim_words.doubts() - own
    )


def _tells_as_done(question: Analysis, passage: Passage, held: evidence.Bag) -> bool:
    """Whether what a question asks as done stands so in a sentence of its language: by the same word ("*delivered*" is not "moved
    *delivery*"), and what is asked as past in Russian not as to come ("*поступили*": "*поступят*")."""
    language = question.language.split("-")[0]
    if language != passage.language.split("-")[0]:
        return True
    for token in question.content:
        own = evidence.forms(token) or token.keys  # a phrase has its meaning only
        verbal = tells_how(token) or not token.concepts
        past = language == "ru" and token.kind == "word" and verbal and fold(token.text).endswith(PAST)
        if (past or tells_how(token)) and not evidence.is_light(token):
            same = [fold(each.text) for each in held.tokens if not own.isdisjoint(each.keys)]
            if not any(not past or text.endswith((*PAST, *PASSIVE)) for text in same):
                return False
    return True


def _only_denies(question: Analysis, passage: Passage) -> bool:
    """Whether a sentence is the question's own words and a "not": "not until May", "not all" and "nobody but" deny something else."""
    held = evidence.bag(question.asserted, question.language)
    said = [t for t in evidence.bag_of(passage).tokens if t.kind != "function"]
    spoken = {fold(m.group()) for m in words_of(passage.text)} & lexicon(passage.language).negation
    whole = all(evidence.match(token, held) or fold(token.text) in spoken for token in said)
    last = max((t.start for t in said if fold(t.text) not in spoken), default=0)
    within = all(m.start() < last for m in words_of(passage.text) if fold(m.group()) in spoken)  # "..., cats are *not*"
    return (
        whole
        and within
        and all(word in DENYING or word.endswith("n't") for word in spoken)
        and not claims.quantifiers(passage.text)
    )
