"""What monitors see: metrics, and the log as lines of JSON."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import traceback
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.interfaces.logs import JsonLines, Printed
from assistant.interfaces.metrics import route_of

from .conftest import Served
from .fakes import ARTICLE, FakeAssistant


@pytest.fixture
def fresh() -> FakeAssistant:
    return FakeAssistant(ARTICLE)


def samples(server: Served) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and labels' values."""
    response = httpx.get(f"{server.url}/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_requests_answers_and_steps_are_counted(fresh: FakeAssistant) -> None:
    with Served(fresh) as server:
        for question in ("Q", "hotel", "broken", " "):
            httpx.post(f"{server.url}/v1/ask", json={"question": question})
        httpx.post(
            f"{server.url}/v1/chat/completions", json={"messages": [{"role": "user", "content": "Q"}], "stream": True}
        )
        httpx.get(f"{server.url}/v1/sources/{ARTICLE.source_id}")
        for n in range(5):
            httpx.request("PATCH", f"{server.url}/teapot/{n}")
        got = samples(server)
    assert got["assistant_http_requests_total", "POST", "/v1/ask", "200"] == 2
    assert got["assistant_http_requests_total", "POST", "/v1/ask", "422"] == 1
    assert got["assistant_http_requests_total", "POST", "/v1/ask", "500"] == 1
    assert got["assistant_http_requests_total", "GET", "/v1/sources/{source_id}", "200"] == 1
    assert got["assistant_http_requests_total", "other", "other", "404"] == 5
    assert got["assistant_answers_total", "embedded", "answered"] == 2
    assert got["assistant_answers_total", "embedded", "not_in_sources"] == 1
    assert (
        got["assistant_answer_failures_total", "question"] == got["assistant_answer_failures_total", "unexpected"] == 1
    )
    assert got["assistant_http_request_seconds_count", "/v1/ask"] == 4
    assert got["assistant_step_seconds_count", "total"] == 3
    assert got["assistant_working",] == got["assistant_waiting",] == 0


@pytest.mark.parametrize(
    ("path", "route"),
    [("/v1/ask", "/v1/ask"), ("/v1/models/a/b", "/v1/models/{model}"), ("/", "page"), ("/gradio_api/x", "page"),
     ("/v1/x", "other"), ("/metrics/x", "other"), ("", "other")],
)  # fmt: skip
def test_a_path_belongs_to_one_of_a_few_routes(path: str, route: str) -> None:
    assert route_of(path) == route


def test_requests_and_answers_are_logged_without_their_texts(
    fresh: FakeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "assistant"), Served(fresh) as server:
        for question in ("Unrepeatable?", "Unrepeatable broken"):
            httpx.post(f"{server.url}/v1/ask", json={"question": question}, headers={"X-Request-ID": "id-7"})
        httpx.get(f"{server.url}/healthz")
        httpx.get(f"{server.url}/static/page.js")
    shown = [JsonLines().format(record) for record in caplog.records if record.name.startswith("assistant")]
    assert "nrepeatable" not in "".join(shown) and "secret detail" not in "".join(shown)
    told = [json.loads(line) for line in shown]
    assert [each["event"] for each in told] == ["answer", "request", "answer", "unexpected error", "request"]
    answer, request, failed, error, _ = told
    assert answer["outcome"] == "answered" and answer["answer_id"] == "a1" and answer["client"] == "127.0.0.1"
    assert (request["method"], request["route"], request["status"]) == ("POST", "/v1/ask", 200) and request["ms"] > 0
    assert failed["outcome"] == "unexpected"
    assert error["error"] == "RuntimeError" and any("fakes.py" in place for place in error["places"])


def test_questions_are_logged_where_that_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "assistant"), Served(FakeAssistant(ARTICLE, log_questions=True)) as server:
        httpx.post(f"{server.url}/v1/ask", json={"question": "Unrepeatable?"})
        httpx.post(f"{server.url}/v1/ask", json={"question": "broken"})
    shown = [json.loads(JsonLines(texts=True).format(r)) for r in caplog.records if r.name.startswith("assistant")]
    assert shown[0]["question"] == "Unrepeatable?"
    assert "secret detail" in [each.get("message") for each in shown]


def test_a_line_is_one_line_whatever_it_holds() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.Logger("x")
    log.addHandler(handler)
    log.warning("a\nb %s", "\ud800", extra={"fields": {"path": object()}})
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "a\nb \\ud800" or "\\ud800" in line


def test_of_a_library_s_message_about_an_exception_only_the_first_line_is_told() -> None:
    told = ("Task exception was never retrieved\nfuture: <Task exception=ValueError('a question')>",)
    exc = ValueError("a question")
    record = logging.LogRecord("asyncio", logging.ERROR, "x", 1, "%s", told, (ValueError, exc, None))
    shown, whole = (JsonLines(texts=texts).format(record) for texts in (False, True))
    assert json.loads(shown)["event"] == "Task exception was never retrieved" and "a question" not in shown
    assert "a question" in json.loads(whole)["event"]


def test_what_libraries_print_is_logged_without_texts(caplog: pytest.LogCaptureFixture) -> None:
    def printed(*, texts: bool) -> list[Any]:
        caplog.clear()
        with contextlib.redirect_stderr(Printed(texts=texts)):
            try:
                raise ValueError("a question\nand more")
            except ValueError:
                traceback.print_exc()
            print("a warn", "ing", sep="", file=sys.stderr)
        return [json.loads(JsonLines(texts=texts).format(record)) for record in caplog.records]

    fault, *_, warning = printed(texts=False)
    assert (fault["error"], fault["event"]) == ("ValueError", "printed by a library")
    assert [place.rpartition(" ")[2] for place in fault["places"]] == ["printed"]
    assert warning["characters"] == 9 and "a question" not in str(fault) and "message" not in warning
    fault, more, warning = printed(texts=True)
    assert (fault["message"], more["message"], warning["message"]) == (
        "ValueError: a question",
        "and more",
        "a warning",
    )


def test_a_log_that_cannot_be_written_is_no_fault_of_what_is_logged() -> None:
    closed = io.StringIO()
    closed.close()
    handler = logging.StreamHandler(closed)
    printed = logging.getLogger("assistant.printed")
    printed.addHandler(handler)
    try:
        with contextlib.redirect_stderr(Printed()):
            print("a warning", file=sys.stderr)
            printed.warning("another")
    finally:
        printed.removeHandler(handler)
