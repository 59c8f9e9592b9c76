"""Retrieve: the sentences of the index that may answer a question, ranked by dense and lexical evidence together."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from statistics import fmean
from typing import TypeVar

import numpy as np

from assistant.index.store import Hit, Index, IndexedSentence, LiveIndex
from assistant.models import interaction
from assistant.models.embedder import Embedder, with_words
from assistant.models.encoder import Encoded, Floats, load_encoder, processors
from assistant.models.interaction import LONGEST, Codes, Reads, log_odds
from assistant.steps import evidence
from assistant.steps.claims import is_named, said_by
from assistant.steps.lines import speaking
from assistant.steps.overview import first_told_by, naming_publisher, overview, wants_whole
from assistant.steps.people import keep_whole, voices_of, with_people
from assistant.steps.rank import rank, reordered, to_read
from assistant.steps.scope import FACTS, describes_document, named_above, named_source, shows
from assistant.steps.speakers import by_speaker, called, heard_for, own_first, speaks_in
from assistant.text.about import about_itself, about_publisher
from assistant.text.layout import MAX_LIST, NOTHING, with_list
from assistant.text.normalise import same_name
from assistant.text.questions import Analysis
from assistant.text.tokens import Token
from assistant.types import Passage, Retrieval, Source

DENSE, LEXICAL = 16, 8
"""Sentences taken from the dense and from the lexical search. With half as many again, which take half as long again to rank,
more questions have the right sentence among them (2 in 100 of IDK-MRC's and the article's), and no more have it first."""
FARTHER = 8
"""So many times as far it is looked for more sentences of the source that a question is about."""
TITLES = 4
MOST_ITEMS = 20
"""Of a list, which are read with what introduces it."""
BEFORE = 2
"""Sentences before one of a transcript that it is also read with, by whomever."""
BESIDE = 1.0
"""How much less that counts than the sentence alone, in log odds, where it is likelier: on 303 questions about transcripts 93 of 215
are answered right and 76 of 88 declined so; 100 and 71 where it counts as much. When transcripts were read as other texts, it were
69 and 76."""
VOICES = 3
"""Sources, the nearest ones, in which it is looked who says what: one of 40 sentences takes 2 to 4 ms when it is first asked
about, with the tokens that the index keeps, and 7 to 9 without."""


def _pool() -> ThreadPoolExecutor:
    """For what SQLite and ONNX Runtime do, mostly without Python's lock; nothing that runs in it waits for it."""
    return _pool_of(os.getpid())


