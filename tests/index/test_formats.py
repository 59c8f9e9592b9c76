"""What is read out of each kind of file, and every reason why one is refused."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib

import pytest

from assistant.errors import UploadError
from assistant.index.uploads.extract import Extract
from assistant.index.uploads.html import from_markup
from assistant.messages import catalogue, languages

from .files import WORD, docx, locked_pdf, paragraph, pdf
from .reading import headings, read

# --- text and Markdown ----------------------------------------------------------------------------------------------


def test_a_text_is_taken_as_it_stands() -> None:
    text = "The board met.\r\n\tIebih  jauh \u00a0 \n\n\nEnd"
    assert read("txt", b"\xef\xbb\xbf" + text.encode()) == Extract(text)


def test_markdown_keeps_its_marks_and_tells_its_headings() -> None:
    text = "# The *board*\n\nIt met.\n\n```\n# no heading\n```\n\nTrade\n-----\n\n- # in a list\n\n### Steel ###\n"
    extract = read("md", text.encode())
    assert extract.text == text
    assert headings(extract) == [("The *board*", 1), ("Trade", 2), ("Steel", 3)]
    assert extract.title == "The *board*"
    assert read("md", b"# One\n\n# Two").title is None
    assert headings(read("md", b"a\x0bb\n\n# One\n")) == []  # lines that Markdown counts otherwise


# --- HTML -----------------------------------------------------------------------------------------------------------


def test_a_page_is_read_as_it_is_seen() -> None:
    extract = read(
        "html",
        b"""<!doctype html><html><head><title>Trade | News</title><meta property="article:published_time"
        content="2019-02-20T09:30:00+08:00"><meta property="og:site_name" content="Bisnis Bali"><link rel="canonical"
        href="https://example.org/trade"><style>.no { display: none }</style></head><body><nav>Home</nav><article>
        <h1>Trade   <em>grew</em></h1><p>It reached 18 billion<sup>3</sup> dollars,<br>said
        the minister &amp; co.<p>H<sub>2</sub>O costs 5&nbsp;m<sup>2</sup>; the 16<sup>th</sup> time.
        <pre>a  b
