"""The large numbers of a quote in the asker's own notation, with their currencies: "18 miliar dolar AS" is "18 billion US dollars"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from assistant.steps import evidence
from assistant.steps.claim_words import bounds, joints
from assistant.steps.claims import BOTH, unit_of
from assistant.text.lexicon import UNSPACED, concept_class, lexicon
from assistant.text.normalise import fold
from assistant.text.questions import Analysis
from assistant.text.tokens import Token, tokens

LEAST = 1_000
"""Smaller numbers are written with the same digits everywhere."""

_CODES: Mapping[str, str] = {
    "c_dollar": "USD",
    "c_euro": "EUR",
    "c_rupiah": "IDR",
    "c_rouble": "RUB",
    "c_pound": "GBP",
    "c_yen": "JPY",
    "c_yuan": "CNY",
    "c_ringgit": "MYR",
    "c_baht": "THB",
    "c_peso": "PHP",
}
"""Of currencies (`claims.toml`) those of ISO 4217 by whose names in CLDR they are called. The country in such a name is left out:
a source that says "roubles" does not say whose."""
_MEAN = {"c_pound": "c_pound_sterling"}
_AMERICAN = re.compile(r"\b(?:US|U\.S|AS|USD|США|Mỹ)\b|(?i:amerika|american|американск)|สหรัฐ|美")
_SHARED_SIGN = "¥"
"""Of yen and yuan."""
_LOCALES = {"en": "en-GB"}
"""In CLDR's own English roubles are "rubles"."""
_BEFORE = 4
"""Code points before a number in which the sign of its currency stands: "US$ 45"."""
_OFFERS = frozenset("or both each atau или чем và hay hoặc และ หรือ 和 与 或 还 at o".split()) | BOTH
_COMPARE = frozenset({"c_big"})
_PARTS = re.compile(r"(?<!\d)[,;:]|[,;:](?!\d)|[–—]")
_SIGN = r"(?:US\$|Rp\.?|[$€£¥₽₱฿])?\s?"
_DASH = re.compile("[-–—]")
_SPACED_DASH = re.compile(r"\s?[-–—]\s?")
_BESIDE = re.compile(
    r"\s?[-–—/~×x]\s?"
    + _SIGN
    + r"|\s(?:and|dan|и|và|at|или|or|atau|hoặc|hay|o|to|until|sampai(?: dengan)?|hingga|ke|s\.?d\.?"
    r"|до|по|đến|tới|hanggang)\s" + _SIGN + r"|\s?(?:至|到|和|或|ถึง|และ|หรือ)\s?",
    re.IGNORECASE,
)
"""What makes one of two numbers."""
_OPENED = frozenset({("between", "and"), ("antara", "dan"), ("между", "и"), ("от", "до")})
_DIGITS = re.compile(r"\d+(?:[.,]\d{1,2})?(?![\d.,]\d)")


def sums(quote: str, spoken: str, language: str, question: Analysis | None) -> list[str]:
    """The large numbers in words of a quote of the BCP 47 language `spoken`, in that of the asker; of several only the one that the
    question is for, where that is certain. "" for one that would be rounded or read otherwise."""
    said = tokens(quote, spoken)
    found = [token for token in said if _is_scaled(token)]
    lower = _lower(quote, said)
    ends = {lower[token] for token in found if token in lower}
    found = [token for token in found if token not in ends]
    if question and len(found) > 1 and (one := _asked_for(question, quote, said, found)):
        found = [one]
    return [_sum(quote, said, token, language, lower) for token in found]


def _is_scaled(token: Token) -> bool:
    return token.kind == "number" and (token.value or 0) >= LEAST and any(map(str.isalpha, token.text))


def _asked_for(question: Analysis, quote: str, said: Sequence[Token], found: Sequence[Token]) -> Token | None:
    """The number that has a word of the question beside it in its part of a quote, between commas and conjunctions: for "trade" the
    second of "investment reached 45 million and trade 18 billion". None where another has one too, or a part has two numbers."""
    parts = _parts(quote, said)
    asked = [token for token in question.content if token.kind == "word" and not evidence.is_light(token)]
    told = []
    if _compares(question):
        return None
    for part in parts:
        content = [token for token in part if token.kind != "function"]
        numbers = [at for at, token in enumerate(content) if token in found]
        if len(numbers) > 1:
            return None
        beside = [t for at in numbers for t in content[max(0, at - evidence.NEAR_WORDS) : at + evidence.NEAR_WORDS + 1]]
        near = [
            t for t in beside if not any(concept_class(key) == "action" for key in t.keys)
        ]  # "*reached* 45 million"
        if any(evidence.match(a, evidence.alone(token)) for a in asked for token in near):
            told.append(content[numbers[0]])
    return told[0] if len(told) == 1 else None


def _compares(question: Analysis) -> bool:
    """Whether a question may be for more than one thing: it joins, offers or compares some, or names a sum itself. Two names that are
    joined are not what is asked for ("trade of ASEAN and Russia")."""
    said = tokens(question.text, question.language)
    for at, token in enumerate(said):
        around = (said[at - 1] if at else token, said[at + 1] if at + 1 < len(said) else token)
        joined = fold(token.text) in joints() | _OFFERS and not all(_is_called(each) for each in around)
        if joined or _is_scaled(token) or not token.keys.isdisjoint(bounds() | _COMPARE):
            return True
    return question.superlative


def _is_called(token: Token) -> bool:
    return token.kind == "name" or token.text[:1].isupper()


