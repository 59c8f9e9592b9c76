"""Lines that part a text: forms, mail, items and headings, and none of a text that is only wrapped."""

from __future__ import annotations

import time

import pytest

from assistant.text.layout import FULL_LINE, OPENING, OPENING_PART, WRAPPED, above, is_heading, opening, with_list
from assistant.text.sentences import split

ENDS = ["\n", "\r\n", "\r"]


def texts(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split(text)]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "lines",
    [
        ["Hari/Tanggal   : Senin, 16 Januari 2023", "Pimpinan rapat : Ratna Dewanti", "Notulis\t: Bagus Prakoso"],
        ["**Date:** 14 March 2023", "**Place:** Committee Room 2", "**Minutes taken by**: Piotr Zelenka"],
        ["Председатель: Кузнецова Е. В., заместитель главы", "Секретарь: Лапин Д. С."],
        ["时间：2023年1月16日", "地点：北京"],
        ["Minutes of the Board", "Date: 14 March", "Chair: Margaret Oduya"],
        ["From: Iain <iain@example.org>", "To: Lena", "Date: Wed, 3 May 2023 16:42", "Subject: Re: Samples", "Lena, thanks for it."],
        ["> From: Tomás", "> Subject: Samples", "> Iain, we have them."],
        ["Tempat : Aula Kantor Bupati\n         Sukaraja", "Notulis: Bagus"],
        ["  Chair: Ann", "  Clerk: Bob", "  The meeting was opened."],
        ["Date: 1 May", "Place: Ambon", "Lena opened it", "Chair: Ann", "Clerk: Bob"],
        ["Date: 1 May", "Place: Ambon", "The harbour board met in\nOslo and heard Lena Fox"],
        ["# Quay", "## Scope", "It was closed."],
        ["ACTION ITEMS", "“The quay is to be closed in the winter,” she said."],
        ["ACTION ITEMS", "A quay is to be closed in the winter."],
        ["IV. Scope", "The quay is to be closed in the winter."],
        ["The board met in Oslo.", "IV. Scope", "The quay is to be closed in the winter."],
        ["Of what was told by King Henry\nIV. Scope\nThe quay is to be closed in the winter."],
    ],
)  # fmt: skip
def test_each_line_of_a_form_is_a_sentence(lines: list[str], end: str) -> None:
    lines = [line.replace("\n", end) for line in lines]
    assert texts(end.join(lines)) == [line.strip() for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        "**Q: Can I bring my dog?**\nA: Yes, on a lead.",  # the question says what the answer is about
        "Contact:\nOffice of Public Relations\nDewi, telephone 555",
        "The committee agreed on the following\nRemark: it meets on Monday",
        "the doors open at\n10:30 and the talk begins at\n11:45 in the hall",
        "Chair: Ann\nSubject: dredging of the basin, and what else the Board decides before\nEaster",  # a wrapped value
        "Chair: Ann\nSubject: dredging\nof the basin",
    ],
)
def test_a_line_with_a_colon_alone_parts_nothing(text: str) -> None:
    assert len(texts(text)) == (2 if text.startswith("Chair") else 1)


@pytest.mark.parametrize("spare", [0, 1])
def test_a_value_goes_on_in_the_next_line_where_that_one_could_not_hold_its_first_word(spare: int) -> None:
    value = f"Subject: {'x' * (WRAPPED - len('Subject:  Easter') - spare + 1)}"
    assert len(texts(f"Chair: Ann\n{value}\nEaster")) == 2 + spare


@pytest.mark.parametrize("end", ENDS)
def test_a_line_of_nothing_but_marks_of_quoting_parts_paragraphs_and_is_of_none(end: str) -> None:
    lines = [">", "> Tomás", "> >", "> > Best wishes,", "> > Lena", "> >  ", ">", "> 5 % was left.", ">"]
    text = end.join(lines)
    assert texts(text) == ["> Tomás", f"> > Best wishes,{end}> > Lena", "> 5 % was left."]
    assert [text[slice(*sentence.paragraph)] for sentence in split(text)] == texts(text)


