"""Support: the words of the sources that hold a free sentence, or what speaks against it.

A claim rests on one sentence of a source, its predicate. Others of its paragraph may add who is meant and the words
around, never a number. Where a claim has two clauses, each may rest on a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from assistant.steps import claim_words, claims, evidence
from assistant.steps.claims import Claim
from assistant.steps.contradictions import (
    adds_words,
    contradictions,
    has_part,
    has_run,
    holds_word,
    is_done,
    is_post,
    text_of,
)
from assistant.steps.doers import doers
from assistant.steps.lines import Line, bag_of_line
from assistant.steps.periods import told_by_period
from assistant.steps.places import places
from assistant.steps.relations import relations, tells_how
from assistant.steps.times import times
from assistant.text.lexicon import concept_class, lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check, Span

Similar = Callable[[str, str], float]
"""The cosine (-1..1) of a claim with words of a source."""

CANDIDATES = 5
"""Sentences that are tried as the predicate of a claim."""
REACH = 2
"""Sentences before and after the predicate that may say who is meant."""

UNKNOWN_ACROSS = 0.35
"""What a word weighs of which no other language's form is known, when the source is in another language."""
LIGHT = 0.25
MIN_COVERAGE, MIN_ACROSS = 0.8, 0.7
"""Weighted share of a claim's words that its spans have to hold, in its own language and in another."""

MAX_HALVES = 8
"""Places at which a claim is cut in two: a model may write a very long one."""

MIN_PREDICATE = 0.5
"""Of it what the predicate alone has to hold."""
MIN_GREY, MIN_SIMILARITY = 0.55, 0.85
"""From this share on, a claim in another language than its source's may have a cosine of at least this instead."""
TELLING = frozenset({"actor", "thing", "attribute", "event"})
"""Classes of concepts of which a claim may have none that its spans lack."""


@dataclass(frozen=True, slots=True)
class Support:
    """The spans that hold a claim, or the problems; `coverage` is the weighted share (0..1) of its words in them."""

    spans: tuple[Span, ...]
    problems: tuple[Check, ...]
    coverage: float


def _grounded(claim: Claim, found: Support, lines: Sequence[Line]) -> Support:
    """The support, unless its spans by themselves lack a number or name of the claim."""
    sources = {line.passage.source.source_id: line.passage for line in lines}
    bags = [bag_of_line(sources[s.source_id], sources[s.source_id].source.text[s.start : s.end]) for s in found.spans]
    lacking = [
        Check("facts", "missing", token.text)
        for token in (*claim.numbers, *(t for run in claim.names for t in run))
        if not any(claims.holds_token(token, bag.keys | bag.parts, bag.tokens) for bag in bags)
    ]
    return replace(found, problems=tuple(lacking)) if lacking else found


def support(text: str, language: str, lines: Sequence[Line], similar: Similar | None = None) -> Support:
    """What holds a sentence of the BCP 47 `language`: minimal spans of the lines, or the problems of the nearest ones."""
    claim = claims.read(text, language)
    if not claim.content:
        return Support((), (Check("citation", "missing", text),), 0.0)
    whole = _best(claim, lines, similar)
    if not whole.problems:
        return _grounded(claim, whole, lines)
    for first, second in islice(_halves(claim), MAX_HALVES):
        found = [_best(half, lines, similar) for half in (first, second)]
        if not any(each.problems for each in found):
            spans = tuple(dict.fromkeys(span for each in found for span in each.spans))
            if any(check for line in lines if _cited(line, spans) for check in places(claim, line)):
                continue
            return _grounded(claim, Support(spans, (), min(each.coverage for each in found)), lines)
    return whole


def _cited(line: Line, spans: Sequence[Span]) -> bool:
    return any(
        s.source_id == line.passage.source.source_id and s.start < line.end and line.start < s.end for s in spans
    )


def _best(claim: Claim, lines: Sequence[Line], similar: Similar | None) -> Support:
    def fits(at: int) -> tuple[int, float]:
        """How many of the claim's numbers a line has, then how well their words match."""
        held = lines[at].held
        numbers = sum(claims.holds_number(t, held.keys) for t in claim.numbers)
        return numbers, sum(evidence.match(t, held) * (1.5 if t.kind != "word" else 1) for t in claim.content)

    ranked = sorted(range(len(lines)), key=fits, reverse=True)
    tried: list[Support] = []
    is_said = False  # by one line, all of it: others can only say it shorter, alone as well
    for at in ranked[:CANDIDATES]:
        for helpers in _helpers(at, lines, claim):
            if helpers and is_said:
                break
            tried.append(attempt := _attempt(claim, at, helpers, lines, similar))
            is_said |= not attempt.problems and len(attempt.spans) == 1 and round(attempt.coverage, 1) == 1.0
            if not (helpers or attempt.problems):
                break  # a line that says it alone is the shortest quote of it
    if not tried:
        return Support((), (Check("meaning", "missing", claim.text),), 0.0)
    good = [attempt for attempt in tried if not attempt.problems]
    if good:
        return min(good, key=lambda s: (len(s.spans), -round(s.coverage, 1), sum(x.end - x.start for x in s.spans)))
    return min(tried, key=lambda s: (len(s.problems), -s.coverage))


