"""One server for the API and the page."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import ipaddress
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from sse_starlette.sse import AppStatus
from starlette.middleware.cors import CORSMiddleware

from assistant.errors import AssistantError, UsageError
from assistant.index.uploads.formats import MAX_FILE_BYTES
from assistant.interfaces import logs
from assistant.interfaces.access import KeyNeeded, Keys
from assistant.interfaces.api import add_api
from assistant.interfaces.assets import add_files
from assistant.interfaces.completions import add_completions
from assistant.interfaces.connections import Connection
from assistant.interfaces.desk import Desk
from assistant.interfaces.feedback import add_feedback
from assistant.interfaces.guard import BodyLimit, Origins
from assistant.interfaces.headers import SecurityHeaders
from assistant.interfaces.login import add_login
from assistant.interfaces.metrics import Metrics, add_metrics
from assistant.interfaces.openapi import close_routes, new_app
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import add_handlers
from assistant.interfaces.rates import RateLimit, Rates
from assistant.interfaces.record import Record
from assistant.interfaces.uploads import PATH, add_uploads
from assistant.interfaces.web import mount_page
from assistant.settings import Settings

_GRACE = 5  # seconds that other responses have when the server stops; answers have all the time that one may take

_IDLE = 75
"""Seconds that an idle connection stays open: longer than clients and proxies keep theirs (httpx 5, aiohttp 15, nginx and
Amazon's load balancers 60), or a question would now and then meet a connection that is just being closed, and be lost."""


def create_app(assistant: Application, *, loopback: bool = True) -> FastAPI:
    """The API and the page of an assistant; `loopback`: other hosts' requests are refused.

    Raises:
        SettingsError: a setting that cannot be used.
    """
    settings = assistant.settings
    keys, metrics, rates = Keys(settings.keys()), Metrics(), Rates(settings)
    app = new_app(keyed=bool(keys))
    app.state.closing = asyncio.Event()  # set: the page's streams end
    app.state.desk = desk = Desk(assistant, metrics)
    app.state.rates = rates
    add_api(app, assistant, desk)
    add_uploads(app, assistant, desk)
    add_completions(app, assistant, desk)
    add_feedback(app, settings.data, metrics)
    add_metrics(app, metrics)
    add_files(app, uploads=settings.uploads)
    if keys:
        add_login(app, keys)
    add_handlers(app)
    close_routes(app)
    mount_page(app, assistant, desk, rates)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, files=(PATH, MAX_FILE_BYTES))
    app.add_middleware(RateLimit, rates=rates)
    if keys:
        app.add_middleware(KeyNeeded, keys=keys, rates=rates)
    if settings.origins():
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins(),
            allow_methods=["GET", "POST", "DELETE"] if settings.uploads else ["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["x-request-id", "retry-after"],
        )
    app.add_middleware(Origins, loopback=loopback, allowed=settings.origins())
    app.add_middleware(Record, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    return app


def serve(assistant: Application, host: str, port: int) -> None:
    """Serves until SIGINT or SIGTERM.

    Raises:
        UsageError: as `check_host`.
        AssistantError: the port cannot be used.
    """
    check_host(assistant.settings, host)
    loopback = _is_loopback(host)
    with listening(host, port) as listener:
        banner = _banner(assistant, host, listener.getsockname()[1])
        asyncio.run(_serve(assistant, listener, banner, loopback=loopback))


def check_host(settings: Settings, host: str) -> None:
    """Raises UsageError where the host is not a loopback address, and there are no keys."""
    if not _is_loopback(host) and not settings.keys():
        raise UsageError(
            f"{host} is open to other computers, which needs API keys: set ASSISTANT_API_KEYS, or use --host 127.0.0.1"
        )


async def _serve(assistant: Application, listener: socket.socket, banner: str, *, loopback: bool) -> None:
    # The application is made inside the loop: outside one, Gradio makes a loop of its own and leaves it open.
    app = create_app(assistant, loopback=loopback)
    logs.configure(texts=assistant.settings.log_questions)
    AppStatus.enable_automatic_graceful_drain = False  # it would cut off the streams of answers to be finished
    server = _Server(configured(app, assistant.settings), banner, app)
    with contextlib.redirect_stderr(logs.Printed(texts=assistant.settings.log_questions)):
        await server.serve(sockets=[listener])


def configured(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How an application is served."""
    proxies = settings.trusted_proxies()
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_IDLE,
        http=Connection,
        ws="none",
    )


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, finishes what it has begun, and for which a signal is a normal end."""

    def __init__(self, config: uvicorn.Config, banner: str, app: FastAPI) -> None:
        super().__init__(config)
        self._banner = banner
        self._said = sys.stderr  # while it serves, what is printed goes to the log
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            gc.freeze()  # what is there now stays; to look through it for garbage would hold answers up, for up to 0.3 s
            print(self._banner, file=self._said, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        desk: Desk = self._app.state.desk
        desk.stop()
        end = time.monotonic() + desk.seconds + 1
        while desk.working and not self.force_exit and time.monotonic() < end:  # meanwhile others are told with 503
            await asyncio.sleep(0.02)
        self._app.state.closing.set()  # an open page would hold the server until the grace is over
        await super().shutdown(sockets)
        await self._app.state.rates.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again afterwards, which ends the process with a traceback or a bad status.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _banner(assistant: Application, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    settings = assistant.settings
    return f"Ready on http://{shown}:{port}  (reader: {settings.reader()}, data: {settings.data}). Ctrl-C stops it."


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host) in (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
    except ValueError:
        return False


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        AssistantError: the port cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named: asyncio sends small pieces at once (TCP_NODELAY) only on sockets that name it, and without
    # that each response waits for the client's delayed acknowledgement (46 ms a request in place of 3, measured).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # two sockets can be bound to a port, but only one can listen
    except (OSError, OverflowError) as exc:
        listener.close()
        if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
            raise AssistantError(f"port {port} is in use: give --port") from exc
        reason = exc.strerror if isinstance(exc, OSError) else "not a port"
        raise AssistantError(f"cannot listen on {host}, port {port} ({reason}): give --host or --port") from exc
    return listener
