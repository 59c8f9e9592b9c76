"""Speakers: what somebody is asked to have said is looked for in their own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.steps import claims, evidence
from assistant.steps.lines import voice, voices
from assistant.text.languages import language_of
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens
from assistant.types import Passage, Retrieval, Source

Run = tuple[Token, ...]


def by_speaker(question: Analysis, ranked: Sequence[Passage]) -> tuple[Sequence[Passage], Sequence[Passage]]:
    """Ranked passages without those that somebody says whom the question does not name, and these, where it asks what somebody said
    who says one of the passages; all of them and none where not."""
    asked, named = _asked(question)
    said = [voice(passage) if asked else None for passage in ranked]
    if not any(told and _is_called((asked,), told.name, p.source) for p, told in zip(ranked, said, strict=True)):
        return ranked, ()
    others = [p for p, told in zip(ranked, said, strict=True) if told and not _is_called(named, told.name, p.source)]
    numbers = {passage.number for passage in others}
    return [passage for passage in ranked if passage.number not in numbers], others


def own_first(question: Analysis, ranked: Sequence[Passage], few: int) -> tuple[Passage, ...]:
    """Ranked passages, before them so many of the best that are left by `by_speaker`."""
    best = by_speaker(question, ranked)[0][:few]
    numbers = {passage.number for passage in best}
    return (*best, *(passage for passage in ranked if passage.number not in numbers))


def another_speaker(retrieval: Retrieval) -> str:
    """Who says the best passage, where the question asks what somebody else said who speaks in that source too; "" for nobody, or
    where it names both."""
    asked, named = _asked(retrieval.question)
    best = retrieval.passages[0]
    told = voice(best) if asked else None
    if told is None or _is_called(named, told.name, best.source):
        return ""
    speaks = any(_is_called((asked,), each.name, best.source) for each in voices(best.source).values())
    return told.name if speaks else ""


def says_it_all(retrieval: Retrieval) -> str:
    """Who else says, in one of the passages, all that a question asks whether somebody said; "" for nobody."""
    question = retrieval.question
    asked, named = _asked(question)
    heavy = [at for at, t in enumerate(question.content) if t not in asked and not evidence.is_light(t)]
    for passage in retrieval.passages if asked and heavy else ():
        told = voice(passage)
        if told and not _is_called(named, told.name, passage.source) and all(passage.held[at] for at in heavy):
            return told.name
    return ""


def told_by(question: Analysis, source: Source) -> frozenset[int]:
    """Where the sentences of a source begin that somebody says of whose words, and nothing else, a question wants a summary; none
    where it wants another one, or two speak there who are called so."""
    runs = claims.name_runs(question.text, question.retold)
    if len(runs) != 1 or not all(token in runs[0] for token in question.retold):
        return frozenset()
    told = {start: each.name for start, each in voices(source).items() if _is_called(runs, each.name, source)}
    return frozenset(told) if len(set(told.values())) == 1 else frozenset()


def _asked(question: Analysis) -> tuple[Run, tuple[Run, ...]]:
    """Whose words a question asks for, () where it does not, asks who said something or whether somebody did; and all names."""
    runs = claims.name_runs(question.text, question.content)
    if question.asks_speaker or question.yes_no:
        return (), runs
    return claims.nearest_speaker(claims.speech_places(question.text, question.content), runs), runs


def _is_called(runs: Iterable[Run], name: str, source: Source) -> bool:
    """Whether one of the runs of names is that of somebody in a source, in whole or in part."""
    language = language_of(source.language, source.text)
    return any(claims.same_run(run, tokens(name, language)) for run in runs)
