"""Doers: who a claim says does something or holds a post, against whom a line says it of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from assistant.steps import claim_words, claims, evidence
from assistant.steps.claims import Claim
from assistant.steps.contradictions import has_pronoun, holds_word, is_done, is_post, text_of
from assistant.steps.lines import Line
from assistant.steps.relations import tells_how
from assistant.text.lexicon import concept_class, group, words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token
from assistant.types import Check

_TIES = frozenset(
    "of with to from for on about against dengan dari kepada untuk tentang с со к от для о об из за".split()
)
AGENT = 5
"""Words before a verb among which the one who does it is looked for."""


def doers(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """Who does something or holds a post otherwise in a line, the predicate of a claim, or in none of it and the others."""
    yield from [*_another(claim, line)] or _exchanged(claim, line)
    yield from _apart(claim, line, others)


def _apart(claim: Claim, line: Line, others: Sequence[Line]) -> Iterator[Check]:
    """Who the claim says does something, where one line tells what is done, without a word for somebody, and another one only names
    them ("The harbour closed. Norway praised it." for "Norway closed the harbour"). Whoever says a line is told beside it."""
    run, verb = _doer(claim, tells_how)
    if verb is None or not others or line.named_in >= 0 or not verb.keys.isdisjoint(group("saying")):
        return
    if run[-1].text.endswith(("'s", "’s")):
        return  # "Norway's summit begins"
    named = any(claims.same(mine, t) for mine in run for t in line.held.tokens)
    somebody = has_pronoun(line) or any(map(_is_somebody, line.held.tokens))
    done = holds_word(verb, line)
    elsewhere = any(holds_word(verb, other) for other in others)
    if (done and not (named or somebody)) or (named and not done and elsewhere):
        yield Check("names", "contradicted", text_of(run))


def _is_somebody(token: Token) -> bool:
    """Whether a word can stand for whoever was named before: "the parties", "the two countries", "both"."""
    counts = token.kind == "number" or fold(token.text) == "both"
    classes = set(map(concept_class, token.concepts))
    return counts or "c_country" in token.keys or ("actor" in classes and "quality" not in classes)


def _another(claim: Claim, line: Line) -> Iterator[Check]:
    """Who the claim says does something or holds a post, where the line has another one before that and the claim's only
    after it ("Jose Tavares chaired the ASEAN-Russia meeting" for "Russia chaired")."""
    run, verb = _doer(claim, lambda token: is_done(token) or tells_how(token) or is_post(token))
    if verb is None or (run in claim.speakers and _is_told(verb, claim)):
        return
    said = [t for t in line.held.tokens if t.kind != "function"]
    for place in (t for t in said if evidence.match(verb, evidence.alone(t)) >= evidence.PART_OF_PHRASE):
        before = [t for t in said if t.end <= place.start and said.index(place) - said.index(t) <= AGENT]
        its = [t for r in line.runs if claims.same_run(r, run) for t in r]
        its += [t for t in said if t not in its and not run[0].keys.isdisjoint(t.parts)]
        rivals = [t for r in line.runs if not claims.same_run(r, run) for t in r if t in before]
        passive = claims.is_passive(
            line.text[place.start : min((t.start for t in its if t.start > place.end), default=0)]
        )
        if any(t in before for t in its) or not rivals or passive:
            return
    if any(evidence.match(verb, evidence.alone(t)) >= evidence.PART_OF_PHRASE for t in said):
        yield Check("names", "contradicted", text_of(run))


def _exchanged(claim: Claim, line: Line) -> Iterator[Check]:
    """Whom the claim names before a word and after it, where the line has that word the other way round ("Hansen succeeded Liu",
    for "Liu *succeeded* Hansen"), neither of the two in the passive; in Russian, whose words are free to move, only if an ending
    changed."""
    if claim.language.partition("-")[0] != line.passage.language.partition("-")[0]:
        return
    for verb in (t for t in claim.words if t.kind == "word" and _may_be_done(t)):
        own = evidence.forms(verb)
        place = next((t for t in line.held.tokens if not own.isdisjoint(t.keys)), None)
        first, second = _around(verb, claim.names)
        before, behind = _around(place, line.runs) if place else ((), ())
        if not (place and first and second and before and behind) or claims.same_run(first, second):
            continue
        if not (claims.same_run(first, behind) and claims.same_run(second, before)):
            continue
        told = ((claim.text, first, verb, second), (line.text, before, place, behind))
        if any(claims.is_passive(text[: a[0].start].rstrip().rpartition(" ")[2]) for text, a, *_ in told):
            continue  # "*oleh* Andi diangkat Budi"
        if any(_is_tied(text[a[-1].end : b.start], text[b.end : c[0].start]) for text, a, b, c in told):
            continue
        is_passive = [
            claims.is_undergone(word, claim.language) or claims.is_passive(text[word.end : run[0].start])
            for word, text, run in ((verb, claim.text, second), (place, line.text, behind))
        ]
        moved = any(
            claims.same(mine, other) and fold(mine.text) != fold(other.text)
            for pair in ((first, behind), (second, before))
            for mine, other in product(*pair)
        )
        if is_passive[0] == is_passive[1] and (moved or not claim.language.startswith("ru")):
            yield Check("names", "contradicted", text_of(first))
            return


def _may_be_done(token: Token) -> bool:
    """Whether a word may tell what is done: it is none that is known for a thing or somebody alone."""
    classes = set(map(concept_class, token.concepts))
    return not evidence.is_light(token) and (not classes or not classes.isdisjoint(("action", "event")))


def _is_tied(before: str, after: str) -> bool:
    """Whether a word beside a name says that it is its owner, or what else it has to do with what is done, but for "by": "Norway's
    capital", "the capital *of* Norway", "borders *with* Norway"."""
    words = [fold(m.group()) for m in words_of(after)]
    leads = claim_words.leads() | _TIES
    return before.lstrip()[:2].casefold() in ("'s", "’s") or any(word in leads for word in words)


