"""The network tells a sentence that answers from one that nearly does, whatever the languages of the two."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.models.encoder import PASSAGE, QUERY, load_encoder
from assistant.models.interaction import (
    DIMENSIONS,
    Codes,
    Interaction,
    code_rules,
    decoded,
    digest_of_coding,
    interaction,
)

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


def read(question: str, sentence: str) -> float:
    [asked] = load_encoder().encode([question], QUERY)
    return interaction().log_odds(asked.states, coded(sentence))


def coded(sentence: str) -> Codes:
    return interaction().codes(load_encoder().encode([sentence], PASSAGE)[0].states)


@pytest.mark.parametrize(("question", "answers", "nearly"), PAIRS)
def test_a_sentence_that_answers_is_above_one_that_nearly_does(question: str, answers: str, nearly: str) -> None:
    assert read(question, answers) > read(question, nearly)


def test_sentences_about_something_else_are_below() -> None:
    others = [answers for _, answers, _ in PAIRS]
    for question, answers, _ in PAIRS:
        assert read(question, answers) > np.mean([read(question, other) for other in others if other != answers]) + 1


def test_codes_are_bytes_of_a_sentence() -> None:
    codes = coded(PAIRS[0][1])
    assert codes.dtype == np.int8
    assert codes.shape[1] == DIMENSIONS
    assert np.array_equal(decoded(codes.tobytes()), codes)


def test_codes_of_other_weights_are_told_apart() -> None:
    known = interaction().weights
    assert digest_of_coding(Interaction(known)) == code_rules()
    for name, other in (("directions", known["directions"] * 2), ("said_mean", known["said_mean"] + 1)):
        assert digest_of_coding(Interaction({**known, name: other})) != code_rules()
    assert digest_of_coding(Interaction({**known, "answer.bias": known["answer.bias"] + 1})) == code_rules()


def test_every_weight_counts() -> None:
    [asked] = load_encoder().encode([PAIRS[0][0]], QUERY)
    codes = coded(PAIRS[0][1])
    before, rng = interaction().log_odds(asked.states, codes), np.random.default_rng(1)
    for name, values in interaction().weights.items():
        changed = Interaction(
            {**interaction().weights, name: values + rng.normal(size=values.shape).astype(np.float32)}
        )
        counts = changed.log_odds(asked.states, codes) != before
        assert counts is (name != "said_mean"), name  # which is in the codes already
