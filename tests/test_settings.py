"""Settings: what is read from the environment, and that what cannot be used is named without telling a secret."""

from __future__ import annotations

import os

import pytest

from assistant.errors import SettingsError
from assistant.settings import alias, load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in list(os.environ):
        if name.startswith(("ASSISTANT_", "CHROMA_", "OPENAI_", "REDIS_", "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("home"))


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert settings.uploads is False
    assert settings.keys() == {} and settings.origins() == () and settings.trusted_proxies() == ()
    assert (settings.concurrency, settings.queue, settings.timeout, settings.log_questions) == (8, 100, 60, False)


def test_lists_are_read_with_their_spaces_and_empty_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_API_KEYS", " ana:one , ben@office:two:2 ,")
    monkeypatch.setenv("ASSISTANT_CORS_ORIGINS", "https://A.example, http://localhost:3000")
    monkeypatch.setenv("ASSISTANT_PROXIES", "127.0.0.1, 10.0.0.0/8")
    monkeypatch.setenv("ASSISTANT_RATE_LIMIT", " ")
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    settings = load_settings()
    assert settings.keys() == {"ana": "one", "ben@office": "two:2"}
    assert settings.origins() == ("https://a.example", "http://localhost:3000")
    assert settings.trusted_proxies() == ("127.0.0.1", "10.0.0.0/8")
    assert settings.rate_limit is None and settings.redis_url is None
    assert settings.slack_app_token is None


@pytest.mark.parametrize(
    ("model", "base", "server"),
    [
        ("embedded", "http://127.0.0.1:8080/v1", ""),
        ("openai:any", None, "api.openai.com"),
        ("openai:any", "http://me:hush@127.0.0.1:8080/v1", "127.0.0.1:8080"),
        ("anthropic:any", None, "anthropic"),
    ],
)
def test_where_texts_are_sent_is_told_without_credentials(model: str, base: str | None, server: str) -> None:
    assert load_settings(model=model, openai_base_url=base).server() == server


def test_uploads_need_the_index_on_the_disk() -> None:
    with pytest.raises(SettingsError, match="^CHROMA_URL: ASSISTANT_UPLOADS=true needs the index in the data folder"):
        load_settings(chroma_url="http://127.0.0.1:8000", uploads=True)


def test_embeddings_and_index_on_servers_are_told_too() -> None:
    settings = load_settings(
        embeddings="openai:some", openai_base_url="http://h:1/v1", chroma_url="http://me:hush@c:8000"
    )
    assert settings.sent_to() == {"openai:some": "h:1", "Chroma": "c:8000"}
    assert settings.reader() == "embedded, openai:some on h:1, Chroma on c:8000"
    settings = load_settings(embeddings="openai:some", embeddings_url="http://e:2/v1", openai_base_url="http://h:1/v1")
    assert settings.sent_to() == {"openai:some": "e:2"}
    assert load_settings().sent_to() == {} and load_settings().reader() == "embedded"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("api_keys", "hush", "entry 1 is not name:key"),
        ("api_keys", "ana:hush,:hush2", "entry 2 is not name:key"),
        ("api_keys", "a b:hush", "entry 1 is not name:key"),
        ("api_keys", "ana:", "the key of ana is empty"),
        ("api_keys", "ana:hu sh", "the key of ana is empty or holds more than printable ASCII"),
        ("api_keys", "ana:húsh", "the key of ana is empty or holds more than printable ASCII"),
        ("api_keys", "ana:hush,ana:hush2", "ana has two keys"),
        ("api_keys", "ana:hush,ben:hush", "ben has the key of another name"),
        ("rate_limit", "often", "write e.g. 60/minute"),
        ("redis_url", "http://hush", "write redis://"),
        ("chroma_url", "127.0.0.1:8000", "write an address that begins with http://"),
        ("cors_origins", "*", r"\* is no origin"),
        ("cors_origins", "https://a.example/path", "is no origin"),
        ("proxies", "everywhere", "everywhere is no address or network"),
        ("api_url", "127.0.0.1:7860/hush", "write an address that begins with http"),
        ("page_url", "https://page.example/?q=hush", "write an address that begins with http"),
        ("slack_api_url", "slack.com", "write an address that begins with http"),
        ("api_key", "hu sh hush", "copy it again"),
        ("slack_bot_token", "xoxp-hush", "it begins with xoxb-"),
        ("slack_bot_token", "xoxb-hush hush", "it begins with xoxb-"),
        ("slack_app_token", "xoxb-hush", "it begins with xapp-"),
        ("slack_signing_secret", "húsh", "copy it again"),
        ("concurrency", "0", "greater than or equal to 1"),
        ("queue", "many", "valid integer"),
        ("timeout", "0", "greater than 0"),
        ("uploads", "sometimes", "valid boolean"),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(alias(name), value)
    with pytest.raises(SettingsError, match=f"^{alias(name)}: .*{said}") as told:
        load_settings()
    assert "hush" not in str(told.value) and "\n" not in str(told.value)
