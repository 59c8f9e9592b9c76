"""What a question asks for: its question words, the thing counted or named beside them, its content words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from assistant.text.lexicon import UNSPACED, Lexicon, capitals, concept_class, group, lexicon, says_any, words_of
from assistant.text.normalise import fold, stem
from assistant.text.pronouns import referring
from assistant.text.tokens import Token, meant, tokens

_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»|„([^“”]+)[“”]|「([^」]+)」')

ASKS = (
    "ordinal",
    "age",
    "period",
    "duration",
    "year",
    "day",
    "date",
    "country",
    "place",
    "person",
    "share",
    "number",
    "reason",
    "manner",
)
"""The kinds of answer a question word can ask for, the most specific first."""
NOUN_AFTER, NOUN_BEFORE = 2, 2
"""How many content words from "which" its noun may be, after it ("which ASEAN country") or before ("negara ASEAN mana")."""
_RELATIVE_WHO = frozenset({"en", "ru"})
_RELATIVE = frozenset({"person", "place", "date", "day"})
"""Their question words also open a clause: "What office is held by the man *who* spoke?" """


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question taken apart. `asks` is one of `ASKS`, or "" where no question word says what kind of answer is wanted.

    `content` are the tokens that carry what is asked about; `focus` those of them next to the question words ("how many
    *officials*", "which *goods*"); `spans` where the question words that say a kind stand.
    """

    text: str
    language: str
    asks: str
    content: tuple[Token, ...]
    focus: tuple[Token, ...]
    spans: tuple[tuple[int, int], ...]
    negated: bool
    ordered: bool  # it asks what came before or after something
    superlative: bool  # it asks for the largest, the most
    own_view: bool  # it asks for the view of whoever is asked
    besides: bool  # it asks what else there is
    by_name: bool  # it asks what somebody is called: a post is no answer
    yes_no: bool  # it asks whether something is so
    asserted: str  # its text without the words at its end that only ask whether it is so
    rhetorical: bool  # it asks so with a denial that denies nothing ("Isn't it ...?")
    pronouns: tuple[str, ...]
    opens_with: str  # the word or phrase that opens a follow-up ("and", "kalau", "а"), or ""
    carried: tuple[Token, ...] = ()  # those of its tokens that only say what it is about
    whole: bool = False  # what it wants retold is the source as a whole
    published: bool = False  # it asks who published the source, which tells so itself
    answered: tuple[str, ...] = ()  # the words that were quoted to the question before it
    follows: bool = False  # it was put together with the question before it
    alone: str = ""  # its text without what it is about, where that was put behind it
    shown: str = ""  # the words that were last quoted in its conversation, unless it changes the subject

    @property
    def topic(self) -> str:
        """The words in quotation marks of which it asks what the sources say, and nothing more ("What do the sources say
        about “Kuta”?"), or ""."""
        quoted = _QUOTED.search(self.text)
        if quoted is None:
            return ""
        around = analyse(self.text[: quoted.start()] + self.text[quoted.end() :], self.language)
        sources = group("document") | group("sources")
        plain = sources | group("light") | group("saying")
        about = (
            not (around.asks or around.negated or around.ordered or around.superlative)
            and any(not token.keys.isdisjoint(sources) for token in around.content)
            and all(not token.keys.isdisjoint(plain) for token in around.content)
        )
        return str(quoted.group(quoted.lastindex or 0)).strip() if about else ""

    @property
    def speaks_of_saying(self) -> bool:
        """Whether it has a word of saying."""
        return any(not token.keys.isdisjoint(group("saying")) for token in self.content)

    @property
    def asks_speaker(self) -> bool:
        """Whether it asks who said something."""
        return self.asks == "person" and self.speaks_of_saying

    @property
    def retold(self) -> tuple[Token, ...]:
        """What it wants a summary of ("Summarise the meeting in Kuta"); () where it wants none."""
        asked = group("summary") | group("document") | group("light") | group("wholly")
        wanting = [  # "singkat" is short, "singkatan" an abbreviation
            token
            for token in self.content
            if token not in self.carried
            and not (read(token) & meant(token, self.language)).isdisjoint(group("summary"))
        ]
        if self.asks not in ("", "manner") or not wanting:
            return ()
        told = tuple(token for token in self.content if read(token).isdisjoint(asked))
        # "How did Rahma summarise the plan?" wants none.
        return told if not any(token.start < wanting[0].start for token in told) else ()

    @property
    def names(self) -> tuple[Token, ...]:
        return tuple(token for token in self.content if token.kind == "name")


