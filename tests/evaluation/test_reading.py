"""The texts that the network learns to read from are what `evals/fit_interaction.py` takes them for."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "evals" / "reading"
FILES = sorted(FOLDER.glob("*.jsonl.xz"))

LANGUAGES = {
    "ar",
    "de",
    "en",
    "es",
    "fil",
    "fr",
    "id",
    "it",
    "ja",
    "ko",
    "ms",
    "nl",
    "pl",
    "pt",
    "ru",
    "th",
    "tr",
    "vi",
    "zh",
}


def texts(path: Path) -> list[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_question_has_its_sentences_and_its_counterfactual(path: Path) -> None:
    for text in texts(path):
        sentences = text["sentences"]
        assert text.keys() == {"id", "language", "sentences", "questions"}
        assert len(set(sentences)) == len(sentences) >= 8
        assert text["language"] in LANGUAGES
        for asked in text["questions"]:
            assert asked["language"] in LANGUAGES
            [told] = asked.keys() - {"question", "language", "counterfactual"}
            assert told in ("answered_by", "near"), asked
            assert asked[told], asked
            assert all(0 <= at < len(sentences) for at in asked[told]), asked
            assert asked["question"].strip(), asked
            assert asked["counterfactual"].strip() not in {"", *sentences}, asked


def test_as_many_can_be_answered_as_not_and_each_text_stands_once() -> None:
    found = [text for path in FILES for text in texts(path)]
    assert found
    assert not [each for each, count in Counter(text["id"] for text in found).items() if count > 1]
    titles = dict(line.split("\t") for line in (FOLDER / "titles.tsv").read_text(encoding="utf-8").splitlines())
    assert titles.keys() == {text["id"] for text in found}
    assert all(map(str.strip, titles.values()))
    asked = [question for text in found for question in text["questions"]]
    assert 0.45 < sum("answered_by" in question for question in asked) / len(asked) < 0.55
