"""Contradictions: what a sentence of a source says against a claim, or lacks of what a claim cannot do without.

Each check is one function over a claim and the line that it is held against, its predicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from rapidfuzz.distance import Indel

from assistant.steps import claim_words, claims, evidence
from assistant.steps.claims import Claim
from assistant.steps.lines import Line, refers
from assistant.steps.periods import told_by_period
from assistant.text.lexicon import concept_class, group, relatives, words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check

NEAR, NUMBER_NEAR = 3, 6
"""Content words of a claim among which one that a name, or a number, belongs to is looked for."""
ACROSS = 3
"""What a comma between two words counts, in words."""
ALIKE = 0.8
"""How alike (0..1) two words are written that are one of two languages: "koordinator" and "coordinator" are 0.82."""


def contradictions(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """What speaks against resting a claim on a line, its predicate, with others that add who is meant."""
    yield from _numbers(claim, line)
    yield from _names(claim, line, others)
    yield from _titles(claim, line)
    yield from _added(claim, line, others)
    yield from _speech(claim, line)
    missing = claim.quantifiers - claims.quantifiers(" ".join([line.text, *(o.text for o in others)]))
    yield from (Check("quantifier", "missing", name) for name in sorted(missing))


def _numbers(claim: Claim, line: Line) -> Iterator[Check]:
    for number in claim.numbers:
        its = [t for t in line.held.tokens if not t.keys.isdisjoint(number.keys)]
        if its and not _is_bounded(number, claim.found) and all(_is_bounded(t, line.held.tokens) for t in its):
            yield Check("quantifier", "missing", number.text)
        if not claims.holds_number(number, line.held.keys):
            yield Check("facts", "missing", number.text)
            continue
        mine = claims.unit_of(claim.text, number, claim.found)
        units = {claims.unit_of(line.text, t, line.held.tokens) for t in its}
        if its and mine and mine not in units and units != {""}:
            yield Check("facts", "contradicted", f"{number.text} {mine.removeprefix('c_')}")
        elif its and _of_another(claim, number, its, line):
            yield Check("facts", "contradicted", number.text)


def _is_bounded(number: Token, found: Sequence[Token]) -> bool:
    """Whether a number is only what something is more, less or about ("more than 20 years")."""
    before = [t for t in found if t.end <= number.start][-2:]
    return any(not t.keys.isdisjoint(claim_words.bounds()) for t in before)


def _of_another(claim: Claim, number: Token, its: Sequence[Token], line: Line) -> bool:
    """Whether the source has the number of something else than the claim has."""
    if number.kind == "year":
        return number not in told_by_period(claim, line) and _another_year(claim, number, line)
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
            mine = min(distance(a, b, said, line.text)[0] for a in places for b in its)
            votes.append(min(distance(a, b, said, line.text)[0] for a in places for b in rivals) < mine)
    return bool(votes) and all(votes)


def _is_day(claim: Claim, number: Token) -> bool:
    """Whether a number belongs to a date: "19-20 February", "с 3 по 6 октября"."""
    content = claim.content
    at = content.index(number)
    return any(t.kind == "month" for t in content[max(0, at - 2) : at + 3])


def _names(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    for run in claim.names:
        if has_run(run, line) or stands_so(claim, run, line):
            rivals = [r for r in line.runs if claims.kind(r) == claims.kind(run) and not _of_title(r, line)]
            if _bound_to_rival(claim, run, rivals, line):
                yield Check("names", "contradicted", text_of(run))
            continue
        name = text_of(run)
        if has_part(run, line) and any(has_run(run, other) for other in others):
            continue  # the full name of whom the predicate names by one
        if not any(has_run(run, other) for other in others):
            yield Check("facts", "missing", name)
        elif line.speaker and claims.same_run(run, line.speaker) and (run in claim.speakers or has_pronoun(line)):
            continue
        elif claims.kind(run) == "name" and not (
            has_pronoun(line) or any(refers(line, other, run) for other in others)
        ):
            yield Check("names", "missing", name)  # nothing in the predicate stands for someone named elsewhere
        elif any(claims.kind(r) == claims.kind(run) and not _claimed(r, claim) for r in line.runs) and not _is_shared(
            run, line
        ):
            yield Check("names", "contradicted", name)  # the predicate is said of someone else


def _is_label(run: Sequence[Token], line: Line) -> bool:
    """Whether a name only tells what a number after it counts ("Berth 5")."""
    return any(t.kind in ("number", "ordinal") and 0 <= t.start - run[-1].end <= 1 for t in line.held.tokens)


def _of_title(run: Sequence[Token], line: Line) -> bool:
    """Whether a name only completes a title ("Bupati Muara Selindung, Ratri Maharsiwi")."""
    before = [t for t in line.held.tokens if t.end <= run[0].start and t.kind != "function"][-1:]
    return any(not (t.keys | t.parts).isdisjoint(claim_words.titles()) for t in before)


def has_pronoun(line: Line) -> bool:
    spoken = {fold(m.group()) for m in words_of(line.text)}
    return not spoken.isdisjoint(claim_words.people_pronouns())


def is_post(token: Token) -> bool:
    return not token.keys.isdisjoint(claim_words.titles())


def _titles(claim: Claim, line: Line) -> Iterator[Check]:
    """Titles and ranks have to be those of the line: no minister where it has a deputy minister, nor the other way."""
    ranks, people = _ranks(), claim_words.titles()
    at_home = claim.language.split("-")[0] == line.passage.language.split("-")[0]
    ranked = any(not (t.keys | t.parts).isdisjoint(ranks) for t in line.held.tokens)
    ranked_too = {b for a, b in pairwise(claim.found) if not a.keys.isdisjoint(ranks)}
    for token in claim.words:
        rank = (token.keys | token.parts) & ranks
        if (rank and rank.isdisjoint(line.held.keys | line.held.parts)) or (
            not token.keys.isdisjoint(people)
            and not _has_title(token, line, at_home=at_home)
            and not (token in ranked_too and _has_parts(token, line))
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


def _ranks() -> frozenset[str]:
    """What makes a post a lower one; not "acting", which is "meanwhile" in Indonesian."""
    return group("rank") - {"c_acting_interim"}


def _has_title(title: Token, line: Line, *, at_home: bool) -> bool:
    """Whether a line has a title; in its own language by the words themselves, since concepts are wider ("head", "chief")."""
    held = line.held.keys | line.held.parts
    if not at_home:
        return evidence.match(title, line.held) >= evidence.PART_OF_PHRASE
    own = {key for key in title.keys | title.parts if not key.startswith("c_")}
    return not own.isdisjoint(held) or any(_spelt_otherwise(title, token) for token in line.held.tokens)


def _spelt_otherwise(title: Token, token: Token) -> bool:
    """Whether a title is one of another language's that means the same and is written about the same ("koordinator")."""
    alike = Indel.normalized_similarity(fold(title.text), fold(token.text)) >= ALIKE
    return alike and not title.concepts.isdisjoint(token.concepts)


