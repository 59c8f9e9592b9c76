"""Every error that a user can cause or must hear of.

    AssistantError
    ├── UsageError            used wrongly: exit status 2, HTTP 422
    │   ├── QuestionError     empty, too long, no words in it
    │   └── SettingsError     a setting that is missing, unknown or contradicts another
    ├── SourceError           one source cannot be read: the others go on
    ├── SeedsError            the seeds folder itself cannot be used
    ├── IndexUnusable         missing, damaged, or of another version: rebuilding from the sources mends it
    ├── IndexBusy             another process is writing the index
    └── DataFolderError       the data folder is read-only, full or otherwise refuses

The message is one line that says what happened and what to do. Vendor exceptions are translated where the vendor is
called, with `from exc`.
"""

from __future__ import annotations


class AssistantError(Exception):
    """The work could not be done; `str()` is one line for people."""


class UsageError(AssistantError):
    """Used wrongly."""


class QuestionError(UsageError):
    """The question cannot be worked on."""


class SettingsError(UsageError):
    """A setting is wrong; the message names it."""


class SourceError(AssistantError):
    """One source cannot be read."""

    def __init__(self, source_id: str, problem: str) -> None:
        super().__init__(f"{source_id}: {problem}")
        self.source_id = source_id
        self.problem = problem


class SeedsError(AssistantError):
    """The seeds folder cannot be used."""


class IndexUnusable(AssistantError):
    """The index is missing, damaged or was made by another version or embedder."""


class IndexBusy(AssistantError):
    """Another process holds the writer's lock."""


class DataFolderError(AssistantError):
    """The data folder cannot be written or read."""
