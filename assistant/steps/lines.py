"""Lines: the sentences of sources with all that a claim is held against, and who says them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, takewhile
from typing import NamedTuple

from assistant.steps import claim_words, claims, evidence
from assistant.steps.context import whole_source
from assistant.steps.turns import turns
from assistant.text.languages import language_of
from assistant.text.lexicon import lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.tokens import Token, tokens
from assistant.text.transcripts import Speaker, label, speakers
from assistant.types import Passage, Source

_ITEM = re.compile(r"\s*(?:\d{1,3}(?:\.\d{1,3})*\.?|[A-Z]\d{1,2}\.|[-*•–—])\s+(?=[^\W\d_a-zа-я]|[«“\"(])")
"""The number of an item, which is no number of what the item says."""

_IN_WORD = re.compile(r"\w")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"(?<!\w)([^\W\d_]+) \Z"), re.compile(r" ([^\W\d_]+)(?!\w)")

LOOKED_BACK = 60
"""Code points before a name in which the word beside it stands, the space with it."""

MAX_SENTENCES = 2_000
"""Of a source whose speakers are looked for; the first time takes 0.05 to 0.1 ms a sentence whose tokens are kept."""


def forget() -> None:
    """Has the speakers and names of every source read anew."""
    _kept.clear()
    for kept in (_lines, _in_full):
        kept.cache_clear()


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a source, or one line of it, with all that it is matched by. `speaker` is named in full where the source does."""

    passage: Passage
    start: int
    end: int
    text: str
    held: evidence.Bag
    runs: tuple[tuple[Token, ...], ...]
    paragraph: int
    speaker: tuple[Token, ...] = ()
    named_in: int = -1  # the line that names the speaker
    stated: bool = False  # whether the speaker is told, or taken to go on


def lines_of(passages: Sequence[Passage]) -> tuple[Line, ...]:
    """The lines of passages that are given in the order of their sources, each with the speaker whose words it gives."""
    lines: list[Line] = []
    paragraph = 0
    known = tuple({t for p in passages for t in evidence.bag_of(p).tokens if claims.is_named(t)})
    for at, passage in enumerate(passages):
        follows = at > 0 and passages[at - 1].source is passage.source and bool(passage.before)
        paragraph += not follows
        for start, end in _split(passage):
            text = passage.source.text[start:end]
            held = bag_of_line(passage, text)
            lines.append(Line(passage, start, end, text, held, claims.name_runs(text, held.tokens, known), paragraph))
    return _with_speakers(lines)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says something, by their full name, and the sentence that names them, so many sentences ahead (negative: before). In a
    paragraph whoever spoke last is taken to go on; where the source tells it plainly it is `stated`."""

    name: str
    named_in: Passage
    ahead: int
    stated: bool

    @property
    def label(self) -> str:
        """By which they begin to speak in a transcript."""
        return label(self.named_in.text)


def speaking(source: Source) -> Mapping[str, Speaker]:
    """Those who speak in a source that is a transcript, by the labels of their lines."""
    return speakers(source.text, language_of(source.language, source.text))


def voice(passage: Passage) -> Voice | None:
    """Who says what a passage gives, None where the source does not tell."""
    return voices(passage.source).get(passage.start)


def turn_end(passage: Passage, most: int) -> int:
    """Where what somebody says in a transcript ends, a passage and what follows in their turn, with the last sentence that is whole
    within `most` code points; the passage's end where it is of no turn."""
    spoken = voices(passage.source) if speaking(passage.source) else {}
    turn, end = spoken.get(passage.start), passage.end
    following = (each for each in whole_source(passage.source) if each.start >= passage.end)
    for each in takewhile(lambda each: each.end - passage.start <= most, following):
        is_direction = each.text.startswith(("(", "["))  # "(Laughter.)"
        if turn is None or (other := spoken.get(each.start)) is None or other.named_in != turn.named_in or is_direction:
            break
        end = each.end
    return end


@lru_cache(maxsize=64)
def _lines(source: Source) -> tuple[Line, ...]:
    """The lines of a source; none of one that is too long."""
    passages = whole_source(source)
    return lines_of(passages) if len(passages) <= MAX_SENTENCES else ()


def full_names(passage: Passage) -> tuple[str, ...]:
    """The people whom a passage names by a part of their name, in full ("Jose": "Jose Tavares"), as its source has them."""
    found = evidence.bag_of(passage).tokens
    short = (run[0] for run in claims.name_runs(passage.text, found) if len(run) == 1 and claims.kind(run) == "name")
    return tuple(dict.fromkeys(full for token in short for full in _in_full(passage.source, token.text)))