@pytest.mark.parametrize("text", [">", "\n>\n", "> >\r\n>"])
def test_a_text_of_nothing_else_still_has_a_sentence(text: str) -> None:
    assert texts(text) == [text.strip()]


@pytest.mark.parametrize(
    "lines",
    [
        ["Agenda:", "1.1. Opening", "1.2. Budget"],
        ["Tindak lanjut", "a. Dinas PU menutup tanggul", "b. BPBD mendata rumah"],
        ["Решили:", "а) принять отчёт", "б) назначить срок"],
        ["> Points:", "> - opening", "> - budget"],
        ["Agenda", "**1.** Opening", "**2. Budget**"],
    ],
)
def test_items_of_every_kind_begin_a_sentence(lines: list[str]) -> None:
    assert texts("\n".join(lines)) == lines


def test_a_wrapped_line_that_begins_like_an_item_does_not() -> None:
    text = "Протокол подписан 5 апреля 2020\nг. Москва, и копия направлена по адресу\nд. 5"
    assert texts(text) == [text]


@pytest.mark.parametrize(
    "lines",
    [
        ["# Minutes", "The board met at noon.", "## Fees", "they rose"],
        ["A. Laporan situasi", "Kepala Pelaksana melaporkan bahwa banjir sejak 12 Januari merendam\ntujuh desa."],
        ["IV. Decisions", "The Board approved the budget."],
        ["1. Opening", "The chair opened the meeting.", "2. Minutes", "They were approved without a vote."],
        ["2.1 Fees", "The fees were raised by a tenth."],
        ["ВЫСТУПИЛИ:", "Сафин Р. Т. сообщил, что окна поступят до 1 ноября."],
        ["RESOLUTION", "The committee recommends the sale of the old pier to the town council"],
    ],
)
def test_a_heading_is_parted_from_the_text_below_it(lines: list[str]) -> None:
    assert texts("\n".join(lines)) == lines
    assert texts("\n".join(f"> {line}" for line in lines if "\n" not in line)) == [
        f"> {line}" for line in lines if "\n" not in line
    ]


