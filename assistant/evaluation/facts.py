"""What an answer says itself, beyond its quotes, and the facts in it that none of its citations holds."""

from __future__ import annotations

import re
from functools import cache

from assistant.evaluation.records import Record
from assistant.evaluation.scoring import MARKER
from assistant.messages import catalogue, languages
from assistant.steps.evidence import bag, match
from assistant.text.languages import language_of
from assistant.text.markdown import unescape
from assistant.text.tokens import Token, tokens


def unsupported(record: Record) -> tuple[str, ...]:
    """The numbers, dates and names that `unsupported_facts` counts, as the answer writes them."""
    cited = [
        bag(text, *record.came.written.get(citation.source_id, (language_of(None, text),)))
        for citation in record.answer.citations
        for text in (citation.cited_text, citation.context)
    ]
    said = own_words(record)
    return tuple(
        token.text
        for token in tokens(said, record.answer.language)
        if _is_fact(token, said) and not any(match(token, held) for held in cited)
    )


def own_words(record: Record) -> str:
    """What an answer says itself: its quotes, markers, and the catalogue's words around them taken out."""
    return unquoted(_leads().sub(" ", unescape(MARKER.sub(" ", record.answer.answer))), record)


def unquoted(said: str, record: Record) -> str:
    """What remains of an answer's words without the quotes."""
    said = " ".join(said.split())
    for cited in sorted((" ".join(c.cited_text.split()) for c in record.answer.citations), key=len, reverse=True):
        said = said.replace(f"“{cited}”", " ").replace(f"«{cited}»", " ").replace(cited, " ") if cited else said
    return " ".join(said.split())


_FACTS = frozenset({"name", "number", "year", "ordinal", "month"})


@cache
def _leads() -> re.Pattern[str]:
    """The words of the catalogues that introduce a quote, before one."""
    wordings = [
        re.sub(r"\\\{\w+\\\}", ".{1,300}?", re.escape(text))
        for language in languages()
        for key, text in catalogue(language).table("answer").items()
        if key.startswith("lead")
    ]
    return re.compile(f"(?:{'|'.join(sorted(wordings, key=len))})(?=\\s*[“«])")


def _is_fact(token: Token, said: str) -> bool:
    """Numbers, dates, names, and capitalised words: those that open a sentence only if no dictionary of ours holds them."""
    if token.kind != "word" or not token.text[:1].isupper():
        return token.kind in _FACTS
    opens = not said[: token.start].rstrip() or said[: token.start].rstrip()[-1] in ".!?…:“«"
    return not token.concepts if opens else True
