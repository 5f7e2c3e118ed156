"""Clients that other people wrote, each in a Python environment of its own.

An environment is made once on this machine, as those of the real systems are, from a file that pins
every package it needs: nothing else is installed with it, and never into syncd's own.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.world import cache
from tests.world.install import run
from tests.world.progress import WorldError, step

HERE = Path(__file__).parent


@functools.cache
def environment(name: str, imports: str) -> Path:
    """Path of the Python that has what `requirements-NAME.txt` names; `imports` prove it."""
    wanted = HERE / f"requirements-{name}.txt"
    version = ".".join(map(str, sys.version_info[:2]))

    def build(folder: Path) -> None:
        with step(f"{name}: Python {version}, packages of {wanted.name}"):
            run([sys.executable, "-m", "venv", folder], f"making an environment for {name}")
            pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
            run([*pip, "install", "--no-deps", "-r", wanted], f"installing {wanted.name}")
            probe(folder)

    def probe(folder: Path) -> None:
        run([folder / "bin" / "python", "-I", "-c", f"import {imports}"], f"importing {imports}")

    def works(folder: Path) -> bool:
        try:
            probe(folder)
        except (WorldError, OSError):
            return False
        return True

    key = cache.fingerprint(wanted, version, sys.executable)
    return cache.cached(f"client-{name}", key, build, works) / "bin" / "python"


def seen(python: Path, script: str, *words: str, cwd: Path) -> Any:
    """What `inside/SCRIPT`, run by that Python, prints: one object of JSON on its last line."""
    done = subprocess.run(
        [python, HERE / "inside" / script, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{script} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return json.loads(done.stdout.splitlines()[-1])
