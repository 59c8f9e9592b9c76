"""Support: the words of the sources that hold a free sentence, or what speaks against it.

A claim rests on one sentence of a source, its predicate. Others of its paragraph may add who is meant and the words
around, never a number. Where a claim has two clauses, each may rest on a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from assistant.steps import claims, evidence
from assistant.steps.claims import Claim
from assistant.steps.lines import Line, bag_of_line
from assistant.text.lexicon import group, words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check, Span

Similar = Callable[[str, str], float]
"""The cosine (-1..1) of a claim with words of a source."""

CANDIDATES = 5
"""Sentences that are tried as the predicate of a claim."""
REACH = 2
"""Sentences before and after the predicate that may say who is meant."""
NEAR = 3
"""Content words of a claim between which a number or name is bound to another word."""
ACROSS = 3
"""What a comma between two words counts, in words."""

DATE_GAP, IN_DATE = 4, 3
"""Code points between the parts of a claim's date, and words between those of the source's."""

UNKNOWN_ACROSS = 0.35
"""What a word weighs of which no other language's form is known, when the source is in another language."""
LIGHT = 0.25
MIN_COVERAGE, MIN_ACROSS = 0.8, 0.7
"""Weighted share of a claim's words that its spans have to hold, in its own language and in another."""

MIN_PREDICATE = 0.5
"""Of it what the predicate alone has to hold."""
MIN_GREY, MIN_SIMILARITY = 0.55, 0.85
"""From this share on, a claim in another language than its source's may have a cosine of at least this instead."""


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
    for first, second in _halves(claim):
        found = [_best(half, lines, similar) for half in (first, second)]
        if not any(each.problems for each in found):
            spans = tuple(dict.fromkeys(span for each in found for span in each.spans))
            return _grounded(claim, Support(spans, (), min(each.coverage for each in found)), lines)
    return whole


def _best(claim: Claim, lines: Sequence[Line], similar: Similar | None) -> Support:
    content = claim.content
    ranked = sorted(
        range(len(lines)),
        key=lambda at: -sum(evidence.match(t, lines[at].held) * (1.5 if t.kind != "word" else 1) for t in content),
    )
    tried = [
        attempt
        for at in ranked[:CANDIDATES]
        for helpers in _helpers(at, lines, claim)
        for attempt in [_attempt(claim, at, helpers, lines, similar)]
    ]
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
    if line.named_in not in (-1, at):
        yield (line.named_in,)
    for run in claim.names:
        if len(run) > 1 and not _has(run, line) and _has_part(run, line):
            full = next(
                (n for n, each in enumerate(lines) if each.passage.source is line.passage.source and _has(run, each)),
                -1,
            )
            if full >= 0:
                yield (full,)
    for other in near:
        yield (other,)


def _attempt(
    claim: Claim, at: int, helpers: tuple[int, ...], lines: Sequence[Line], similar: Similar | None
) -> Support:
    line, others = lines[at], [lines[h] for h in helpers]
    problems = [
        *_numbers(claim, line),
        *_dates(claim, line),
        *_names(claim, line, others),
        *_titles(claim, line),
        *_added(claim, line, others),
        *_speech(claim, line),
    ]
    missing = claim.quantifiers - claims.quantifiers(" ".join([line.text, *(o.text for o in others)]))
    problems += [Check("quantifier", "missing", name) for name in sorted(missing)]
    coverage, lacking = _coverage(claim, [line, *others])
    if others and _coverage(claim, [line])[0] < MIN_PREDICATE:
        problems.append(Check("meaning", "missing", claim.text))
    spans = _spans(claim, line, others)
    telling = [spans[0], *(s for s, o in zip(spans[1:], others, strict=False) if _adds_words(claim, line, o))]
    said = " … ".join(line.passage.source.text[s.start : s.end] for s in telling)
    if claim.negated != claims.is_negated(said, line.passage.language):
        problems.append(Check("negation", "contradicted", said))
    if not problems and not _means(claim, line, coverage, said, similar):
        problems.append(Check("meaning", "missing", ", ".join(t.text for t in lacking)))
    return Support(spans, tuple(problems), coverage)


