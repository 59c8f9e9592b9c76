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
        ("It met on 19, 20 and 21 February 2019.", "en", "It met on 19 February 2019.", "en", True),
        ("It met on 19, 20 and 21 February 2019.", "en", "It met on 20 February 2019.", "en", True),
    ],
)
def test_a_claims_time_is_its_sources(text: str, language: str, sentence: str, spoken: str, held: bool) -> None:
    made = source(text, language=language, date=dt.date(2019, 2, 20))
    found = support(sentence, spoken, lines_of(whole_source(made)))
    assert (not found.problems) is held, found.problems
