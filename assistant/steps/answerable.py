"""Answerable: can the passages found answer the question? A small calibrated model over evidence that can be named.

Logistic regression over the evidence that `features` gives; its weights and threshold come from `calibration`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable

from assistant.steps import evidence, rivals
from assistant.steps.calibration import Calibration
from assistant.steps.lines import voice
from assistant.steps.meanings import asked_acronyms, asked_somebody, asked_term, introduces, may_define, spells_out
from assistant.steps.speakers import another_speaker
from assistant.text.about import about_itself
from assistant.text.choices import without_the_others
from assistant.text.layout import opening
from assistant.text.lexicon import LONG_WORD, concept_class, group, lexicon, says_any
from assistant.text.questions import Analysis, asks_something
from assistant.text.tokens import Token
from assistant.types import Check, Judgement, Passage, Retrieval, Status

NUMERIC = frozenset({"number", "ordinal", "month", "year"})
EXACT_KINDS = frozenset({"ordinal", "year", "day", "date", "age", "duration", "number", "share", "country"})
"""Kinds of answers that are told by their form alone: where there is none, there is no answer."""
CLASSES = ("action", "quality", "thing", "actor", "attribute", "event")
"""The first of them that a word of several meanings can be is what it counts as: the one that says least comes first."""
WHEN = frozenset({"year", "day", "date", "month", "period", "duration"})
"""Kinds of answers that another time than the question's may be."""
NEAR = 2
"""Content words from a year within which what it dates stands."""
MAX_COUNT = 3
"""More missing words than this say no more."""
MAX_LENGTH = 8
"""Nor do more words of a question; a script that is not known falls into many pieces."""


def answerable(retrieval: Retrieval, calibrated: Calibration) -> Judgement:
    """Judges a retrieval: answered, or not in the sources, with the evidence in words."""
    if not retrieval.passages:
        return Judgement(
            "not_in_sources", 0.0, tuple(Check("absent", "missing", t.text) for t in retrieval.unmentioned)
        )
    asked, source = retrieval.question, retrieval.passages[0].source
    if asked.published:
        return Judgement("answered", 1.0, (Check("topic", "found", source.publisher or ""),))
    if about_itself(asked):
        return Judgement("answered", 1.0, (Check("summary", "found", source.title),))
    if (topic := retrieval.question.topic) and evidence.says(retrieval.passages[0].text, topic):
        return Judgement("answered", 1.0, (Check("topic", "found", topic),))
    acronyms = asked_acronyms(retrieval.question)
    if unsaid := [each for each in acronyms if not any(spells_out(passage, each) for passage in retrieval.passages)]:
        return Judgement("not_in_sources", 0.0, tuple(Check("abbreviation", "missing", each) for each in unsaid))
    if acronyms and all(token.text in acronyms or evidence.is_light(token) for token in retrieval.question.content):
        return Judgement("answered", 1.0, _checks(retrieval))  # nothing else is asked; `rank` put what spells it first
    if somebody := asked_somebody(asked):
        # A first name of one and a last name of another make nobody.
        is_named = any(all(passage.held) for passage in retrieval.passages)
        if not is_named:
            name = asked.text[somebody[0].start : somebody[-1].end]
            return Judgement("not_in_sources", 0.0, (Check("absent", "missing", name), *_checks(retrieval)))
        if introduces(retrieval.passages[0], somebody):
            return Judgement("answered", 1.0, _checks(retrieval))
    if (term := asked_term(asked)) and not any(may_define(passage, term) for passage in retrieval.passages):
        words = asked.text[term[0].start : term[-1].end]
        return Judgement("not_in_sources", 0.0, (Check("definition", "missing", words), *_checks(retrieval)))
    if titles := _titles_instead(retrieval):
        return Judgement(
            "not_in_sources", 0.0, (*(Check("title", "contradicted", each) for each in titles), *_checks(retrieval))
        )
    if times := _times_instead(retrieval):
        return Judgement("not_in_sources", 0.0, (Check("time", "contradicted", ", ".join(times)), *_checks(retrieval)))
    if speaker := another_speaker(retrieval):
        return Judgement("not_in_sources", 0.0, (Check("another_speaker", "found", speaker), *_checks(retrieval)))
    probability = calibrated.probability(features(retrieval), source.text)
    status: Status = "answered" if probability >= calibrated.threshold else "not_in_sources"
    return Judgement(status, probability, (*_checks(retrieval), Check("probability", "found", f"{probability:.2f}")))