def _means(claim: Claim, line: Line, coverage: float, said: str, similar: Similar | None) -> bool:
    """Whether enough of a claim's words are held, or in another language fewer and the whole means about the same."""
    if line.passage.language.split("-")[0] == claim.language.split("-")[0]:
        return coverage >= MIN_COVERAGE
    if coverage >= MIN_ACROSS or coverage < MIN_GREY or similar is None:
        return coverage >= MIN_ACROSS
    return similar(claim.text, said) >= MIN_SIMILARITY


def _numbers(claim: Claim, line: Line) -> Iterator[Check]:
    for number in claim.numbers:
        its = [t for t in line.held.tokens if not t.keys.isdisjoint(number.keys)]
        if not claims.holds_number(number, line.held.keys):
            yield Check("facts", "missing", number.text)
            continue
        mine = claims.unit_of(claim.text, number, claim.found)
        units = {claims.unit_of(line.text, t, line.held.tokens) for t in its}
        if its and mine and mine not in units and units != {""}:
            yield Check("facts", "contradicted", f"{number.text} {mine.removeprefix('c_')}")
        elif its and _of_another(claim, number, its, line):
            yield Check("facts", "contradicted", number.text)


def _of_another(claim: Claim, number: Token, its: Sequence[Token], line: Line) -> bool:
    """Whether the source has the number of something else than the claim has."""
    if number.kind == "year":
        return _another_year(claim, number, line)
    if number.kind == "month" or _is_day(claim, number):
        return False
    return _bound_elsewhere(claim, number, its, line) or _owned_elsewhere(claim, its, line)


def _owned_elsewhere(claim: Claim, its: Sequence[Token], line: Line) -> bool:
    """Whether a line that gives names and numbers by turns ("A at 7, B at 6 and C at 8") gives the number to a name that
    the claim lacks, while it has the others."""
    kind = its[0].kind
    entities = {t: run for run in line.runs if claims.kind(run) != "acronym" for t in run}
    turns = [t for t in line.held.tokens if t in entities or (t.kind == kind and _unit(line, t) == _unit(line, its[0]))]
    groups = [list(same) for _, same in groupby(turns, key=lambda t: t in entities)]
    if len(groups) < 4 or any(len(g) > 1 for g in groups if g[0] not in entities):
        return False
    pairs = list(pairwise(groups)) if groups[0][0] in entities else [(b, a) for a, b in pairwise(groups)]
    owners = [names for names, (number, *_) in pairs[::2] if number in its]
    listed = [run for names, _ in pairs[::2] for run in (entities[t] for t in names) if _claimed(run, claim)]
    return bool(owners and listed) and not any(_claimed(entities[t], claim) for names in owners for t in names)


def _unit(line: Line, number: Token) -> str:
    return claims.unit_of(line.text, number, line.held.tokens)


def _another_year(claim: Claim, year: Token, line: Line) -> bool:
    """Whether all that the claim says stands in the line nearer to another year."""
    said = [t for t in line.held.tokens if t.kind != "function"]
    claimed = {key for t in claim.numbers for key in t.keys}
    rivals = [t for t in said if t.kind == "year" and t.keys.isdisjoint(claimed)]
    its = [t for t in said if not t.keys.isdisjoint(year.keys)]
    votes = []
    for token in claim.content:
        if token is year or token.kind == "month" or evidence.is_light(token):
            continue
        places = [t for t in said if evidence.match(token, evidence.alone(t)) >= evidence.PART_OF_PHRASE]
        if places and rivals and its:
            mine = min(_distance(a, b, said, line)[0] for a in places for b in its)
            votes.append(min(_distance(a, b, said, line)[0] for a in places for b in rivals) < mine)
    return bool(votes) and all(votes)


