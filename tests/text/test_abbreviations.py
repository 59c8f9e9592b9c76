"""Full stops that belong to a word end no sentence; those of words that only sometimes have one do."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest

from assistant.text.abbreviations import ends
from assistant.text.sentences import split


def texts(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "CLLR. BLUNT: I have a letter here.",
        "CHAIR (Cllr. Judith Mbeki): Good afternoon.",
        "Messrs. Hall and Capt. Strachan met Lt. Moore, Sgt. Bell and Rt. Hon. Anne Grey.",
        "Rapat dipimpin Hj. Ratna Dewanti, S.Sos., M.Si. (Sekretaris Daerah) di aula.",
        "Hadir KH. Imam Ghozali, Dra. Siti, Drg. Maryam, Ny. Brotoamidjojo dan Letkol. Ventje Sumual.",
        "Kolonel (Purn.) Agus Salim dan PT. Timah hadir.",
        "Biayanya Rp. 15 juta menurut Prof. Budi.",
        "Выступили акад. Орлов, доц. Панова, г-жа. Серова и гр. Иванов.",
        "Заседание прошло на просп. Мира, д. 5, корп. 2, кв. 12, оз. Светлое рядом.",
        "Решение приняли и. о. Директора Лапин и др. Участники.",
        "Доклад сделала к.т.н. Воронина Т.А. Присутствующим понравилось.",
        "Бюджет вырос на 2 трлн. Рублей, т. е. Заметно.",
        "According to R.M. Soedarsono and J.B. Sumarlin it was art. 5, para. 2.",
        "PGS.TS. Nguyễn Văn An chủ trì.",
        "Nagsalita sina Gng. Reyes, Atty. Cruz at Engr. Santos.",
    ],
)
def test_titles_initials_degrees_and_places_end_no_sentence(sentence: str) -> None:
    assert texts(f"{sentence}\n\n{sentence}") == [sentence, sentence]


@pytest.mark.parametrize(
    "item",
    [
        "2. **Dr. Fossum** – commission samples",
        "_Prof. Retno_ and [Dr. Budi] spoke",
        "ООО «ОзёрСтрой» (Сафин Р. Т.) – довести численность до 170 человек.",
        "Отделу архитектуры (Воронина Т. А.) Согласовать закрытие.",
        "“Stop!” – he said.",
    ],
)
def test_emphasis_brackets_and_dashes_around_them_change_nothing(item: str) -> None:
    assert texts(item) == [item]


@pytest.mark.parametrize(
    "item",
    [
        "### 2. Dredging of the inner basin",
        "**3. Budget**",
        "> 4. Fees",
        "1.1. На 10 октября 2022 года выполнено 62 % работ.",
        "12.3.4. Scope",
        "IV. Keputusan",
        "a. Dinas PU menutup tanggul.",
        "б. Отчёт принять.",
        "1.) Opening",
    ],
)
def test_the_number_of_a_heading_or_an_item_stays_with_it(item: str) -> None:
    assert texts(item) == [item]
    assert texts(f"Agenda of the day\n   {item}")[-1].endswith(item)


@pytest.mark.parametrize(
    "sentences",
    [
        ["MS. ADEYEMI: No.", "The piles are vibrated."],
        [
            "They talked of art.",
            "Nobody slept in the sun.",
            "The clerk read chapter IV.",
            "It grew by 1.1.",
            "So it was.",
        ],
        ["Участвовали министры, послы и т. д.", "Следующее заседание будет в мае."],
        ["Участвовали министры, послы и т.д.", "Следующее заседание будет в мае."],
        ["Họ bàn về thương mại, du lịch, v.v.", "Cuộc họp kết thúc."],
        ["He wrote to the office (of the town).", "It answered."],
        ["(The chair left at noon.)", "The rest went on."],
        ["– Мы начинаем завтра, – сказал он.", "– Завтра будет поздно."],
    ],
)
def test_words_that_may_end_a_sentence_end_it(sentences: list[str]) -> None:
    assert texts(" ".join(sentences)) == sentences


@pytest.mark.parametrize("piece", ["Cllr. ", "а.", "1.1.", "(R. T.) – ", "**", "# 1. ", " \t>#*", "IV. "])
def test_the_look_back_from_a_full_stop_is_bounded(piece: str) -> None:
    begun = time.process_time()
    assert split(piece * (300_000 // len(piece)) + ". X")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Who is Dr. Sato: the chair. Who else?", ["Who is Dr. Sato: ", "the chair. ", "Who else?"]),
        ("J. Sato came; who is he?", ["J. Sato came; ", "who is he?"]),
        ("Dr: who is he?", ["Dr: ", "who is he?"]),
        ("It rains", ["It rains"]),
    ],
)
def test_parts_end_where_no_full_stop_of_a_word_is(text: str, parts: list[str]) -> None:
    at = [0, *ends(re.compile(r"[.:;]\s+"), text), len(text)]
    assert [text[a:b] for a, b in pairwise(at)] == parts
