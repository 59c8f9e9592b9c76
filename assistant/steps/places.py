"""Places: whether each name and number of a claim stands beside the words that it stands beside in a line.

A claim that has all words of its source may have two of them in each other's place ("Retno took over from Darmawan").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from assistant.steps import claim_words, claims, evidence
from assistant.steps.claims import Claim
from assistant.steps.contradictions import distance, is_done, is_post, text_of
from assistant.steps.lines import Line
from assistant.steps.relations import tells_how
from assistant.text.lexicon import words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check

FARTHER = 1
"""What a word of the line has to be farther from one thing than from another, in words, to tell that it belongs to the other."""
REACH = 3
"""Words on each side of a thing in the claim of which the nearest one that tells something is taken."""

COUNTED = 2
"""Words from a number to what it counts, at most."""

BESIDE = 3
"""Words from a name to what is done, at most."""
ORDERED = frozenset({"en", "id", "ms"})
"""Languages in which who does something stands before it and who it is done to after it."""

Thing = Sequence[Token]
"""The name of one, or a number."""


def places(claim: Claim, line: Line) -> Iterator[Check]:
    """A name or number of the claim that stands where a line has another one: one of the claim's, or one that the claim lacks."""
    said = [t for t in line.held.tokens if t.kind != "function"]
    numbers: list[Thing] = [(t,) for t in claim.numbers if t.kind == "number"]
    for one, other in combinations(numbers, 2):
        if _are_exchanged(claim, one, other, line, said):
            yield Check("facts", "contradicted", text_of(one))
    for one, other in combinations(claim.names, 2):
        if _are_exchanged(claim, one, other, line, said):
            yield Check("names", "contradicted", text_of(one))
    for number in claim.numbers:
        if number.kind == "number" and _is_another_count(claim, number, line, said):
            yield Check("facts", "contradicted", number.text)
    for run in claim.names:
        rivals = [r for r in line.runs if not any(claims.same_run(r, mine) for mine in claim.names)]
        if any(_is_replaced(claim, run, rival, line, said) for rival in rivals):
            yield Check("names", "contradicted", text_of(run))


def _are_exchanged(claim: Claim, one: Thing, other: Thing, line: Line, said: Sequence[Token]) -> bool:
    """Whether more of the words beside two things in the claim are in the line nearer to the other one than to the same, or what is
    done between them is done the other way round. What is beside a name is beside the next one too: "Siti of *Norway* said", "the
    *Chilean* violinist"."""
    at = claim.content.index(one[-1])
    between = claim.content[at + 1 : claim.content.index(other[0])]
    if claims.kind(one) != claims.kind(other) or not between:
        return False
    its, others = (_occurrences(thing, line, said) for thing in (one, other))
    if not its or not others or not set(its).isdisjoint(others) or _are_listed(its, others, line):
        return False
    votes = [*_votes(claim, one, other, its, others, line, said), *_votes(claim, other, one, others, its, line, said)]
    across = claim.language.split("-")[0] != line.passage.language.split("-")[0]
    apart = len(between) > 1 or is_done(between[0]) or tells_how(between[0])
    if apart and sum(votes) > (max(1, len(votes) - 1) if across else max(1, len(votes) / 2)):
        return True
    pairs = ((one, other), (other, one))
    return not across and any(_is_reversed(claim, first, last, line, said) for first, last in pairs)


def _is_reversed(claim: Claim, first: Thing, last: Thing, line: Line, said: Sequence[Token]) -> bool:
    """Whether a claim has one word, as what is done, between two names, and the line has them the other way round; not so where one
    of the two is passive. Where an ending tells who does it, the order tells nothing."""
    spoken = claim.language.split("-")[0]
    at = claim.content.index(first[-1]) + 1
    verb = claim.content[at] if at + 1 < len(claim.content) and claim.content[at + 1] == last[0] else None
    if spoken not in ORDERED or verb is None or verb.kind != "word" or is_post(verb):
        return False
    sides = [{said.index(t) for t in _occurrences(thing, line, said)} for thing in (first, last)]
    for spot in _spots(verb, said):
        before, after = ([any(0 < (spot - n) * step <= BESIDE for n in side) for side in sides] for step in (1, -1))
        if sum(before) != 1 or sum(after) != 1 or before == after:
            continue
        reverse = before[1]
        ends = min(said[n].start for side in sides for n in side if n > spot)
        mine = claims.is_passive(claim.text[verb.start : last[0].start]) or claims.is_undergone(verb, spoken)
        its = claims.is_passive(line.text[said[spot].start : ends]) or claims.is_undergone(said[spot], spoken)
        return reverse == (mine == its)
    return False


