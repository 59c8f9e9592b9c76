"""Suggest: questions about what the sources name, made from their sentences, in the words of a message catalogue.

A topic stands as the source writes it, within quotation marks, so that no language has to inflect it. Asked what the
sources say about such a topic, the step `answerable` accepts every passage that holds the very words, which is why a
follow-up need not be tried. Other questions (who, what happened) are proposals: ask them before you show them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, zip_longest
from typing import Literal

from assistant.messages import Catalogue
from assistant.steps import evidence
from assistant.text.lexicon import LANGUAGES, UNSPACED, closed_class, group, lexicon
from assistant.text.normalise import fold
from assistant.text.tokens import Token, tokens
from assistant.types import Citation, Passage, Question, Retrieval

Kind = Literal["person", "name", "phrase", "date", "amount"]

FOLLOW_UPS = 3
NEAREST = 3
"""Passages of a refusal that follow-ups are about."""
NAMES_FIRST = 2
"""Follow-ups about names before one about another thing."""
MAX_WORDS, MAX_CHARS = 5, 60
"""Of a topic; a longer run of capitals is a headline or the title of a document."""
MIN_NAME, MIN_WORD = 3, 4
"""Characters of a name, and of the words of a phrase."""
MIN_PERSON = 2
"""Words of a person's name: a single one may be any."""
ROLE_BEFORE, ROLE_AFTER = 6, 4
"""Words from a name within which a word for a role ("director-general") makes it a person's."""
REPEATED, COMMON = 2, 0.25
"""Sentences that a phrase has to stand in to be a topic, and the share of all above which it, or a name, says nothing."""
KINDS: tuple[Kind, ...] = ("person", "name", "phrase", "date", "amount")
UNINFLECTED = frozenset({"en", "id", "ms", "vi", "fil", "th", "zh"})
"""Languages whose phrases stand alone as they stand in a sentence."""

_ENDS = re.compile(r"[.!?…。！？][\"'”’»›)\]]*\s*$")


@dataclass(frozen=True, slots=True)
class Topic:
    """Words of a sentence that a question can be asked about, exactly as they stand there."""

    text: str
    kind: Kind
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question and the words that its answer has to hold."""

    question: str
    topic: str


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a source: its text, its BCP 47 language, and the date of its source."""

    text: str
    language: str
    date: dt.date | None = None


def follow_ups(
    question: Question, retrieval: Retrieval, cited: Sequence[Citation], words: Catalogue
) -> tuple[str, ...]:
    """Up to `FOLLOW_UPS` questions about other things in the cited passages and beside them, or, where nothing is
    cited, in the closest ones; none about what was asked before. The same for the same arguments."""
    near = [p for p in retrieval.passages if any(_overlaps(p, each) for each in cited)]
    near = near or list(retrieval.passages[:NEAREST])
    texts = [(p.text, p.language) for p in near]
    texts += [(text, p.language) for p in near for text in (p.before, p.after) if text]
    around = dict.fromkeys([*texts, *((p.text, p.language) for p in retrieval.passages)])
    found = dict.fromkeys(_in_full(topic, around) for each in texts for topic in topics(*each))
    often = {topic: sum(topic.text in text for text, _ in around) for topic in found}
    said = fold(" ".join([question.question, retrieval.question.text, *_asked(question)]))
    told = [t for t in found if _carries(t, often[t], len(around)) and fold(t.text) not in said]
    fresh = [t for t in sorted(told, key=lambda t: -often[t]) if not _is_asked(t, retrieval, near[0].language)]
    named = [topic for kind in ("person", "name") for topic in fresh if topic.kind == kind]
    others = [topic for topic in fresh if topic.kind not in ("person", "name")]
    ordered = [*named[:NAMES_FIRST], *others[:1], *named[NAMES_FIRST:], *others[1:]]
    return tuple(_about(topic, words).question for topic in _apart(ordered)[:FOLLOW_UPS])


