"""Speakers: what somebody is asked to have said is looked for in their own words.

A sentence is another's only where the source plainly says so (`Voice.stated`) and it does not name whoever is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from assistant.steps import claim_words, claims, evidence
from assistant.steps.claims import Run
from assistant.steps.lines import Voice, speaking, voice, voices
from assistant.steps.scope import FACTS
from assistant.text.languages import language_of
from assistant.text.lexicon import lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens
from assistant.text.transcripts import is_actor, unlabelled
from assistant.types import Check, Passage, Retrieval, Source

MOST_ASSENT = 3
"""Words of a sentence that does no more than assent."""
SOURCES = 3
"""Of the passages found, those from which it is told who speaks: the first ones."""


def by_speaker(question: Analysis, ranked: Sequence[Passage]) -> tuple[Sequence[Passage], Sequence[Passage]]:
    """Ranked passages without those of other speakers, and these, where a question asks what somebody said who says one of the
    passages; all of them and none for any other question."""
    heard = heard_for(question, ranked)
    said = [voice(passage) if passage.source in heard else None for passage in ranked]
    if not any(told and _is_asked(question, told, p.source) for p, told in zip(ranked, said, strict=True)):
        return ranked, ()
    others = {p.number for p in ranked if p.source in heard and _others(question, p)}
    return [p for p in ranked if p.number not in others], [p for p in ranked if p.number in others]


def heard_for(question: Analysis, ranked: Sequence[Passage]) -> frozenset[Source]:
    """The sources of ranked passages that are read for their speakers: none where a question asks for nobody's words."""
    heard = _heard(ranked) if _asks_what_is_said(question) else frozenset()
    return heard if _asked(question) or any(called(question, source) for source in heard) else frozenset()


def own_first(question: Analysis, ranked: Sequence[Passage], few: int) -> tuple[Passage, ...]:
    """Ranked passages: the `few` best of those that are no other speaker's, then the rest as they were."""
    best = by_speaker(question, ranked)[0][:few]
    numbers = {passage.number for passage in best}
    return (*best, *(passage for passage in ranked if passage.number not in numbers))


def another_speaker(retrieval: Retrieval) -> str:
    """Who says all of what a question asks that somebody else said, where none but others' passages has all of it; "" for nobody."""
    passage = _anothers(retrieval)
    told = voice(passage) if passage else None
    return told.name if told else ""


def closest(retrieval: Retrieval, checks: Iterable[Check]) -> tuple[Passage, ...]:
    """The passages that go with a refusal, the closest first: before all that of another speaker of whom it tells."""
    first = _anothers(retrieval) if any(check.check == "another_speaker" for check in checks) else None
    return tuple(sorted(retrieval.passages, key=lambda passage: passage is not first))


def _anothers(retrieval: Retrieval) -> Passage | None:
    """The first passage that has all of what a question asks that somebody said, where each such is another speaker's."""
    question, passages = retrieval.question, retrieval.passages
    if not _asks_what_is_said(question):
        return None
    heard = _heard(passages)
    names = {token for run in _asked(question) for token in run}
    names.update(token for source in heard for words in called(question, source).values() for token in words)
    heavy = [at for at, t in enumerate(question.content) if t not in names and not evidence.is_light(t)]
    if not (names and heavy):
        return None
    full = [p for p in passages if p.source in heard and all(p.held[at] for at in heavy)]
    others = all(_others(question, passage) for passage in full)
    return full[0] if others and any(_speaks(question, passage.source) for passage in full) else None


def told_by(question: Analysis, source: Source) -> frozenset[int]:
    """Where the sentences of a source begin that somebody says of whose words, and of nothing else, a question wants a summary; none
    where it wants another one, or two speak there who are called so."""
    wanted = question.retold
    runs = claims.name_runs(question.text, wanted)
    whole = len(runs) == 1 and all(token in runs[0] for token in wanted)
    label = [fold(token.text) for token in wanted]  # of a transcript: "CHAIR"
    if not (whole or (label and all(map(fold(source.text).__contains__, label)))):  # it takes long to read who speaks
        return frozenset()
    told = {
        start: each.name
        for start, each in voices(source).items()
        if fold(each.name) == " ".join(label) or (whole and _is_called(runs, each.name, source))
    }
    return frozenset(told) if len(set(told.values())) == 1 else frozenset()


