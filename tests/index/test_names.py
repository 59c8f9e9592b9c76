"""The names, titles and days of uploads: what is kept of them, and what is none."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.errors import UploadError
from assistant.index.uploads.extract import day_of, title_of
from assistant.index.uploads.formats import clean_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("minutes.pdf", "minutes.pdf"),
        (" Protokoll (2).DOCX ", "Protokoll (2).DOCX"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("протокол встречи.htm", "протокол встречи.htm"),
        ("gpj\u202efdp.txt", "gpjfdp.txt"),
        ("CON.txt", "CON.txt"),
        ("a..b.md", "a..b.md"),
        ("会议" * 100 + ".pdf", "会议" * 58 + ".pdf"),
    ],
)
def test_a_name_is_kept_as_far_as_it_can_be(given: str, name: str) -> None:
    assert clean_name(given) == name


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("../../etc/passwd.txt", "name"),
        ("..\\x.txt", "name"),
        ("/x.txt", "name"),
        (".txt", "name"),
        ("...txt", "name"),
        ("", "name"),
        ("\u202e\x00.pdf", "name"),
        ("a.exe", "type"),
        ("minutes", "type"),
        ("a.pdf.zip", "type"),
    ],
)
def test_what_is_no_name_is_refused(given: str, reason: str) -> None:
    with pytest.raises(UploadError) as told:
        clean_name(given)
    assert told.value.reason == reason


def test_titles_and_days_are_words_and_days() -> None:
    assert title_of(" The\n16th\u202e meeting ") == "The 16th meeting"
    assert title_of("***") is None and title_of(None) is None
    assert len(title_of("x" * 1000) or "") == 300
    assert day_of("2019-02-20T10:00Z") == dt.date(2019, 2, 20)
    assert day_of("2019-02-30") is None and day_of("20 February 2019") is None and day_of("2019-02-201") is None
