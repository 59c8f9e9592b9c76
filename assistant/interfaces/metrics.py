"""What Prometheus is told: requests, answers and how long each step took."""

from __future__ import annotations

from fastapi import FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response

from assistant.interfaces import examples
from assistant.interfaces.openapi import failures
from assistant.types import Answer

_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS"})
_ROUTES = (
    "/v1/ask", "/v1/chat/completions", "/v1/models", "/v1/sources", "/v1/examples", "/v1/feedback",
    "/healthz", "/readyz", "/metrics", "/openapi.json", "/login",
)  # fmt: skip
_TEMPLATES = {"/v1/models/": "/v1/models/{model}", "/v1/sources/": "/v1/sources/{source_id}", "/static/": "/static"}
_PAGE = ("/gradio_api/", "/assets/", "/svelte/", "/config", "/theme.css", "/manifest.json", "/favicon.ico")

# The embedded reader's steps take 0.1 to 10 ms, a whole answer about 25 ms; a language model takes seconds.
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "assistant_http_requests",
            "HTTP requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "assistant_http_request_seconds",
            "Time to the end of each HTTP response.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "assistant_answers", "Answers by status and reader.", ("status", "reader"), registry=self.registry
        )
        self._failures = Counter(
            "assistant_answer_failures", "Questions without an answer, by kind.", ("kind",), registry=self.registry
        )
        self._steps = Histogram(
            "assistant_step_seconds",
            "Time of each step of an answer.",
            ("step",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._ratings = Counter("assistant_feedback", "Readers' ratings.", ("rating",), registry=self.registry)
        self.working = Gauge("assistant_working", "Questions that are being answered.", registry=self.registry)
        self.waiting = Gauge("assistant_waiting", "Questions in the queue.", registry=self.registry)

    def request(self, path: str, method: str, status: int, seconds: float) -> None:
        """A request that has been answered."""
        route = route_of(path)
        self._requests.labels(route, method if method in _METHODS else "other", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, answer: Answer) -> None:
        """An answer that was given."""
        self._answers.labels(answer.status, answer.reader).inc()
        for step, ms in answer.timings_ms.items():
            self._steps.labels(step).observe(ms / 1000)

    def failure(self, kind: str) -> None:
        """A question that got no answer; `kind` is one of `assistant.interfaces.problems.KINDS`, or "left"."""
        self._failures.labels(kind).inc()

    def rating(self, rating: str) -> None:
        """A reader's thumb, up or down."""
        self._ratings.labels(rating).inc()


def route_of(path: str) -> str:
    """The route that a path belongs to: one of a few names, so that no client can make new ones."""
    if path in _ROUTES:
        return path
    for beginning, route in _TEMPLATES.items():
        if path.startswith(beginning):
            return route
    return "page" if path == "/" or path.startswith(_PAGE) else "other"


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Adds the route that Prometheus reads."""

    @app.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": examples.METRICS}}},
            **failures(),
        },
    )
    def read(_: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
