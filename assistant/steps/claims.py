"""Claims: what a free sentence states, as far as a program can hold it against a source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from rapidfuzz.distance import Indel, Levenshtein

from assistant.steps import claim_words
from assistant.text.lexicon import group, lexicon, words_of
from assistant.text.normalise import fold, same_name, stem
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens

NUMERIC = frozenset({"number", "year", "ordinal", "month"})
BOTH = frozenset({"kedua", "both", "оба", "обе"})
"""Written like numbers, and no more than "the two"."""

_QUOTATION = re.compile(r"[“«„][^“”«»„]*(?:[”»]|\Z)|\A[^“”«»„]*[”»]|\"[^\"]*\"")
"""A quotation, or what a line has of one that begins before it or goes on after it."""

Run = tuple[Token, ...]
"""A name, of one or more words."""
Places = tuple[tuple[int, bool], ...]
"""As `speech_places`."""

MAX_BACK = 2
"""Words that point back to what was said."""
MAX_ENDING = 3  # letters by which an inflected name may be longer than its other form


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence taken apart. `names` are runs of tokens that name one thing ("Jose Tavares"); `words` its other content.

    `speakers` are the runs that it says something was said by; `attributed` that it says so of someone.
    """

    text: str
    language: str
    found: tuple[Token, ...]
    numbers: tuple[Token, ...]
    names: tuple[tuple[Token, ...], ...]
    words: tuple[Token, ...]
    negated: bool
    quantifiers: frozenset[str]
    attributed: bool
    speakers: tuple[tuple[Token, ...], ...]

    @property
    def content(self) -> tuple[Token, ...]:
        return tuple(
            sorted((*self.numbers, *self.words, *(t for run in self.names for t in run)), key=lambda t: t.start)
        )


@lru_cache(maxsize=4_096)
def read(text: str, language: str) -> Claim:
    """The claim of a sentence in a BCP 47 language."""
    found = with_months(tokens(text, language), language)
    names = name_runs(text, found)
    named = {token for run in names for token in run}
    numbers = tuple(t for t in found if t.kind in NUMERIC and not _means_one_or_both(t))
    said = speech_places(text, found)
    speech = {place for place, _ in said}
    counted = {t for n in numbers for t in found if t.keys & claim_words.currencies() and 0 <= t.start - n.end <= 2}
    words = tuple(
        t for t in found if t.kind in ("word", "name") and t not in named and t not in counted and t.start not in speech
    )
    return Claim(
        text=text,
        language=language,
        found=found,
        numbers=numbers,
        names=names,
        words=words,
        negated=is_negated(text, language),
        quantifiers=quantifiers(text),
        attributed=bool(said),
        speakers=tuple(run for run in [nearest_speaker(*beside_quotes(text, said, names))] if run),
    )


def with_months(found: tuple[Token, ...], language: str) -> tuple[Token, ...]:
    """The tokens with the months among them that an ending hides ("в ноябре")."""
    months = _month_stems(language)
    if not months:
        return found
    return tuple(
        replace(token, kind="month", keys=token.keys | {f"m_{number}"}, value=number)
        if token.kind in ("word", "name") and (number := months.get(stem(fold(token.text), language)))
        else token
        for token in found
    )


@cache
def _month_stems(language: str) -> dict[str, int]:
    words = lexicon(language)
    stems = {stem(name, language): number for name, number in words.months.items() if len(name) > 3}
    return stems if language.startswith("ru") else {}


def is_named(token: Token) -> bool:
    """Whether a token names someone or something: no country, no known word, no acronym."""
    return token.kind == "name" and not token.concepts


def name_runs(text: str, found: Sequence[Token], known: Iterable[Token] | None = None) -> tuple[tuple[Token, ...], ...]:
    """Runs of names with nothing but a space between them; countries and acronyms each by themselves.

    The first word of a sentence counts where nothing is known of it ("Lavrov said"), or only where it is one of the
    `known` names.
    """
    runs: list[list[Token]] = []
    for at, token in enumerate(found):
        opens = at == 0 and token.kind == "word" and not token.concepts and token.text[:1].isupper()
        if opens and known is not None:
            opens = any(same(token, name) for name in known)
        if token.kind != "name" and not opens:
            continue
        plain = not token.concepts and not (token.text.isupper() and len(token.text) > 1)
        last = runs[-1][-1] if runs else None
        joined = last is not None and not last.concepts and text[last.end : token.start] in (" ", "-", "\u00a0", ". ")
        if plain and joined:
            runs[-1].append(token)
        else:
            runs.append([token])
    return tuple(map(tuple, runs))


