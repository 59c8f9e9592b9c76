"""HTTP mode: the address that Slack calls, and the check that it was Slack who called."""

from __future__ import annotations

import logging

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from assistant.interfaces.slack.seen import Seen

PATH = "/slack/events"
"""Where events and clicks come in."""

_log = logging.getLogger("assistant.slack")


def web_app(app: AsyncApp, signing_secret: str, seen: Seen) -> web.Application:
    """The web application of a Bolt app, whose own verification is off: this one also tells a garbled signature from a
    fault of the program, and takes each signed request once.
    """
    verifier = SignatureVerifier(signing_secret)

    async def called(request: web.Request) -> web.Response:
        signature = request.headers.get("x-slack-signature", "")
        signed = _is_signed(verifier, await request.read(), request.headers.get("x-slack-request-timestamp"), signature)
        if not signed:
            _log.warning("a request was refused: it is not signed by Slack, or was long ago")
            return web.Response(status=401, text="not signed by Slack")
        # Slack signs with the time, so that what it sends again has another signature, but for a retry within a second.
        if not await seen.claim(f"signature {signature}"):
            if "x-slack-retry-num" in request.headers:
                return web.Response()
            _log.warning("a request was refused: it was taken already")
            return web.Response(status=401, text="taken already")
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    served = web.Application(client_max_size=1024 * 1024)
    served.router.add_post(PATH, called)
    served.router.add_get("/healthz", alive)
    return served


def _is_signed(verifier: SignatureVerifier, body: bytes, timestamp: str | None, signature: str) -> bool:
    """Whether Slack signed it, within the last five minutes."""
    try:
        return verifier.is_valid(body, timestamp, signature)
    except (ValueError, TypeError):  # no number, no UTF-8, no ASCII: nothing of Slack's
        return False
