"""What acronyms a question wants spelt out or which term defined, and which passages do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

from anyascii import anyascii

from assistant.steps.claims import NUMERIC
from assistant.steps.contradictions import is_post
from assistant.steps.evidence import alone, bag_of, is_country, match
from assistant.text.lexicon import concept_class, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, read
from assistant.text.tokens import Token, tokens
from assistant.types import Passage

ACRONYM = "#"
_POSSESSIVE = re.compile(r"['’]s?$")
_UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff]"
_WORD = re.compile(rf"#|{_UNSPACED}|[\w'’]+")
MAX_TERM = 2
"""Content words of a term: what more of them name, "the cooperation of ASEAN and Russia", is a thing told of, not a word to
be explained."""
_ASIDE = re.compile(r"\([^()]*\)|\[[^\]]*\]|（[^）]*）")
_DASH = r"(?-i:[—–]\s+(?=[a-zа-яё]))"
"""One that says what something is: after that of a dateline, "Ambon (Antara) – The council met", a sentence begins."""
_STOP = re.compile(r"[.,;:!?。，；：！？]")
_APPOSED = re.compile(r"\s*,\s*(?:\w{1,4}\s)?")
"""What stands between a name and what somebody is: "Ana Sato*, the* mayor"."""
_BESIDE = 2
"""Content words between a name and the post that tells who that is ("Direktur Jenderal Kerja Sama *ASEAN, Jose Tavares*")."""
LONG = 3
"""Letters of an acronym that may leave a word out: two capitals stand in too many rows of words."""


def asked_acronyms(question: Analysis) -> tuple[str, ...]:
    """The acronyms that a question wants spelt out ("What does *SOM* stand for?"), or one that it asks nothing but the
    meaning of ("What is *SOM*?")."""
    texts = (token.text for token in question.content)
    acronyms = tuple(filter(_is_acronym, texts))
    if any("c_abbreviation" in read(token) for token in question.content):
        return acronyms
    return acronyms if len(acronyms) == 1 and _asks_only(question, acronyms[0]) else ()


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word[-1].isupper()  # SOM, MoU


def spells_out(passage: Passage, acronym: str) -> bool:
    """Whether a passage says what an acronym stands for or is: "Senior Officials Meeting (SOM)", "SOM (Senior ...)", "SOM is a
    ...", "SOM is short for ...", or words in a row with these initials."""
    written = {(passage.text, acronym), (anyascii(passage.text), anyascii(acronym))}  # АСЕАН, ASEAN
    named = any(fold(short) in map(fold, _words(text)) for text, short in written)
    told = named and "c_abbreviation" in bag_of(passage).keys
    return told or any(_spells_out(text, short) for text, short in written)


def asked_term(question: Analysis) -> tuple[Token, ...]:
    """The words of a term, no acronym, that a question asks nothing but the meaning of ("What is *cyber security*?", "Apa itu
    *Kuta*?"); () for any other question, and for one that is put together with the one before it. Where the frame also asks for
    what something was ("*ประเด็นหลัก*คืออะไร", the main points; "What is *agenda*?") it counts for names, in English for compounds."""
    told = any(
        token.kind in NUMERIC or _is_acronym(token.text) or _POSSESSIVE.search(token.text) for token in question.content
    )
    if told or question.follows:
        return ()
    asked = _besides_nothing(question, _spaced(fold(question.text)))
    for listed in ("defined", "bare", "named"):
        for frame in _frames(listed):
            found = frame.fullmatch(asked)
            term = _term(question, f" {found[1]} ") if found else ()
            if term and (listed == "defined" or all(map(_is_compound if listed == "bare" else _is_name, term))):
                return term
    return ()


def asked_somebody(question: Analysis) -> tuple[Token, ...]:
    """The name of whom a question asks nothing but who that is ("Who is *Jose Tavares*?"); () for any other question."""
    names = tuple(
        token for token in question.content if token.kind == "name" and not (is_country(token) or token.text.isupper())
    )
    apart = any(question.text[one.end : other.start] != " " for one, other in pairwise(names))  # "Ana and Joko"
    if question.asks != "person" or question.follows or not names or apart or len(names) < len(question.content):
        return ()
    asked = _without(_besides_nothing(question, _spaced(fold(question.text))), "articles")
    called = _spaced(fold(question.text[names[0].start : names[-1].end]))
    found = (frame.fullmatch(asked) for frame in _frames("somebody"))
    return names if any(each and f" {each[1]} " == called for each in found) else ()


