"""Questions with sentences that answer them and sentences that do not, as the network that reads learns from them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from assistant.evaluation.calibrate import retrieval
from assistant.evaluation.samples import PARAGRAPHS, SEED, Sample, fold_of
from assistant.index.vectors import title_before
from assistant.models.encoder import PASSAGE, QUERY, load_encoder
from assistant.steps.calibration import calibration
from assistant.text.sentences import split

TOP = 3
"""Of the other sentences of a text those most like the question, to tell from the right one."""
NEAR = 0.6
"""What a near miss counts, of the 1 that the right sentence does; another sentence of the text counts the rest."""
JOINED = 1 / 4
"""The share of sentences that are read with another one before or after them, where there is one: what says much besides
answers no less, and a quotation is read together with the sentence that tells whose it is."""
CASE_WRONG = 0.7
"""What a sentence that does not answer a case counts."""
HELD_OUT = 10
"""Of our texts those whose number this divides are kept for measuring."""
NEWER = "article/article-close"
"""The cases that were written when the network had learned from the others: it learns from them by a change of low rank, for a new
network would take two megabytes more of the history."""
UNTITLED = 4
"""Of our texts one in so many is read without its title, as a source is that has none but the name of its file."""


class Said(NamedTuple):
    """A sentence, and the title that stands before it when the encoder reads it, as in the index."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Taught:
    """A question. `right` are sentences that answer it, one of which is drawn for each epoch, if there are any; `wrong`
    groups of sentences that do not, with what one drawn of each counts; `beside` sentences that say nothing about it."""

    question: str
    right: tuple[Said, ...]
    wrong: tuple[tuple[tuple[Said, ...], float], ...]
    beside: tuple[Said, ...] = ()
    held_out: bool = False
    fold: int | None = None  # of a case
    newer: bool = False  # a case that the network learns from at the end


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with a sentence (places among the texts encoded), whether it answers, and what that counts."""

    question: int
    sentences: tuple[int, ...]  # one, or two that are read as one
    answers: bool
    counts: float
    nearly: bool = False  # a near miss


class States:
    """What the encoder makes of texts, each encoded once. Half precision: there are some 4,000,000 pieces."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._place: dict[Said, int] = {}
        self.states: list[Tensor] = []
        self.vectors: list[np.ndarray] = []

    def add(self, texts: Sequence[Said]) -> None:
        new = sorted({text for text in texts if text not in self._place}, key=lambda text: text.title)
        for title, group in groupby(new, lambda text: text.title):
            of_title = list(group)
            for at in range(0, len(of_title), 256):
                some = of_title[at : at + 256]
                encoded = load_encoder().encode([text.text for text in some], self._prefix + title)
                for text, of_text in zip(some, encoded, strict=True):
                    self._place[text] = len(self.states)
                    self.states.append(torch.tensor(of_text.states).half())
                    self.vectors.append(of_text.vector)

    def place(self, text: Said) -> int:
        return self._place[text]

    def of(self, places: Sequence[int]) -> Tensor:
        """The states of texts that are read as one (pieces x 384)."""
        return torch.cat([self.states[place].float() for place in places])


def of_reading(folder: Path) -> Iterator[Taught]:
    """The questions on our own texts. What is no answer are the other sentences of the text, and the counterfactuals of its
    other questions that were made from other sentences than those which this one is about."""
    titles = dict(line.split("\t") for line in (folder / "titles.tsv").read_text(encoding="utf-8").splitlines())
    for text in _lines(folder):
        number = int(text["id"].rpartition("-")[2])
        title = f"{titles[text['id']]}: " if number % UNTITLED else ""
        sentences, held_out = [Said(each, title) for each in text["sentences"]], number % HELD_OUT == 0
        for asked in text["questions"]:
            answered_by = {sentences[at] for at in asked.get("answered_by", ())}
            others = tuple(sentence for sentence in sentences if sentence not in answered_by)
            elsewhere = (each for each in text["questions"] if _about(each).isdisjoint(_about(asked)))
            changed = tuple(dict.fromkeys(Said(each["counterfactual"], title) for each in elsewhere))
            counterfactual = (Said(asked["counterfactual"], title),)
            if answered_by:
                right, near = tuple(sorted(answered_by)), counterfactual
            else:
                right, near = counterfactual, tuple(sentences[at] for at in asked["near"])
            beside = tuple(sentence for sentence in others if sentence not in near)
            yield Taught(asked["question"], right, ((near, NEAR), ((*others, *changed), 1 - NEAR)), beside, held_out)


def _about(asked: Mapping[str, Any]) -> set[int]:
    """The sentences that a question is about: those that answer it, or nearly."""
    return {*asked.get("answered_by", ()), *asked.get("near", ())}


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def of_idk_mrc(path: Path) -> Iterator[Taught]:
    """The questions on the paragraphs that `calibrate` does not draw, with the sentences of their paragraph."""
    paragraphs = json.loads(path.read_text(encoding="utf-8"))
    for at in np.random.default_rng(SEED).permutation(len(paragraphs))[PARAGRAPHS:]:
        context = paragraphs[at]["context"]
        for asked in paragraphs[at]["qas"]:
            place = None if asked["is_impossible"] else asked["answers"][0]["answer_start"]
            yield _on_context(asked["question"], context, place)


