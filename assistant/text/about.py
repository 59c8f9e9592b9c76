"""What a question asks of a source itself, not of what the source reports: a summary, where, by whom and how it was published."""

from __future__ import annotations

import re
from math import isfinite

from assistant.text.lexicon import UNSPACED, Lexicon, group, lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, analyse, read
from assistant.text.tokens import Token, meant, tokens

RETELLING = ("document", "light", "summary", "wholly")
"""Groups of the words by which a source, or a part of it, is asked for and nothing else."""
NO_PARAGRAPH = "(?<![阶手路片时])"
"""Before the Chinese word for a paragraph what makes another one of it: 阶段, a phase."""
MAX_BETWEEN = 5
"""Code points between the word for a paragraph and its number."""


def about_source(question: Analysis) -> bool:
    """Whether it asks for the source as a whole ("What is the article about?", "Summarise"), or where it is from."""
    writers = any(not meant(token, question.language).isdisjoint(group("writers")) for token in question.content)
    names_it = (
        _names(question, "document") and not writers and _are_of(_uncounted(question), "document", "light", "wholly")
    )
    whole = question.whole or (question.asks in ("", "manner") and names_it and not question.negated)
    return not question.topic and (whole or (question.asks == "place" and _asks_dateline(question)))


def about_paragraph(question: Analysis) -> int:
    """Which paragraph of the source it asks for, and for nothing else ("Summarise the *second paragraph*"): from 1 on, or -1 for the
    last; 0 for none."""
    if question.asks not in ("", "manner") or question.yes_no or question.negated:
        return 0
    which, (start, end) = _paragraph(question.text, lexicon(question.language))
    if not which:
        return 0
    rest = analyse(f"{question.text[:start]} {question.text[end:]}", question.language)
    return which if _are_of(rest.content, *RETELLING) else 0


def about_signature(question: Analysis) -> bool:
    """Whether it asks how the source is signed. Documents that were signed are what a source reports, unless it is asked how, or
    for initials."""
    of_author = not question.asks and _names(question, "writers")  # "the author's initials", of whatever text
    asks_how = question.asks == "manner" or _names(question, "initials")
    of_document = _names(question, "document" if asks_how else "reports") or of_author
    return _names(question, "signed") and of_document and _are_of(question.content, "document", "light", "signature")


def about_itself(question: Analysis) -> bool:
    """Whether what it asks for is a part of the source, whatever that says: all of it in short, a paragraph, how it is signed."""
    return about_source(question) or about_signature(question) or about_paragraph(question) != 0


def about_publisher(question: Analysis) -> bool:
    """Whether it asks which newspaper or other medium has published a source: the medium stands right beside "which" ("koran
    apa"), or whoever published an article is asked for. What the source is about may be told where a medium writes of it, or
    publishes a report on it: one that did something else is another one."""
    if question.negated or question.besides:
        return False
    if question.asks == "person":
        return _names(question, "articles") and _names(question, "publishing") and not reported(question)
    asked = any(not read(t).isdisjoint(group("outlet")) and _stands_at_which(question, t) for t in question.content)
    if question.asks or not asked:
        return False
    tells = _names(question, "writing") or (_names(question, "publishing") and _names(question, "reports"))
    return tells or not reported(question)


def reported(question: Analysis) -> tuple[Token, ...]:
    """What the source is about whose publisher is asked for."""
    others = frozenset().union(
        *map(group, ("light", "outlet", "publishing", "writing", "document", "datelined", "imprint"))
    )
    return tuple(token for token in question.content if read(token).isdisjoint(others))


def _paragraph(text: str, words: Lexicon) -> tuple[int, tuple[int, int]]:
    """The number of a paragraph that a text names, 0 for none, and where it does: "*2nd paragraph*", "*абзац 2*"."""
    if words.language in UNSPACED:
        written = (m.span() for each in words.paragraph for m in re.finditer(NO_PARAGRAPH + each, text))
        named = next(written, None)
        beside = [(t.start, t.end) for t in tokens(text, words.language)]
        beside += [(at, at + len(each)) for each in words.last if (at := text.find(each)) >= 0]
    else:
        found = [m.span() for m in words_of(text)]
        at = next((n for n, (start, end) in enumerate(found) if fold(text[start:end]) in words.paragraph), -1)
        named = found[at] if at >= 0 else None
        rows = (found[max(0, at - 1) : at], found[at + 1 : at + 2], found[at + 1 : at + 3])
        beside = [(row[0][0], row[-1][1]) for row in rows if row]
    if named is None:
        return 0, (0, 0)
    for start, end in beside:
        value = _place(text[start:end], words, ahead=start < named[0])
        if value and max(start - named[1], named[0] - end) <= MAX_BETWEEN:
            return value, (min(start, named[0]), max(end, named[1]))
    return 0, (0, 0)


def _uncounted(question: Analysis) -> tuple[Token, ...]:
    """Its words but for how long what it asks for is to be ("in *one* paragraph")."""
    words = lexicon(question.language).paragraph
    counted = any(word in fold(question.text) for word in words)
    return tuple(token for token in question.content if not (counted and token.kind == "number"))


def _place(said: str, words: Lexicon, *, ahead: bool) -> int:
    """The place in a row that words say, -1 for the last, 0 for none: before what stands in the row ("in *one* paragraph") a number
    only counts it."""
    told = tokens(said, words.language)
    if fold(said) in words.last:
        return -1
    kinds = ("ordinal",) if ahead else ("ordinal", "number")
    value = told[0].value if len(told) == 1 and told[0].kind in kinds else None
    return int(value) if value and isfinite(value) else words.ordinal_words.get(fold(said), 0)


def _stands_at_which(question: Analysis, token: Token) -> bool:
    text, words = question.text, lexicon(question.language)
    if words.language in UNSPACED:
        before, after = text[: token.start].rstrip(), text[token.end :].lstrip()
        return any(before.endswith(word) or after.startswith(word) for word in words.what)
    beside = (*words_of(text[: token.start])[-1:], *words_of(text[token.end :])[:1])
    return any(fold(m.group()) in words.what for m in beside)


def _asks_dateline(question: Analysis) -> bool:
    """Whether it asks where the source was written, whatever else it is about."""
    anew = tuple(token for token in question.content if token not in question.carried)
    return _names(question, "datelined") and _are_of(anew, "light", "imprint", "datelined")


def _names(question: Analysis, name: str) -> bool:
    """Whether it has a word of a group."""
    return any(not read(token).isdisjoint(group(name)) for token in question.content)


def _are_of(said: tuple[Token, ...], *groups: str) -> bool:
    """Whether all words are of the groups."""
    known = frozenset().union(*map(group, groups))
    return all(not read(token).isdisjoint(known) for token in said)
