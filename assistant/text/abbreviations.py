"""Full stops that belong to the word before them: abbreviations, initials, the numbers of items."""

from __future__ import annotations

import re

_ALWAYS = frozenset(
    "mr mrs ms dr prof st messrs mme mlle rev revd rt hon esq cllr gov sen rep amb pres "  # English: before a name
    "gen brig col lt maj capt cdr cmdr adm sgt cpl supt insp det "
    "vs etc inc ltd co corp bros dept govt assn univ jr sr vol fig pp mt approx cf viz ph.d "
    "jan feb mar apr jun jul aug sep sept oct nov dec "
    "hj hjh kh ust tn ny nn sdr sdri bpk yth drs dra ir drg drh prof.dr purn "  # Indonesian and Malay: before a name
    "jend letjen mayjen brigjen kol letkol kapt lettu letda irjen komjen kombes laks laksda marsda "
    "jl jln gg ds kel kec kab prov pt tgl bln thn tlp telp hlm dll dsb dst dkk ybs ttd "
    "т г гг в вв е к р с о оз ул пер пл просп наб бул мкр пос обл р-н б-р пр-т пр-кт стр корп им св "  # Russian: places
    "г-н г-на г-ну г-жа г-жи г-же г-жу гр гр-н гр-ка тов акад проф доц канд инж чл.-кор подполк зам зав отв исп "
    "др пр см ср напр тыс млн млрд трлн руб коп янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек "
    "ts ths gs bs ks tp tx "  # Vietnamese
    "gng atty engr brgy kgg".split()  # Filipino
)
_BEFORE_A_NUMBER = frozenset(  # else they are words that may end a sentence: "No.", "art.", "и т. д.", "in the sun."
    "no nos art sec par para paras cl ch chap app ex p ext tel ca max min mon tue tues wed thu thur thurs fri sat sun "
    "hal ps rp rw ст п пп ч гл разд подп абз прил рис табл д кв оф эт тел ок".split()
)
_DOTTED = (
    re.compile(  # "e.g", "т.е", "р.т", "ph.d"; degrees and initials have a capital after each stop: "S.Sos", "PGS.TS"
        r"[^\W\d_](?:\.[^\W\d_])+|[A-ZА-ЯЁ][^\W\d_]{0,3}(?:\.[A-ZА-ЯЁ][^\W\d_]{0,3})+"
    )
)
_AND_SO_ON = frozenset(["т.д", "т.п", "v.v"])  # close a list, and mostly the sentence with it
_NUMBER_AFTER = re.compile(r"[\s(]*(?:[A-Z]{1,3}[-/])?\d")
_ITEM_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}|[IVXLC]{1,5}|[a-zа-е]")
_BEFORE_WORD = frozenset("([{\"'“‘«„*_")  # the last two: emphasis of Markdown, "**Dr. Retno**"
_BEFORE_ITEM = frozenset(" \t\u00a0>#*_-–•")
_LINE_ENDS = frozenset("\n\r\u0085\u2028")
_LONGEST = 12  # bounds the look back from a full stop, so that a text without spaces stays linear


def is_of_word(text: str, start: int, dot: int, after: int) -> bool:
    """Whether the full stop at `dot`, after which the text goes on at `after`, is of the word before it. That begins at `start`
    or later, which is the beginning of a line."""
    begin = dot
    while begin > start and dot - begin < _LONGEST and not _opens_word(text[begin - 1]):
        begin -= 1
    word = text[begin:dot]
    folded = word.casefold()
    return (
        (len(word) == 1 and word.isupper())  # an initial: "J. Tavares"
        or folded in _ALWAYS
        or (_DOTTED.fullmatch(word) is not None and folded not in _AND_SO_ON)
        or (folded in _BEFORE_A_NUMBER and _NUMBER_AFTER.match(text, after) is not None)
        or (_ITEM_NUMBER.fullmatch(word) is not None and _begins_line(text, start, begin))
    )


def ends(pattern: re.Pattern[str], text: str) -> list[int]:
    """Where the matches of a pattern end, without those that begin with a full stop of the word before it ("who is Dr. Sato?")."""
    found = pattern.finditer(text)
    return [m.end() for m in found if not (m.group()[0] == "." and is_of_word(text, 0, m.start(), m.end()))]


def _opens_word(before: str) -> bool:
    return before.isspace() or before in _BEFORE_WORD


def _begins_line(text: str, start: int, begin: int) -> bool:
    """Whether nothing but the marks of a heading, an item or quoted mail stands before a place in its line."""
    at = begin
    while at > start and begin - at < _LONGEST and text[at - 1] in _BEFORE_ITEM:
        at -= 1
    return at == start or text[at - 1] in _LINE_ENDS