def _helpers(at: int, lines: Sequence[Line], claim: Claim) -> Iterator[tuple[int, ...]]:
    """Nothing, then what may say who is meant: the line that names the speaker, and neighbours in the paragraph."""
    yield ()
    line = lines[at]
    near = [
        other
        for step in range(1, REACH + 1)
        for other in (at - step, at + step)
        if 0 <= other < len(lines) and lines[other].paragraph == line.paragraph
    ]
    said_in = (line.named_in,) if line.named_in not in (-1, at) else ()
    if said_in:
        yield said_in
    for run in claim.names:
        for named in dict.fromkeys(((), said_in)):
            told = [line, *(lines[each] for each in named)]
            partly = any(has_part(run, each) for each in told) or (line.speaker and claims.same_run(run, line.speaker))
            if partly and not any(has_run(run, each) for each in told):
                yield from ((*named, full) for full in [_named_in_full(run, line, lines)] if full >= 0)
    for other in near:
        yield (other,)


def _named_in_full(run: Sequence[Token], line: Line, lines: Sequence[Line]) -> int:
    """The first line of the source that has the whole name, -1 for none."""
    source = line.passage.source
    return next((n for n, each in enumerate(lines) if each.passage.source is source and has_run(run, each)), -1)


def _attempt(
    claim: Claim, at: int, helpers: tuple[int, ...], lines: Sequence[Line], similar: Similar | None
) -> Support:
    line, others = lines[at], [lines[h] for h in helpers]
    problems = [
        *contradictions(claim, line, others),
        *times(claim, line),
        *doers(claim, line, others),
        *relations(claim, line, others),
    ]
    problems = problems or [*places(claim, line)]  # which takes longest
    coverage, lacking = _coverage(claim, [line, *others], told_by_period(claim, line))
    problems += [Check("meaning", "missing", token.text) for token in lacking if _is_telling(token, claim)]
    done = [token for token in claim.content if is_done(token) and not is_post(token) and not evidence.is_light(token)]
    # A number in its place ties the two by itself.
    if (
        done
        and not claim.numbers
        and (all(t in lacking for t in done) or any(_is_of_another(t, line, lines) for t in done))
    ):
        problems.append(Check("meaning", "missing", done[0].text))
    own = [run for run in claim.speakers if line.speaker and claims.same_run(run, line.speaker)]
    unsaid = replace(claim, names=tuple(run for run in claim.names if run not in own))  # who says it is told beside it
    if others and _coverage(unsaid, [line])[0] < MIN_PREDICATE:
        problems.append(Check("meaning", "missing", claim.text))
    spans = _spans(claim, line, others)
    telling = [(line, spans[0])]
    telling += [(o, s) for o, s in zip(others, spans[1:], strict=False) if adds_words(claim, line, o)]
    said = " … ".join(line.passage.source.text[span.start : span.end] for _, span in telling)
    if claim.negated != claims.is_negated(said, line.passage.language):
        problems.append(Check("negation", "contradicted", said))
    unreal = any(_is_unreal(claim, each, span) for each, span in telling)
    if unreal and not claims.is_unreal(claim.text, claim.language):
        problems.append(Check("modality", "contradicted", said))
    if not problems and not _means(claim, line, coverage, said, similar):
        problems.append(Check("meaning", "missing", ", ".join(t.text for t in lacking)))
    return Support(spans, tuple(problems), coverage)


def _is_of_another(verb: Token, line: Line, lines: Sequence[Line]) -> bool:
    """Whether another line of the source, and not this one, tells what is done: a claim with that word mixes the two ("is committed
    to" of one field with another field). A word that can also mean a thing tells nothing."""
    if any(concept_class(key) not in ("action", "") for key in verb.concepts) or evidence.match(verb, line.held):
        return False
    return any(other.passage.source is line.passage.source and holds_word(verb, other) for other in lines)


def _is_telling(token: Token, claim: Claim) -> bool:
    """Whether a claim without a word would be another: one whose forms in all languages are known, so that what does not
    hold it does not say it ("signed" of what is being discussed), unless it only tells what a name is ("the company X")."""
    classes = {concept_class(key) for key in token.concepts} & TELLING
    named = any(0 <= run[0].start - token.end <= 1 for run in claim.names)
    return bool(classes) and not evidence.is_light(token) and not (named and "actor" in classes and not is_post(token))


def _means(claim: Claim, line: Line, coverage: float, said: str, similar: Similar | None) -> bool:
    """Whether enough of a claim's words are held, or in another language fewer and the whole means about the same."""
    if line.passage.language.split("-")[0] == claim.language.split("-")[0]:
        return coverage >= MIN_COVERAGE
    if coverage >= MIN_ACROSS or coverage < MIN_GREY or similar is None:
        return coverage >= MIN_ACROSS
    return similar(claim.text, said) >= MIN_SIMILARITY


