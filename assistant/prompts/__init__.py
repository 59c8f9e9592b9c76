"""What the language model is told: one Markdown file a prompt, with a header that names its version and variables.

    ---
    version: 3
    variables: question, language
    ---
    Answer {question} in {language}.

A variable that the header does not name, or names in vain, is an error when the file is read; one that is missing or
unknown when the prompt is filled, an error by its name. What is filled in is never read as a template again.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = re.compile(r"---\nversion: (?P<version>\d+)\nvariables:(?P<variables>[ \w,]*)\n---\n(?P<text>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text with its `{variables}`."""

    name: str
    version: int
    variables: frozenset[str]
    text: str

    def fill(self, **values: str) -> str:
        """The prompt with its variables filled in.

        Raises:
            KeyError: a variable is missing; names it.
            ValueError: a value is given that the prompt does not use.
        """
        if missing := self.variables - values.keys():
            raise KeyError(f"prompt {self.name} needs {', '.join(sorted(missing))}")
        if unknown := values.keys() - self.variables:
            raise ValueError(f"prompt {self.name} has no variable {', '.join(sorted(unknown))}")
        return self.text.format(**values)


def parse(name: str, content: str) -> Prompt:
    """A prompt from the content of its file.

    Raises:
        ValueError: no header as above, or its variables are not those of the text.
    """
    found = _FILE.fullmatch(content)
    if found is None:
        raise ValueError(f"prompt {name} does not begin with a header of version and variables")
    declared = frozenset(filter(None, (each.strip() for each in found["variables"].split(","))))
    used = frozenset(variable for _, variable, _, _ in string.Formatter().parse(found["text"]) if variable is not None)
    if declared != used:
        raise ValueError(f"prompt {name}: declared and used variables differ: {', '.join(sorted(declared ^ used))}")
    return Prompt(name, int(found["version"]), declared, found["text"].strip())


@cache
def prompt(name: str) -> Prompt:
    """The prompt that ships as `name.md`."""
    return parse(name, files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """The prompts that there are."""
    return tuple(sorted(f.name.removesuffix(".md") for f in files(__package__).iterdir() if f.name.endswith(".md")))
