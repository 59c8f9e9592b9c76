"""Transcripts: who speaks is told by what lines begin with."""

from __future__ import annotations

import pytest

from assistant.text.transcripts import label, speakers, unlabelled

MEETING = """Second meeting on the lamp, 3 May.
Project Manager: Shall we begin? I have the agenda here.
Marketing: People told us that they hate noise.
Marketing is a small team: it asked two hundred of them.
Pak Dirman (Seksi Perlengkapan): The tents come on Friday.
Project Manager: Then we are agreed on that.
PhD C: Yes.
Marketing: I would launch it in grey.
Pak Dirman (Seksi Perlengkapan): And the chairs come on Monday."""


def test_labels_that_return_name_speakers_whatever_their_words() -> None:
    found = speakers(MEETING, "en")
    assert {by: " ".join(t.text for t in each.name) for by, each in found.items()} == {
        "project manager": "Project Manager",
        "marketing": "Marketing",
        "pak dirman (seksi perlengkapan)": "Pak Dirman",
        "phd c": "PhD C",
    }


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("Karela", "Karela"),
        ("Minister Karela", "Karela"),
        ("Chair Bo", "Bo"),
        ("Professor C", "Professor C"),  # a letter names nobody
        ("Harbour Karela", "Harbour Karela"),  # nor does a role alone say what a harbour is
        ("Karela (Minister Drun)", "Karela"),
        ("The Chair of the Harbour Board", "Chair Harbour Board"),
    ],
)
def test_of_a_label_the_name_is_told_from_the_role(by: str, name: str) -> None:
    found = speakers(f"{MEETING}\n{by}: I came late.\n{by}: Who else did?", "en")
    [told] = [each for each in found.values() if each.label == by]
    assert " ".join(token.text for token in told.name) == name


def test_who_speaks_once_is_told_by_capitals_up_to_a_bracket() -> None:
    once = "\nLena Fox (of the pier): I came late.\nLena Fox says this: I came late.\nHarbour: I came late."
    assert set(speakers(MEETING + once, "en")) == {*speakers(MEETING, "en"), "lena fox (of the pier)"}


@pytest.mark.parametrize("one", ["Karela", "Minister", "Bo Sanders"])
@pytest.mark.parametrize(
    ("other", "is_transcript"), [("Drun", True), ("Secretary", True), ("Weather zorps", False), ("Note", False)]
)
def test_two_of_the_labels_tell_of_somebody(one: str, other: str, is_transcript: bool) -> None:
    text = f"{one}: Shall we begin with it?\n{other}: I am ready for that.\n" * 2
    assert bool(speakers(text, "en")) is is_transcript


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Anna: Good morning to all.\nAnna: We begin with the pier.",  # one speaker
        "Anna: Good morning to all.\nBoris: We begin with the pier.",  # each once
        "Deadline: by the end of May.\nBudget: that of the harbour.\nDeadline: by the end of June.\nBudget: that of the town.",
        "London: Rain all day.\nOslo: Snow until noon.\nLondon: More rain then.\nOslo: More snow then.",  # nobody says "I"
        "Pros: It is light.\nCons: It costs a lot.\nPros: It is fast.\nCons: It breaks too soon.",
        "Chair: Siti Rahma\nSecretary: Budi Laut\n\nThe roof leaks.\n\nChair: Siti Rahma\nSecretary: Budi Laut\n\nIt rains.",
    ],
)
def test_other_texts_have_no_speakers(text: str) -> None:
    assert not speakers(text, "en")


def test_a_label_may_stand_above_what_is_said() -> None:
    text = "ANNA:\nShall we begin with it?\nBORIS:\nI am ready for that.\n" * 2
    assert sorted(speakers(text, "en")) == ["anna", "boris"]
    assert label("ANNA:\nShall we begin with it?") == "anna"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[0:12] Marketing: It is late.", "It is late."),
        ("It is late: very.", "It is late: very."),
        ("It rains.", "It rains."),
    ],
)
def test_what_is_said_is_told_from_who_says_it(line: str, said: str) -> None:
    assert unlabelled(line, speakers(MEETING, "en")).strip() == said


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("MR. ARRIETA: Thank you, Chair.", "mr. arrieta"),
        ("  **Chair**: Thank you.", "chair"),
        ("  **Chair:** Thank you.", "chair"),
        ("[00:12:03] Lena Fox: It is late.", "lena fox"),
        ("9:30 - Lena Fox (chair): It is late.", "lena fox (chair)"),
        ("the harbour: it is late.", ""),
        ("The pier of the harbour town: it is late.", "the pier of the harbour town"),
        ("The pier of the harbour of the town: it is late.", ""),
        ("It is late.", ""),
        ("At 9:30 it rained.", ""),
    ],
)
def test_a_label_is_a_few_words_that_begin_with_a_capital(line: str, found: str) -> None:
    assert label(line) == found
