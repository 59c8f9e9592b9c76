"""Fits the network that tells whether a sentence answers a question, to questions with sentences that do and that do not.

    pip install torch onnxscript
    python evals/fit_interaction.py --idk-mrc train.json --xquad xquad.en.json xquad.vi.json [--write]

`evals/reading` has texts written for this project with questions on them. To each belongs a counterfactual (Kaushik et al.
2020): to an unanswerable question a sentence that would answer it, to an answerable one a sentence that nearly does. So
the question alone tells nothing. IDK-MRC's training split (see `calibrate`; other paragraphs than that takes) adds real
texts; XQuAD (Artetxe et al. 2020, github.com/google-deepmind/xquad, CC BY-SA; the first half of its documents) English and
Vietnamese asked of English. Every tenth of our texts is kept for measuring.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import lzma
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.nn import functional

from assistant.evaluation.calibrate import PARAGRAPHS, SEED, auc
from assistant.models import interaction
from assistant.models.encoder import BLOCK, PASSAGE, QUERY, WORDS_LAYER, load_encoder
from assistant.models.graph import send_nothing
from assistant.models.interaction import CODING, DIMENSIONS, READING
from assistant.text.sentences import split

ALL_LAYERS, HEADS, EPSILON = 12, 12, 1e-12
"""The encoder's."""
STRESS = 3.0
"""Of nearness, so that it is as large as the rest of what a layer is given."""
MOST, SPREADS = 127, 4
"""A byte holds up to four standard deviations."""
DROPOUT = 0.1
EPOCHS, BATCH, WARM, DECAY = 3, 64, 200, 0.02
RATE, RATE_OF_LAYERS = 1e-3, 3e-4
"""Of what is learned from nothing, and of what was learned before."""
BITS = 4
"""Of the dense layers that ship: nothing is lost by it."""
SAMPLE = 10_000
"""Texts of which means and spreads are taken."""
CERTAIN = 0.975
"""What a sentence that answers is taught to be (Szegedy et al. 2016): labels are wrong now and then."""
TOP = 3
"""Of the other sentences of a text those most like the question, to tell from the right one."""
NEAR = 0.6
"""What a near miss counts, of the 1 that the right sentence does; another sentence of the text counts the rest."""
JOINED = 1 / 3
"""Of our questions, the share whose sentences are also read with another one joined to them."""
HELD_OUT = 10
"""Of our texts those whose number this divides are kept for measuring."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A question. `right` are sentences that answer it, one of which is drawn for each epoch, if there are any; `wrong`
    groups of sentences that do not, with what one drawn of each counts."""

    question: str
    right: tuple[str, ...]
    wrong: tuple[tuple[tuple[str, ...], float], ...]
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with a sentence (places among the texts encoded), whether it answers, and what that counts."""

    question: int
    sentence: int
    answers: bool
    counts: float
    nearly: bool = False  # a near miss


class States:
    """What the encoder makes of texts, each encoded once. Half precision: there are some 3,000,000 pieces."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._place: dict[str, int] = {}
        self.states: list[Tensor] = []
        self.vectors: list[np.ndarray] = []

    def add(self, texts: Sequence[str]) -> None:
        new = list(dict.fromkeys(text for text in texts if text not in self._place))
        for at in range(0, len(new), 256):
            for text, encoded in zip(
                new[at : at + 256], load_encoder().encode(new[at : at + 256], self._prefix), strict=True
            ):
                self._place[text] = len(self.states)
                self.states.append(torch.tensor(encoded.states).half())
                self.vectors.append(encoded.vector)

    def place(self, text: str) -> int:
        return self._place[text]


