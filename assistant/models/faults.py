"""What goes wrong with a language model, from its vendor's exceptions to `LLMUnavailable`: the only place that knows them."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator

from assistant.errors import LLMUnavailable

RETRYABLE = frozenset({"refused", "connection", "server", "rate_limited", "broken_stream"})
"""What another try may mend, at little cost: waiting for a slow server twice is none."""
ONE_QUESTION = frozenset({"filtered", "context_length", "empty", "bad_request", "spent"})
"""What says nothing about the server's health."""

_BY_STATUS = {
    401: "auth",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    413: "context_length",
    429: "rate_limited",
}
_BY_CLASS = {  # LangChain's own classes, which its integrations' exceptions inherit from, and vendors' that do not
    "ModelAuthenticationError": "auth", "ModelPermissionDeniedError": "forbidden", "ModelNotFoundError": "not_found",
    "ModelRateLimitError": "rate_limited", "ContextOverflowError": "context_length", "ModelTimeoutError": "timeout",
    "APITimeoutError": "timeout", "StreamChunkTimeoutError": "timeout", "ModelAPIError": "server",
    "ModelRefusalError": "filtered", "ContentFilterFinishReasonError": "filtered",
    "APIResponseValidationError": "invalid_response", "RemoteProtocolError": "broken_stream", "ReadError": "broken_stream",
    "ModelConnectionError": "connection", "APIConnectionError": "connection", "ModelInvalidRequestError": "bad_request",
}  # fmt: skip
_CONTEXT = (
    "context length",
    "context_length",
    "context window",
    "context size",
    "too many tokens",
    "prompt is too long",
)
_FILTER = ("content_filter", "content management policy", "content filter")


def translate(exc: BaseException, *, begun: bool = False) -> LLMUnavailable:
    """The error for an exception of a vendor's client; `begun`: the answer had begun to come."""
    if isinstance(exc, LLMUnavailable):
        return exc
    chain = list(_causes(exc))
    reason = _reason(chain)
    if begun and reason in ("server", "connection", "unknown", "invalid_response"):
        reason = "broken_stream"
    return LLMUnavailable(reason, " ".join(str(exc).split())[:200], retry_after=_retry_after(chain))


def _reason(chain: list[BaseException]) -> str:
    said = " ".join(str(each) for each in chain).casefold()
    if any(phrase in said for phrase in _FILTER):
        return "filtered"
    if any(phrase in said for phrase in _CONTEXT):
        return "context_length"
    if any(isinstance(each, socket.gaierror) for each in chain) or "getaddrinfo" in said or "name or service" in said:
        return "dns"
    if any(isinstance(each, ssl.SSLError) for each in chain) or "certificate" in said or "ssl" in said:
        return "tls"
    if any(isinstance(each, ConnectionRefusedError) for each in chain) or "connection refused" in said:
        return "refused"
    if any(isinstance(each, TimeoutError) for each in chain):
        return "timeout"
    for each in chain:
        if (status := getattr(each, "status_code", None)) and isinstance(status, int):
            return _BY_STATUS.get(status, "server" if status >= 500 else "bad_request")
    if any(isinstance(each, (json.JSONDecodeError, UnicodeDecodeError)) for each in chain):
        return "invalid_response"
    for each in chain:
        for kind in type(each).__mro__:
            if kind.__name__ in _BY_CLASS:
                return _BY_CLASS[kind.__name__]
    if any(type(each).__name__ == "APIError" for each in chain):  # an error object in the middle of a stream
        return "server"
    if any(isinstance(each, OSError) for each in chain):
        return "connection"
    return (
        "invalid_response" if any(isinstance(each, (ValueError, TypeError, KeyError)) for each in chain) else "unknown"
    )


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        exc = exc.__cause__ or exc.__context__


def _retry_after(chain: list[BaseException]) -> float | None:
    """The seconds that the server asks to wait, where it gives a number of them."""
    for each in chain:
        headers = getattr(getattr(each, "response", None), "headers", None)
        if headers is not None and (given := headers.get("retry-after")):
            try:
                return max(0.0, float(given))
            except ValueError:
                return None
    return None
