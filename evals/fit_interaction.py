"""Fits the weights in `models/interaction.npz` to questions with sentences that answer them and sentences that do not.

    pip install torch
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
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from assistant.evaluation.calibrate import PARAGRAPHS, SEED, auc
from assistant.models import interaction
from assistant.models.encoder import PASSAGE, QUERY, Floats, load_encoder
from assistant.models.interaction import DIMENSIONS, EPSILON, FILE, HEADS, LAYERS, STRESS, Interaction
from assistant.text.sentences import split

WIDTH, INNER = 96, 4 * 96
DROPOUT = 0.3
EPOCHS, BATCH, RATE, WARM, DECAY = 4, 64, 1e-3, 200, 0.05
CERTAIN = 0.975
"""What a sentence that answers is taught to be (Szegedy et al. 2016): labels are wrong now and then."""
TOP = 3
"""Of the other sentences of a text those most like the question, to tell from the right one."""
NEAR = 0.6
"""What a near miss counts, of the 1 that the right sentence does; another sentence of the text counts the rest."""
HELD_OUT = 10
"""Of our texts every so manyth is kept for measuring."""
OUTPUT = Path(interaction.__file__).parent / FILE


@dataclass(frozen=True, slots=True)
class Taught:
    """A question. `right` are sentences that answer it, one of which is drawn for each epoch, if there are any; `wrong`
    groups of sentences that do not, with what one drawn of each counts."""

    question: str
    right: tuple[str, ...]
    wrong: tuple[tuple[tuple[str, ...], float], ...]
    text: int = 0  # of evals/reading, counted from 1; 0: of another set


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with a sentence (places among the texts encoded), whether it answers, and what that counts."""

    question: int
    sentence: int
    answers: float
    counts: float


