"""In HTTP mode the bot hears nobody but Slack, and once."""

from __future__ import annotations

import httpx

from ..fake_api import FakeApi
from ..fake_slack import FakeSlack
from .conftest import Bot, thumb


def test_only_what_slack_signed_just_now_is_taken(strained: tuple[FakeSlack, Bot], api: FakeApi) -> None:
    slack, bot = strained
    event = slack.mention("forged")
    body, headers = slack.signed(event)
    refused = [
        slack.post(bot.url, event, secret="wrong-secret"),
        slack.post(bot.url, event, age=301),
        slack.post(bot.url, event, age=-301),
        httpx.post(bot.url, content=body, headers={"content-type": "application/json"}),
        httpx.post(bot.url, content=body + b" ", headers=headers),
    ]
    for name, value in [
        ("x-slack-request-timestamp", "soon"),
        ("x-slack-request-timestamp", ""),
        ("x-slack-signature", "v0="),
        ("x-slack-signature", "é"),
    ]:
        garbled = {**headers, name: value}
        encoded = [(n.encode(), v.encode()) for n, v in garbled.items()]
        refused.append(httpx.post(bot.url, content=body, headers=encoded))
    refused.append(httpx.post(bot.url, content=b"\xff", headers=headers))
    assert [response.status_code for response in refused] == [401] * len(refused)
    assert httpx.post(bot.url, content=body, headers=headers).status_code == 200
    slack.answer(event)
    replayed = httpx.post(bot.url, content=body, headers=headers)
    retried = httpx.post(bot.url, content=body, headers={**headers, "x-slack-retry-num": "1"})
    assert (replayed.status_code, retried.status_code, len(api.questions("forged"))) == (401, 200, 1)


def test_a_click_that_is_replayed_counts_once(strained: tuple[FakeSlack, Bot], api: FakeApi) -> None:
    slack, bot = strained
    event = slack.mention("Adopted?")
    slack.post(bot.url, event)
    answer = slack.answer(event)
    click = slack.click(answer, thumb(answer, "positive_button"), user="U4")
    rated = len(api.rated)
    for age in (0, 10, 20):
        assert slack.post(bot.url, click, age=age).status_code == 200
    slack.until(lambda: slack.called("chat.postEphemeral", user="U4"))
    assert api.rated[rated:] == [{"answer_id": "a7", "rating": "up"}]


def test_slack_s_own_check_of_the_address_is_answered(strained: tuple[FakeSlack, Bot]) -> None:
    slack, bot = strained
    response = slack.post(bot.url, {"type": "url_verification", "challenge": "c7"})
    assert (response.status_code, response.json()) == (200, {"challenge": "c7"})
    assert slack.post(bot.url, {"type": "reaction_added", "user": "U1", "item": {}}).status_code == 200
    assert httpx.get(bot.url.replace("/slack/events", "/healthz")).json() == {"status": "ok"}
    assert httpx.get(bot.url).status_code == 405
