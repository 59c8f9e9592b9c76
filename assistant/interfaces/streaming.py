"""Server-sent events of a question: begun only when it is sure to be worked on, so that earlier failures have a status."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from sse_starlette import EventSourceResponse, ServerSentEvent

from assistant.interfaces.problems import Problem, problem_of
from assistant.types import Event

_SETTLED = 2
"""Events awaited before a stream begins: a question that cannot be worked on fails by then, with its status code."""
_PING = 15  # seconds between the comments that keep a quiet connection open

EVENT_SCHEMA = {
    "description": "one event of the stream",
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}
"""What the OpenAPI document says of each event."""

Render = Callable[[AsyncIterator[Event]], AsyncGenerator[ServerSentEvent, None]]


async def streamed(
    events: AsyncGenerator[Event, None], render: Render, failed: Callable[[Problem], ServerSentEvent]
) -> EventSourceResponse:
    """The response that renders a question's events; `failed` renders what goes wrong after its beginning.

    Raises:
        AssistantError: what goes wrong before.
    """
    first: list[Event] = []
    while len(first) < _SETTLED:
        event = await anext(events, None)
        if event is None:
            break
        first.append(event)

    async def all_events() -> AsyncGenerator[Event, None]:
        for event in first:
            yield event
        async for event in events:
            yield event

    async def body() -> AsyncGenerator[ServerSentEvent, None]:
        try:
            async with aclosing(events), aclosing(all_events()) as every, aclosing(render(every)) as shown:
                async for each in shown:
                    yield each
        except Exception as exc:  # the status has been sent: the problem is an event
            yield failed(problem_of(exc))

    return EventSourceResponse(body(), ping=_PING, sep="\n")


def compact(value: object) -> str:
    """JSON in one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
