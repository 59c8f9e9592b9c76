"""Acronyms that a question wants spelt out, terms that it wants defined, and the passages that do."""

from __future__ import annotations

import pytest

from assistant.steps.condense import condense
from assistant.steps.meanings import (
    asked_acronyms,
    asked_somebody,
    asked_term,
    defines,
    introduces,
    may_define,
    spells_out,
)
from assistant.text.questions import Analysis
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
        ("What does the term resilience mean?", ["resilience"]),
        ("Apa arti istilah kesenjangan digital?", ["kesenjangan digital"]),
        ("Что значит термин «резонанс»?", ["резонанс"]),
        ("Nga là gì?", ["Nga"]),
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
        "What is a council of fishermen in Ambon?",  # a thing, not a word to explain
        "What is the 16th meeting?",
        "What is Morgulov's?",
        "What is the role of Ambon?",
        "Apa itu peran Ambon?",
        "Apakah Ambon?",
        "Apakah itu Ambon?",
        "Dokumen itu apa?",
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
    ("question", "text", "defined"),
    [
        ("What is Ambon?", "Ambon is a town in Maluku.", True),
        ("What is Ambon?", "Ambon (from Malay) is\na quiet town.", True),
        ("What is Ambon?", "The mayor of Ambon is a lawyer.", False),
        ("What is Ambon?", "In Ambon is a harbour.", False),
        ("What is Ambon?", "Whether Ambon is a good choice is unclear.", False),
        ("What is Ambon?", "Ambon means well.", False),
        ("What is Ambon?", "Ambon council is the owner.", False),
        ("What is Ambon?", "Ambon (Antara) – The council met.", False),
        ("Apa itu keamanan siber?", "Cyber security is the protection of computers.", True),
        ("What is cyber security?", "Keamanan siber adalah perlindungan komputer.", True),
        ("What is cyber security?", "Kerja sama keamanan siber adalah prioritas.", False),
        ("Apa itu Ambon?", "Di Ambon adalah kantor Jose.", False),
        ("Что такое Амбон?", "Амбон — город на Молуккских островах.", True),
        ("Что такое Амбон?", "В Амбоне — дождь.", False),
        ("什么是网络安全？", "网络安全是保护计算机。", True),
        ("东盟是什么？", "东盟是否同意不清楚。", False),
        ("东盟是什么？", "东盟还是同意了。", False),
    ],
)
def test_a_clause_that_is_a_term_and_what_it_is_defines_it(question: str, text: str, defined: bool) -> None:
    asked, said = _asked_of(question, text)
    assert defines(said, asked_term(asked)) is defined


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is Seminyak?", "Seminyak, a beach resort on Bali, hosted the dinner."),
        ("What is Ubud?", "Ubud is also a centre of painting."),
        ("What is Canggu?", "Canggu is Bali's surfing village."),
        ("What is Uluwatu?", "Uluwatu was once a fishing village."),
        ("What is a tariff?", "Tariffs are taxes on goods from abroad."),
        ("What does phishing mean?", "Phishing is fraud by e-mail."),
        ("What is Lovina?", "Lovina: a stretch of black beaches."),
        ("What is Kuta?", "Kuta (a beach resort on Bali) hosted it."),
        ("What is a promagistrate?", "In Rome a promagistrate was a former consul."),
        ("Apa itu Subak?", "Subak yaitu organisasi petani."),
        ("Apa itu pengelabuan?", "Penipuan lewat surel disebut pengelabuan."),
        ("Apa itu resilient?", "Ketahanan (resilient) diharapkan."),
        ("Что такое Ловина?", "Ловина, курорт на севере острова, принимала гостей."),
        ("Что такое фишинг?", "Под фишингом понимают обман по почте."),
        ("Что такое Чангу?", "Чангу представляет собой деревню."),
        ("What is Igor Morgulov?", "The deputy minister, Igor Morgulov, came."),
        ("What is Indonesia?", "The role of Indonesia as country coordinator grows."),
    ],
)
def test_a_passage_may_say_what_a_term_is_in_other_words(question: str, text: str) -> None:
    asked, said = _asked_of(question, text)
    assert asked_term(asked) and may_define(said, asked_term(asked))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is Ambon?", "The council met in Ambon."),
        ("What is Ambon?", "The harbour is a part of Ambon."),
        ("What is Ambon?", "Ambon (Antara) – The council met."),
        ("What is Ambon?", "Ambon (Bisnis Bali) – The council met."),
        ("What is Ambon?", "They met in Ambon, 19-20 February 2019."),
        ("What is cyber security?", "Three fields come first: trade, cyber security, tourism."),
        ("What is a meeting?", "The council led the meeting."),
        ("What is Russia?", "The ministers of Russia spoke."),
        ("Что такое Амбон?", "Встреча прошла в Амбоне."),
    ],
)
def test_a_passage_that_only_has_a_term_does_not_say_what_it_is(question: str, text: str) -> None:
    asked, said = _asked_of(question, text)
    assert asked_term(asked) and not may_define(said, asked_term(asked))


def _asked_of(question: str, text: str) -> tuple[Analysis, Passage]:
    asked = condense(Question(question=question))
    [said] = passages(asked, source(text, language=condense(Question(question=text)).language))
    return asked, said


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is Ana Sato?", ["Ana", "Sato"]),
        ("who's Sato", ["Sato"]),
        ("Who is Dr. Ana Sato, please?", ["Ana", "Sato"]),
        ("Siapa itu Ana Sato?", ["Ana", "Sato"]),
        ("Кто такая Анна Ремизова?", ["Анна", "Ремизова"]),
        ("Sino si Ana Sato?", ["Ana", "Sato"]),
        ("Who is with Ana Sato?", []),
        ("Who are Ana and Joko?", []),
        ("Who are Ana, Joko?", []),
        ("Who invited Ana Sato?", []),
        ("Who is the mayor?", []),
        ("Who is Russia?", []),
        ("Who is UNESCO?", []),
        ("What is Ana Sato?", []),
    ],
)
def test_who_somebody_is_is_asked(question: str, name: list[str]) -> None:
    assert [token.text for token in asked_somebody(condense(Question(question=question)))] == name


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("The mayor, Ana Sato, opened the pier.", True),
        ("Ambassador Ana Sato presented her credentials.", True),
        ("They met Ana Sato, the mayor of Ambon.", True),
        ("They met Ana Sato, mayor of Ambon.", True),
        ("The mayor, Siti Ana Sato, opened the pier.", True),
        ("The mayor, Ana Sata, opened the pier.", False),
        ("The mayor met Ana Sato in Ambon.", False),
        ("The mayor, Joko Sato, met Ana.", False),
        ("Ana Sato opened the pier, the mayor said.", False),
        ("Ana Sato and the mayor opened it.", False),
    ],
)
def test_a_passage_introduces_somebody_by_what_stands_right_beside_the_name(text: str, tells: bool) -> None:
    assert introduces(passage(text), asked_somebody(condense(Question(question="Who is Ana Sato?")))) is tells