def _is_another_count(claim: Claim, number: Token, line: Line, said: Sequence[Token]) -> bool:
    """Whether the word after a number in the claim stands in the line right after another number, and neither it nor the word
    before the number anywhere near this one."""
    after = [t for t in claim.found if t.start >= number.end and t.kind != "function"][:1]
    if not after or after[0].kind not in ("word", "name") or after[0] not in claim.content:  # a currency
        return False
    its = [at for at, t in enumerate(said) if not t.keys.isdisjoint(number.keys)]
    before = claim.content[: claim.content.index(number)][-1:]
    beside = [at for word in (*before, *after) for at in _spots(word, said)]
    counts = [said[at - 1] for at in _spots(after[0], said) if at and said[at - 1].kind == "number"]
    apart = bool(its) and all(abs(spot - at) > COUNTED for spot in beside for at in its)
    return apart and any(t.keys.isdisjoint(number.keys) for t in counts)


def _spots(word: Token, said: Sequence[Token]) -> list[int]:
    """Where a line has a word."""
    return [at for at, t in enumerate(said) if evidence.match(word, evidence.alone(t)) >= evidence.PART_OF_PHRASE]


def _is_replaced(claim: Claim, run: Thing, rival: Thing, line: Line, said: Sequence[Token]) -> bool:
    """Whether the words on both sides of a name in the claim stand on both sides of another one in the line."""
    at = [claim.content.index(t) for t in run]
    if min(at) == 0 or max(at) == len(claim.content) - 1:
        return False
    its = _occurrences(run, line, said)
    rival_at = [said.index(t) for t in rival]
    for word, step in ((claim.content[min(at) - 1], -1), (claim.content[max(at) + 1], 1)):
        beside = (min(rival_at) if step < 0 else max(rival_at)) + step
        if not 0 <= beside < len(said) or evidence.match(word, evidence.alone(said[beside])) < evidence.PART_OF_PHRASE:
            return False
        if any(0 < (beside - said.index(t)) * step <= 1 + len(rival) for t in its):
            return False
    return True


def _occurrences(thing: Thing, line: Line, said: Sequence[Token]) -> list[Token]:
    if thing[0].kind == "number":
        return [t for t in said if not t.keys.isdisjoint(thing[0].keys)]
    return [t for run in line.runs if claims.same_run(run, thing) for t in run]


def _are_listed(its: Sequence[Token], others: Sequence[Token], line: Line) -> bool:
    """Whether a line has two things in one list, with nothing but more of it between them: it may be told in any order."""
    return all(any(_is_list(*((a, b) if a.end <= b.start else (b, a)), line) for b in others) for a in its)


def _is_list(first: Token, last: Token, line: Line) -> bool:
    items = [t for t in line.held.tokens if first.end <= t.start < last.start and t.kind == first.kind]
    between = [m for m in words_of(line.text) if first.end <= m.start() < last.start]
    return all(
        fold(m.group()) in claim_words.joints() or any(t.start <= m.start() < t.end for t in items) for m in between
    )


def _votes(
    claim: Claim, one: Thing, other: Thing, its: Sequence[Token], others: Sequence[Token], line: Line, said: Sequence[Token],
) -> Iterator[bool]:  # fmt: skip
    """On each side of a thing in the claim, whether the nearest word that tells something stands in the line by the other one."""
    content = claim.content
    at = [content.index(t) for t in one]
    for side in (content[: min(at)][::-1], content[max(at) + 1 :]):
        for word in side[:REACH]:
            if word in other:
                break
            spots = [t for at in _spots(word, said) if (t := said[at]) not in its and t not in others]
            if not spots or evidence.is_light(word) or word.kind in claims.NUMERIC:
                continue
            mine = min(distance(p, t, said, line.text)[0] for p in spots for t in its)
            rival = min(distance(p, t, said, line.text)[0] for p in spots for t in others)
            if mine > rival + FARTHER or mine < rival:
                yield mine > rival
                break
            if len(spots) == 1:
                break  # it belongs to both
