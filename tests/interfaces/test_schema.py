"""The OpenAPI document: complete, with examples that hold, and nothing happens that it does not tell of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import TypeAdapter
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from assistant.interfaces import examples
from assistant.interfaces.described import SourceInfo, SourceList, SourceText
from assistant.interfaces.problems import KINDS, OWN, OpenAIError, Problem
from assistant.types import Answer

from .conftest import ANA, Served

POSTS = {"/v1/ask", "/v1/chat/completions", "/v1/feedback"}
PATHS = {
    "/v1/ask", "/v1/chat/completions", "/v1/models", "/v1/models/{model}", "/v1/sources", "/v1/sources/{source_id}",
    "/v1/examples", "/v1/feedback", "/healthz", "/readyz", "/metrics",
}  # fmt: skip
TRIED = [(path, "post" if path in POSTS else "get", GenerationMode.POSITIVE) for path in sorted(PATHS)] + [
    (path, "post", GenerationMode.NEGATIVE) for path in sorted(POSTS)
]
TRIED += [("/v1/sources", "post", mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
TRIED += [("/v1/sources/{source_id}", "delete", GenerationMode.POSITIVE)]
EXAMPLES = 40  # for each operation; a bounded run


@pytest.fixture
def document(served: Served) -> Any:
    return httpx.get(f"{served.url}/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_is_described(document: Any) -> None:
    assert set(document["paths"]) == PATHS
    for _, _, operation in operations(document):
        assert operation["summary"]
        assert all(response["description"] for response in operation["responses"].values())
        assert {"200", "401", "403", "421", "429", "500"} <= operation["responses"].keys()
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in document["components"]["schemas"]
    assert "HTTPValidationError" not in text


def test_every_kind_of_error_is_described_where_it_can_occur(document: Any) -> None:
    told = json.dumps(document["paths"])
    assert [
        name
        for name in KINDS
        if name not in ("method", "usage") and f"`{name}`" not in told and f"`{KINDS[name].code}`" not in told
    ] == []
    ask = document["paths"]["/v1/ask"]["post"]["responses"]
    assert {"400", "413", "415", "422", "503", "504"} <= ask.keys()
    assert "Retry-After" in ask["429"]["headers"] and "X-Request-ID" in ask["200"]["headers"]
    chat = document["paths"]["/v1/chat/completions"]["post"]["responses"]
    assert "422" not in chat and "OpenAIError" in json.dumps(chat["400"])


def test_every_request_example_is_answered(document: Any, served: Served) -> None:
    tried = 0
    for path, method, operation in operations(document):
        bodies = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
        assert bool(bodies) == (method == "post" and path != "/v1/sources"), path
        for example in bodies.values():
            tried += 1
            response = httpx.request(method, f"{served.url}{path}", json=example["value"])
            assert response.status_code == 200, response.text
            assert "event-stream" in response.headers["content-type"] or not example["value"].get("stream")
    assert tried >= 8


def test_every_response_example_is_what_is_sent(document: Any) -> None:
    def example(path: str, method: str, media: str = "application/json") -> Any:
        return document["paths"][path][method]["responses"]["200"]["content"][media]["example"]

    assert Answer.model_validate(example("/v1/ask", "post")).citations
    for line in example("/v1/ask", "post", "text/event-stream").splitlines():
        assert not line or line.startswith("event: ") or json.loads(line.removeprefix("data: "))
    completion = example("/v1/chat/completions", "post")
    message = ChatCompletion.model_validate(completion).choices[0].message
    (annotation,) = completion["choices"][0]["message"]["annotations"]
    place = annotation["url_citation"]
    assert message.content and message.content[place["start_index"] : place["end_index"]] == "[1]"
    *lines, last = [line for line in example("/v1/chat/completions", "post", "text/event-stream").splitlines() if line]
    assert last == "data: [DONE]"
    for line in lines:
        ChatCompletionChunk.model_construct(**json.loads(line.removeprefix("data: ")))
    uploaded = examples.UPLOADED  # where a route gives an example itself, FastAPI leaves out what is null in it
    assert SourceInfo.model_validate(uploaded) and example("/v1/sources", "post").items() <= uploaded.items()
    models = example("/v1/models", "get")
    assert models["data"] == [example("/v1/models/{model}", "get")]
    schemas = document["components"]["schemas"]
    for model in (SourceInfo, SourceText, SourceList, Problem):
        (shown,) = schemas[model.__name__]["examples"]
        assert TypeAdapter(model).validate_python(shown)
    assert Problem.of("question", "x").type == schemas["Problem"]["examples"][0]["type"] == f"{OWN}question"
    assert set(OpenAIError.model_fields) == {"error"}


@pytest.mark.parametrize(("path", "method", "mode"), TRIED)
def test_whatever_is_sent_is_answered_as_described(
    served: Served, document: Any, path: str, method: str, mode: GenerationMode
) -> None:
    described = schemathesis.openapi.from_dict(document)
    described.config.update(base_url=served.url)
    operation = described[path][method.upper()]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def tried(case: Any) -> None:
        response = case.call(timeout=20)
        excluded = [positive_data_acceptance]  # no schema can tell which texts are questions
        if response.status_code == 413:  # which schemathesis does not count among the refusals
            excluded.append(negative_data_rejection)
        case.validate_response(response, excluded_checks=excluded)

    tried()


@pytest.mark.parametrize("path", sorted(PATHS))
def test_without_a_key_nothing_else_is_said(served_with_keys: Served, path: str) -> None:
    url = f"{served_with_keys.url}{path.format(model='m', source_id='s')}"
    open_to_all = path in ("/healthz", "/readyz")
    for method in ("GET", "POST", "DELETE"):
        status = httpx.request(method, url, json={}).status_code
        assert status in ((200, 405) if open_to_all else (401,))
        assert httpx.request(method, url, json={}, headers={"Authorization": f"Bearer {ANA}"}).status_code != 401
