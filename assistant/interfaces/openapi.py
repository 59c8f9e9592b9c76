"""The OpenAPI document: what FastAPI knows of the routes, and what it does not know of their errors and keys."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from assistant import __version__
from assistant.interfaces.problems import KINDS, MEDIA_TYPE, OpenAIError, Problem

_EVERYWHERE = (401, 403, 421, 429, 500)
_WHERE_NAMED = ("uploads-off",)  # kinds of these statuses that other routes do not have
_OPENAI_MODELS = (OpenAIError,)


def failures(*kinds: int | str, openai: bool = False) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that can fail with these kinds (or all kinds of these statuses) and in ways all can."""
    media, schema = ("application/json", "OpenAIError") if openai else (MEDIA_TYPE, "Problem")
    content = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    meanings: dict[int, list[str]] = {}
    for kind in KINDS.values():
        status = kind.openai_status if openai else kind.status
        everywhere = status in _EVERYWHERE and kind.name not in _WHERE_NAMED
        if everywhere or status in kinds or kind.name in kinds:
            meanings.setdefault(status, []).append(f"`{kind.code if openai else kind.name}`: {kind.meaning}")
    return {status: {"description": "; ".join(told), "content": content} for status, told in sorted(meanings.items())}


def new_app(*, keyed: bool = False) -> FastAPI:
    """An application whose OpenAPI document describes errors too; `keyed`: that a key is needed."""
    app = FastAPI(
        title="Meeting assistant",
        version=__version__,
        summary="Answers about a meeting from its source documents, every sentence verified against their exact words",
        docs_url=None,  # Swagger's and Redoc's pages load their scripts from other servers
        redoc_url=None,
        redirect_slashes=False,
    )
    described = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(described(), keyed=keyed)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def _complete(document: dict[str, Any], *, keyed: bool) -> None:
    schemas = document["components"]["schemas"]
    for model in (Problem, *_OPENAI_MODELS):
        described = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= described.pop("$defs", {}) | {model.__name__: described}
    # What FastAPI says of its own errors, in place of which these are sent.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            if "HTTPValidationError" in str(responses.get("422")):
                del responses["422"]
            for response in responses.values():
                response.setdefault("headers", {})["X-Request-ID"] = _REQUEST_ID
            for status in responses.keys() & {"429", "503"}:
                responses[status]["headers"]["Retry-After"] = _RETRY_AFTER
            if keyed and path not in ("/healthz", "/readyz"):
                operation["security"] = [{"key": []}]


_REQUEST_ID = {
    "description": "the request's own X-Request-ID (printable ASCII, 200 characters at most), or one made for it",
    "schema": {"type": "string"},
}
_RETRY_AFTER = {"description": "seconds after which to try again, where they are known", "schema": {"type": "integer"}}


def close_routes(app: FastAPI) -> None:
    """Answers a wrong method on the routes so far, and anything else under /v1, before a mount at "/" could."""
    methods: dict[str, set[str]] = {}
    for route in app.routes:
        if isinstance(route, Route):
            methods.setdefault(route.path, set()).update(route.methods or ())
    for path, allowed in methods.items():
        app.router.routes.append(Route(path, _Refuse(405, ", ".join(sorted(allowed)))))
    app.router.routes.append(Mount("/v1", _Refuse(404)))


class _Refuse:
    """An endpoint for every method that answers with a status."""

    def __init__(self, status: int, allow: str | None = None) -> None:
        self._status = status
        self._headers = {"allow": allow} if allow else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(self._status, headers=self._headers)