def proposals(sentences: Sequence[Told], words: Catalogue) -> Iterator[Proposal]:
    """Questions about the people, things and years that most sentences name, in turn; to be tried before they are
    shown. Headlines do not count."""
    spoken = [told for told in sentences if told.language.split("-")[0] in UNSPACED or _ENDS.search(told.text)]
    often: Counter[Topic] = Counter()
    past: dict[Topic, bool] = {}
    for told in spoken:
        for topic in dict.fromkeys(topics(told.text, told.language)):
            often[topic] += 1
            past[topic] = topic.year is not None and told.date is not None and topic.year <= told.date.year
    known = {kind: [t for t, _ in often.most_common() if t.kind == kind] for kind in KINDS}
    people = [t for t in known["person"] if often[t] >= often[Topic(t.text, "name")]]
    things = (t for t in (*known["name"], *known["phrase"]) if _carries(t, often[t], len(spoken)))
    named = _apart(sorted([*people, *things], key=lambda t: -often[t]))
    who = [Proposal(words.text("suggest.who", name=t.text), t.text) for t in named if t.kind == "person"]
    about = [_about(t, words) for t in named if t.kind != "person"]
    when = [Proposal(words.text("suggest.year", year=t.year), str(t.year)) for t in known["date"] if past[t]]
    in_turn = (each for each in chain.from_iterable(zip_longest(who, about, when[:1])) if each is not None)
    rest = (_about(t, words) for kind in ("person", "amount", "date") for t in known[kind])
    yield from dict.fromkeys(chain(in_turn, rest))


def _about(topic: Topic, words: Catalogue) -> Proposal:
    return Proposal(words.text("suggest.about", topic=topic.text), topic.text)


@lru_cache(maxsize=4_096)
def topics(text: str, language: str) -> tuple[Topic, ...]:
    """What a sentence names, in its order: people, other names, phrases, dates and amounts."""
    said = tokens(text, language)
    found = [
        *(topic for run in _runs(text, said, language) for topic in _named(text, run, said)),
        *_phrases(text, said, language),
        *_dates(text, said),
        *_amounts(text, said),
    ]
    return tuple(dict.fromkeys(topic for topic in found if _is_plain(topic.text)))


def _runs(text: str, said: Sequence[Token], language: str) -> Iterator[list[Token]]:
    """Runs of capitalised words with nothing but a space or hyphen between them; a sentence's first word only if it is
    unknown. Parts of an English title within another language, parted by its small words, are left out."""
    spoken = language.split("-", maxsplit=1)[0]
    foreign = closed_class("en") - (closed_class(spoken) if spoken in LANGUAGES else frozenset())
    run: list[Token] = []
    part = False
    for before, token in pairwise([None, *said, None]):
        small = token is not None and token.kind == "function" and fold(token.text) in foreign
        if run and not (token and _is_capital(token) and text[run[-1].end : token.start] in (" ", "-")):
            if not (part or small):
                yield run
            run = []
        if token and _is_capital(token) and (before or spoken in UNSPACED or not token.concepts):
            part = part if run else before is not None and before.kind == "function" and fold(before.text) in foreign
            run.append(token)


def _is_capital(token: Token) -> bool:
    known = token.kind == "name" or bool(token.concepts or token.skeleton)
    return token.kind in ("name", "word") and token.text[0].isupper() and known


def _named(text: str, run: list[Token], said: Sequence[Token]) -> Iterator[Topic]:
    """The topic that a run of capitals is; of a body's initials before a person ("DPR Ratri Maharsiwi") the person."""
    if text[run[0].start - 1 : run[0].start] == "(" and text[run[-1].end : run[-1].end + 1] == ")":
        return  # a dateline's newspaper, or initials after what they stand for
    if len(run) > MIN_PERSON and run[0].text.isupper() and all(map(_is_personal, run[1:])):
        run = run[1:]
    words = text[run[0].start : run[-1].end]
    if len(words.split()) > MAX_WORDS or len(words) < MIN_NAME:
        return
    if len(run) == 1 and " " not in words:
        if run[0].kind == "name" and not run[0].concepts:
            yield Topic(words, "name")
    elif len(run) >= MIN_PERSON and all(map(_is_personal, run)) and _is_introduced(text, run, said):
        yield Topic(words, "person")
    elif not words.isupper():
        yield Topic(words, "name")


def _is_personal(token: Token) -> bool:
    return token.kind in ("name", "word") and not token.concepts and not token.text.isupper()


def _is_introduced(text: str, run: Sequence[Token], said: Sequence[Token]) -> bool:
    """Whether a name stands in apposition to a role ("the director-general, Jose Tavares") or beside a word of saying."""
    first, last = said.index(run[0]), said.index(run[-1])
    before, after = said[max(0, first - ROLE_BEFORE) : first], said[last + 1 : last + 1 + ROLE_AFTER]
    roles = group("person")
    led = text[: run[0].start].rstrip().endswith(",") and any(not t.keys.isdisjoint(roles) for t in before)
    followed = text[run[-1].end :].startswith(",") and any(not t.keys.isdisjoint(roles) for t in after)
    return led or followed or any(not t.keys.isdisjoint(group("saying")) for t in (*before[-1:], *after[:1]))