@lru_cache(maxsize=4_096)
def analyse(text: str, language: str, carried: tuple[tuple[int, int], ...] = ()) -> Analysis:
    """Takes a question apart with the closed-class words of its language (BCP 47).

    `carried` is where in it words stand that only say what it is about: of the question before it, or around it.
    """
    words = lexicon(language)
    found = _question_words(text, words)
    spans = tuple(span for span, _ in found)
    kinds = {kind for _, kind in found}
    plain = _without_tag(text, words)
    spoken = [fold(m.group()) for m in words_of(plain) if not any(a <= m.start() and m.end() <= b for a, b in carried)]
    opening = _opening(text, words)
    after = spoken[len(opening.split()) :] if opening else spoken  # "А разве не ...?"
    rhetorical = _opens(after, words.rhetorical)
    content = tuple(
        _corrected(_with_government(token, text, words), words)
        for token in tokens(text, language)
        if token.kind != "function"
        and token.start < len(plain)
        and not any(a <= token.start and token.end <= b for a, b in spans)
    )
    return Analysis(
        text=text,
        language=language,
        asks=_asks(kinds, content, _what(text, words), words),
        content=content,
        focus=_beside(content, spans or _what(text, words)),
        spans=spans,
        negated=_is_negated(_after_opening(spoken, words) if rhetorical else spoken, words),
        ordered=_is_ordered(spoken, content, words),
        superlative=_is_superlative(text, content, words),
        own_view=_says_phrase(text, words.views, words),
        besides=says_any(text, words.besides, words.language),
        by_name=("person" in kinds and says_any(text, words.naming, words.language))
        or _names_somebody(text, content, words),
        yes_no=not spans and (plain != text or _asks_whether(text, after, content, words)),
        asserted=plain,
        rhetorical=rhetorical,
        pronouns=referring(plain, spoken, content, words),
        opens_with=opening,
        carried=tuple(t for t in content if any(a <= t.start and t.end <= b for a, b in carried)),
    )


def read(token: Token) -> frozenset[str]:
    """What a word is matched by; of one that is not known, what it is likely a slip of."""
    return token.keys if token.concepts else token.keys | token.parts


def asks_something(text: str, language: str) -> bool:
    """Whether a text has a question word."""
    return asks_from(text, language) >= 0


def asks_from(text: str, language: str) -> int:
    """Where the first question word of a text stands, -1 without one."""
    words = lexicon(language)
    spans = [*(span for span, _ in _question_words(text, words)), *_what(text, words)]
    return min((start for start, _ in spans), default=-1)


def _after_opening(spoken: list[str], words: Lexicon) -> list[str]:
    """The words of a rhetorical question without its first denial, which denies nothing; one that has none opens otherwise
    ("Bukankah")."""
    opens = any(_opens([word], words.rhetorical) and word not in words.negation for word in spoken[:2])
    at = next((n for n, word in enumerate(spoken) if word in words.negation), len(spoken))
    return spoken if opens and words.language != "ru" else spoken[:at] + spoken[at + 1 :]


CONCEDED = 1
"""Words after "although" within which a negation belongs to it."""


def _is_negated(spoken: Sequence[str], words: Lexicon) -> bool:
    """Whether a question has a negation other than in a concession ("which aspects, *although not listed*, ...")."""
    return any(
        word in words.negation and words.concessive.isdisjoint(spoken[max(0, at - CONCEDED) : at])
        for at, word in enumerate(spoken)
    )


def _without_tag(text: str, words: Lexicon) -> str:
    """A question without the words at its end that only ask whether it is so ("... atau tidak?", "..., right?")."""
    said = text.rstrip(" ?!.？！。")
    folded = fold(said)
    for tag in words.tags:
        ends = said[: -len(tag)] if folded.endswith(tag) and len(folded) == len(said) else ""
        if ends and (words.language in UNSPACED or not (tag[0].isalnum() and ends[-1].isalnum())):
            return ends
    return text


