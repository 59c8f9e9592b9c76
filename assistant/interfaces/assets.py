"""The page's own files and words, and which of Gradio's paths it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.index.uploads.formats import ENDINGS, MAX_FILE_BYTES
from assistant.interfaces.problems import Problem
from assistant.messages import available, catalogue, languages

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
LANGUAGE_COOKIE = "assistant_language"
"""The language that a reader chose on the page; without it the browser's own is taken."""
# Of Gradio's routes, those that the page uses. The others take uploads, run proxies and edit applications.
_PAGE_PATHS = frozenset(
    {"/", "/config", "/theme.css", "/manifest.json", "/favicon.ico", "/robots.txt"}
    | {
        f"/gradio_api/{name}"
        for name in ("app_id", "queue/join", "queue/data", "cancel", "reset", "startup-events", "info")
    }
)
_PAGE_FOLDERS = ("/assets/", "/static/", "/gradio_api/heartbeat/", "/svelte/")


def add_files(app: FastAPI, *, uploads: bool = False) -> None:
    """Adds the page's own files and words under /static; `uploads`: articles can be added and removed on the page."""

    files = {path.name: path for path in _STATIC.iterdir() if path.suffix in _TYPES}

    @app.get("/static/{name}", include_in_schema=False)
    async def static(name: str, request: Request) -> Response:
        if name == "words.json":
            language = page_language(request.headers, request.cookies)
            words = catalogue(language)
            told = {"language": language, "languages": languages(), **words.table("page")}
            if uploads:
                told["upload"] = {**words.table("upload"), "endings": tuple(ENDINGS), "most": MAX_FILE_BYTES}
            return JSONResponse(told, headers={"cache-control": "no-store"})
        if name not in files:
            return Problem.of("not-found").response()
        media = _TYPES[files[name].suffix]
        return FileResponse(files[name], media_type=media, headers={"cache-control": "no-cache"})


class PageOnly:
    """Gradio without the routes that the page does not use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path in _PAGE_PATHS or path.startswith(_PAGE_FOLDERS):
            await self._app(scope, receive, send)
        else:
            await Problem.of("not-found").response()(scope, receive, send)


def page_language(headers: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    """The language of the page for who asks: the one chosen on it, or the browser's."""
    return available(cookies.get(LANGUAGE_COOKIE, "")) or preferred_language(headers.get("accept-language", ""))


def preferred_language(accept: str) -> str:
    """The best catalogue for an Accept-Language header, "en" where none fits."""
    weighed: list[tuple[float, int, str]] = []
    for place, choice in enumerate(accept.split(",")):
        tag, _, weight = choice.partition(";")
        name = available(tag.strip())
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if name and quality > 0:
            weighed.append((-quality, place, name))
    return min(weighed)[2] if weighed else "en"