def _titles_instead(retrieval: Retrieval) -> tuple[str, ...]:
    """The titles that the best passage has, where somebody is asked for by one of which that is a part, and of what, and by
    nothing else: a deputy minister is not the minister, however much else agrees."""
    question, best = retrieval.question, retrieval.passages[0]
    titles = [token for token in question.content if not token.keys.isdisjoint(group("person"))]
    of_what = [token for token in question.content if token.kind == "name" or evidence.is_country(token)]
    by_title = all(t in titles or t in of_what or evidence.is_light(t) for t in question.content)
    names_first = any(token.start < titles[0].start and not evidence.is_country(token) for token in of_what if titles)
    asks_who = question.asks == "person" or not (question.asks or question.yes_no)
    if not (asks_who and by_title) or names_first:  # "who is *Siti Rahma*, a mayor or a judge?"
        return ()
    return rivals.another_title(question, evidence.bag_of(best), best.language)


def _times_instead(retrieval: Retrieval) -> tuple[str, ...]:
    """The years and months of a question which the best passage tells of others: the trade of last year is not this year's. Not
    where it is asked whether or when something was, which another time answers, nor of what the question before said."""
    question, best = retrieval.question, retrieval.passages[0]
    if question.yes_no or question.asks in WHEN or not asks_something(question.text, question.language):
        return ()
    date = best.source.date
    times = [t for t in question.content if rivals.is_time(t) and not _dates_source(question, t, date)]
    if any(token in question.carried for token in times):
        return ()
    held = evidence.bag_of(best)
    # A sentence without a time is of the one that its source opens with: "Annual report 2022".
    if not any(map(rivals.is_time, held.tokens)):
        held = evidence.bag_of(best, best.source.text[: opening(best.source.text)])
    return tuple(t.text for t in times) if rivals.another_time(times, held, date) else ()


def _dates_source(question: Analysis, token: Token, date: dt.date | None) -> bool:
    """Whether a year or month only tells which report is meant ("the *2019* report"), or when somebody said it there."""
    at = question.content.index(token)
    beside = question.content[max(0, at - NEAR) : at] + question.content[at + 1 : at + 1 + NEAR]
    of_report = any(not other.keys.isdisjoint(group("document")) for other in beside)
    return rivals.is_own(token, date) and (of_report or question.speaks_of_saying)