def _is_day(claim: Claim, number: Token) -> bool:
    """Whether a number belongs to a date: "19-20 February", "с 3 по 6 октября"."""
    content = claim.content
    at = content.index(number)
    return any(t.kind == "month" for t in content[max(0, at - 2) : at + 3])


def _names(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    for run in claim.names:
        if _has(run, line):
            rivals = [r for r in line.runs if claims.kind(r) == claims.kind(run) and not _of_title(r, line)]
            if _bound_to_rival(claim, run, rivals, line):
                yield Check("names", "contradicted", _text(run))
            continue
        name = _text(run)
        if _has_part(run, line) and any(_has(run, other) for other in others):
            continue  # the full name of whom the predicate names by one
        if not any(_has(run, other) for other in others):
            yield Check("facts", "missing", name)
        elif line.speaker and claims.same_run(run, line.speaker) and (run in claim.speakers or _has_pronoun(line)):
            continue
        elif claims.kind(run) == "name" and not _has_pronoun(line):
            yield Check("names", "missing", name)  # nothing in the predicate stands for someone named elsewhere
        elif any(claims.kind(r) == claims.kind(run) and not _claimed(r, claim) for r in line.runs) and not _is_shared(
            run, line
        ):
            yield Check("names", "contradicted", name)  # the predicate is said of someone else


def _of_title(run: Sequence[Token], line: Line) -> bool:
    """Whether a name only completes a title ("Bupati Muara Selindung, Ratri Maharsiwi")."""
    before = [t for t in line.held.tokens if t.end <= run[0].start and t.kind != "function"][-1:]
    return any(not (t.keys | t.parts).isdisjoint(claims.titles()) for t in before)


def _has_pronoun(line: Line) -> bool:
    spoken = {fold(m.group()) for m in words_of(line.text)}
    return not spoken.isdisjoint(claims.people_pronouns())


def _dates(claim: Claim, line: Line) -> Iterator[Check]:
    """Days, months and years that stand together in the claim have to stand together in the line."""
    said = [t for t in line.held.tokens if t.kind != "function"]
    for first, second in pairwise(claim.numbers):
        if "month" not in (first.kind, second.kind) or second.start - first.end > DATE_GAP:
            continue
        places = [[n for n, t in enumerate(said) if not t.keys.isdisjoint(each.keys)] for each in (first, second)]
        if all(places) and min(abs(a - b) for a in places[0] for b in places[1]) > IN_DATE:
            yield Check("facts", "contradicted", claim.text[first.start : second.end])


def _titles(claim: Claim, line: Line) -> Iterator[Check]:
    """Titles and ranks have to be those of the line: no minister where it has a deputy minister, nor the other way."""
    ranks, people = group("rank") - {"c_acting_interim"}, claims.titles()
    at_home = claim.language.split("-")[0] == line.passage.language.split("-")[0]
    ranked = any(not (t.keys | t.parts).isdisjoint(ranks) for t in line.held.tokens)
    ranked_too = {b for a, b in pairwise(claim.found) if not a.keys.isdisjoint(ranks)}
    for token in claim.words:
        rank = (token.keys | token.parts) & ranks
        if (rank and rank.isdisjoint(line.held.keys | line.held.parts)) or (
            not token.keys.isdisjoint(people) and not _has_title(token, line, at_home=at_home)
        ):
            yield Check("title", "missing", token.text)
        elif (
            not rank
            and token not in ranked_too
            and not token.keys.isdisjoint(people)
            and ranked
            and _only_ranked(token, line, ranks)
        ):
            yield Check("title", "contradicted", token.text)


def _has_title(title: Token, line: Line, *, at_home: bool) -> bool:
    """Whether a line has a title; in its own language by the words themselves, since concepts are wider ("head", "chief")."""
    held = line.held.keys | line.held.parts
    own = {key for key in title.keys | title.parts if not key.startswith("c_")}
    return not own.isdisjoint(held) if at_home else evidence.match(title, line.held) >= evidence.PART_OF_PHRASE


def _only_ranked(title: Token, line: Line, ranks: frozenset[str]) -> bool:
    """Whether a line has a title only with a rank before it or in it."""
    for before, token in pairwise([None, *line.held.tokens]):
        if token is None or title.keys.isdisjoint(token.keys | token.parts):
            continue
        if before is not None and not before.keys.isdisjoint(ranks):
            continue
        if (token.keys | token.parts).isdisjoint(ranks):
            return False
    return True


def _added(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """Another line may not add what would make the predicate another: what a number counts, or what a rival did."""
    for other in others:
        words = _adds_words(claim, line, other)
        if not words:
            continue
        rivals = [r for r in other.runs if claims.kind(r) == "name" and not _claimed(r, claim)]
        named = any(claims.kind(run) == "name" for run in claim.names)
        if rivals and named:
            yield Check("names", "contradicted", _text(rivals[0]))
        content = claim.content
        for number in claim.numbers:
            beside = content[content.index(number) + 1 :][:1]
            if beside and beside[0] in words and number.kind in ("number", "ordinal"):
                yield Check("facts", "contradicted", f"{number.text} {beside[0].text}")


def _adds_words(claim: Claim, line: Line, other: Line) -> list[Token]:
    return [t for t in claim.words if not evidence.is_light(t) and _strength(t, other) and not _strength(t, line)]


def _speech(claim: Claim, line: Line) -> Iterator[Check]:
    if not claim.attributed:
        return
    for run in claim.speakers:
        if not line.speaker:
            yield Check("speaker", "missing", _text(run))
        elif not claims.same_run(run, line.speaker):
            yield Check("speaker", "contradicted", _text(run))


def _coverage(claim: Claim, lines: Sequence[Line]) -> tuple[float, list[Token]]:
    """The weighted share of the claim's words that the lines hold, and those that they do not."""
    across = claim.language.split("-")[0] != lines[0].passage.language.split("-")[0]
    whole = got = 0.0
    lacking = []
    for token in claim.content:
        weight = LIGHT if evidence.is_light(token) else 1.0
        strength = max(_strength(token, line) for line in lines)
        if not strength and across and not token.concepts and token.kind == "word":
            weight *= UNKNOWN_ACROSS
        if not strength:
            lacking.append(token)
        whole += weight
        got += weight * strength
    return (got / whole if whole else 0.0), lacking


def _strength(token: Token, line: Line) -> float:
    if token.kind in claims.NUMERIC:
        return float(claims.holds_number(token, line.held.keys))
    return evidence.match(token, line.held)


def _spans(claim: Claim, line: Line, others: Sequence[Line]) -> tuple[Span, ...]:
    """The smallest run of clauses of the predicate that holds what the whole of it does, then what the others add."""
    spans = [_shrunk(line, [t for t in claim.content if _strength(t, line)])]
    for other in others:
        added = [t for t in claim.content if _strength(t, other) and not _strength(t, line)]
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


# --- what belongs to what ------------------------------------------------------------------------------------------


def _bound_elsewhere(claim: Claim, number: Token, its: Sequence[Token], line: Line) -> bool:
    """Whether the claim gives a number to a thing or name that in the source has another number nearer to it."""
    unit = claims.unit_of(claim.text, number, claim.found)
    rivals = [
        t
        for t in line.held.tokens
        if t.kind == number.kind
        and t.keys.isdisjoint(number.keys)
        and claims.unit_of(line.text, t, line.held.tokens) in ("", unit)
    ]
    return bool(rivals) and _nearer(claim, number, its, rivals, line)


def _bound_to_rival(claim: Claim, run: Sequence[Token], rivals: Sequence[tuple[Token, ...]], line: Line) -> bool:
    """Whether what the claim says beside a name stands in the source beside another name that the claim lacks."""
    others = [t for r in rivals if not _claimed(r, claim) for t in r]
    its = [t for r in line.runs if claims.same_run(r, run) for t in r]
    return bool(others and its) and _nearer(claim, run[-1], its, others, line, clauses_only=True)


def _nearer(
    claim: Claim, mine: Token, its: Sequence[Token], rivals: Sequence[Token], line: Line, *, clauses_only: bool = False
) -> bool:
    said = [t for t in line.held.tokens if t.kind != "function"]
    content = claim.content
    at = content.index(mine)
    own = {t for run in claim.names if mine in run for t in run}
    near = sorted(
        (
            (abs(at - other), t)
            for other, t in enumerate(content)
            if abs(at - other) <= NEAR and t not in own and t.kind in ("word", "name") and not evidence.is_light(t)
        ),
        key=lambda pair: pair[0],
    )
    if not clauses_only:  # what is as near to another number of the claim tells nothing of this one
        others = [content.index(k) for k in content if k.kind == mine.kind and k is not mine]
        near = [(d, t) for d, t in near if all(abs(content.index(t) - o) > d for o in others)]
    several = any(k.kind == mine.kind and k is not mine for k in content)
    names = [] if clauses_only else [(d, t) for d, t in near if t.kind == "name"]
    for _, word in names or near[: NEAR if clauses_only else 2 if several else 1]:
        places = [t for t in said if evidence.match(word, evidence.alone(t)) >= evidence.PART_OF_PHRASE]
        ours = [k for k in content if k.kind in claims.NUMERIC and k is not mine]
        as_near = [k for k in ours if abs(content.index(k) - content.index(word)) <= abs(at - content.index(word))]
        against = [r for r in rivals if all(r.keys.isdisjoint(k.keys) for k in as_near)]
        if not against or not places or any(p in its for p in places):
            continue
        mine_at, mine_commas = min(_distance(a, b, said, line) for a in places for b in its)
        rival_at, rival_commas = min(_distance(a, b, said, line) for a in places for b in against)
        if clauses_only and not (mine_commas and not rival_commas):
            continue
        if rival_at < mine_at:
            return True
    return False


def _distance(a: Token, b: Token, said: Sequence[Token], line: Line) -> tuple[int, int]:
    """How far apart two words are, in words, and how many of the marks between them part clauses."""
    first, last = sorted((a, b), key=lambda t: t.start)
    between = line.text[first.end : last.start]
    commas = sum(between.count(mark) for mark in ",;:")
    return abs(said.index(a) - said.index(b)) + ACROSS * commas, commas


def _has(run: Sequence[Token], line: Line) -> bool:
    if len(run) == 1 and run[0].concepts:
        return not run[0].keys.isdisjoint(line.held.keys | line.held.parts)
    return claims.holds_run(run, line.runs, line.held.tokens)


def _has_part(run: Sequence[Token], line: Line) -> bool:
    """Whether a line names by a part of the name alone whom the run names in full ("Mr Dusfield")."""
    return len(run) > 1 and any(all(any(claims.same(x, y) for y in run) for x in its) for its in line.runs)


def _claimed(run: Sequence[Token], claim: Claim) -> bool:
    return any(claims.same_run(run, mine) for mine in claim.names)


def _is_shared(run: Sequence[Token], line: Line) -> bool:
    return bool(line.speaker) and claims.same_run(run, line.speaker)


def _text(run: Sequence[Token]) -> str:
    return " ".join(token.text for token in run)


# --- claims of two clauses -----------------------------------------------------------------------------------------


def _halves(claim: Claim) -> Iterator[tuple[Claim, Claim]]:
    """The claim cut in two at a word or comma that joins clauses, each with content; the subject's names go with both."""
    for m in words_of(claim.text):
        if fold(m.group()) not in claims.joints():
            continue
        head, tail = claim.text[: m.start()].rstrip(" ,;"), claim.text[m.end() :].strip(" ,;")
        first, second = claims.read(head, claim.language), claims.read(tail, claim.language)
        if len(first.content) >= 2 and len(second.content) >= 2:
            if not second.names and first.names:
                second = claims.read(f"{_text(first.names[0])} {tail}", claim.language)
            yield first, second