@cache
def _pool_of(process: int) -> ThreadPoolExecutor:
    """Each process has its own: threads do not survive a fork, and a pool does not notice."""
    return ThreadPoolExecutor(processors(), thread_name_prefix="read")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds `top` passages for a question. Thread-safe; synchronous, so it belongs in a pool of threads.

    `ranking` are the weights of `rank`, `read` tells how surely a sentence answers a question.

    Raises (when called):
        IndexUnusable: there is no index, or it cannot be read.
    """

    live: LiveIndex
    embeddings: Embedder
    ranking: Mapping[str, float]
    top: int = 12
    read: Reads = log_odds

    def load(self) -> None:
        """Has the networks loaded beside what the caller does next; where that fails it does so again for who needs them."""
        for network in (interaction.load, load_encoder):
            _pool().submit(network)

    def __call__(self, question: Analysis) -> Retrieval:
        with self.live.open() as index:
            question, weights, candidates, states = self._candidates(index, question)
            if named := named_source(question, list(dict.fromkeys(each.source for each in candidates))):
                source, asked = named
                question, weights, candidates, states = self._candidates(index, asked, source)
                candidates = [each for each in candidates if each.source.source_id == source.source_id]
            ranked = rank(question, weights, candidates, self.ranking)
            if ranked and question.retold:
                ranked = first_told_by(question, ranked)
                question = replace(question, whole=question.whole or wants_whole(question, ranked[0].source))
            told = naming_publisher(index, ranked[0].source, question) if ranked and about_publisher(question) else []
            if told:
                question = replace(question, published=True)
                ranked = tuple(_passages(index, told[: self.top], question, {}, {}))
            elif ranked and about_itself(question):
                main = overview(index, ranked[0].source, question, self.top)
                ranked = tuple(_passages(index, main, question, {}, {}))
            else:
                keep_whole(index, heard_for(question, ranked))
                own, others = by_speaker(question, ranked)
                few = to_read(own)
                ranked = reordered((*self._read(index, question, states, own[:few]), *own[few:], *others))
                ranked = own_first(question, ranked, few)
            missing = absent(question, ranked)
            elsewhere = _held_anywhere(index, missing)
        return Retrieval(question, ranked[: self.top], weights, missing, elsewhere)

    def candidates(self, question: Analysis) -> tuple[Analysis, tuple[float, ...], list[Passage]]:
        """The question with the names known that it writes small, what each of its content tokens weighs, and the
        passages to rank, without scores but all read together with the question."""
        with self.live.open() as index:
            question, weights, candidates, states = self._candidates(index, question)
            return question, weights, self._read(index, question, states, candidates)

    def _candidates(
        self, index: Index, question: Analysis, within: Source | None = None
    ) -> tuple[Analysis, tuple[float, ...], list[Passage], list[Floats]]:
        """As `candidates`, not read yet, with the states of the question's words, each way that it is to be read: the words are looked
        for while it is encoded. Of a source that the question is `within`, or that was last spoken of, or by the speakers whom it
        calls, there are as many more."""
        embedder = with_words(self.embeddings)
        topic = [token for token in question.content if evidence.says(question.topic, token.text)]
        farther = FARTHER if within or question.shown else 1
        matching = _pool().submit(_matching, index, search_keys(topic or question.content), farther * LEXICAL)
        alone = _pool().submit(embedder.query_states, question.alone) if question.alone else None
        try:
            encoded = embedder.encode_query(question.text)
        finally:
            matches = matching.result()  # the index is not to be closed before
        nearest = _nearest(index, encoded, farther * DENSE)
        first = [*islice(nearest, DENSE), *islice(matches, LEXICAL)]
        own = _of_source(index, question, within, first) if farther > 1 else range(0)
        # One that is described, and is none of the sources, is not told by some words of what another opens with.
        stands_alone = within is None and describes_document(question)
        passages = _gathered(index, question, nearest, matches, own, stands_alone=stands_alone)
        if farther == 1 and (theirs := _of_speakers(index, question, passages)):
            nearest = _nearest(index, encoded, FARTHER * DENSE)
            matches = _matching(index, search_keys(topic or question.content), FARTHER * LEXICAL)
            passages = _gathered(index, question, nearest, matches, theirs, stands_alone=stands_alone)
        question = with_names(question, passages)
        weights = evidence.weights(question, index.frequencies(search_keys(question.content)), index.sentence_count)
        calls = {
            each: [t for words in called(question, each).values() for t in words]
            for each in {p.source for p in passages}
        }
        if any(calls.values()) or any(is_named(token) for token in question.content):
            people = said_by(question)
            heard = list(dict.fromkeys(p.source.source_id for p in passages if people or calls[p.source]))[:VOICES]
            voices = voices_of(index, [p for p in passages if p.source.source_id in heard])
            passages = [with_people(p, question, (*people, *calls[p.source]), voices.get(p.number)) for p in passages]
        states = [encoded.states, *([alone.result()] if alone else ())]
        return question, weights, passages, [each for each in states if len(each)]

    def _read(
        self, index: Index, question: Analysis, states: Sequence[Floats], passages: Sequence[Passage]
    ) -> list[Passage]:
        """The passages with how surely each answers the question (`Passage.answers`), where both have words. What somebody says is
        read with the sentence that tells who says it, for whoever is asked who does; a reply with the question that it replies to, and
        in a transcript also with what was said before; any with what it stands under, where the question names that; what introduces
        a list also with its items. A follow-up that has what it is about behind it is read with that and without, which count alike:
        of 87 unanswerable turns about the article that no weight was fitted to 83 are declined so, instead of 78, and as many of the
        218 others right."""
        if not states:
            return list(passages)
        told = voices_of(index, passages if question.asks_speaker else ())
        speakers = {number: number + by.ahead for number, by in told.items()}
        replied = {p.number: p.number - 1 for p in passages if evidence.is_question(p.before)}
        spoken = _said_before(index, passages)
        above = index.matchable(number for p in passages for numbers in p.under for number in numbers)
        parts = [
            {
                p.number,
                *named_above(question, p, above),
                *(by[p.number] for by in (speakers, replied) if p.number in by),
            }
            for p in passages
        ]
        before = [set(spoken.get(p.number, ())) for p in passages]
        listed = [set(_listed(index, p)) for p in passages]
        words = index.words(
            {number for row in zip(parts, before, listed, strict=True) for each in row for number in each}
        )

        def joined(numbers: Iterable[int]) -> Codes:
            return np.concatenate([words[number] for number in sorted(numbers)])

        def read(part: Codes) -> float:
            return fmean(self.read(asked, part) for asked in states)

        def answers(own: Codes, part: Codes, wider: Sequence[tuple[Codes, float]]) -> float | None:
            part = part if len(part) <= LONGEST else own
            if not len(part):
                return None
            return max([read(part), *(read(more) - less for more, less in wider if len(more) <= LONGEST)])

        codes = [
            (
                words[p.number],
                joined(part),
                [
                    (joined(part | m)[:most], less)
                    for m, less, most in ((said, BESIDE, None), (items, 0.0, LONGEST))
                    if m - part
                ],
            )
            for p, part, said, items in zip(passages, parts, before, listed, strict=True)
        ]
        found = _pool().map(answers, *zip(*codes, strict=True)) if codes else ()
        return [replace(p, answers=each) for p, each in zip(passages, found, strict=True)]

    def titles(self) -> tuple[str, ...]:
        """The titles of the first sources; one more than are listed, so that it shows that there are more."""
        with self.live.open() as index:
            return tuple(source.title for source in islice(index.sources.values(), TITLES))


def _of_source(index: Index, question: Analysis, within: Source | None, numbers: Iterable[int]) -> range:
    """The sentences of the source that a question is within, or of that of the given ones of which words were last shown."""
    if within:
        return index.numbers_of(within.source_id)
    ids = dict.fromkeys(each.source_id for each in index.sentences(numbers))
    shown = next((each for each in ids if shows(question, index.sources[each])), None)
    return index.numbers_of(shown) if shown else range(0)


def _of_speakers(index: Index, question: Analysis, passages: Sequence[Passage]) -> frozenset[int]:
    """The sentences by speakers whom a question calls, in the transcripts that passages are of."""
    calling = [s for s in dict.fromkeys(p.source for p in passages) if called(question, s)][:VOICES]
    theirs = {each.source_id: speaks_in(question, each) for each in calling}
    return frozenset(s.number for each in theirs for s in index.of_source(each) if s.start in theirs[each])


def _gathered(
    index: Index,
    question: Analysis,
    nearest: Mapping[int, Hit],
    matches: Mapping[int, float],
    own: Container[int],
    *,
    stands_alone: bool,
) -> list[Passage]:
    """The passages that were found by either search: the first ones, and as many more of those that a question is of."""
    hits, matched = _first(nearest, DENSE, own), _first(matches, LEXICAL, own)
    return _passages(index, [*hits, *matched], question, hits, matched, stands_alone=stands_alone)


def _first(found: Mapping[int, T], count: int, own: Container[int]) -> dict[int, T]:
    """The first so many of the sentences found, and as many more of their `own` source."""
    more = [number for number in islice(found, count, None) if number in own]
    return {number: found[number] for number in [*islice(found, count), *more[:count]]}


def _nearest(index: Index, encoded: Encoded, count: int) -> dict[int, Hit]:
    return {hit.number: hit for hit in index.nearest(encoded.vector.tolist(), count)}


def _said_before(index: Index, passages: Sequence[Passage]) -> dict[int, list[int]]:
    """The sentences that were said right before passages of transcripts, by their numbers."""
    spoken = {p.number: index.numbers_of(p.source.source_id) for p in passages if speaking(p.source)}
    return {number: [n for n in range(number - BEFORE, number) if n in own] for number, own in spoken.items()}


def _listed(index: Index, passage: Passage) -> list[int]:
    """The items of the list that a passage introduces, by their numbers: it is quoted with them."""
    source = passage.source
    end = with_list(source.text, passage.start, passage.end, MAX_LIST)
    following = range(passage.number + 1, passage.number + MOST_ITEMS + 1) if end > passage.end else ()
    return [s.number for s in index.sentences(following) if s.source_id == source.source_id and s.start < end]


def _matching(index: Index, keys: frozenset[str], count: int) -> dict[int, float]:
    """The sentences that hold any of the keys, with their scores, and their tokens kept: all while the question is embedded."""
    matched = dict(index.matching(keys, count))
    index.keep_tokens(index.sentences(islice(matched, LEXICAL)))
    return matched


def with_names(question: Analysis, passages: Sequence[Passage]) -> Analysis:
    """The question with those of its unknown words as names that are names in the passages ("who is *morgulov*?")."""
    unknown = [t for t in question.content if t.kind == "word" and t.skeleton and not (t.concepts or t.parts)]
    said = {t.skeleton for p in passages for t in evidence.bag_of(p).tokens if t.kind == "name"} if unknown else set()
    named = {t: replace(t, kind="name") for t in unknown if any(same_name(t.skeleton, name) for name in said)}
    if not named:
        return question

    def linked(found: tuple[Token, ...]) -> tuple[Token, ...]:
        return tuple(named.get(token, token) for token in found)

    carried = tuple(token for token in question.carried if token not in named)
    return replace(question, content=linked(question.content), focus=linked(question.focus), carried=carried)


def absent(question: Analysis, passages: Sequence[Passage]) -> tuple[Token, ...]:
    """The content tokens of a question that no passage holds."""
    near = [passage.near for passage in passages]
    return tuple(token for at, token in enumerate(question.content) if not any(held[at] for held in near))


def _held_anywhere(index: Index, tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Those of the tokens that some sentence of the index holds."""
    occurs = index.frequencies(key for token in tokens for key in token.keys)
    return tuple(token for token in tokens if any(occurs[key] for key in token.keys))