def same(claimed: Token, other: Token) -> bool:
    """Whether two tokens are one name: by a shared key, in one script but for an ending, across scripts by their sound."""
    return not claimed.keys.isdisjoint(other.keys) or _alike(
        claimed.text, other.text, claimed.skeleton or "", other.skeleton or ""
    )


@lru_cache(maxsize=65_536)  # each word of a claim meets each word of some twenty lines, several times
def _alike(claimed: str, other: str, mine: str, its: str) -> bool:
    """Whether two names are one as they are written, or in two scripts by their skeletons."""
    a, b = fold(claimed), fold(other)
    if _script(a) == _script(b):
        a, b = sorted((a.replace("ё", "е"), b.replace("ё", "е")), key=len)
        stem = len(a) - 1 if len(a) > 4 and not a.isascii() else len(a)  # Russian names change their last letter
        inflected = not a.isascii() and len(b) - len(a) <= MAX_ENDING and b.startswith(a[:stem])
        return inflected or (len(a) >= 8 and Levenshtein.distance(a, b) <= 1)
    if not mine or not its:
        return False
    return same_name(mine, its) and (
        len(mine) < 6 or Indel.normalized_similarity(_consonants(mine), _consonants(its)) >= 0.75
    )


def holds_run(run: Sequence[Token], held: Iterable[Sequence[Token]], found: Sequence[Token]) -> bool:
    """Whether a run of names is one of a text: all its words in one run of the text, or a single word anywhere in it."""
    if len(run) == 1:
        return any(same(run[0], other) for other in found if other.kind != "function") or any(
            not run[0].keys.isdisjoint(other.parts) for other in found
        )
    return any(all(any(same(token, other) for other in other_run) for token in run) for other_run in held) or _in_order(
        run, found
    )


def _in_order(run: Sequence[Token], found: Sequence[Token]) -> bool:
    """The words of a run side by side in a text, though not all of them are names there ("Clean Harbours Facility")."""
    size = len(run)
    said = [t for t in found if t.kind != "function"]
    return any(
        all(
            same(mine, other) or not mine.keys.isdisjoint(other.parts)
            for mine, other in zip(run, said[at : at + size], strict=True)
        )
        for at in range(len(said) - size + 1)
    )


def holds_number(claimed: Token, keys: frozenset[str]) -> bool:
    """Whether a text has the number, year, ordinal or month."""
    return not claimed.keys.isdisjoint(keys)


def holds_token(claimed: Token, keys: frozenset[str], found: Sequence[Token]) -> bool:
    """Whether a text has a number by its value, or a name by a key or its sound."""
    return not claimed.keys.isdisjoint(keys) or (
        claimed.kind not in NUMERIC and any(same(claimed, other) for other in found if other.kind != "function")
    )


BESIDE = 5
"""Code points beside a number in which the sign of a unit stands, and what that is a part of ("US$ 45", "*ARM* 45")."""


def unit_of(text: str, token: Token, found: Sequence[Token]) -> str:
    """The currency or percent that a number is a number of, "" for none."""
    signs: dict[str, str] = claim_words.listed()["units"]["signs"]
    before, after = (
        text[max(0, token.start - BESIDE) : token.start].rstrip(),
        text[token.end : token.end + BESIDE].lstrip(),
    )
    for sign, concept in signs.items():
        is_before = before.endswith(sign)
        beyond = before[: -len(sign)][-1:] if is_before else after[len(sign) :].lstrip()[:1]
        # "ARM 45"; in "12 RM 45" the sign is of what follows
        is_anothers = sign.isalpha() and (beyond.isalpha() or (beyond.isdigit() and not is_before))
        if (is_before or after.startswith(sign)) and not is_anothers:
            return concept
    currencies = claim_words.currencies()
    following = [t for t in found if t.start >= token.end and t.kind != "function"][:2]
    for other in following:
        if known := other.keys & currencies:
            return min(known)
        if "c_percent" in other.keys:
            return "c_percent"
        if other.kind == "number":
            break
    return ""


def is_negated(text: str, language: str) -> bool:
    """Whether a text denies something."""
    folded = f" {' '.join(fold(m.group()) for m in words_of(text))} "
    for phrase in claim_words.listed()["affirming"]["phrases"]:
        folded = folded.replace(f" {phrase} ", " ")
    return any(f" {word} " in folded for word in lexicon(language).negation)


def is_unreal(text: str, language: str) -> bool:
    """Whether a text tells what is wished, planned or due, rather than what is."""
    wished = claim_words.unreal()
    return any(not t.keys.isdisjoint(wished) for t in tokens(text, language)) or any(
        fold(m.group()) in claim_words.listed()["unreal"]["words"] for m in words_of(text)
    )


