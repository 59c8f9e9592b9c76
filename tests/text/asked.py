"""Whether questions are noticed to be of a kind."""

from __future__ import annotations

from assistant.text.questions import analyse


def misread(questions: dict[tuple[str, str], bool], name: str) -> list[tuple[str, str]]:
    """The questions (with their languages) of which that attribute of their analysis is not as wanted."""
    return [case for case, wanted in questions.items() if bool(getattr(analyse(*case), name)) is not wanted]