def of_xquad(english: Path, other: Path) -> Iterator[Taught]:
    """The questions in both languages, with the sentences of their English paragraph."""
    documents, others = (json.loads(path.read_text(encoding="utf-8"))["data"] for path in (english, other))
    for document, translated in zip(documents[: len(documents) // 2], others, strict=False):
        for paragraph, same in zip(document["paragraphs"], translated["paragraphs"], strict=True):
            for asked, again in zip(paragraph["qas"], same["qas"], strict=True):
                place = asked["answers"][0]["answer_start"]
                yield _on_context(asked["question"], paragraph["context"], place)
                yield _on_context(again["question"], paragraph["context"], place)


def _on_context(question: str, context: str, place: int | None) -> Taught:
    right, others = list[Said](), list[Said]()
    for sentence in split(context):
        answers = place is not None and sentence.start <= place < sentence.end
        (right if answers else others).append(Said(context[sentence.start : sentence.end]))
    return Taught(question, tuple(right), ((tuple(others), 1.0),))


def of_cases(samples: Sequence[Sample]) -> Iterator[Taught]:
    """The cases with the sentences that they would be read with: those that hold gold, and of the best ones that do not."""
    ranking = np.array(list(calibration().ranking.values()))
    for sample in samples:
        best = [passage.number for passage in retrieval(sample, ranking).passages[:TOP]]
        said = {each.number: Said(each.text, title_before(each.source, each.start)) for each in sample.candidates}
        right = [each.number for each, good in zip(sample.candidates, sample.right, strict=True) if good]
        wrong = [number for number in best if number not in right]
        groups = [wrong] if right else [wrong[:1], wrong[1:]]
        yield Taught(
            sample.question.text,
            tuple(said[number] for number in right[:TOP]),
            tuple((tuple(said[number] for number in group), CASE_WRONG) for group in groups if group),
            fold=fold_of(sample.cluster),
            newer=sample.cluster.startswith(NEWER),
        )


class Material:
    """The questions with their texts encoded; of each group of wrong sentences the `TOP` most like the question are kept."""

    def __init__(self, taught: Sequence[Taught]) -> None:
        self.questions, self.sentences = States(QUERY), States(PASSAGE)
        self.questions.add([Said(each.question) for each in taught])
        self.sentences.add([text for each in taught for group in _groups(each) for text in group])
        self._rows = [self._row(each) for each in taught]

    def _row(self, taught: Taught) -> _Row:
        question = self.questions.place(Said(taught.question))
        wrong = [(self._like(question, group), counts) for group, counts in taught.wrong if group]
        right, beside = ([self.sentences.place(text) for text in texts] for texts in (taught.right, taught.beside))
        return _Row(taught.held_out, taught.fold, taught.newer, question, right, wrong, beside)

    def _like(self, question: int, group: Sequence[Said]) -> list[int]:
        places = [self.sentences.place(text) for text in group]
        vector = self.questions.vectors[question]
        return sorted(places, key=lambda place: -float(self.sentences.vectors[place] @ vector))[:TOP]

    def pairs(self, rng: np.random.Generator, *, held_out: bool = False) -> list[Pair]:
        """A sentence that answers and one of each kind that does not, drawn for each question; of the texts held out, where
        none is joined to another, or of all else."""
        rows = (row for row in self._rows if row.fold is None and row.held_out is held_out)
        return [pair for row in rows for pair in row.pairs(rng, () if held_out else row.beside)]

    def case_pairs(self, rng: np.random.Generator, without: int | None, *, newer: bool = False) -> list[Pair]:
        """The same of the cases but those of a fold, of the newer ones or of the others."""
        rows = (row for row in self._rows if row.fold not in (None, without) and row.newer is newer)
        return [pair for row in rows for pair in row.pairs(rng, ())]


@dataclass(frozen=True, slots=True)
class _Row:
    """A question as `Taught` has it, by the places of the texts."""

    held_out: bool
    fold: int | None
    newer: bool
    question: int
    right: list[int]
    wrong: list[tuple[list[int], float]]
    beside: list[int]

    def pairs(self, rng: np.random.Generator, beside: Sequence[int]) -> Iterator[Pair]:
        """A sentence that answers, if there is one, and one of each group that does not."""
        if self.right:
            yield Pair(self.question, _drawn(self.right, beside, rng), True, 1.0)
        for n, (group, counts) in enumerate(self.wrong):
            nearly = len(self.wrong) == 2 and n == 0
            yield Pair(self.question, _drawn(group, beside, rng), False, counts, nearly=nearly)


def _drawn(group: Sequence[int], beside: Sequence[int], rng: np.random.Generator) -> tuple[int, ...]:
    """One of a group, now and then with one beside it."""
    one = int(rng.choice(group))
    if not beside or rng.random() >= JOINED:
        return (one,)
    other = int(rng.choice(beside))
    if other == one:
        return (one,)
    return (one, other) if rng.random() < 0.5 else (other, one)


def _groups(taught: Taught) -> list[tuple[Said, ...]]:
    return [taught.right, *(group for group, _ in taught.wrong), taught.beside]
