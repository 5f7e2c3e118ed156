from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import in_utc
from tests.init.table import Table

__all__ = ["in_utc"]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """Two systems with a few customers, and an empty folder."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "SYNCD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    with Table(tmp_path) as table:
        yield table
