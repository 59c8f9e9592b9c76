"""What a language model says where it found nothing."""

from __future__ import annotations

import pytest

from assistant.steps.llm import declines


@pytest.mark.parametrize(
    "said",
    [
        "It is not stated in the passages.", "The passages do not state it.", "В отрывках это не указано.",
        "Отрывки этого не сообщают.", "Tidak disebutkan dalam bagian tersebut.", "Bagian-bagian tersebut tidak menyebutkannya.",
        "Kutipan tidak menyatakannya.",
    ],
)  # fmt: skip
def test_a_model_that_says_it_is_not_there_declines(said: str) -> None:
    assert declines(said)


@pytest.mark.parametrize(
    "said",
    [
        "Siti Rahma led the harbour meeting in Ambon.",
        "Стороны не подписали договор.",
        "Negara itu tidak menyebutkan jumlahnya.",
        "The sum was not mentioned by Siti.",
    ],
)
def test_what_a_source_denies_is_no_refusal(said: str) -> None:
    assert not declines(said)
