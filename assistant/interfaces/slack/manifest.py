"""The manifest that a Slack app is made from: what it may see and do, and which events it is told of."""

from __future__ import annotations

import json
from typing import Any

from assistant.messages import catalogue

SCOPES = (
    "app_mentions:read",
    "assistant:write",  # the status while it works, and suggested questions
    "channels:history",  # with groups: and im:, the thread that a question belongs to
    "chat:write",
    "groups:history",
    "im:history",
    "users:read",  # the language of a person who has not written anything yet; without it they are greeted in English
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
)


def manifest(request_url: str | None = None) -> str:
    """The manifest as JSON: for Socket Mode, or with an address for Slack to call, for HTTP."""
    words = catalogue("en")
    name, about = words.text("page.title"), words.text("page.tagline")
    called = {"request_url": request_url} if request_url else {}
    document: dict[str, Any] = {
        "display_information": {"name": name, "description": about},
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name.lower().replace(" ", "-"), "always_online": True},
            "agent_view": {"agent_description": about},
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**called, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **called},
            "org_deploy_enabled": False,
            "socket_mode_enabled": request_url is None,
            "token_rotation_enabled": False,
        },
    }
    return json.dumps(document, indent=2)
