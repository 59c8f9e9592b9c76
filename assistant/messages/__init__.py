"""The words that people read: one TOML file a language, strictly checked.

A catalogue is looked up by `table.key`; the English file decides which keys there are, and a test holds the others
against it. A language without a file of its own gets the English words.
"""

from __future__ import annotations

import string
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FALLBACK = "en"
_SAME = {"tl": "fil", "in": "id"}  # as some browsers and older systems call them


class Catalogue:
    """The messages of one language."""

    def __init__(self, language: str, tables: dict[str, dict[str, Any]]) -> None:
        self.language = language
        self._tables = tables

    def text(self, key: str, /, **values: object) -> str:
        """The message `table.name` with its `{variables}` filled in.

        Raises:
            KeyError: no such message, or a variable of it is missing; names it.
            ValueError: a value is given that the message does not use.
        """
        message: str = self._lookup(key)
        used = variables(message)
        if unknown := values.keys() - used:
            raise ValueError(f"{self.language}: {key} has no variable {', '.join(sorted(unknown))}")
        if missing := used - values.keys():
            raise KeyError(f"{self.language}: {key} needs {', '.join(sorted(missing))}")
        return message.format(**values)

    def table(self, name: str) -> dict[str, Any]:
        """All messages of a table."""
        return dict(self._tables[name])

    def _lookup(self, key: str) -> Any:
        table, _, name = key.partition(".")
        try:
            return self._tables[table][name]
        except KeyError:
            raise KeyError(f"{self.language}: no message {key}") from None


def variables(message: str) -> set[str]:
    """The names of the `{variables}` in a message."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def languages() -> tuple[str, ...]:
    """The languages that have a catalogue."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in files(__package__).iterdir() if f.name.endswith(".toml")))


def available(tag: str) -> str:
    """The catalogue that a BCP 47 language is served by, "" if none."""
    name = tag.split("-", maxsplit=1)[0].lower()
    name = _SAME.get(name, name)
    return name if name in languages() else ""


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a BCP 47 language, or the English one."""
    name = available(language) or FALLBACK
    text = files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return Catalogue(name, tomllib.loads(text))
