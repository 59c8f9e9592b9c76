"""evals/retrieval.py on a few sentences: reading the sets, ranking in each way, and the table."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from assistant.evaluation.cases import Ask, Case, Gold
from assistant.index.store import IndexedSentence
from assistant.steps.condense import condense
from assistant.types import Question
from evals.retrieval import (
    Asked,
    Result,
    article,
    compare,
    idk_mrc,
    measure,
    opened,
    sampled,
    table,
    xquad,
)
from evals.ways import RememberedTexts, Ways, bm25, fused_ranks, standardised

TEXT = "The harbour board met on Monday. It rained.\n\nJose Tavares chaired the meeting.\n\nTrade with Russia grew last year."


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "one.txt").write_text(TEXT, encoding="utf-8")
    return folder


def squad(text: str, *asked: tuple[str, str, int]) -> dict[str, object]:
    return {
        "context": text,
        "qas": [
            {"id": q, "question": q, "is_impossible": not a, "answers": [{"text": a, "answer_start": at}] if a else []}
            for q, a, at in asked
        ],
    }


def test_answers_at_a_wrong_offset_and_unanswerable_questions_are_left_out(tmp_path: Path) -> None:
    paragraph = squad("Budi lahir di Bandung.", ("Di mana?", "Bandung", 14), ("Kapan?", "", 0), ("Siapa?", "Budi", 3))
    (tmp_path / "valid.json").write_text(json.dumps([paragraph]), encoding="utf-8")
    assert idk_mrc(tmp_path, tmp_path) == [Asked("Di mana?", "idk-000.txt", (("idk-000.txt", (14, 21)),))]
    assert (tmp_path / "idk-000.txt").read_text(encoding="utf-8") == "Budi lahir di Bandung."


def test_vietnamese_questions_have_their_answers_in_the_english_text(tmp_path: Path) -> None:
    for language, question in (("en", "Who met?"), ("vi", "Ai đã họp?")):
        paragraph = squad("The board met.", (question, "The board", 0))
        paragraph["qas"][0]["id"] = "q1"  # type: ignore[index]
        path = tmp_path / f"xquad.{language}.json"
        path.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8")
    assert xquad(tmp_path, tmp_path) == [Asked("Ai đã họp?", "article 0", (("xquad-000.txt", (0, 9)),))]


def test_the_articles_questions_have_their_gold_words() -> None:
    def case(name: str, corpus: str, gold: tuple[Gold, ...] | None) -> Case:
        ask = Ask(question=f"{name}?", gold=gold, accept={"en": ["x"]})
        return Case(id=name, group=name, language="en", category="fact", corpus=corpus, asks=(ask,))

    gold = (Gold(source_id="one.txt", text="met on Monday"),)
    cases = [case("a", "article", gold), case("b", "article", None), case("c", "minutes-en", gold)]
    assert article(cases) == [Asked("a?", "article/a", (("one.txt", "met on Monday"),))]


@pytest.mark.parametrize(
    ("where", "right"), [((4, 9), True), ((4, 40), False), ("harbour board", True), ("Jose", False)]
)
def test_a_sentence_is_right_that_holds_the_whole_answer(where: tuple[int, int] | str, right: bool) -> None:
    sentence = IndexedSentence(0, "one.txt", 0, 32, (0, 70), ((0, 32),), TEXT[:32])
    assert Asked("?", "", (("one.txt", where),)).is_right(sentence) is right
    assert not Asked("?", "", (("two.txt", where),)).is_right(sentence)


def test_a_sample_is_the_same_every_time() -> None:
    asked = [Asked(str(n), "", ()) for n in range(50)]
    drawn = sampled(asked, 10)
    assert drawn == sampled(asked, 10) and len(drawn) == 10
    assert [asked.index(each) for each in drawn] == sorted(asked.index(each) for each in drawn)
    assert sampled(asked, None) == sampled(asked, 99) == asked


def test_every_way_finds_the_sentence_that_says_it(seeds: Path) -> None:
    embedder = RememberedTexts()
    asked = condense(Question(question="Who chaired the meeting?"))
    with opened(seeds, embedder) as (index, live):
        ways = Ways(index, live, embedder, {})
        chaired = next(each.number for each in ways.sentences if "chaired" in each.text)
        for name, way in ways.all().items():
            assert way(asked)[0] == chaired, name
            found = measure(way, [(asked, frozenset([chaired]))])
            assert found.reciprocal.tolist() == [1.0] and found.ms >= 0


def test_neighbours_are_those_of_the_same_paragraph(seeds: Path) -> None:
    embedder = RememberedTexts()
    with opened(seeds, embedder) as (index, live):
        first, second, third, _ = Ways(index, live, embedder, {}).with_neighbours()
    assert first == second == "The harbour board met on Monday. It rained."
    assert third == "Jose Tavares chaired the meeting."


def test_without_the_glossary_no_word_finds_its_translation(seeds: Path) -> None:
    embedder = RememberedTexts()
    asked = condense(Question(question="Bagaimana perdagangan?"))
    with opened(seeds, embedder) as (index, live):
        ways = Ways(index, live, embedder, {})
        assert len(ways.keys()(asked)) == 1
        assert len(ways.keys(concepts=False)(asked)) == 0


def test_questions_without_a_right_sentence_are_counted_and_left_out(seeds: Path) -> None:
    asked = [
        Asked("Who chaired the meeting?", "a", (("one.txt", "chaired"),)),
        Asked("Who?", "b", (("one.txt", "nobody"),)),
    ]
    found = compare("Tiny", seeds, asked, {})
    assert found.startswith("## Tiny\n\n1 questions, 4 sentences in 1 sources; 1 questions left out")
    assert found.count("| 100 % (100–100) |") >= 11


def test_bm25_prefers_the_rarer_word_and_the_shorter_text() -> None:
    score = bm25([Counter(a=1, b=1), Counter(a=1, c=1), Counter(a=1, b=1, d=4)])
    one, two, three = score({"a", "b", "nowhere"})
    assert one > three > two > 0
    assert score({"nowhere"}).tolist() == [0, 0, 0]


def test_ranks_and_scores_are_fused() -> None:
    assert fused_ranks([[1, 2, 3], [3, 2]]) == [3, 2, 1]
    assert fused_ranks([[2], [1]]) == [1, 2]
    assert standardised([1, 2, 3]).sum() == pytest.approx(0)
    assert standardised([1, 2, 3]).std() == pytest.approx(1)
    assert standardised([5, 5]).tolist() == [0, 0]


def test_the_table_counts_ranks_and_compares_with_the_last() -> None:
    results = {"a": Result(np.array([1.0, 0.5, 0.0]), 2.0), "ours": Result(np.array([1.0, 1.0, 1 / 3]), 3.0)}
    *_, a, ours = table(results, ["x", "x", "x"]).splitlines()
    assert a.startswith("| a | 33 % (33–33) | 67 % (67–67) | 67 % (67–67) | 0.500 (0.500 to 0.500) | −0.278 (")
    assert ours.startswith("| ours | 67 %") and ours.endswith("|  | 3.0 |")
