"""The command line of one cycle, as somebody runs it who has another benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cycle import command

WORDS = {"BENCH_STATE": "a folder", "BENCH_BASE": "the address of a world"}


@pytest.mark.parametrize("missing", WORDS)
def test_what_is_not_set_is_said_in_a_line(tmp_path: Path, missing: str) -> None:
    given = {"BENCH_STATE": str(tmp_path), "BENCH_BASE": "http://127.0.0.1:1"}
    del given[missing]
    rest = {name: value for name, value in os.environ.items() if name not in WORDS}
    ran = subprocess.run(
        [sys.executable, command.__file__], env=rest | given, capture_output=True, text=True
    )
    assert ran.returncode == 2
    [line] = ran.stderr.splitlines()
    assert line.startswith(f"{missing} is not set; expected {WORDS[missing]}")


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    file = command.prepared(tmp_path / "new" / "state", "http://127.0.0.1:18300", "500")
    assert "http://127.0.0.1:18300" in file.read_text("utf-8")
    assert sorted(one.name for one in file.parent.iterdir() if one.is_dir()) == [
        "connectors",
        "mappings",
    ]
