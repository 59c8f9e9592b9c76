"""The HTTP API over a real server on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from assistant.interfaces.guard import BodyLimit
from assistant.interfaces.problems import OWN, add_handlers
from assistant.types import Answer

from .conftest import Served
from .fakes import ARTICLE, HOSTILE, TRADE
from .responses import events, problem


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=10) as client:
        yield client


def test_ask_gives_the_answer(client: httpx.Client) -> None:
    response = client.post("/v1/ask", json={"question": "Trade?"})
    assert response.status_code == 200
    answer = Answer.model_validate_json(response.content)
    assert answer.status == "answered"
    for citation in answer.citations:
        assert ARTICLE.text[citation.start_char_index : citation.end_char_index] == citation.cited_text


@pytest.mark.parametrize(
    ("tag", "language", "first"),
    [(None, "en", "Who chaired"), ("id-ID", "id", "Siapa yang"), ("de", "en", "Who chaired")],
)
def test_examples_are_in_a_language_that_has_some(
    client: httpx.Client, tag: str | None, language: str, first: str
) -> None:
    told = client.get("/v1/examples", params={"language": tag} if tag else {}).json()
    assert told["language"] == language and told["questions"][0].startswith(first)
    problem(client.get("/v1/examples", params={"language": "no language"}), 422)


def test_the_question_reaches_the_chain_whole(served: Served, client: httpx.Client) -> None:
    history = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]
    client.post("/v1/ask", json={"question": "Q", "history": history, "language": "id", "explain": True})
    asked = served.assistant.chain.asked[-1]
    assert [turn.model_dump() for turn in asked.history] == history
    assert (asked.question, asked.language, asked.explain) == ("Q", "id", True)


def test_request_id_comes_from_the_body_or_else_from_the_header(client: httpx.Client) -> None:
    headers = {"X-Request-ID": "from header"}
    assert client.post("/v1/ask", json={"question": "Q"}, headers=headers).json()["request_id"] == "from header"
    both = client.post("/v1/ask", json={"question": "Q", "request_id": "from body"}, headers=headers)
    assert both.json()["request_id"] == "from body"
    assert both.headers["x-request-id"] == "from header"
    assert client.post("/v1/ask", json={"question": "Q"}).json()["request_id"] is None


@pytest.mark.parametrize("path", ["/healthz", "/v1/nothing", "/", "/v1/sources"])
def test_every_response_has_a_request_id(client: httpx.Client, path: str) -> None:
    one, other = (client.get(path).headers["x-request-id"] for _ in range(2))
    assert one != other and len(one) == 32
    assert client.get(path, headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"


def test_a_request_id_is_made_safe(client: httpx.Client) -> None:
    given: list[tuple[bytes, bytes]] = [(b"x-request-id", b"a\tb\xffc" + b"d" * 500)]
    assert client.get("/healthz", headers=given).headers["x-request-id"] == "abc" + "d" * 197
    assert len(client.get("/healthz", headers=[(b"x-request-id", b"\xff")]).headers["x-request-id"]) == 32


@pytest.mark.parametrize("asked", [{"json": {"stream": True}}, {"headers": {"Accept": "text/event-stream"}}])
def test_a_stream_ends_with_the_answer_that_its_sentences_make(client: httpx.Client, asked: dict[str, Any]) -> None:
    body = {"question": "Trade?", **asked.get("json", {})}
    response = client.post("/v1/ask", json=body, headers=asked.get("headers", {}))
    got = events(response)
    names = [name for name, _ in got]
    assert names == ["progress", "progress", "sources", "sentence", "sentence", "notice", "answer"]
    answer = got[-1][1]
    assert "".join(data["text"] for name, data in got if name == "sentence") == answer["answer"]
    assert [c["marker"] for name, data in got if name == "sentence" for c in data["citations"]] == [1, 2]
    assert got[2][1]["passages"][0]["cited_text"] == TRADE
    assert answer == client.post("/v1/ask", json={"question": "Trade?"}).json()


def test_sentences_are_sent_as_they_come(served_held: Served) -> None:
    served_held.assistant.chain.release()
    names: list[str] = []
    body = {"question": "Trade?", "stream": True}
    with httpx.stream("POST", f"{served_held.url}/v1/ask", json=body, timeout=10) as response:
        for line in response.iter_lines():
            if line.startswith("event:"):
                names.append(line)
                if line == "event: sentence" and names.count(line) == 1:
                    served_held.assistant.chain.release()  # the second, only when the first has come
    assert names.count("event: sentence") == 2 and names[-1] == "event: answer"


def test_a_client_that_leaves_ends_the_chain(served: Served) -> None:
    closed = served.assistant.chain.closed
    body = {"question": "slow", "stream": True}
    with httpx.stream("POST", f"{served.url}/v1/ask", json=body, timeout=10) as response:
        next(response.iter_lines())
    _until(lambda: served.assistant.chain.closed == closed + 1)


def test_an_error_in_a_stream_is_its_last_event(client: httpx.Client) -> None:
    name, told = events(client.post("/v1/ask", json={"question": "late", "stream": True}))[-1]
    assert (name, told["status"]) == ("error", 500)
    assert "secret" not in json.dumps(told)


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_that_cannot_be_worked_on_is_422(client: httpx.Client, stream: bool) -> None:
    told = problem(client.post("/v1/ask", json={"question": " ", "stream": stream}), 422)
    assert told["detail"] == "the question is empty: ask something"


@pytest.mark.parametrize("stream", [False, True])
def test_no_index_is_503(served_empty: Served, stream: bool) -> None:
    told = problem(httpx.post(f"{served_empty.url}/v1/ask", json={"question": "Q", "stream": stream}), 503)
    assert "assistant ingest" in told["detail"]
    problem(httpx.get(f"{served_empty.url}/v1/sources"), 503)
    problem(httpx.get(f"{served_empty.url}/readyz"), 503)
    assert httpx.get(f"{served_empty.url}/healthz").status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_an_unexpected_error_is_500_and_tells_nothing(client: httpx.Client, stream: bool) -> None:
    problem(client.post("/v1/ask", json={"question": "broken", "stream": stream}), 500)


@pytest.mark.parametrize(
    "content",
    [b"{", b"", b"\xff\xfe", b'{"question": "x"', b"[" * 100_000],
    ids=["cut", "none", "bytes", "open", "deep"],
)
def test_a_body_that_is_not_json_is_refused(client: httpx.Client, content: bytes) -> None:
    response = client.post("/v1/ask", content=content, headers={"Content-Type": "application/json"})
    problem(response, 422 if content == b"" else 400)


@pytest.mark.parametrize(
    "declared", ["text/plain", "text/json", "application/jsonx", "application/x-www-form-urlencoded", ""]
)
def test_a_body_of_another_type_is_415(client: httpx.Client, declared: str) -> None:
    told = problem(client.post("/v1/ask", content=b'{"question": "x"}', headers={"Content-Type": declared}), 415)
    assert told["type"] == f"{OWN}media-type" and told["title"] == "Unsupported Media Type"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/question"),
        ({"question": 1}, "/question"),
        ({"question": "x", "unknown": 1}, "/unknown"),
        ({"question": "x", "history": [{"role": "system", "content": ""}]}, "/history/0/role"),
        ({"question": "x", "language": "<script>"}, "/language"),
        ({"question": "x", "stream": "perhaps"}, "/stream"),
        ([], "body"),
    ],
)
def test_a_wrong_field_is_named(client: httpx.Client, body: object, pointer: str) -> None:
    told = problem(client.post("/v1/ask", json=body), 422)
    assert [error["pointer"] for error in told["errors"]] == [pointer]
    assert pointer in told["detail"]


def test_a_lone_surrogate_is_refused(client: httpx.Client) -> None:
    content = b'{"question": "\\ud800"}'
    problem(client.post("/v1/ask", content=content, headers={"Content-Type": "application/json"}), 422)


def test_a_large_body_is_413(client: httpx.Client) -> None:
    content = json.dumps({"question": "x" * 300_000}).encode()
    headers = {"Content-Type": "application/json"}
    problem(client.post("/v1/ask", content=content, headers=headers), 413)
    problem(client.post("/v1/ask", content=iter([content[:9], content[9:]]), headers=headers), 413)  # chunked


def test_a_body_that_does_not_come_is_408() -> None:
    app = FastAPI()
    add_handlers(app)
    app.add_middleware(BodyLimit, seconds=0.1)

    @app.post("/v1/ask")
    async def ask(body: dict[str, Any]) -> bool:
        await asyncio.sleep(0.2)  # once the body is there, an answer has its own time
        return True

    async def asked(*received: dict[str, Any]) -> list[Any]:
        coming, sent = iter(received), []
        headers = [(b"host", b"x"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/v1/ask", "query_string": b"", "headers": headers}

        async def receive() -> Any:
            return next(coming, None) or await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent

    half = {"type": "http.request", "body": b"{", "more_body": True}
    start, body = asyncio.run(asked(half))
    assert start["status"] == 408 and (b"connection", b"close") in start["headers"]
    assert json.loads(body["body"])["type"] == f"{OWN}body-timeout"
    start, _ = asyncio.run(asked(half, {"type": "http.request", "body": b"}"}))
    assert start["status"] == 200


@pytest.mark.parametrize("path", ["/static/%2e%2e/%2e%2e/pyproject.toml", "/svelte/%2e%2e/x", "/assets/%2e%2e/x"])
def test_a_path_that_leads_out_of_the_page_s_files_is_404(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/ask/", "/nothing", "/gradio_api/upload"])
def test_an_unknown_path_is_404(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)
    problem(client.post(path, json={}), 404)


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/sources", "/v1/sources/x", "/healthz", "/readyz", "/openapi.json"])
def test_a_wrong_method_is_405(client: httpx.Client, path: str) -> None:
    response = client.put(path, json={})
    problem(response, 405)
    assert response.headers["allow"]


def test_health(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    for path in ("/healthz", "/readyz"):
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")


def test_sources(client: httpx.Client) -> None:
    listed = client.get("/v1/sources").json()["sources"]
    assert [source["source_id"] for source in listed] == [ARTICLE.source_id, HOSTILE.source_id]
    assert listed[0]["date"] == "2019-02-20" and listed[0]["publisher"] == "Bisnis Bali" and "text" not in listed[0]
    for source in (ARTICLE, HOSTILE):
        assert client.get(f"/v1/sources/{source.source_id}").json()["text"] == source.text
    problem(client.get("/v1/sources/none.txt"), 404)


HOSTS = ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.", "[::2]", ""]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/v1/sources", "/healthz", "/config"])
def test_another_host_is_refused(client: httpx.Client, host: str, path: str) -> None:
    problem(client.get(path, headers={"Host": host}), 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7860", "127.0.0.1:1", "[::1]:7860"])
def test_the_names_of_loopback_are_served(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_another_origin_is_refused(client: httpx.Client, origin: str) -> None:
    for path in ("/v1/ask", "/gradio_api/queue/join"):
        problem(client.post(path, json={"question": "Q"}, headers={"Origin": origin}), 403)


@pytest.mark.parametrize(("index", "session"), [(999, "s"), (-1, "s"), (10**30, "s"), (1, "")])
def test_what_gradio_knows_nothing_of_is_not_found(client: httpx.Client, index: int, session: str) -> None:
    asked = {"data": [], "fn_index": index, "session_hash": session}
    problem(client.post("/gradio_api/queue/join", json=asked), 404)


def test_the_own_origin_is_served(served: Served, client: httpx.Client) -> None:
    response = client.post("/v1/ask", json={"question": "Q"}, headers={"Origin": served.url})
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/none", "/static/page.js"])
def test_every_response_has_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]


def test_each_page_has_a_nonce_of_its_own(client: httpx.Client) -> None:
    nonces = set()
    for _ in range(2):
        page = client.get("/", headers={"Accept-Encoding": "br"})
        nonce = page.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
        assert page.text.count("<script") == page.text.count(f'<script nonce="{nonce}"') > 0
        nonces.add(nonce)
    assert len(nonces) == 2


def test_many_ask_at_once(served: Served) -> None:
    answers = []

    def ask(number: int) -> None:
        body = {"question": "Q", "request_id": str(number)}
        answers.append(httpx.post(f"{served.url}/v1/ask", json=body, timeout=30).json()["request_id"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=int) == [str(number) for number in range(20)]


def test_a_request_without_host_is_refused(served: Served) -> None:
    name, port = served.host.split(":")
    with socket.create_connection((name, int(port)), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 421 " in connection.recv(100)


def _until(condition: Any, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
