"""What is read out of a Word document: its words as accepted, its title, and each row of a table as a line."""

from __future__ import annotations

import datetime as dt

import pytest

from .files import STYLE_RELATION, docx, paragraph
from .reading import headings, read


def test_a_word_document_is_read_as_accepted() -> None:
    body = (
        paragraph("Minutes", "Title")
        + paragraph("Trade", "heading1")
        + '<w:p><w:r><w:t>It reached </w:t></w:r><w:ins w:id="1"><w:r><w:t>18</w:t></w:r></w:ins><w:del w:id="2"><w:r>'
        "<w:delText>17</w:delText></w:r></w:del><w:r><w:t> billion</w:t></w:r><w:r><w:rPr><w:vertAlign "
        'w:val="superscript"/></w:rPr><w:t>2</w:t></w:r><w:r><w:br/><w:t>dollars.</w:t></w:r></w:p>'
        + paragraph("hush", run="<w:rPr><w:vanish/></w:rPr>")
        + paragraph("Seen.", run='<w:rPr><w:vanish w:val="0"/></w:rPr>')
        + "<w:tbl><w:tr><w:tc>" + paragraph("Rice") + "</w:tc><w:tc>" + paragraph("5") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    extract = read("docx", docx(body))
    assert extract.text == "Minutes\n\nTrade\n\nIt reached 18 billion²\ndollars.\n\nSeen.\n\nRice\t5"
    assert headings(extract) == [("Minutes", 1), ("Trade", 1)]
    assert (extract.title, extract.date, extract.file_date) == ("Minutes", None, dt.date(2019, 2, 21))
    assert read("docx", docx(body, title="The minutes")).title == "The minutes"


@pytest.mark.parametrize(
    ("styled", "title", "first"),
    [
        (["Title Minutes", "heading1 Trade", "heading1 Steel"], "Minutes", "Minutes"),
        (["heading1 Trade", "Title Minutes", "heading1 Steel"], "Minutes", "Trade"),
        (
            ["Title Minutes", "Title ", "Title of the board", "heading1 Trade"],
            "Minutes of the board",
            "Minutes of the board",
        ),
        (["Title Minutes", "heading1 Trade", "Title Report"], None, "Minutes"),  # two documents in one
        (["heading1 Minutes", "heading2 Trade"], "Minutes", "Minutes"),
        (["heading1 Trade", "heading1 Steel"], None, "Trade"),
        (["Title ", "heading1 Trade"], "Trade", "Trade"),
    ],
)
def test_the_paragraph_in_words_style_title_is_the_title(styled: list[str], title: str | None, first: str) -> None:
    paragraphs = [paragraph(text, style) for style, _, text in (each.partition(" ") for each in styled)]
    extract = read("docx", docx("".join(paragraphs) + paragraph("It met.")))
    assert extract.title == title
    assert headings(extract)[0] == (first, 1)
    assert [text for text, _ in headings(extract) if text in ("Trade", "Steel")] == [
        each.partition(" ")[2] for each in styled if each.endswith(("Trade", "Steel"))
    ]


def test_a_row_of_a_table_in_a_word_document_is_a_line() -> None:
    def row(*cells: str, header: bool = False) -> str:
        kept = "<w:trPr><w:tblHeader/></w:trPr>" if header else ""
        return f"<w:tr>{kept}{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"

    item = (
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>"
    )
    body = paragraph("Actions") + "<w:tbl>" + "".join(
        [
            row(paragraph("What"), paragraph("Who"), paragraph("When"), header=True),
            row(paragraph("Fix the laboratory interface"), paragraph("Elodie Marchand"), paragraph("15 July 2024")),
            row(
                paragraph("Write the report,") + paragraph("") + paragraph("then send it"),
                "<w:p><w:r><w:t>Jonas</w:t><w:br/><w:t>Weber</w:t></w:r></w:p>",
                paragraph(""),
            ),
            row(item.format("Samples") + item.format("Tubes"), paragraph(""), paragraph("in August")),
        ]
    ) + "</w:tbl>" + paragraph("End.")  # fmt: skip
    assert read("docx", docx(body)).text.split("\n\n") == [
        "Actions",
        "What\tWho\tWhen",
        "Fix the laboratory interface\tElodie Marchand\t15 July 2024",
        "Write the report, then send it\tJonas Weber",
        "Samples Tubes\tin August",
        "End.",
    ]


def test_pictures_are_left_in_the_archive() -> None:
    assert read("docx", docx(paragraph("Words."), word__media__huge_png=b"\0" * 60_000_000)).text == "Words."


def test_a_picture_in_the_text_is_left_out() -> None:
    drawing = (
        '<w:p><w:r><w:t>Before </w:t></w:r><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/'
        'drawingml/2006/wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="p1"/></pic:blipFill>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r><w:r><w:t>after.</w:t></w:r></w:p>"
    )
    picture = (
        '<Relationship Id="p1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        'Target="media/huge.png"/></Relationships>'
    )
    relations = STYLE_RELATION.replace("</Relationships>", picture)
    data = docx(drawing, word___rels__document_xml_rels=relations, word__media__huge_png=b"\x89PNG")
    assert read("docx", data).text == "Before after."
