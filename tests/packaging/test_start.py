"""The command line answers at once: what takes long to import waits until it is needed."""

from __future__ import annotations

import subprocess
import sys

SLOW = {"sqlalchemy", "alembic", "requests", "urllib3", "apscheduler", "connectors", "babel"} | {
    *("structlog", "rich", "asyncio", "pydantic", "msgspec", "yaml")
}


def test_help_imports_nothing_slow() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "syncd", "--help"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    imported = {line.rsplit("|", 1)[1].strip() for line in told.stderr.splitlines() if "|" in line}
    tops = {name.split(".")[0] for name in imported}
    assert {"syncd", "click"} <= tops, "the list of imports was not read"
    assert not tops & SLOW
