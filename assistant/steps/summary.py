"""Summary: the sentences of a source that say most of what it is about."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from assistant.text.lexicon import lexicon
from assistant.text.matchable import Matchable

SENTENCES, FEW = 3, 10
"""Sentences that a summary has, and those of a source whose first ones are told: a report begins with what it is about, and in
so few there is little to tell from how often a word occurs."""
FEW_KEYS = 8
"""A sentence with fewer says little, however often the others have them."""

_ENDED = re.compile(r"[.!?…。！？｡।॥۔؟။។](?:\W|\[\d+\])*$")


def summary(texts: Sequence[str], words: Sequence[Matchable], language: str) -> tuple[int, ...]:
    """Places, in their order, of the sentences that sum up a source: its first ones, or of more than `FEW` the first and, by
    SumBasic (Nenkova and Vanderwende 2005), those whose words it has most often, each word counting less once it is said.

    `words` are those of the sentences (of one BCP 47 `language`). A sum over the root of a sentence's length, where SumBasic
    has the mean, for the mean prefers the shortest. Headings and lists, which end without a mark, say nothing by themselves,
    unless most of the source ends so.
    """
    keys = [(each.keys | each.parts) - lexicon(language).function for each in words]
    ended = [at for at, text in enumerate(texts) if _ENDED.search(text)]
    left = ended if len(ended) >= max(SENTENCES, len(texts) / 2) else list(range(len(texts)))
    if len(left) <= FEW:
        return tuple(left[:SENTENCES])
    occurs = Counter(key for each in keys for key in each)
    weights = {key: count / occurs.total() for key, count in occurs.items()}

    def says(at: int) -> float:
        return sum(weights[key] for key in keys[at]) / math.sqrt(max(FEW_KEYS, len(keys[at])))

    chosen: list[int] = []
    while len(chosen) < SENTENCES:
        best = max(left, key=says) if chosen else left[0]
        left = [at for at in left if at != best]
        chosen.append(best)
        weights |= {key: weights[key] ** 2 for key in keys[best]}
    return tuple(sorted(chosen))