def _says_phrase(text: str, phrases: tuple[str, ...], words: Lexicon) -> bool:
    """Whether a text has one of the phrases, as whole words where spaces are written."""
    if words.language in UNSPACED:
        return any(phrase in text for phrase in phrases)
    said = f" {' '.join(fold(m.group()) for m in words_of(text.replace('-', ' ')))} "
    return any(f" {phrase.replace('-', ' ')} " in said for phrase in phrases)


def _asks_whether(text: str, spoken: list[str], content: tuple[Token, ...], words: Lexicon) -> bool:
    """Whether a question is one for yes or no, with nothing to choose from, and not for what something is ("Apakah
    *jabatan* ...")."""
    if spoken and spoken[0] in words.what and content and "attribute" in map(concept_class, content[0].concepts):
        return False
    first = _opens(spoken, words.yes_no_first)
    slip = any(word in words.yes_no_first for word in spoken[1:2])  # "were did it take place"
    return ((first and not slip) or _says_phrase(text, words.yes_no, words)) and words.either.isdisjoint(spoken)


def _opens(spoken: Sequence[str], phrases: Iterable[str]) -> bool:
    """Whether one of the phrases comes first."""
    opening = f"{' '.join(spoken[:5])} "
    return any(opening.startswith(f"{each} ") for each in phrases)


def _is_superlative(text: str, content: tuple[Token, ...], words: Lexicon) -> bool:
    """Whether a word like "largest" stands by itself, not in a known phrase ("*top* officials")."""
    if words.language in UNSPACED:
        return says_any(text, words.superlative, words.language)
    within = [(token.start, token.end) for token in content if token.concepts and " " in token.text]
    places = (m for m in words_of(text) if fold(m.group()) in words.superlative)
    return any(not any(a <= m.start() < b for a, b in within) for m in places)


def _is_ordered(spoken: list[str], content: tuple[Token, ...], words: Lexicon) -> bool:
    """Whether a word of order stands by itself: not in a known phrase ("tahun *lepas*"), nor before "which" ("до какого
    года" asks until when), nor where something is raised to a level ("поднять *до* стратегического")."""
    if any(not token.keys.isdisjoint(group("levels")) for token in content):
        spoken = [word for word in spoken if word not in words.up_to]
    known = (t for t in content if t.concepts and " " in t.text and t.keys.isdisjoint(group("ordered")))
    within = {word for token in known for word in fold(token.text).split()}
    return any(
        word in words.sequence and word not in within and after not in words.what
        for word, after in pairwise([*spoken, ""])
    )


def _names_somebody(text: str, content: tuple[Token, ...], words: Lexicon) -> bool:
    """Whether a word of naming stands at somebody: "the *name* of the Russian leader"."""
    if words.language in UNSPACED:
        return False
    places = [m.end() for m in words_of(text) if fold(m.group()) in words.naming]
    after = [(at, next((t for t in content if t.start > at and t.kind != "name"), None)) for at in places]
    return any(
        token is not None
        and not token.keys.isdisjoint(group("person"))
        and not says_any(text[at : token.start], words.what, words.language)  # "the name of *what* the leaders adopted"
        for at, token in after
    )


def _asks(kinds: set[str], content: tuple[Token, ...], what: tuple[tuple[int, int], ...], words: Lexicon) -> str:
    """The kind of answer: by the question words, or by the noun that "which" stands at ("which ASEAN *country*")."""
    kind = next((kind for kind in ASKS if kind in kinds), "")
    if kind == "number" and any("c_age" in token.keys for token in content):  # "umur beliau *berapa*"
        return "age"
    if kind or not what:
        return kind
    (start, end), *_ = what
    after = [token for token in content if token.start >= end][:NOUN_AFTER]
    before = [token for token in content if token.end <= start][-NOUN_BEFORE:]
    for token in (*after, *reversed(before)):
        for noun in ("country", "year", "place", "share", "number"):
            if not meant(token, words.language).isdisjoint(group(f"asks_{noun}")):
                return noun
    return ""


def _with_government(token: Token, text: str, words: Lexicon) -> Token:
    """A capital with the country whose government it stands for, but after a word of place ("in *Moscow*")."""
    country = capitals(words.language).get(stem(fold(token.text), words.language)) if token.kind == "name" else None
    if country is None or ((before := words_of(text[: token.start])) and fold(before[-1].group()) in words.where):
        return token
    return replace(token, parts=token.parts | {country})


