"""The words by which claims are taken apart and held against lines, in all languages (`claims.toml`)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def attributions() -> tuple[re.Pattern[str], ...]:
    """Patterns of words after which a speaker follows ("according to")."""
    return tuple(re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)") for phrase in listed()["attribution"]["phrases"])


@cache
def currencies() -> frozenset[str]:
    """The keys of currencies."""
    return frozenset(listed()["units"]["words"]["currency"])


@cache
def quantifiers() -> dict[str, frozenset[str]]:
    """The forms of each group of quantifiers."""
    return {name: frozenset(forms) for name, forms in listed()["quantifiers"].items()}


@cache
def unreal() -> frozenset[str]:
    """The keys of what is wished or planned."""
    return frozenset(f"c_{concept}" for concept in listed()["unreal"]["concepts"])


@cache
def verbs() -> frozenset[str]:
    """Words of saying."""
    return frozenset(listed()["attribution"]["verbs"])


@cache
def object_leads() -> frozenset[str]:
    """Words right before a name that say that something is said or done to them, or with them."""
    return frozenset(listed()["attribution"]["objects"])


@cache
def titles() -> frozenset[str]:
    """The keys of posts and titles."""
    return frozenset(f"c_{concept}" for concept in listed()["titles"]["concepts"])


@cache
def people_pronouns() -> frozenset[str]:
    """Words that stand for a person named elsewhere."""
    return frozenset(listed()["pronouns"]["people"])


@cache
def demonstratives() -> frozenset[str]:
    """Words beside one for a thing that was told of before ("*this* meeting", "pertemuan *ini*")."""
    return frozenset(listed()["pronouns"]["this"])


@cache
def bounds() -> frozenset[str]:
    """The keys of what makes a number less exact ("more than", "about")."""
    return frozenset(f"c_{concept}" for concept in listed()["bounds"]["concepts"])


@cache
def doubts() -> frozenset[str]:
    """Words that leave it open whether something is so."""
    return frozenset(listed()["doubts"]["words"])


@cache
def bound_words() -> dict[str, frozenset[str]]:
    """Words right before a year: from which (`c_begin`), until which (`c_end`) or in which (`at`); and those for a `year` itself."""
    return {name: frozenset(words) for name, words in listed()["periods"].items()}


@cache
def contraries() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """The keys of what is said of a thing and of what then cannot be, each pair both ways."""
    pairs = [
        tuple(frozenset(f"c_{concept}" for concept in side) for side in pair)
        for pair in listed()["contraries"]["concepts"]
    ]
    return tuple((mine, other) for a, b in pairs for mine, other in ((a, b), (b, a)))


@cache
def joints() -> frozenset[str]:
    """Words that join two clauses."""
    return frozenset(listed()["joints"]["words"])


@cache
def locatives() -> frozenset[str]:
    """Words that say that something is at the place named after them."""
    return frozenset(listed()["places"]["locatives"])


@cache
def leads() -> frozenset[str]:
    """Words before a place."""
    return locatives() | frozenset(listed()["places"]["leads"])


@cache
def placed_languages() -> frozenset[str]:
    """The languages whose words before a place are known."""
    return frozenset(listed()["places"]["languages"])


@cache
def listed() -> dict[str, Any]:
    """All of `claims.toml`."""
    return tomllib.loads(files(__package__).joinpath("claims.toml").read_text(encoding="utf-8"))
