"""Running cases through the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.chain import AnswerChain
from assistant.evaluation.cases import Ask, Case
from assistant.evaluation.scoring import Verdict, judge
from assistant.types import Answer, Question, Turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question of a case, its answer and the verdict."""

    case: Case
    ask: Ask
    category: str
    answer: Answer
    verdict: Verdict


def run(chain: AnswerChain, cases: Iterable[Case]) -> Iterator[Outcome]:
    """The outcomes in the order of the cases and their turns; a dialogue's own answers are its history."""
    for case in cases:
        history: tuple[Turn, ...] = ()
        for ask in case.asks:
            answer = chain.invoke(Question(question=ask.question, history=history))
            category = ask.category or case.category
            yield Outcome(case, ask, category, answer, judge(ask, answer, category))
            history += (Turn(role="user", content=ask.question), Turn(role="assistant", content=answer.answer))
