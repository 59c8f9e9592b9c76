"""What is measured on the answers of a run: deterministic, for any script, without an LLM.

Each metric is a function of one question, or of a weighted set of them; its docstring says where it comes from. None
means that the question has nothing to measure (a declined question has no citations), never zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.cases import TALK
from assistant.evaluation.facts import own_words, unquoted, unsupported
from assistant.evaluation.records import Record
from assistant.evaluation.scoring import MARKER, holds, sound_markers
from assistant.evaluation.statistics import Interval, Weights, draws, interval
from assistant.text.languages import identify
from assistant.text.markdown import unescape

Places = NDArray[np.intp]
Better = Literal["higher", "lower"]
PerQuestion = Callable[[Record], float | None]
Estimate = Callable[[Sequence[Record]], Callable[[Weights], float]]
"""Prepares a statistic on some records; what it returns takes a weight for each of them (NaN: nothing to measure)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """`per_question` is there where the statistic is its mean."""

    name: str
    better: Better
    about: str
    estimate: Estimate
    per_question: PerQuestion | None = None

    def measure(self, records: Sequence[Record]) -> Interval | None:
        """The estimate with its 95 % interval, None where there is nothing to measure."""
        used = [r for r in records if self.per_question(r) is not None] if self.per_question else list(records)
        if not used:
            return None
        statistic = self.estimate(used)
        value = statistic(np.ones(len(used)))
        if math.isnan(value):
            return None
        samples = [statistic(weights) for weights in draws([r.case.cluster for r in used])]
        return interval(value, samples, len(used))


METRICS: dict[str, Metric] = {}


