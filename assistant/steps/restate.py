"""What a quote says in numbers, dates and countries, in the asker's own notation: "18 miliar" is "18 billion"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.steps import evidence
from assistant.steps.claim_words import locatives
from assistant.steps.dated import dates
from assistant.steps.sums import sums
from assistant.text.lexicon import lexicon
from assistant.text.matchable import RELATIVE_YEARS, is_of_another_time
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens

TIMES = frozenset({"date", "day", "year", "duration", "period"})
MOST = 4
"""Of each kind; a table of figures is left as it is."""

_MONTHS = frozenset({"c_month", "c_date"})
_CITIES = frozenset({"c_city", "c_town"})
_NATIONS = frozenset({"c_country", "c_participant", "c_attend"})
"""Who asks for people with one of these may want to know from which countries they are."""
_FROM_ANOTHER = re.compile(
    r"\b(?:previous|prior|earlier|before(?! last)|following|sebelumnya|berikutnya|предыдущ\w*|ранее|раньше|следующ\w*|năm trước"
    r"|nakaraang|susunod)\b|ปีก่อน|前一年|两年前",
    re.IGNORECASE,
)
"""In phrases for years that are counted from another year, where a quote gives one: "In 2015 ...; *the previous year*" is 2014."""
_OTHER_YEARS = RELATIVE_YEARS.keys() - {"c_this_year"}
_FACTS = frozenset({"number", "ordinal", "year", "month", "name"})


@lru_cache(maxsize=1_024)
def restated(
    quote: str, spoken: str, language: str, date: dt.date | None = None, question: Analysis | None = None
) -> tuple[str, ...]:
    """What a quote of the BCP 47 language `spoken` says, in that of the asker; only what reads back as exactly the same.

    Years that it gives relative to the `date` of its source ("“Tahun lalu”: 2018"), in any language; where the two differ,
    also large numbers in words with their currencies and, where the `question` asks for one, dates and countries. Nothing of a kind
    of which it has more than `MOST`.
    """
    said = tokens(quote, spoken)
    found = [_relative_years(said, date) if date else []]
    if lexicon(spoken) is not lexicon(language):
        kinds = [sums(quote, spoken, language, question)]
        if question and _asks_time(question):
            kinds.append(list(dates(quote, spoken, language)))
        if question:
            kinds.append([_country(token, language) for token in _countries_asked(quote, said, question)])
        held = evidence.bag(quote, spoken, date)
        found += [[text for text in kind if text and _is_held(text, language, held)] for kind in kinds]
    return tuple(dict.fromkeys(text for kind in found if len(kind) <= MOST for text in kind))


def _is_held(text: str, language: str, held: evidence.Bag) -> bool:
    """Whether a quote has every fact of a text, as the verifier will ask."""
    facts = (token for token in tokens(text, language) if token.kind in _FACTS)
    return all(evidence.match(token, held) >= evidence.PART_OF_PHRASE for token in facts)


def _relative_years(said: Sequence[Token], date: dt.date) -> list[str]:
    if is_of_another_time(said, date):
        return []
    from_now = [token for token in said if not _FROM_ANOTHER.search(token.text)]
    anchored = any(token.kind == "year" or not token.keys.isdisjoint(_OTHER_YEARS) for token in from_now)
    shifts = [
        (token, shift)
        for token in (from_now if anchored else said)
        for key, shift in RELATIVE_YEARS.items()
        if key in token.keys
    ]
    return [f"“{token.text}”: {date.year + shift}" for token, shift in shifts]


def _asks_time(question: Analysis) -> bool:
    """Whether a question asks when, also beside something else ("in which city and *month*")."""
    return question.asks in TIMES or (question.asks == "place" and not _words(question).isdisjoint(_MONTHS))


def _countries_asked(quote: str, said: Sequence[Token], question: Analysis) -> Iterator[Token]:
    """The countries of a quote that a question is for: all where it asks for one, or for those who took part; where it asks where,
    those in which something is said to be; none where it asks for a city."""
    words = _words(question)
    everyone = question.asks == "country" or (question.asks == "person" and not words.isdisjoint(_NATIONS))
    somewhere = question.asks == "place" and words.isdisjoint(_CITIES)
    for before, token in zip((None, *said), said, strict=False):
        within = before is not None and fold(before.text) in locatives() and quote[before.end : token.start] == " "
        if evidence.is_country(token) and (everyone or (somewhere and within)):
            yield token


def _words(question: Analysis) -> frozenset[str]:
    """The keys of all words of a question, those too that only ask."""
    return frozenset[str]().union(*(token.keys for token in tokens(question.text, question.language)))


def _country(token: Token, language: str) -> str:
    """The asker's name of a country, or "" where it is written the same."""
    from babel.core import Locale

    codes = [key.removeprefix("c_country_").upper() for key in token.keys if key.startswith("c_country_")]
    name = Locale.parse(language, sep="-").territories.get(codes[0], "")
    same = [read.keys for read in tokens(name, language)] if name != token.text else []
    return str(name) if any(not keys.isdisjoint(token.keys) for keys in same) else ""