def _parts(quote: str, said: Sequence[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    end = 0
    for token in said:
        if fold(token.text) in joints() or _PARTS.search(quote[end : token.start]):
            parts.append([])
        parts[-1].append(token)
        end = token.end
    return parts


def _lower(quote: str, said: Sequence[Token]) -> Mapping[Token, Token]:
    """For each number the one before it that it makes a range, a choice or a fraction with: "*2*-3 million", "1*/2* million"."""
    numbers = [token for token in said if token.value is not None]
    return {high: low for low, high in pairwise(numbers) if _are_one(low, quote[low.end : high.start])}


def _are_one(low: Token, gap: str) -> bool:
    if low.kind == "year":
        return bool(_DASH.fullmatch(gap))
    # "45 million and 18 billion" are two.
    return low.kind == "number" and bool((_SPACED_DASH if _is_scaled(low) else _BESIDE).fullmatch(gap))


def _range(quote: str, said: Sequence[Token], low: Token, high: Token, language: str) -> str:
    """A range whole, or "" for what is none for certain (“from 3 to 5 million” may be a growth) or is scaled otherwise there, where
    "2-3 million" is 200万-300万."""
    from babel.core import Locale
    from babel.numbers import format_decimal

    opening = next((fold(each.text) for each in reversed(said) if each.end <= low.start), "")
    joint = fold(quote[low.end : high.start]).strip()
    if not (_SPACED_DASH.fullmatch(joint) or (opening, joint) in _OPENED):
        return ""
    number = written(high.value or 0.0, language)
    if _is_scaled(low):
        lowest = written(low.value or 0.0, language)
        text = f"{lowest} - {number}" if lowest and number else ""
    else:
        digits = _DIGITS.search(number)
        same = digits and _DIGITS.match(high.text) and _plain(digits.group()) == _plain(high.text)
        same = same and (low.value or 0.0) < float(_plain(high.text))
        lowest = format_decimal(_exact(low), locale=Locale.parse(language, sep="-"))
        text = f"{number[: digits.start()]}{lowest}-{number[digits.start() :]}" if digits and same else ""
    return text if _values(text, language) == [low.value, high.value] else ""


def _plain(number: str) -> str:
    """The digits of a number with one mark for decimals, whichever language it is written in."""
    digits = _DIGITS.match(number)
    return digits.group().replace(",", ".") if digits else ""


def _sum(quote: str, said: Sequence[Token], token: Token, language: str, lower: Mapping[Token, Token]) -> str:
    low = lower.get(token)
    if low in lower:  # "1-2-3 million"
        return ""
    number = _range(quote, said, low, token, language) if low else written(token.value or 0.0, language)
    values = [low.value, token.value] if low else [token.value]
    name = _currency(quote, said, token, language) if number else ""
    if not name:
        return number
    from babel.core import Locale
    from babel.numbers import get_currency_unit_pattern

    pattern = get_currency_unit_pattern("USD", count=_exact(token), locale=Locale.parse(language, sep="-"))
    text = pattern.replace("{0}", number).replace("{1}", name)
    return text if _values(text, language) == values else number


def _currency(quote: str, said: Sequence[Token], token: Token, language: str) -> str:
    """What the currency that a quote gives beside a number is called, in the form that goes with it; "" for none that is known."""
    from babel.core import Locale
    from babel.numbers import get_currency_name

    unit = unit_of(quote, token, said)
    before = quote[max(0, token.start - _BEFORE) : token.start]
    if unit not in _CODES or _SHARED_SIGN in before:
        return ""
    locale = Locale.parse(_LOCALES.get(language, language), sep="-")
    name = str(get_currency_name(_CODES[unit], count=_exact(token), locale=locale))
    if unit == "c_dollar":
        after = next((each.text for each in said if each.start >= token.end and unit in each.keys), "")
        return name if _AMERICAN.search(f"{before} {after}") else ""
    return _without_country(name, language) if _MEAN.get(unit, unit) in _keys(name, language) else ""


def _without_country(name: str, language: str) -> str:
    """The name of a currency without that of the country: "рублей" of "российских рублей"."""
    kept = [token for token in tokens(name, language) if not (token.kind == "name" and evidence.is_country(token))]
    while kept and kept[-1].kind == "function":  # Filipino "ruble *ng* Russia"
        del kept[-1]
    between = "" if lexicon(language).language in UNSPACED else " "
    return between.join(token.text for token in kept)


def _keys(name: str, language: str) -> frozenset[str]:
    return frozenset[str]().union(*(token.keys for token in tokens(name, language)))


def _exact(token: Token) -> Decimal:
    """Of a float, "18.0", Babel would take another plural than of 18."""
    return Decimal(f"{token.value or 0.0:.15g}").normalize()


def _values(text: str, language: str) -> list[float | None]:
    return [token.value for token in tokens(text, language) if token.kind == "number"]


def written(value: float, language: str) -> str:
    """The number with a word for its scale, or "" where that would round it or be read otherwise by `tokens`."""
    from babel.core import Locale
    from babel.numbers import format_compact_decimal

    locale = Locale.parse(language, sep="-")
    style: Literal["long", "short"] = "long" if "long" in locale.compact_decimal_formats else "short"  # 180亿
    exact = Decimal(f"{value:.15g}").normalize()
    for digits in (0, 1, 2):
        text = format_compact_decimal(exact, format_type=style, locale=locale, fraction_digits=digits)
        if _values(text, language) == [value]:
            return text
    return ""
