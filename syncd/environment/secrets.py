"""Secrets of the environment: SYNCD_SECRETS__CONNECTION__NAME, or SYNCD_SECRETS as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class _Given(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SYNCD_", env_nested_delimiter="__")

    secrets: dict[str, dict[str, SecretStr]] = Field(default_factory=dict)


def secrets() -> Mapping[str, Mapping[str, SecretStr]]:
    return _Given().secrets
