"""Fits the numbers in `models/words.npz` to answerable questions of public sets.

    python -m assistant.evaluation.fit_words --idk-mrc train.json --xquad xquad.en.json xquad.vi.json [--write]

IDK-MRC's training split (see `calibrate`; other paragraphs than that takes) is Indonesian asked of Indonesian; XQuAD
(Artetxe et al. 2020, github.com/google-deepmind/xquad, CC BY-SA; the first half of its documents) gives English and
Vietnamese asked of English. The directions are the principal components of the states of the passages' pieces. The
necessity of a content word is a ridge regression, on its state, of how near the answering sentence and those beside it
come to it, standardised within languages and between them, where all words come less near.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.evaluation.calibrate import PARAGRAPHS, SEED
from assistant.models.encoder import PASSAGE, QUERY, Encoded, Floats, load_encoder
from assistant.models.words import DIMENSIONS, FILE, WordSpace, cosines, unit
from assistant.text.questions import analyse
from assistant.text.sentences import split

DRAWN = 2_800
"""Paragraphs of IDK-MRC."""
RIDGE = 5.0
SAME = ("id-id", "en-en")
"""The pairs of one language."""
OUTPUT = Path(__file__).parents[1] / "models" / FILE


@dataclass(frozen=True, slots=True)
class Asked:
    """An answerable question, and the sentence that answers it with those beside it."""

    question: str
    language: str
    pair: str  # of whose languages
    said: tuple[str, ...]


def of_idk_mrc(path: Path) -> Iterator[Asked]:
    """The answerable questions on `DRAWN` paragraphs that `calibrate` does not draw."""
    paragraphs = json.loads(path.read_text(encoding="utf-8"))
    for at in np.random.default_rng(SEED).permutation(len(paragraphs))[PARAGRAPHS : PARAGRAPHS + DRAWN]:
        context = paragraphs[at]["context"]
        for asked in paragraphs[at]["qas"]:
            if not asked["is_impossible"]:
                yield Asked(asked["question"], "id", "id-id", _around(context, asked["answers"][0]["answer_start"]))


def of_xquad(english: Path, other: Path) -> Iterator[Asked]:
    """The questions in both languages on the English text."""
    documents, others = (json.loads(path.read_text(encoding="utf-8"))["data"] for path in (english, other))
    language = other.suffixes[0].lstrip(".")
    for document, translated in zip(documents[: len(documents) // 2], others, strict=False):
        for paragraph, same in zip(document["paragraphs"], translated["paragraphs"], strict=True):
            for asked, again in zip(paragraph["qas"], same["qas"], strict=True):
                said = _around(paragraph["context"], asked["answers"][0]["answer_start"])
                yield Asked(asked["question"], "en", "en-en", said)
                yield Asked(again["question"], language, f"{language}-en", said)


def _around(context: str, place: int) -> tuple[str, ...]:
    sentences = split(context)
    at = next(n for n, sentence in enumerate(sentences) if place < sentence.end)
    return tuple(context[each.start : each.end] for each in sentences[max(0, at - 1) : at + 2])


def fit(questions: Sequence[Asked]) -> tuple[WordSpace, str]:
    """The numbers, and what was measured on every fifth question, which the necessity was not fitted to."""
    encoder = load_encoder()
    texts = list(dict.fromkeys(text for asked in questions for text in asked.said))
    read: Mapping[str, Encoded] = dict(zip(texts, encoder.encode(texts, PASSAGE), strict=True))
    encoded = encoder.encode([asked.question for asked in questions], QUERY)
    spans = [[(t.start, t.end) for t in analyse(asked.question, asked.language).content] for asked in questions]
    states = [
        np.stack([each.state(start, end) for start, end in places]) if places else np.empty((0, encoder.dimension))
        for each, places in zip(encoded, spans, strict=True)
    ]
    said = np.concatenate([each.states for each in read.values()])
    said_mean, asked_mean = said.mean(axis=0), np.concatenate(states).mean(axis=0).astype(np.float32)
    _, components = np.linalg.eigh(np.cov((said - said_mean).T))
    directions = components[:, ::-1][:, :DIMENSIONS].astype(np.float32)
    unfitted = np.zeros(encoder.dimension + 1, dtype=np.float32)
    space = WordSpace(asked_mean, said_mean, directions, unfitted, np.zeros((2, 2), dtype=np.float32))
    codes = {text: space.codes(each.states) for text, each in read.items()}
    near = [
        cosines(space.asked(each, places), [codes[text] for text in asked.said]).max(axis=0)
        for asked, each, places in zip(questions, encoded, spans, strict=True)
    ]
    pair = np.concatenate([np.full(len(each), asked.pair) for asked, each in zip(questions, near, strict=True)])
    fifth = np.concatenate([np.full(len(each), n % 5 == 0) for n, each in enumerate(near)])
    standard = np.concatenate(near)
    same = np.isin(pair, SAME)
    usual = np.array([[standard[each].mean(), standard[each].std()] for each in (same, ~same)], dtype=np.float32)
    for each, (mean, deviation) in zip((same, ~same), usual, strict=True):
        standard[each] = (standard[each] - mean) / deviation
    inputs = unit(np.concatenate(states).astype(np.float32) - asked_mean)
    tried = _ridge(inputs[~fifth], standard[~fifth])
    told = inputs[fifth] @ tried[:-1] + tried[-1]
    agrees = {
        str(each): np.corrcoef(told[pair[fifth] == each], standard[fifth & (pair == each)])[0, 1]
        for each in np.unique(pair)
    }
    measured = (
        f"{len(questions)} questions, {len(standard)} content words; correlation of the necessity with how near "
        + ("the answering sentences come, on a fifth held out: " + ", ".join(f"{k} {v:.2f}" for k, v in agrees.items()))
    )
    return WordSpace(asked_mean, said_mean, directions, _ridge(inputs, standard), usual), measured


def _ridge(inputs: Floats, wanted: Floats) -> Floats:
    rows = np.hstack([inputs, np.ones((len(inputs), 1), dtype=np.float32)]).astype(np.float64)
    found: Floats = np.linalg.solve(rows.T @ rows + RIDGE * np.eye(rows.shape[1]), rows.T @ wanted).astype(np.float32)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fit models/words.npz to answerable questions.")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="train.json of IDK-MRC")
    parser.add_argument("--xquad", type=Path, nargs=2, required=True, help="xquad.en.json and that of another language")
    parser.add_argument("--write", action="store_true", help="write the file instead of only measuring")
    options = parser.parse_args()
    space, measured = fit([*of_idk_mrc(options.idk_mrc), *of_xquad(*options.xquad)])
    print(measured)
    if options.write:
        source = f"IDK-MRC, training split; XQuAD en, {options.xquad[1].suffixes[0]}; {dt.date.today()}; {measured}"
        arrays = {name: getattr(space, name) for name in WordSpace.__dataclass_fields__}
        np.savez_compressed(OUTPUT, **arrays, source=np.array(source))


if __name__ == "__main__":
    main()
