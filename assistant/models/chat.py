"""The language model of `ASSISTANT_MODEL`, behind LangChain's own chat models; nothing is imported before its first call.

Every call is bounded: tokens, seconds to the first token, between two and in all, tries, and calls of one answer.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from assistant.errors import LLMUnavailable, SettingsError
from assistant.models.breaker import Breaker
from assistant.models.faults import ONE_QUESTION, RETRYABLE, translate
from assistant.settings import Settings, forget_first_tracing
from assistant.text.normalise import fold

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

EMBEDDED = "embedded"
OPENAI = "openai"

TRIES = 2
MAX_WAIT = 2.0
"""Seconds that are waited before another try; a server that asks for more is not asked again for this question."""
TOP_LOGPROBS = 10

Message = tuple[str, str]
"""Its role ("system", "user", "assistant") and its text."""
_YES = ("yes", "y", "ya", "да")
_NO = ("no", "n", "tidak", "нет", "не")


@dataclass(slots=True)
class Spent:
    """What one answer has used, and how much it may. Tokens are None once a call did not report them."""

    max_calls: int = 4
    max_output_tokens: int = 1_200
    calls: int = 0
    asked_tokens: int = 0
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cut_off: bool = False  # the last call ended at its cap

    def begin(self, tokens: int) -> int:
        """The tokens that a call may write.

        Raises:
            LLMUnavailable: the answer has used up its calls or tokens (`spent`).
        """
        allowed = min(tokens, self.max_output_tokens - self.asked_tokens)
        if self.calls >= self.max_calls or allowed <= 0:
            raise LLMUnavailable("spent", f"{self.calls} calls, {self.asked_tokens} tokens")
        self.calls += 1
        self.asked_tokens += allowed
        return allowed

    def used(self, usage: Any) -> None:
        """Adds what a call reported (LangChain's `usage_metadata`), or that it reported nothing."""
        for name in ("input_tokens", "output_tokens"):
            before, now = getattr(self, name), (usage or {}).get(name)
            setattr(self, name, before + now if before is not None and now is not None else None)


@dataclass(frozen=True, slots=True)
class YesNo:
    """P(yes) (0..1); `graded` where it comes from the first token's log probabilities, else it is 0 or 1."""

    yes: float
    graded: bool


@dataclass
class Chat:
    """A chat model. `name` is the setting's value, `server` where what it is asked is sent.

    `make` builds LangChain's model at the first call; `trace` lets LangSmith's variables in the environment act.

    Raises (when called):
        LLMUnavailable: it gave no usable answer.
    """

    name: str
    server: str
    make: Callable[[], BaseChatModel]
    first_token: float = 30.0
    between_tokens: float = 15.0
    whole: float = 120.0
    trace: bool = False
    breaker: Breaker = field(default_factory=Breaker)
    _refused: set[str] = field(default_factory=set)  # options that the server does not take
    _models: WeakKeyDictionary[asyncio.AbstractEventLoop, BaseChatModel] = field(default_factory=WeakKeyDictionary)

    async def model(self) -> BaseChatModel:
        """LangChain's model; one for each event loop, because its client's connections belong to one.

        Importing it takes a second or more: in a thread, and outside of every limit of time.

        Raises:
            LLMUnavailable: its package is not installed.
        """
        loop = asyncio.get_running_loop()
        if loop not in self._models:
            try:
                made = await asyncio.to_thread(self.make)
            except ImportError as exc:
                raise LLMUnavailable("missing_package", " ".join(str(exc).split())) from exc
            self._models.setdefault(loop, made)
        return self._models[loop]

    async def close(self) -> None:
        """Closes the connections of the running event loop."""
        client = getattr(self._models.pop(asyncio.get_running_loop(), None), "root_async_client", None)
        if client is not None:
            await client.close()

    async def stream(self, messages: Sequence[Message], max_tokens: int, spent: Spent) -> AsyncGenerator[str, None]:
        """The pieces of text as they come. An answer cut off at `max_tokens` just ends.

        To be iterated by one task from beginning to end, which is kept from tracing meanwhile.
        """
        allowed = spent.begin(max_tokens)
        for attempt in range(1, TRIES + 1):
            self._pass()
            begun = False
            try:
                async with aclosing(self._pieces(messages, allowed, spent)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                self.breaker.succeeded()
                return
            except Exception as exc:
                await self._failed(exc, begun=begun, last=attempt == TRIES)

    async def yes_or_no(self, messages: Sequence[Message], spent: Spent) -> YesNo | None:
        """How sure the model is of a yes, None where it says neither."""
        allowed = spent.begin(2)
        for attempt in range(1, TRIES + 1):
            self._pass()
            try:
                model = await self.model()
                with self._traced():
                    async with asyncio.timeout(self.first_token):
                        said = await model.ainvoke(list(messages), **self._options(allowed, logprobs=True))
                self.breaker.succeeded()
                spent.used(said.usage_metadata)
                return read_yes_no(said.text, said.response_metadata.get("logprobs"))
            except Exception as exc:
                await self._failed(exc, begun=False, last=attempt == TRIES)
        return None

    async def _pieces(self, messages: Sequence[Message], tokens: int, spent: Spent) -> AsyncGenerator[str, None]:
        usage, finish, written, any_text = None, None, 0, False
        model = await self.model()
        until = time.monotonic() + self.whole
        with self._traced():
            chunks = model.astream(list(messages), **self._options(tokens, logprobs=False)).__aiter__()
            try:
                while True:
                    patience = self.between_tokens if any_text else self.first_token
                    try:
                        # not wait_for, which before Python 3.12 loses a cancellation that comes together with a chunk
                        async with asyncio.timeout(max(0.01, min(patience, until - time.monotonic()))):
                            chunk = await anext(chunks)
                    except StopAsyncIteration:
                        break
                    usage = chunk.usage_metadata or usage
                    finish = chunk.response_metadata.get("finish_reason") or finish
                    if piece := chunk.text:
                        any_text = any_text or bool(piece.strip())
                        written += 1
                        yield piece
                        if written > 2 * tokens:  # a server that does not heed the cap
                            break
            finally:
                if (close := getattr(chunks, "aclose", None)) is not None:
                    await close()
        spent.used(usage)
        spent.cut_off = finish == "length" or written > 2 * tokens
        if finish == "content_filter":
            raise LLMUnavailable("filtered")
        if not any_text:
            raise LLMUnavailable("empty")
        if finish is None and written <= 2 * tokens and self.name.startswith(f"{OPENAI}:"):
            raise LLMUnavailable("broken_stream", "it ended without saying that it had")

    def _pass(self) -> None:
        if left := self.breaker.paused():
            raise LLMUnavailable("paused", f"it failed before ({self.breaker.reason}); tried again in {left:.0f} s")

    async def _failed(self, exc: Exception, *, begun: bool, last: bool) -> None:
        """Returns where the call should be tried again, else raises."""
        fault = translate(exc, begun=begun)
        if fault.reason == "bad_request" and not begun and not last:
            named = {option for option in ("logprobs", "temperature") if option in fault.detail}
            if named - self._refused:
                self._refused |= named
                return
        wait = fault.retry_after if fault.retry_after is not None else 0.2
        if begun or last or fault.reason not in RETRYABLE or wait > MAX_WAIT:
            if fault.reason not in (*ONE_QUESTION, "paused"):
                self.breaker.failed(fault.reason)
            raise fault from exc
        await asyncio.sleep(wait)

    def _options(self, tokens: int, *, logprobs: bool) -> dict[str, Any]:
        options: dict[str, Any] = {"max_tokens": tokens}
        if self.name.startswith(f"{OPENAI}:"):
            if "temperature" not in self._refused:
                options["temperature"] = 0
            if urlsplit(self.server).scheme:  # LangChain sends the newer name, which not all compatible servers know
                options["extra_body"] = {"max_tokens": tokens}
            if logprobs and "logprobs" not in self._refused:
                options |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
        return options

    def _traced(self) -> AbstractContextManager[Any]:
        if self.trace:
            return nullcontext()
        from langsmith import tracing_context

        return tracing_context(enabled=False)


def load_chat(settings: Settings) -> Chat | None:
    """The chat model of the settings, None for the embedded reader. A key alone turns nothing on.

    Raises:
        SettingsError: no model of that name can be meant.
    """
    if settings.model == EMBEDDED:
        return None
    forget_first_tracing()
    provider, _, name = settings.model.partition(":")
    if not name:
        raise SettingsError(
            f"ASSISTANT_MODEL={settings.model} is no model: use embedded, openai:NAME, or provider:NAME of init_chat_model"
        )
    if provider != OPENAI:
        return _chat(settings, provider, lambda: _any_provider(settings))
    if settings.openai_base_url is None and settings.openai_api_key is None:
        raise SettingsError(
            f"ASSISTANT_MODEL={settings.model} needs OPENAI_API_KEY, or OPENAI_BASE_URL of your own server"
        )
    server = settings.openai_base_url or "api.openai.com"
    return _chat(settings, server, lambda: _openai(settings, name))


def _chat(settings: Settings, server: str, make: Callable[[], BaseChatModel]) -> Chat:
    patience = settings.model_timeout
    return Chat(settings.model, server, make, first_token=patience, between_tokens=patience / 2, trace=settings.tracing)


def _openai(settings: Settings, name: str) -> BaseChatModel:
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpx2Client
    from pydantic import SecretStr

    return ChatOpenAI(
        model=name,
        base_url=settings.openai_base_url or "https://api.openai.com/v1",  # or the client reads the environment itself
        api_key=settings.openai_api_key
        or SecretStr("none"),  # the client insists on one, a server of one's own does not
        timeout=settings.model_timeout,  # the client itself would wait for ever
        max_retries=0,  # tries are counted here: the client would wait for up to a minute when it is told to
        stream_usage=True,
        use_responses_api=False,
        http_async_client=DefaultAsyncHttpx2Client(
            timeout=settings.model_timeout
        ),  # LangChain shares one between loops
    )


def _any_provider(settings: Settings) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    model: BaseChatModel = init_chat_model(settings.model, timeout=settings.model_timeout, max_retries=0)
    return model


def read_yes_no(text: str, logprobs: Any) -> YesNo | None:
    """P(yes) of the first token's alternatives, or of the text where there are none."""
    first = next(iter((logprobs or {}).get("content") or ()), None)
    alternatives = (first or {}).get("top_logprobs") or ([first] if first else [])
    yes = sum(math.exp(each["logprob"]) for each in alternatives if _plain(each["token"]) in _YES)
    no = sum(math.exp(each["logprob"]) for each in alternatives if _plain(each["token"]) in _NO)
    if yes + no > 0:
        return YesNo(yes / (yes + no), graded=True)
    word = _plain(text.split(maxsplit=1)[0]) if text.split() else ""
    return YesNo(float(word in _YES), graded=False) if word in (*_YES, *_NO) else None


def _plain(token: str) -> str:
    return "".join(filter(str.isalpha, fold(token)))