def _phrases(text: str, said: Sequence[Token], language: str) -> Iterator[Topic]:
    """Known terms of several words ("keamanan siber"), and pairs of longer words that stand together."""
    spoken = language.split("-", maxsplit=1)[0]
    if spoken not in UNINFLECTED:
        return
    shut, small = group("light") | group("saying") | group("spans"), lexicon(spoken).function
    plain = [
        t.kind == "word"
        and t.text.islower()
        and t.keys.isdisjoint(shut)
        and (spoken in UNSPACED or all(len(w) >= MIN_WORD and w not in small for w in t.text.split()))
        for t in said
    ]
    for token, fits in zip(said, plain, strict=True):
        if fits and token.concepts and (" " in token.text or (spoken in UNSPACED and len(token.text) >= MIN_WORD)):
            yield Topic(token.text, "phrase")
    if spoken not in UNSPACED:
        for (one, fits), (other, too) in pairwise(zip(said, plain, strict=True)):
            if fits and too and text[one.end : other.start] == " ":
                yield Topic(text[one.start : other.end], "phrase")


def _dates(text: str, said: Sequence[Token]) -> Iterator[Topic]:
    """Years, with their month; none of a period ("2016-2020")."""
    for before, token, after in zip([None, *said], said, [*said[1:], None], strict=False):
        if token.kind != "year" or any(other is not None and other.kind == "year" for other in (before, after)):
            continue
        dated = before is not None and before.kind == "month" and text[before.end : token.start] == " "
        start = before.start if dated and before is not None else token.start
        yield Topic(text[start : token.end], "date", int(token.value or 0))


def _amounts(text: str, said: Sequence[Token]) -> Iterator[Topic]:
    """Numbers in digits, with what they measure or count."""
    units = group("units") | group("spans") | group("person")
    for token, after in pairwise(said):
        counts = not after.keys.isdisjoint(units) and after.text[0].islower()
        if token.kind == "number" and token.text[0].isdigit() and counts and text[token.end : after.start] == " ":
            yield Topic(text[token.start : after.end], "amount")


def _is_plain(words: str) -> bool:
    """Whether it can stand within quotation marks: one line, no mark of its own."""
    return len(words) <= MAX_CHARS and words == " ".join(words.split()) and not re.search(r"[\"“”„«»「」\[\]]", words)


def _apart(found: Iterable[Topic]) -> list[Topic]:
    """The topics but those that are a part of an earlier one, or have one as a part."""
    kept: list[Topic] = []
    for topic in found:
        if not any(topic.text in other.text or other.text in topic.text for other in kept):
            kept.append(topic)
    return kept


def _carries(topic: Topic, count: int, total: int) -> bool:
    """Whether a topic of `count` of `total` sentences tells them apart, and is more than a chance pair of words."""
    if topic.kind == "phrase" and count < REPEATED:
        return False
    return topic.kind not in ("name", "phrase") or count <= max(REPEATED, total * COMMON)


def _in_full(topic: Topic, sentences: Iterable[tuple[str, str]]) -> Topic:
    """The person whose name the topic is a part of ("Jose") in one of the sentences (text, language), or the topic."""
    if " " in topic.text:
        return topic
    people = (each for text, language in sentences if topic.text in text for each in topics(text, language))
    return next((each for each in people if each.kind == "person" and topic.text in each.text.split()), topic)


def _is_asked(topic: Topic, retrieval: Retrieval, language: str) -> bool:
    """Whether the question holds some of its words already, in whatever language."""
    held = evidence.bag(topic.text, language)
    asked = (token for token in retrieval.question.content if not evidence.is_light(token))
    return any(evidence.match(token, held) >= evidence.PART_OF_PHRASE for token in asked)


def _asked(question: Question) -> list[str]:
    return [turn.content for turn in question.history if turn.role == "user"]


def _overlaps(passage: Passage, citation: Citation) -> bool:
    return (
        passage.source.source_id == citation.source_id
        and passage.start < citation.end_char_index
        and citation.start_char_index < passage.end
    )