class States:
    """What the encoder makes of texts, each encoded once. Half precision: there are some 600,000 pieces."""

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
    """The questions on our own texts."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    for number, line in enumerate(lines, 1):
        text = json.loads(line)
        sentences = text["sentences"]
        for asked in text["questions"]:
            answered_by = {sentences[at] for at in asked.get("answered_by", ())}
            others = tuple(sentence for sentence in sentences if sentence not in answered_by)
            if answered_by:
                right, near = tuple(sorted(answered_by)), (asked["counterfactual"],)
            else:
                right, near = (asked["counterfactual"],), tuple(sentences[at] for at in asked["near"])
            yield Taught(asked["question"], right, ((near, NEAR), (others, 1 - NEAR)), number)


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

    def _row(self, taught: Taught) -> tuple[int, int, list[int], list[tuple[list[int], float]]]:
        question = self.questions.place(taught.question)
        wrong = [(self._like(question, group), counts) for group, counts in taught.wrong if group]
        return taught.text, question, [self.sentences.place(text) for text in taught.right], wrong

    def _like(self, question: int, group: Sequence[str]) -> list[int]:
        places = [self.sentences.place(text) for text in group]
        vector = self.questions.vectors[question]
        return sorted(places, key=lambda place: -float(self.sentences.vectors[place] @ vector))[:TOP]

    def pairs(self, rng: np.random.Generator, *, held_out: bool = False) -> list[Pair]:
        """A sentence that answers and one of each kind that does not, drawn for each question; of the texts held out, or
        of all else."""
        found: list[Pair] = []
        for text, question, right, wrong in self._rows:
            if (text > 0 and text % HELD_OUT == 0) is held_out:
                found += [Pair(question, int(rng.choice(right)), 1.0, 1.0)] if right else []
                found += [Pair(question, int(rng.choice(group)), 0.0, counts) for group, counts in wrong]
        return found


def _groups(taught: Taught) -> list[tuple[str, ...]]:
    return [taught.right, *(group for group, _ in taught.wrong)]


# --- the network, as `models.interaction` runs it --------------------------------------------------------------------


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.attention_norm, self.norm = (nn.LayerNorm(WIDTH, float(EPSILON)) for _ in range(2))

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        shape = (*x.shape[:2], 3, HEADS, WIDTH // HEADS)
        query, key, value = self.attention(self.attention_norm(x)).view(shape).permute(2, 0, 3, 1, 4)
        taken = functional.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None, :])
        x = x + self._dropped(self.mix(taken.transpose(1, 2).reshape(x.shape)))
        return x + self._dropped(self.down(functional.gelu(self.up(self.norm(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)


class Network(nn.Module):
    def __init__(self, asked_mean: Tensor, said_mean: Tensor, directions: Tensor) -> None:
        super().__init__()
        states = len(said_mean)
        self.asked_mean, self.said_mean = (nn.Parameter(mean, requires_grad=False) for mean in (asked_mean, said_mean))
        self.directions, self.sharpness = nn.Parameter(directions), nn.Parameter(torch.tensor(12.0))
        self.asked, self.said = nn.Linear(states, WIDTH), nn.Linear(DIMENSIONS, WIDTH)
        self.aligned, self.product, self.nearness = (
            nn.Linear(WIDTH, WIDTH),
            nn.Linear(WIDTH, WIDTH),
            nn.Linear(3, WIDTH),
        )
        self.is_asked, self.is_said = nn.Parameter(torch.zeros(WIDTH)), nn.Parameter(torch.zeros(WIDTH))
        self.first = nn.Parameter(torch.randn(WIDTH) * 0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.last, self.answer, self.whole = nn.LayerNorm(WIDTH, float(EPSILON)), nn.Linear(WIDTH, 1), nn.Linear(4, 1)

    def forward(self, asked: Tensor, is_asked: Tensor, said: Tensor, is_said: Tensor) -> Tensor:
        """Log-odds (batch) for states (batch x pieces x 384) and which of the pieces there are (batch x pieces)."""
        asked, said = _unit(asked - self.asked_mean), _unit(_unit(said - self.said_mean) @ self.directions)
        near = _unit(asked @ self.directions) @ said.transpose(1, 2)
        near_asked, near_said = near.masked_fill(~is_said[:, None], -1), near.masked_fill(~is_asked[:, :, None], -1)
        to_said = torch.softmax(self.sharpness * near_asked, -1)
        to_asked = torch.softmax(self.sharpness * near_said.transpose(1, 2), -1)
        of_asked, of_said = (
            dense(functional.dropout(x * math.sqrt(x.shape[-1]), 0.1, self.training))
            for dense, x in ((self.asked, asked), (self.said, said))
        )
        nearest_asked, nearest_said = near_asked.amax(2) * is_asked, near_said.amax(1) * is_said
        x = torch.cat(
            [
                self.first.expand(len(asked), 1, -1),
                self._compared(of_asked, to_said @ of_said, nearest_asked, is_asked) + self.is_asked,
                self._compared(of_said, to_asked @ of_asked, nearest_said, is_said) + self.is_said,
            ],
            1,
        )
        real = torch.cat([torch.ones(len(asked), 1, dtype=torch.bool), is_asked, is_said], 1)
        x = functional.dropout(x, DROPOUT / 2, self.training)
        for layer in self.layers:
            x = layer(x, real)
        whole = [
            _mean(nearest_asked, is_asked), _mean(nearest_said, is_said),
            nearest_asked.amax(1, keepdim=True), nearest_asked.masked_fill(~is_asked, 9).amin(1, keepdim=True),
        ]  # fmt: skip
        found: Tensor = self.answer(self.last(x[:, 0])) + self.whole(10 * torch.cat(whole, 1) - 5)
        return found[:, 0]

    def _compared(self, own: Tensor, aligned: Tensor, nearest: Tensor, real: Tensor) -> Tensor:
        near = float(STRESS) * torch.stack([nearest, nearest**2, nearest - _mean(nearest, real)], -1)
        found: Tensor = own + self.aligned(aligned) + self.product(own * aligned) + self.nearness(near)
        return found


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=-1)


def _mean(x: Tensor, real: Tensor) -> Tensor:
    return (x * real).sum(-1, keepdim=True) / real.sum(-1, keepdim=True)


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
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY, betas=(0.9, 0.98))
    steps = EPOCHS * -(-len(material.pairs(rng)) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM) * max(0.02, 0.5 * (1 + math.cos(math.pi * step / steps)))
    )
    for epoch in range(EPOCHS):
        losses = []
        for batch in _batches(material, material.pairs(rng), rng):
            wanted = torch.tensor([CERTAIN if pair.answers else 1 - CERTAIN for pair in batch])
            counts = torch.tensor([pair.counts for pair in batch])
            found = network(*_inputs(material, batch))
            loss = functional.binary_cross_entropy_with_logits(found, wanted, counts, reduction="sum") / counts.sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    network.eval()
    return network


def _unlearned(material: Material) -> Network:
    """With the principal components of what is said for its directions."""
    asked, said = (torch.cat(each.states).float() for each in (material.questions, material.sentences))
    _, components = np.linalg.eigh(np.cov((said - said.mean(0)).numpy().T))
    directions = np.ascontiguousarray(components[:, ::-1][:, :DIMENSIONS], dtype=np.float32)
    return Network(asked.mean(0), said.mean(0), torch.tensor(directions))


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


def check_same(material: Material, network: Network, shipped: Interaction) -> None:
    """Raises AssertionError if the program's network differs from that which was taught by more than rounding."""
    pairs = material.pairs(np.random.default_rng(SEED), held_out=True)[:200]
    with torch.no_grad():
        taught = [float(network(*_inputs(material, [pair]))) for pair in pairs]
    assert np.allclose(taught, _scores(material, shipped, pairs), atol=0.1), "models.interaction is another network"


