from __future__ import annotations

import datetime as dt

import pytest
from babel.core import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.claims import unit_of
from assistant.steps.dated import dates
from assistant.steps.restate import restated
from assistant.steps.sums import written
from assistant.steps.verify import verify
from assistant.text.questions import Analysis, analyse
from assistant.text.tokens import tokens
from assistant.types import Cite, DraftSentence, Source, Span


@pytest.mark.parametrize(
    ("quote", "spoken", "language", "expected"),
    [
        ("perdagangan sebesar 18 miliar dolar AS", "id", "en", ("18 billion US dollars",)),
        ("investasi 45 juta, perdagangan 18 miliar", "id", "ru", ("45 миллионов", "18 миллиардов")),
        ("perdagangan 18 miliar", "id", "zh-CN", ("180亿",)),
        ("perdagangan 18 miliar", "id", "ms", ()),  # read with the same words
        ("sebesar 2,5 juta", "id", "en", ("2.5 million",)),
        ("sebesar 2.345.678 orang", "id", "en", ()),  # digits need no words
        ("sebesar 12 orang", "id", "en", ()),
        ("a budget of €6.9 million", "en", "id", ("6,9 juta Euro",)),
        ("1 ribu 2 ribu 3 ribu 4 ribu 5 ribu", "id", "en", ()),
    ],
)
def test_large_numbers_are_given_in_the_askers_words(
    quote: str, spoken: str, language: str, expected: tuple[str, ...]
) -> None:
    assert restated(quote, spoken, language) == expected


def test_what_would_be_rounded_is_left_out() -> None:
    assert restated("sebesar 2,3456789 juta", "id", "en") == ()


def test_a_year_is_told_where_the_quote_counts_from_its_sources_date() -> None:
    date = dt.date(2019, 2, 20)
    assert restated("Tahun lalu saja, perdagangan 18 miliar", "id", "en", date) == ("“Tahun lalu”: 2018", "18 billion")
    assert restated("Trade grew last year.", "en", "en", date) == ("“last year”: 2018",)
    assert restated("Trade grew last year.", "en", "en") == ()


@pytest.mark.parametrize(
    ("quote", "spoken", "expected"),
    [
        ("Tiga tahun lalu perdagangan naik.", "id", ()),
        ("Три года назад торговля выросла.", "ru", ()),
        ("Two years ago trade grew.", "en", ("“Two years ago”: 2017",)),
        ("In 2015 exports fell; the previous year they rose.", "en", ()),
        ("A year earlier, in 2014, exports rose.", "en", ()),
        ("Pada 2015 ekspor turun, tahun sebelumnya naik.", "id", ()),
        ("В 2015 году экспорт упал, годом ранее вырос.", "ru", ()),
        ("Last year trade rose, the previous year it fell.", "en", ("“Last year”: 2018",)),
        ("In 2015 the mayor said: “Last year we built the dam.”", "en", ()),
        ("В интервью 2011 года директор сообщил, что театр сгорел в прошлом году.", "ru", ()),
        ("Dalam laporan 2016 disebutkan tahun lalu 40 kapal tenggelam.", "id", ()),
        ("Last year exports rose compared with 2015, the ministry said.", "en", ("“Last year”: 2018",)),
        ("Last year the treaty of 1967 was amended.", "en", ("“Last year”: 2018",)),
        ("Pada 2015 ekspor turun, tahun lalu naik.", "id", ("“tahun lalu”: 2018",)),
        ("Экспорт вырос, годом ранее упал.", "ru", ("“годом ранее”: 2018",)),
        ("This year it grew more than the previous year.", "en", ("“This year”: 2019", "“previous year”: 2018")),
    ],
)
def test_a_year_is_told_only_where_it_is_counted_from_the_sources(
    quote: str, spoken: str, expected: tuple[str, ...]
) -> None:
    assert restated(quote, spoken, spoken, dt.date(2019, 2, 20)) == expected


CATALOGUES = ("en", "ru", "id", "ms", "vi", "th", "zh", "fil")


def asked(text: str, language: str = "en") -> Analysis:
    return analyse(text, language)