def of_reading(folder: Path) -> Iterator[Taught]:
    """The questions on our own texts. A third of them also have their sentences with another one joined to each: a sentence
    that says much besides answers no less."""
    for text in _lines(folder):
        sentences, held_out = text["sentences"], int(text["id"].rpartition("-")[2]) % HELD_OUT == 0
        rng = np.random.default_rng(list(text["id"].encode()))
        for asked in text["questions"]:
            answered_by = {sentences[at] for at in asked.get("answered_by", ())}
            others = tuple(sentence for sentence in sentences if sentence not in answered_by)
            if answered_by:
                right, near = tuple(sorted(answered_by)), (asked["counterfactual"],)
            else:
                right, near = (asked["counterfactual"],), tuple(sentences[at] for at in asked["near"])
            if rng.random() < JOINED:
                beside = str(rng.choice([sentence for sentence in others if sentence not in near]))
                right, near = ((*texts, *(_joined(text, beside, rng) for text in texts)) for texts in (right, near))
            yield Taught(asked["question"], right, ((near, NEAR), (others, 1 - NEAR)), held_out)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _joined(text: str, beside: str, rng: np.random.Generator) -> str:
    first, then = (text, beside) if rng.random() < 0.5 else (beside, text)
    return f"{first.rstrip('.')}; {then}"


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
    right, others = list[str](), list[str]()
    for sentence in split(context):
        answers = place is not None and sentence.start <= place < sentence.end
        (right if answers else others).append(context[sentence.start : sentence.end])
    return Taught(question, tuple(right), ((tuple(others), 1.0),))


class Material:
    """The questions with their texts encoded; of each group of wrong sentences the `TOP` most like the question are kept."""

    def __init__(self, taught: Sequence[Taught]) -> None:
        self.questions, self.sentences = States(QUERY), States(PASSAGE)
        self.questions.add([each.question for each in taught])
        self.sentences.add([text for each in taught for group in _groups(each) for text in group])
        self._rows = [self._row(each) for each in taught]

    def _row(self, taught: Taught) -> tuple[bool, int, list[int], list[tuple[list[int], float]]]:
        question = self.questions.place(taught.question)
        wrong = [(self._like(question, group), counts) for group, counts in taught.wrong if group]
        return taught.held_out, question, [self.sentences.place(text) for text in taught.right], wrong

    def _like(self, question: int, group: Sequence[str]) -> list[int]:
        places = [self.sentences.place(text) for text in group]
        vector = self.questions.vectors[question]
        return sorted(places, key=lambda place: -float(self.sentences.vectors[place] @ vector))[:TOP]

    def pairs(self, rng: np.random.Generator, *, held_out: bool = False) -> list[Pair]:
        """A sentence that answers and one of each kind that does not, drawn for each question; of the texts held out, or
        of all else."""
        found: list[Pair] = []
        for kept, question, right, wrong in self._rows:
            if kept is held_out:
                found += [Pair(question, int(rng.choice(right)), True, 1.0)] if right else []
                found += [
                    Pair(question, int(rng.choice(group)), False, counts, nearly=len(wrong) == 2 and n == 0)
                    for n, (group, counts) in enumerate(wrong)
                ]
        return found


def _groups(taught: Taught) -> list[tuple[str, ...]]:
    return [taught.right, *(group for group, _ in taught.wrong)]


# --- the network -----------------------------------------------------------------------------------------------------


class Layer(nn.Module):
    """A layer of the encoder, to begin with as that has it, over the pieces of two texts."""

    def __init__(self, number: int) -> None:
        super().__init__()
        query, key, value, mixing, up, down = (f"l{number}.{name}" for name in ("q", "k", "v", "ao", "fi", "fo"))
        self.attention, self.mixing = _dense(query, key, value), _dense(mixing)
        self.up, self.down = _dense(up), _dense(down)
        self.attention_norm, self.norm = _norm(f"l{number}.aln"), _norm(f"l{number}.oln")

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        shape = (*x.shape[:2], 3, HEADS, x.shape[-1] // HEADS)
        query, key, value = self.attention(x).view(shape).permute(2, 0, 3, 1, 4)
        taken = functional.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None, :])
        x = self.attention_norm(x + self._dropped(self.mixing(taken.transpose(1, 2).reshape(x.shape))))
        found: Tensor = self.norm(x + self._dropped(self.down(functional.gelu(self.up(x)))))
        return found

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)


def _weight(name: str) -> Tensor:
    return torch.tensor(load_encoder().weight(name))


def _dense(*names: str) -> nn.Linear:
    """The dense layers of these names as one that gives what each gives."""
    weights, biases = (torch.cat([_weight(f"{name}.{kind}") for name in names]) for kind in "wb")
    found = nn.Linear(*weights.T.shape)
    found.weight, found.bias = nn.Parameter(weights), nn.Parameter(biases)
    return found


