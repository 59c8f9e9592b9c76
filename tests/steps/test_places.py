"""Places: a name or number of a claim stands beside the words that it stands beside in its source."""

from __future__ import annotations

import pytest

from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.support import support

from .made import source

SWORN = "Prof. Retno Wulansari was sworn in as rector and took over from Prof. Darmawan Hadiputra, who retired."
SOLD = "The port sold 14,300 tickets in May and refunded 412 vouchers in June."
SWAPPED = "Universitas melantik Prof. {} sebagai rektor, menggantikan Prof. {}."
RETNO, DARMAWAN = "Retno Wulansari", "Darmawan Hadiputra"
LANTIK = (
    "Universitas melantik Prof. Retno Wulansari sebagai rektor, menggantikan Prof. Darmawan Hadiputra yang pensiun."
)
SUMS = "Investasi mencapai 45 juta dolar AS dan perdagangan mencapai 18 miliar dolar AS."
BY = "The pact was signed by the {}, {}, and by the {}, {}."
ENVOYS = BY.format("commissioner", "Ruslan Abenov", "chief negotiator", "Maya Hutapea")
MET = "Within minutes the Japanese ambassador Osamu Kitahara promised Doreen Alabua thirty machines."


@pytest.mark.parametrize(
    ("text", "language", "sentence", "spoken", "held"),
    [
        (SWORN, "en", SWORN, "en", True),
        (SWORN, "en", SWORN.replace(RETNO, "X").replace(DARMAWAN, RETNO).replace("X", DARMAWAN), "en", False),
        (LANTIK, "id", SWAPPED.format(DARMAWAN, RETNO), "id", False),
        (LANTIK, "id", SWAPPED.format(RETNO, DARMAWAN), "id", True),
        (SUMS, "id", "Trade reached US$45 million and investment reached US$18 billion.", "en", False),
        (SUMS, "id", "Investment reached US$45 million and trade reached US$18 billion.", "en", True),
        (SUMS, "id", "Trade reached US$18 billion and investment reached US$45 million.", "en", True),
        (SUMS, "id", "Торговля достигла 45 млн долларов, а инвестиции достигли 18 млрд долларов.", "ru", False),
        (ENVOYS, "en", BY.format("commissioner", "Maya Hutapea", "chief negotiator", "Ruslan Abenov"), "en", False),
        (ENVOYS, "en", BY.format("chief negotiator", "Maya Hutapea", "commissioner", "Ruslan Abenov"), "en", True),
    ],
)  # fmt: skip
def test_two_names_or_numbers_stand_in_each_others_place(
    text: str, language: str, sentence: str, spoken: str, held: bool
) -> None:
    found = support(sentence, spoken, lines_of(whole_source(source(text, language=language))))
    assert (not found.problems) is held, found.problems


@pytest.mark.parametrize(
    "sentence",
    [
        "The committee meets in Padang, Istanbul and Kuala Lumpur.",
        "The committee meets in Kuala Lumpur, Padang and Istanbul.",
    ],
)
def test_a_list_may_be_told_in_any_order(sentence: str) -> None:
    text = "The committee meets in Padang, Kuala Lumpur and Istanbul."
    assert not support(sentence, "en", lines_of(whole_source(source(text)))).problems


@pytest.mark.parametrize(
    ("text", "sentence", "held"),
    [
        (MET, "The Japanese ambassador Osamu Kitahara promised thirty machines.", True),
        (MET, "The Japanese ambassador Doreen Alabua promised thirty machines.", False),
        (SOLD, "The port sold 14,300 tickets.", True),
        (SOLD, "The port sold 412 tickets.", False),
        (SOLD, "The port refunded 14,300 vouchers.", False),
    ],
)
def test_a_name_or_number_stands_where_the_source_has_another_one(text: str, sentence: str, held: bool) -> None:
    found = support(sentence, "en", lines_of(whole_source(source(text))))
    assert (not found.problems) is held, found.problems


def test_what_is_beside_two_names_in_a_row_tells_nothing_of_either() -> None:
    text = "Ramon Delacuesta (Philippines) chaired the meeting, and Chile took the minutes."
    found = support(
        "Ramon Delacuesta of the Philippines chaired the meeting.", "en", lines_of(whole_source(source(text)))
    )
    assert not found.problems


HANDED = "Amina Duarte succeeded Pavel Horak as director of the museum in 2015."
GANTI = "Siti Rahmawati menggantikan Bambang Wijaya sebagai rektor."


@pytest.mark.parametrize(
    ("text", "language", "sentence", "held"),
    [
        (HANDED, "en", "Amina Duarte succeeded Pavel Horak in 2015.", True),
        (HANDED, "en", "Pavel Horak succeeded Amina Duarte in 2015.", False),
        (HANDED, "en", "Pavel Horak was succeeded by Amina Duarte in 2015.", True),
        (HANDED, "en", "Amina Duarte was succeeded by Pavel Horak in 2015.", False),
        (GANTI, "id", "Bambang Wijaya menggantikan Siti Rahmawati sebagai rektor.", False),
        (GANTI, "id", "Bambang Wijaya digantikan Siti Rahmawati sebagai rektor.", True),
        ("Lund and Ferro met in Bonn, where Lund gave Ferro a medal.", "en", "Ferro gave Lund a medal in Bonn.", False),
        (
            "Enzo Ferretti, a Chilean violinist, sang in Vell.",
            "en",
            "The Chilean violinist Enzo Ferretti sang in Vell.",
            True,
        ),
    ],
)
def test_who_does_it_and_who_it_is_done_to(text: str, language: str, sentence: str, held: bool) -> None:
    found = support(sentence, language, lines_of(whole_source(source(text, language=language))))
    assert (not found.problems) is held, found.problems