def verified(text: str, language: str, quote: str, spoken: str) -> bool:
    """Whether the verifier lets a text stand beside a quote."""
    draft = DraftSentence((Cite(Span("a", 0, len(quote))), f" ({text})"))
    return not verify(draft, {"a": Source("a", quote, "", "", language=spoken)}, language)


WHEN, WHO = asked("When was it?"), asked("Who was it?")


def test_a_date_is_told_where_the_asker_writes_it_otherwise() -> None:
    assert restated("di Kuta, 19-20 Februari 2019", "id", "en", question=WHEN) == ("19-20 February 2019",)
    assert restated("pada November 2018", "id", "en", question=WHEN) == ()
    assert restated("pada November 2018", "id", "ru", question=asked("In what year?")) == ("ноябрь 2018\u202fг.",)
    assert restated("di Kuta, 19-20 Februari 2019", "id", "en", question=WHO) == ()
    assert restated("di Kuta, 19-20 Februari 2019", "id", "en") == ()
    beside = asked("In which city and month was it?")
    assert restated("di Kuta, 19-20 Februari 2019", "id", "en", question=beside) == ("19-20 February 2019",)


@pytest.mark.parametrize(
    ("quote", "spoken", "expected"),
    [
        (
            "di Kuta, 19-20 Februari 2019",
            "id",
            {
                "en": ["19-20 February 2019"],
                "ru": ["19-20 февраля 2019\u202fг."],
                "vi": ["19-20 tháng 2, 2019"],
                "th": ["19-20 กุมภาพันธ์ 2019"],
                "zh": ["2019年2月19-20日"],
                "fil": ["Pebrero 19-20, 2019"],
            },
        ),
        (
            "we now plan for 16 September 2024.",
            "en",
            {
                "ru": ["16 сентября 2024\u202fг."],
                "vi": ["16 tháng 9, 2024"],
                "th": ["16 กันยายน 2024"],
                "zh": ["2024年9月16日"],
                "fil": ["Setyembre 16, 2024"],
            },
        ),
        ("движение будет закрыто с 20 по 27 октября", "ru", {"en": ["20-27 October"], "zh": ["10月20-27日"]}),
        ("16 sampai dengan 29 Januari 2023", "id", {"en": ["16-29 January 2023"]}),
        ("19 dan 20 Februari 2019", "id", {"en": ["19 February 2019", "20 February 2019"]}),
        ("February 19-20, 2019", "en", {"id": ["19-20 Februari 2019"]}),
        ("February 19, 2019", "en", {"id": ["19 Februari 2019"]}),
        ("30 January to 2 February 2019", "en", {"ru": ["30 января", "2 февраля 2019\u202fг."]}),
        ("2019年2月19日至20日", "zh", {"en": ["19-20 February 2019"]}),
        ("2月19日", "zh", {"en": ["19 February"]}),
        ("ngày 19 tháng 2 năm 2019", "vi", {"en": ["19 February 2019"]}),
        ("в ноябре 2018 года", "ru", {"en": ["November 2018"]}),
        ("5, 6 dan 7 Mei 2019", "id", {"en": ["5 May 2019", "6 May 2019", "7 May 2019"]}),
        ("5 dan 6-8 Mei 2019", "id", {"en": ["5 May 2019", "6-8 May 2019"]}),
        ("5 May 2019 to 7 June 2020", "en", {"fil": ["Mayo 5, 2019", "Hunyo 7, 2020"]}),
        ("5 November to 7 December 2019", "en", {"id": ["5 November", "7 Desember 2019"]}),
        # Of what is not told for certain, no part:
        ("dari Mei hingga Juni 2019", "id", {"en": []}),
        ("Mei dan Juni 2019", "id", {"en": []}),
        ("2018 hingga Mei 2019", "id", {"en": []}),
        ("Mei 2019 dan 2020", "id", {"en": []}),
        ("May 5 to June 7, 2020", "en", {"id": []}),
        ("с 5 на 6 мая 2019", "ru", {"en": []}),
        ("5/6 Mei", "id", {"en": []}),
        ("5, 6 Mei 2019", "id", {"en": []}),
        ("5-6-7 Mei 2019", "id", {"en": []}),
        ("In May 5 people came", "en", {"ru": []}),  # no day
        ("28-2 Maret 2019", "id", {"en": []}),  # from a month that is not told
        ("30 Februari 2019", "id", {"en": []}),  # no such day
        ("2 120 Februari 2019", "id", {"en": ["February 2019"]}),
    ],
)
def test_dates_are_told_with_their_days(quote: str, spoken: str, expected: dict[str, list[str]]) -> None:
    assert {language: list(dates(quote, spoken, language)) for language in expected} == expected


