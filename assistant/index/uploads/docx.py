"""Reads Word documents (.docx): their text with headings, tables and notes, as accepted; nothing hidden, no picture.

A .docx is a zip archive of XML. Before it is read its parts are looked at, so that no archive that unpacks to far more
than it says, and no XML that defines entities, reaches the reader.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from xml.etree import ElementTree
from xml.parsers import expat

from assistant.errors import UploadError
from assistant.index.uploads.extract import Extract, day_of, title_of
from assistant.index.uploads.html import from_markup

MAX_XML_BYTES = 40_000_000
"""Of all parts that hold text or tell where it is: twenty times what a book of 1,000 pages takes."""
MAX_PARTS = 10_000

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_CREATED = "{http://purl.org/dc/terms/}created"
_TITLE_CLASS = "title"
# Title and "heading 1" both are h1, and told apart by the class; a title that runs over several paragraphs is one.
_STYLES = f"p[style-name='Title'] => h1.{_TITLE_CLASS}:separator(' ')\np[style-name='Subtitle'] => p:fresh"
_OFF = ("0", "false", "off")


def read_docx(data: bytes) -> Extract:
    """The document's words and what it says of itself.

    Raises:
        UploadError: it is no Word document, needs a password, is damaged, or unpacks to too much.
    """
    import mammoth

    parts = _parts(data)
    if "word/document.xml" not in parts and not any(name.endswith("/document.xml") for name in parts):
        raise UploadError("mismatch", "the file is no Word document, whatever its name says")
    for content in parts.values():
        _refuse_entities(content)
    html = mammoth.convert_to_html(
        io.BytesIO(_visible(data, parts)),
        style_map=_STYLES,
        include_embedded_style_map=False,
        convert_image=mammoth.images.img_element(lambda _: {"src": ""}),
    ).value
    found = from_markup(f"<body>{html}</body>", _TITLE_CLASS)
    title, created = _properties(parts)
    return Extract(found.text, title=title or found.title, file_date=created, headings=found.headings)


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts that hold XML, by name; pictures are not unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if any(info.flag_bits & 1 for info in infos):
                raise UploadError("password", "the file needs a password; save it without one and upload it again")
            wanted = [info for info in infos if info.filename.lower().endswith((".xml", ".rels"))]
            if len(infos) > MAX_PARTS or sum(info.file_size for info in wanted) > MAX_XML_BYTES:
                raise UploadError("bomb", "the file unpacks to far more than a document holds; it was not read")
            return {info.filename: archive.read(info) for info in wanted}  # reads no more than it declares
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as exc:
        raise UploadError("damaged", "the file is damaged and cannot be read; save it again and upload that") from exc


def _refuse_entities(content: bytes) -> None:
    """The format allows no DTD (ECMA-376, part 2), and only a DTD can define entities."""

    def refuse(*_: object) -> None:
        raise UploadError("bomb", "the file defines entities, which no Word document does; it was not read")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as exc:
        raise UploadError("damaged", "the file is damaged and cannot be read; save it again and upload that") from exc


def _visible(data: bytes, parts: dict[str, bytes]) -> bytes:
    """The document without its hidden words and its pictures."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, _without_hidden(content) if b"vanish" in content else content)
    return out.getvalue()


def _without_hidden(content: bytes) -> bytes:
    root = ElementTree.fromstring(content)
    for parent in list(root.iter()):
        for run in [child for child in parent if child.tag == f"{_WORD}r"]:
            hidden = run.find(f"{_WORD}rPr/{_WORD}vanish")
            if hidden is not None and hidden.get(f"{_WORD}val", "1").lower() not in _OFF:
                parent.remove(run)
    written: bytes = ElementTree.tostring(root, encoding="utf-8")
    return written


def _properties(parts: dict[str, bytes]) -> tuple[str | None, dt.date | None]:
    content = parts.get("docProps/core.xml")
    if content is None:
        return None, None
    root = ElementTree.fromstring(content)
    return title_of(root.findtext(_TITLE)), day_of(root.findtext(_CREATED))
