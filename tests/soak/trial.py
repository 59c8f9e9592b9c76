"""What a scenario of the soak found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

SHOWN = 5
"""Of what went wrong in a scenario, as many are printed."""


@dataclass
class Trial:
    """How often something was tried, what of the promise did not hold, and figures that were seen."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    def hold(self, holds: object, what: str) -> None:
        """Notes `what` if it does not hold."""
        if not holds:
            self.wrong.append(what)

    def none_of(self, problems: Iterable[str], where: str) -> None:
        """Notes each of the problems."""
        self.wrong += [f"{where}: {problem}" for problem in problems]

    def row(self, name: str, seconds: float) -> str:
        """A line of the table."""
        figures = ", ".join(f"{key} {value}" for key, value in self.figures.items())
        outcome = f"{len(self.wrong)} WRONG" if self.wrong else "held" if self.tried else "NOT TRIED"
        return "\n".join(
            [
                f"{name:16} {self.tried:7} tried  {outcome:9} {seconds:6.0f} s  {figures}".rstrip(),
                *(f"    {each}" for each in self.wrong[:SHOWN]),
            ]
        )


Scenario = Callable[[Path, int], Trial]
"""Tries something so many times in an empty folder. Its docstring says what has to hold."""