def _has_parts(title: Token, line: Line) -> bool:
    """Whether a line has all words of a title, if not in one ("*deputy* foreign minister", "Wakil Menteri Luar Negeri")."""
    parts = {key for key in title.parts if key.startswith("c_")}
    return bool(parts) and parts <= line.held.keys | line.held.parts


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
    """Another line may not add what would make the predicate another: what it is about, what a number counts, or what a rival
    did."""
    for other in others:
        words = adds_words(claim, line, other)
        if not words:
            continue
        rivals = [
            r for r in other.runs if claims.kind(r) == "name" and not _claimed(r, claim) and not _is_label(r, other)
        ]
        named = any(claims.kind(run) == "name" for run in claim.names)
        if rivals and named:
            yield Check("names", "contradicted", text_of(rivals[0]))
        content = claim.content
        for number in claim.numbers:
            beside = content[content.index(number) + 1 :][:1]
            if beside and beside[0] in words and number.kind in ("number", "ordinal"):
                yield Check("facts", "contradicted", f"{number.text} {beside[0].text}")
        if (claim.names or claim.numbers) and not has_pronoun(line) and (things := [t for t in words if _is_thing(t)]):
            yield Check("facts", "contradicted", things[0].text)  # nothing in the predicate stands for them


def _is_thing(token: Token) -> bool:
    """Whether a number may be of what a word means."""
    classes = {concept_class(key) for key in token.concepts}
    return bool(classes & {"thing", "attribute", "event"}) and "actor" not in classes


def _speech(claim: Claim, line: Line) -> Iterator[Check]:
    if not claim.attributed:
        return
    for run in claim.speakers:
        if not line.speaker or len(run) > len(line.speaker):  # nobody, or one of two of that name
            yield Check("speaker", "missing", text_of(run))
        elif not claims.same_run(run, line.speaker):
            yield Check("speaker", "contradicted", text_of(run))


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
            (distance(mine, t, content, claim.text)[0], t)
            for other, t in enumerate(content)
            if abs(at - other) <= (NEAR if clauses_only else NUMBER_NEAR)
            and t not in own
            and t.kind in ("word", "name")
            and not evidence.is_light(t)
        ),
        key=lambda pair: (_is_beside(pair[1]), pair[0]),
    )
    if not clauses_only:  # what is as near to another number of the claim tells nothing of this one
        others = [k for k in content if k.kind == mine.kind and k is not mine]
        near = [(d, t) for d, t in near if all(distance(t, o, content, claim.text)[0] > d for o in others)]
    held = {t: [p for p in said if evidence.match(t, evidence.alone(p)) >= evidence.PART_OF_PHRASE] for _, t in near}
    near = [(d, t) for d, t in near if held[t]]
    names = [] if clauses_only else [(d, t) for d, t in near if t.kind == "name"]
    for _, word in (names or near)[: NEAR if clauses_only else None]:
        places = held[word]
        ours = [k for k in content if k.kind in claims.NUMERIC and k is not mine]
        as_near = [k for k in ours if abs(content.index(k) - content.index(word)) <= abs(at - content.index(word))]
        against = [r for r in rivals if all(r.keys.isdisjoint(k.keys) for k in as_near)]
        if not against or any(p in its for p in places):
            continue
        mine_at, mine_commas = min(distance(a, b, said, line.text) for a in places for b in its)
        rival_at, rival_commas = min(distance(a, b, said, line.text) for a in places for b in against)
        if clauses_only and not (mine_commas and not rival_commas):
            continue
        if rival_at != mine_at:
            return rival_at < mine_at
    return False


