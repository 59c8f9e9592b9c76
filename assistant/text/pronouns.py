"""Pronouns: the words of a question that stand for something that was spoken of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.lexicon import Lexicon
from assistant.text.normalise import fold
from assistant.text.tokens import Token

_ANNOUNCES = re.compile(
    r"\b(?P<it>it(?:['’]s)?)\s(?:(?:be|still|not|also|\w+ly)\s)*"
    r"(?:(?P<plainly>takes?|costs?|pays?|matters?|true|decided|agreed|said|reported|known|clear)"
    r"|possible|necessary|allowed|permitted|legal|illegal|forbidden|dangerous|safe|easy|hard|better|cheaper|faster|easier|wise|usual|common"
    r"|okay|ok|enough|worth|important|a\sgood\sidea)\b[^.?!]{0,40}?\s(?:(?P<that>that)|to|if|whether|who|which|what|how|when|where)\s"
    r"|\b(?P<worth>it)\s(?:(?:be|still|not|also|\w+ly)\s)*worth\s(?=(?:\w+\s\w+\s)?\w{3,}ing\s"
    r"(?!(?:in|on|at|with|without|for|during|by|to|from|there|here|again|now|if|when|before|after|as|and|or)\b))"
    r"|\b(?P<это>это)\s(?:правда|верно),?\sчто\s|\b(?:правда|верно)\sли\s(?P<ли>это),?\sчто\s"
    r"|\b(?P<itu>itu|ini)\s(?:benar|betul)(?:kah)?\s(?:bahwa|bahawa)\s"
    r"|\b(?:benar|betul)kah\s(?P<kah>itu|ini)\s(?:bahwa|bahawa)\s",
    re.IGNORECASE,
)
"""A pronoun that stands for no more than the clause that it announces: "How much does *it* cost to ...?", "Is *it* true that ...?"."""
PLAINLY, ELSE = 2, 3
"""Content words that such a clause has at least: "does it cost to renew a permit", but "is it safe to walk on", "is it allowed to
carry goods", where "it" may be what was spoken of."""


def referring(text: str, spoken: Sequence[str], content: Sequence[Token], words: Lexicon) -> tuple[str, ...]:
    """Those of the words `spoken` in a text, folded, that stand for something that was spoken of; `content` are its content tokens."""
    found = [word for word in spoken if word in words.pronouns]
    if announces := _ANNOUNCES.search(text):
        least = ELSE if announces["it"] and not announces["plainly"] else PLAINLY
        if sum(token.start >= announces.end() for token in content) >= least:
            for word in filter(None, announces.groupdict().values()):
                if fold(word) in found:
                    found.remove(fold(word))
    return tuple(found)
