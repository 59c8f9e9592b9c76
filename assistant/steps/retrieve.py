"""Retrieve: the sentences of the index that may answer a question, ranked by dense and lexical evidence together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from assistant.index.store import Hit, Index, IndexedSentence
from assistant.steps import evidence
from assistant.text.languages import language_of
from assistant.text.questions import Analysis
from assistant.text.tokens import Token
from assistant.types import Passage, Retrieval

if TYPE_CHECKING:
    from assistant.index.store import LiveIndex

CANDIDATES = 24
"""Sentences taken from each of the dense and the lexical search."""
TITLES = 4
LEXICAL, NEAR = 0.25, 0.1
"""Weights of a passage's lexical evidence beside its cosine."""


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds `top` passages for a question. Thread-safe; synchronous, so it belongs in a pool of threads.

    Raises (when called):
        IndexUnusable: there is no index, or it cannot be read.
    """

    live: LiveIndex
    embeddings: Embeddings
    top: int = 8

    def __call__(self, question: Analysis) -> Retrieval:
        vector = self.embeddings.embed_query(question.text)
        with self.live.open() as index:
            hits = {hit.number: hit for hit in index.nearest(vector, CANDIDATES)}
            keys = {key for token in question.content for key in _index_keys(token)}
            found = index.sentences([*hits, *(number for number, _ in index.matching(keys, CANDIDATES))])
            weights = evidence.weights(question, index.frequencies(keys), index.sentence_count)
            floor = min((hit.similarity for hit in hits.values()), default=0.0)
            passages = [
                _passage(index, sentence, hits.get(sentence.number), floor, question, weights)
                for sentence in dict.fromkeys(found)
            ]
        passages.sort(key=lambda passage: (-passage.score, passage.number))
        held = [evidence.bag_of(passage) for passage in passages]
        absent = tuple(t for t in question.content if all(evidence.match(t, one) == 0 for one in held))
        return Retrieval(question, tuple(passages[: self.top]), weights, absent)

    def titles(self) -> tuple[str, ...]:
        """The titles of the first sources; one more than are listed, so that more can be told."""
        with self.live.open() as index:
            return tuple(source.title for source in islice(index.sources.values(), TITLES))


def _index_keys(token: Token) -> frozenset[str]:
    return token.keys | token.parts | ({f"s_{token.skeleton}"} if token.skeleton else frozenset())


def _passage(
    index: Index,
    sentence: IndexedSentence,
    hit: Hit | None,
    floor: float,
    question: Analysis,
    weights: tuple[float, ...],
) -> Passage:
    source = index.sources[sentence.source_id]
    language = language_of(source.language, source.text)
    before, after = _neighbours(index, sentence)
    own = evidence.bag(sentence.text, language, source.date)
    around = [evidence.bag(text, language, source.date) for text in (before, after) if text]
    lexical = evidence.coverage(question, weights, own)
    near = evidence.coverage(question, weights, own, *around)
    similarity = hit.similarity if hit else floor  # found by its words alone: no nearer than the last neighbour
    return Passage(
        source=source,
        number=sentence.number,
        start=sentence.start,
        end=sentence.end,
        text=sentence.text,
        clauses=sentence.clauses,
        before=before,
        after=after,
        similarity=similarity,
        lexical=lexical,
        near=near,
        score=similarity + LEXICAL * lexical + NEAR * near,
        clause=hit.clause if hit else None,
    )


def _neighbours(index: Index, sentence: IndexedSentence) -> tuple[str, str]:
    """The sentences before and after in the same paragraph, "" where there is none."""
    beside = {other.number: other for other in index.sentences((sentence.number - 1, sentence.number + 1))}
    same = {n: o.text for n, o in beside.items() if (o.source_id, o.paragraph) == (sentence.source_id, sentence.paragraph)}
    return same.get(sentence.number - 1, ""), same.get(sentence.number + 1, "")
