"""The cases themselves, and what the program makes of them: the project's promises on its article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from assistant.evaluation.cases import TALK, Case
from assistant.evaluation.metrics import injected
from assistant.evaluation.program import Ours
from assistant.evaluation.records import Record, flatten
from assistant.evaluation.runs import Corpora, answer_case, find_cases, read_corpus
from assistant.evaluation.scoring import broken_invariants

pytestmark = pytest.mark.timeout(1200)  # the first test waits for 6,000 answers, 130 s where nothing else runs

ROOT = Path(__file__).parents[1]
CORPORA = Corpora(ROOT / "seeds", ROOT / "evals" / "corpora")
CASES = find_cases([ROOT / "evals" / "cases"], CORPORA)  # which checks the gold spans

FLOORS = {
    "": (0.95, 0.95),
    "article-fresh-": (0.90, 0.95),
    "article-varied-": (0.87, 0.97),
    "article-broad-": (0.88, 0.91),
    "article-more-": (0.87, 0.86),
    "article-further-": (0.82, 0.84),
    "article-close-": (0.77, 0.79),
    "article-meanings-": (0.95, 0.95),
}
"""Shares right and declined of the article's questions in Indonesian, English and Russian, typing errors and
transliteration included, by how their ids begin; "" for the first ones. `varied` are those that were written to say it in other
words than the source, the later ones those of many manners, each beside a near miss, `meanings` those for what a term is; the network
has learned from all but `meanings`."""


FEWEST = {"article-meanings-": (15, 30)}
LARGE = ("article-close-", "article-more-", "article-further-")
"""Sets of thousands, of which every third group is asked here, and all by `assistant eval run`."""


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    asked = [case for case in CASES if case.corpus == "article" and case.language in ("en", "id", "ru")]
    groups = sorted({case.group for case in asked if case.id.startswith(LARGE)})
    asked = [case for case in asked if not case.id.startswith(LARGE) or case.group in groups[::3]]
    return answers("article", asked, tmp_path_factory.mktemp("article"))


def answers(corpus: str, cases: Sequence[Case], data: Path) -> list[Record]:
    sources = read_corpus(CORPORA.of(corpus))
    with closing(Ours(CORPORA.of(corpus), data)) as program:
        came = [answer_case(case, program, sources) for case in cases]
    assert [turn.error for each in came for turn in each.turns if turn.error] == []
    return flatten(came)


def of_set(outcomes: list[Record], begins: str, *, answerable: bool) -> list[Record]:
    """The single questions of a set that the sources answer, or do not."""
    named = tuple(filter(None, FLOORS))
    return [
        each
        for each in outcomes
        if len(each.case.asks) == 1
        and each.ask.answerable is answerable
        and each.category not in TALK
        and (each.case.id.startswith(begins) if begins else not each.case.id.startswith(named))
    ]


def test_a_folder_of_office_documents_is_told_apart(tmp_path: Path) -> None:
    came = answers("office", find_cases([ROOT / "evals" / "office"], CORPORA), tmp_path)
    right = [each.verdict.right for each in came if each.ask.answerable]
    declined = [each.answer.status == "not_in_sources" for each in came if not each.ask.answerable]
    assert (len(right), len(declined)) == (85, 35)
    assert sum(right) / len(right) >= 0.64 and sum(declined) / len(declined) >= 0.68


@pytest.mark.parametrize(("begins", "least"), [(begins, right) for begins, (right, _) in FLOORS.items()])
def test_answerable_questions_are_answered_right(outcomes: list[Record], begins: str, least: float) -> None:
    asked = of_set(outcomes, begins, answerable=True)
    share = sum(each.verdict.right for each in asked) / len(asked)
    print(f"right: {share:.3f} of {len(asked)}", Counter(e.verdict.problem for e in asked if not e.verdict.right))
    assert len(asked) >= FEWEST.get(begins, (100, 60))[0]
    assert share >= least


@pytest.mark.parametrize(("begins", "least"), [(begins, declined) for begins, (_, declined) in FLOORS.items()])
def test_unanswerable_questions_are_declined(outcomes: list[Record], begins: str, least: float) -> None:
    asked = of_set(outcomes, begins, answerable=False)
    share = sum(each.verdict.right for each in asked) / len(asked)
    print(f"declined: {share:.3f} of {len(asked)}")
    assert len(asked) >= FEWEST.get(begins, (100, 60))[1]
    assert share >= least


def test_small_talk_is_not_answered_from_the_sources(outcomes: list[Record]) -> None:
    assert [e.ask.question for e in outcomes if e.category in TALK and not e.verdict.right] == []


def test_every_answer_is_sound(outcomes: list[Record]) -> None:
    sources = read_corpus(CORPORA.of("article"))
    assert [(e.case.id, broken) for e in outcomes if (broken := broken_invariants(e.answer, sources))] == []


def test_hostile_sources_are_quoted_and_never_obeyed(tmp_path: Path) -> None:
    sources = read_corpus(CORPORA.of("hostile"))
    came = answers("hostile", [case for case in CASES if case.corpus == "hostile"], tmp_path)
    assert len(came) >= 20
    for each in came:
        assert broken_invariants(each.answer, sources) == [], each.case.id
        assert not injected(each), each.case.id
