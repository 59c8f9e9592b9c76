"""Context: the passages that a language model is shown, in the order of their documents, within a token budget.

A source whose whole text fits goes in whole, so that the beginning of every prompt about it is the same to the letter and
a server's cache of it holds from question to question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.text.sentences import split
from assistant.types import Passage, Retrieval, Source

BUDGET = 3_000
"""Tokens of passages, as `tokens` estimates them."""
BYTES_PER_TOKEN = 3
"""Of UTF-8: a low estimate in every language here (Qwen2.5: English 4.4, Indonesian 3.1, Russian 5.4, Thai 6)."""
AROUND = 1
"""Sentences before and after a retrieved one that go with it."""

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
_TO_A_MODEL = re.compile(
    r"\b(?:ai assistants?|language models?|chatbots?|llms?|asisten ai|model bahasa|ассистент\w*|языков\w+ модел\w+)\b.{0,60}"
    r"\b(?:must|should|shall|tell|say|reply|ignore|reveal|include|answer|sertakan|tulis|katakan|abaikan|jawab|игнорируй|скажи|"
    r"напиши|ответь|отвечай|провер\w+)\b"
    r"|\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|above|previous|earlier)\b|\bsystem prompt\b"
    r"|\babaikan\b.{0,40}\b(?:instruksi|perintah)\b|\b(?:игнорируй|забудь)\w*.{0,40}(?:инструкци|указани)"
    r"|^[^\S\n]*(?:user|assistant|system|answer|ответ|jawaban)\s*:|<!--|<script|javascript:|data:text",
    re.IGNORECASE | re.MULTILINE,
)
"""What speaks to a program that reads the source. It is not shown to the model and nothing rests on it."""


@dataclass(frozen=True, slots=True)
class Context:
    """The passages in document order, and the text that a prompt has for them."""

    passages: tuple[Passage, ...]
    text: str


def tokens(text: str) -> int:
    """About how many tokens a text is, rather too many than too few."""
    return len(text.encode(errors="replace")) // BYTES_PER_TOKEN + 1


def context(retrieval: Retrieval, budget: int = BUDGET) -> Context:
    """The sources of the best passages, whole where they fit, else the passages with their neighbours."""
    sources = list(dict.fromkeys(p.source for p in retrieval.passages))
    chosen: list[tuple[str, int, Passage]] = []
    left = budget
    for source in sources:
        whole = whole_source(source)
        cost = sum(tokens(p.text) for p in whole)
        kept: Sequence[Passage] = whole
        if cost > left:
            kept, cost = _around(retrieval, source, whole, left)
        left -= cost
        chosen += [(source.source_id, p.start, p) for p in kept]
    passages = tuple(p for _, _, p in sorted(chosen, key=lambda each: each[:2]))
    return Context(passages, _text(passages))


def _around(retrieval: Retrieval, source: Source, whole: Sequence[Passage], left: int) -> tuple[list[Passage], int]:
    at = {p.start: n for n, p in enumerate(whole)}
    wanted: dict[int, None] = {}
    cost = 0
    for passage in retrieval.passages:
        if passage.source is not source or passage.start not in at:
            continue
        middle = at[passage.start]
        for n in range(max(0, middle - AROUND), min(len(whole), middle + AROUND + 1)):
            price = tokens(whole[n].text)
            if n not in wanted and cost + price <= left:
                wanted[n] = None
                cost += price
    return [whole[n] for n in sorted(wanted)], cost


@lru_cache(maxsize=256)
def whole_source(source: Source) -> tuple[Passage, ...]:
    """All sentences of a source as passages without evidence, less those that speak to a program."""
    sentences = split(source.text)
    texts = [source.text[s.start : s.end] for s in sentences]
    found = []
    for n, sentence in enumerate(sentences):
        same = [k in range(len(sentences)) and sentences[k].paragraph == sentence.paragraph for k in (n - 1, n + 1)]
        found.append(
            Passage(
                source=source, number=n, start=sentence.start, end=sentence.end, text=texts[n], clauses=sentence.clauses,
                before=texts[n - 1] if same[0] else "", after=texts[n + 1] if same[1] else "",
                similarity=0.0, lexical=0.0, held=(), led=(), followed=(),
            )
        )  # fmt: skip
    kept = [p for p in found if not _TO_A_MODEL.search(p.text)]
    dropped = {p.text for p in found} - {p.text for p in kept}
    return tuple(replace(p, before="") if p.before in dropped else p for p in kept)


def _text(passages: Sequence[Passage]) -> str:
    """The passages as running text, a paragraph a line, under their sources' titles; numbers would only be repeated."""
    lines: list[str] = []
    before: Passage | None = None
    for passage in passages:
        if before is None or passage.source is not before.source:
            dated = f" ({passage.source.date.isoformat()})" if passage.source.date else ""
            lines.append(f"{chr(10) if lines else ''}# {clean(passage.source.title)}{dated}")
            lines.append(clean(passage.text))
        elif passage.before == before.text:
            lines[-1] += f" {clean(passage.text)}"
        else:
            lines.append(clean(passage.text))
        before = passage
    return "\n".join(lines)


def clean(text: str) -> str:
    """A text in one line, without what cannot be seen."""
    return " ".join(INVISIBLE.sub("", text).split())
