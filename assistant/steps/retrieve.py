"""Retrieve: the sentences of the index that may answer a question, ranked by dense and lexical evidence together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, groupby, islice
from typing import TypeVar

import numpy as np

from assistant.index.store import Hit, Index, IndexedSentence, LiveIndex
from assistant.models.embedder import Embedder, with_words
from assistant.models.encoder import Encoded, processors
from assistant.models.interaction import LONGEST, Codes, Reads, log_odds
from assistant.steps import evidence
from assistant.steps.claims import is_named, said_by
from assistant.steps.lines import MAX_SENTENCES, Voice, full_names, voice, voices_known
from assistant.steps.rank import rank, reordered, to_read
from assistant.steps.scope import BEGINNING, FACTS, describes_document, named_above, named_source, shows
from assistant.steps.speakers import by_speaker, own_first, told_by
from assistant.steps.summary import summary
from assistant.text.about import about_itself, about_paragraph, about_publisher, about_signature, reported
from assistant.text.languages import language_of
from assistant.text.layout import NOTHING, is_heading
from assistant.text.lexicon import group
from assistant.text.normalise import same_name
from assistant.text.questions import Analysis
from assistant.text.sentences import split
from assistant.text.tokens import Token
from assistant.types import Passage, Retrieval, Source

DENSE, LEXICAL = 16, 8
"""Sentences taken from the dense and from the lexical search. With half as many again, which take half as long again to rank,
more questions have the right sentence among them (2 in 100 of IDK-MRC's and the article's), and no more have it first."""
FARTHER = 8
"""So many times as far it is looked for more sentences of the source that a question is about."""
TITLES = 4
VOICES = 3
"""Sources, the nearest ones, in which it is looked who says what: one of 40 sentences takes 2 to 4 ms when it is first asked
about, with the tokens that the index keeps, and 7 to 9 without."""
SUMMED_UP = 500
"""Sentences of a source that its summary is made from, the first ones."""


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

    def __call__(self, question: Analysis) -> Retrieval:
        with self.live.open() as index:
            question, weights, candidates, encoded = self._candidates(index, question)
            if named := named_source(question, list(dict.fromkeys(each.source for each in candidates))):
                source, asked = named
                question, weights, candidates, encoded = self._candidates(index, asked, source)
                candidates = [each for each in candidates if each.source.source_id == source.source_id]
            ranked = rank(question, weights, candidates, self.ranking)
            if ranked and question.retold:
                ranked = _of_speaker(question, ranked)
                question = replace(question, whole=question.whole or _is_whole(question, ranked[0].source))
            told = self._publisher(index, ranked[0].source, question) if ranked and about_publisher(question) else ()
            if told:
                question, ranked = replace(question, published=True), told
            elif ranked and about_itself(question):
                ranked = self._part(index, ranked[0].source.source_id, question)
            else:
                own, others = by_speaker(question, ranked)
                few = to_read(own)
                ranked = reordered((*self._read(index, question, encoded, own[:few]), *own[few:], *others))
                ranked = own_first(question, ranked, few)
            missing = absent(question, ranked)
            elsewhere = _held_anywhere(index, missing)
        return Retrieval(question, ranked[: self.top], weights, missing, elsewhere)

    def candidates(self, question: Analysis) -> tuple[Analysis, tuple[float, ...], list[Passage]]:
        """The question with the names known that it writes small, what each of its content tokens weighs, and the
        passages to rank, without scores but all read together with the question."""
        with self.live.open() as index:
            question, weights, candidates, encoded = self._candidates(index, question)
            return question, weights, self._read(index, question, encoded, candidates)

    def _candidates(
        self, index: Index, question: Analysis, within: Source | None = None
    ) -> tuple[Analysis, tuple[float, ...], list[Passage], Encoded]:
        """As `candidates`, not read yet, with what was encoded: the words are looked for while the question is. Of a source that the
        question is `within`, or that was last spoken of, there are as many more."""
        topic = [token for token in question.content if evidence.says(question.topic, token.text)]
        farther = FARTHER if within or question.shown else 1
        matching = _pool().submit(_matching, index, search_keys(topic or question.content), farther * LEXICAL)
        try:
            encoded = with_words(self.embeddings).encode_query(question.text)
        finally:
            matches = matching.result()  # the index is not to be closed before
        nearest = {hit.number: hit for hit in index.nearest(encoded.vector.tolist(), farther * DENSE)}
        first = [*islice(nearest, DENSE), *islice(matches, LEXICAL)]
        own = _of_source(index, question, within, first) if farther > 1 else range(0)
        hits, matched = _first(nearest, DENSE, own), _first(matches, LEXICAL, own)
        # One that is described, and is none of the sources, is not told by some words of what another opens with.
        stands_alone = within is None and describes_document(question)
        passages = _passages(index, [*hits, *matched], question, hits, matched, stands_alone=stands_alone)
        question = with_names(question, passages)
        weights = evidence.weights(question, index.frequencies(search_keys(question.content)), index.sentence_count)
        if any(is_named(token) for token in question.content):
            people = said_by(question)
            heard = list(dict.fromkeys(each.source.source_id for each in passages if people))[:VOICES]
            voices = _voices(index, [p for p in passages if p.source.source_id in heard])
            passages = [_with_people(p, question, people, voices.get(p.number)) for p in passages]
        return question, weights, passages, encoded

    def _read(self, index: Index, question: Analysis, encoded: Encoded, passages: Sequence[Passage]) -> list[Passage]:
        """The passages with how surely each answers the question (`Passage.answers`), where both have words. Whoever is asked
        who said something is to find it in one piece: what somebody says is read with the sentence that tells who says it; a reply
        with the question that it replies to; and any with what it stands under, where the question names that."""
        if not len(encoded.states):
            return list(passages)
        told = _voices(index, passages if question.asks_speaker else ())
        speakers = {number: number + by.ahead for number, by in told.items()}
        replied = {p.number: p.number - 1 for p in passages if evidence.is_question(p.before)}
        above = index.matchable(number for p in passages for numbers in p.under for number in numbers)
        parts = [
            sorted(
                {
                    p.number,
                    *named_above(question, p, above),
                    *(by[p.number] for by in (speakers, replied) if p.number in by),
                }
            )
            for p in passages
        ]
        words = index.words(chain.from_iterable(parts))
        joined = [np.concatenate([words[number] for number in numbers]) for numbers in parts]
        codes = [both if len(both) <= LONGEST else words[p.number] for p, both in zip(passages, joined, strict=True)]

        def answers(each: Codes) -> float | None:
            return self.read(encoded.states, each) if len(each) else None

        return [replace(p, answers=found) for p, found in zip(passages, _pool().map(answers, codes), strict=True)]

    def titles(self) -> tuple[str, ...]:
        """The titles of the first sources; one more than are listed, so that it shows that there are more."""
        with self.live.open() as index:
            return tuple(source.title for source in islice(index.sources.values(), TITLES))

    def _publisher(self, index: Index, source: Source, question: Analysis) -> tuple[Passage, ...]:
        """The sentences of a source that name whoever published it; () where it is about something else than is asked."""
        name, topic = source.publisher, reported(question)
        if not name or not _is_all_about(source, topic):
            return ()
        # In its case: "Antara" is an agency, "antara" is between.
        named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        naming = [each.number for each in index.of_source(source.source_id) if named.search(each.text)]
        return tuple(_passages(index, naming[: self.top], question, {}, {}))

    def _part(self, index: Index, source_id: str, question: Analysis) -> tuple[Passage, ...]:
        """The sentences of a source that sum it up, then the first of the others; where it is asked where it is from, the
        first ones, and how it is signed, the last one. Of a paragraph that is asked for, or of what somebody said, those of it."""
        source = index.sources[source_id]
        sentences = _of_paragraph(source, index.of_source(source_id), about_paragraph(question))
        theirs = told_by(question, source)
        sentences = [each for each in sentences if not theirs or each.start in theirs]
        if not sentences:
            return ()
        if about_signature(question):
            return tuple(_passages(index, [each.number for each in sentences[-1:]], question, {}, {}))
        opening = _passages(index, [each.number for each in sentences[: self.top]], question, {}, {})
        if question.asks == "place":
            return tuple(opening)
        read = sentences[:SUMMED_UP]
        words = index.matchable(each.number for each in read)
        places = summary([e.text for e in read], [words[e.number] for e in read], opening[0].language)
        main = _passages(index, [read[at].number for at in places], question, {}, {})
        others = [passage for passage in opening if passage.number not in {each.number for each in main}]
        return (*main, *others)[: self.top]


def _of_paragraph(source: Source, sentences: list[IndexedSentence], which: int) -> list[IndexedSentence]:
    """Those of a paragraph, from 1 on, or -1 for the last; none where there are fewer, all for 0. Headings are none."""
    if not which:
        return sentences
    kept = [each for each in sentences if not is_heading(source.text, each.start, each.end)]
    paragraphs = [list(same) for _, same in groupby(kept, key=lambda each: each.paragraph)]
    at = which - 1 if which > 0 else which
    return paragraphs[at] if -len(paragraphs) <= at < len(paragraphs) else []


def _of_source(index: Index, question: Analysis, within: Source | None, numbers: Iterable[int]) -> range:
    """The sentences of the source that a question is within, or of that of the given ones of which words were last shown."""
    if within:
        return index.numbers_of(within.source_id)
    ids = dict.fromkeys(each.source_id for each in index.sentences(numbers))
    shown = next((each for each in ids if shows(question, index.sources[each])), None)
    return index.numbers_of(shown) if shown else range(0)


def _first(found: Mapping[int, T], count: int, own: range) -> dict[int, T]:
    """The first so many of the sentences found, and as many more of their `own` source."""
    more = [number for number in islice(found, count, None) if number in own]
    return {number: found[number] for number in [*islice(found, count), *more[:count]]}


def _matching(index: Index, keys: frozenset[str], count: int) -> dict[int, float]:
    """The sentences that hold any of the keys, with their scores, and their tokens kept: all while the question is embedded."""
    matched = dict(index.matching(keys, count))
    index.keep_tokens(index.sentences(islice(matched, LEXICAL)))
    return matched


def _is_whole(question: Analysis, source: Source) -> bool:
    """Whether the summary that a question wants is one of the source ("Summarise the meeting"), or of all that somebody says there;
    what somebody said of something, or a thing that is no more than named there, is not."""
    if told_by(question, source):
        return True
    meets = [not token.keys.isdisjoint(group("gathering")) for token in question.retold]
    if question.speaks_of_saying or not any(meets):
        return not question.speaks_of_saying and _is_all_about(source, question.retold, opening=_first_sentence(source))
    return all(meets) or _is_all_about(source, question.retold)


def _of_speaker(question: Analysis, ranked: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Ranked passages, first those of the source in which somebody speaks of whose words a summary is wanted, if there is one."""
    sources = islice(dict.fromkeys(passage.source for passage in ranked), VOICES)
    theirs = next((source for source in sources if told_by(question, source)), None)
    return tuple(sorted(ranked, key=lambda passage: passage.source is not theirs)) if theirs else ranked


