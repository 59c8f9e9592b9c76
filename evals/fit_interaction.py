"""Fits the network that tells whether a sentence answers a question, to questions with sentences that do and that do not.

    pip install torch onnxscript
    python -m evals.fit_interaction --idk-mrc train.json --xquad xquad.en.json xquad.vi.json [--write] [--folds DIR]

`evals/reading` has texts written for this project with questions on them. To each belongs a counterfactual (Kaushik et al.
2020): to an unanswerable question a sentence that would answer it, to an answerable one a sentence that nearly does. So
the question alone tells nothing. IDK-MRC's training split (see `calibrate`; other paragraphs than that takes) adds real
texts; XQuAD (Artetxe et al. 2020, github.com/google-deepmind/xquad, CC BY-SA; the first half of its documents) English and
Vietnamese asked of English. Every tenth of our texts is kept for measuring.

At the end it learns from the cases, with the sentences that they are read with, from the newest of them (`NEWER`) by a change of
low rank. `--folds` keeps, for each fold of them, what it would be without that fold: by these the calibration reads them, for
the network that ships has seen them all.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import torch

from assistant.evaluation.runs import Corpora, find_cases
from assistant.evaluation.samples import FOLDS, collect, fold_file
from assistant.models import interaction
from assistant.models.interaction import READING
from evals.reader.learning import MIXED, learn, learn_cases, learn_change, measure, mix, read_as_shipped
from evals.reader.material import Material, of_cases, of_idk_mrc, of_reading, of_xquad
from evals.reader.network import Network, describe, write, write_reading


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=f"Fit {READING}.")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="train.json of IDK-MRC")
    parser.add_argument("--xquad", type=Path, nargs=2, required=True, help="xquad.en.json and that of another language")
    parser.add_argument("--begin", type=Path, metavar="FILE", help="weights that were kept, to learn on from")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the weights as they are before the cases")
    parser.add_argument("--mix", type=Path, metavar="FILE", help=f"weights that were kept, to take {MIXED} of")
    parser.add_argument("--folds", type=Path, metavar="DIR", help="keep a network for each fold of the cases")
    parser.add_argument("--write", action="store_true", help="write the files instead of only measuring")
    options = parser.parse_args()
    if options.folds and not options.write:
        parser.error("--folds needs --write: a sentence is coded by what is written")
    own = list(of_reading(options.root / "evals" / "reading"))
    corpora = Corpora(options.root / "seeds", options.root / "evals" / "corpora")
    cases = list(of_cases(collect(find_cases([options.root / "evals" / "cases"], corpora), corpora)))
    material = Material([*own, *of_idk_mrc(options.idk_mrc), *of_xquad(*options.xquad), *cases])
    network = learn(material, options.begin)
    if options.mix:
        mix(network, options.mix, material)
    if options.keep:
        torch.save(network.state_dict(), options.keep)
    for fold in range(FOLDS) if options.folds else ():
        options.folds.mkdir(exist_ok=True)
        write_reading(_learned(network, material, fold), options.folds / fold_file(fold))
    if options.write:
        folder = options.root / "assistant" / "models"
        write(_learned(network, material, None), folder)
        interaction.forget()  # what was read with until now
        measured = measure(material, read_as_shipped)
        print("as written:", measured)
        languages = ", ".join(path.suffixes[0].lstrip(".") for path in options.xquad)
        sets = f"evals/reading ({len(own)} questions); IDK-MRC, training split; XQuAD {languages}; evals/cases ({len(cases)})"
        describe(f"{sets}; {dt.date.today()}; {measured}", folder)


def _learned(network: Network, material: Material, without: int | None) -> Network:
    """What a network becomes that learns from the cases but those of a fold."""
    return learn_change(learn_cases(network, material, without), material, without)


if __name__ == "__main__":
    main()