@lru_cache(maxsize=4_096)
def _in_full(source: Source, name: str) -> tuple[str, ...]:
    """Two names in a row, one of them the one given. The text is searched: to take a whole source apart takes 100 times as
    long, and the candidates of a question are of many."""
    language = language_of(source.language, source.text)
    return tuple(full for full, word in dict.fromkeys(_pairs(source.text, name)) if _is_name(word, language))


@lru_cache(maxsize=4_096)
def _is_name(word: str, language: str) -> bool:
    """Whether a word within a sentence is a name, or a part of one."""
    if not word[0].isupper() or fold(word) in lexicon(language).function:
        return False
    return claims.is_named(tokens(f"x {word}", language)[-1])


def _pairs(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Each place where a text has the name with a word beside it, "Jose Tavares", and that word: the one before, or else the
    one after. A pattern with the name in it would take longer to compile than to search."""
    end = told = 0  # of the last place, and of the last pair: no word is of two pairs
    while (at := text.find(name, end)) >= 0:
        end = at + len(name)
        if not (_IN_WORD.match(text, at - 1, at) or _IN_WORD.match(text, end)):
            if before := _WORD_BEFORE.search(text, max(told, at - LOOKED_BACK), at):
                yield f"{before[1]} {name}", before[1]
                told = end
            elif after := _WORD_AFTER.match(text, end):
                yield f"{name} {after[1]}", after[1]
                end = told = after.end()


_KEPT = 64  # sources
_kept: dict[Source, dict[int, Voice]] = {}


def voices_known(source: Source) -> bool:
    """Whether who says what in a source is told without reading it."""
    return source in _kept


def voices(source: Source) -> dict[int, Voice]:
    """The voice of each sentence, by where it begins; a person is named in full where the source does so before."""
    found = _kept.get(source)
    if found is None:
        if len(_kept) >= _KEPT:
            _kept.clear()
        found = _kept[source] = _voices_found(source)
    return found


def _voices_found(source: Source) -> dict[int, Voice]:
    lines = _lines(source)
    found = {}
    for line in lines:
        if line.speaker:
            words = " ".join(token.text for token in line.speaker)
            named_in = lines[line.named_in].passage
            found[line.passage.start] = Voice(words, named_in, named_in.number - line.passage.number, line.stated)
    return found


def refers(line: Line, other: Line, run: Sequence[Token]) -> bool:
    """Whether a line tells of what the sentence before it names, and where ("a *meeting in Ambon*. *This meeting* was attended by
    ..."): the name is the first behind that word that is led by one for a place."""
    if other.passage.number != line.passage.number - 1 or line.paragraph != other.paragraph:
        return False
    found = line.held.tokens
    pointing = [at for at, token in enumerate(found) if fold(token.text) in claim_words.demonstratives()]
    named = [token for at in pointing for token in found[max(0, at - 1) : at + 2] if token.concepts]
    ends = [t.end for t in other.held.tokens if any(evidence.match(each, evidence.alone(t)) == 1.0 for each in named)]
    places = (
        next((each for each in other.runs if each[0].start >= at and _is_place(each, at, other)), ()) for at in ends
    )
    return any(place and claims.same_run(run, place) for place in places)


def _is_place(run: Sequence[Token], start: int, line: Line) -> bool:
    """Whether a word for a place stands right before a name, at the earliest there."""
    led = words_of(line.text[start : run[0].start])[-1:]
    return bool(led) and fold(led[0].group()) in claim_words.leads()


def bag_of_line(passage: Passage, text: str) -> evidence.Bag:
    """The words of a part of a passage, the months that an ending hides among them."""
    held = evidence.bag_of(passage, text)
    found = claims.with_months(held.tokens, passage.language)
    return replace(held, tokens=found, keys=held.keys.union(*(t.keys for t in found))) if found != held.tokens else held


def _split(passage: Passage) -> Iterator[tuple[int, int]]:
    start = passage.start
    for piece in passage.text.splitlines(keepends=True):
        item = _ITEM.match(piece)
        kept = piece[item.end() if item else 0 :].strip()
        if kept:
            at = start + piece.rindex(kept)
            yield at, at + len(kept)
        start += len(piece)


class _Said(NamedTuple):
    """Whose words a line gives, the line that names them, and whether that is told."""

    who: tuple[Token, ...] = ()
    named_in: int = -1
    stated: bool = False


def _with_speakers(lines: list[Line]) -> tuple[Line, ...]:
    """Who says what: in a transcript whoever began to speak; else the name beside a word of saying; of a pronoun, the one before;
    of a quotation, whoever ends it; where the next sentence tells who said that, they."""
    found: list[_Said] = []
    current = last_person = _Said()
    opened = -1
    spoken = _turns(lines)
    for at, line in enumerate(lines):
        if at and (lines[at - 1].paragraph != line.paragraph):
            current, opened = _Said(), -1
            if lines[at - 1].passage.source is not line.passage.source:
                last_person = _Said()
        says = claims.speech_places(line.text, line.held.tokens)
        run = claims.nearest_speaker(*claims.beside_quotes(line.text, says, line.runs))
        if run:
            current = _Said(run, at, _is_told(line, says, run))
        elif says and not current.who:
            current = last_person
        elif not says and _opens_with_another(line, current.who):
            current = _Said()
        if not run:  # within a turn somebody else may be said to have said something
            current = spoken.get(at, current._replace(stated=False))
        found.append(current)
        opens, closes = line.text.rfind("“"), line.text.rfind("”")
        opens, closes = max(opens, line.text.rfind("«")), max(closes, line.text.rfind("»"))
        if closes >= 0 and opened >= 0 and run:
            for inside in range(opened, at):
                found[inside] = current
        opened = at if opens > closes else (opened if closes < 0 else -1)
        behind = at > 0 and lines[at - 1].paragraph == line.paragraph and not found[at - 1].who
        if run and behind and claims.says_of_before(line.text, says) and _is_named_so(line, says, run):
            found[at - 1] = current
        people = [r for r in line.runs if claims.kind(r) == "name" and len(r) > 1]
        if people:
            last_person = _Said(people[-1], at)
    in_full = {
        (source, who): _full_name(who, source, lines)
        for source, who in {
            (line.passage.source, each.who) for line, each in zip(lines, found, strict=True) if each.who
        }
    }
    return tuple(
        replace(line, speaker=in_full[line.passage.source, who] if who else (), named_in=where, stated=stated)
        for line, (who, where, stated) in zip(lines, found, strict=True)
    )


def _is_told(line: Line, says: Sequence[tuple[int, bool]], run: Sequence[Token]) -> bool:
    """Whether a line plainly tells that a name is whoever says something: nothing is said or done to them ("in reply *to* Rahma,
    the mayor said", "she thanked Rahma *and* said")."""
    before = words_of(line.text[: run[0].start])[-1:]
    if (
        before
        and line.text[before[0].end() : run[0].start] == " "
        and fold(before[0].group()) in claim_words.object_leads()
    ):
        return False
    place = min((at for at, _ in says), key=lambda at: abs(at - run[0].start))
    between = line.text[min(place, run[-1].end) : max(place, run[0].start)]
    return not any(fold(m.group()) in claim_words.joints() for m in words_of(between))


def _is_named_so(line: Line, says: Sequence[tuple[int, bool]], run: Sequence[Token]) -> bool:
    """Whether a name stands behind a word of saying, or behind titles and a comma: no "critics of" somebody, nor a source in
    somebody's office."""
    before = [t for t in line.held.tokens if t.end <= run[0].start][-1:]
    beside = line.text[: run[0].start].rstrip().endswith(",") or any(
        t.start in {place for place, _ in says} or not t.keys.isdisjoint(claim_words.titles()) for t in before
    )
    return beside and _is_told(line, says, run)


def _opens_with_another(line: Line, who: Sequence[Token]) -> bool:
    """Whether a line is about another person than the one who spoke."""
    first = line.runs[0] if line.runs else ()
    content = next(
        (t for t in line.held.tokens if t.kind != "function" and t.keys.isdisjoint(claim_words.titles())), None
    )
    return bool(who and first) and claims.kind(first) == "name" and content in first and not claims.same_run(first, who)


def _turns(lines: Sequence[Line]) -> dict[int, _Said]:
    """Who speaks in each line of those sources that are transcripts, and the line that begins with them."""
    found: dict[int, _Said] = {}
    for _, same in groupby(enumerate(lines), key=lambda pair: pair[1].passage.source.source_id):
        here = list(same)
        first, source = here[0][0], here[0][1].passage.source
        for at, turn in turns([(line.text, line.paragraph) for _, line in here], speaking(source)).items():
            found[first + at] = _Said(turn.speaker, first + turn.begins, stated=True)
    return found


def _full_name(who: tuple[Token, ...], source: Source, lines: Sequence[Line]) -> tuple[Token, ...]:
    """The longer name of whose this is in a source; itself where there is none, or that of two."""
    runs = (run for line in lines if line.passage.source is source for run in line.runs)
    people = [run for run in runs if len(run) > len(who) and claims.kind(run) == "name" and claims.same_run(who, run)]
    return people[0] if people and all(claims.same_run(people[0], each) for each in people) else who
