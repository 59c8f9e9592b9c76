"""Whether a sentence states plainly what a question asks: its words in one clause, in their order, with nothing between them that
may go with one of them instead.

A sentence that holds every word of a question may still say something else: "Work *begins* on 3 June and is to end *by 26 July*",
"Reed *thanked* Berg". So what is not seen to be stated is not: a "Yes." that is left out costs less than one that is false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.steps import claim_words, claims, evidence
from assistant.steps.scope import FACTS
from assistant.text.lexicon import group, lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token
from assistant.types import Passage

SURELY = 0.8
"""How surely (`evidence.match`) a word of another language is one that is asked for."""
FEWEST = 2
"""Words that a question asks for, without which a sentence cannot be told to say the same."""
MOST_BETWEEN = 3
"""Words of another language that a sentence may have between those asked for."""

_AMONG = frozenset("among one included includes termasuk salah antara среди одно один одна входит входят числе".split())
"""Words of a question for one of several: in a list it comes after what it is one of."""
_THAT = frozenset("that whether bahwa bahawa что будто rằng na ว่า".split())
"""Words that lead what somebody thinks, says or denies."""
_EXCEPTS = frozenset(
    "except excepting excluding besides apart aside but only hardly however although though rather instead "
    "kecuali selain hanya cuma tetapi tapi namun melainkan maliban walaupun meskipun "
    "partially partly conditionally provisionally minus plus sebagian частично условно "
    "кроме исключением помимо только лишь но однако хотя зато trừ chỉ nhưng lamang ngunit pero".split()
)
"""Words of a sentence that take back, or narrow, a part of it."""
_NARROWS = frozenset("for if when unless until per bagi untuk buat jika kalau bila для если при para cho nếu".split())
"""Words right after what is stated that say for whom, or on what condition, it is so."""
_AND = frozenset("and or while whereas dan atau serta sedangkan sementara и или а та và hoặc at o".split())
_ARTICLES = frozenset("the a an its their his her this that hari pukul jam".split())
_LEADS = frozenset(
    "for against with without before after until till since by from to into over under about between on at in of "
    "untuk bagi dengan tanpa sebelum sesudah setelah hingga sampai sejak dari ke oleh pada terhadap "
    "за против с со без до после от из к ко для на в во о об по".split()
)
"""Words that tell how what follows has to do with what is said."""
_BOUNDS = frozenset(
    "under over about around above below nearly almost roughly up from sekitar hampir dari hingga sampai kurang lebih "
    "около почти до от более менее свыше примерно".split()
)
"""Words right before a number that make it another one."""
_TO_BE = re.compile(r"\b(?:used|about|due|set|supposed|meant|expected|is|are|was|were)\s+to\b", re.IGNORECASE)
"""Of what was, or is to come."""
_OWNS = re.compile(r"\s*+(?:['’]s?)?\s*+")
_MARKS, _BRACKETS = re.compile("[,;:\u2013\u2014]"), re.compile(r"[()]|\s-\s")
_LI = re.compile(r"(?<![^\W\d_])([^\W\d_]++)\s++ли\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Held:
    """A question held against a sentence: the words of either that say something, and where in the sentence each that is asked for
    stands."""

    question: Analysis
    passage: Passage
    said: tuple[Token, ...]
    asked: tuple[Token, ...]
    places: tuple[tuple[int, ...], ...]
    same_language: bool

    def gap(self, at: int) -> str:
        """What stands between a word of the sentence and the one before it."""
        return self.passage.text[self.said[at - 1].end if at else 0 : self.said[at].start]


def is_stated(question: Analysis, passage: Passage) -> bool:
    """Whether a sentence says of what a question names what is asked of it."""
    said = tuple(t for t in evidence.bag_of(passage).tokens if t.kind != "function")
    asked = tuple(t for t in question.content if not evidence.is_light(t))
    same = _family(question.language) == _family(passage.language)
    places = tuple(tuple(n for n, each in enumerate(said) if _is_same(t, each, same_language=same)) for t in asked)
    held = _Held(question, passage, said, asked, places, same and _words(question.text).isdisjoint(_AMONG))
    if len(asked) < FEWEST or not all(places) or _takes_back(held):
        return False
    return any(_is_clause(held, found) for found in _in_order(held))


def _family(language: str) -> str:
    """What a language has its words in common with: Malay with Indonesian."""
    own = language.partition("-")[0]
    return "id" if own == "ms" else own


def _is_same(asked: Token, said: Token, *, same_language: bool) -> bool:
    """Whether a word is the one that is asked for, in the same language not by what it means alone: Monday is no Thursday, though
    both are days."""
    own = evidence.forms(asked)
    if same_language and own and asked.kind == "word":
        return not own.isdisjoint(said.keys)
    return evidence.match(asked, evidence.alone(said)) >= SURELY


def _takes_back(held: _Held) -> bool:
    """Whether a sentence has a word that takes back a part of it, or somebody says it, and the question does not ask what is said."""
    text, tokens = held.passage.text, evidence.bag_of(held.passage).tokens
    asked = {held.said[n].start for each in held.places for n in each}
    places = claims.speech_places(text, tokens)
    of_before = claims.says_of_before(text, places)  # "*Demikian disampaikan* ..."
    is_said = any(at not in asked for at, _ in places[of_before:])
    asks = claims.speech_places(held.question.text, held.question.content)
    is_to_be = _TO_BE.search(text) and not _TO_BE.search(held.question.text)
    return bool((is_said and not asks) or is_to_be) or not _words(text).isdisjoint(_EXCEPTS)


def _in_order(held: _Held) -> Iterator[list[int]]:
    """The ways to find the words asked for in a sentence: one after another, and those that may stand anywhere as near as can be. In
    another language only names, numbers and times keep their order; in Russian all but what is asked about ("*Приехал* ли мэр?")."""
    first = _LI.search(held.question.text)
    begins = first.span(1) if first else (-1, -1)
    keeps = [t.kind in FACTS or (held.same_language and not begins[0] <= t.start < begins[1]) for t in held.asked]
    ordered, others = ([p for p, keep in zip(held.places, keeps, strict=True) if keep is so] for so in (True, False))
    for start in (ordered or others)[0]:
        found = [start]
        for places in ordered[1:]:
            found.append(next((place for place in places if place > found[-1]), -1))
        if -1 not in found:
            middle = sum(found) / len(found)
            yield [*found, *(min(places, key=lambda place: abs(place - middle)) for places in others)]


def _is_clause(held: _Held, found: Sequence[int]) -> bool:
    """Whether what stands from the first to the last of the words found is one clause, and all that is asked."""
    return (
        _is_whole(held, min(found), max(found))
        and _begins(held, min(found))
        and not _is_narrowed(held, max(found))
        and (not held.same_language or _leads_alike(held, found))
    )


def _is_whole(held: _Held, first: int, last: int) -> bool:
    """Whether nothing stands between that may go with a word asked for instead: of another language a few words may that belong to
    these, where nothing parts them."""
    known = {
        n
        for n, each in enumerate(held.said)
        if any(_is_same(t, each, same_language=held.same_language) for t in held.question.content)
    }
    between = [n for n in range(first, last) if n not in known and _weighs(held.said[n])]
    between = [n for n in between if not (_is_listed(held, n, known) or _is_named(held, n))]
    if held.same_language or any(held.said[n].kind in FACTS for n in between):
        return not between
    return len(between) <= MOST_BETWEEN and not any(_joins(held.gap(n)) or _joins(held.gap(n + 1)) for n in between)


def _begins(held: _Held, first: int) -> bool:
    """Whether a clause begins with a word, or what leads to it does not say what else the clause is of: a number of them, somebody who
    thinks so."""
    if not _words(held.gap(first)).isdisjoint(_THAT):
        return False
    before = (
        n for n in range(first - 1, -1, -1) if _weighs(held.said[n]) and held.said[n].kind not in ("month", "year")
    )
    at = next(before, None)
    if at is None or any(_joins(held.gap(n)) or _BRACKETS.search(held.gap(n)) for n in range(at + 1, first + 1)):
        return True
    leading = held.said[at]
    leads = leading.kind in FACTS or not leading.keys.isdisjoint(group("saying") | claim_words.unreal())
    return not (held.same_language or leads)


def _is_narrowed(held: _Held, last: int) -> bool:
    """Whether what is said is so for somebody, or on a condition, that the question does not name, or of what follows: "by the
    mayor*'s wife*"."""
    following = words_of(held.passage.text[held.said[last].end :])
    behind = held.said[last + 1 : last + 2]
    goes_on = any(t.kind in ("word", "name") and _weighs(t) and _OWNS.fullmatch(held.gap(last + 1)) for t in behind)
    return goes_on or (bool(following) and fold(following[0].group()) in _NARROWS)


