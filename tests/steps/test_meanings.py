"""Acronyms that a question wants spelt out, terms that it wants defined, and the passages that do."""

from __future__ import annotations

import pytest

from assistant.steps.condense import condense
from assistant.steps.meanings import asked_acronyms, asked_term, defines, spells_out
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


def term(question: str) -> list[str]:
    return [token.text for token in asked_term(condense(Question(question=question)))]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What is Ambon?", ["Ambon"]),
        ("And what is Ambon, please?", ["Ambon"]),
        ("What is a harbour?", ["harbour"]),
        ("What is cyber security?", ["cyber security"]),
        ("What is meant by resilience?", ["resilience"]),
        ("Define counter-terrorism", ["counter-terrorism"]),
        ("Apa itu Ambon?", ["Ambon"]),
        ("Apa yang dimaksud dengan kemitraan strategis?", ["kemitraan strategis"]),
        ("Что такое Амбон?", ["Амбон"]),
        ("А что такое стратегическое партнёрство?", ["стратегическое партнёрство"]),
        ("Ambon là gì?", ["Ambon"]),
        ("Ano ba ang Ambon?", ["Ambon"]),
        ("อาเซียนคืออะไร", ["อาเซียน"]),
        ("东盟是什么？", ["东盟"]),
        ("什么是网络安全？", ["网络安全"]),
    ],
)
def test_the_meaning_of_a_term_is_asked(question: str, words: list[str]) -> None:
    assert term(question) == words


@pytest.mark.parametrize(
    "question",
    [
        "What is CSF?",  # an acronym
        "What is agenda?",  # that of the meeting
        "What is the harbour?",
        "What is planned?",
        "What is Ambon doing?",
        "What is a harbour council of fishermen?",  # a thing, not a word to explain
        "What is the 16th meeting?",
        "Apa itu pertemuan ke-16?",
        "Apa arti pertemuan ini?",
        "Что это за встреча?",
        "Chủ đề là gì?",
        "Ano ang paksa?",
        "ประเด็นหลักคืออะไร",
        "主题是什么？",
    ],
)
def test_something_else_than_a_meaning_is_asked(question: str) -> None:
    assert term(question) == []


@pytest.mark.parametrize(
    ("question", "text", "surely"),
    [
        ("What is Ambon?", "Ambon is a town in Maluku.", 1.0),
        ("What is Ambon?", "Ambon (from Malay) is the capital.", 1.0),
        ("What is Ambon?", "Ambon, in Malay, means dew.", 0.5),
        ("What is a promagistrate?", "In Rome a promagistrate was a former consul.", 0.5),
        ("What is Ambon?", "The mayor of Ambon is a lawyer.", 0.5),
        ("What is Ambon?", "Ambon council is the owner.", 0.5),
        ("What is Ambon?", "The council met in Ambon.", 0.0),
        ("What is Ambon?", "The harbour is a part of Ambon.", 0.0),
        ("What is Ambon?", "Ambon (Antara) – The council met.", 0.0),
        ("Apa itu keamanan siber?", "Cyber security is the protection of computers.", 1.0),
        ("What is cyber security?", "Keamanan siber adalah perlindungan komputer.", 1.0),
        ("What is cyber security?", "Kerja sama keamanan siber adalah prioritas.", 0.5),
        ("Что такое Амбон?", "Амбон — город на Молуккских островах.", 1.0),
        ("什么是网络安全？", "网络安全是保护计算机。", 1.0),
    ],
)
def test_how_surely_a_passage_says_what_a_term_is(question: str, text: str, surely: float) -> None:
    asked = condense(Question(question=question))
    [said] = passages(
        asked, source(text, language="id" if "adalah" in text else condense(Question(question=text)).language)
    )
    assert defines(said, asked_term(asked)) == surely
