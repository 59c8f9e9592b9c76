"""Every pattern of the program takes a time that grows with its text's length alone, on the texts that it is given."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import assistant
from assistant.steps import draft
from assistant.text import sentences
from assistant.types import MAX_QUESTION_CHARS

ROOT = Path(assistant.__file__).parent
LONG = 20_000
"""Characters of a text whose length nothing bounds: a source, a file, a header."""

BOUNDED = {
    "assistant.steps.condense": MAX_QUESTION_CHARS,
    "assistant.text.questions": MAX_QUESTION_CHARS,
    "assistant.steps.draft": draft.MAX_SENTENCE,
    "assistant.steps.context": sentences.MAX_SENTENCE,
}
"""Modules whose patterns are given texts of so many characters at most: questions, turns, a model's and a source's sentences."""

SECONDS = 0.6
"""For one pattern and one text, on a busy machine: quadratic ones took from 3 to 100 s."""

PIECES = [
    *[
        " ",
        "\t",
        "\n",
        "\r\n",
        "a",
        "A",
        "Aa ",
        "1",
        "1.",
        "1,",
        "1 ",
        "-",
        "- ",
        "(",
        "[",
        "{",
        "<",
        "“",
        '"',
        "'",
        "ab1",
        "a.b.",
    ],
    *[
        "Mr. ",
        "http://",
        "a@",
        "@",
        "#",
        "*",
        "_",
        "`",
        "|",
        "&#",
        "\\",
        "…",
        "—",
        "ё",
        "ไ",
        "中",
        "\u0301",
        "\u200b",
        "\u00a0",
    ],
    *[
        "A. ",
        "a-",
        "a'",
        "18 miliar ",
        "The ",
        "=",
        ":",
        "/",
        "[a](",
        "1/1/",
        "bearer ",
        ",",
        "]",
        ")",
        "}",
        "a{",
        "/*",
        "<!--",
    ],
    *["**", "~~", "x" * 50 + " ", "[1", "【1", "«", "ignore ", "nya", "@a{b{}"],
]


def patterns() -> Iterator[tuple[str, str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Module, name and pattern of each that a module keeps; once, where others import it."""
    seen: set[int] = set()
    for found in pkgutil.walk_packages(assistant.__path__, "assistant."):
        if not found.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, re.Pattern) and id(value) not in seen:
                    seen.add(id(value))
                    yield found.name, name, value


def ways(module: str, name: str) -> set[str]:
    """The methods by which the program uses a pattern; those that search stand for each other."""
    own = [Path(str(importlib.import_module(module).__file__))]
    texts = [path.read_text(encoding="utf-8") for path in (own if name.startswith("_") else ROOT.rglob("*.py"))]
    used = {way for text in texts for way in re.findall(rf"\b{name}\.(\w+)\(", text)}
    if any(re.search(rf"\b{name}\b(?!\.\w+\(|\.pattern| = re)", text) for text in texts):  # handed on
        used.add("search")
    return {way if way in ("match", "fullmatch") else "search" for way in used}


@pytest.mark.parametrize(
    ("module", "name", "pattern"), [pytest.param(*found, id=f"{found[0]}.{found[1]}") for found in patterns()]
)
def test_a_pattern_takes_linear_time(module: str, name: str, pattern: re.Pattern[str]) -> None:
    length = BOUNDED.get(module, LONG)
    for piece in PIECES:
        text: str | bytes = (piece * (length // len(piece) + 1))[:length] + "!"
        text = text.encode() if isinstance(pattern.pattern, bytes) else text
        for way in ways(module, name):
            begun = time.process_time()
            if way == "search":
                for _ in pattern.finditer(text):  # type: ignore[arg-type]
                    pass
            else:
                getattr(pattern, way)(text)
            took = time.process_time() - begun
            assert took < SECONDS, f"{way} of {piece!r} repeated: {took:.1f} s for {length} characters"


def test_the_walk_finds_the_patterns_and_how_they_are_used() -> None:
    found = {f"{module}.{name}": ways(module, name) for module, name, _ in patterns()}
    assert len(found) > 80
    assert found["assistant.index.uploads.html._RULE"] == {"search"}
    assert found["assistant.steps.llm._NO_ANSWER"] == {"match"}
    assert all(found.values())
