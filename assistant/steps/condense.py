"""Condense: a follow-up becomes a question that stands alone ("And his title?" -> "And Igor Morgulov's title?").

Rules over the closed-class words of the question's language; nothing is guessed that the conversation does not say.
History is context for the question only, never evidence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

from assistant.errors import QuestionError
from assistant.steps.ellipsis import Span, in_place, parts, sort_of
from assistant.steps.evidence import is_light
from assistant.steps.meanings import asked_acronyms
from assistant.text.abbreviations import ends
from assistant.text.about import about_signature
from assistant.text.languages import identify
from assistant.text.lexicon import concept_class, group, lexicon, says_any, words_of
from assistant.text.markdown import quotations, unescape
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, analyse, asks_from, asks_something
from assistant.text.smalltalk import intent
from assistant.text.tokens import Token
from assistant.text.translit import is_latin_russian, to_cyrillic
from assistant.types import MAX_QUESTION_CHARS, Question, Turn

MAX_HISTORY_TURNS = 12
"""Turns of a conversation that are read, counted from the end."""
MAX_ELLIPSIS = 3
"""Content words of a follow-up that opens with "And ..." and leans on the question before; more stand alone."""

ADDED = ": "
"""Stands between a question and what a follow-up names in addition."""

SHORT_ASIDE = 3
"""Letters up to which a single word before a question needs no mark after it."""

_PERSONAL = frozenset(
    [
        "he",
        "him",
        "his",
        "she",
        "her",
        "hers",
        "ia",
        "dia",
        "beliau",
        "он",
        "она",
        "его",
        "её",
        "ее",
        "ему",
        "ей",
        "им",
        "ним",
        "ней",
        "него",
        "неё",
        "нём",
        "нем",
        "ông",
        "bà",
        "เขา",
        "เธอ",
        "siya",
        "niya",
        "kaniya",
        "他",
        "她",
    ]
)
_OF = frozenset({"of", "on", "regarding", "concerning", "насчёт", "насчет", "soal", "mengenai"})
_BREAK = re.compile(r"[.:;!?\u2026]\s+|\s[-–—]\s")
_COMMA = re.compile(r"[,，]\s*")
_MARKS = ("?", "？")
_IN_IT = re.compile(r"\b(?:во?|на)\s+(?:нём|нем|ней)\b", re.IGNORECASE)
"""Russian has one word for him and it; what somebody is in, or at, is nobody."""
_MARKER = re.compile(r"\[\d+\]")
_FEMININE = frozenset(["она", "её", "ее", "ей", "ней", "неё"])
_OWNER = re.compile(r"['’]s$")
_CLITIC = re.compile(
    r"(?<![^\W\d_])([^\W\d_]{3,}?)nya\b", re.IGNORECASE
)  # Indonesian and Malay: "jabatannya", his post
_NOT_CLITIC = frozenset(
    [
        "hanya", "punya", "tanya", "bertanya", "biasanya", "sebaiknya", "akhirnya", "misalnya", "lainnya", "sebelumnya",
        "berikutnya", "selanjutnya", "sesudahnya", "setelahnya", "semuanya", "seluruhnya", "sebenarnya", "seharusnya",
        "sepenuhnya", "umumnya", "khususnya", "nantinya", "tentunya", "pastinya",
    ]
)  # fmt: skip


def condense(question: Question) -> Analysis:
    """The question as it stands alone, taken apart in its own language (`Question.language` is the answer's).

    Raises:
        QuestionError: empty, too long, without words, or not text (lone surrogates, control characters).
    """
    text = readable(question.question)
    standing: Analysis | None = None
    answer = ""
    shown = ""
    for turn in question.history[-MAX_HISTORY_TURNS:]:
        if turn.role == "assistant":
            answer = turn.content[:MAX_QUESTION_CHARS]
            shown = next(iter(_quoted(answer)), shown)
        elif earlier := _earlier(turn):
            asked = _standing(earlier, standing, answer)
            standing, answer = (standing, answer) if intent(asked.text, asked.language) else (asked, "")
    return _standing(text, standing, answer, shown)


def readable(text: str) -> str:
    """The question without surrounding white space, or a `QuestionError` that says what is wrong with it."""
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"the question has {len(text):,} characters; at most {MAX_QUESTION_CHARS:,} are read: shorten it"
        )
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            raise QuestionError("the question is not valid text (it has half of a surrogate pair): type it again")
        if category == "Cc" and character not in "\t\n\r":
            raise QuestionError(f"the question has a control character (U+{ord(character):04X}): remove it")
    text = " ".join(text.split())
    if not text:
        raise QuestionError("the question is empty: ask something about the sources")
    if not any(character.isalnum() for character in text):
        raise QuestionError("the question has no words in it: ask something about the sources")
    return text


def _read(text: str, before: Analysis | None) -> tuple[str, str]:
    """The text and its language, where that cannot be told the one spoken before; Russian in Latin letters in its own."""
    if is_latin_russian(text):
        return to_cyrillic(text), "ru"
    return text, identify(text, before.language if before else "en")


def _standing(text: str, before: Analysis | None, answer: str, shown: str = "") -> Analysis:
    """A question as it stands after the one before it and the answer to that, and the words last shown."""
    text, language = _read(text, before)
    if intent(text, language):
        return analyse(text, language)
    asked, changes = _without_asides(text, language)
    question = analyse(asked, language, _around(asked, language))
    resolved = _resolve(question, None if changes else before, answer, after_aside=asked != text)
    return replace(resolved, shown="" if changes else shown)


def _quoted(answer: str) -> tuple[str, ...]:
    """The words that an answer quotes."""
    return tuple(map(unescape, quotations(answer)))


def _was_declined(answer: str) -> bool:
    """Whether an answer cites nothing."""
    return bool(answer) and not (quotations(answer) or _MARKER.search(answer))


def _stands_alone(question: Analysis, *, after_aside: bool) -> bool:
    """Whether it leaves nothing out, whatever word it opens with: it asks something of what it names ("And what role does
    Indonesia have?"), or, after a word that ends what was spoken of ("Good, ..."), of what it says in two words or more."""
    # "what *role*" is asked for, but "who from its *side*" says nothing by it
    said = [token for token in question.content if not (question.asks and is_light(token))]
    things = [token for token in said if not sort_of(token)]
    asks = asks_something(_opened(question), question.language) and question.asks != "manner"  # "how about"
    return (
        asks and not _refers(question) and bool(things) and len(said) > 1 and (after_aside or len(things) < len(said))
    )


def _around(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Where sentences stand that ask nothing, beside one that does ("I am preparing a note for tomorrow: what was ..."),
    or beside one that ends with a question mark."""
    starts = [0, *ends(_BREAK, text)]
    spans = list(zip(starts, [*starts[1:], len(text)], strict=True))
    asking = [asks_something(text[start:end], language) for start, end in spans]
    marked = [asks and text[:end].rstrip().endswith(_MARKS) for asks, (_, end) in zip(asking, spans, strict=True)]
    asking = marked if any(marked) else asking
    if not any(asking):
        return ()
    around = [span for span, asks in zip(spans, asking, strict=True) if not asks]
    return tuple(
        around + [p for span, asks in zip(spans, asking, strict=True) if asks for p in _own_parts(text, span, language)]
    )


def _own_parts(text: str, span: tuple[int, int], language: str) -> list[tuple[int, int]]:
    """The parts of a sentence, between commas, in which the asker speaks of themselves and asks nothing ("*My child wants to
    know*, ...", "..., *for our notes*")."""
    commas = [m.end() for m in _COMMA.finditer(text, *span)]
    parts = list(pairwise([span[0], *commas, span[1]]))
    own = [
        says_any(text[a:b], lexicon(language).own, language) and not asks_something(text[a:b], language)
        for a, b in parts
    ]
    return [part for part, is_own in zip(parts, own, strict=True) if is_own] if not all(own) else []


def _without_asides(text: str, language: str) -> tuple[str, bool]:
    """The question without what is said before it ("By the way, ..."), where something is left, and whether that
    changes the subject ("Another question: ...")."""
    words = lexicon(language)
    for phrase in words.asides:
        rest = text[len(phrase) :]
        alone = phrase.isalpha() and (
            len(phrase) > SHORT_ASIDE or phrase in words.negation
        )  # "good practices", "no country"
        ends = ",.:;!" if alone else " ,.:;-–—!"  # "ok who"
        if fold(text[: len(phrase)]) == phrase and rest[:1] in tuple(ends) and any(map(str.isalnum, rest)):
            left, changes = _without_asides(rest.lstrip(" ,.:;-–—!"), language)
            return left, changes or phrase in words.changes
    return text, False


def _earlier(turn: Turn) -> str:
    """A turn of the history as far as it can be read; what a client sends there never fails a question."""
    kept = "".join(c for c in turn.content[:MAX_QUESTION_CHARS] if unicodedata.category(c) not in ("Cs", "Cc"))
    return " ".join(kept.split())


def _resolve(question: Analysis, before: Analysis | None, answer: str, *, after_aside: bool) -> Analysis:
    """A follow-up with what it leaves out put in; a question that stands alone as it is."""
    if before is None or question.topic or asked_acronyms(question) or about_signature(question):
        return question
    carried: tuple[Span, ...] = ()
    alone = ""
    if not (text := _with_person(question, before, answer)):
        if not (question.content or question.pronouns):
            text = _asked_anew(question, before)
        elif _leans(question) and (placed := in_place(before, question)):
            text, carried = placed
        elif _was_declined(answer) and _stands_alone(question, after_aside=after_aside):
            return question  # what was not answered is spoken of no more
        elif _leans(question) and not _asks_by_itself(question) and not _is_vague(question):
            text, carried = _after(before, question)
        elif _is_vague(question) or (_leans(question) and not _stands_alone(question, after_aside=after_aside)):
            text, carried = _with_topic(question, before, declined=_was_declined(answer))
            alone = question.text
    if not text:
        return question
    bare = question.names and len(question.names) == len(question.content) and not question.opens_with
    language = before.language if bare else question.language  # "Norway?" tells none
    return replace(analyse(text, language, carried), answered=_quoted(answer), follows=True, alone=alone)


def _leans(question: Analysis) -> bool:
    """Whether it only names what else is asked about ("And investment?")."""
    few = len(_said(question)) <= (MAX_ELLIPSIS if question.opens_with else 1)
    return not question.asks and (few or (len(question.names) == len(question.content) and len(parts(question)) == 1))


def _asks_by_itself(question: Analysis) -> bool:
    """Whether it says with its question word what it asks for, and what of that ("And *what documents were adopted*?")."""
    heavy = [token for token in _said(question) if not is_light(token)]
    rest, words = _opened(question), lexicon(question.language)
    asks = asks_from(rest, question.language)
    behind = words_of(rest[asks:])[1:2] if asks >= 0 else []
    of = {fold(m.group()) for m in behind} & (words.where | set(words.about) | _OF)  # "and what *on* tourism policy?"
    return bool(behind) and not of and len(heavy) > 1 and not _refers(question)


def _refers(question: Analysis) -> bool:
    """Whether it has a word for something else, or opens twice ("and *what about* ...")."""
    return bool(question.pronouns or _clitic(question) or analyse(_opened(question), question.language).opens_with)


def _opened(question: Analysis) -> str:
    """What it says after the word that it opens with."""
    return question.text[len(question.opens_with) :].strip(" ,")


def _said(question: Analysis) -> list[Token]:
    """Its content without numbers that stand for something ("the *one* with Russia")."""
    return [token for token in question.content if fold(token.text) not in question.pronouns]


def _is_vague(question: Analysis) -> bool:
    """Whether it asks something, but does not say all of what ("Who gave those numbers?", "Who came?", "And who led the
    one in Kuta?")."""
    if any(token.kind != "word" for token in question.content):
        whole = question.yes_no and question.names and len(question.content) > 1  # "Is there an embassy in Jakarta?"
        refers = bool(question.pronouns and not whole) or bool(question.opens_with and question.asks)
        return refers and len(_said(question)) <= MAX_ELLIPSIS
    few = MAX_ELLIPSIS if question.pronouns or _clitic(question) else int(bool(question.asks))
    return len(question.content) <= few


def _with_person(question: Analysis, before: Analysis, answer: str) -> str:
    """The question with its pronoun replaced by the person last spoken of, or ""."""
    personal, clitic = [word for word in question.pronouns if word in _PERSONAL], _clitic(question)
    if personal and _IN_IT.search(question.text):
        return ""
    if question.names or not (personal or clitic) or not (person := _last_person(before, answer)):
        return ""
    if not personal and not _has_owner(question, clitic):
        return ""
    if not _FEMININE.isdisjoint(personal) and not person.lower().endswith(("а", "я", "a")):  # "она" is no Таварес
        return ""
    if personal:
        word = next(m for m in words_of(question.text) if fold(m.group()) == personal[0])
        owned = "'s" if question.language == "en" and personal[0] in ("his", "her", "hers") else ""
        return f"{question.text[: word.start()]}{person}{owned}{question.text[word.end() :]}"
    return (
        f"{question.text[: clitic.start()]}{clitic.group(1)} {person}{question.text[clitic.end() :]}" if clitic else ""
    )


def _has_owner(question: Analysis, clitic: re.Match[str] | None) -> bool:
    """Whether a word with "-nya" is somebody's: a post or age or what was said is ("jabatannya"), while a thing or a
    number is only the one spoken of ("pertemuannya", "dokumennya")."""
    if clitic is None or question.asks in ("number", "manner"):
        return False
    owned = next((t for t in question.content if t.start <= clitic.start() < t.end), None)
    if owned is None or not owned.concepts:
        return True
    return "attribute" in map(concept_class, owned.concepts) or not owned.keys.isdisjoint(group("saying"))


def _clitic(question: Analysis) -> re.Match[str] | None:
    """The word that says "its" or "his" by its ending."""
    if question.language not in ("id", "ms"):
        return None
    return next((m for m in _CLITIC.finditer(question.text) if m.group().lower() not in _NOT_CLITIC), None)


def _with_topic(question: Analysis, before: Analysis, *, declined: bool) -> tuple[str, tuple[Span, ...]]:
    """The question followed by what was asked about before, and where that stands; ("", ()) without one. Of what it says
    anew nothing older is kept: "And this year?" asks no more about last year."""
    told = {sort_of(token) for token in question.content} - {"", "name", "number"}
    aside = () if before.follows else before.carried
    if declined and before.follows and before.carried:
        aside = tuple(t for t in before.content if t not in before.carried and not sort_of(t))
    topic = " ".join(t.text for t in before.content if not (is_light(t) or t in aside or sort_of(t) in told))
    text = f"{question.text.rstrip(' ?!.')} ({topic})?"
    return (text, ((len(text) - len(topic) - 2, len(text)),)) if topic else ("", ())


def _after(before: Analysis, question: Analysis) -> tuple[str, tuple[Span, ...]]:
    """The question before, followed by what this one names, and where the former stands."""
    told, earlier = _opened(question).strip(" ,?!."), before.text.rstrip(" ?!.")
    head, _, named = earlier.partition(ADDED)
    if before.follows and named and all(token.end <= len(head) for token in before.carried):
        earlier = head  # what the question before named is spoken of no more
    return f"{earlier}{ADDED}{told}?", ((0, len(earlier)),)


def _last_person(before: Analysis, answer: str) -> str:
    """The run of names that came last: in the answer where the question asked for a person, else in the question."""
    answer = " ".join(quotations(answer)) or answer  # its own words name nobody, in another language
    for text, language in ((answer, identify(answer) if answer else "en"), (before.text, before.language)):
        if text is answer and before.asks != "person" and before.names:
            continue
        runs = _name_runs(text, language)
        if runs:
            return runs[-1] if text is not answer else max(runs, key=lambda run: len(run.split()))
    return ""


def _name_runs(text: str, language: str) -> list[str]:
    """Runs of two or more names without a country or known word among them ("Jose Tavares"), and single ones."""
    runs: list[list[tuple[int, int]]] = []
    content = analyse(text, language).content
    for token, after in pairwise([*content, None]):
        if token is None or token.concepts or token.text.isupper() or not token.text[0].isupper():
            continue
        opens = token.kind != "name" and (after is None or after.kind != "name")  # a sentence's first word is capital
        if opens or token.kind not in ("name", "word"):
            continue
        if runs and text[runs[-1][-1][1] : token.start] == " ":
            runs[-1].append((token.start, token.end))
        else:
            runs.append([(token.start, token.end)])
    places = lexicon(language).where  # "in Kuta"
    said = [(_OWNER.sub("", text[run[0][0] : run[-1][1]]), words_of(text[: run[0][0]])) for run in runs]
    return [name for name, led in said if " " in name or not (led and fold(led[-1].group()) in places)]


def _asked_anew(question: Analysis, before: Analysis) -> str:
    """The question before with its question words replaced by the new ones ("А когда?")."""
    if not (question.spans and before.spans):
        return f"{before.text.rstrip(' ?!.')}: {question.text}"
    asked = " ".join(question.text[a:b] for a, b in question.spans)
    start, end = before.spans[0]
    return before.text[:start] + asked + before.text[end:]