def beside_quotes(text: str, says: Places, runs: Sequence[Run]) -> tuple[Places, tuple[Run, ...]]:
    """Where a text says that someone says something, and its names, without those within its quotations where there are words of
    saying beside them: “The plant in *Bidara* is too small,” she *said*."""
    quoted = [m.span() for m in _QUOTATION.finditer(text)]

    def is_quoted(at: int) -> bool:
        return any(start <= at < end for start, end in quoted)

    beside = tuple(place for place in says if not is_quoted(place[0]))
    return (beside, tuple(run for run in runs if not is_quoted(run[0].start))) if beside else (says, tuple(runs))


def says_of_before(text: str, places: Sequence[tuple[int, bool]]) -> bool:
    """Whether a text begins by telling who said what stands before it: "*Demikian disampaikan* ...", "Об этом сообщил ..."."""
    words = words_of(text)
    starts = [
        at for at in range(1, min(MAX_BACK, len(words) - 1) + 1) if any(words[at].start() == p for p, _ in places)
    ]
    return any(
        " ".join(fold(m.group()) for m in words[:at]) in claim_words.listed()["attribution"]["back"] for at in starts
    )


def is_to_come(text: str) -> bool:
    """Whether a text tells what is going to be."""
    return any(fold(m.group()) in claim_words.listed()["to_come"]["words"] for m in words_of(text))


def is_passive(text: str) -> bool:
    """Whether the words from a verb to a name make that the one who does it ("chaired by")."""
    return any(fold(m.group()) in claim_words.listed()["passive"]["words"] for m in words_of(text))


def is_undergone(verb: Token, language: str) -> bool:
    """Whether an Indonesian or Malay verb tells what is done to what stands before it ("diwakili")."""
    return language.split("-", maxsplit=1)[0] in ("id", "ms") and fold(verb.text).startswith("di")


def quantifiers(text: str) -> frozenset[str]:
    """The groups of quantifiers that a text has words of, in any language."""
    spoken = {fold(m.group()) for m in words_of(text)}
    return frozenset(name for name, forms in claim_words.quantifiers().items() if spoken & forms)


def speech_places(text: str, found: Sequence[Token]) -> tuple[tuple[int, bool], ...]:
    """Where a text says that someone says something, and whether the speaker has to follow ("according to")."""
    folded = fold(text)
    verbs, saying = claim_words.verbs(), group("saying") & _SAID
    said = {token.start for token in found if token.kind != "name" and not token.keys.isdisjoint(saying)}
    said |= {m.start() for m in words_of(text) if fold(m.group()) in verbs}
    follow = ((m.start(), True) for phrase in claim_words.attributions() for m in phrase.finditer(folded))
    return tuple(sorted([*follow, *((at, False) for at in said)]))


_SAID = frozenset({"c_say", "c_say_state"})


def said_by(question: Analysis) -> tuple[Token, ...]:
    """The people whose words a question asks for ("What did *Tavares* say about trade?")."""
    people = tuple(token for token in question.content if is_named(token) and not token.text.isupper())
    return people if people and speech_places(question.text, question.content) else ()


def same_run(a: Sequence[Token], b: Sequence[Token]) -> bool:
    """Whether two runs name one: every word of the shorter is in the longer ("Jose", "Jose Tavares")."""
    short, long = sorted((a, b), key=len)
    return all(any(same(x, y) for y in long) for x in short)


def kind(run: Sequence[Token]) -> str:
    """What a run names: a "country", an "acronym", or another "name"."""
    return "country" if run[0].concepts else "acronym" if run[0].text.isupper() and len(run[0].text) > 1 else "name"


def nearest_speaker(places: Sequence[tuple[int, bool]], runs: Sequence[tuple[Token, ...]]) -> tuple[Token, ...]:
    """The run of names that is the speaker at one of the `speech_places`, () for none."""
    people = [run for run in runs if is_named(run[0]) or run[0].kind == "word"]
    people = [run for run in people if not (run[0].text.isupper() and len(run[0].text) > 1)]
    best: tuple[int, tuple[Token, ...]] | None = None
    for place, follows in places:
        for run in people:
            ahead = run[0].start - place
            if follows and ahead < 0:
                continue
            distance = ahead if ahead >= 0 else place - run[-1].end
            if not follows and ahead >= 0:
                distance += 12  # who says something mostly stands before it
            if best is None or distance < best[0]:
                best = distance, run
    return best[1] if best else ()


def _means_one_or_both(token: Token) -> bool:
    spelled = token.kind == "number" and not any(map(str.isdigit, token.text))
    return spelled and (token.value == 1 or fold(token.text) in BOTH)


def _script(word: str) -> str:
    first = next((c for c in word if c.isalpha()), "a")
    return "latin" if first < "\u0370" else "cyrillic" if "\u0400" <= first <= "\u052f" else "other"


def _consonants(sound: str) -> str:
    return re.sub(r"[aeiouj]", "", sound)