@pytest.mark.parametrize(
    "text",
    [
        "NOTULEN RAPAT KOORDINASI\nPENANGGULANGAN BANJIR KABUPATEN SUKARAJA DAN DAERAH SEKITARNYA",
        "ПРОТОКОЛ № 17\nсовещания по вопросу строительства школы в микрорайоне «Северный»",
        "HALVERTON TOWN COUNCIL\nFinance Committee",
        "A. Smith\nHead of Engineering",
        "the novel was written in 1901 by Samuel\nA. Smith and printed in London by the firm of his elder brother.",
        "1. Rapat berikutnya akan dilaksanakan pada\nSenin, 23 Januari.",  # as wide as the margin lets it be
        "NAME\tROLE\nAhmad Salim Batubara\tKepala Pelaksana Badan Penanggulangan Bencana",
        "* CVE-2019-1352:\n  Git was unaware of alternate data streams.",
        "# Redistribution in any form, with or\n# modification, is permitted",
        "ПРИСУТСТВОВАЛИ\nГаврилов А. П. – начальник управления капитального строительства;\nМельник О. И. – начальник",
    ],
)
def test_titles_names_wrapped_lines_and_tables_are_not_taken_for_headings(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(("longer", "count"), [(0, 2), (1, 1)])
def test_a_heading_is_short(longer: int, count: int) -> None:
    heading = f"1. {'Xy ' * 20}"[: FULL_LINE - 2 + longer] + "z"
    assert len(texts(f"{heading}\nThe chair opened the meeting, and all of the members were there, and more.")) == count


@pytest.mark.parametrize(
    "piece",
    [
        *["\u2029", "\n>", "> > \n", " \n>x", "Aa: b\n", "Aa: b\n  c\n", "Aa" + " " * 60, "A. b\nCcc d.\n"],
        *["AAA\nBbb.\n", "# a\n", "a:"],
    ],
)
def test_lines_take_linear_time(piece: str) -> None:
    begun = time.process_time()
    split(piece * (300_000 // len(piece)))
    assert time.process_time() - begun < 5


FULL = "The board heard that the quay is to be closed in the winter."


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("lines", "headings"),
    [
        (["# Quay", FULL], ["# Quay"]),
        (["ACTION ITEMS", FULL], ["ACTION ITEMS"]),
        (["AIM", FULL], ["AIM"]),
        (["## 1. Scope", FULL], ["## 1. Scope"]),
        (["Next steps", "", "They are:", "- a quay"], ["Next steps"]),
        (["Подписанные документы", "", "— протокол"], ["Подписанные документы"]),
        (["How to apply", "", FULL], ["How to apply"]),
        ([FULL, "", "Errors", "", FULL], ["Errors"]),
        (["| No. | Work |", "|---|---|", "| 1 | Quay |"], ["| No. | Work |"]),
    ],
)
def test_a_heading_tells_only_what_follows_is_about(lines: list[str], headings: list[str], end: str) -> None:
    text = end.join(lines)
    found = [text[each.start : each.end] for each in split(text) if is_heading(text, each.start, each.end)]
    assert found == headings


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        "Chair: Lena Fox\n\n" + FULL,
        "It was closed.\n\n" + FULL,
        "5 March 2023\n\n" + FULL,
        "Lena Fox\n\nIain Moss\n\nThe end",
        "- Quay\n\n" + FULL,
        "to be closed\n\n" + FULL,
        "Next steps",
        "What is the capital?\n\nJakarta\n\n" + FULL,
        "Who led it:\n\nLena Fox\n\n" + FULL,
        "It was closed.\nNext steps\n\n" + FULL,
        "Lena Fox\n\nIain Moss",
        "Moore called it “a failure.”\n\n" + FULL,
        "中国将向ASEAN提供援助\n\n" + FULL,
        "ประธาน SOM คือนายสมชาย\n" + FULL,
        "NATO",
        "# Harbour board, 5 March 2023\n" + FULL,
        "18 MAY 2023\n" + FULL,
        "The rate is 5 percent.\n---\n\n| a | b |",
        "It was closed.\r\nNext steps\r\n" + FULL,
        "NATO.",
        "Lena Fox;\n\nThey are:\n- a quay",
        "Chair: Lena Fox\n\nThey are:\n- a quay",
        "The quay and the pier that are to be closed in winter\n\nThey are:\n- a quay",
    ],
)
def test_what_says_something_is_no_heading(text: str) -> None:
    assert not [each for each in split(text) if is_heading(text, each.start, each.end)]


@pytest.mark.parametrize("end", ENDS)
def test_a_list_goes_with_what_introduces_it(end: str) -> None:
    text = end.join(["We accept:", "", "- a", "  letter;", "- a stamp.", "", "It is free."])
    assert text[: with_list(text, 0, 10, 100)] == end.join(["We accept:", "", "- a", "  letter;", "- a stamp."])
    assert text[: with_list(text, 0, 10, 20)] == end.join(["We accept:", "", "- a", "  letter;"])
    assert with_list(text, 0, 10, 3) == 10


