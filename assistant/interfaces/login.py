"""The page's login: a form that takes an API key and gives a cookie for it."""

from __future__ import annotations

import html
import re
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.interfaces.access import COOKIE, SESSION_SECONDS, Keys
from assistant.interfaces.assets import preferred_language
from assistant.messages import catalogue

_FORM = Path(__file__).parent / "static" / "login.html"
_PAGE = re.compile(r"/(\?[\x21-\x7e]*)?")  # where one goes after: the page and nothing else
_MAX_BODY = 16 * 1024


def add_login(app: FastAPI, keys: Keys) -> None:
    """Adds /login, for servers with keys."""

    @app.get("/login", include_in_schema=False)
    async def form(request: Request) -> Response:
        return _form(request, request.query_params.get("next", "/"))

    @app.post("/login", include_in_schema=False)
    async def login(request: Request) -> Response:
        fields = parse_qs((await request.body())[:_MAX_BODY].decode("latin-1"))
        key, page = (fields.get(name, [""])[0] for name in ("key", "next"))
        holder = keys.holder(key.strip())
        if holder is None:
            return _form(request, page, wrong=True)
        response = RedirectResponse(page if _PAGE.fullmatch(page) else "/", 303)
        response.set_cookie(
            COOKIE,
            keys.session(holder),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response


def _form(request: Request, page: str, *, wrong: bool = False) -> Response:
    language = preferred_language(request.headers.get("accept-language", ""))
    words = catalogue(language)
    shown = Template(_FORM.read_text(encoding="utf-8")).substitute(
        language=language,
        next=html.escape(page if _PAGE.fullmatch(page) else "/"),
        wrong=f'<p role="alert">{html.escape(words.text("login.wrong"))}</p>' if wrong else "",
        title=html.escape(words.text("page.title")),
        **{name: html.escape(words.text(f"login.{name}")) for name in ("explain", "key", "enter")},
    )
    return HTMLResponse(shown, 401 if wrong else 200)