def introduces(passage: Passage, names: tuple[Token, ...]) -> bool:
    """Whether a passage has somebody's whole name right beside what they are: "the *mayor, Ana Sato*,", "*Ana Sato, mayor* of ..."."""
    text, said = passage.text, [token for token in bag_of(passage).tokens if token.kind != "function"]
    for at in range(len(said) - len(names) + 1):
        first, end = at, at + len(names)
        if any(match(asked, alone(token)) < 1.0 for asked, token in zip(names, said[first:end], strict=True)):
            continue  # also one whose name only sounds alike
        while first and said[first - 1].kind == "name" and text[said[first - 1].end : said[first].start] == " ":
            first -= 1
        leads = first and is_post(said[first - 1]) and not text[said[first - 1].end : said[first].start].strip(" ,")
        if leads or (
            end < len(said) and is_post(said[end]) and _APPOSED.fullmatch(text[said[end - 1].end : said[end].start])
        ):
            return True
    return False


def _is_name(token: Token) -> bool:
    """Also an unknown word that begins the question, and an actor where no capital would show that it is one: อาเซียน."""
    unmarked = token.text.upper() == token.text.lower() and _is_only(token, "actor")
    return token.kind == "name" or is_country(token) or unmarked or (token.text[0].isupper() and not token.concepts)


def _is_compound(token: Token) -> bool:
    return _is_only(token, "actor", "thing") and bool(re.search(r"\w[ -]\w", token.text))


def _is_only(token: Token, *classes: str) -> bool:
    """Whether a word is known, and is of these classes in all of its meanings."""
    return bool(token.concepts) and set(map(concept_class, token.concepts)).issubset(classes)


def _term(question: Analysis, words: str) -> tuple[Token, ...]:
    """The content words that are all of some words of a question but articles; () where there are too many, or a name belongs to
    something: "the role of Indonesia" is told of."""
    words, found = _without(words, "articles"), []
    for token in question.content:
        if (word := _spaced(fold(token.text))) in words:
            words = words.replace(word, " ", 1)
            found.append(token)
    fits = len(found) <= MAX_TERM and len(set(map(_is_name, found))) == 1
    return tuple(found) if fits and not words.strip() else ()


def defines(passage: Passage, term: tuple[Token, ...]) -> bool:
    """Whether a clause of a passage is a term and what it is: "*Ambon* (from Malay) is a town", "*Keamanan siber* adalah ..."."""
    clauses = _STOP.split(_ASIDE.sub(" ", _ASIDE.sub(" ", passage.text)))
    ends = ((clause, _pattern("copulas").search(clause)) for clause in clauses)
    return any(end and _is_just(clause[: end.start()], passage.language, term) for clause, end in ends)


def may_define(passage: Passage, term: tuple[Token, ...]) -> bool:
    """Whether a passage may say what a term is, in whatever words: it stands before some of them ("*De facto* dalam bahasa Latin
    adalah ...", "*Lovina*, a beach, ..."), after some ("yang disebut *subak*"), in brackets or before them, or beside a post."""
    text, language = passage.text, passage.language
    ends = [found.start() for found in _pattern("copulas").finditer(text)]
    if any(_holds(token, term) for token in tokens(text[: ends[-1]] if ends else "", language)):
        return True
    if any(_is_just(found.group(), language, term) for found in _ASIDE.finditer(text)):
        return True
    found = bag_of(passage).tokens
    said = [token for token in found if token.kind != "function"]
    for at, token in enumerate(said):
        if _holds(token, term) and (
            _pattern("before").match(text, token.end)
            or _pattern("after").search(text[: token.start])
            or _is_explained(token, text[token.end :], language)
            or _has_post(said[max(0, at - _BESIDE) : at + 1 + _BESIDE], token)
        ):
            return True
    return False


def _is_just(text: str, language: str, term: tuple[Token, ...]) -> bool:
    """Whether a text is a term and nothing else but articles."""
    found = tokens(text, language)
    said = [token for token in found if token.kind != "function"]
    articles = all(_spaced(fold(token.text)) in _phrases("articles") for token in found if token.kind == "function")
    whole = all(any(_holds(token, (word,)) for token in said) for word in term)
    return articles and whole and all(_holds(token, term) for token in said)


def _is_explained(word: Token, after: str, language: str) -> bool:
    """Whether what follows a word explains it: several words in brackets, or after a name and a comma a thing ("Lovina, *a beach*");
    after another word that is the next one of a list."""
    if aside := re.match(rf"\s*({_ASIDE.pattern})", after):
        said = [token for token in tokens(aside.group(), language) if token.kind != "function"]
        return len(said) > 1 and any(token.text[0].islower() for token in said)  # no newspaper of a dateline
    beside = _is_name(word) and re.match(r"[,，]\s*([^,，.]{1,80})", after)
    first = next((t for t in tokens(beside[1], language) if t.kind != "function"), None) if beside else None
    return first is not None and _is_only(first, "actor", "thing") and first.text[0].islower()


def _has_post(beside: Sequence[Token], name: Token) -> bool:
    """Whether a post stands beside the name of somebody, no country."""
    return _is_name(name) and not name.concepts and any(map(is_post, beside))


def _holds(token: Token, term: tuple[Token, ...]) -> bool:
    return token.kind != "function" and any(match(asked, alone(token)) for asked in term)


