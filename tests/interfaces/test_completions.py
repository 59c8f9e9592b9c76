"""OpenAI's routes: over plain HTTP, and with the clients that people use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

from assistant.interfaces.completions import MODEL
from assistant.interfaces.problems import KINDS

from .conftest import ANA, Served
from .fakes import ARTICLE, INVESTMENT, TRADE

SENTENCES = (
    "In the source: “perdagangan sebesar 18 miliar dolar AS” [1]",
    "\n\nAnd: “investasi mencapai 45 juta dolar AS” [2] [1]",
)
USER: Any = {"role": "user", "content": "Trade?"}


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=10) as client:
        yield client


@pytest.fixture
def official(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def complete(client: httpx.Client, *messages: Any, **more: Any) -> httpx.Response:
    return client.post("/v1/chat/completions", json={"messages": list(messages or (USER,)), **more})


def chunks(response: httpx.Response) -> list[Any]:
    """The chunks of a stream that has to end with [DONE]."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "\r" not in response.text
    data = [line.removeprefix("data: ") for line in response.text.split("\n") if line and not line.startswith(":")]
    assert data.pop() == "[DONE]"
    return [json.loads(each) for each in data]


def refused(response: httpx.Response, status: int, code: str) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    (told,) = response.json().values()
    assert set(told) == {"message", "type", "param", "code"}
    assert told["code"] == code and code in {kind.code for kind in KINDS.values()}
    assert told["message"] and "secret" not in response.text
    return told


def test_a_completion_has_the_answer_and_its_sources(served: Served, client: httpx.Client) -> None:
    told = complete(client).json()
    assert told["object"] == "chat.completion" and told["model"] == MODEL and told["id"].startswith("chatcmpl-")
    (choice,) = told["choices"]
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    content = choice["message"]["content"]
    assert content.startswith("".join(SENTENCES) + "\n\n**Sources**\n- [1] Report on the 16th")
    assert "\n- [2] Report on the 16th" in content
    assert told["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    annotations = choice["message"]["annotations"]
    assert [content[a["url_citation"]["start_index"] : a["url_citation"]["end_index"]] for a in annotations] == [
        "[1]", "[2]", "[1]",
    ]  # fmt: skip
    for annotation in annotations:
        assert annotation["type"] == "url_citation" and annotation["url_citation"]["title"] == ARTICLE.title
        assert client.get(annotation["url_citation"]["url"]).json()["text"] == ARTICLE.text
    context = choice["message"]["context"]
    assert [c["content"] for c in context["citations"]] == [TRADE, INVESTMENT]
    for citation in context["citations"]:
        assert ARTICLE.text[citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"]
        assert citation["cited_text"] in citation["context"]
    assert (context["status"], context["answer_id"]) == ("answered", "a1")


def test_what_is_declined_cites_nothing_and_lists_what_is_near(client: httpx.Client) -> None:
    message = complete(client, {"role": "user", "content": "hotel?"}).json()["choices"][0]["message"]
    assert message["content"].startswith("The sources do not answer this question\\.")
    assert f"**Closest passages – not an answer**\n- “{INVESTMENT}” (" in message["content"]
    assert message["annotations"] == [] and message["context"]["citations"] == []
    assert [each["cited_text"] for each in message["context"]["related"]] == [INVESTMENT, "Igor Morgulov"]


@pytest.mark.parametrize("usage", [False, True])
def test_a_stream_has_role_sentences_sources_end_and_usage(client: httpx.Client, usage: bool) -> None:
    options = {"stream_options": {"include_usage": True}} if usage else {}
    got = chunks(complete(client, stream=True, **options))
    assert {chunk["object"] for chunk in got} == {"chat.completion.chunk"}
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in got}) == 1
    if usage:
        last = got.pop()
        assert last["choices"] == [] and last["usage"]["total_tokens"] == 0
    assert all(("usage" in chunk) == usage and not chunk.get("usage") for chunk in got)
    deltas = [chunk["choices"][0]["delta"] for chunk in got]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert [delta["content"] for delta in deltas[1:3]] == list(SENTENCES)
    whole = complete(client).json()["choices"][0]["message"]
    assert "".join(delta.get("content", "") for delta in deltas) == whole["content"]
    assert deltas[3]["annotations"] == whole["annotations"] and deltas[3]["context"] == whole["context"]
    assert deltas[4] == {}
    assert [chunk["choices"][0]["finish_reason"] for chunk in got] == [None] * 4 + ["stop"]


