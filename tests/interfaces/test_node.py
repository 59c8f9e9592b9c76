"""OpenAI's own client for JavaScript, unchanged, against the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assistant.interfaces.completions import MODEL
from tests.conftest import JavaScript

from .conftest import ANA, Served
from .fakes import ARTICLE, INVESTMENT, TRADE, until

SENTENCES = (
    "In the source: “perdagangan sebesar 18 miliar dolar AS” [1]",
    "\n\nAnd: “investasi mencapai 45 juta dolar AS” [2] [1]",
)
LOCK = Path(__file__).parent / "node" / "package-lock.json"


def got(javascript: JavaScript, scenario: str, served: Served, key: str = "none") -> Any:
    return json.loads(javascript("client.js", scenario, BASE_URL=f"{served.url}/v1", KEY=key))


def test_it_holds_a_conversation(javascript: JavaScript, served: Served) -> None:
    told = got(javascript, "conversation", served)
    assert (told["models"], told["owner"]) == ([MODEL], MODEL)
    (choice,) = told["first"]["choices"]
    message = choice["message"]
    assert (choice["finish_reason"], message["role"]) == ("stop", "assistant")
    assert message["content"].startswith("".join(SENTENCES) + "\n\n**Sources**\n- [1] ")
    assert {each["url_citation"]["title"] for each in message["annotations"]} == {ARTICLE.title}
    assert [each["cited_text"] for each in message["context"]["citations"]] == [TRADE, INVESTMENT]
    assert told["first"]["usage"]["total_tokens"] == 0
    assert told["second"]["choices"][0]["message"]["content"].startswith(SENTENCES[0])
    asked = served.assistant.chain.asked[-1]
    assert asked.question == "And investment?"
    assert [turn.content for turn in asked.history] == ["Trade?", "".join(SENTENCES)]


def test_it_streams(javascript: JavaScript, served: Served) -> None:
    told = got(javascript, "stream", served)
    content = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in told["chunks"] if chunk["choices"])
    assert content.startswith("".join(SENTENCES)) and "**Sources**" in content
    assert told["chunks"][-1]["usage"]["total_tokens"] == 0 and told["chunks"][-1]["choices"] == []
    (gathered,) = told["gathered"]["choices"]
    assert (gathered["message"]["content"], gathered["finish_reason"]) == (content, "stop")


def test_it_raises_what_was_told(javascript: JavaScript, served: Served) -> None:
    told = got(javascript, "errors", served)
    assert (told["empty"]["name"], told["empty"]["status"]) == ("BadRequestError", 400)
    assert "the question is empty" in told["empty"]["message"]
    assert (told["model"]["name"], told["model"]["code"]) == ("NotFoundError", "model_not_found")
    assert told["late"]["name"] == "APIError" and told["late"]["type"] == "server_error"
    assert "an unexpected error" in told["late"]["message"] and "secret" not in told["late"]["message"]


def test_a_wrong_key_is_refused(javascript: JavaScript, served_with_keys: Served) -> None:
    told = got(javascript, "keys", served_with_keys, ANA)
    for refused in (told["list"], told["stream"]):
        assert (refused["name"], refused["status"]) == ("AuthenticationError", 401)
        assert refused["code"] == "invalid_api_key"
    assert told["right"] == [MODEL]


def test_a_stream_that_it_aborts_costs_no_more_work(javascript: JavaScript, served: Served) -> None:
    chain = served.assistant.chain
    asked, closed = len(chain.asked), chain.closed
    assert got(javascript, "abort", served) == {"roles": ["assistant"]}
    assert [question.question for question in chain.asked[asked:]] == ["slow"]
    until(lambda: chain.closed > closed)  # it would go on for a minute


def test_the_lock_file_pins_hashes_and_names_no_host() -> None:
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    assert "node_modules/openai" in packages
    for path, pinned in packages.items():
        assert "resolved" not in pinned
        assert not path or pinned["integrity"].startswith("sha512-")
