"""Turns: who speaks where a source is a transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.text.tokens import Token
from assistant.text.transcripts import Speaker, label


@dataclass(frozen=True, slots=True)
class Turn:
    """The words that say who speaks, () where something is noted down ("Decision: ..."), and the number of the line that begins
    with them."""

    speaker: tuple[Token, ...]
    begins: int


def turns(lines: Sequence[tuple[str, int]], speakers: Mapping[str, Speaker]) -> dict[int, Turn]:
    """The turn that each line is of, by the line's number, of the lines of a source in order, each with its paragraph, and those who
    speak there (`text.transcripts.speakers`). Whoever began a line speaks until another line has a label, or the paragraph
    ends."""
    told: dict[int, Turn] = {}
    turn: Turn | None = None
    for at, (text, paragraph) in enumerate(lines if speakers else ()):
        if speaker := speakers.get(label(text)):
            turn = Turn(speaker.name, at)
        elif at and lines[at - 1][1] != paragraph:
            turn = None
        if turn is not None:
            told[at] = turn
    return told
