"""Relations: words that stand near each other in a source do not say by that what is what, nor where."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.index.sources import read_source
from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.support import support

from .made import source

ROOT = Path(__file__).parents[2]
SAID = [
    line.split("\t")
    for line in Path(__file__).with_name("relations.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
REPORT = lines_of(whole_source(read_source(ROOT / "seeds", ROOT / "seeds" / "asean-russia-som-2019.txt")))


@pytest.mark.parametrize(("truth", "language", "sentence"), SAID)
def test_what_the_report_ties_together(truth: str, language: str, sentence: str) -> None:
    problems = support(sentence, language, REPORT).problems
    assert (not problems) is (truth == "yes"), problems


@pytest.mark.parametrize(
    ("text", "sentence", "held"),
    [
        ("The mayor of Ambon, Siti Rahma, and the rector spoke.", "Siti Rahma is the mayor of Ambon.", True),
        ("The mayor of Ambon and Siti Rahma spoke.", "Siti Rahma is the mayor of Ambon.", False),
        ("The harbour in Ambon will be widened by Seram.", "The harbour is in Seram.", False),
        ("The harbour in Ambon will be widened by Seram.", "The harbour is in Ambon.", True),
        ("Ambon is a partner of Seram in fisheries.", "Ambon is a partner of Seram.", True),
        ("Ambon met the partner of Seram.", "Ambon is a partner of Seram.", False),
        ("The rector of Ambon – Seram was closed – is a poet.", "The rector of Seram is a poet.", False),
    ],
)
def test_what_is_what_and_where_stands_together(text: str, sentence: str, held: bool) -> None:
    assert (not support(sentence, "en", lines_of(whole_source(source(text)))).problems) is held


@pytest.mark.parametrize(
    ("text", "sentence", "held"),
    [
        (
            "Wakil Menteri Luar Negeri Igor Morgulov bertemu Menteri Luar Negeri Retno Marsudi.",
            "Igor Morgulov is Wakil Menteri Luar Negeri.",
            True,
        ),
        (
            "Wakil Menteri Luar Negeri Igor Morgulov bertemu Menteri Luar Negeri Retno Marsudi.",
            "Igor Morgulov is Menteri Luar Negeri.",
            False,
        ),
        (
            "Hadir Wakil Menteri Luar Negeri, Igor Morgulov. Ia bertemu Menteri Luar Negeri Retno Marsudi.",
            "Retno Marsudi is Wakil Menteri Luar Negeri.",
            False,
        ),
    ],
)
def test_a_title_in_the_sources_language_is_that_of_whom_it_stands_by(text: str, sentence: str, held: bool) -> None:
    lines = lines_of(whole_source(source(text, language="id")))
    assert (not support(sentence, "en", lines).problems) is held


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The council held a meeting in Ambon. This meeting was attended by ten ministers.", True),
        ("The council held a meeting in Ambon. The meeting was attended by ten ministers.", False),
        ("The council held a meeting in Ambon. This summit was attended by ten ministers of the meeting.", False),
        ("The council held a meeting in Ambon.\n\nThis meeting was attended by ten ministers.", False),
        ("This meeting was attended by ten ministers. The council held a meeting in Ambon.", False),
    ],
)
def test_what_a_sentence_points_back_to_may_be_where_the_one_before_says(text: str, held: bool) -> None:
    claim = "Ten ministers attended the meeting in Ambon."
    assert (not support(claim, "en", lines_of(whole_source(source(text)))).problems) is held


@pytest.mark.parametrize(
    ("sentence", "held"),
    [
        ("The port buys coal.", True),
        ("The port sells coal.", False),
        ("The port sells fish.", True),
        ("The port buys fish.", False),
        ("Coal is bought by the port.", True),
        ("Coal is sold by the port.", False),
    ],
)
def test_of_two_contraries_each_is_said_of_its_own_thing(sentence: str, held: bool) -> None:
    text = "The port buys coal and in turn sells fish."
    assert (not support(sentence, "en", lines_of(whole_source(source(text)))).problems) is held


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Norway refused to accept the offer.", "Norway refused to accept the offer."),
        ("The parties agreed to reject the plan.", "The parties agreed to reject the plan."),
        ("The council approved a ban on plastic bags.", "The council approved a ban on plastic bags."),
        ("Anna Brisk joined the party in 2010 and left it in 2015.", "Anna Brisk left the party in 2015."),
        ("The company bought the factory in 2010 and sold it in 2015.", "The company sold the factory in 2015."),
        ("The port buys coal and in turn sells fish.", "Fish is sold by the port."),
        ("The meeting begins on Monday and ends on Friday.", "The meeting ends on Friday."),
        (
            "The mayor, Siti Rahma, opened it. “Bidara makes too little,” she said.",
            "“Bidara makes too little,” she said.",
        ),
    ],
)
def test_nothing_speaks_against_what_is_said_in_the_same_words(text: str, sentence: str) -> None:
    assert not support(sentence, "en", lines_of(whole_source(source(text)))).problems