def _is_unreal(claim: Claim, line: Line, span: Span) -> bool:
    """Whether a span tells what is wished or planned, up to where each of the claim's words has stood once, or the last time where
    it tells what is done ("After talks on a *merger* the banks plan to *merge*")."""
    start = span.start - line.start
    held = [t for t in line.held.tokens if start <= t.start]
    end = start
    for mine in claim.content:
        its = (t.end for t in held if evidence.match(mine, evidence.alone(t)))
        end = max([end, *(its if tells_how(mine) else islice(its, 1))])
    return claims.is_unreal(line.text[start:end], line.passage.language)


def _coverage(claim: Claim, lines: Sequence[Line], told: Sequence[Token] = ()) -> tuple[float, list[Token]]:
    """The weighted share of the claim's words that the lines hold, or are told otherwise, and those that they do not."""
    across = claim.language.split("-")[0] != lines[0].passage.language.split("-")[0]
    whole = got = 0.0
    lacking = []
    for token in claim.content:
        weight = LIGHT if evidence.is_light(token) else 1.0
        strength = 1.0 if token in told else max(holds_word(token, line) for line in lines)
        if not strength and across and not token.concepts and token.kind == "word":
            weight *= UNKNOWN_ACROSS
        if not strength:
            lacking.append(token)
        whole += weight
        got += weight * strength
    return (got / whole if whole else 0.0), lacking


def _spans(claim: Claim, line: Line, others: Sequence[Line]) -> tuple[Span, ...]:
    """The smallest run of clauses of the predicate that holds what the whole of it does, then what the others add."""
    attributed = bool(claim.speakers and line.speaker)
    said_by = [t for run in line.runs if attributed and claims.same_run(run, line.speaker) for t in run]
    spans = [_shrunk(line, [*(t for t in claim.content if holds_word(t, line)), *said_by])]
    for other in others:
        added = [t for t in claim.content if holds_word(t, other) and not holds_word(t, line)]
        if added:
            spans.append(_shrunk(other, added))
    return tuple(spans)


def _shrunk(line: Line, wanted: Sequence[Token]) -> Span:
    source = line.passage.source
    clauses = [
        (max(a, line.start), min(b, line.end)) for a, b in line.passage.clauses if a < line.end and line.start < b
    ]
    bags = [bag_of_line(line.passage, source.text[a:b]) for a, b in clauses]

    def holds(token: Token, bag: evidence.Bag) -> bool:
        return (
            claims.holds_number(token, bag.keys) if token.kind in claims.NUMERIC else bool(evidence.match(token, bag))
        )

    best = (0, len(clauses))
    for first in range(len(clauses)):
        for last in range(first + 1, len(clauses) + 1):
            if last - first < best[1] - best[0] and all(any(holds(t, b) for b in bags[first:last]) for t in wanted):
                best = first, last
    return Span(source.source_id, clauses[best[0]][0], clauses[best[1] - 1][1])


# --- claims of two clauses -----------------------------------------------------------------------------------------


def _is_list(first: Claim, second: Claim) -> bool:
    """Whether what is joined are two actors ("ASEAN *and* Russia") and no clauses."""
    ends = [t for t in first.found if t.kind != "function"][-1:] + [t for t in second.found if t.kind != "function"][:1]
    near = first.text.endswith(tuple(t.text for t in ends[:1])) and second.text.startswith(
        tuple(t.text for t in ends[1:])
    )
    return near and len(ends) == 2 and all(t.kind == "name" or "actor" in map(concept_class, t.concepts) for t in ends)


def _is_clause(half: Claim) -> bool:
    """Whether a half may say something by itself: what is done or happens, how many, which post somebody holds, a word that is not
    known or one such as "was" ("The old harbour" of "The old harbour and the pier closed" says nothing)."""
    if len(half.content) < 2:
        return False
    verbs = lexicon(half.language).yes_no_first
    named = {t for run in half.names for t in run}
    says = any(
        tells_how(t) or t.kind == "number" or (t.kind == "word" and not t.concepts) or (at and is_post(t))
        for at, t in enumerate(half.content)
        if t not in named
    )
    is_so = half.language == "ru" and "quality" in map(concept_class, half.content[-1].concepts)  # "Гавань новая"
    return says or is_so or any(fold(m.group()) in verbs for m in words_of(half.text))


def _halves(claim: Claim) -> Iterator[tuple[Claim, Claim]]:
    """The claim cut in two at a word or comma that joins clauses, each with content; the subject's names go with both."""
    for m in words_of(claim.text):
        if fold(m.group()) not in claim_words.joints():
            continue
        head, tail = claim.text[: m.start()].rstrip(" ,;"), claim.text[m.end() :].strip(" ,;")
        first, second = claims.read(head, claim.language), claims.read(tail, claim.language)
        if head == claim.text[: m.start()].rstrip() and _is_list(first, second):  # no comma before it
            continue
        if _is_clause(first) and _is_clause(second):
            if not second.names and first.names:
                second = claims.read(f"{text_of(first.names[0])} {tail}", claim.language)
            yield first, second