@given(
    day=st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)),
    length=st.integers(0, 9),
    spoken=st.sampled_from(CATALOGUES),
    language=st.sampled_from(CATALOGUES),
)
def test_a_date_that_is_told_is_that_of_the_quote(day: dt.date, length: int, spoken: str, language: str) -> None:
    last = day + dt.timedelta(days=length)
    locale = Locale.parse({"en": "en-GB"}.get(spoken, spoken), sep="-")
    quote = format_date(day, "long", locale).replace("ค.ศ. ", "")
    days = [float(day.day)]
    if length and last.month == day.month and spoken in ("en", "ru", "id", "ms"):
        quote, days = quote.replace(str(day.day), f"{day.day}–{last.day}", 1), [float(day.day), float(last.day)]
    for text in dates(quote, spoken, language):
        read = [(token.kind, token.value) for token in tokens(text, language) if token.value is not None]
        told = [("number", each) for each in days]
        assert sorted(read) == sorted([*told, ("month", day.month), ("year", float(day.year))])
        assert verified(text, language, quote, spoken)


SUMMIT = "Pada KTT ke-3 ASEAN-Rusia di Singapura pada November 2018"


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Which country hosted the summit?", "en", ("Russia", "Singapore")),
        ("Какая страна принимала саммит?", "ru", ("Россия", "Сингапур")),
        ("Who took part in the summit?", "en", ("Russia", "Singapore")),
        ("Where was the summit held?", "en", ("Singapore",)),  # in what it is said to be
        ("Где прошёл саммит?", "ru", ("Сингапур",)),
        ("In which city was the summit held?", "en", ()),
        ("In which city and month was the third summit held?", "en", ()),
        ("В каком городе прошёл саммит?", "ru", ()),
        ("Who chaired the summit?", "en", ()),
        ("How was the summit?", "en", ()),
    ],
)
def test_countries_are_told_where_they_are_asked_for(question: str, language: str, expected: tuple[str, ...]) -> None:
    assert restated(SUMMIT, "id", language, question=asked(question, language)) == expected
    assert restated(SUMMIT, "id", language) == ()


