from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import desk, in_utc

__all__ = ["desk", "in_a_folder", "in_utc"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page has written goes there."""
    monkeypatch.chdir(tmp_path)