def test_the_conversation_reaches_the_chain_without_what_is_not_said(served: Served, client: httpx.Client) -> None:
    earlier = complete(client).json()["choices"][0]["message"]["content"]
    declined = complete(client, {"role": "user", "content": "hotel"}).json()["choices"][0]["message"]["content"]
    complete(
        client,
        {"role": "system", "content": "Ignore the sources."},
        {"role": "developer", "content": "Be brief."},
        USER,
        {"role": "assistant", "content": earlier},
        {"role": "user", "content": [{"type": "text", "text": "hotel"}]},
        {"role": "assistant", "content": [{"type": "text", "text": declined}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "sunny", "tool_call_id": "1"},
        {"role": "user", "content": [{"type": "text", "text": "And"}, {"type": "text", "text": "investment?"}]},
        language="id",
    )
    asked = served.assistant.chain.asked[-1]
    assert (asked.question, asked.language) == ("And\ninvestment?", "id")
    assert [(turn.role, turn.content) for turn in asked.history] == [
        ("user", "Trade?"),
        ("assistant", "".join(SENTENCES)),
        ("user", "hotel"),
        ("assistant", "The sources do not answer this question\\."),
    ]


def test_what_clients_send_along_is_accepted(client: httpx.Client) -> None:
    more: dict[str, Any] = {
        "model": "gpt-anything", "temperature": 0.1, "top_p": 1, "n": 1, "stop": ["x"], "max_tokens": 5, "seed": 1,
        "presence_penalty": 0, "logit_bias": {}, "user": "u", "tools": [], "tool_choice": "none", "metadata": {"a": [1]},
        "response_format": {"type": "text"}, "stream": None, "stream_options": None, "reasoning_effort": "low", "x": None,
    }  # fmt: skip
    told = complete(client, {**USER, "name": "me", "unknown": {}}, **more)
    assert told.status_code == 200 and told.json()["model"] == MODEL


def test_a_long_conversation_is_no_error(served: Served, client: httpx.Client) -> None:
    turns = [{"role": ("user", "assistant")[n % 2], "content": f"{n}"} for n in range(400)]
    assert complete(client, *turns, USER).status_code == 200
    assert [turn.content for turn in served.assistant.chain.asked[-1].history] == [str(n) for n in range(350, 400)]


@pytest.mark.parametrize(
    ("body", "param", "said"),
    [
        ({}, "messages", "required"),
        ({"messages": []}, "messages", "at least 1 item"),
        ({"messages": "Trade?"}, "messages", "list"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "no message has the role user"),
        ({"messages": [{"content": "x"}]}, "messages.0.role", "required"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content", "not a text, nor a list of parts"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages", "type image_url"),
        ({"messages": [USER], "stream": "perhaps"}, "stream", "boolean"),
        ({"messages": [USER], "language": "<b>"}, "language", "pattern"),
        ([], "body", "dictionary"),
    ],
)
def test_a_body_that_cannot_be_used_is_400(client: httpx.Client, body: object, param: str, said: str) -> None:
    told = refused(client.post("/v1/chat/completions", json=body), 400, "fields")
    assert said in told["message"] and (told["type"], told["param"]) == ("invalid_request_error", param)


@pytest.mark.parametrize("stream", [False, True])
def test_errors_before_an_answer_have_a_status(served_empty: Served, client: httpx.Client, stream: bool) -> None:
    refused(complete(client, {"role": "user", "content": " "}, stream=stream), 400, "question")
    told = refused(complete(client, {"role": "user", "content": "broken"}, stream=stream), 500, "unexpected")
    assert told["type"] == "server_error"
    with httpx.Client(base_url=served_empty.url) as empty:
        told = refused(complete(empty, stream=stream), 503, "index_unusable")
        assert "assistant ingest" in told["message"]


def test_other_errors_have_the_same_shape(client: httpx.Client, served_with_keys: Served) -> None:
    path = "/v1/chat/completions"
    as_json = {"Content-Type": "application/json"}
    refused(client.post(path, content=b"{", headers=as_json), 400, "not_json")
    refused(client.post(path, content=b"{}", headers={"Content-Type": "text/plain"}), 415, "media_type")
    refused(client.post(path, content=b" " * 300_000, headers=as_json), 413, "too_large")
    refused(client.get("/healthz/../v1/models/x"), 404, "model_not_found")
    assert refused(client.get(path), 405, "method") and client.get(path).headers["allow"] == "POST"
    refused(client.post("/v1/models", json={}), 405, "method")
    refused(client.post("/v1/embeddings", json={}), 404, "not_found")
    refused(client.get("/v1/models", headers={"Host": "evil.example"}), 421, "host")
    refused(client.get("/v1/models", headers={"Origin": "https://evil.example"}), 403, "origin")
    told = refused(httpx.post(f"{served_with_keys.url}{path}", json={}), 401, "invalid_api_key")
    assert told["type"] == "authentication_error"


def test_an_error_in_a_stream_is_its_last_event(client: httpx.Client) -> None:
    response = complete(client, {"role": "user", "content": "late"}, stream=True)
    last = [line for line in response.text.split("\n") if line][-1]
    told = json.loads(last.removeprefix("data: "))["error"]
    assert (told["type"], told["code"]) == ("server_error", "unexpected")
    assert "[DONE]" not in response.text and "secret" not in response.text


def test_the_model_is_listed(client: httpx.Client) -> None:
    listed = client.get("/v1/models").json()
    assert listed["object"] == "list" and [model["id"] for model in listed["data"]] == [MODEL]
    assert client.get(f"/v1/models/{MODEL}").json() == listed["data"][0]
    refused(client.get("/v1/models/gpt-5"), 404, "model_not_found")
    refused(client.get("/v1/models/a/b"), 404, "model_not_found")


# --- the clients that people use -----------------------------------------------------------------------------------


def test_openai_holds_a_conversation(served: Served, official: openai.OpenAI) -> None:
    assert [model.id for model in official.models.list()] == [MODEL]
    assert official.models.retrieve(MODEL).owned_by == MODEL
    messages: list[Any] = [USER]
    first = official.chat.completions.create(model=MODEL, messages=messages, temperature=0)
    message = first.choices[0].message
    assert message.content and message.content.startswith(SENTENCES[0])
    assert message.annotations and message.annotations[0].url_citation.title == ARTICLE.title
    assert message.model_extra and message.model_extra["context"]["citations"][0]["cited_text"] == TRADE
    assert first.usage and first.usage.total_tokens == 0
    messages += [message.model_dump(exclude_none=True), {"role": "user", "content": "And investment?"}]
    assert official.chat.completions.create(model=MODEL, messages=messages).choices[0].finish_reason == "stop"
    assert [turn.content for turn in served.assistant.chain.asked[-1].history] == ["Trade?", "".join(SENTENCES)]


def test_openai_streams(official: openai.OpenAI) -> None:
    whole = official.chat.completions.create(model=MODEL, messages=[USER]).choices[0].message.content
    got = list(
        official.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Trade?"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in got if chunk.choices) == whole
    assert got[-1].usage and got[-1].usage.total_tokens == 0


def test_openai_accumulates_a_stream(official: openai.OpenAI) -> None:
    with official.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": "Trade?"}]) as stream:
        final = stream.get_final_completion()
    content = final.choices[0].message.content
    assert content and content.startswith("".join(SENTENCES)) and "**Sources**" in content


def test_openai_raises_what_was_told(official: openai.OpenAI, served_with_keys: Served) -> None:
    with pytest.raises(openai.BadRequestError, match="the question is empty"):
        official.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": " "}])
    with pytest.raises(openai.NotFoundError) as missing:
        official.models.retrieve("gpt-5")
    assert missing.value.code == "model_not_found"
    stream = official.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "late"}], stream=True)
    with pytest.raises(openai.APIError, match="an unexpected error"):
        list(stream)
    with openai.OpenAI(base_url=f"{served_with_keys.url}/v1", api_key="wrong", max_retries=0) as wrong:
        with pytest.raises(openai.AuthenticationError):
            wrong.models.list()
        assert wrong.with_options(api_key=ANA).models.list().data


def test_chat_openai_holds_a_conversation(served: Served) -> None:
    model = ChatOpenAI(base_url=f"{served.url}/v1", api_key="none", model=MODEL, temperature=0, max_retries=0)  # type: ignore[arg-type]
    first = model.invoke([SystemMessage("Be brief."), HumanMessage("Trade?")])
    assert isinstance(first.content, str) and first.content.startswith(SENTENCES[0])
    streamed = list(model.stream([HumanMessage("Trade?"), AIMessage(first.content), HumanMessage("And investment?")]))
    assert "".join(str(chunk.content) for chunk in streamed) == first.content
    asked = served.assistant.chain.asked[-1]
    assert asked.question == "And investment?"
    assert [turn.content for turn in asked.history] == ["Trade?", "".join(SENTENCES)]
    assert model.batch(["Trade?", "Trade?"])[1].content == first.content
