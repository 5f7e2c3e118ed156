"""Worlds of these tests live in memory where the machine has room for that: many are built."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    fast = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="syncd-report-", dir=fast))
    yield folder
    shutil.rmtree(folder)