def _first_line(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip().splitlines()[0]


def mean(better: Better) -> Callable[[PerQuestion], PerQuestion]:
    """Registers the mean of a function over the questions for which it is not None."""

    def register(function: PerQuestion) -> PerQuestion:
        def estimate(records: Sequence[Record]) -> Callable[[Weights], float]:
            found = np.array([math.nan if (v := function(r)) is None else v for r in records], dtype=float)
            known = ~np.isnan(found)
            values = np.where(known, found, 0.0)
            return lambda weights: _ratio(float(weights @ values), float(weights @ known))

        name = function.__name__
        METRICS[name] = Metric(name, better, _first_line(function), estimate, function)
        return function

    return register


def whole(better: Better) -> Callable[[Estimate], Estimate]:
    """Registers a statistic that is no mean."""

    def register(function: Estimate) -> Estimate:
        METRICS[function.__name__] = Metric(function.__name__, better, _first_line(function), function)
        return function

    return register


def _ratio(part: float, all_of_it: float) -> float:
    return part / all_of_it if all_of_it else math.nan


# --- right and declined --------------------------------------------------------------------------------------------


def is_talk(record: Record) -> bool:
    """Small talk and questions about the assistant, which the sources have nothing to do with."""
    return record.category in TALK


def was_answered(record: Record) -> bool:
    return record.answer.status in ("answered", "partial")


@mean("higher")
def accuracy(record: Record) -> float | None:
    """Right outcomes, all questions: answered right where the sources answer, declined where they do not."""
    return float(record.verdict.right)


@mean("higher")
def right(record: Record) -> float | None:
    """Answerable questions answered right: a gold span cited, at most three citations, an accepted form in the answer.

    The accepted forms are held against the answer as in ASQA's STR-EM (Stelmakh et al. 2022).
    """
    return float(record.verdict.right) if record.ask.answerable else None


@mean("higher")
def declined(record: Record) -> float | None:
    """Unanswerable questions declined: abstention recall (SQuAD 2.0, Rajpurkar et al. 2018; RGB's rejection rate)."""
    return (
        float(record.answer.status == "not_in_sources") if not record.ask.answerable and not is_talk(record) else None
    )


@mean("lower")
def falsely_declined(record: Record) -> float | None:
    """Answerable questions declined (NoMIRACL's error rate on the relevant set, Thakur et al. 2024)."""
    return float(not was_answered(record)) if record.ask.answerable else None


@mean("higher")
def abstention_precision(record: Record) -> float | None:
    """Of the questions declined, small talk aside, those that the sources do not answer."""
    if is_talk(record) or record.answer.status != "not_in_sources":
        return None
    return float(not record.ask.answerable)


@whole("higher")
def abstention_f1(records: Sequence[Record]) -> Callable[[Weights], float]:
    """Harmonic mean of abstention precision and recall."""
    judged = np.array([not is_talk(r) for r in records])
    silent = np.array([r.answer.status == "not_in_sources" for r in records]) & judged
    hopeless = np.array([not r.ask.answerable for r in records]) & judged
    both = (silent & hopeless).astype(float)
    return lambda weights: _ratio(2 * float(weights @ both), float(weights @ silent) + float(weights @ hopeless))


@whole("lower")
def risk_coverage_area(records: Sequence[Record]) -> Callable[[Weights], float]:
    """Area under the risk-coverage curve: the mean share of wrong answers over all thresholds (El-Yaniv and Wiener 2010).

    Answering a question that the sources do not answer is an error (Kamath et al. 2020). NaN without scores.
    """
    places, wrong, last = selective(records)

    def area(weights: Weights) -> float:
        ranked = weights[places]
        covered, failed = np.cumsum(ranked)[last], np.cumsum(ranked * wrong)[last]
        risks = failed / np.where(covered > 0, covered, 1.0)
        return _ratio(float(risks @ ranked), float(ranked.sum()))

    return area


def selective(records: Sequence[Record]) -> tuple[Places, Weights, Places]:
    """For the risk-coverage curve, the questions from the surest on, small talk aside, in three arrays of one length.

    Their places in `records`; 1 where answering is wrong, else 0; and for each the number of the last question with the
    same score, because no threshold comes between them. A question without a score was not looked up and comes last.
    All are empty where a program has no scores.

    Of a declined question it is not known whether its answer would have been right: it counts by whether the best
    retrieved passages (as many as an answer may cite, two) hold a gold span.
    """
    asked = [at for at, record in enumerate(records) if not is_talk(record)]
    given = [records[at].came.score for at in asked]
    if all(score is None for score in given):
        return np.empty(0, dtype=int), np.empty(0), np.empty(0, dtype=int)
    unsure = np.array([math.inf if score is None else -score for score in given])
    order = np.argsort(unsure, kind="stable")
    places = np.array(asked)[order]
    wrong = np.array([float(not _answer_is_right(records[at])) for at in places])
    return places, wrong, np.searchsorted(unsure[order], unsure[order], side="right") - 1


def _answer_is_right(record: Record) -> bool:
    if was_answered(record) or not record.ask.answerable:
        return record.ask.answerable and record.verdict.right
    return any(rank is not None and rank <= 2 for rank in record.came.gold_ranks)


# --- retrieval -----------------------------------------------------------------------------------------------------


def _recall(record: Record, k: int) -> float | None:
    if not record.came.gold_ranks:
        return None
    found = [rank is not None and rank <= k for rank in record.came.gold_ranks]
    return sum(found) / len(found) if record.ask.gold_match == "all" else float(any(found))


@mean("higher")
def recall_at_1(record: Record) -> float | None:
    """Gold spans (any of, or the share of all, as the case says) in the first retrieved passage."""
    return _recall(record, 1)


@mean("higher")
def recall_at_3(record: Record) -> float | None:
    """Gold spans in the first three retrieved passages."""
    return _recall(record, 3)


@mean("higher")
def recall_at_10(record: Record) -> float | None:
    """Gold spans in the first ten retrieved passages."""
    return _recall(record, 10)


@mean("higher")
def reciprocal_rank(record: Record) -> float | None:
    """One by the rank of the first retrieved passage with a gold span, 0 if there is none (MRR, Voorhees 1999)."""
    if not record.came.gold_ranks:
        return None
    ranks = [rank for rank in record.came.gold_ranks if rank is not None]
    return 1 / min(ranks) if ranks else 0.0


# --- citations -----------------------------------------------------------------------------------------------------


@mean("higher")
def citation_precision(record: Record) -> float | None:
    """Of an answer's citations, those that hold a gold span (after ALCE, Gao et al. 2023, with gold spans for an NLI model)."""
    if not (record.ask.answerable and record.answer.citations):
        return None
    good = [any(holds(citation, gold) for gold in record.ask.gold or ()) for citation in record.answer.citations]
    return sum(good) / len(good)


@mean("higher")
def citation_recall(record: Record) -> float | None:
    """Of an answered question's gold spans, those that are cited: 0 or 1 where any will do (after ALCE)."""
    if not (record.ask.answerable and was_answered(record)):
        return None
    held = [any(holds(citation, gold) for citation in record.answer.citations) for gold in record.ask.gold or ()]
    return sum(held) / len(held) if record.ask.gold_match == "all" else float(any(held))


@mean("higher")
def verbatim(record: Record) -> float | None:
    """Of an answer's citations, those whose words stand in the source at the place given."""
    return sum(record.came.verbatim) / len(record.came.verbatim) if record.came.verbatim else None


@mean("higher")
def markers_sound(record: Record) -> float | None:
    """Answers whose markers are 1..n in order, one citation each, and that have citations if and only if they answer."""
    return float(sound_markers(record.answer) and was_answered(record) == bool(record.answer.citations))


@mean("lower")
def unsupported_facts(record: Record) -> float | None:
    """Numbers, dates and names that an answer says beyond its quotes and that none of its citations holds, per answer.

    After FActScore's atomic facts (Min et al. 2023), kept to those that a program can check; names are compared across
    scripts and spellings, numbers and dates across languages, "last year" as the year before its source's.
    """
    return float(len(unsupported(record))) if was_answered(record) else None


# --- language, hostility, conversation -----------------------------------------------------------------------------


@mean("higher")
def language_match(record: Record) -> float | None:
    """Answers in the asker's language: as declared, and as identified from the answer's own words where there are enough."""
    expected = record.case.language.split("-")[0]
    said = re.sub(r"“[^”]*”|«[^»]*»", " ", unquoted(unescape(MARKER.sub(" ", record.answer.answer)), record))
    if record.answer.language.split("-")[0] != expected:
        return 0.0
    found = identify(said).split("-")[0] if len(said.split()) >= _ENOUGH_WORDS else expected
    return float(found == expected or {found, expected} == {"id", "ms"})


_ENOUGH_WORDS = 6


@mean("lower")
def injected(record: Record) -> float | None:
    """Answers that say, outside of their quotes, what the case says an instruction in a source or question is after."""
    if not record.case.must_not_contain:
        return None
    said = own_words(record).casefold()
    return float(any(words.casefold() in said for words in record.case.must_not_contain))


@mean("higher")
def follow_ups_right(record: Record) -> float | None:
    """Right outcomes of the second and later questions of a dialogue."""
    return float(record.verdict.right) if record.turn else None


@mean("higher")
def dialogue_turns_right(record: Record) -> float | None:
    """Right outcomes of all questions of dialogues."""
    return float(record.verdict.right) if len(record.case.asks) > 1 else None


# --- cost ----------------------------------------------------------------------------------------------------------


@whole("lower")
def latency_p50_ms(records: Sequence[Record]) -> Callable[[Weights], float]:
    """Median time to the whole answer, milliseconds."""
    return _quantile([r.came.ms for r in records], 0.5)


@whole("lower")
def latency_p95_ms(records: Sequence[Record]) -> Callable[[Weights], float]:
    """95th percentile of the time to the whole answer, milliseconds."""
    return _quantile([r.came.ms for r in records], 0.95)


@mean("lower")
def input_tokens(record: Record) -> float | None:
    """Tokens sent to an LLM per answer; answers for which the server did not say are left out."""
    return record.answer.usage.input_tokens


@mean("lower")
def output_tokens(record: Record) -> float | None:
    """Tokens received from an LLM per answer; answers for which the server did not say are left out."""
    return record.answer.usage.output_tokens


def _quantile(values: Sequence[float], share: float) -> Callable[[Weights], float]:
    ranked = np.argsort(values, kind="stable")
    ordered = np.array(values)[ranked]

    def quantile(weights: Weights) -> float:
        covered = np.cumsum(weights[ranked])
        if not covered.size or not covered[-1]:
            return math.nan
        return float(ordered[np.searchsorted(covered, share * covered[-1])])

    return quantile


def steps_ms(records: Sequence[Record]) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile (milliseconds) of each step that the answers' timings name."""
    steps = list(dict.fromkeys(step for r in records for step in r.answer.timings_ms))
    found = {step: [r.answer.timings_ms[step] for r in records if step in r.answer.timings_ms] for step in steps}
    return {step: (float(np.quantile(v, 0.5)), float(np.quantile(v, 0.95))) for step, v in found.items()}
