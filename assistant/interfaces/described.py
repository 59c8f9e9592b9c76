"""How a source is described to clients."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.interfaces import examples
from assistant.types import Source


class SourceInfo(BaseModel):
    """A source's metadata."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SOURCE]})

    source_id: str
    title: str
    date: dt.date | None
    publisher: str | None
    language: str | None
    url: str | None
    note: str | None
    sha256: str
    characters: int = Field(description="code points of the text")
    uploaded: bool = Field(default=False, description="it was added by upload, and can be removed")
    file_date: dt.date | None = Field(
        default=None, description="when the original says that its file was made: not the article's date"
    )
    pages: int | None = Field(default=None, description="how many the original has; null: it has no pages")
    pages_without_text: tuple[int, ...] = Field(
        default=(), description="the numbers of pages that are blank or hold text as a picture only: it was not read"
    )

    @classmethod
    def of(cls, source: Source, **more: Any) -> Any:
        return cls(
            source_id=source.source_id,
            title=source.title,
            date=source.date,
            publisher=source.publisher,
            language=source.language,
            url=source.url,
            note=source.note,
            sha256=source.sha256,
            characters=len(source.text),
            uploaded=source.is_upload,
            file_date=source.file_date,
            pages=len(source.pages) or None,
            pages_without_text=source.pages_without_text(),
            **more,
        )


class HeadingInfo(BaseModel):
    """A heading's place in the text, in code points."""

    start_char_index: int
    end_char_index: int
    level: int = Field(ge=1, le=6)


class SourceText(SourceInfo):
    """A source with its whole text, which the offsets of citations count in code points."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**examples.SOURCE, "text": "Mangupura (Bisnis Bali) – Peningkatan kerja..."}]}
    )

    text: str
    page_starts: tuple[int, ...] = Field(default=(), description="where each page of the original begins in the text")
    headings: tuple[HeadingInfo, ...] = ()

    @classmethod
    def whole(cls, source: Source) -> SourceText:
        """The source with its text."""
        headings = tuple(
            HeadingInfo(start_char_index=each.start, end_char_index=each.end, level=each.level)
            for each in source.headings
        )
        described: SourceText = cls.of(source, text=source.text, page_starts=source.pages, headings=headings)
        return described


class SourceList(BaseModel):
    """The sources of the index in use."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sources": [examples.SOURCE]}]})

    sources: tuple[SourceInfo, ...]