def _corrected(token: Token, words: Lexicon) -> Token:
    """A word that nothing is known of, with the concepts of the word that it is likely a misspelling of; of a name the
    country."""
    if token.kind not in ("word", "name") or token.concepts or not token.skeleton:
        return token
    meant = {concept for form in sorted(token.keys | {fold(token.text)}) for concept in words.corrected(form)}
    if token.kind == "name" and not meant and words.language != "en":
        meant = set(lexicon("en").corrected(fold(token.text)))
    if token.kind == "name":
        meant = {concept for concept in meant if concept.startswith("country_")}
    return replace(token, parts=token.parts | {f"c_{concept}" for concept in meant}) if meant else token


def _question_words(text: str, words: Lexicon) -> list[tuple[tuple[int, int], str]]:
    """Question words and phrases with what they ask for; the longest at each place."""
    if words.language in UNSPACED:
        return _unspaced_question_words(text, words)
    pieces = [(m.start(), m.end(), words.asked(fold(m.group()))) for m in words_of(text)]
    pieces = [piece for piece in pieces if piece[2] not in words.emphasis]  # "за какой *именно* год"
    longest = max(map(len, words.asks))
    found: list[tuple[tuple[int, int], str]] = []
    first_what = next((at for at, (_, _, word) in enumerate(pieces) if word in words.what), len(pieces))
    first_what = first_what if words.language in _RELATIVE_WHO else len(pieces)
    at = 0
    while at < len(pieces):
        for length in range(min(longest, len(pieces) - at), 0, -1):
            kind = words.asks.get(tuple(word for _, _, word in pieces[at : at + length]))
            opens = at <= first_what + 1 or any(word in words.what for _, _, word in pieces[at : at + length])
            if kind and (opens or kind not in _RELATIVE):
                found.append(((pieces[at][0], pieces[at + length - 1][1]), kind))
                at += length
                break
        else:
            at += 1
    first = {kind for _, kind in found[:1]}
    return [
        (span, kind)
        for span, kind in found
        if kind in first
        or kind not in _RELATIVE
        or not text[: span[0]].rstrip().endswith(",")  # "who ..., *when* it is over"
    ]


def _unspaced_question_words(text: str, words: Lexicon) -> list[tuple[tuple[int, int], str]]:
    found: list[tuple[tuple[int, int], str]] = []
    for (phrase,), kind in sorted(words.asks.items(), key=lambda item: -len(item[0][0])):
        at = text.find(phrase)
        if at >= 0 and not any(a < at + len(phrase) and at < b for (a, b), _ in found):
            found.append(((at, at + len(phrase)), kind))
    return found


def _beside(content: tuple[Token, ...], spans: tuple[tuple[int, int], ...]) -> tuple[Token, ...]:
    heavy = [token for token in content if token.keys.isdisjoint(group("light"))]
    after = [next((token for token in heavy if token.start >= end), None) for _, end in spans]
    before = [next((token for token in reversed(heavy) if token.end <= start), None) for start, _ in spans]
    near = [_closest(a, b, span) for a, b, span in zip(after, before, spans, strict=True)]
    return tuple(dict.fromkeys(token for token in near if token is not None))


def _closest(after: Token | None, before: Token | None, span: tuple[int, int]) -> Token | None:
    """Of the neighbours the one that stands nearer: "which goods", but "barang apa"."""
    if after is None or before is None:
        return after or before
    return before if span[0] - before.end < after.start - span[1] else after


def _what(text: str, words: Lexicon) -> tuple[tuple[int, int], ...]:
    """Where the first "what" or "which" stands."""
    if words.language in UNSPACED:
        places = sorted((text.find(word), -len(word)) for word in words.what if word in text)
        return tuple((at, at - less) for at, less in places[:1])
    return tuple(m.span() for m in words_of(text) if fold(m.group()) in words.what)[:1]


def _opening(text: str, words: Lexicon) -> str:
    folded = fold(text).lstrip()
    for phrase in words.also:
        if folded.startswith(phrase) and not folded[len(phrase) : len(phrase) + 1].isalnum():
            return phrase
    return ""
