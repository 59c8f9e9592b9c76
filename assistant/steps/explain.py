"""Explain: refusals, small talk and the evidence, in the words of a message catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.errors import LLMUnavailable
from assistant.messages import Catalogue
from assistant.steps.evidence import is_light
from assistant.types import Check, Explanation, Retrieval

MAX_NAMED = 3
"""Missing words that a refusal names, and sources that "documents" lists; more would not be read."""

_WHY_NOT = frozenset({"abbreviation", "another_speaker", "definition", "time", "title"})
"""Checks that tell by themselves why a question is declined."""
_NAMED = frozenset({"name", "year", "number", "ordinal", "month"})


def refusal(retrieval: Retrieval, checks: Iterable[Check], words: Catalogue) -> str:
    """That the sources do not answer, what of the question they do not mention or explain, and what the passages below are."""
    named = [token for token in retrieval.unmentioned if token.kind in _NAMED and not is_light(token)]
    missing = [token.text for token in named][:MAX_NAMED]
    said = [words.text("refusal.not_in_sources")]
    if missing:
        said.append(words.text("refusal.missing", words=", ".join(f"“{word}”" for word in missing)))
    else:
        said += [each.message for each in explain((c for c in checks if c.check in _WHY_NOT), words)]
    if retrieval.passages:
        said.append(words.text("refusal.related"))
    return " ".join(said)


def small_talk(intent: str, words: Catalogue, titles: Sequence[str]) -> str:
    """The reply to small talk of one of `smalltalk.INTENTS`; `titles` are those of the sources."""
    if intent != "documents":
        return words.text(f"smalltalk.{intent}")
    named = ", ".join(f"“{title}”" for title in titles[:MAX_NAMED])
    return words.text("smalltalk.documents", titles=named + (", …" if len(titles) > MAX_NAMED else ""))


_WHY = {  # what a model's fault is called in the catalogues
    "refused": "unreachable", "dns": "unreachable", "tls": "unreachable", "connection": "unreachable",
    "auth": "rejected", "forbidden": "rejected", "not_found": "rejected", "bad_request": "rejected",
    "rate_limited": "busy", "server": "busy", "paused": "busy", "timeout": "slow", "filtered": "filtered",
    "context_length": "too_long", "missing_package": "missing_package",
}  # fmt: skip


def fault(exc: LLMUnavailable, words: Catalogue, *, begun: bool) -> tuple[str, str]:
    """The code and the words of a notice that the language model failed, before its first sentence or after."""
    why = words.text(f"llm.{_WHY.get(exc.reason, 'broken')}")
    if begun:
        return f"llm_{exc.reason}", words.text("notice.llm_interrupted", reason=why)
    return f"llm_{exc.reason}", words.text("notice.llm_unavailable", reason=why)


def explain(checks: Iterable[Check], words: Catalogue) -> tuple[Explanation, ...]:
    """The evidence in words."""
    asks = words.table("asks")
    return tuple(
        Explanation(
            check=check.check,
            outcome=check.outcome,
            message=words.text(
                f"check.{check.check}",
                words=asks.get(check.detail, check.detail) if check.check == "answer_type" else check.detail,
            ),
        )
        for check in checks
    )
