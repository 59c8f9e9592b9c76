"""Relations: whether a line ties together what a claim ties together, where only their standing together tells.

A line that holds all words of "Russia is a member of ASEAN" may be "officials of ten member states of ASEAN and Russia".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from assistant.steps import claim_words, claims, evidence
from assistant.steps.claims import Claim
from assistant.steps.contradictions import distance, has_pronoun, holds_word, is_post
from assistant.steps.lines import Line
from assistant.text.lexicon import concept_class, words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check

TELLING_HOW = frozenset({"action", "event"})
"""Classes of concepts of which one tells how the things of a claim belong together: others' checks hold that to the line."""
PARTING = frozenset("–—;.")
ARTICLES = frozenset({"the", "a", "an", "its", "their", "his", "her", "this", "these"})
"""Words between a verb and the thing that something is done to."""
NOUN_FIRST = frozenset({"id", "ms", "vi", "th", "fil"})
"""Languages that have whose something is after it."""
OWNED = frozenset({"actor", "thing", "attribute"})
"""Classes of concepts of which a word can be a country's."""
LED = 3
"""Words before a place among which the one is that says that something is there."""


def relations(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """What a line, the predicate of a claim, does not tie together, though it and the others have the words."""
    yield from _what_is_what(claim, line, others)
    yield from _of_a_country(claim, [line, *others])
    yield from _contrary(claim, line)
    yield from _where(claim, [line, *others])


def _what_is_what(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """Who or what somebody or something is, and whose, stands in one stretch that no other word ties otherwise; what a
    pronoun stands for may be told beside it, as may who is meant."""
    wanted = [t for t in claim.content if t.kind in ("word", "name") and not evidence.is_light(t)]
    one_of = any(
        claim.content[0] in run and claims.kind(run) == "country" for run in claim.names
    )  # "Russia is one of ten"
    counts = [t for t in claim.numbers if t.kind == "number"]
    counted = any(not one_of or claims.unit_of(claim.text, t, claim.found) for t in counts)
    if not claim.names or counted or len(wanted) < 2 or any(tells_how(t) or _has(t.parts) for t in wanted):
        return
    said = [t for t in line.held.tokens if t.kind != "function"]
    beside = {t for run in claim.names for t in run}
    if has_pronoun(line):
        beside |= {t for t in wanted if any(holds_word(t, other) for other in others)}
    places = [_places(t, said) for t in wanted]
    needed = [held for t, held in zip(wanted, places, strict=True) if held or not (t in beside or holds_word(t, line))]
    if not all(needed) or not any(_ties(claim, line, said[a : b + 1]) for a, b in _stretches(needed)):
        yield Check("meaning", "missing", claim.text)


def _of_a_country(claim: Claim, lines: Sequence[Line]) -> Iterator[Check]:
    """What a claim says is a country's ("led the *Russian side*", "memimpin *delegasi Rusia*") has to be in one of the lines as well:
    the country by itself is there as a part of something else ("led the ASEAN-Russia meeting")."""
    noun_first = claim.language.split("-", maxsplit=1)[0] in NOUN_FIRST
    for first, second in pairwise(claim.found):
        noun, country = (first, second) if noun_first else (second, first)
        beside = not claim.text[first.end : second.start].strip() and evidence.is_country(country)
        classes = set(map(concept_class, noun.concepts))
        if not beside or noun.kind != "word" or not classes or classes - OWNED:
            continue
        if all(holds_word(noun, line) < evidence.PART_OF_PHRASE for line in lines):
            yield Check("meaning", "missing", f"{first.text} {second.text}")


def _contrary(claim: Claim, line: Line) -> Iterator[Check]:
    """What a claim says of a thing has not its contrary nearer to that in the line ("raise the gap" for "*raise* efforts to
    *narrow* the gap"). Nothing is told by a claim that has both ("refused to accept"), nor where what is done in the line has no
    thing of its own behind it ("joined the party and left it")."""
    said = [t for t in line.held.tokens if t.kind != "function"]
    for mine, other in claim_words.contraries():
        verbs = [at for at, t in enumerate(claim.content) if _is_only(t, mine, other)]
        if not verbs or any(_is_only(t, other, mine) for t in claim.content):
            continue
        against = [t for t in said if _is_only(t, other, mine)]
        alike = [t for t in said if not t.keys.isdisjoint(mine)]
        if not (against and alike and all(_has_thing(t, said, line) for t in alike)):
            continue
        for at in verbs:
            verb, (thing, places) = claim.content[at], _done_to(claim, at, said)
            nearer = [_nearest(against, p, said, line) < _nearest(alike, p, said, line) for p in places]
            if places and all(nearer):
                yield Check("meaning", "contradicted", f"{verb.text} {thing.text}")


def _done_to(claim: Claim, at: int, said: Sequence[Token]) -> tuple[Token, list[int]]:
    """The word beside a verb of a claim that a line has, and where: what follows it, or in a passive what is before it."""
    verb, before, after = claim.content[at], claim.content[max(0, at - 1) : at], claim.content[at + 1 : at + 2]
    between = claim.text[verb.end : after[0].start] if after else ""
    undergone = claims.is_undergone(verb, claim.language) or claims.is_passive(between)
    beside = [*before, *after] if undergone else [*after, *before]
    return next(((t, held) for t in beside if (held := _places(t, said))), (verb, []))


def _has_thing(verb: Token, said: Sequence[Token], line: Line) -> bool:
    """Whether a verb of a line has a thing right behind it ("sells the *fish*", not "sold by the port", "ends on Friday")."""
    behind = next((t for t in said if t.start >= verb.end), None)
    if behind is None or behind.kind not in ("word", "name"):
        return False
    return all(fold(m.group()) in ARTICLES for m in words_of(line.text[verb.end : behind.start]))


def _nearest(verbs: Sequence[Token], place: int, said: Sequence[Token], line: Line) -> int:
    return min(distance(said[place], verb, said, line.text)[0] for verb in verbs)


def _places(token: Token, said: Sequence[Token]) -> list[int]:
    """Where a line has a word of a claim."""
    return [at for at, its in enumerate(said) if _is(token, its)]


def _is_only(token: Token, keys: frozenset[str], others: frozenset[str]) -> bool:
    return not token.keys.isdisjoint(keys) and token.keys.isdisjoint(others)


def _stretches(places: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """The first and last place of each stretch that has one of every row's places, and no shorter one within."""
    for start in sorted({at for row in places for at in row}):
        ends = [min((at for at in row if at >= start), default=-1) for row in places]
        if min(ends, default=-1) >= 0:
            yield start, max(ends)


def _ties(claim: Claim, line: Line, stretch: Sequence[Token]) -> bool:
    """Whether a stretch of a line has no word of its own that says how its parts belong together, nor a name, nor is cut
    in two. Names alone stand side by side."""
    own = [t for t in stretch if not any(_is(mine, t) for mine in claim.content)]
    between = [line.text[a.end : b.start] for a, b in pairwise(stretch)]
    if all(t.kind == "name" for t in stretch):
        return all(not any(map(str.isalnum, text)) for text in between)
    joined = any(fold(m.group()) in claim_words.joints() for text in between for m in words_of(text))
    cut = any(not PARTING.isdisjoint(text) for text in between)
    return not (joined or cut or any(tells_how(t) or (claims.is_named(t) and not t.text.isupper()) for t in own))


def tells_how(token: Token) -> bool:
    """Whether a word, no post, tells what is done or happens."""
    return _has(token.concepts) and not is_post(token)


def _has(keys: Iterable[str]) -> bool:
    return any(concept_class(key) in TELLING_HOW for key in keys)


def _where(claim: Claim, lines: Sequence[Line]) -> Iterator[Check]:
    """Where a claim says that something is, a line has to say so of the place ("ASEAN-*Russia* meeting *in Kuta*")."""
    if any(line.passage.language.split("-")[0] not in claim_words.placed_languages() for line in lines):
        return
    for word, place in pairwise([*words_of(claim.text)]):
        if fold(word.group()) not in claim_words.locatives():
            continue
        its = [t for run in claim.names for t in run if t.start == place.start()]
        found = [(line.text, t.start) for line in lines for t in line.held.tokens if its and _is(its[0], t)]
        if found and not any(_is_led(text, start) for text, start in found):
            yield Check("names", "contradicted", its[0].text)


def _is_led(text: str, start: int) -> bool:
    """Whether a word that says where something is stands near before a place ("*ke*-3" does not)."""
    led = words_of(text[:start])[-LED:]
    return any(fold(m.group()) in claim_words.leads() and text[m.end()] != "-" for m in led)


def _is(claimed: Token, token: Token) -> bool:
    alone = evidence.alone(token)
    return evidence.match(claimed, alone) >= evidence.PART_OF_PHRASE or (
        claimed.kind == "name" and claims.same(claimed, token)
    )
