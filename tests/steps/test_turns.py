"""Turns: the lines of a transcript are said by whoever they, or lines before them, begin with."""

from __future__ import annotations

import pytest

from assistant.steps.context import whole_source
from assistant.steps.lines import lines_of, voice
from assistant.steps.support import support

from .made import source

HEARING = """TRANSCRIPT OF THE HEARING

CHAIR: How much will the pier cost?

MR. ARRIETA: Four million euros. The bank lends half of it.

Ngozi Okoro: And the harbour master? I asked him twice.

CHAIR: He is ill.

MR. ARRIETA: We expect him in May."""
PROTOCOL = """Срок: до 25 октября.
Ответственный: Сафин.
Срок: до 3 ноября.
Вопрос: о крыше.
Срок: до 9 ноября."""


def speakers(text: str, language: str = "en") -> list[str]:
    return [" ".join(t.text for t in line.speaker) for line in lines_of(whole_source(source(text, language=language)))]


def test_who_began_speaks_until_somebody_else_does() -> None:
    assert speakers(HEARING) == ["", "CHAIR", "ARRIETA", "ARRIETA", *["Ngozi Okoro"] * 2, "CHAIR", "ARRIETA"]


def test_the_sentence_that_names_the_speaker_is_known() -> None:
    passages = whole_source(source(HEARING))
    told = voice(passages[3])
    assert told is not None
    assert (told.name, told.named_in.text, told.ahead) == ("ARRIETA", "MR. ARRIETA: Four million euros.", -1)


@pytest.mark.parametrize(
    "text",
    [
        PROTOCOL,
        "Place: Ambon.\nDate: 3 May.\nPlace: Oslo.\nDate: 4 May.",
        "ANNA: Good morning.\nANNA: We begin.",  # one speaker
        "Chair: Siti Rahma\nSecretary: Budi Laut\n\nThe roof leaks.\n\nChair: Siti Rahma\nSecretary: Budi Laut\n\nIt rains.",
        "BORIS: Good morning.\nANNA: We begin.",  # each once
        "The council decided three things: it closed.\nThe council decided two things: it opened.",
        "Deadline: by the end of May.\nBudget: that of the harbour.\nDeadline: by the end of June.\nBudget: that of the town.",
        "\n".join(
            2 * ["The pier of Lena Fox in the harbour: it is late.", "The house of Iain Moss in the town: it is late."]
        ),
    ],
)
def test_other_words_before_a_colon_speak_not(text: str) -> None:
    assert not any(speakers(text, "ru" if text is PROTOCOL else "en"))


def test_a_turn_ends_with_its_paragraph() -> None:
    assert speakers(f"{HEARING}\n\nThe bridge was closed.")[-1] == ""


@pytest.mark.parametrize(
    ("sentence", "held"),
    [
        ("Arrieta said that the bank lends half of it.", True),
        ("Okoro said that the bank lends half of it.", False),
        ("Ngozi Okoro said that she asked the harbour master twice.", True),
    ],
)
def test_a_claim_of_who_said_it_is_held_to_the_turns(sentence: str, held: bool) -> None:
    assert (not support(sentence, "en", lines_of(whole_source(source(HEARING)))).problems) is held
