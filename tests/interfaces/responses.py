"""Responses of the API taken apart."""

from __future__ import annotations

import json
from typing import Any

import httpx

from assistant.interfaces.problems import KINDS, OWN


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """What a response tells of a problem, which is in the form that every one has (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["title"] and told["detail"]
    assert KINDS[told["type"].removeprefix(OWN)].status == status
    assert "Traceback" not in response.text and "secret" not in response.text
    return told


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """The names and data of the events that a response streams."""
    assert response.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in response.text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found
