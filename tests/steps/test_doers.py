"""Doers: who does something is who the source says does it."""

from __future__ import annotations

import pytest

from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of
from assistant.steps.support import support

from .made import source

OPENED = "Governor Anna Vetrova opened the hospital, and Minister Oleg Dronov handed out medals."
DAM = "Gubernur Sri Handayani meresmikan Bendungan Karang Jati, sedangkan Bupati Joko Prabowo menyerahkan bantuan."
HOSPITAL = "Губернатор Анна Ветрова открыла больницу в Зареченске, а министр Олег Дронов вручил награды."


@pytest.mark.parametrize(
    ("text", "language", "sentence", "held"),
    [
        (OPENED, "en", "Minister Oleg Dronov opened the hospital.", False),
        (OPENED, "en", "Governor Anna Vetrova opened the hospital.", True),
        (OPENED, "en", "Minister Oleg Dronov handed out medals.", True),
        ("The hospital was opened by Minister Oleg Dronov.", "en", "Minister Oleg Dronov opened the hospital.", True),
        (DAM, "id", "Bupati Joko Prabowo meresmikan Bendungan Karang Jati.", False),
        (DAM, "id", "Joko Prabowo meresmikan Bendungan Karang Jati.", False),
        (DAM, "id", "Gubernur Sri Handayani meresmikan Bendungan Karang Jati.", True),
        (HOSPITAL, "ru", "Министр Олег Дронов открыл больницу в Зареченске.", False),
        (HOSPITAL, "ru", "Губернатор Анна Ветрова открыла больницу.", True),
    ],
)
def test_of_two_clauses_each_has_its_own_doer(text: str, language: str, sentence: str, held: bool) -> None:
    found = support(sentence, language, lines_of(whole_source(source(text, language=language))))
    assert (not found.problems) is held, found.problems


@pytest.mark.parametrize(
    ("language", "text", "sentence", "held"),
    [
        ("en", "Carol Liu succeeded Per Hansen as director.", "Per Hansen succeeded Carol Liu as director.", False),
        ("en", "Carol Liu succeeded Per Hansen as director.", "Carol Liu succeeded Per Hansen.", True),
        ("en", "Carol Liu succeeded Per Hansen as director.", "Per Hansen was succeeded by Carol Liu.", True),
        ("id", "Andi Saputra menggantikan Budi Laut.", "Budi Laut menggantikan Andi Saputra.", False),
        ("id", "Andi Saputra menggantikan Budi Laut.", "Budi Laut digantikan oleh Andi Saputra.", True),
        ("ru", "Директор Савельев обвинил бухгалтера Титову.", "Бухгалтер Титова обвинила директора Савельева.", False),
        ("ru", "Директор Савельев обвинил бухгалтера Титову.", "Бухгалтера Титову обвинил директор Савельев.", True),
        ("en", "Norway's capital Oslo hosted the games.", "Oslo is the capital of Norway.", True),
        ("id", "Oleh Andi Saputra diangkat Budi Laut.", "Budi Laut diangkat oleh Andi Saputra.", True),
        ("ru", "Россия граничит с Норвегией.", "Норвегия граничит с Россией.", True),
    ],
)
def test_who_does_it_to_whom_is_not_turned_round(language: str, text: str, sentence: str, held: bool) -> None:
    found = support(sentence, language, lines_of(whole_source(source(text, language=language))))
    assert (not found.problems) is held, found.problems
