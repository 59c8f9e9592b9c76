"""Words that mean the same are near, in whatever languages; what an answer has to hold is told from what it need not."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.models.encoder import PASSAGE, QUERY, load_encoder
from assistant.models.words import DIMENSIONS, AskedWord, Codes, cosines, decoded, word_space

SAID = "Menteri perdagangan Vietnam menandatangani perjanjian tentang ekspor beras di Hanoi kemarin."


def _codes(text: str) -> Codes:
    return word_space().codes(load_encoder().encode([text], PASSAGE)[0].states)


def _asked(text: str, *words: str) -> tuple[AskedWord, ...]:
    [encoded] = load_encoder().encode([text], QUERY)
    return word_space().asked(encoded, [(text.index(word), text.index(word) + len(word)) for word in words])


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("Which minister signed the agreement on rice?", ("minister", "rice"), ("Which",)),
        ("How many tractors did the minister promise?", ("minister",), ("tractors", "promise")),
        ("Какой министр подписал соглашение об экспорте риса?", ("министр", "подписал", "риса"), ("Какой",)),
        ("Кто отказался от строительства завода в Ханое?", ("Ханое",), ("отказался", "завода")),
    ],
)
def test_words_that_are_said_in_another_language_are_nearer(
    question: str, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    near = word_space().nearness(_asked(question, *said, *unsaid), [_codes(SAID)], same_language=False)[0]
    assert min(near[: len(said)]) > max(near[len(said) :])


def test_a_name_is_needed_more_than_a_word_of_manner() -> None:
    name, manner = _asked("In what sort of way did Nguyen speak?", "Nguyen", "sort")
    assert name.necessity > manner.necessity + 0.5


def test_nearness_is_that_of_the_nearest_word_of_each_text() -> None:
    first, second = np.eye(DIMENSIONS, dtype=np.float32)[:2]
    asked = (AskedWord(first, 0.0), AskedWord(second, 0.0))
    texts = [decoded(bytes(row.astype(np.int8).tobytes())) for row in (np.stack([first, -second]) * 127, second * 127)]
    assert cosines(asked, texts).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert cosines(asked, [texts[0], decoded(b"")]).tolist() == [[1.0, 0.0], [-1.0, -1.0]]
    assert cosines((), texts).shape == (2, 0)
    assert word_space().asked(load_encoder().encode(["?"], QUERY)[0], []) == ()


def test_within_a_language_words_have_to_come_nearer_to_count_as_much() -> None:
    asked, said = _asked("Which minister signed?", "minister"), [_codes(SAID)]
    within, between = (word_space().nearness(asked, said, same_language=same)[0, 0] for same in (True, False))
    assert within < between


def test_codes_are_bytes_of_a_sentence() -> None:
    codes = _codes(SAID)
    assert codes.dtype == np.int8
    assert codes.shape[1] == DIMENSIONS
    assert np.array_equal(decoded(codes.tobytes()), codes)
