"""What a text has instead of what a question says: another number, date or title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from assistant.steps.evidence import Bag, is_light
from assistant.text.lexicon import group
from assistant.text.matchable import RELATIVE_YEARS
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, meant, tokens

THIS_YEAR = frozenset({"c_this_year"})
NEAR_ORDINAL = 3
"""How many content words from its noun an ordinal of a question may be ("the *second* ASEAN-Russia *summit*")."""


def contradicted(question: Analysis, held: Sequence[Bag]) -> tuple[Token, ...]:
    """The numbers, ordinals and years of a question that stand beside a word ("the *second* summit") which in the texts
    has another beside it ("KTT ke-3") and never this one."""
    texts = [[token for token in one.tokens if token.kind != "function"] for one in held]
    found = []
    for at, token in enumerate(question.content):
        if token.kind not in ("number", "ordinal", "year") or (token.kind == "number" and is_light(token)):
            continue
        if token.kind == "ordinal" and _stands_for_a_noun(token, question):
            continue
        reach = NEAR_ORDINAL if token.kind == "ordinal" else 1
        values: set[float | None] = set()
        for other in question.content[max(0, at - reach) : at + reach + 1]:
            values |= _values_beside(other, texts, token.kind) if other.kind == "word" else set()
        same_kind = {each.value for each in question.content if each.kind == token.kind}
        if values and same_kind.isdisjoint(values):  # "the second summit or the third" has it
            found.append(token)
    return tuple(found)


def is_time(token: Token) -> bool:
    """Whether a token is a year or a month, or a year that is told from another ("last year")."""
    return token.kind in ("year", "month") or not token.keys.isdisjoint(RELATIVE_YEARS)


def is_own(token: Token, date: dt.date | None) -> bool:
    """Whether a year or month is that of a source's own date."""
    return date is not None and (token.kind, token.value) in (("year", date.year), ("month", date.month))


def another_time(times: Sequence[Token], held: Bag, date: dt.date | None) -> bool:
    """Whether a text of that date (None: unknown) tells of other times than these years and months for certain: of years told from
    its own ("last year"), or, with other years and months only, where these are not its own, which it need not repeat."""
    told = {key for token in held.tokens for key in token.keys} & RELATIVE_YEARS.keys()
    asked = {key for token in times for key in token.keys} & RELATIVE_YEARS.keys()
    if told and date is None:
        return bool(asked) and asked.isdisjoint(told) and all(token.kind != "year" for token in (*times, *held.tokens))
    if told:
        return _differ(times, held, date, "year")
    own = all(is_own(token, date) or not token.keys.isdisjoint(THIS_YEAR) for token in times)
    return not own and (_differ(times, held, date, "year") or _differ(times, held, date, "month"))


def another_date(question: Analysis, held: Bag, date: dt.date | None) -> bool:
    """Whether a text of that date gives years and none of them is the question's, nor in a period with it; or months."""
    return any(_differ(question.content, held, date, kind) for kind in ("year", "month"))


def _differ(asked: Sequence[Token], held: Bag, date: dt.date | None, kind: str) -> bool:
    """Whether two texts give years (or months), none of them the other's, and no year within a period of the other's."""
    dates = _dates(asked, date), _dates(held.tokens, date)
    mine, theirs = ({value for of, value in each if of == kind} for each in dates)
    if not (mine and theirs and mine.isdisjoint(theirs)):
        return False
    return kind == "month" or not any(
        start <= value <= end
        for found, years in ((asked, theirs), (held.tokens, mine))
        for start, end in _periods(found)
        for value in years
    )


def _periods(found: Sequence[Token]) -> list[tuple[float, float]]:
    """The first and last years of periods: two years with no other content word between ("2016-2020")."""
    content = [token for token in found if token.kind != "function"]
    return [(a.value or 0.0, b.value or 0.0) for a, b in pairwise(content) if a.kind == b.kind == "year"]


def _dates(found: Sequence[Token], date: dt.date | None) -> set[tuple[str, float]]:
    """The years and months of tokens, those too that are told from the date of the text ("last year")."""
    told: set[tuple[str, float]] = {(t.kind, t.value or 0.0) for t in found if t.kind in ("year", "month")}
    if date:
        keys = {key for token in found for key in token.keys}
        told |= {("year", date.year + shift) for phrase, shift in RELATIVE_YEARS.items() if phrase in keys}
    return told


def _stands_for_a_noun(ordinal: Token, question: Analysis) -> bool:
    """Whether an ordinal is one of things told before ("the third *one*"; "*yang* ketiga" with no noun before it), not of its
    neighbours."""
    text = question.text
    before, after = fold(text[: ordinal.start]).split()[-1:], fold(text[ordinal.end :]).split()[:1]
    opens = all(token.start >= ordinal.start for token in question.content)
    return (opens and before == ["yang"]) or [word.strip(",.:;?!") for word in after] in (["one"], ["ones"])


def _values_beside(asked: Token, texts: Sequence[Sequence[Token]], kind: str) -> set[float | None]:
    """The values of that kind beside a word in texts, the word itself being matched exactly."""
    near = [
        neighbour
        for said in texts
        for at, token in enumerate(said)
        if not asked.keys.isdisjoint(token.keys)
        for neighbour in said[max(0, at - 1) : at + 2]
    ]
    return {token.value for token in near if token.kind == kind}


def _without_rank(title: Token, after: Token | None, language: str) -> tuple[Token, ...]:
    """The words of a title after its rank, with the one that follows: "Menteri Luar Negeri" of "Wakil Menteri"."""
    rest = title.text.partition(" ")[2]
    goes_on = after is not None and after.start == title.end + 1
    return tokens(f"{rest} {after.text}" if rest and after and goes_on else rest, language)


def another_title(question: Analysis, held: Bag, language: str) -> tuple[str, ...]:
    """The titles that a text has only as part of another one ("Wakil Menteri", deputy minister, for "minister")."""
    ranks, people = group("rank"), group("person")
    if any(not (token.keys | token.parts).isdisjoint(ranks) for token in question.content):
        return ()
    found = []
    for asked in question.content:
        if asked.keys.isdisjoint(people):
            continue
        plain, other = False, ""
        for before, token, after in zip((None, *held.tokens), held.tokens, (*held.tokens[1:], None), strict=False):
            is_rank = not meant(token, language).isdisjoint(ranks)
            heads = _without_rank(token, after, language) if is_rank else ()
            of_head = any(not asked.keys.isdisjoint(head.keys | head.parts) for head in heads)
            if not of_head and (is_rank or asked.keys.isdisjoint(token.keys | token.parts)):
                continue  # also where asked for is what the rank itself means: "wakil" is a deputy and a delegate
            ranked = of_head or (before is not None and not meant(before, language).isdisjoint(ranks))
            if ranked:
                other = f"{before.text} {token.text}" if not of_head and before else token.text
            else:
                plain = True
        if other and not plain:
            found.append(other)
    return tuple(found)
