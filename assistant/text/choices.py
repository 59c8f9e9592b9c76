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
_GOES_ON = re.compile(r"[\s,“”\"'«»/-]*")


def choices(question: Analysis) -> tuple[Choice, ...]:
    """The options on both sides of each "or" of a question, where both sides have some; none where it asks for the largest,
    which is told of both. The options of "or"s that share one are one choice."""
    if question.superlative:
        return ()
    said = tokens(question.text, question.language)
    found: list[set[tuple[int, int]]] = []
    for start, end in _places(question):
        before = [token for token in reversed(said) if token.end <= start]
        after = [token for token in said if token.start >= end]
        left, right = _options(before, question.text, start), _options(after, question.text, end)[:1]
        if left and right:
            together = {*left, *right}
            for other in [each for each in found if each & together]:
                found.remove(other)
                together |= other
            found.append(together)
    return tuple(tuple(sorted(each)) for each in found)


def without_the_others(question: Analysis, absent: Iterable[Token], held: Iterable[Token]) -> list[Token]:
    """Those of the words that a text lacks that stand in no option beside one that the text has whole: of "Kuta or Nusa Dua"
    the answer is the one, and the others need not be there. Of such another as many words are excused as the one has, if the
    text lacks the first of them (of one before "or" the last): what follows is said of both ("... or Beijing *nuclear*?")."""
    lacking, having = list(absent), list(held)
    excused: set[tuple[int, int]] = set()
    for choice in choices(question):
        whole = [_of(option, having) for option in choice if not _of(option, lacking)]
        size = max(map(len, whole), default=0)
        for number, option in enumerate(choice):
            words = sorted((*_of(option, having), *_of(option, lacking)), key=lambda token: token.start)
            outwards = words if number == len(choice) - 1 else words[::-1]
            if outwards and outwards[0] in lacking:
                excused |= {(token.start, token.end) for token in outwards[:size]}
    return [token for token in lacking if (token.start, token.end) not in excused]


def _of(option: tuple[int, int], words: Iterable[Token]) -> list[Token]:
    return [token for token in words if option[0] <= token.start and token.end <= option[1]]


def _places(question: Analysis) -> Iterator[tuple[int, int]]:
    """Where "or" stands."""
    words = lexicon(question.language)
    if words.language in UNSPACED:
        longest_first = sorted(words.alternative, key=lambda word: (-len(word), word))
        return (m.span() for m in re.finditer("|".join(map(re.escape, longest_first)) or "$^", question.text))
    return (m.span() for m in words_of(question.text) if fold(m.group()) in words.alternative)


def _options(outwards: list[Token], text: str, at: int) -> list[tuple[int, int]]:
    """The options met going away from an "or" there; a function word or another mark ends the last. A comma stands between two
    where one stands at the "or" too ("steel, rice, *or* grain"), and between numbers: else it may end a clause."""
    found: list[list[Token]] = []
    skipped, listed = 0, False
    for token in outwards:
        gap = text[token.end : at] if token.end <= at else text[at : token.start]
        if not _GOES_ON.fullmatch(gap) or (token.kind == "function" and (found or skipped == BETWEEN)):
            break
        at = token.start if token.end <= at else token.end
        if token.kind == "function":
            skipped += 1
        elif not found:
            listed = "," in gap
            found.append([token])
        elif "," not in gap:
            found[-1].append(token)
        elif token.kind == found[0][0].kind and (listed or token.kind == "number"):
            found.append([token])
        else:
            break
    return [(min(token.start for token in option), max(token.end for token in option)) for option in found]
