"""Acronyms that a question wants spelt out, and the passages that do."""

from __future__ import annotations

import pytest

from assistant.steps.acronyms import asked_acronyms, spells_out
from assistant.steps.condense import condense
from assistant.types import Passage, Question

from .made import passages, source


def passage(text: str) -> Passage:
    return passages(condense(Question(question="What is CSF?")), source(text))[0]


@pytest.mark.parametrize(
    "question",
    [
        "What is CSF?",
        "And what's the CSF, please?",
        "What does CSF mean in this report?",
        "Spell out CSF",
        "CSF in full?",
        "What does CSF stand for?",
        "Apa itu CSF?",
        "CSF itu apa sih?",
        "Lalu apa arti CSF?",
        "Что такое CSF?",
        "А что значит CSF?",
        "CSF là gì?",
        "CSFคืออะไร",
        "Ano po ang CSF?",
        "CSF是什么？",
    ],
)
def test_the_meaning_of_an_acronym_is_asked(question: str) -> None:
    assert asked_acronyms(condense(Question(question=question))) == ("CSF",)


@pytest.mark.parametrize(
    "question",
    [
        "What is CSF doing?",
        "What is the CSF plan?",
        "What about CSF?",
        "Who chairs CSF?",
        "Tell me about CSF",
        "What is Ambon?",
        "Apa saja CSF?",
    ],
)
def test_something_else_is_asked(question: str) -> None:
    assert asked_acronyms(condense(Question(question=question))) == ()


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("The Committee of Senior Farmers (CSF) met in Ambon.", "CSF"),
        ("The CSF (Committee of Senior Farmers) met in Ambon.", "CSF"),
        ("The CSF is a club of farmers.", "CSF"),
        ("CSF adalah perkumpulan petani.", "CSF"),
        ("CSF — это клуб фермеров.", "CSF"),
        ("CSF là câu lạc bộ nông dân.", "CSF"),
        ("CSFคือสมาคมเกษตรกร", "CSF"),
        ("CSF是农民协会。", "CSF"),
        ("They spoke of Harbour and Railway Technologies.", "HRT"),
        ("They signed a Memorandum of Understanding.", "MoU"),
        ("Комитет старших фермеров (КСФ) собрался.", "KSF"),
        ("Komitet Starshikh Fermerov (KSF) met.", "КСФ"),
    ],
)
def test_a_passage_says_what_an_acronym_is(text: str, acronym: str) -> None:
    assert spells_out(passage(text), acronym)


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("The CSF met in Ambon.", "CSF"),
        ("The CSF is meeting in Ambon.", "CSF"),
        ("The Association and the Russian Farmers met.", "ARF"),  # two words are left out
        ("The Union and Senior farmers met.", "US"),  # so short a row says nothing
        ("It is a CSFX, that is a tractor.", "CSF"),
        ("The chair of CSF is a farmer.", "CSF"),
        ("Ketua CSF adalah petani.", "CSF"),
        ("“It was clear and simple,” said Farah. (csf)", "CSF"),  # how it is signed
        ("Ambon (Coral Sea Files) reports.", "AMBON"),
        ("The Union Senate met.", "US"),
    ],
)
def test_a_passage_does_not_say_what_an_acronym_is(text: str, acronym: str) -> None:
    assert not spells_out(passage(text), acronym)
