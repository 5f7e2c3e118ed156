"""What must be on the machine before anything is started, looked for in the first second.

python3 -m tests.world.prerequisites      exit 78 with the line that installs what is missing
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

EXIT_CODE = 78
ASKED = "SYNCD_CRM_PYTHON"
PROBE = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3])"


class MissingError(Exception):
    """Something the person has to install; the message ends with the line that does."""


def check() -> None:
    """Raises MissingError for the first thing the two systems lack."""
    tryton_python()
    crm_python()
    unprivileged_user()


def tryton_python() -> tuple[Path, str]:
    """The running interpreter (without the environment it may sit in) and its version, if it can
    make environments."""
    python = Path(sys.executable).resolve()
    found = _probe(python)
    if found is None:
        short = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise MissingError(
            f"{sys.executable} cannot make environments (venv and ensurepip are missing).\n"
            f"  sudo apt-get install python{short}-venv"
        )
    return python, found


def crm_python() -> tuple[Path, str]:
    """An interpreter of Python 3.12 or newer and its version: BottleCRM needs one, syncd does not.

    Asked in order: `$SYNCD_CRM_PYTHON`, the running one, the PATH, pyenv's and uv's versions. A
    pyenv shim is of no use here: it answers for the versions its folder selects only.
    """
    seen: set[Path] = set()
    for named in _candidates():
        candidate = named.resolve()  # a link of an environment leads to the interpreter itself
        if candidate in seen or not candidate.exists():
            continue
        seen.add(candidate)
        version = _probe(candidate)
        if version and (3, 12) <= tuple(map(int, version.split(".")))[:2] <= (3, 14):
            return candidate, version
    raise MissingError(
        "BottleCRM, the demo's CRM, needs a Python from 3.12 to 3.14 with venv beside this one.\n"
        "  sudo apt-get install python3.13 python3.13-venv     (Debian 13)\n"
        "  sudo apt-get install python3.12 python3.12-venv     (Ubuntu 24.04)\n"
        "  pyenv install 3.13                                  (anywhere)\n"
        f"  export {ASKED}=/path/to/python3.13         (it is there, but was not found)"
    )


def unprivileged_user() -> int | None:
    """PostgreSQL refuses to run as root: the user id it gets then, None if not root."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "daemon"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise MissingError(
        "No user for PostgreSQL, which refuses to run as root.\n  sudo useradd nobody"
    )


def _candidates() -> Iterator[Path]:
    if ASKED in os.environ:
        yield Path(os.environ[ASKED])
    yield Path(sys.executable)
    names = ("python3.13", "python3.12", "python3.14", "python3")
    for name in names:
        found = shutil.which(name)
        if found:
            yield Path(found)
    folders = (
        Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions",
        Path.home() / ".local/share/uv/python",
    )
    for folder in folders:
        yield from sorted(folder.glob("*3.1[234]*/bin/python3"), reverse=True)
    yield from (Path("/opt/homebrew/bin") / name for name in names)


def _probe(python: Path) -> str | None:
    try:
        answer = subprocess.run(
            [python, "-I", "-c", PROBE], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def main() -> int:
    try:
        check()
    except MissingError as missing:
        print(missing, file=sys.stderr)
        return EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main())
