"""The routes by which articles are added and removed. A file is taken as it comes, and never held in memory whole."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
import unicodedata
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import ClientDisconnect

from assistant.errors import DataFolderError, Overloaded, Stopping, UploadError, UploadsOff
from assistant.index.uploads.convert import require_packages
from assistant.index.uploads.formats import MAX_FILE_BYTES, clean_name, too_large
from assistant.interfaces import examples
from assistant.interfaces.bodies import Health
from assistant.interfaces.described import SourceInfo
from assistant.interfaces.desk import Desk
from assistant.interfaces.openapi import failures
from assistant.interfaces.ports import Application
from assistant.interfaces.problems import problem_of
from assistant.interfaces.streaming import EVENT_SCHEMA, compact
from assistant.types import Source

PATH = "/v1/sources"

_WORKING, _WAITING = 2, 8
"""Files that are read at once, and that wait for it; each is read by a process of its own."""
_PATIENCE = 900  # seconds for a file to arrive: 50 MB at half a megabit a second
_EVENT_STREAM = "text/event-stream"
_OFF = "articles cannot be added or removed: ASSISTANT_UPLOADS is not set to true"
_SHORT = 300
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"the file itself, {MAX_FILE_BYTES // 1_000_000} MB at most",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

Tell = Callable[[str, int, int], None]


class _Places:
    """So many files are received, worked on or wait; of these so many are worked on at once. More are refused."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_WORKING)
        self._taken = 0

    def enter(self) -> None:
        """Takes a place. Raises Overloaded if there is none."""
        if self._taken >= _WORKING + _WAITING:
            raise Overloaded("too many articles are being changed at once: try again in a moment", retry_after=10)
        self._taken += 1

    def leave(self) -> None:
        """Gives it back."""
        self._taken -= 1

    def working(self) -> asyncio.Semaphore:
        """What is held while a file is worked on."""
        return self._free


def add_uploads(app: FastAPI, assistant: Application, desk: Desk) -> None:
    """Adds the routes; where the setting does not allow uploads they say so.

    Raises:
        SettingsError: it does, and the packages that read files are not installed.
    """
    if assistant.settings.uploads:
        require_packages()
    places = _Places()
    running: set[_Task] = set()  # asyncio itself forgets a task that nobody holds

    @app.post(
        PATH,
        summary="Add an article",
        description="The body is the file; what it is called decides how it is read. With `Accept: text/event-stream` "
        "the response tells of the steps as they are done.",
        response_model=SourceInfo,
        responses={
            200: {
                "description": "The source, which can be asked about from now on; or with `Accept: text/event-stream` "
                "the events `progress`, then `source`, or `error` (a Problem)",
                "content": {
                    "application/json": {"example": examples.UPLOADED},
                    _EVENT_STREAM: {"schema": EVENT_SCHEMA, "example": examples.UPLOADING},
                },
            },
            **failures("uploads-off", 408, 409, 413, 422, 503),
        },
        openapi_extra=_BODY,
    )
    async def add(
        request: Request,
        name: Annotated[
            str,
            Query(
                min_length=1,
                max_length=1000,
                description="the file's name, by whose ending (txt, md, pdf, docx, html, htm) its type is known",
                openapi_examples={"pdf": {"value": "minutes.pdf"}},
            ),
        ],
        title: Annotated[str | None, Query(max_length=_SHORT, description="in place of the file's own title")] = None,
        date: Annotated[
            dt.date | None, Query(description="the day of the article, from which `last year` and the like are counted")
        ] = None,
    ) -> Any:
        _check_allowed(assistant, desk)
        cleaned = clean_name(name)  # before the file is sent
        places.enter()
        try:
            file = await _received(request)
        except BaseException:
            places.leave()
            raise

        async def work(tell: Tell) -> Source:
            def tell_or_stop(step: str, done: int, total: int) -> None:
                if desk.stopping:  # between two batches: nothing has changed yet
                    raise _stopping()
                tell(step, done, total)

            try:
                async with places.working():
                    return await asyncio.to_thread(
                        assistant.add, Path(file.name), cleaned, title=title, date=date, progress=tell_or_stop
                    )
            finally:
                file.close()
                places.leave()

        task = _Task(work, running)
        if _EVENT_STREAM in request.headers.get("accept", "").lower():
            return EventSourceResponse(task.events(), ping=5, sep="\n")
        return SourceInfo.of(await task.result())

    @app.delete(
        PATH + "/{source_id:path}",
        summary="Remove an article that was added",
        responses=failures("uploads-off", "not-found", 503),
    )
    async def remove(source_id: str) -> Health:
        _check_allowed(assistant, desk)
        found = unicodedata.normalize("NFC", source_id)
        places.enter()
        try:
            async with places.working():
                was_there = await asyncio.to_thread(assistant.remove, found)
        finally:
            places.leave()
        if not was_there:
            raise HTTPException(404, f"there is no source {source_id}: GET {PATH} lists them")
        return Health(status="removed")


