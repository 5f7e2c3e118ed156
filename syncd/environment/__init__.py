"""The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr

DEFAULT_FILE = Path("syncd.yaml")


class Environment:
    """SYNCD_CONFIG names the file; SYNCD_SECRETS__CONNECTION__NAME is a secret; systemd sets
    CREDENTIALS_DIRECTORY for LoadCredential=, and JOURNAL_STREAM where stderr is the journal.
    `cache` is a folder for what can be made again, None where there is no place for one."""

    def __init__(self) -> None:
        given = {name.upper(): value for name, value in os.environ.items()}
        credentials = given.get("CREDENTIALS_DIRECTORY")
        self.config = Path(given.get("SYNCD_CONFIG", DEFAULT_FILE))
        self.credentials_directory = None if credentials is None else Path(credentials)
        self.journal_stream = given.get("JOURNAL_STREAM")
        self.cache = _cache(given.get("XDG_CACHE_HOME", ""))
        self._has_secrets = any(name.startswith("SYNCD_SECRETS") for name in given)

    @cached_property
    def secrets(self) -> Mapping[str, Mapping[str, SecretStr]]:
        """By connection and name. What reads them is imported where there are some."""
        if not self._has_secrets:
            return {}
        from syncd.environment.secrets import secrets

        return secrets()


def _cache(named: str) -> Path | None:
    """As the XDG base directories have it: a relative path there counts as none."""
    folder = Path(named) if os.path.isabs(named) else Path(os.path.expanduser("~"), ".cache")
    return folder / "syncd" if folder.is_absolute() else None