def _norm(name: str) -> nn.LayerNorm:
    found = nn.LayerNorm(load_encoder().dimension, EPSILON)
    found.weight, found.bias = (nn.Parameter(_weight(f"{name}.{kind}")) for kind in "wb")
    return found


class Network(nn.Module):
    """Made of the mean state of the questions' pieces and of the sentences', and the `DIMENSIONS` directions that the latter
    are reduced to (384 x `DIMENSIONS`)."""

    def __init__(self, asked_mean: Tensor, said_mean: Tensor, directions: Tensor) -> None:
        super().__init__()
        self.register_buffer("asked_mean", asked_mean)
        self.register_buffer("said_mean", said_mean)
        self.register_buffer("spread", torch.ones(DIMENSIONS))
        width = len(said_mean)
        self.directions, self.restored = nn.Parameter(directions.clone()), nn.Linear(DIMENSIONS, width)
        self.restored.weight, self.restored.bias = nn.Parameter(directions.clone()), nn.Parameter(said_mean.clone())
        self.nearness = nn.Linear(3, width)
        nn.init.zeros_(self.nearness.weight)
        nn.init.zeros_(self.nearness.bias)
        self.is_asked, self.is_said = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.zeros(width))
        self.first = nn.Parameter(said_mean.clone())
        self.layers = nn.ModuleList(Layer(number) for number in range(WORDS_LAYER, ALL_LAYERS))
        self.answer, self.whole = nn.Linear(3 * width, 1), nn.Linear(4, 1)
        nn.init.normal_(self.answer.weight, std=0.01)

    def forward(self, asked: Tensor, is_asked: Tensor, said: Tensor, is_said: Tensor) -> Tensor:
        """Log-odds (batch) for states (batch x pieces x 384) and which of the pieces there are (batch x pieces)."""
        return self.read(asked, is_asked, self.reduced(said), is_said)

    def reduced(self, said: Tensor) -> Tensor:
        """The states of a sentence's pieces, in `DIMENSIONS`."""
        return (said - self.said_mean) @ self.directions

    def read(self, asked: Tensor, is_asked: Tensor, said: Tensor, is_said: Tensor) -> Tensor:
        """Log-odds (batch) for states of which those of the sentences are reduced; the question may be one for all."""
        near = _unit(_unit(asked - self.asked_mean) @ self.directions) @ _unit(said).transpose(1, 2)
        nearest_asked = near.masked_fill(~is_said[:, None], -1).amax(2) * is_asked
        nearest_said = near.masked_fill(~is_asked[:, :, None], -1).amax(1) * is_said
        sentences, pieces = said.shape[0], asked.shape[1]
        x = torch.cat(
            [
                self.first.expand(sentences, 1, -1),
                asked + self.is_asked + self._nearness(nearest_asked, is_asked),
                self.restored(said) + self.is_said + self._nearness(nearest_said, is_said),
            ],
            1,
        )
        real = torch.cat([torch.ones_like(is_said[:, :1]), is_asked.expand(sentences, -1), is_said], 1)
        x = functional.dropout(x, DROPOUT, self.training)
        for layer in self.layers:
            x = layer(x, real)
        ends = [
            x[:, 0],
            _mean(x[:, 1 : 1 + pieces], is_asked[..., None], 1),
            _mean(x[:, 1 + pieces :], is_said[..., None], 1),
        ]
        whole = [
            _mean(nearest_asked, is_asked), _mean(nearest_said, is_said),
            nearest_asked.amax(1, keepdim=True), nearest_asked.masked_fill(~is_asked, 9).amin(1, keepdim=True),
        ]  # fmt: skip
        pooled = functional.dropout(torch.cat([end.reshape(sentences, -1) for end in ends], -1), DROPOUT, self.training)
        found: Tensor = self.answer(pooled) + self.whole(10 * torch.cat(whole, 1) - 5)
        return found[:, 0]

    def _nearness(self, nearest: Tensor, real: Tensor) -> Tensor:
        """What tells a piece how near the other text comes to it."""
        found: Tensor = self.nearness(STRESS * torch.stack([nearest, nearest**2, nearest - _mean(nearest, real)], -1))
        return found


