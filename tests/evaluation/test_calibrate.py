"""Calibrate and calibrate_llm: what the weights are fitted to, and that they come out as the cases say."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.evaluation import calibrate, calibrate_llm
from assistant.evaluation import samples as collected
from assistant.evaluation.calibrate import (
    IDK_WEIGHT,
    auc,
    fit_answering,
    fit_ranking,
    importance,
    named,
    teaching,
    threshold_for,
)
from assistant.evaluation.runs import Corpora, find_cases
from assistant.evaluation.samples import FOLDS, Sample, collect, collect_idk_mrc, fold_file, fold_of, folds
from assistant.models import graph
from assistant.models.interaction import READING
from assistant.steps.calibration import calibration
from assistant.steps.llm import llm_calibration
from assistant.text.questions import analyse
from assistant.types import Question

from ..models.fake_openai import Say, serving
from ..steps.made import passages, source

TEXT = (
    "Siti Rahma led the harbour meeting in Ambon. The budget reached 45 million dollars. Budi Laut signed the plan. "
    "The pier opened in 2021. Forty ships came from Norway."
)
ANSWERED = {
    "Who led the harbour meeting?": "Siti Rahma",
    "How large was the budget?": "45 million",
    "Who signed the plan?": "Budi Laut",
    "When did the pier open?": "2021",
    "Where did the ships come from?": "Norway",
    "How many ships came?": "Forty",
}
UNANSWERED = [
    "Who led the meeting in Peru?", "Who was arrested?", "How large was the salary?", "Who paid for the hotel?",
    "When did the airport open?", "How many farmers came?",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of one article with its cases, and a file of IDK-MRC's form."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "seeds").mkdir()
    (folder / "seeds" / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "evals" / "cases").mkdir(parents=True)
    asked: list[tuple[str, str | None]] = [*ANSWERED.items(), *((question, None) for question in UNANSWERED)]
    lines = [
        {
            "id": f"c{n}", "group": f"g{n}", "language": "en", "category": "fact" if gold else "person", "corpus": "article",
            "question": question, "gold": [{"source_id": "a.txt", "text": gold}] if gold else None,
            "accept": {"en": [gold]} if gold else {},
        }
        for n, (question, gold) in enumerate(asked)
    ]  # fmt: skip
    lines += [
        {
            "id": "talk", "group": "talk", "language": "en", "category": "small_talk", "corpus": "article",
            "question": "Hello!", "gold": None, "accept": {},
        },
    ]  # fmt: skip
    (folder / "evals" / "cases" / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    paragraphs = [
        {
            "context": f"Kota {name} memiliki {n} jembatan. Wali kotanya adalah Budi {name}.",
            "qas": [
                {
                    "question": f"Siapa wali kota {name}?", "is_impossible": False,
                    "answers": [{"text": f"Budi {name}", "answer_start": len(name) + 48}],
                },
                {"question": f"Kapan kota {name} didirikan?", "is_impossible": True, "answers": []},
                {
                    "question": "Berapa jembatan?", "is_impossible": False,
                    "answers": [{"text": "jembatan", "answer_start": 0}],  # not what stands there
                },
            ],
        }
        for n, name in enumerate(("Ambon", "Tual", "Masohi", "Namlea", "Dobo", "Saumlaki"), 11)
    ]  # fmt: skip
    (folder / "train.json").write_text(json.dumps(paragraphs), encoding="utf-8")
    return folder


def sample(rows: list[list[float]], right: list[bool], cluster: str = "c", corpus: str = "article") -> Sample:
    question = analyse("Who led?", "en")
    candidates = passages(question, source("A b. C d. E f."))[: len(right)]
    return Sample(
        corpus, cluster, "en", any(right), Question(question="Who led?"), question, (1.0,), tuple(candidates),
        np.array(rows), np.array(right),
    )  # fmt: skip


# --- what is fitted to ---------------------------------------------------------------------------------------------


def test_the_candidates_that_hold_gold_are_the_right_ones_and_small_talk_is_left_out(root: Path) -> None:
    corpora = Corpora(root / "seeds", root / "evals" / "corpora")
    samples = collect(find_cases([root / "evals" / "cases"], corpora), corpora)
    assert [each.asked.question for each in samples] == [*ANSWERED, *UNANSWERED]
    for each in samples:
        gold = ANSWERED.get(each.asked.question)
        assert each.answerable == (gold is not None)
        assert list(each.right) == [gold is not None and gold in found.text for found in each.candidates]
        assert each.right.any() == each.answerable


def test_a_case_is_read_by_the_network_that_has_not_learned_from_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "load", lambda file: file.name)
    monkeypatch.setattr(
        collected, "log_odds", lambda states, codes, network: [fold_file(k) for k in range(FOLDS)].index(network)
    )
    corpora = Corpora(root / "seeds", root / "evals" / "corpora")
    samples = collect(find_cases([root / "evals" / "cases"], corpora), corpora, tmp_path)
    assert {fold_of(each.cluster) for each in samples} > {0, 1}
    for each in samples:
        assert {found.answers for found in each.candidates} == {fold_of(each.cluster)}


def test_of_idk_mrc_an_answer_at_a_wrong_place_is_left_out(root: Path) -> None:
    samples = collect_idk_mrc(root / "train.json")
    assert len(samples) == 12 and len({each.cluster for each in samples}) == 6
    for each in samples:
        held = [found.text for found, right in zip(each.candidates, each.right, strict=True) if right]
        name = each.asked.question.split()[-1].rstrip("?") if each.answerable else ""
        assert held == ([f"Wali kotanya adalah Budi {name}."] if each.answerable else [])
    assert list(importance([samples[0], sample([[1.0]], [True])])) == [IDK_WEIGHT, 1.0]


def test_a_group_is_in_one_fold_and_every_fold_has_some() -> None:
    samples = [sample([[1.0]], [True], cluster=f"c{n // 2}") for n in range(40)]
    found = folds(samples)
    assert list(found[::2]) == list(found[1::2])
    assert set(found) == set(range(FOLDS))
    assert list(found) == list(folds(samples))


def test_an_answerable_question_whose_passages_are_wrong_teaches_nothing() -> None:
    samples = [sample([[1.0]], [True]), sample([[1.0]], [True]), sample([[1.0]], [False])]
    assert list(teaching(samples, np.array([True, False, False]))) == [True, False, True]


# --- fitting -------------------------------------------------------------------------------------------------------


def test_ranking_learns_what_tells_the_gold_candidates() -> None:
    told = [sample([[1.0, 0.0], [0.0, 0.0]], [True, False]), sample([[0.0, 1.0], [1.0, 1.0]], [False, True])]
    unused = sample([[0.0, 9.0], [1.0, 0.0]], [True, True])  # nothing to choose from
    weights = fit_ranking([*told, unused])
    assert weights[0] > 1 and abs(weights[1]) < 0.01


def test_answering_learns_signs_but_none_against_what_is_expected() -> None:
    values = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    labels = np.array([True, True, False, False])
    weights = fit_answering(values, labels, np.ones(4), ["held", "far"], {"held": 1.0, "far": -1.0})
    assert weights[0] > 1 and weights[1] == 0
    strong = fit_answering(values, labels, np.ones(4), ["held", "far"], {"held": 1.0, "far": -1.0}, pull=100.0)
    assert strong[:2] == pytest.approx([1.0, -1.0], abs=0.02)


def test_both_classes_count_the_same_and_samples_as_given() -> None:
    labels = np.array([True] + [False] * 9)
    bias = fit_answering(np.zeros((10, 1)), labels, np.ones(10), ["length"], {"length": 0.0})[1]
    assert bias == pytest.approx(0.0, abs=0.01)
    values = np.array([[1.0], [1.0], [0.0]])
    counted = [
        fit_answering(values, np.array([True, False, False]), np.array(c), ["length"], {"length": 0.0}, 0.02)[0]
        for c in ([1.0, 1.0, 9.0], [1.0, 9.0, 1.0])
    ]
    assert counted[0] > counted[1]


@pytest.mark.parametrize(
    ("positive", "negative", "area"), [([3, 4], [1, 2], 1.0), ([1, 2], [3, 4], 0.0), ([1, 2], [1, 2], 0.5)]
)
def test_auc(positive: list[float], negative: list[float], area: float) -> None:
    assert auc(np.array(positive), np.array(negative)) == area


def test_below_the_threshold_is_the_share_that_is_to_be_declined() -> None:
    chances = np.linspace(0, 1, 101)
    assert (chances < threshold_for(chances, 0.8)).sum() == 80


# --- the whole -----------------------------------------------------------------------------------------------------


def test_the_command_measures_and_gives_what_the_program_reads(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["calibrate", "--root", str(root), "--idk-mrc", str(root / "train.json"), "--write"]
    monkeypatch.setattr(sys, "argv", given)
    monkeypatch.setattr(calibrate, "OUTPUT", root / "calibration.json")
    with pytest.raises(SystemExit):
        calibrate.main()
    assert "--write needs --folds: the network that ships has learned from the cases" in capsys.readouterr().err
    for fold in range(FOLDS):
        (root / fold_file(fold)).write_bytes(graph.content(READING))
    monkeypatch.setattr(sys, "argv", [*given, "--folds", str(root)])
    calibrate.main()
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed] == ["all", "article", "idk-mrc", "article en"]
    assert (
        printed[1].startswith("article: 6 answerable, gold first ")
        and "; 6 unanswerable, declined 0.83; " in printed[1]
    )
    written = json.loads((root / "calibration.json").read_text(encoding="utf-8"))
    assert written["measured"] == printed
    assert written["source"].startswith("evals/cases (12 questions), 12 of the training split of IDK-MRC; ")
    shipped = dataclasses.asdict(calibration())
    assert {name: written[name].keys() for name in ("ranking", "answering")} == {
        name: shipped[name].keys() for name in ("ranking", "answering")
    }
    assert shipped.keys() <= written.keys()
    assert written["unlearned"] <= 0
    assert len(written["learned"]) == 1


def test_weights_are_written_with_four_places() -> None:
    assert named(["a", "b"], np.array([0.123456, -1.0])) == {"a": 0.1235, "b": -1.0}


def test_the_language_models_evidence_is_fitted_beside_that(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(asked: dict[str, Any]) -> Say:
        task = asked["messages"][-1]["content"]
        known = next((gold for question, gold in ANSWERED.items() if question in task), "")
        if not asked.get("stream"):
            return Say(yes=0.9 if known else 0.2)
        return Say([sentence for sentence in TEXT.split(". ") if known and known in sentence] or ["NO ANSWER"])

    with serving(script) as fake:
        monkeypatch.setenv("ASSISTANT_MODEL", "openai:fake")
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        monkeypatch.setattr(calibrate_llm, "OUTPUT", root / "llm_calibration.json")
        monkeypatch.setattr(
            sys,
            "argv",
            ["calibrate_llm", "--root", str(root), "--idk-mrc", str(root / "train.json"), "--write", "--limit", "9"],
        )
        calibrate_llm.main()
    measured = capsys.readouterr().out.splitlines()[0]
    written = json.loads((root / "llm_calibration.json").read_text(encoding="utf-8"))
    assert written["measured"] == measured
    assert re.match(r"\d answerable, kept .*; \d unanswerable, declined 0\.84; ", measured)
    assert written["source"].startswith("evals/cases (9 questions), read with openai:fake; ")
    assert written["command"].endswith(" --limit 9")
    assert written.keys() >= dataclasses.asdict(llm_calibration()).keys()
    assert written["weights"].keys() == llm_calibration().weights.keys()
    assert written["weights"]["yes"] > 0.3  # it is sure of what is answered, and only of that


def test_without_a_language_model_there_is_nothing_to_fit(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_MODEL", "embedded")
    monkeypatch.setattr(sys, "argv", ["calibrate_llm", "--root", str(root), "--idk-mrc", str(root / "train.json")])
    with pytest.raises(SystemExit):
        calibrate_llm.main()
    assert "ASSISTANT_MODEL names no language model" in capsys.readouterr().err