def _first_sentence(source: Source) -> int:
    return next((sentence.end for sentence in split(source.text[:BEGINNING])), 0)


def _is_all_about(source: Source, topic: Sequence[Token], opening: int = BEGINNING) -> bool:
    """Whether a source's title and beginning, so many code points, name the whole of a topic."""
    begun = evidence.bag(f"{source.title}\n{source.text[:opening]}", language_of(source.language, source.text))
    return all(evidence.match(token, begun) for token in topic)


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
    neighbours = [tuple(_beside(found, sentence, step) for step in (-1, 1)) for sentence in sentences]
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


def _voices(index: Index, passages: Sequence[Passage]) -> dict[int, Voice]:
    """Who says what passages give, by their numbers, as far as their sources tell: these are read whole."""
    for source in dict.fromkeys(passage.source for passage in passages):
        if not voices_known(source) and len(sentences := index.of_source(source.source_id)) <= MAX_SENTENCES:
            index.keep_tokens(sentences)
    return {passage.number: told for passage in passages if (told := voice(passage))}


def _with_people(passage: Passage, question: Analysis, speakers: tuple[Token, ...], told: Voice | None) -> Passage:
    """A passage that holds the full names of those whom it names in part, and, of the speakers that a question is about,
    its own speaker's, in whatever sentence that stands."""
    named = tuple(token for token in question.content if is_named(token))
    names = [*((name, named) for name in full_names(passage)), *([(told.name, speakers)] if told else [])]
    if not names:
        return passage
    bags = [(evidence.bag(name, passage.language), asked) for name, asked in names]
    by = tuple(max(evidence.match(t, bag) if t in asked else 0.0 for bag, asked in bags) for t in question.content)
    held, led, followed = (tuple(map(max, own, by)) for own in (passage.held, passage.led, passage.followed))
    return replace(passage, held=held, led=led, followed=followed)


def search_keys(tokens: Iterable[Token]) -> frozenset[str]:
    """The keys by which sentences are looked for."""
    return frozenset().union(*map(_index_keys, tokens))


def _index_keys(token: Token) -> frozenset[str]:
    return token.keys | token.parts | ({f"s_{token.skeleton}"} if token.skeleton else frozenset())


def _beside(beside: Mapping[int, IndexedSentence], sentence: IndexedSentence, step: int) -> IndexedSentence | None:
    """The neighbour in the same paragraph."""
    other = beside.get(sentence.number + step)
    same = other is not None and (other.source_id, other.paragraph) == (sentence.source_id, sentence.paragraph)
    return other if same else None