@pytest.mark.parametrize(
    ("first", "rest", "quoted"),
    [
        ("It is free.", "\n- a stamp", ""),
        ("We accept:", "\nletters", ""),
        ("We accept:", "", ""),
        ("Present: Lena Fox", "\n\n1. Opening\nIt began.", ""),
        ("MINUTES", "\n\n1. Opening\nIt began.", ""),
        ("Pros:", "\n- It is cheap.\nCons:\n- It is loud.", "\n- It is cheap."),
        ("Risks:", "\n- a\n# Next\n- c", "\n- a"),
        ("Next steps:", "\n- a\nThe meeting closed at 5.", "\n- a"),
        ("It was due in:", "\n\n- 3 -\n\nMay", ""),
        ("We accept:", "\n>\n> - a\n>\n> It is free.", "\n>\n> - a"),
        ("We accept:", "\n1. a\n2. b  \n\nNo more.", "\n1. a\n2. b"),
        ("We accept:", "\n letters\n- a", ""),
        ("We accept:", "\n- a\n\n  It is free.", "\n- a"),
        ("We accept:", "\n- a\n   letter\n  or two\n- b", "\n- a\n   letter\n  or two\n- b"),
        ("We accept:", "\n  - a\n letter\n", "\n  - a"),
    ],
)
def test_a_list_ends_where_it_ends(first: str, rest: str, quoted: str) -> None:
    text = first + rest
    assert text[len(first) : with_list(text, 0, len(first), 100)] == quoted


@pytest.mark.timeout(20)
@pytest.mark.parametrize("fill", ["\n", " ", "-", "\n- a", "> ", "\n ", "|", "a:", "\n>"])
def test_lists_and_headings_are_looked_for_in_linear_time(fill: str) -> None:
    begun = time.process_time()
    for after in ("", "\n", "\n\n"):
        text = "We accept:" + after + fill * 60_000 + "\n" + fill * 60_000
        with_list(text, 0, 10, 800)
        is_heading(text, 0, 9)
        is_heading(text, 0, 10)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("opens", "rest"),
    [
        ("# Fees of the port", "The fee is 40 crowns."),
        ("SUMMIT\nCommunique\nPort Ellery, 21 September 2024", "1. The leaders met."),
        ("# Fees\n\n**Harbour office**\n\n", "## Scope\n\nThe fee is 40 crowns."),  # the heading is of what follows
        ("В Вологде завершилась конференция\n\nПресс-релиз, 9 октября", "С 3 по 6 октября прошла конференция."),
        ("", "Ambon (Warta) – The council met. It ended."),
        ("", "Date: 14 March\nPlace: Ambon\n\nIt was opened."),
        ("# Fees", "Date: 14 March\nPlace: Ambon\n\nIt was opened."),
        ("", "x" * (OPENING_PART + 1) + "\n\nIt was opened."),
        ("# A\n\n" + "x" * OPENING_PART, "y" * (OPENING - OPENING_PART) + "\n\nIt was opened."),
        ("# Prices", "- red wine 5 crowns\n- white wine 4 crowns\n\nA room costs 80 crowns."),
        ("# Ports", "| Port | Ships |\n|---|---|\n| Sund | 40 |"),
        ("", ""),
    ],
)
def test_a_text_opens_with_what_it_is(opens: str, rest: str, end: str) -> None:
    text = f"{opens.rstrip()}\n\n{rest}" if opens else rest
    found = opening(text.replace("\n", end))
    assert text.replace("\n", end)[:found].split() == opens.split()


def test_each_sentence_stands_under_the_opening_and_its_heading() -> None:
    text = "# Port\n\n**Office**\n\n## Fees in 2024\n\nIt costs 40. Ask us.\n\nHOURS\nWe open at nine.\n\nPaid on time"
    sentences = [(each.start, each.end) for each in split(text)]
    said = [text[start:end] for start, end in sentences]
    assert said == [
        "# Port",
        "**Office**",
        "## Fees in 2024",
        "It costs 40.",
        "Ask us.",
        "HOURS",
        "We open at nine.",
        "Paid on time",
    ]
    opens = (0, 1)
    assert list(above(text, sentences)) == [
        ((), ()), ((), ()), (opens, ()), (opens, (2,)), (opens, (2,)), (opens, ()), (opens, (5,)), (opens, (5,)),
    ]  # fmt: skip
    marked = {sentences[4]}
    assert list(above(text, sentences, marked))[4:6] == [(opens, ()), (opens, ())]
    assert list(above("It rained. It ended.", [(0, 10), (11, 20)])) == [((), ()), ((), ())]
