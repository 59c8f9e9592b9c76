"""Whether an answer is right, as the contract defines it; deterministic, for any script, without an LLM."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.evaluation.cases import TALK, Ask, Form, Gold
from assistant.text.markdown import unescape
from assistant.types import Answer, Citation, Source

MAX_CITATIONS = 3
"""An answer with more citations than this hides the right one among them, and does not count."""

MARKER = re.compile(r"(?<!\\)\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Right or not, and the first thing that is wrong ("" for a right answer)."""

    right: bool
    problem: str = ""


def judge(ask: Ask, answer: Answer, category: str) -> Verdict:
    """The verdict on the answer to one question.

    Answerable: answered or partial, at most three citations, the gold spans held by citations or their context (any, or
    all of them, as the case says), and an accepted form in the answer. Unanswerable: `not_in_sources`; small talk and
    questions about the assistant: `conversational`.
    """
    if not ask.answerable:
        expected = "conversational" if category in TALK else "not_in_sources"
        return Verdict(answer.status == expected, "" if answer.status == expected else f"status {answer.status}")
    if answer.status not in ("answered", "partial"):
        return Verdict(False, f"status {answer.status}")
    if len(answer.citations) > MAX_CITATIONS:
        return Verdict(False, f"{len(answer.citations)} citations")
    held = [any(holds(citation, gold) for citation in answer.citations) for gold in ask.gold or ()]
    if not (all(held) if ask.gold_match == "all" else any(held)):
        return Verdict(False, "gold not cited")
    if not any(has_form(answer.answer, form) for forms in ask.accept.values() for form in forms):
        return Verdict(False, "no accepted form")
    return Verdict(True)


def holds(citation: Citation, gold: Gold) -> bool:
    """Whether a citation, or its context, holds a gold span."""
    return citation.source_id == gold.source_id and (gold.text in citation.cited_text or gold.text in citation.context)


def has_form(answer: str, form: Form) -> bool:
    """Whether an answer has an accepted form (of a list, each part), case and spacing aside.

    Its markers are not its words, and a form's digits do not match a part of a number.
    """
    said = _plain(unescape(MARKER.sub(" ", answer)))
    return all(_within(_plain(part), said) for part in ([form] if isinstance(form, str) else form))


def _within(form: str, said: str) -> bool:
    before, after = (r"(?<!\d)" if form[:1].isdigit() else ""), (r"(?!\d)" if form[-1:].isdigit() else "")
    return re.search(f"{before}{re.escape(form)}{after}", said) is not None


def is_verbatim(citation: Citation, sources: Mapping[str, Source]) -> bool:
    """Whether the cited words stand at their place, and the context in the source with them in it."""
    text = sources[citation.source_id].text if citation.source_id in sources else ""
    at_place = text[citation.start_char_index : citation.end_char_index] == citation.cited_text
    return (
        bool(citation.cited_text) and at_place and citation.cited_text in citation.context and citation.context in text
    )


def sound_markers(answer: Answer) -> bool:
    """Whether the markers are 1..n in order of first use, each with one citation and no citation unused."""
    used = list(dict.fromkeys(int(n) for n in MARKER.findall(answer.answer)))
    return used == [c.marker for c in answer.citations] and used == list(range(1, len(used) + 1))


def broken_invariants(answer: Answer, sources: Mapping[str, Source]) -> list[str]:
    """What of the contract's "always true" an answer breaks; empty for a sound one."""
    broken = [
        f"{citation.source_id} does not hold the citation at {citation.start_char_index}:{citation.end_char_index}"
        for citation in (*answer.citations, *answer.related)
        if not is_verbatim(citation, sources)
    ]
    if not sound_markers(answer):
        broken.append(f"the markers in the answer do not go with {[c.marker for c in answer.citations]}")
    if (answer.status in ("answered", "partial")) != bool(answer.citations):
        broken.append(f"status {answer.status} with {len(answer.citations)} citations")
    return broken


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return " ".join(text.split())
