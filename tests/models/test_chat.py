"""The language model's client against a real server on loopback: every fault has its reason, and costs little."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from assistant.errors import LLMUnavailable, SettingsError
from assistant.models.breaker import Breaker
from assistant.models.chat import Chat, Spent, YesNo, load_chat, read_yes_no
from assistant.models.faults import translate
from assistant.settings import Settings

from .fake_openai import Say, serving

T = TypeVar("T")
ASK = [("system", "s"), ("user", "u")]


def settings(model: str = "openai:fake", **given: Any) -> Settings:
    return Settings(_env_file=None, model=model, **{"openai_base_url": None, "openai_api_key": None, **given})  # type: ignore[call-arg]


def chat(url: str, **limits: Any) -> Chat:
    found = load_chat(settings(openai_base_url=url))
    assert found is not None
    for name, value in limits.items():
        setattr(found, name, value)
    return found


async def closed(model: Chat, work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    finally:
        await model.close()


def run(model: Chat, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(closed(model, work))


async def pieces(model: Chat, spent: Spent | None = None, tokens: int = 50) -> list[str]:
    return [piece async for piece in model.stream(ASK, tokens, spent or Spent())]


def got(url: str, spent: Spent | None = None, tokens: int = 50) -> list[str]:
    model = chat(url)
    return run(model, pieces(model, spent, tokens))


def reason(model: Chat) -> str:
    with pytest.raises(LLMUnavailable) as told:
        run(model, pieces(model))
    return told.value.reason


def test_pieces_and_usage_come_from_the_server() -> None:
    with serving(Say(["One. ", "Two."])) as fake:
        spent = Spent()
        assert got(fake.url, spent) == ["One. ", "Two."]
    assert (spent.input_tokens, spent.output_tokens, spent.calls) == (100, 2, 1)
    assert fake.requests[0]["max_completion_tokens"] == fake.requests[0]["max_tokens"] == 50
    assert fake.requests[0]["temperature"] == 0


def test_usage_that_is_not_told_is_unknown_and_never_zero() -> None:
    with serving(Say(usage=False)) as fake:
        spent = Spent()
        got(fake.url, spent)
    assert (spent.input_tokens, spent.output_tokens) == (None, None)


CONTEXT = {"error": {"message": "This model's maximum context length is 100 tokens", "code": "context_length_exceeded"}}
LLAMA = {"error": {"code": 400, "message": "the request exceeds the available context size", "type": "x"}}
FILTER = {"error": {"message": "content management policy", "code": "content_filter"}}


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (Say(status=401), "auth"),
        (Say(status=403), "forbidden"),
        (Say(status=404), "not_found"),
        (Say(status=429), "rate_limited"),
        (Say(status=429, headers={"retry-after": "40"}), "rate_limited"),
        (Say(status=500), "server"),
        (Say(status=503), "server"),
        (Say(status=400), "bad_request"),
        (Say(status=400, body=CONTEXT), "context_length"),
        (Say(status=400, body=LLAMA), "context_length"),
        (Say(status=400, body=FILTER), "filtered"),
        (Say(finish="content_filter"), "filtered"),
        (Say([]), "empty"),
        (Say([" ", "\n"]), "empty"),
        (Say(raw=b"<html>Welcome to the proxy</html>"), "invalid_response"),
        (Say(["a"] * 9, breaks=4), "broken_stream"),
        (Say(["a"] * 9, error_after=4), "broken_stream"),
        (Say(["a"] * 9, error_after=0), "server"),
        (Say(["a"], finish=None), "broken_stream"),
        (Say(before=1.0), "timeout"),
        (Say(["a", "b"], between=1.0), "timeout"),
    ],
)
def test_each_fault_has_its_reason(say: Say, expected: str) -> None:
    with serving(say) as fake:
        patience = 0.3 if expected == "timeout" else 30.0
        begun = time.monotonic()
        assert reason(chat(fake.url, first_token=patience, between_tokens=patience)) == expected
        assert time.monotonic() - begun < 2.0 + 2.5  # a first import of the client apart
        assert len(fake.requests) <= 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://127.0.0.1:9/v1", "refused"), ("http://no-such-host.invalid/v1", "dns")],
)
def test_a_server_that_cannot_be_reached(url: str, expected: str) -> None:
    assert reason(chat(url)) == expected


def test_tls_against_a_server_without_it() -> None:
    with serving(Say()) as fake:
        assert reason(chat(fake.url.replace("http:", "https:"))) == "tls"


def test_endless_output_is_cut() -> None:
    with serving(Say(["a "], endless=True)) as fake:
        assert len(got(fake.url, tokens=10)) <= 21


def test_a_slow_endless_output_ends_with_the_time() -> None:
    with serving(Say(["a "], endless=True, between=0.05)) as fake:
        assert reason(chat(fake.url, whole=0.4)) == "timeout"


@pytest.mark.parametrize("first", [Say(status=500), Say(status=429, headers={"retry-after": "0"})])
def test_a_passing_fault_is_tried_again(first: Say) -> None:
    says = iter([first, Say(["fine"])])
    with serving(lambda _: next(says)) as fake:
        assert got(fake.url) == ["fine"]


def test_what_has_been_shown_is_never_asked_again() -> None:
    with serving(Say(["a"] * 9, breaks=4)) as fake:
        came: list[str] = []
        model = chat(fake.url)

        async def collect() -> None:
            async for piece in model.stream(ASK, 50, Spent()):
                came.append(piece)

        with pytest.raises(LLMUnavailable):
            run(model, collect())
        assert (came, len(fake.requests)) == (["a"] * 4, 1)


# --- yes or no -------------------------------------------------------------------------------------------------------


def ask(model: Chat) -> YesNo | None:
    return run(model, model.yes_or_no(ASK, Spent()))


def test_p_yes_is_that_of_the_first_token() -> None:
    with serving(Say(yes=0.8)) as fake:
        found = ask(chat(fake.url))
    assert found is not None and found.graded and found.yes == pytest.approx(0.8)


def test_without_log_probabilities_the_word_counts() -> None:
    with serving(Say(["Yes."])) as fake:
        assert ask(chat(fake.url)) == YesNo(1.0, graded=False)
    with serving(Say(["Perhaps"])) as fake:
        assert ask(chat(fake.url)) is None


@pytest.mark.parametrize("option", ["logprobs", "temperature"])
def test_an_option_that_the_server_refuses_is_left_out_from_then_on(option: str) -> None:
    def script(asked: dict[str, Any]) -> Say:
        refusal = {"error": {"message": f"Unsupported parameter: '{option}'"}}
        return Say(status=400, body=refusal) if option in asked else Say(["no"])

    with serving(script) as fake:
        model = chat(fake.url)
        assert [ask(model), ask(model)] == [YesNo(0.0, graded=False)] * 2
        assert [option in asked for asked in fake.requests] == [True, False, False]


def test_case_and_spaces_of_a_token_do_not_matter() -> None:
    tops = [{"token": t, "logprob": -1.0} for t in (" Yes", "YES", "No", "ж")]
    found = read_yes_no("Yes", {"content": [{**tops[0], "top_logprobs": tops}]})
    assert found is not None and found.yes == pytest.approx(2 / 3)


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_calls_and_tokens_of_an_answer_are_capped() -> None:
    spent = Spent(max_calls=2, max_output_tokens=60)
    assert (spent.begin(50), spent.begin(50)) == (50, 10)
    with pytest.raises(LLMUnavailable, match="spent"):
        spent.begin(1)


def test_a_dead_server_soon_costs_nothing() -> None:
    with serving(Say(status=500)) as fake:
        model = chat(fake.url)
        assert [reason(model) for _ in range(4)] == ["server", "server", "server", "paused"]
        asked = len(fake.requests)
        begun = time.monotonic()
        assert reason(model) == "paused"
        assert time.monotonic() - begun < 0.05
        assert len(fake.requests) == asked == 6


def test_the_breaker_lets_one_call_through_after_the_pause() -> None:
    now = [0.0]
    breaker = Breaker(2, 10, clock=lambda: now[0])
    breaker.failed("server")
    assert breaker.paused() == 0
    breaker.failed("server")
    assert breaker.paused() == 10
    now[0] = 11
    assert (breaker.paused(), breaker.paused()) == (0, 10)
    breaker.succeeded()
    assert breaker.paused() == 0


# --- settings --------------------------------------------------------------------------------------------------------


def test_a_key_alone_turns_nothing_on() -> None:
    assert load_chat(settings("embedded", openai_api_key="sk-x")) is None


@pytest.mark.parametrize("model", ["gpt-5", "openai:", "openai:gpt-5"])
def test_a_model_that_cannot_be_meant_is_named(model: str) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_MODEL"):
        load_chat(settings(model))


def test_a_provider_that_is_not_installed_is_named() -> None:
    model = load_chat(settings("anthropic:claude"))
    assert model is not None
    assert reason(model) == "missing_package"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: OSError("broken"), "connection"),
        (lambda: ValueError("no"), "invalid_response"),
        (lambda: RuntimeError("?"), "unknown"),
        (lambda: LLMUnavailable("empty"), "empty"),
    ],
)
def test_any_exception_has_a_reason(make: Callable[[], Exception], expected: str) -> None:
    assert translate(make()).reason == expected


def test_a_fault_has_one_of_the_reasons_that_are_known() -> None:
    with pytest.raises(ValueError, match="no such reason: nonsense"):
        LLMUnavailable("nonsense")
