"""What a question asks of a source itself, not of what the source reports: a summary, where, by whom and how it was published."""

from __future__ import annotations

from assistant.text.lexicon import UNSPACED, group, lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis, read
from assistant.text.tokens import Token, meant


def about_source(question: Analysis) -> bool:
    """Whether it asks for the source as a whole ("What is the article about?", "Summarise"), or where it is from."""
    writers = any(not meant(token, question.language).isdisjoint(group("writers")) for token in question.content)
    names_it = _names(question, "document") and not writers and _are_of(question.content, "document", "light")
    whole = question.whole or (question.asks in ("", "manner") and names_it and not question.negated)
    return not question.topic and (whole or (question.asks == "place" and _asks_dateline(question)))


def about_signature(question: Analysis) -> bool:
    """Whether it asks how the source is signed. Documents that were signed are what a source reports, unless it is asked how, or
    for initials."""
    of_author = not question.asks and _names(question, "writers")  # "the author's initials", of whatever text
    asks_how = question.asks == "manner" or _names(question, "initials")
    of_document = _names(question, "document" if asks_how else "reports") or of_author
    return _names(question, "signed") and of_document and _are_of(question.content, "document", "light", "signature")


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