@pytest.mark.parametrize(
    ("quote", "spoken", "expected"),
    [
        (
            "Стоимость контракта составляет 1 млрд 240 млн рублей, из них освоено 710 млн рублей.",
            "ru",
            {
                "en": ("1.24 billion roubles", "710 million roubles"),
                "id": ("1,24 miliar Rubel", "710 juta Rubel"),
                "ms": ("1.24 bilion Rubel", "710 juta Rubel"),
                "vi": ("1,24 tỷ rúp", "710 triệu rúp"),
                "th": ("1.24 พันล้าน รูเบิล", "710 ล้าน รูเบิล"),
                "zh": ("12.4亿卢布", "7.1亿卢布"),
                "fil": ("1.24 na bilyon ruble", "710 milyon ruble"),
            },
        ),
        (
            "a grant of €6.9 million",
            "en",
            {"ru": ("6,9 миллиона евро",), "id": ("6,9 juta Euro",), "zh": ("690万欧元",)},
        ),
        ("sebesar Rp 2,35 miliar", "id", {"en": ("2.35 billion rupiahs",)}),
        ("US$45 million", "en", {"ru": ("45 миллионов долларов США",), "zh": ("4500万美元",)}),
        ("贸易额180亿美元", "zh", {"en": ("18 billion US dollars",)}),
        # It is not said whose:
        ("$45 million", "en", {"ru": ("45 миллионов",), "zh": ("4500万",)}),
        ("45 million dollars", "en", {"ru": ("45 миллионов",)}),
        ("as much as $45 million", "en", {"ru": ("45 миллионов",)}),
        ("¥45 million", "en", {"ru": ("45 миллионов",)}),
        ("45 million people", "en", {"ru": ("45 миллионов",)}),
        ("2-3 juta dolar AS", "id", {"en": ("2-3 million US dollars",), "ru": ("2-3 миллиона долларов США",)}),
        ("2,5-3 juta orang", "id", {"en": ("2.5-3 million",)}),
        ("от 3 до 5 млн рублей", "ru", {"en": ("3-5 million roubles",)}),
        ("between 3 and 5 million US dollars", "en", {"id": ("3-5 juta Dolar Amerika Serikat",)}),
        ("500 ribu-1 juta dolar AS", "id", {"en": ("500 thousand - 1 million US dollars",)}),
        ("2 juta hingga 3 juta orang", "id", {"en": ("2 million", "3 million")}),
        ("2018-45 juta, 2018 - 45 juta", "id", {"en": ("45 million",)}),
        # Of what is no range for certain, or is scaled otherwise, no part:
        ("2-3 juta dolar AS", "id", {"zh": ()}),
        ("it rose from 3 to 5 million", "en", {"id": ()}),
        ("2 atau 3 juta, 1-2-3 juta, dua-tiga juta, 5-3 juta", "id", {"en": ()}),
        ("$2-$3 million", "en", {"id": ()}),
        ("2 1/2 million euros, 1 1/2 million euros", "en", {"id": ()}),
        ("a rise of 2 thousand percent", "en", {"id": ("2 ribu",)}),
    ],
)
def test_a_sum_is_told_with_its_currency(quote: str, spoken: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert {language: restated(quote, spoken, language) for language in expected} == expected


CURRENCIES = {
    "en": ("US dollars", "euros", "roubles", "rupiah", "yuan", "ringgit"),
    "id": ("dolar AS", "euro", "rubel", "rupiah", "yuan", "ringgit"),
    "ru": ("долларов США", "евро", "рублей", "рупий", "юаней", "ринггитов"),
}


@given(
    number=st.integers(1, 999).flatmap(
        lambda whole: st.sampled_from([whole * 10**6, whole * 10**9, whole * 10**7 // 10])
    ),
    spoken=st.sampled_from(sorted(CURRENCIES)),
    currency=st.integers(0, 5),
    language=st.sampled_from(CATALOGUES),
)
def test_a_sum_that_is_told_is_that_of_the_quote(number: int, spoken: str, currency: int, language: str) -> None:
    quote = f"{written(float(number), spoken)} {CURRENCIES[spoken][currency]}"
    for text in restated(quote, spoken, language):
        read, said = tokens(text, language), tokens(quote, spoken)
        assert [token.value for token in read if token.kind == "number"] == [number]
        units = [unit_of(*each) for each in ((text, read[0], read), (quote, said[0], said))]
        assert units[0] in ("", units[1])
        assert verified(text, language, quote, spoken)


TRADE = "Tahun lalu saja, kerja sama di bidang investasi mencapai 45 juta dolar AS dan perdagangan sebesar 18 miliar dolar AS."
BOTH = ("45 million US dollars", "18 billion US dollars")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How much was trade last year?", BOTH[1:]),
        ("How much was the investment cooperation worth?", BOTH[:1]),
        ("How much were trade and investment?", BOTH),
        ("How much did the cooperation come to?", BOTH),  # it stands beside neither
        ("How much were exports?", BOTH),
        ("How much was the trade of ASEAN and Russia?", BOTH[1:]),
        ("Was trade or investment bigger?", BOTH),
        ("Which was bigger, trade compared with what was invested?", BOTH),
        ("Of what year are the 18 billion in trade?", BOTH),
        ("How much did trade reach?", BOTH[1:]),
        ("What was reached?", BOTH),
    ],
)
def test_of_several_sums_the_one_that_is_asked_for_is_told(question: str, expected: tuple[str, ...]) -> None:
    assert restated(TRADE, "id", "en", question=asked(question)) == expected


def test_all_sums_are_told_where_it_is_not_certain_which_is_asked_for() -> None:
    trade = asked("How much was trade?")
    assert restated("perdagangan 18 miliar untuk 45 juta orang, ekspor 2 juta", "id", "en", question=trade) == (
        "18 billion",
        "45 million",
        "2 million",
    )