def _passages(
    index: Index,
    numbers: Iterable[int],
    question: Analysis,
    hits: Mapping[int, Hit],
    matched: Mapping[int, float],
    *,
    stands_alone: bool = False,
) -> list[Passage]:
    """The sentences with these numbers as passages. What one stands under counts, unless it `stands_alone`, where a question says
    nothing, by a name, number or time, that is neither there nor beside it: the minutes of the 9th meeting tell of no 8th."""
    facts = [at for at, token in enumerate(question.content) if token.kind in FACTS]
    best_match = max(matched.values(), default=0.0) or 1.0
    farthest = min((hit.similarity for hit in hits.values()), default=0.0)
    wanted = dict.fromkeys(numbers)
    found = {s.number: s for s in index.sentences(number + step for number in wanted for step in (0, -1, 1))}
    sentences = [found[number] for number in wanted if number in found]
    index.keep_tokens(sentences)
    spoken = {each: bool(speaking(index.sources[each])) for each in {s.source_id for s in sentences}}
    neighbours = [tuple(_beside(found, s, step, spoken[s.source_id]) for step in (-1, 1)) for s in sentences]
    needed = [each.number for s, pair in zip(sentences, neighbours, strict=True) for each in (s, *pair) if each]
    needed += [number for sentence in sentences for numbers in sentence.under for number in numbers]
    held = {
        number: tuple(evidence.match(token, words) for token in question.content)
        for number, words in index.matchable(needed).items()
    }
    passages = []
    for sentence, (before, after) in zip(sentences, neighbours, strict=True):
        own, hit = held[sentence.number], hits.get(sentence.number)
        above = [held[number] for numbers in sentence.under for number in numbers]
        beside = [held[each.number] for each in (before, after) if each]
        known = [max(each) for each in zip(own, *above, *beside, strict=True)]
        counts = bool(above) and not stands_alone and all(known[at] for at in facts)
        under = tuple(map(max, zip(own, *above, strict=True))) if counts else own
        passages.append(
            Passage(
                source=index.sources[sentence.source_id],
                number=sentence.number,
                start=sentence.start,
                end=sentence.end,
                text=sentence.text,
                clauses=sentence.clauses,
                before=before.text if before else "",
                after=after.text if after else "",
                similarity=hit.similarity if hit else farthest,  # found by its words: no nearer than the last
                lexical=matched.get(sentence.number, 0.0) / best_match,
                held=own,
                led=tuple(map(max, under, held[before.number])) if before else under,
                followed=tuple(map(max, under, held[after.number])) if after else under,
                clause=hit.clause if hit else None,
                under=sentence.under if counts else NOTHING,
            )
        )
    return passages


def search_keys(tokens: Iterable[Token]) -> frozenset[str]:
    """The keys by which sentences are looked for."""
    return frozenset().union(*map(_index_keys, tokens))


def _index_keys(token: Token) -> frozenset[str]:
    return token.keys | token.parts | ({f"s_{token.skeleton}"} if token.skeleton else frozenset())


def _beside(
    beside: Mapping[int, IndexedSentence], sentence: IndexedSentence, step: int, is_spoken: bool
) -> IndexedSentence | None:
    """The neighbour in the same paragraph, or of a transcript in any: what one says is of what was said before."""
    other = beside.get(sentence.number + step)
    same = (
        other is not None
        and other.source_id == sentence.source_id
        and (is_spoken or other.paragraph == sentence.paragraph)
    )
    return other if same else None
