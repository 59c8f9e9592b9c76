"""Turns: who speaks where a source is a transcript, whose lines begin with whoever says them ("MR. ARRIETA: Thank you, Chair.")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.steps import claims
from assistant.text.lexicon import concept_class
from assistant.text.normalise import fold
from assistant.text.tokens import Token

LABEL = re.compile(r"[ \t>*_]*([^\W\d_][^:\n]{0,59}):[*_]*\s")
MOST_WORDS = 6
"""Of a label: "CHAIR (Cllr. Judith Mbeki)"; more is a sentence that goes on after its colon."""
SPEAKERS, TURNS = 2, 2
"""A transcript has so many speakers at least who take so many turns each: "Deadline:", too, stands before many a line."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The words that say who speaks, and the number of the line that begins with them."""

    speaker: tuple[Token, ...]
    begins: int


def turns(lines: Sequence[tuple[str, Sequence[Token]]]) -> dict[int, Turn]:
    """The turn that each line is of, by the line's number, of the lines of a source in order, each with its tokens; {} where it is
    no transcript. Whoever began a line speaks until somebody else does."""
    labels = {at: speaker for at, (text, found) in enumerate(lines) if (speaker := _label(text, found))}
    often = Counter(" ".join(fold(token.text) for token in speaker) for speaker in labels.values())
    if sum(count >= TURNS for count in often.values()) < SPEAKERS:
        return {}
    told: dict[int, Turn] = {}
    turn: Turn | None = None
    for at in range(len(lines)):
        turn = Turn(labels[at], at) if at in labels else turn
        if turn is not None:
            told[at] = turn
    return told


def _label(text: str, found: Sequence[Token]) -> tuple[Token, ...]:
    """The words before a line's first colon that name somebody, or else say who it is ("CHAIR", "Project Manager")."""
    label = LABEL.match(text)
    if label is None or len(label[1].split()) > MOST_WORDS or not label[1][:1].isupper():
        return ()
    words = tuple(token for token in found if token.end <= label.end(1) and token.kind != "function")
    names = tuple(token for token in words if claims.is_named(token))
    actors = any("actor" in map(concept_class, token.concepts) for token in words)
    return names or (words if actors else ())
