"""What acronyms a question wants spelt out or which term defined, and which passages do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from anyascii import anyascii

from assistant.steps.claims import NUMERIC
from assistant.steps.evidence import alone, bag_of, is_country, match
from assistant.text.lexicon import concept_class, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, read
from assistant.text.tokens import Token, tokens
from assistant.types import Passage

ACRONYM = "#"
_UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff]"
_WORD = re.compile(rf"#|{_UNSPACED}|[\w'’]+")
MAX_TERM = 2
"""Content words of a term: what more of them name, "the cooperation of ASEAN and Russia", is a thing told of, not a word to
be explained."""
MAX_HEAD = 12
"""Words before "is a" that can still be a term with what is said of it in passing ("*De facto*, in Latin, is a ...")."""
_ASIDE = re.compile(r"\([^()]*\)|\[[^\]]*\]|（[^）]*）")
_DASH = r"(?-i:[—–]\s+(?=[a-zа-яё]))"
"""One that says what something is: after that of a dateline, "Ambon (Antara) – The council met", a sentence begins."""
_STOP = re.compile(r"[.,;:!?。，；：！？]")
LONG = 3
"""Letters of an acronym that may leave a word out: two capitals stand in too many rows of words."""


def asks_meaning(question: Analysis) -> bool:
    """Whether a question asks what an acronym stands for or a term means, and so needs no question before it."""
    return bool(asked_acronyms(question) or asked_term(question))


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
    *Kuta*?"); () for any other question. Where the frame also asks for what something was ("*ประเด็นหลัก*คืออะไร", the main points;
    "What is *agenda*?") it is asked of names, in English of compounds too."""
    if any(token.kind in NUMERIC or _is_acronym(token.text) for token in question.content):
        return ()
    asked = _besides_nothing(question, _spaced(fold(question.text)))
    for listed, fits in (("defined", _any), ("bare", _is_compound), ("named", _is_name)):
        for frame in _frames(listed):
            found = frame.fullmatch(asked)
            if found and (term := _term(question, f" {found[1]} ")) and all(map(fits, term)):
                return term
    return ()


def _any(token: Token) -> bool:
    return True


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
    """The content words that are all of some words of a question but articles."""
    found = []
    for token in question.content:
        if (word := _spaced(fold(token.text))) in words:
            words = words.replace(word, " ", 1)
            found.append(token)
    is_all = not _without(_spaced(words), "articles").strip()
    return tuple(found) if is_all and len(found) <= MAX_TERM else ()


def defines(passage: Passage, term: tuple[Token, ...]) -> float:
    """How surely (0..1) a passage says what a term is: 1 where that and nothing else stands before "is a", "adalah", "—", ...;
    0.5 where some of its words stand somewhere before, or it stands in brackets, "ketahanan (*resilient*)"; else 0."""
    text = _ASIDE.sub(" ", _ASIDE.sub(" ", passage.text))
    heads = [head for clause in _STOP.split(text) if (head := _head(clause)) is not None]
    if any(_names(tokens(head, passage.language), term) for head in heads):
        return 1.0
    asides = [tokens(found.group(), passage.language) for found in _ASIDE.finditer(passage.text)]
    before = tokens(_head(passage.text) or "", passage.language)
    stands = any(_holds(token, term) for token in before) or any(_names(aside, term) for aside in asides)
    return 0.5 if stands else 0.0


def _head(text: str) -> str | None:
    """What stands before the last words of a text that say what something is; None where none do."""
    ends = [found.start() for found in _copulas().finditer(text)]
    return text[: ends[-1]] if ends else None


def _names(head: tuple[Token, ...], term: tuple[Token, ...]) -> bool:
    """Whether words are a term, and beside it at most what is said in passing, after a word such as "in"."""
    said = [at for at, token in enumerate(head) if token.kind != "function"]
    own = [at for at in said if _holds(head[at], term)]
    whole = all(any(_holds(head[at], (token,)) for at in own) for token in term)
    if not (own and whole and len(head) <= MAX_HEAD and own == said[: len(own)]):
        return False
    return len(own) == len(said) or said[len(own)] > own[-1] + 1


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
    """The words of a question without its opening ("And ...?") and what changes nothing ("please")."""
    return _without(asked.removeprefix(_spaced(fold(question.opens_with)).rstrip()), "besides")


def _without(text: str, name: str) -> str:
    """A text without the words that `meanings.toml` lists under a name."""
    for words in sorted(_phrases(name), key=len, reverse=True):
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
    """The questions that are listed under a name, with what stands for the acronym as a group."""
    return tuple(re.compile(re.escape(frame).replace(re.escape(ACRONYM), "(.+?)")) for frame in sorted(_phrases(name)))


@cache
def _copulas() -> re.Pattern[str]:
    """What is listed under "copulas", as words of their own but where none are written."""
    words = sorted(_listed("copulas"), key=len, reverse=True)
    words = [each if re.match(_UNSPACED, each) else rf"(?<!\w){re.escape(each)}(?!\w)" for each in words]
    return re.compile("|".join([*words, _DASH]), re.IGNORECASE)


@cache
def _phrases(name: str) -> frozenset[str]:
    """What is listed under a name, with a space around each."""
    return frozenset(_spaced(fold(phrase)) for phrase in _listed(name))


@cache
def _listed(name: str) -> list[str]:
    """What `meanings.toml` lists under a name."""
    listed: list[str] = tomllib.loads(files(__package__).joinpath("meanings.toml").read_text(encoding="utf-8"))[name]
    return listed