def _is_beside(token: Token) -> bool:
    """Whether a number is of no such word: what is done, how or when."""
    classes = {concept_class(key) for key in token.concepts}
    return is_done(token) or classes == {"quality"}


def is_done(token: Token) -> bool:
    """Whether a word tells what is done rather than what there is."""
    classes = {concept_class(key) for key in token.concepts}
    return "action" in classes


def distance(a: Token, b: Token, said: Sequence[Token], text: str) -> tuple[int, int]:
    """How far apart two words of a text are, in words of those said, and how many of the marks between them part clauses."""
    first, last = sorted((a, b), key=lambda t: t.start)
    between = text[first.end : last.start]
    commas = sum(between.count(mark) for mark in ",;:")
    joints = sum(fold(m.group()) in claim_words.joints() for m in words_of(between))
    return abs(said.index(a) - said.index(b)) + ACROSS * commas + joints, commas


def _is_shared(run: Sequence[Token], line: Line) -> bool:
    return bool(line.speaker) and claims.same_run(run, line.speaker)


def _claimed(run: Sequence[Token], claim: Claim) -> bool:
    return bool(run) and any(claims.same_run(run, mine) for mine in claim.names)


def adds_words(claim: Claim, line: Line, other: Line) -> list[Token]:
    return [t for t in claim.words if not evidence.is_light(t) and holds_word(t, other) and not holds_word(t, line)]


def holds_word(token: Token, line: Line) -> float:
    if token.kind in claims.NUMERIC:
        return float(claims.holds_number(token, line.held.keys))
    strength = evidence.match(token, line.held)
    return 0.0 if strength < 1.0 and token.concepts and _only_akin(token, line) else strength


def _only_akin(token: Token, line: Line) -> bool:
    """Whether what a line has of a word is only words of its root that mean something else ("leader", "chairing")."""
    meant = {key for key in token.concepts | relatives(token.keys) | token.parts if key.startswith("c_")}
    places = [t for t in line.held.tokens if evidence.match(token, evidence.alone(t))]
    return bool(places) and all(t.concepts and meant.isdisjoint(t.concepts | t.parts) for t in places)


def has_run(run: Sequence[Token], line: Line) -> bool:
    if len(run) == 1 and run[0].concepts:
        return not run[0].keys.isdisjoint(line.held.keys | line.held.parts)
    return claims.holds_run(run, line.runs, line.held.tokens)


def stands_so(claim: Claim, run: Sequence[Token], line: Line) -> bool:
    """Whether words that a claim has with capital letters are a line's own, letter by letter: a title left as it is in the source's
    language ("Igor Morgulov is *Wakil Menteri Luar Negeri*"). Not a part of a longer one ("*Menteri Luar Negeri*"), nor that of
    somebody whom the claim does not name."""
    written = r"\W+".join(re.escape(token.text) for token in run)
    ranks = _ranks()
    for found in re.finditer(rf"(?<!\w){written}(?!\w)", line.text) if len(run) > 1 else ():
        cut = any(t.start < found.start() < t.end or t.start < found.end() < t.end for t in line.held.tokens)
        before = [t for t in line.held.tokens if t.end <= found.start()][-1:]
        if not cut and not any(t.keys & ranks for t in before) and _claimed(_nearest_name(line, *found.span()), claim):
            return True
    return False


def _nearest_name(line: Line, start: int, end: int) -> tuple[Token, ...]:
    """The run of names nearest to a place in a line, () for none."""
    names = [r for r in line.runs if claims.kind(r) == "name" and (r[-1].end <= start or end <= r[0].start)]
    return min(names, key=lambda r: max(start - r[-1].end, r[0].start - end), default=())


def has_part(run: Sequence[Token], line: Line) -> bool:
    """Whether a line names by a part of the name alone whom the run names in full ("Mr Dusfield")."""
    return len(run) > 1 and any(all(any(claims.same(x, y) for y in run) for x in its) for its in line.runs)


def text_of(run: Sequence[Token]) -> str:
    return " ".join(token.text for token in run)
