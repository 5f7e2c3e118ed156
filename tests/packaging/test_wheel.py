"""The wheel as a stranger gets it: built, installed in a clean place, run in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd import __version__

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"

Run = Callable[..., subprocess.CompletedProcess[str]]

IMPORT_ALL = """
import importlib, pkgutil
for top in ("syncd", "syncd_connectors"):
    for module in pkgutil.walk_packages(importlib.import_module(top).__path__, top + "."):
        if not any(one in module.name for one in ("migrations", "__main__", "syncd.sandbox")):
            importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    subprocess.run([sys.executable, *build], check=True, capture_output=True, timeout=60)
    (wheel,) = place.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment with the wheel and the locked versions."""
    place = tmp_path_factory.mktemp("clean")
    pinned = [line.split(" \\")[0] for line in LOCK.read_text().splitlines() if "==" in line]
    (place / "constraints.txt").write_text("\n".join(pinned))
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True, timeout=60)
    install = ["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    subprocess.run(
        [place / "venv/bin/python", *install, "--constraint", place / "constraints.txt", wheel],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return place / "venv/bin"


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Runs a program of the clean environment in an empty folder, without this source tree."""

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SYNCD"))}
        return subprocess.run(
            [installed / program, *arguments],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_the_wheel_takes_no_name_of_other_distributions(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"syncd", "syncd_connectors", f"syncd-{__version__}.dist-info"}


@pytest.mark.parametrize("folder", ["config", "mappings", "systemd"])
def test_the_wheel_brings_the_shipped_files(wheel: Path, folder: str) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert shipped
    assert {f"syncd/_examples/{path.relative_to(ROOT)}" for path in shipped} <= names


def test_it_tells_its_version(run: Run) -> None:
    told = run("syncd", "--version")
    assert (told.returncode, told.stderr) == (0, "")
    assert __version__ in told.stdout


def test_every_module_finds_what_it_imports(run: Run) -> None:
    """Catches a runtime library that only the development environment has, and an import of
    `connectors` by its name in the source tree."""
    told = run("python", "-W", "error", "-c", IMPORT_ALL)
    assert (told.returncode, told.stderr) == (0, "")


def test_what_an_extra_brings_is_asked_for_by_its_name(run: Run) -> None:
    for system in ("megaplan", "onec", "zoho_crm"):
        told = run("syncd", "sandbox", system)
        assert (told.returncode, told.stdout) == (2, "")
        assert "pip install 'syncd[sandbox]'" in told.stderr


def configure(run: Run, folder: Path, **secrets: str) -> Path:
    """The shipped example as it stands, with these secrets, in the empty folder."""
    place = "import syncd, pathlib; print(pathlib.Path(syncd.__file__).with_name('_examples'))"
    examples = Path(run("python", "-c", place).stdout.strip())
    config = folder / "syncd.yaml"
    config.write_bytes((examples / "config/syncd.example.yaml").read_bytes())
    (folder / "secrets").mkdir(mode=0o700)
    for name, value in secrets.items():
        secret = folder / "secrets" / name.replace("__", ".")
        secret.touch(mode=0o600)
        secret.write_text(value)
    return config


def test_the_shipped_example_and_mappings_are_in_order(run: Run, tmp_path: Path) -> None:
    config = configure(run, tmp_path, books__password="geheim", crm__token="geheim")
    told = run("syncd", "--config", str(config), "check")
    assert (told.returncode, told.stderr) == (0, "")
    assert "2 connections, 1 pair" in told.stdout


def test_what_a_configuration_lacks_is_told_with_its_exit_code(run: Run, tmp_path: Path) -> None:
    config = configure(run, tmp_path, books__password="geheim")
    told = run("syncd", "--config", str(config), "check")
    assert (told.returncode, told.stdout) == (78, "")
    assert "crm" in told.stderr
    assert "token" in told.stderr
    assert "Traceback" not in told.stderr
