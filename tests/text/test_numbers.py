"""Numbers in words: what is spelled out is read as what it is, whatever stands around it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.text.tokens import tokens

ENGLISH = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
INDONESIAN = "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas"
RUSSIAN = (
    "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать "
    "семнадцать восемнадцать девятнадцать"
)
RUSSIAN_TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
RUSSIAN_HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"


def english(n: int) -> str:
    """With "and", as in Britain."""
    for scale, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if n >= scale:
            rest = n % scale
            joined = " and " if 0 < rest < 100 else " "
            return f"{english(n // scale)} {name}{joined}{english(rest)}".strip()
    if n >= 100:
        return f"{english(n // 100)} hundred{' and ' if n % 100 else ''}{english(n % 100)}"
    if n >= 20:
        return f"{ENGLISH_TENS.split()[n // 10 - 2]}{'-' if n % 10 else ''}{english(n % 10)}"
    return ENGLISH.split()[n - 1] if n else ""


def indonesian(n: int) -> str:
    if n < 12:
        return INDONESIAN.split()[n - 1] if n else ""
    if n < 20:
        return f"{indonesian(n - 10)} belas"
    scales = ((10**9, "miliar"), (10**6, "juta"), (1000, "ribu"), (100, "ratus"), (10, "puluh"))
    scale, name = next(each for each in scales if n >= each[0])
    head = f"se{name}" if n // scale == 1 and scale in (100, 1000) else f"{indonesian(n // scale)} {name}"
    return f"{head} {indonesian(n % scale)}".strip()


def russian(n: int) -> str:
    for scale, forms in (
        (10**9, ("миллиард", "миллиарда", "миллиардов")),
        (10**6, ("миллион", "миллиона", "миллионов")),
    ):
        if n >= scale:
            return f"{russian(n // scale)} {_counted(n // scale, forms)} {russian(n % scale)}".strip()
    if n >= 1000:
        many = russian(n // 1000).removesuffix("один").removesuffix("два")
        last = {"один": "одна", "два": "две"}.get(russian(n // 1000).split()[-1], "")
        return f"{many}{last} {_counted(n // 1000, ('тысяча', 'тысячи', 'тысяч'))} {russian(n % 1000)}".strip()
    parts = [RUSSIAN_HUNDREDS.split()[n // 100 - 1]] if n >= 100 else []
    n %= 100
    if n >= 20:
        parts.append(RUSSIAN_TENS.split()[n // 10 - 2])
        n %= 10
    return " ".join([*parts, *([RUSSIAN.split()[n - 1]] if n else [])])


def _counted(n: int, forms: tuple[str, str, str]) -> str:
    if n % 100 in range(11, 15):
        return forms[2]
    return forms[0] if n % 10 == 1 else forms[1] if n % 10 in (2, 3, 4) else forms[2]


def chinese(n: int) -> str:
    digits = "零一二三四五六七八九"
    for scale, name in ((10**8, "亿"), (10**4, "万")):
        if n >= scale:
            rest = n % scale
            return f"{chinese(n // scale)}{name}{'零' if 0 < rest < scale // 10 else ''}{chinese(rest)}"
    for scale, name in ((1000, "千"), (100, "百"), (10, "十")):
        if n >= scale:
            rest = n % scale
            return f"{digits[n // scale]}{name}{'零' if 0 < rest < scale // 10 else ''}{chinese(rest)}"
    return digits[n] if n else ""


def values(text: str, language: str) -> list[float | None]:
    return [token.value for token in tokens(text, language) if token.kind in ("number", "year")]


@given(n=st.integers(1, 10**12 - 1))
@example(2019)
@example(150)
@example(250_000)
def test_a_number_in_words_is_read_as_it_is(n: int) -> None:
    assert values(f"about {english(n)} ships", "en") == [n]
    assert values(f"sekitar {indonesian(n)} kapal", "id") == [n]
    assert values(f"около {russian(n)} судов", "ru") == [n]


@given(n=st.integers(1, 10**12 - 1))
def test_a_number_in_chinese_characters_is_read_as_it_is(n: int) -> None:
    assert values(f"约{chinese(n)}艘船", "zh") == [n]


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("hai mươi lăm tàu", "vi", 25),
        ("một trăm năm mươi tàu", "vi", 150),
        ("mười lăm tàu", "vi", 15),
        ("ยี่สิบเอ็ด", "th", 21),
        ("สามร้อยห้าสิบล้าน", "th", 350_000_000),
        ("dua belas ribu lima ratus kapal", "ms", 12_500),
        ("двухсот пятидесяти судов", "ru", 250),
        ("two dozen ships", "en", 24),
        ("one hundred and two thousand ships", "en", 102_000),
        ("two thousand and three hundred ships", "en", 2_300),
        ("one million and two hundred thousand ships", "en", 1_200_000),
        ("fifty-one million two hundred and fifty thousand ships", "en", 51_250_000),
        ("a dozen ships", "en", 12),
        ("three hundred thousand million", "en", 3e11),
    ],
)
def test_numbers_in_words_of_other_forms(text: str, language: str, number: float) -> None:
    assert values(text, language) == [number]


@pytest.mark.parametrize(
    ("text", "language", "numbers"),
    [
        ("of twenty. Five came", "en", [20, 5]),
        ("in twenty, five of them sank", "en", [20, 5]),
        ("one or two or three hundred", "en", [1, 2, 300]),
        ("twenty and five more", "en", [20, 5]),
        ("between one hundred and two hundred", "en", [100, 200]),
        ("between one thousand and two thousand", "en", [1_000, 2_000]),
        ("the twenty-first five ships", "en", [5]),
        ("ten five-day meetings", "en", [10, 5]),
        ("dua tiga hari", "id", [2, 3]),
        ("có hai không", "vi", [2, 0]),  # "are there two?"
        ("两三百艘船", "zh", [2, 300]),
        ("два-три дня", "ru", [2, 3]),
        ("20百分点", "zh", [20]),
        ("18 ร้อยละ", "th", [18]),
    ],
)
def test_numbers_that_stand_side_by_side_stay_apart(text: str, language: str, numbers: list[float]) -> None:
    assert values(text, language) == numbers


@pytest.mark.parametrize(
    ("text", "language", "kind", "value"),
    [
        ("the twenty-first session", "en", "ordinal", 21),
        ("двадцать пятая встреча", "ru", "ordinal", 25),
        ("pertemuan keenam belas", "id", "ordinal", 16),
        ("в две тысячи девятнадцатом году", "ru", "year", 2019),
        ("the second two first came", "en", "number", 2),
    ],
)
def test_ordinals_in_several_words(text: str, language: str, kind: str, value: float) -> None:
    assert [token.value for token in tokens(text, language) if token.kind == kind] == [value]


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("1 billion 240 million roubles", "en", [1_240_000_000]),
        ("1 млрд 240 млн рублей, из них освоено 710 млн", "ru", [1_240_000_000, 710_000_000]),
        ("1 млрд. 240 млн. 500 тыс. рублей", "ru", [1_240_500_000]),
        ("2 миллиона 300 тысяч", "ru", [2_300_000]),
        ("1 miliar 240 juta rupiah", "id", [1_240_000_000]),
        ("1 bilion 240 juta ringgit", "ms", [1_240_000_000]),
        ("1 tỷ 240 triệu đồng", "vi", [1_240_000_000]),
        ("1 bilyon 240 milyon", "fil", [1_240_000_000]),
        ("1.24 na bilyon", "fil", [1_240_000_000]),
        ("5 na tao", "fil", [5]),
        ("1 พันล้าน 240 ล้าน", "th", [1_240_000_000]),
        ("12亿4000万", "zh", [1_240_000_000]),
        ("12万5000人", "zh", [125_000]),
        ("3万5千", "zh", [35_000]),
        ("3万2019人", "zh", [32_019]),
        ("2 thousand million 1000 thousand", "en", [2_001_000_000]),
        ("1 million 1000 thousand", "en", [1_000_000, 1_000_000]),
        # Two numbers:
        ("2 thousand, 3 million", "en", [2_000, 3_000_000]),
        ("2 million and 3 thousand", "en", [2_000_000, 3_000]),
        ("2 million, 3 thousand", "en", [2_000_000, 3_000]),
        ("2 thousand 3 million", "en", [2_000, 3_000_000]),
        ("1.5 million 240 thousand", "en", [1_500_000, 240_000]),
        ("1 million 2000 thousand", "en", [1_000_000, 2_000_000]),
        ("it cost 2 million. 3 thousand came", "en", [2_000_000, 3_000]),
        ("1 million 5 people", "en", [1_000_000, 5]),
        ("1 ribu 2 ribu 3 ribu", "id", [1_000, 2_000, 3_000]),
        ("5 1 million", "en", [5, 1_000_000]),
        ("12万 5000人", "zh", [120_000, 5_000]),
        ("投资3亿2019年增长", "zh", [300_000_000]),
        ("投资3万2019年增长", "zh", [30_000]),
        ("3亿500人", "zh", [300_000_000, 500]),
        ("1 млрд. 240 млн рублей в год", "ru", [1_240_000_000]),
        ("население 5 млн. 300 тыс. человек.", "ru", [5_300_000]),
        ("Вышло 5 млн. 300 тыс. человек пришли.", "ru", [5_000_000, 300_000]),
    ],
)
def test_a_number_said_on_two_scales_in_a_row_is_one(text: str, language: str, values: list[float]) -> None:
    assert [token.value for token in tokens(text, language) if token.kind == "number"] == values


SCALES = {
    "en": ("billion", "million", "thousand"),
    "id": ("miliar", "juta", "ribu"),
    "ms": ("bilion", "juta", "ribu"),
    "ru": ("млрд", "млн", "тыс."),
    "vi": ("tỷ", "triệu", "nghìn"),
}


@pytest.mark.parametrize("language", SCALES)
@given(parts=st.lists(st.integers(0, 999), min_size=3, max_size=3))
def test_what_is_said_on_scales_in_a_row_is_their_sum(language: str, parts: list[int]) -> None:
    said = [
        (n, word, scale) for n, word, scale in zip(parts, SCALES[language], (10**9, 10**6, 10**3), strict=True) if n
    ]
    found = [token.value for token in tokens(" ".join(f"{n} {word}" for n, word, _ in said), language)]
    assert found == ([sum(n * scale for n, _, scale in said)] if said else [])
