"""One server for the API and the page."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from assistant.errors import AssistantError, UsageError
from assistant.interfaces.api import add_api, close_routes, new_app
from assistant.interfaces.assets import add_files
from assistant.interfaces.guard import BodyLimit, LocalOnly
from assistant.interfaces.headers import SecurityHeaders
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import add_handlers
from assistant.interfaces.web import mount_page

_GRACE = 5  # seconds that answers in progress have when the server stops


def create_app(assistant: Application) -> FastAPI:
    """The API and the page of an assistant, for loopback: other hosts' requests are refused."""
    app = new_app()
    app.state.closing = asyncio.Event()  # set: the page's streams end
    add_api(app, assistant)
    add_files(app)
    add_handlers(app)
    close_routes(app)
    mount_page(app, assistant)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(LocalOnly)
    app.add_middleware(SecurityHeaders)
    return app


def serve(assistant: Application, host: str, port: int) -> None:
    """Serves until SIGINT or SIGTERM.

    Raises:
        UsageError: the host is not a loopback address.
        AssistantError: the port cannot be used.
    """
    if not _is_loopback(host):
        raise UsageError(f"{host} is open to other computers, which needs API keys: use --host 127.0.0.1")
    with _listening(host, port) as listener:
        asyncio.run(_serve(assistant, listener, _banner(assistant, host, listener.getsockname()[1])))


async def _serve(assistant: Application, listener: socket.socket, banner: str) -> None:
    # The application is made inside the loop: outside one, Gradio makes a loop of its own and leaves it open.
    app = create_app(assistant)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    await _Server(config, banner, app.state.closing).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, and for which a signal is a normal end."""

    def __init__(self, config: uvicorn.Config, banner: str, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._banner = banner
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._banner, file=sys.stderr, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()  # an open page would hold the server until the grace is over
        await super().shutdown(sockets)

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
    return f"Ready on http://{shown}:{port}  (reader: {settings.model}, data: {settings.data}). Ctrl-C stops it."


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host) in (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
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
