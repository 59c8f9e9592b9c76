"""Passages and retrievals by hand, with the evidence that `retrieve` would give them."""

from __future__ import annotations

import datetime as dt

from assistant.steps import evidence
from assistant.steps.condense import condense
from assistant.text.questions import Analysis
from assistant.text.sentences import split
from assistant.types import Passage, Question, Retrieval, Source, Turn


def source(text: str, source_id: str = "a.txt", language: str = "en", date: dt.date | None = None) -> Source:
    return Source(source_id, text, f"Title of {source_id}", "0" * 64, language=language, date=date)


def passages(question: Analysis, *sources: Source) -> list[Passage]:
    """The sentences of the sources; similarity falls by 0.01 from 0.9 for each."""
    found: list[Passage] = []
    number = 0
    for each in sources:
        sentences = split(each.text)
        texts = [each.text[s.start : s.end] for s in sentences]
        held = [
            tuple(evidence.match(t, evidence.bag(text, "en", each.date)) for t in question.content) for text in texts
        ]
        for at, sentence in enumerate(sentences):
            same = [
                step
                for step in (-1, 1)
                if 0 <= at + step < len(sentences) and sentences[at + step].paragraph == sentence.paragraph
            ]
            found.append(
                Passage(
                    source=each,
                    number=number,
                    start=sentence.start,
                    end=sentence.end,
                    text=texts[at],
                    clauses=sentence.clauses,
                    before=texts[at - 1] if -1 in same else "",
                    after=texts[at + 1] if 1 in same else "",
                    similarity=0.9 - 0.01 * len(found),
                    lexical=0.5,
                    held=held[at],
                    led=tuple(map(max, held[at], held[at - 1])) if -1 in same else held[at],
                    followed=tuple(map(max, held[at], held[at + 1])) if 1 in same else held[at],
                )
            )
            number += 1
        number += 1
    return found


def retrieval(question: Analysis, *found: Passage) -> Retrieval:
    near = [p.near for p in found]
    missing = tuple(t for at, t in enumerate(question.content) if not any(each[at] for each in near))
    return Retrieval(question, found, evidence.weights(question, {}, 10), missing)


def alone(question: str, *history: str) -> str:
    """The question as it stands alone after turns of the user and the assistant."""
    turns = tuple(Turn(role="assistant" if n % 2 else "user", content=said) for n, said in enumerate(history))
    return condense(Question(question=question, history=turns)).text
