"""A pronoun that only announces a clause stands for nothing that was spoken of."""

from __future__ import annotations

import pytest

from assistant.text.questions import analyse


@pytest.mark.parametrize(
    ("question", "pronouns"),
    [
        ("How much does it cost to renew a permit?", ()),
        ("Is it true that quotas were cut?", ()),
        ("It's usually better to wait for the next ferry, isn't that so?", ("that",)),
        ("Does it really matter which card comes first?", ()),
        ("Is it true that that was cut by the board?", ("that",)),
        ("Would it still be possible to fish from the lake pier?", ()),
        ("When was it decided to close the harbour?", ()),
        ("Is it OK if I empty the pool onto the lawn?", ()),
        ("Is it worth renewing the permit?", ()),
        # Of what was spoken of:
        ("Is it worth keeping?", ("it",)),
        ("Is it worth visiting in winter?", ("it",)),
        ("Is it worth a lot of money?", ("it",)),
        ("How much does it cost?", ("it",)),
        ("What does it take to get that?", ("it", "that")),
        ("Does it take long to build?", ("it",)),
        ("Is it safe to walk on?", ("it",)),
        ("Is it allowed to carry goods?", ("it",)),
        ("Does it matter? What else was said about the harbour?", ("it",)),
        ("Was it taken to the court of the harbour town?", ("it",)),
        ("Can I use it to pay the fee of the harbour?", ("it",)),
        ("Does it need to close the harbour?", ("it",)),
    ],
)
def test_in_english(question: str, pronouns: tuple[str, ...]) -> None:
    assert analyse(question, "en").pronouns == pronouns


@pytest.mark.parametrize(
    ("question", "pronouns"),
    [
        ("Это правда, что квоты сократили?", ()),
        ("Это верно что квоты сократили?", ()),
        ("Правда ли это, что квоты сократили?", ()),
        ("Правда ли это?", ("это",)),
        ("Сколько это стоит?", ("это",)),
        ("Это так глубоко, что дна озера не видно?", ("это",)),
        ("Это правда? А что с квотами рыбаков?", ("это",)),
    ],
)
def test_in_russian(question: str, pronouns: tuple[str, ...]) -> None:
    assert analyse(question, "ru").pronouns == pronouns


@pytest.mark.parametrize(
    ("question", "pronouns"),
    [
        ("Apakah itu benar bahwa kuota dipotong?", ()),
        ("Benarkah itu bahwa pelabuhan ditutup?", ()),
        ("Apakah itu benar?", ("itu",)),
        ("Apakah dokumen itu menyatakan bahwa pelabuhan ditutup?", ("itu",)),
    ],
)
def test_in_indonesian(question: str, pronouns: tuple[str, ...]) -> None:
    assert analyse(question, "id").pronouns == pronouns