c</pre><h2>Table</h2><table><tr><td>Rice</td><td>5</td></tr><tr><td>Steel</td><td>7</td></tr></table>
        <ul><li>one<li>two</ul></article><footer>Imprint</footer></body></html>""",
    )
    assert extract.text == (
        "Trade grew\n\nIt reached 18 billion³ dollars,\nsaid the minister & co.\n\n"
        "H₂O costs 5\u00a0m²; the 16th time.\n\na  b\nc\n\nTable\n\nRice\t5\n\nSteel\t7\n\none\n\ntwo"
    )
    assert headings(extract) == [("Trade grew", 1), ("Table", 2)]
    assert (extract.title, extract.date, extract.publisher) == ("Trade grew", dt.date(2019, 2, 20), "Bisnis Bali")
    assert extract.url == "https://example.org/trade"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>hush()</script>",
        "<style>hush</style>",
        "<p hidden>hush",
        '<p style="DISPLAY : none">hush</p>',
        '<span style="font-size:0">hush</span>',
        '<div style="visibility:hidden"><b>hush</b></div>',
        '<p class="no">hush</p>',
        '<p id="no2">hush</p>',
        "<template><p>hush</p></template>",
        "<noscript>hush</noscript>",
        "<!-- hush -->",
        "<del>hush</del>",
        "<s>hush</s>",
        "<svg><text>hush</text></svg>",
        '<img src="hush.png" alt="hush">',
        "<select><option>hush</select>",
        '<iframe src="/hush">hush</iframe>',
        "<dialog>hush</dialog>",
    ],
)
def test_what_is_not_seen_is_not_taken(hidden: str) -> None:
    rules = "<style>/* x */ .no, #no2 { color: red; display:none } @media print { p { display: none } } body { opacity: 0 }</style>"
    extract = read(
        "html", f"<html><head>{rules}</head><body><p>Before.</p>{hidden}<p>After.</p></body></html>".encode()
    )
    assert extract.text == "Before.\n\nAfter."


@pytest.mark.parametrize(
    "first",
    [
        '@charset "utf-8";',
        "@import url(x.css); @font-face { src: y }",
        "@media print { p { color: red } }",
    ],
)
def test_a_rule_after_one_of_another_kind_hides_all_the_same(first: str) -> None:
    page = f"<style>{first} .no {{ display: none }}</style><p>Before.</p><p class=no>hush</p><p>After.</p>"
    assert read("html", page.encode()).text == "Before.\n\nAfter."


def test_parts_of_a_page_stand_in_lines_of_their_own() -> None:
    assert read("html", b"one<div>two<p>three</p>four</div>five<span>six</span> seven").text == (
        "one\n\ntwo\n\nthree\n\nfour\n\nfivesix seven"
    )


def test_a_page_that_is_nested_deeper_than_python_calls_is_read() -> None:
    assert read("html", b"<p>top</p>" + b"<div><span>" * 20_000 + b"deep").text == "top\n\ndeep"
    assert read("html", b"<table><tr><td>a<td>" * 5_000 + b"deep").text == "a\n\n" * 4_999 + "a\tdeep"


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("<p>Fix the interface</p>", "Fix the interface"),
        ("\n  <p>Fix the interface,</p>\n  <p>then test it</p>\n", "Fix the interface, then test it"),
        ("Fix<br>the<br/>interface", "Fix the interface"),
        ("<ul><li>Fix<ol><li>the <b>inter</b>face</ol><li>Test it</ul>", "Fix the interface Test it"),
        ("<div><dl><dt>Fix<dd>the interface</dl></div><blockquote>soon</blockquote>", "Fix the interface soon"),
        ("<pre>Fix\n  the interface</pre>", "Fix the interface"),
        ("<h3>Fix the interface</h3>", "Fix the interface"),
        ("<p></p><p>&nbsp;Fix</p>", "\u00a0Fix"),
        ("<p>word</p>" * 300, " ".join(["word"] * 300)),
    ],
)
@pytest.mark.parametrize("kind", ["td", "th"])
def test_a_row_of_a_table_is_a_line_whatever_is_in_its_cells(kind: str, cell: str, line: str) -> None:
    table = (
        f"<p>Actions:</p><table><thead><tr><th><p>What</p></th><th><p>Who</p></th></tr></thead><tbody>"
        f"<tr><{kind}>{cell}</{kind}>\n<{kind}><p>Elodie Marchand</p></{kind}></tr>"
        f"<tr><{kind}><p>Elodie Marchand</p></{kind}><{kind}></{kind}><{kind}>{cell}</{kind}></tr></tbody></table><p>End.</p>"
    )
    rows = ["What\tWho", f"{line}\tElodie Marchand", f"Elodie Marchand\t{line}"]
    assert read("html", table.encode()).text == "\n\n".join(["Actions:", *rows, "End."])


def test_a_row_whose_other_cells_are_those_of_a_row_above_is_a_line_too() -> None:
    table = b"<table><tr><td rowspan=2>Elodie<td>Fix it<tr><td><p>Test it</p><p>and tell</p></table>"
    assert read("html", table).text == "Elodie\tFix it\n\nTest it and tell"


def test_headings_within_a_row_keep_their_places() -> None:
    extract = read(
        "html", b"<p>One</p><table><tr><td><p>a</p><p>b</p><td><h2>Two<br>three</h2><td><h3>Four</h3></table>"
    )
    assert extract.text == "One\n\na b\tTwo three\tFour"
    assert headings(extract) == [("Two three", 2), ("Four", 3)]


@pytest.mark.parametrize(
    "cells",
    [
        "<td>Menu<td><h1>Trade</h1><p>It grew.</p><p>By 5 %.</p>",
        "<td><p>Trade</p><p>It grew.</p><p>By 5 %.</p>",  # a box
        "<td>Menu<td><p>Trade</p><table><tr><td>It grew.<tr><td>By 5 %.</table>",
        f"<td>Menu<td><p>Trade</p><p>It grew.</p><p>By 5 %.</p><p>{'words ' * 300}</p>",
    ],
)
def test_paragraphs_stay_apart_in_a_table_that_lays_out_a_page(cells: str) -> None:
    assert "Trade\n\nIt grew.\n\nBy 5 %." in read("html", f"<table><tr>{cells}</table>".encode()).text


def test_of_several_headings_of_the_first_level_none_is_the_title_and_the_tabs_is() -> None:
    body = b"<h1>Trade</h1><p>It grew.</p><h1 class='title'>Steel</h1>"
    extract = read("html", b"<html><head><title>Report of 2019</title></head><body>" + body)
    assert extract.title == "Report of 2019"
    assert headings(extract) == [("Trade", 1), ("Steel", 1)]
    assert read("html", body).title is None


def test_the_encoding_that_a_page_names_is_heeded() -> None:
    page = '<meta charset="windows-1251"><p>Торговля выросла</p>'
    assert read("html", page.encode("windows-1251")).text == "Торговля выросла"
    assert read("html", "<p>“Trade”</p>".encode("utf-16")).text == "“Trade”"
    assert read("html", b'<meta charset="iso-8859-1"><p>\x93Trade\x94</p>').text == "“Trade”"


def test_nothing_is_guessed_of_a_page_that_says_two_things() -> None:
    page = b'<meta name="date" content="2019-02-20"><meta name="dc.date" content="2019-02-21"><h1>A</h1><h1>B</h1>'
    extract = read("html", page + b'<link rel="canonical" href="javascript:x">')
    assert (extract.title, extract.date, extract.url) == (None, None, None)


def test_a_page_of_frames_has_no_text_of_its_own() -> None:
    assert from_markup("<frameset><frame src=other.html></frameset>") == Extract("")


# --- files that do harm ---------------------------------------------------------------------------------------------


def bomb() -> bytes:
    return docx(
        paragraph("Words."), word__footnotes_xml=f'<w:footnotes xmlns:w="{WORD}">{" " * 41_000_000}</w:footnotes>'
    )


def entities() -> bytes:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return docx(paragraph("Words."), word__styles_xml=f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}]><x>&l8;</x>')


def outside() -> bytes:
    return docx(
        paragraph("Words."), word__footnotes_xml='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    )


def packed(content: bytes) -> bytes:
    """A PDF whose page is drawn by this content, compressed."""
    whole = pdf("Words.")
    begin = whole.index(b"<< /Length")
    drawn = zlib.compress(content, 9)
    stream = f"<< /Length {len(drawn)} /Filter /FlateDecode >>\nstream\n".encode() + drawn + b"\n"
    return whole[:begin] + stream + whole[whole.index(b"endstream", begin) :]


def ole(content: bytes = b"") -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + content


def locked_zip() -> bytes:
    data = bytearray(docx(paragraph("Words.")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark)
        data[place + at] |= 1
    return bytes(data)


# --- PDF ------------------------------------------------------------------------------------------------------------


def test_a_pdf_tells_where_its_pages_begin() -> None:
    extract = read(
        "pdf",
        pdf(
            "Trade\nIt reached 18 billion dollars, and the",
            "",
            "ministers welcomed it.",
            "2. Next meeting\nIn Bali.",
            info="/Title (The 16th meeting) /CreationDate (D:20190221080000+08'00')",
            outline=[("Trade", 0), ("reached 18 billion", 0), ("Next meeting", 3)],
        ),
    )
    assert extract.text == (
        "Trade\n\nIt reached 18 billion dollars, and the\nministers welcomed it.\n\n2. Next meeting\n\nIn Bali."
    )
    assert [extract.text[start:].split("\n")[0] for start in extract.pages] == [
        "Trade", "", "ministers welcomed it.", "2. Next meeting",
    ]  # fmt: skip
    assert headings(extract) == [("Trade", 1), ("2. Next meeting", 1)]
    assert (extract.title, extract.date, extract.file_date) == ("The 16th meeting", None, dt.date(2019, 2, 21))


@pytest.mark.parametrize("title", ["Microsoft Word - draft", "report_final.docx", "Untitled", "   "])
def test_a_title_that_a_program_has_put_there_is_none(title: str) -> None:
    assert read("pdf", pdf("The board met.", info=f"/Title ({title})")).title is None


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_that_everybody_can_open_is_read(algorithm: str) -> None:
    assert read("pdf", locked_pdf("", algorithm)).text == "The board met in secret."


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "data", "reason", "words"),
    [
        ("txt", b"", "empty", "is empty"),
        ("txt", b" \n\t", "empty", "is empty"),
        ("md", b"# ---\n\n***", "empty", "no words"),
        ("txt", "Trade grew.".encode("utf-16"), "not_utf8", "UTF-16"),
        ("txt", b"caf\xe9", "not_utf8", "byte 0xE9 at offset 3"),
        ("txt", b"a\0b", "binary", "NUL"),
        ("txt", pdf("Words."), "mismatch", "no txt file"),
        ("md", docx(paragraph("Words.")), "mismatch", "no md file"),
        ("txt", ("words " * 400_000).encode(), "too_long", "2,400,000 characters"),
        ("txt", ("\ufffd\ue000 " * 50 + "words").encode(), "garbled", "OCR"),
        ("html", b"Just words.", "mismatch", "no html file"),
        ("html", b"<p></p><script>x</script>", "empty", "no words"),
        ("html", b"<p>caf\xe9</p>", "not_utf8", "does not say which encoding"),
        ("html", b'<meta charset="no-such"><p>caf\xe9</p>', "not_utf8", "no-such"),
        ("html", b'<meta charset="hex"><p>caf\xe9</p>', "not_utf8", "hex"),
        ("docx", b"words", "mismatch", "no docx file"),
        ("docx", ole(b"WordDocument"), "old_word", r"\.doc\)"),
        ("docx", ole("EncryptedPackage".encode("utf-16-le")), "password", "needs a password"),
        ("docx", locked_zip(), "password", "needs a password"),
        ("docx", bomb(), "bomb", "far more"),
        ("docx", entities(), "bomb", "entities"),
        ("docx", outside(), "bomb", "entities"),
        ("docx", docx(paragraph("x"), word__A_XML="<!DOCTYPE x><x/>"), "bomb", "entities"),
        ("docx", docx(paragraph("Words."))[:900], "damaged", "is damaged"),
        ("pdf", packed(b" " * 80_000_000), "bomb", "far more"),
        ("pdf", re.sub(rb"/Kids \[\d+ 0 R\]", b"/Kids [2 0 R]", pdf("its own parent")), "damaged", "is damaged"),
        ("docx", docx("<w:p>"), "damaged", "is damaged"),
        ("docx", docx(paragraph("")), "empty", "no words"),
        ("pdf", b"words", "mismatch", "no pdf file"),
        ("pdf", b"%PDF-1.4 and then nothing", "damaged", "is damaged"),
        ("pdf", locked_pdf("secret"), "password", "needs a password"),
        ("pdf", locked_pdf("secret", "RC4-128"), "password", "needs a password"),
        ("pdf", pdf("", ""), "scanned", "pictures of its pages"),
        ("pdf", pdf("1", "2", "3"), "scanned", "pictures of its pages"),
        ("pdf", pdf(*["x"] * 2001), "too_long", "2,001 pages"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(kind: str, data: bytes, reason: str, words: str) -> None:
    with pytest.raises(UploadError, match=words) as told:
        read(kind, data)
    assert told.value.reason == reason


def test_a_zip_archive_is_no_document() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("words.txt", "words")
    with pytest.raises(UploadError, match="no Word document"):
        read("docx", out.getvalue())


def test_every_reason_has_words_in_every_language() -> None:
    for language in languages():
        told = catalogue(language).table("upload")
        assert {*UploadError.REASONS} <= told.keys()
    with pytest.raises(ValueError, match="no such reason"):
        UploadError("whim", "")
