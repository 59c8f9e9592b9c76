"""Whose words a sentence gives."""

from __future__ import annotations

import pytest

from assistant.steps.context import whole_source
from assistant.steps.lines import full_names, lines_of, voice
from assistant.types import Source

from .made import source

TEXT = (
    "The port will grow, said the harbour master, Siti Rahma, on Monday. She said the cranes are new.\n\n"
    "“Trade reached 18 million. It will rise,” said Rahma. The rain went on.\n\n"
    "Nobody slept in the town.\n"
)


def voices() -> list[str]:
    source = Source(source_id="a.txt", title="Port", text=TEXT, sha256="0" * 64, language="en")
    return [told.name if (told := voice(passage)) else "" for passage in whole_source(source)]


def test_a_pronoun_is_who_spoke_before_and_a_part_of_a_name_the_whole() -> None:
    assert voices()[:2] == ["Siti Rahma", "Siti Rahma"]


def test_the_speaker_of_a_line_is_named_in_full() -> None:
    source = Source(source_id="a.txt", title="Port", text=TEXT, sha256="0" * 64, language="en")
    speakers = [" ".join(token.text for token in line.speaker) for line in lines_of(whole_source(source))]
    assert speakers[2:4] == ["Siti Rahma", "Siti Rahma"]


def test_a_quotation_is_whose_words_it_is_even_where_the_next_sentence_tells() -> None:
    assert voices()[2:4] == ["Siti Rahma", "Siti Rahma"]


def test_where_nobody_says_it_there_is_no_voice() -> None:
    assert voices()[-1] == ""


def test_a_part_of_a_name_is_told_in_full() -> None:
    source = Source(source_id="a.txt", title="Port", text=TEXT, sha256="0" * 64, language="en")
    named = {passage.text: full_names(passage) for passage in whole_source(source)}
    assert named["It will rise,” said Rahma."] == ("Siti Rahma",)
    assert named["The rain went on."] == ()


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("Rahma spoke. Siti Rahma had come by train.", ("Siti Rahma",)),
        ("Rahma spoke. Rahma Dewi had come by train.", ("Rahma Dewi",)),
        (
            "Rahma spoke. In Rahma Dewi believed, and Siti Rahma agreed.",
            ("Siti Rahma",),
        ),  # "In" is no name, but stands before
        ("Rahma spoke. SitiRahma and Siti-Rahma2 are accounts.", ()),
        ("Rahma spoke. Siti, Rahma and others came.", ()),
        ("Rahma spoke. Train2 Rahma came.", ()),
        ("Rahma spoke. Siti \nRahma Dewi came.", ("Rahma Dewi",)),
        ("Rahma spoke. Siti Rahma Rahma Dewi came.", ("Siti Rahma", "Rahma Dewi")),
        ("Rahma spoke. Rahmawati Rahma came.", ("Rahmawati Rahma",)),
    ],
)
def test_a_full_name_is_the_name_with_a_capital_word_beside_it(text: str, full: tuple[str, ...]) -> None:
    source = Source(source_id="a.txt", title="Port", text=text, sha256="0" * 64, language="en")
    assert full_names(whole_source(source)[0]) == full


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("The mayor, Siti Rahma, opened it. “The plant in Bidara makes too little,” she said.", "Siti Rahma"),
        (
            "The mayor, Siti Rahma, opened it. “The plant in Bidara is full. Bidara needs another,” she said.",
            "Siti Rahma",
        ),
        ('The mayor, Siti Rahma, opened it. "The plant in Bidara makes too little," she said.', "Siti Rahma"),
        ("“It will be good, Budi Laut said to me,” said Siti Rahma.", "Siti Rahma"),
        ("“It will be good, Budi Laut said to me.”", "Budi Laut"),  # nobody beside it says it
    ],
)
def test_who_is_named_within_a_quotation_does_not_say_it(text: str, speaker: str) -> None:
    told = [voice(passage) for passage in whole_source(source(text))]
    assert told[-1] is not None
    assert told[-1].name == speaker


@pytest.mark.parametrize(
    ("text", "language", "speaker"),
    [
        ("Pelabuhan akan diperluas. Demikian disampaikan wali kota, Siti Rahma.", "id", "Siti Rahma"),
        ("Порт расширят. Об этом сообщила мэр города, Сити Рахма.", "ru", "Сити Рахма"),
        ("The port will grow. So said the mayor, Siti Rahma.", "en", "Siti Rahma"),
        ("The port will grow. The mayor, Siti Rahma, said so.", "en", ""),
        ("The port will grow.\n\nSo said the mayor, Siti Rahma.", "en", ""),  # of another paragraph
        ("The port, said Budi Laut, will grow. So said the mayor, Siti Rahma, too.", "en", "Budi Laut"),
    ],
)
def test_what_the_next_sentence_tells_who_said_is_theirs(text: str, language: str, speaker: str) -> None:
    told = voice(whole_source(source(text, language=language))[0])
    assert (told.name if told else "") == speaker
