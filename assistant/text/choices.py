"""What a question offers to choose from: "in Kuta or in Nusa Dua?"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.text.lexicon import UNSPACED, lexicon, words_of
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens

Choice = tuple[tuple[int, int], ...]
"""Where in the question its options stand, each from its first content word to its last."""

BETWEEN = 2
"""Function words between "or" and its option ("or *in the* north")."""
_GOES_ON = re.compile(r"[\s,“”\"'«»()/-]*")


def choices(question: Analysis) -> tuple[Choice, ...]:
    """The options on both sides of each "or" of a question, where both sides have some."""
    said = tokens(question.text, question.language)
    found = (
        tuple(_options([token for token in reversed(said) if token.end <= start], question.text, start))
        + tuple(_options([token for token in said if token.start >= end], question.text, end, commas=0))
        for start, end in _places(question)
    )
    return tuple(choice for choice in found if len(choice) > 1)


def without_the_others(question: Analysis, absent: Iterable[Token], held: Iterable[Token]) -> list[Token]:
    """Those of the words that a text lacks that are in no option beside one that the text has whole: of "Kuta or Nusa Dua"
    the answer is the one, and the other need not be there."""
    lacking, having = list(absent), list(held)
    other = {
        span
        for choice in choices(question)
        if any(_of(option, having) and not _of(option, lacking) for option in choice)
        for span in choice
    }
    return [token for token in lacking if not any(start <= token.start and token.end <= end for start, end in other)]


def _of(option: tuple[int, int], words: Iterable[Token]) -> bool:
    return any(option[0] <= token.start and token.end <= option[1] for token in words)


def _places(question: Analysis) -> Iterator[tuple[int, int]]:
    """Where "or" stands."""
    words = lexicon(question.language)
    if words.language in UNSPACED:
        return (m.span() for word in sorted(words.alternative) for m in re.finditer(re.escape(word), question.text))
    return (m.span() for m in words_of(question.text) if fold(m.group()) in words.alternative)


def _options(outwards: list[Token], text: str, at: int, commas: int = 9) -> Iterator[tuple[int, int]]:
    """The options met going away from an "or" there, with so many commas between them at most; a function word or another
    mark ends the last."""
    option: list[Token] = []
    skipped = 0
    for token in outwards:
        gap = text[token.end : at] if token.end <= at else text[at : token.start]
        if not _GOES_ON.fullmatch(gap) or (token.kind == "function" and (option or skipped == BETWEEN)):
            break
        at = token.start if token.end <= at else token.end
        if token.kind == "function":
            skipped += 1
            continue
        if option and "," in gap:
            if not commas or token.kind != option[0].kind:  # "who is negotiating, *India* or Nepal"
                break
            yield _span(option)
            commas -= 1
            option = []
        option.append(token)
    if option:
        yield _span(option)


def _span(option: list[Token]) -> tuple[int, int]:
    return min(token.start for token in option), max(token.end for token in option)
