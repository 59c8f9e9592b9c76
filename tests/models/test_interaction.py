"""The network tells a sentence that answers from one that nearly does, whatever the languages of the two."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.models import graph
from assistant.models.encoder import PASSAGE, QUERY, load_encoder
from assistant.models.interaction import CODING, DIMENSIONS, LONGEST, Codes, code_rules, codes, decoded, log_odds

PAIRS = [
    (
        "Who signed the agreement on rice?",
        "Perjanjian ekspor beras itu ditandatangani Menteri Perdagangan Vietnam di Hanoi kemarin.",
        "Perjanjian ekspor beras itu akan berlaku selama lima tahun dan mencakup tiga pelabuhan.",
    ),
    (
        "Berapa lama perjanjian itu berlaku?",
        "The accord runs for five years and covers three ports on the northern coast.",
        "The accord was signed by both ministers in Hanoi and covers three ports on the northern coast.",
    ),
    (
        "Почему заседание перенесли?",
        "Rapat ditunda karena banjir merendam gedung balai kota sejak Senin.",
        "Rapat ditunda hingga pekan depan, kata sekretaris panitia, dan undangan baru sudah dikirim.",
    ),
    (
        "How much will the new library cost?",
        "Строительство новой библиотеки обойдётся городу в сорок миллионов рублей.",
        "Строительство новой библиотеки начнётся весной и займёт около двух лет.",
    ),
    (
        "Where will the fishermen meet next?",
        "Nelayan sepakat bertemu lagi di Tual pada bulan Oktober untuk membahas kuota.",
        "Nelayan yang bertemu di Ambon pada bulan Juni belum sepakat tentang kuota.",
    ),
    (
        "Siapa yang menentang pembangunan bendungan?",
        "Farmers from four villages spoke out against the dam, which would flood their orchards.",
        "Farmers from four villages were told about the dam, which would be finished in May.",
    ),
    (
        "Какие языки будут на сайте?",
        "The portal will be offered in Malay, Tamil and English from January.",
        "The portal will be offered to all schools free of charge from January.",
    ),
    (
        "Kapan museum dibuka kembali?",
        "Музей вновь примет посетителей третьего сентября после двухлетнего ремонта.",
        "Музей вновь примет посетителей после двухлетнего ремонта, который оплатил городской фонд.",
    ),
]


def read(question: str, *sentences: str) -> list[float]:
    [asked] = load_encoder().encode([question], QUERY)
    return [log_odds(asked.states, coded(sentence)) for sentence in sentences]


def coded(sentence: str) -> Codes:
    return codes(load_encoder().encode([sentence], PASSAGE)[0].states)


@pytest.mark.parametrize(("question", "answers", "nearly"), PAIRS)
def test_a_sentence_that_answers_is_above_one_that_nearly_does(question: str, answers: str, nearly: str) -> None:
    of_answer, of_other = read(question, answers, nearly)
    assert of_answer > of_other


def test_sentences_about_something_else_are_below() -> None:
    for question, answers, _ in PAIRS:
        of_answer, *of_others = read(question, answers, *(other for _, other, _ in PAIRS if other != answers))
        assert of_answer > np.mean(of_others) + 1


def test_of_a_long_text_the_beginning_is_read_in_a_time_that_is_bounded() -> None:
    rng = np.random.default_rng(1)
    states = rng.normal(size=(3 * LONGEST, load_encoder().dimension)).astype(np.float32)
    long = rng.integers(-50, 50, (3 * LONGEST, DIMENSIONS)).astype(np.int8)
    assert log_odds(states, long) == log_odds(states[:LONGEST], long[:LONGEST])


def test_nothing_cannot_be_read() -> None:
    states, codes_of_it = np.zeros((3, load_encoder().dimension), np.float32), coded(PAIRS[0][1])
    for asked, said in ((states[:0], codes_of_it), (states, codes_of_it[:0])):
        with pytest.raises(ValueError, match="nothing to read"):
            log_odds(asked, said)


def test_codes_are_bytes_of_a_sentence() -> None:
    of_sentence = coded(PAIRS[0][1])
    assert of_sentence.dtype == np.int8
    assert of_sentence.shape[1] == DIMENSIONS
    assert np.array_equal(decoded(of_sentence.tobytes()), of_sentence)


def test_codes_made_otherwise_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    known = graph.content(CODING)
    assert code_rules.__wrapped__() == code_rules()
    monkeypatch.setattr(graph, "content", lambda name: known + b"x" * (name == CODING))
    assert code_rules.__wrapped__() != code_rules()