class Coding(nn.Module):
    """What ships to make the codes of a sentence: states (pieces x 384) as bytes (pieces x `DIMENSIONS`)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, states: Tensor) -> Tensor:
        codes = torch.round(self.network.reduced(states) / self.network.spread * (MOST / SPREADS))
        return torch.clamp(codes, -MOST, MOST).to(torch.int8)


class Reading(nn.Module):
    """What ships to read a question (its states, pieces x 384) with a sentence (its codes, pieces x `DIMENSIONS`)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, asked: Tensor, codes: Tensor) -> Tensor:
        asked, said = asked[None], codes[None].float() * self.network.spread * (SPREADS / MOST)
        is_asked, is_said = (torch.ones_like(states[:, :, 0], dtype=torch.bool) for states in (asked, said))
        return self.network.read(asked, is_asked, said, is_said)


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=-1)


def _mean(x: Tensor, real: Tensor, dim: int = -1) -> Tensor:
    """Over what there is, which keeps its dimension."""
    return (x * real).sum(dim, keepdim=True) / real.sum(dim, keepdim=True)


def _padded(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    real = torch.zeros(len(states), max(map(len, states)), dtype=torch.bool)
    for row, each in zip(real, states, strict=True):
        row[: len(each)] = True
    return nn.utils.rnn.pad_sequence([each.float() for each in states], batch_first=True), real


# --- learning --------------------------------------------------------------------------------------------------------


def learn(material: Material) -> Network:
    """The network after `EPOCHS`, by AdamW (Loshchilov and Hutter 2019), the rate warmed and cooled along a cosine."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    network = _unlearned(material)
    layers = list(network.layers.parameters())
    others = [each for name, each in network.named_parameters() if not name.startswith("layers.")]
    optimizer = torch.optim.AdamW(
        [{"params": layers, "lr": RATE_OF_LAYERS}, {"params": others, "lr": RATE}],
        weight_decay=DECAY,
        betas=(0.9, 0.98),
    )
    steps = EPOCHS * -(-len(material.pairs(rng)) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM) * max(0.02, 0.5 * (1 + math.cos(math.pi * step / steps)))
    )
    for epoch in range(EPOCHS):
        losses = []
        for batch in _batches(material, material.pairs(rng), rng):
            wanted = torch.tensor([CERTAIN if pair.answers else 1 - CERTAIN for pair in batch])
            counts = torch.tensor([pair.counts for pair in batch])
            with torch.autocast("cpu", torch.bfloat16):  # in half the time
                found = network(*_inputs(material, batch)).float()
            loss = functional.binary_cross_entropy_with_logits(found, wanted, counts, reduction="sum") / counts.sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    network.eval()
    with torch.no_grad():
        network.spread.copy_(network.reduced(_sample(material.sentences)).std(0))
    return network


def _unlearned(material: Material) -> Network:
    """With the principal components of what is said for its directions."""
    asked, said = _sample(material.questions), _sample(material.sentences)
    _, components = np.linalg.eigh(np.cov((said - said.mean(0)).numpy().T))
    directions = np.ascontiguousarray(components[:, ::-1][:, :DIMENSIONS], dtype=np.float32)
    return Network(asked.mean(0), said.mean(0), torch.tensor(directions))


def _sample(states: States) -> Tensor:
    """The states of `SAMPLE` texts, of all sets and languages."""
    drawn = np.random.default_rng(SEED).permutation(len(states.states))[:SAMPLE]
    return torch.cat([states.states[at] for at in drawn]).float()


def _batches(material: Material, pairs: Sequence[Pair], rng: np.random.Generator) -> Iterator[list[Pair]]:
    """The pairs in a new order, those of a batch about equally long."""
    shuffled = [pairs[at] for at in rng.permutation(len(pairs))]
    for start in range(0, len(shuffled), 20 * BATCH):
        near = sorted(
            shuffled[start : start + 20 * BATCH], key=lambda pair: len(material.sentences.states[pair.sentence])
        )
        for at in BATCH * rng.permutation(-(-len(near) // BATCH)):
            yield near[at : at + BATCH]


def _inputs(material: Material, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    asked = _padded([material.questions.states[pair.question] for pair in pairs])
    return *asked, *_padded([material.sentences.states[pair.sentence] for pair in pairs])


def measure(material: Material, read: Callable[[Tensor, Tensor], float]) -> str:
    """How well a reader of the states of a question and a sentence tells apart the sentences of the texts held out."""
    pairs = material.pairs(np.random.default_rng(SEED), held_out=True)
    asked, said = material.questions.states, material.sentences.states
    scores = np.array([read(asked[pair.question].float(), said[pair.sentence].float()) for pair in pairs], np.float32)
    answers, near = np.array([pair.answers for pair in pairs]), np.array([pair.nearly for pair in pairs])
    first = np.mean(scores[answers] > scores[near])
    return (
        f"{answers.sum()} questions on texts held out: AUC {auc(scores[answers], scores[~answers]):.3f} over all sentences, "
        f"{auc(scores[answers], scores[near]):.3f} against near misses; the answer above its near miss {first:.3f}"
    )


def read_by(network: Network) -> Callable[[Tensor, Tensor], float]:
    """How what was taught reads, out of bytes."""
    coding, reading = Coding(network), Reading(network)

    def read(asked: Tensor, said: Tensor) -> float:
        with torch.no_grad():
            return float(reading(asked, coding(said)))

    return read


def read_as_shipped(asked: Tensor, said: Tensor) -> float:
    """How what was written reads."""
    return interaction.log_odds(asked.numpy(), interaction.codes(said.numpy()))


def write(network: Network, folder: Path) -> None:
    """The two graphs that ship."""
    send_nothing()
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    states, codes = torch.randn(11, len(network.said_mean)), torch.ones(30, DIMENSIONS, dtype=torch.int8)
    coding = _exported(Coding(network), {"states": states}, "codes")
    reading = _exported(Reading(network), {"asked": states, "codes": codes}, "log_odds")
    quantizer = MatMulNBitsQuantizer(
        reading, bits=BITS, block_size=BLOCK, is_symmetric=True, accuracy_level=4, op_types_to_quantize=("MatMul",)
    )
    quantizer.process()
    (folder / CODING).write_bytes(coding.SerializeToString())
    (folder / READING).write_bytes(quantizer.model.model.SerializeToString())


def _exported(module: nn.Module, inputs: dict[str, Tensor], output: str) -> onnx.ModelProto:
    """A module as a graph over texts of any lengths, without what the exporter notes of where it was made."""
    sizes = tuple({0: Dim(f"of_{name}")} for name in inputs)
    names = {"input_names": list(inputs), "output_names": [output]}
    program = torch.onnx.export(module.eval(), tuple(inputs.values()), dynamo=True, dynamic_shapes=sizes, **names)
    model: onnx.ModelProto = program.model_proto
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    return model


def describe(source: str, folder: Path) -> None:
    """Notes in the graph that reads what it was made from."""
    model = onnx.load(folder / READING)
    onnx.helper.set_model_props(model, {"source": source})
    (folder / READING).write_bytes(model.SerializeToString())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=f"Fit {READING}.")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="train.json of IDK-MRC")
    parser.add_argument("--xquad", type=Path, nargs=2, required=True, help="xquad.en.json and that of another language")
    parser.add_argument("--write", action="store_true", help="write the files instead of only measuring")
    options = parser.parse_args()
    own = list(of_reading(options.root / "evals" / "reading"))
    material = Material([*own, *of_idk_mrc(options.idk_mrc), *of_xquad(*options.xquad)])
    network = learn(material)
    print("taught:", measure(material, read_by(network)))
    if options.write:
        folder = options.root / "assistant" / "models"
        write(network, folder)
        measured = measure(material, read_as_shipped)
        print("as written:", measured)
        languages = ", ".join(path.suffixes[0].lstrip(".") for path in options.xquad)
        sets = f"evals/reading ({len(own)} questions); IDK-MRC, training split; XQuAD {languages}"
        describe(f"{sets}; {dt.date.today()}; {measured}", folder)


if __name__ == "__main__":
    main()