def _spells_out(text: str, acronym: str) -> bool:
    folded, short = fold(text), fold(acronym)
    if _is_beside(folded, short) or (short in folded and _is_defined(text, acronym)):
        return True
    if len(acronym) < LONG:
        return False
    initials = "".join(word[0] for word in _words(text) if fold(word) != short)
    return acronym in initials or any(acronym.upper() in row for row in _capitals(text, short))


def _is_beside(folded: str, short: str) -> bool:
    """Whether words that begin as an acronym does stand right beside it in brackets: no signature "(dar)" after a full stop."""
    after = re.search(rf"\b{re.escape(short)} \((\w)", folded)
    before = re.search(rf"((?:[\w'’-]+ ){{1,{2 * len(short)}}})\({re.escape(short)}\)", folded)
    words = [*(before[1].split() if before else ()), *(after[1] if after else ())]
    return any(word[0] == short[0] for word in words)


def _is_defined(text: str, acronym: str) -> bool:
    """Whether a clause begins with an acronym and says what it is: not "the chair of *SOM is a* man"."""
    clauses = (_masked(fold(clause), fold(acronym)) for clause in re.split(r"[.,;:!?()“”\"]", text))
    return any(clause.removeprefix(" the").startswith(tuple(_phrases("told"))) for clause in clauses)


def _words(text: str) -> list[str]:
    return [m.group() for m in words_of(text)]


def _asks_only(question: Analysis, acronym: str) -> bool:
    return _besides_nothing(question, _masked(fold(question.text), fold(acronym))) in _phrases("asked")


def _besides_nothing(question: Analysis, asked: str) -> str:
    """The words of a question without its opening ("And ...?") and what changes nothing ("please", not the Russia of "Nga là gì?")."""
    own = {_spaced(fold(token.text)) for token in question.content}
    return _without(asked.removeprefix(_spaced(fold(question.opens_with)).rstrip()), "besides", own)


def _without(text: str, name: str, but: Collection[str] = ()) -> str:
    """A text without the words that `meanings.toml` lists under a name."""
    for words in sorted(_phrases(name).difference(but), key=len, reverse=True):
        text = text.replace(words, " ")
    return _spaced(text)


def _masked(folded: str, short: str) -> str:
    """The words of a text, the acronym as `ACRONYM`, with a space around each."""
    return _spaced(re.sub(rf"(?<![a-z0-9]){re.escape(short)}(?![a-z0-9])", ACRONYM, folded))


def _spaced(text: str) -> str:
    """The words of a text with a space around each; where none are written, the letters."""
    return f" {' '.join(_WORD.findall(text))} "


def _capitals(text: str, short: str) -> Iterable[str]:
    """The initials of words in a row that begin with capitals, at most one other between two of them ("Information and
    Communication Technologies"); the acronym itself is none of them."""
    for part in re.split(r"[^\w\s'’-]", text):
        row, others = "", 0
        for word in part.split():
            if fold(word) == short:
                continue
            if not word[0].isupper():
                others += 1
                continue
            if others > 1:
                yield row
                row = ""
            row, others = row + word[0], 0
        yield row


@cache
def _frames(name: str) -> tuple[re.Pattern[str], ...]:
    """The questions that are listed under a name, the longest first, with what stands for the term as a group."""
    listed = sorted(_phrases(name), key=len, reverse=True)
    return tuple(re.compile(re.escape(frame).replace(re.escape(ACRONYM), "(.+?)")) for frame in listed)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Words that say what something is: that of "copulas" anywhere, of "before" right behind a term, of "after" right before it."""
    words = sorted(_listed(name), key=len, reverse=True)
    found = [each if re.match(_UNSPACED, each) else rf"(?<!\w){_loose(each)}(?!\w)" for each in words]
    if name == "copulas":
        return re.compile("|".join([*found, _DASH]), re.IGNORECASE)
    gap = rf"[\s,，“”\"«»'’]*(?:{_ASIDE.pattern})?[\s,，“”\"«»'’]*"
    if name == "before":
        article = r"[,，]\s*(?:an?|the|sebuah|suatu)\b"  # "Lovina, a beach"
        return re.compile(rf"{article}|{gap}(?:{'|'.join(found)}|[:：]|-\s|{_DASH})", re.IGNORECASE)
    return re.compile(rf"(?:{'|'.join(found)})[\s“\"«'’]*$", re.IGNORECASE)


def _loose(words: str) -> str:
    """A pattern for words with any space between them."""
    return r"\s+".join(map(re.escape, words.split()))


@cache
def _phrases(name: str) -> frozenset[str]:
    """What is listed under a name, with a space around each."""
    return frozenset(_spaced(fold(phrase)) for phrase in _listed(name))


@cache
def _listed(name: str) -> list[str]:
    """What `meanings.toml` lists under a name."""
    listed: list[str] = tomllib.loads(files(__package__).joinpath("meanings.toml").read_text(encoding="utf-8"))[name]
    return listed
