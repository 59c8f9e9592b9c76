"""What is a source, its exact text and metadata, and every reason why one cannot be read."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import SeedsError, SourceError
from assistant.index.sources import MAX_BYTES, passed_over, read_source, scan, source_id_of

from .fakes import write_seeds


def ids(folder: Path) -> list[str]:
    return [source_id_of(folder, path) for path in scan(folder)]


def read(folder: Path, content: bytes, metadata: str | None = None) -> object:
    (folder / "a.txt").write_bytes(content)
    if metadata is not None:
        (folder / "a.txt.yaml").write_text(metadata, encoding="utf-8")
    return read_source(folder, folder / "a.txt")


def test_sources_are_files_with_known_endings_in_all_folders(tmp_path: Path) -> None:
    names = [
        "b.txt",
        "a.md",
        "in/c.TXT",
        "_about.md",
        ".hidden.txt",
        "_in/d.txt",
        ".git/e.md",
        "a.md.yaml",
        "f.pdf",
        "g",
    ]
    write_seeds(tmp_path, dict.fromkeys(names, "words"))
    assert ids(tmp_path) == ["a.md", "b.txt", "in/c.TXT"]


def test_documents_that_are_not_read_are_named_and_nothing_that_is_meant_to_be_left_out(tmp_path: Path) -> None:
    names = [
        "a.md",
        "a.md.yaml",
        "_about.pdf",
        ".b.pdf",
        "in/C.TXT",
        "in/C.TXT.yaml",
        "_in/d.pdf",
        "Thumbs.db",
        "LICENSE",
    ]
    write_seeds(tmp_path, dict.fromkeys(names, "words"))
    assert passed_over(tmp_path) is None
    write_seeds(tmp_path, dict.fromkeys(["Протокол.docx", "a.md.YAML", "a.md.yml", "b.txt.yaml", "in/d.PDF"], "words"))
    told = passed_over(tmp_path)
    assert told
    assert told.startswith(
        "5 passed over ('a.md.YAML', 'a.md.yml', 'b.txt.yaml', ...): only .txt and .md files are read"
    )
    for name in ["a.md.YAML", "a.md.yml", "b.txt.yaml", "in/d.PDF"]:
        (tmp_path / name).unlink()
    assert "1 passed over ('Протокол.docx'):" in str(passed_over(tmp_path))


def test_documents_that_are_not_read_are_named_where_there_is_no_source(tmp_path: Path) -> None:
    write_seeds(tmp_path, {"minutes.docx": "words"})
    with pytest.raises(SeedsError, match=r"no .txt or .md file in .*\nseeds: 1 passed over \('minutes.docx'\)"):
        scan(tmp_path)


def test_ids_are_composed_and_do_not_depend_on_the_file_system(tmp_path: Path) -> None:
    write_seeds(tmp_path, {"cafe\u0301.txt": "words"})
    assert ids(tmp_path) == ["caf\u00e9.txt"]
    assert read_source(tmp_path, scan(tmp_path)[0]).title == "caf\u00e9"


def test_folders_that_link_back_are_read_once(tmp_path: Path) -> None:
    write_seeds(tmp_path, {"in/a.txt": "words"})
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    assert ids(tmp_path) == ["in/a.txt"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.write_text("a file"), "is a file, not a folder"),
        (lambda path: path.mkdir(), "no .txt or .md file in"),
    ],
)
def test_seeds_that_cannot_be_used(tmp_path: Path, make: object, words: str) -> None:
    assert callable(make)
    make(tmp_path / "seeds")
    with pytest.raises(SeedsError, match=words) as caught:
        scan(tmp_path / "seeds")
    assert "\n" not in str(caught.value)


def test_seeds_below_a_file_do_not_exist(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SeedsError, match="does not exist"):
        scan(tmp_path / "file" / "seeds")


def test_metadata(tmp_path: Path) -> None:
    yaml = "title: A report\ndate: 2019-02-20\npublisher: Bisnis Bali\nlanguage: id\nurl: https://x.org/a\nnote: 'n'\n"
    (tmp_path / "a.txt").write_text("words")
    plain = read_source(tmp_path, tmp_path / "a.txt")
    assert (plain.title, plain.date, plain.language) == ("a", None, None)
    (tmp_path / "a.txt.yaml").write_text(yaml)
    source = read_source(tmp_path, tmp_path / "a.txt")
    assert (source.title, source.date, source.publisher) == ("A report", dt.date(2019, 2, 20), "Bisnis Bali")
    assert (source.language, source.url, source.note) == ("id", "https://x.org/a", "n")
    assert source.sha256 != plain.sha256


def test_empty_metadata_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "a.txt.yaml").write_text("# nothing yet\ntitle:\n")
    assert read_source(tmp_path, tmp_path / "a.txt").title == "a"


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ("titel: x", "unknown key 'titel'"),
        ("title: 2019", "title must be words, not 2019"),
        ("title: [a, b]", "title must be words"),
        ("title: '  '", "title must be words"),
        ("date: last week", "date must be a day such as 2019-02-20"),
        ("date: 2019-02-20T10:00:00Z", "date must be a day"),
        ("date: 2019-02-31", "a.txt.yaml"),
        ("url: javascript:alert(1)", "url must begin with https://"),
        ("questions: Who came?", "questions must be a list of"),
        ("- a\n- b", "must hold `key: value` lines"),
        ("title: 'open", "is not valid YAML"),
        ("[" * 5_000, "is not valid YAML"),
        ("? [a]\n: b", "is not valid YAML"),
        ("note: " + "x" * 70_000, "larger than the limit of 64 kB"),
    ],
)
def test_metadata_that_cannot_be_used(tmp_path: Path, metadata: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, b"words", metadata)
    assert words in str(caught.value)
    assert str(caught.value).startswith("a.txt: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\t\xc2\xa0", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"PK\x03\x04\x00\x00", "is binary, not text (a NUL byte at offset 4)"),
        (b"caf\xe9 au lait", "is not UTF-8 (byte 0xE9 at offset 3)"),
        (b"\xef\xbb\xbfcaf\xe9 au lait", "is not UTF-8 (byte 0xE9 at offset 6)"),
        (b"\xed\xa0\x80", "is not UTF-8 (byte 0xED at offset 0)"),  # a surrogate
        (b"words cut \xf0\x9f", "is not UTF-8 (byte 0xF0 at offset 10)"),
        ("words".encode("utf-16"), "UTF-16"),
    ],
)
def test_texts_that_cannot_be_used(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, content)
    assert words in str(caught.value)
    assert caught.value.source_id == "a.txt"


def test_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1_000_000)
    with pytest.raises(SourceError, match=r"a\.txt is 21 MB, larger than the limit of 20 MB"):
        read_source(tmp_path, tmp_path / "a.txt")


def test_a_file_that_vanishes_between_scan_and_read(tmp_path: Path) -> None:
    write_seeds(tmp_path)
    path = scan(tmp_path)[0]
    path.unlink()
    with pytest.raises(SourceError, match="is gone"):
        read_source(tmp_path, path)


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(SourceError, match="not a regular file"):
        read_source(tmp_path, tmp_path / "a.txt")


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("words")
    with pytest.raises(SourceError, match="file name is not UTF-8"):
        read_source(tmp_path, scan(tmp_path)[0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), has_mark=st.booleans())
def test_a_text_is_its_bytes_decoded_and_nothing_else(tmp_path: Path, text: str, has_mark: bool) -> None:
    text = "x" + text
    (tmp_path / "a.txt").write_bytes((b"\xef\xbb\xbf" if has_mark else b"") + text.encode())
    assert read_source(tmp_path, tmp_path / "a.txt").text == text