def _check_allowed(assistant: Application, desk: Desk) -> None:
    if not assistant.settings.uploads:
        raise UploadsOff(_OFF)
    if desk.stopping:
        raise _stopping()


def _stopping() -> Stopping:
    return Stopping("the server is about to stop: try again in a moment", retry_after=1)


async def _received(request: Request) -> IO[bytes]:
    """The body as a temporary file, which goes when it is closed.

    Raises:
        UploadError: it is larger than the limit, or does not arrive whole.
        DataFolderError: there is no room for it.
    """
    try:
        file = tempfile.NamedTemporaryFile(prefix="assistant-")  # noqa: SIM115 (closed by who works on it)
        try:
            await _receive(request, file)
        except BaseException:
            with suppress(OSError):  # what could not be written is not written when it is closed either
                file.close()
            raise
    except OSError as exc:
        where = tempfile.gettempdir()
        raise DataFolderError(
            f"the file cannot be kept in {where} ({exc.strerror}): try again when it has room"
        ) from exc
    return file


async def _receive(request: Request, file: IO[bytes]) -> None:
    """Writes the body to a file, as far as the limit. Raises as `_received`, but OSError where there is no room."""
    taken = 0
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                taken += len(piece)
                if taken > MAX_FILE_BYTES:
                    raise too_large()
                await asyncio.to_thread(file.write, piece)
    except TimeoutError as exc:
        what = f"the file did not come within {_PATIENCE} s: send it again"
        raise HTTPException(408, what, {"connection": "close"}) from exc
    except ClientDisconnect as exc:
        raise UploadError("damaged", "the file did not arrive whole: upload it again") from exc
    await asyncio.to_thread(file.flush)


class _Task:
    """Work in the background that tells how far it is; it goes on to its end also when nobody listens any more."""

    def __init__(self, work: Callable[[Tell], Coroutine[Any, Any, Source]], running: set[_Task]) -> None:
        self._steps: asyncio.Queue[tuple[str, int, int] | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def tell(step: str, done: int, total: int) -> None:
            with suppress(RuntimeError):  # the loop has ended with the server
                loop.call_soon_threadsafe(self._steps.put_nowait, (step, done, total))

        self._task = asyncio.create_task(work(tell))
        self._task.add_done_callback(self._ended)
        self._running = running
        running.add(self)

    def _ended(self, task: asyncio.Task[Source]) -> None:
        self._running.discard(self)
        self._steps.put_nowait(None)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of one that nobody waits for

    async def result(self) -> Source:
        """What the work gives; raises what it raises."""
        return await asyncio.shield(self._task)

    async def events(self) -> AsyncGenerator[ServerSentEvent, None]:
        """`progress` for each step, then `source` or `error`."""
        while (step := await self._steps.get()) is not None:
            name, done, total = step
            yield ServerSentEvent(compact({"step": name, "done": done, "total": total}), event="progress", sep="\n")
        try:
            source = await self.result()
        except Exception as exc:
            yield ServerSentEvent(problem_of(exc).json_text(), event="error", sep="\n")
        else:
            yield ServerSentEvent(SourceInfo.of(source).model_dump_json(), event="source", sep="\n")