@lru_cache(maxsize=256)
def called(question: Analysis, source: Source) -> Mapping[str, tuple[Token, ...]]:
    """The speakers of a transcript whose words a question asks for, by a name or by what they are: their labels, each with the
    question's words for them. Who is called first speaks, and whoever is joined to them; who comes later is spoken to or about.
    {} where it asks who somebody is."""
    if question.asks == "person" or question.asks_speaker:
        return {}
    found = {}
    for by, speaker in speaking(source).items():
        said = evidence.bag(speaker.label, question.language)
        naming = tuple(t for t in question.content if evidence.match(t, said) == 1.0)
        words = [t for t in speaker.words if any(evidence.match(t, evidence.alone(each)) for each in naming)]
        is_told = any(claims.is_named(t) or is_actor(t) for t in words) or all(t in words for t in speaker.name)
        if naming and speaker.name and is_told:
            found[by] = naming
    first = min((words[0].start for words in found.values()), default=0)
    most = max((words for words in found.values() if words[0].start == first), key=len, default=())
    return {
        by: words
        for by, words in found.items()
        if words == most or (words[0].start > first and _are_joined(words, most, question))
    }


def only_assents(question: Analysis, passage: Passage) -> bool:
    """Whether a sentence of a transcript says nothing by itself ("MARKETING: Okay."), unless a yes or no is asked for."""
    if question.yes_no or not speaking(passage.source):
        return False
    said = unlabelled(passage.text, speaking(passage.source))
    if len(said.split()) > MOST_ASSENT or any(map(str.isdigit, said)):
        return False
    found = evidence.bag_of(passage, said).tokens
    return all(t.kind == "function" or (t.kind not in FACTS and evidence.is_light(t)) for t in found)


def speaks_in(question: Analysis, source: Source) -> frozenset[int]:
    """Where the sentences of a transcript begin that a speaker says whom a question calls."""
    labels = called(question, source)
    return frozenset(start for start, each in voices(source).items() if each.label in labels) if labels else frozenset()


def _asks_what_is_said(question: Analysis) -> bool:
    """Whether a question asks what somebody said, and not who said something or whether somebody did."""
    speech = claims.speech_places(question.text, question.content)
    return bool(speech) and not (question.asks_speaker or question.yes_no)


@lru_cache(maxsize=64)
def _asked(question: Analysis) -> tuple[Run, ...]:
    """Whose words a question asks for, by their names, one or some that it joins ("Jose or Igor")."""
    runs = claims.name_runs(question.text, question.content)
    speaker = claims.nearest_speaker(claims.speech_places(question.text, question.content), runs)
    return tuple(run for run in runs if run is speaker or _are_joined(run, speaker, question)) if speaker else ()


def _are_joined(one: Run, other: Run, question: Analysis) -> bool:
    """Whether nothing but a word such as "and" or "or" stands between two names."""
    first, second = sorted((one, other), key=lambda run: run[0].start)
    between = [fold(m.group()) for m in words_of(question.text[first[-1].end : second[0].start])]
    return bool(between) and all(
        word in claim_words.joints() | lexicon(question.language).alternative for word in between
    )


def _heard(passages: Sequence[Passage]) -> frozenset[Source]:
    """The sources of the first passages: it takes long to read a long one for its speakers."""
    return frozenset(islice(dict.fromkeys(passage.source for passage in passages), SOURCES))


def _others(question: Analysis, passage: Passage) -> str:
    """Who says a passage, if plainly somebody who is not asked about, and it names none of these; "" otherwise."""
    told = voice(passage)
    if told is None or not told.stated or _is_asked(question, told, passage.source):
        return ""
    said, by_label = unlabelled(passage.text, speaking(passage.source)), called(question, passage.source)
    held = evidence.bag_of(passage, said)
    if by_label and not claims.speech_places(said, held.tokens):  # whoever speaks there is only spoken about here
        return told.name
    named = claims.name_runs(said, held.tokens)
    is_named = any(claims.same_run(run, each) for run in _asked(question) for each in named)
    return "" if is_named or any(all(evidence.match(t, held) for t in ts) for ts in by_label.values()) else told.name


def _speaks(question: Analysis, source: Source) -> bool:
    return any(_is_asked(question, each, source) for each in voices(source).values())


def _is_asked(question: Analysis, told: Voice, source: Source) -> bool:
    """Whether whoever speaks is one whose words a question asks for, by a name or by the label of a transcript."""
    return told.label in called(question, source) or _is_called(_asked(question), told.name, source)


def _is_called(runs: Iterable[Run], name: str, source: Source) -> bool:
    """Whether one of the runs of names is that of somebody in a source, in whole or in part."""
    language = language_of(source.language, source.text)
    return any(claims.same_run(run, tokens(name, language)) for run in runs)