def _leads_alike(held: _Held, found: Sequence[int]) -> bool:
    """Whether no word leads otherwise to what is said than to what is asked: "*for* the buses" is not "*against* the buses"."""
    for asked, places in zip(held.asked, held.places, strict=True):
        mine = _lead(held.question.text, asked, held.question.language)
        others = (_lead(held.passage.text, held.said[n], held.passage.language) for n in places if n in found)
        told = [other for other in others if other and other != mine]
        if told and (mine or (asked.kind == "number" and not _BOUNDS.isdisjoint(told))):
            return False
    return True


def _lead(text: str, token: Token, language: str) -> str:
    """The word of place, time or direction right before another one."""
    words = [fold(m.group()) for m in words_of(text[: token.start])]
    while words and words[-1] in _ARTICLES:
        words.pop()
    leads = lexicon(language).where | claim_words.leads() | _LEADS | _BOUNDS
    return words[-1] if words and words[-1] in leads else ""


def _weighs(token: Token) -> bool:
    return token.kind in FACTS or not evidence.is_light(token)


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(m.group()) for m in words_of(text))


def _joins(gap: str) -> bool:
    """Whether something between two words parts clauses, or the items of a list."""
    return bool(_MARKS.search(gap)) or not _words(gap).isdisjoint(_AND | claim_words.joints())


def _is_listed(held: _Held, at: int, known: set[int]) -> bool:
    """Whether a word is an item of a list that a word asked for is another item of: nothing but joints stand between them."""

    def reaches(step: int) -> bool:
        here = at
        while 0 <= here + step < len(held.said) and held.said[here + step].kind == held.said[at].kind:
            gap = held.gap(max(here, here + step))
            here += step
            if not _joins(gap) or not _words(gap) <= _AND:
                return False
            if here in known:
                return True
        return False

    return held.said[at].kind in ("name", "word") and (reaches(-1) or reaches(1))


def _is_named(held: _Held, at: int) -> bool:
    """Whether a word belongs to a name of what is asked for ("*Pertemuan* 16th ASEAN-Russia Senior Officials *Meeting*"), or stands in
    brackets as what it is called for short."""
    around = any(
        a < at < b and not any(_joins(held.gap(n)) for n in range(a + 1, b + 1))
        for each in held.places
        for a, b in pairwise(each)
    )
    token, text = held.said[at], held.passage.text
    return around or (token.text.isupper() and text[token.start - 1 : token.end + 1] == f"({token.text})")
