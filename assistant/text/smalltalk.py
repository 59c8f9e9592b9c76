"""Small talk and questions about the assistant itself, told by whole phrases: what else a question holds decides."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from assistant.text.lexicon import LANGUAGES, UNSPACED, words_of
from assistant.text.normalise import fold, unmarked

INTENTS = ("documents", "capability", "identity", "farewell", "thanks", "wellbeing", "greeting")
"""The one that a text of several is answered for comes first: "Hello, who are you?" asks for the identity."""

_FILLER = frozenset(
    "please you very much so a lot there then now today again bot assistant that helped was "
    "asisten dong ya ka po pak bu kak deh ассистент бот большое вам тебе а ну nhé nhiều ạ ơi".split()
)


def intent(text: str, language: str) -> str:
    """One of `INTENTS`, or "" for a text with anything more in it."""
    language = language.split("-", maxsplit=1)[0]
    if language in UNSPACED:
        return _unspaced_intent(text, language)
    words = [fold(m.group()).replace("'", "") for m in words_of(text)]
    for spoken in dict.fromkeys((language, "en", "id")):  # "thanks" is said in any language
        found = _cover(words, _phrases(spoken))
        if found:
            asks = found == {"thanks"} and text.rstrip().endswith(("?", "？"))  # "Nothing else?"
            return "" if asks else min(found, key=INTENTS.index)
    return ""


def _cover(words: list[str], phrases: dict[tuple[str, ...], str]) -> set[str]:
    """The intents of phrases that cover all words but fillers, or none."""
    longest = max(map(len, phrases), default=0)
    covered: list[set[str] | None] = [None] * len(words) + [set()]  # by the phrases from a word on; longer ones first
    for at in reversed(range(len(words))):
        if words[at] in _FILLER:
            covered[at] = covered[at + 1]
        for length in range(min(longest, len(words) - at), 0, -1):
            rest = covered[at + length]
            if rest is not None and (kind := phrases.get(tuple(words[at : at + length]))):
                covered[at] = rest | {kind}
                break
    return covered[0] or set()


def _unspaced_intent(text: str, language: str) -> str:
    rest = "".join(c for c in fold(text) if unicodedata.category(c)[0] in "LMN")  # vowel signs are marks, not letters
    found: set[str] = set()
    for (phrase,), kind in sorted(_phrases(language).items(), key=lambda item: -len(item[0][0])):
        if phrase in rest:
            rest = rest.replace(phrase, "")
            found.add(kind)
    particles = ("ครับ", "ค่ะ", "คะ", "นะ", "吗", "啊", "呢", "请问")
    for particle in particles:
        rest = rest.replace(particle, "")
    return min(found, key=INTENTS.index) if found and not rest else ""


@cache
def _phrases(language: str) -> dict[tuple[str, ...], str]:
    tables = tomllib.loads(files(__package__).joinpath("data/smalltalk.toml").read_text(encoding="utf-8"))
    layers = [tables[name] for name in (("id", "ms") if language in ("id", "ms") else (language,)) if name in LANGUAGES]
    listed = [(fold(phrase), kind) for layer in layers for kind, phrases in layer.items() for phrase in phrases]
    if language in UNSPACED:
        return {(phrase,): kind for phrase, kind in listed}
    if language == "vi":
        listed += [(unmarked(phrase), kind) for phrase, kind in listed]
    return {tuple(m.group().replace("'", "") for m in words_of(phrase)): kind for phrase, kind in listed}