def _scores(material: Material, network: Interaction, pairs: Sequence[Pair]) -> Floats:
    found = []
    for pair in pairs:
        codes = network.codes(material.sentences.states[pair.sentence].float().numpy())
        found.append(network.log_odds(material.questions.states[pair.question].float().numpy(), codes))
    return np.array(found, dtype=np.float32)


def measure(material: Material, network: Interaction) -> str:
    """How well the network, as the program runs it, tells apart the sentences of the texts held out."""
    pairs = material.pairs(np.random.default_rng(SEED), held_out=True)
    scores = _scores(material, network, pairs)
    answers = np.array([pair.answers > 0 for pair in pairs])
    near = np.array([pair.counts == NEAR for pair in pairs])
    first = np.mean(scores[answers] > scores[near])
    return (
        f"{answers.sum()} questions on texts held out: AUC {auc(scores[answers], scores[~answers]):.3f} over all sentences, "
        f"{auc(scores[answers], scores[near]):.3f} against near misses; the answer above its near miss {first:.3f}"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fit models/interaction.npz.")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="train.json of IDK-MRC")
    parser.add_argument("--xquad", type=Path, nargs=2, required=True, help="xquad.en.json and that of another language")
    parser.add_argument("--write", action="store_true", help="write the file instead of only measuring")
    options = parser.parse_args()
    own = list(of_reading(options.root / "evals" / "reading"))
    material = Material([*own, *of_idk_mrc(options.idk_mrc), *of_xquad(*options.xquad)])
    network = learn(material)
    weights = {name: value.numpy().astype(np.float16) for name, value in network.state_dict().items()}
    shipped = Interaction({name: value.astype(np.float32) for name, value in weights.items()})
    check_same(material, network, shipped)
    measured = measure(material, shipped)
    print(measured)
    if options.write:
        source = (
            f"evals/reading ({len(own)} questions); IDK-MRC, training split; XQuAD en, "
            f"{options.xquad[1].suffixes[0].lstrip('.')}; {dt.date.today()}; {measured}"
        )
        np.savez_compressed(OUTPUT, **weights, source=np.array(source))


if __name__ == "__main__":
    main()
