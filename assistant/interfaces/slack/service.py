"""Runs the bot until it is told to end: the connection to Slack, in Socket Mode or over HTTP, and to the API."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from assistant.errors import AssistantError, SettingsError
from assistant.interfaces import logs
from assistant.interfaces.slack.api import Api, ApiFailure
from assistant.interfaces.slack.bot import Bot, Me
from assistant.interfaces.slack.http import web_app
from assistant.interfaces.slack.reply import SLACK_FAULTS, name_of
from assistant.interfaces.slack.seen import Seen
from assistant.settings import Settings

_SLACK_SECONDS = 30.0  # that a call of Slack may take
_RATE_LIMITED = 5  # times that a call waits as long as Slack asks for
_REFUSED = (
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
)


def run(settings: Settings, host: str, port: int) -> None:
    """Runs the bot until SIGINT or SIGTERM; `host` and `port` are for HTTP mode.

    Raises:
        SettingsError: a token is missing, or Slack or the API do not accept it.
        DataFolderError: the data folder cannot be used.
        AssistantError: Slack cannot be reached, or the port cannot be used.
    """
    if settings.slack_bot_token is None:
        raise SettingsError(
            "SLACK_BOT_TOKEN is not set: it is the xoxb- token of your Slack app, which `assistant slack --manifest` "
            "helps to make (README, Slack)"
        )
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise SettingsError(
            "set SLACK_APP_TOKEN (xapp-...) for Socket Mode, or SLACK_SIGNING_SECRET for HTTP: without one of them Slack "
            "cannot reach the bot"
        )
    logs.configure(texts=settings.log_questions)
    asyncio.run(_run(settings, host, port))


async def _run(settings: Settings, host: str, port: int) -> None:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SLACK_SECONDS))
        )
        slack = _client(settings, session)
        me, name = await _introduced(slack)
        api = Api(session, settings.api_url, _secret(settings.api_key), settings.timeout)
        await _greet(api)
        seen = Seen(settings.data / "slack.sqlite3")
        stack.callback(seen.close)
        bot = Bot(slack, me, api, seen, settings.page_url)
        app = _bolt(me)
        bot.listen(app)
        connection = (
            _socket_mode(app, slack, settings.slack_app_token.get_secret_value())
            if settings.slack_app_token is not None
            else _http(web_app(app, _secret(settings.slack_signing_secret) or "", seen), host, port)
        )
        async with connection as how:
            stop = asyncio.Event()
            for each in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(each, stop.set)
            _say(f"Ready in Slack as {name} ({how}; API: {api.url}). Ctrl-C stops it.")
            await stop.wait()
        await bot.finish(settings.timeout)  # nothing new comes in any more


def _client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    retries: list[AsyncRetryHandler] = [
        AsyncConnectionErrorRetryHandler(),
        AsyncRateLimitErrorRetryHandler(max_retry_count=_RATE_LIMITED),
        AsyncServerErrorRetryHandler(max_retry_count=2),
    ]
    return AsyncWebClient(
        token=_secret(settings.slack_bot_token),
        base_url=settings.slack_api_url.rstrip("/") + "/",
        session=session,
        retry_handlers=retries,
        logger=_told_of("sdk", logging.WARNING),
    )


async def _introduced(slack: AsyncWebClient) -> tuple[Me, str]:
    """Who the token makes the bot, and its name."""
    try:
        told = await slack.auth_test()
    except SLACK_FAULTS as exc:
        raise _refusal(exc, "SLACK_BOT_TOKEN", 'the "Bot User OAuth Token" of "OAuth & Permissions"') from exc
    return Me(told["user_id"], told.get("bot_id") or "", told.get("team_id") or ""), str(told.get("user") or "bot")


async def _greet(api: Api) -> None:
    """Says at once what would else be seen only when somebody asks."""
    try:
        await api.examples("en")
    except ApiFailure as exc:
        if exc.reason == "refused":
            raise SettingsError(
                f"the API at {api.url} does not accept ASSISTANT_API_KEY: give it one of the keys in the API's "
                "ASSISTANT_API_KEYS"
            ) from exc
        _say(f"assistant: the API at {api.url} does not answer ({exc}): until it does, people are told to ask later")


def _bolt(me: Me) -> AsyncApp:
    """Bolt, which never asks Slack who it is: an acknowledgement must not wait for that.

    It gets no token, for the listeners call Slack with a client of their own, which waits and tries again.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot, bot_token="-")

    return AsyncApp(
        name="assistant",
        logger=_told_of("bolt", logging.ERROR),  # it warns of tokens that it finds in the environment and does not need
        client=AsyncWebClient(),
        authorize=authorize,
        signing_secret="",
        request_verification_enabled=False,  # `http` verifies; in Socket Mode there is nothing to verify
        ssl_check_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )


@asynccontextmanager
async def _socket_mode(app: AsyncApp, slack: AsyncWebClient, app_token: str) -> AsyncGenerator[str, None]:
    try:
        opened = await slack.apps_connections_open(app_token=app_token)
    except SLACK_FAULTS as exc:
        what = 'an "App-Level Token" of "Basic Information" with the scope connections:write'
        raise _refusal(exc, "SLACK_APP_TOKEN", what) from exc
    handler = AsyncSocketModeHandler(app, app_token, logger=_told_of("socket", logging.WARNING), web_client=slack)
    handler.client.wss_uri = opened["url"]
    try:
        await handler.client.connect()  # type: ignore[no-untyped-call]
        yield "Socket Mode"
    finally:
        await handler.client.close()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def _http(application: web.Application, host: str, port: int) -> AsyncGenerator[str, None]:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except (OSError, OverflowError) as exc:
            raise AssistantError(f"cannot listen on {host}, port {port} ({exc}): give --host or --port") from exc
        where = runner.addresses[0]
        yield f"HTTP on {where[0]}, port {where[1]}"
    finally:
        await runner.cleanup()


def _refusal(exc: BaseException, setting: str, what: str) -> AssistantError:
    if isinstance(exc, SlackApiError) and name_of(exc) in _REFUSED:
        return SettingsError(f"{setting}: Slack does not accept it ({name_of(exc)}): copy {what} again")
    if isinstance(exc, SlackApiError):
        return AssistantError(f"Slack refuses the connection ({name_of(exc)}): check {setting}, {what}")
    return AssistantError(
        f"Slack cannot be reached ({name_of(exc)}): check the network, and SLACK_API_URL if it is set"
    )


def _told_of(part: str, level: int) -> logging.Logger:
    """A logger for a part of Slack's libraries."""
    logger = logging.getLogger(f"assistant.slack.{part}")
    logger.setLevel(level)
    return logger


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
