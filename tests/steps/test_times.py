"""Times: when a claim says that something is has to be when its source says so."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.support import support

from .made import source

LAST = "Last year trade reached 18 billion dollars."
DATED = "The symposium ended on 30 August; in four days 118 papers were read."
RESUME = "Prime Minister Adel Hamdan said yesterday that the talks would resume in June."
DUE = "Approved last year, the new terminal is due to open in 2021."
TWO = f"Investment reached 45 million dollars. {LAST}"
SESSION = "Sidang berlangsung di Palembang pada 26–27 Maret 2018 dengan 31 peserta."


@pytest.mark.parametrize(
    ("text", "language", "sentence", "spoken", "held"),
    [
        (LAST, "en", "Trade reached 18 billion dollars last year.", "en", True),
        (LAST, "en", "Trade reached 18 billion dollars in 2018.", "en", True),
        (LAST, "en", "Trade reached 18 billion dollars next year.", "en", False),
        (LAST, "en", "Trade reached 18 billion dollars this year.", "en", False),
        (LAST, "en", "Trade will reach 18 billion dollars.", "en", False),
        (LAST, "en", "В прошлом году торговля достигла 18 млрд долларов.", "ru", True),
        (LAST, "en", "Tahun depan perdagangan mencapai 18 miliar dolar.", "id", False),
        (LAST, "en", "В следующем году торговля достигла 18 млрд долларов.", "ru", False),
        ("Trade reached 18 billion dollars.", "en", "Trade reached 18 billion dollars yesterday.", "en", False),
        ("Trade will reach 18 billion dollars.", "en", "Trade will reach 18 billion dollars.", "en", True),
        (DATED, "en", "The symposium ended on 30 August.", "en", True),
        (DATED, "en", "The symposium ended on 4 August.", "en", False),
        (SESSION, "id", "Sidang berlangsung pada 26 Maret 2018.", "id", True),
        (SESSION, "id", "Sidang berlangsung pada 31 Maret 2018.", "id", False),
        (RESUME, "en", "The talks will resume in June.", "en", True),
        (DUE, "en", "The new terminal will open in 2021.", "en", True),
        ("The trials ran in March and April 2018.", "en", "The trials ran in March 2018.", "en", True),
        (
            "It lasted from 28 February to 2 March 2018.",
            "en",
            "It lasted from 28 February 2018 to 2 March 2018.",
            "en",
            True,
        ),
        ("It took place on 2 May 2018 and 3 June 2019.", "en", "It took place on 2 May 2019.", "en", False),
        (
            "In 2019 the bank lent 5 million euros to farmers.",
            "en",
            "This year the bank lent 5 million euros to farmers.",
            "en",
            True,
        ),
        ("The club now has 300 members.", "en", "Today the club has 300 members.", "en", True),
        (TWO, "en", "Last year investment reached 45 million dollars.", "en", False),
        ("It met on 19, 20 and 21 February 2019.", "en", "It met on 19 February 2019.", "en", True),
        ("It met on 19, 20 and 21 February 2019.", "en", "It met on 20 February 2019.", "en", True),
        ("It met on the 19th, 20th and 21st of February.", "en", "It met on 19 February.", "en", True),
        ("It met in February, March and April 2019.", "en", "It met in February 2019.", "en", True),
        ("It ran in March in Jakarta in 2018.", "en", "It ran in March 2018.", "en", True),
        ("It met on 19 Monday February.", "en", "It met on 19 February.", "en", True),
        ("It met on 19 of the Jakarta February.", "en", "It met on 19 February.", "en", True),
        ("It met with 19 guests in rainy February.", "en", "It met on 19 February.", "en", False),
        ("It met on 19 January and in February.", "en", "It met on 19 February.", "en", False),
    ],
)
def test_a_claims_time_is_its_sources(text: str, language: str, sentence: str, spoken: str, held: bool) -> None:
    made = source(text, language=language, date=dt.date(2019, 2, 20))
    found = support(sentence, spoken, lines_of(whole_source(made)))
    assert (not found.problems) is held, found.problems
