"""True sentences with one thing changed by program: how many of them the verifier still lets pass.

    python evals/falsified.py [--texts 100]

The sentences of `reading/` (invented texts in Indonesian, English and Russian) are claims of themselves, and true. Each is
changed in one place: two of its names or numbers stand in each other's place, or one of them is another of its text's. A
sentence that says the same in another order ("A and B" as "B and A") counts as passed wrongly too, so that the figures are upper
bounds of what is accepted wrongly.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from assistant.steps import claims
from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.support import support
from assistant.text.tokens import Token
from assistant.types import Source

READING = Path(__file__).with_name("reading")
LANGUAGES = ("en", "id", "ru")
SENTENCES = 3
"""Of each text."""
SEED = 20190219

Thing = Sequence[Token]


def changed(sentence: str, language: str, text: str, draws: np.random.Generator) -> Iterator[tuple[str, str]]:
    """What was changed, and the sentence that came of it; `text` is where other names and numbers are from."""
    here, there = claims.read(sentence, language), claims.read(text, language)
    for what, mine, its in (("number", _numbers(here), _numbers(there)), ("name", _names(here), _names(there))):
        for one, other in combinations(mine, 2):
            if one[-1].end <= other[0].start and not _same(one, other):
                yield (
                    f"two {what}s exchanged",
                    _with(sentence, (one, _words(other, sentence)), (other, _words(one, sentence))),
                )
        for one in mine:
            if others := [each for each in its if not _same(one, each)]:
                drawn = others[int(draws.integers(len(others)))]
                yield f"another {what}", _with(sentence, (one, _words(drawn, text)))


def _numbers(claim: claims.Claim) -> list[Thing]:
    return [(token,) for token in claim.numbers if token.kind == "number"]


def _names(claim: claims.Claim) -> list[Thing]:
    return [run for run in claim.names if claims.kind(run) == "name"]


def _same(one: Thing, other: Thing) -> bool:
    if one[0].kind == "number":
        return not one[0].keys.isdisjoint(other[0].keys)
    return claims.same_run(one, other)


def _words(thing: Thing, text: str) -> str:
    return text[thing[0].start : thing[-1].end]


def _with(sentence: str, *edits: tuple[Thing, str]) -> str:
    for thing, words in sorted(edits, key=lambda edit: -edit[0][0].start):
        sentence = sentence[: thing[0].start] + words + sentence[thing[-1].end :]
    return sentence


def measured(texts: Iterable[tuple[str, Sequence[str]]]) -> Counter[tuple[str, bool]]:
    """How many sentences of texts (language, sentences) are let pass and are not, by what was changed."""
    draws = np.random.default_rng(SEED)
    found: Counter[tuple[str, bool]] = Counter()
    for language, sentences in texts:
        source = Source("text", " ".join(sentences), "Text", "0" * 64, language=language)
        lines = lines_of(whole_source(source))
        for at in draws.permutation(len(sentences))[:SENTENCES]:
            told = [("nothing", sentences[at]), *changed(sentences[at], language, source.text, draws)]
            found.update((what, not support(each, language, lines).problems) for what, each in told)
    return found


def _texts(count: int) -> Iterator[tuple[str, list[str]]]:
    read = [
        json.loads(line)
        for path in sorted(READING.glob("*.jsonl.xz"))
        for line in lzma.decompress(path.read_bytes()).decode().splitlines()
    ]
    wanted = [each for each in read if each["language"] in LANGUAGES]
    for at in np.random.default_rng(SEED).permutation(len(wanted))[:count]:
        yield wanted[at]["language"], wanted[at]["sentences"]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="How many sentences with one thing changed the verifier lets pass.")
    parser.add_argument("--texts", type=int, default=100, help="default 100, some two minutes")
    count: int = parser.parse_args().texts
    if count < 1:
        print("--texts takes a number from 1", file=sys.stderr)
        return 2
    found = measured(_texts(count))
    print("| changed | sentences | let pass |\n|---|---:|---:|")
    for what in sorted({what for what, _ in found}, key=lambda what: (what != "nothing", what)):
        whole = found[what, True] + found[what, False]
        print(f"| {what} | {whole} | {found[what, True]} ({found[what, True] / whole:.1%}) |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