def features(retrieval: Retrieval) -> dict[str, float]:
    """The evidence by name, about 0..1 each or a small count; `read` -7..6.

    `absent`: no candidate holds the word; `far`: some candidate does, but not the best one nor the sentences beside it.
    `read`: the log-odds that one of the best answers, as the network reads it together with the question.
    Light words (`evidence.is_light`) count for neither of the first two, nor does when something ends where a period tells
    it, nor what is offered beside what is held (`text.choices`); of what is carried over from the question before, only
    names and numbers that are absent do.
    """
    question, best = retrieval.question, retrieval.passages[0]
    held = evidence.bag_of(best)
    texts = [best.text, *filter(None, (best.before, best.after))]
    around = [held, *(evidence.bag_of(best, text) for text in texts[1:])]
    heavy = [
        (token, near)
        for token, near in zip(question.content, best.near, strict=True)
        if not (
            evidence.is_light(token)
            or evidence.told_by_period(question, token, held)
            or evidence.is_language(question, token)
            or evidence.tells_where(question, token)
        )
    ]
    found = [t for t, near in heavy if near]
    lacking = without_the_others(question, (t for t, near in heavy if not near), found)
    absent = [t for t in lacking if t in retrieval.absent and not (t.kind == "word" and t in question.carried)]
    far = [t for t in lacking if t not in retrieval.absent and t not in question.carried]
    language = question.language.split("-")[0]
    words = lexicon(best.language)
    same_language = lexicon(language) is words
    can = [_can_answer(question, best, one) for one in around]
    says = float(question.speaks_of_saying)

    def count(tokens: Iterable[Token], fits: Callable[[Token], bool]) -> float:
        return float(min(MAX_COUNT, sum(map(fits, tokens))))

    return {
        "held": evidence.share(retrieval.weights, best.held),
        "near": evidence.share(retrieval.weights, best.near),
        "absent_countries": count(absent, evidence.is_country),
        "absent_names": count(absent, lambda t: t.kind == "name" and not evidence.is_country(t)),
        "absent_numbers": count(absent, lambda t: t.kind in NUMERIC),
        "absent_actors": count(absent, lambda t: _is_class(t, "actor")),
        "absent_things": count(absent, lambda t: _is_class(t, "thing")),
        "absent_attributes": count(absent, lambda t: _is_class(t, "attribute")),
        "absent_events": count(absent, lambda t: _is_class(t, "event")),
        "absent_others": count(absent, lambda t: _is_class(t, "action", "quality")),
        "absent_unknown": count(
            absent, lambda t: t.kind == "word" and not _is_class(t, *CLASSES) and not same_language
        ),
        "absent_unknown_here": count(
            absent, lambda t: t.kind == "word" and not _is_class(t, *CLASSES) and same_language
        ),
        "absent_focus": count(absent, lambda t: t in question.focus and bool(t.concepts)),
        "far_countries": count(far, evidence.is_country),
        "far_names": count(far, lambda t: t.kind == "name" and not evidence.is_country(t)) * (1.0 - says),
        "far_speakers": count(far, lambda t: t.kind == "name" and not evidence.is_country(t)) * says,
        "far_numbers": count(far, lambda t: t.kind in NUMERIC),
        "far_events": count(far, lambda t: _is_class(t, "event")),
        "far_words": count(far, lambda t: t.kind == "word" and not _is_class(t, "event")),
        "kind_missing": float(not can[0]),
        "kind_far": float(not any(can)),
        "kind_far_exact": float(question.asks in EXACT_KINDS and not any(can)),
        "far_focus": float(
            not question.spans and any(t in question.focus and (t.concepts or same_language) for t in far)
        ),
        "unbound": min((u for one in around if (u := evidence.unbound(question, one)) is not None), default=0.0),
        "uncounted": float(evidence.uncounted(question, around)),
        "contradicted": float(
            bool(rivals.contradicted(question, [*around, *map(evidence.bag_of, retrieval.passages)]))
        ),
        "another_date": float(rivals.another_date(question, held, best.source.date)),
        "another_title": float(bool(rivals.another_title(question, held, best.language))),
        "order_missing": float(question.ordered and not says_any(best.text, words.sequence, words.language)),
        "superlative_missing": float(
            question.superlative and not any(says_any(t, words.superlative, words.language) for t in texts)
        ),
        "negation_missing": float(question.negated and all(one.keys.isdisjoint(words.negation) for one in around)),
        "own_view": float(question.own_view),
        "nothing": float(not found),
        "read": max((passage.answers for passage in retrieval.passages if passage.answers is not None), default=0.0),
        "length": math.log1p(min(len(heavy), MAX_LENGTH)),
        "unasked": float(not question.spans),
    }


def _can_answer(question: Analysis, passage: Passage, held: evidence.Bag) -> bool:
    """Whether words of a passage, or beside it, are of the kind that is asked for; whoever says what it gives is known."""
    told = question.asks_speaker and voice(passage) is not None
    return told or evidence.can_answer(question, held, passage.language)


def _is_class(token: Token, *classes: str) -> bool:
    """Whether a word that is known, or is a slip of a long one, counts as one of the classes."""
    slip = bool(token.skeleton) and len(token.text) >= LONG_WORD  # a short one may as well be a word that is not known
    known = token.concepts or (token.parts if slip else frozenset())
    found = {concept_class(key) for key in known} if token.kind == "word" else set()
    return next((each for each in CLASSES if each in found), "") in classes


def _checks(retrieval: Retrieval) -> tuple[Check, ...]:
    question, best = retrieval.question, retrieval.passages[0]
    found = ", ".join(token.text for token, held in zip(question.content, best.held, strict=True) if held)
    checks = [Check("absent", "missing", token.text) for token in retrieval.unmentioned if not evidence.is_light(token)]
    if found:
        checks.append(Check("coverage", "found", found))
    if not _can_answer(question, best, evidence.bag_of(best)):
        checks.append(Check("answer_type", "missing", question.asks))
    if read := [passage.answers for passage in retrieval.passages if passage.answers is not None]:
        checks.append(Check("read", "found", f"{1 / (1 + math.exp(-max(read))):.2f}"))
    return tuple(checks)
