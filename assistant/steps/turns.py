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
"""A transcript has so many speakers at least who take so many turns each, of which a sentence follows their names: "Deadline:", too,
stands before many a line, and "Chair: Siti Rahma" in the minutes of each meeting."""
_SAYS = re.compile(r"[^:\n]+:[*_]*(?:\s+\S+){3,}(?<=[.?!…”\"’»)])\s*")


@dataclass(frozen=True, slots=True)
class Turn:
    """The words that say who speaks, and the number of the line that begins with them."""

    speaker: tuple[Token, ...]
    begins: int


def turns(lines: Sequence[tuple[str, int, Sequence[Token]]]) -> dict[int, Turn]:
    """The turn that each line is of, by the line's number, of the lines of a source in order, each with its paragraph and its tokens;
    {} where it is no transcript. Whoever began a line speaks until somebody else does, or the paragraph ends."""
    labels = {at: speaker for at, (text, _, found) in enumerate(lines) if (speaker := _label(text, found))}
    saying = (at for at in labels if _SAYS.fullmatch(lines[at][0]))
    often = Counter(" ".join(fold(token.text) for token in labels[at]) for at in saying)
    if sum(count >= TURNS for count in often.values()) < SPEAKERS:
        return {}
    told: dict[int, Turn] = {}
    turn: Turn | None = None
    for at, (_, paragraph, _) in enumerate(lines):
        if at in labels:
            turn = Turn(labels[at], at)
        elif at and lines[at - 1][1] != paragraph:
            turn = None
        if turn is not None:
            told[at] = turn
    return told


def _label(text: str, found: Sequence[Token]) -> tuple[Token, ...]:
    """The words before a line's first colon that name somebody, or else say who it is ("CHAIR", "Project Manager")."""
    label = LABEL.match(text)
    if label is None or len(label[1].split()) > MOST_WORDS or not label[1][:1].isupper():
        return ()
    words = tuple(token for token in found if token.end <= label.end(1) and token.kind != "function")
    names = tuple(t for t in words if claims.is_named(t) or (not t.concepts and t.text[:1].isupper()))
    actors = any("actor" in map(concept_class, token.concepts) for token in words)
    return names or (words if actors else ())