def _around(word: Token, runs: Sequence[Sequence[Token]]) -> tuple[Sequence[Token], Sequence[Token]]:
    """The names nearest before a word and after it, () for none."""
    before = max((run for run in runs if run[-1].end <= word.start), key=lambda run: run[-1].end, default=())
    behind = min((run for run in runs if run[0].start >= word.end), key=lambda run: run[0].start, default=())
    return before, behind


def _is_told(verb: Token, claim: Claim) -> bool:
    """Whether a word belongs to what somebody says ("According to Siti, the parties *agreed*")."""
    return any(place < verb.start for place, _ in claims.speech_places(claim.text, claim.found))


def _doer(claim: Claim, tells: Callable[[Token], bool]) -> tuple[tuple[Token, ...], Token | None]:
    """The name of whom a claim says that they do something, and the word that tells what: before it, or after it and "by", or after
    it where it comes first ("Руководила ли *Россия* встречей"). None where the claim has no such pair."""
    content = claim.content
    verbs = [t for t in content if tells(t)]
    by = next(
        (run for run in claim.names if claims.is_passive(claim.text[: run[0].start].rstrip().rpartition(" ")[2])), ()
    )
    if by:
        return by, next((t for t in reversed(verbs) if t.end <= by[0].start), None)
    first = next((run for run in claim.names if content[0] in run or _is_titled(run, claim)), ())
    if first:
        behind = content.index(first[-1]) + 1
        verb = next((t for t in content[behind : behind + 2] if t in verbs), None)
        return first, None if verb and claims.is_undergone(verb, claim.language) else verb
    leads = content[0] in verbs and _is_no_noun(content[0])
    after = next((run for run in claim.names if leads and content[1:2] == run[:1]), ())
    between = claim.text[content[0].end : after[0].start] if after else ""
    after = after if fold(between).strip() == "ли" or (not between.strip() and not is_post(content[0])) else ()
    return after, content[0] if after else None


def _is_titled(run: Sequence[Token], claim: Claim) -> bool:
    """Whether a claim begins with posts and right behind them a name ("*Minister* Oleg Dronov opened ...")."""
    before = claim.content[: claim.content.index(run[0])]
    return bool(before) and all(map(is_post, before)) and not claim.text[before[-1].end : run[0].start].strip()


def _is_no_noun(token: Token) -> bool:
    """Whether a word that can tell what is done is not also the name of it ("Pertemuan", a meeting)."""
    return {"event", "thing", "attribute"}.isdisjoint(map(concept_class, token.concepts))
