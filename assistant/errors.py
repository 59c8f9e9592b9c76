"""Every error that a user can cause or must hear of.

    AssistantError
    ├── UsageError            used wrongly: exit status 2, HTTP 422
    │   ├── QuestionError     empty, too long, no words in it
    │   ├── SettingsError     a setting that is missing, unknown or contradicts another
    │   ├── UploadError       a file that cannot be added: HTTP 422, or 413 where it is too large
    │   ├── UploadConflict    a file that is there already, or another of its name: HTTP 409
    │   └── UploadsOff        adding and removing is not allowed: HTTP 403
    ├── SourceError           one source cannot be read: the others go on
    ├── SeedsError            the seeds folder itself cannot be used
    ├── IndexUnusable         missing, damaged, or of another version: rebuilding from the sources mends it
    ├── IndexUnreachable      the Chroma server that holds the index does not do what it is asked: HTTP 503
    ├── IndexBusy             another process is writing the index
    ├── DataFolderError       the data folder is read-only, full or otherwise refuses
    ├── Refused               the server does not take or finish the work now: the same may succeed later
    │   ├── RateLimited       one client asks too often: HTTP 429
    │   ├── Overloaded        all places are taken, and the queue is full or slow: HTTP 503
    │   ├── Stopping          the server is about to end: HTTP 503
    │   └── AnswerTimeout     the answer took too long: HTTP 504
    ├── EmbedderUnavailable   the server of the embeddings gave no usable vectors: HTTP 503
    └── LLMUnavailable        the language model gave no usable answer: the embedded reader answers instead

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


class UploadError(UsageError):
    """A file cannot be added as a source.

    `reason` is one of `REASONS`, whose words for people are in the message catalogues (`upload.<reason>`).
    """

    REASONS = (
        "too_large", "empty", "type", "mismatch", "old_word", "name", "not_utf8", "binary", "password", "scanned",
        "garbled", "damaged", "bomb", "too_long", "too_slow", "full",
    )  # fmt: skip

    def __init__(self, reason: str, message: str) -> None:
        if reason not in self.REASONS:
            raise ValueError(f"no such reason: {reason}")
        super().__init__(message)
        self.reason = reason


class UploadConflict(UsageError):
    """A file whose words (`reason` "same_text") or whose name ("same_name") the source `source_id` has already."""

    REASONS = ("same_text", "same_name")

    def __init__(self, reason: str, source_id: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.source_id = source_id


class UploadsOff(UsageError):
    """Sources may not be added or removed by upload, or not this one."""


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


class IndexUnreachable(AssistantError):
    """The Chroma server that holds the index cannot be reached, is too slow, or fails: the same may succeed later."""


class IndexBusy(AssistantError):
    """Another process holds the writer's lock."""


class DataFolderError(AssistantError):
    """The data folder cannot be written or read."""


class EmbedderUnavailable(AssistantError):
    """The server of the embeddings gave no usable vectors: without them nothing is found, and nothing ingested."""


class LLMUnavailable(AssistantError):
    """The language model gave no usable answer.

    `reason` is one of `REASONS`, whose words for people are in the message catalogues (`llm.<reason>`).
    """

    REASONS = (
        "refused", "dns", "tls", "connection", "auth", "forbidden", "not_found", "rate_limited", "server", "timeout",
        "broken_stream", "invalid_response", "bad_request", "empty", "filtered", "context_length", "spent", "paused",
        "missing_package", "unknown",
    )  # fmt: skip

    def __init__(self, reason: str, detail: str = "", *, retry_after: float | None = None) -> None:
        if reason not in self.REASONS:
            raise ValueError(f"no such reason: {reason}")
        super().__init__(f"the language model could not be used ({reason}){f': {detail}' if detail else ''}")
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after


class Refused(AssistantError):
    """The server does not take the work now; `retry_after` is in seconds, where it is known."""

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(Refused):
    """One client asks more often than the server allows."""


class Overloaded(Refused):
    """More is asked at once than the server works on or lets wait."""


class Stopping(Refused):
    """The server is about to end, and finishes only what it has begun."""


class AnswerTimeout(Refused):
    """The answer was not there in the time that one may take."""
