"""Tryton on loopback: templates in the cache, one server, as many fresh databases as wanted."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path

from tests.world import cache, install
from tests.world.books import Books, today
from tests.world.processes import Place, Server, await_ready, free_port, start
from tests.world.progress import step

HERE = Path(__file__).parent
BASE = HERE / "inside" / "tryton_base.py"
SERVE = HERE / "inside" / "tryton_serve.py"
LOGIN, PASSWORD = "admin", "admin-pass-1"
MODULES = "party account_invoice sale account_payment account_statement sale_opportunity"
CONFIG = """\
[database]
uri = sqlite:///
path = {folder}
[web]
listen = 127.0.0.1:1
root =
[session]
timeout = 86400
"""  # wizards ask for a session younger than `timeout`: a day spares the verbs a second login


def template() -> Path:
    """A database file with the empty company, built once a year for each version of its script."""
    python = install.tryton()
    year = today().year
    key = cache.fingerprint(HERE / "requirements-tryton.txt", BASE, MODULES, str(year))

    def build(folder: Path) -> None:
        conf = folder / "trytond.conf"
        conf.write_text(CONFIG.format(folder=folder))
        (folder / "password").write_text(PASSWORD + "\n")
        (folder / "template.sqlite").touch()  # SQLite's backend opens only a file that is there
        env = {"TRYTONPASSFILE": str(folder / "password")}
        admin: list[str | Path] = [python, python.with_name("trytond-admin")]
        admin += ["-c", conf, "-d", "template"]
        with step("Tryton: database"):
            install.run([*admin, "--all", "--email", "admin@example.com"], "trytond-admin", env=env)
        with step("Tryton: modules"):
            more = ["-u", *MODULES.split(), "--activate-dependencies"]
            install.run([*admin, *more], "trytond-admin", env=env)
        with step("Tryton: company, chart of accounts, fiscal years, products"):
            install.run([python, BASE, conf, "template", str(year)], "the base set-up")
        sealed(folder / "template.sqlite")

    return cache.cached("tryton-template", key, build) / "template.sqlite"


def sealed(database: Path) -> None:
    """One self-contained file, to be copied."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")


class TrytonServer:
    """Serves every database file in its folder, so a fresh one needs no restart."""

    def __init__(self, place: Place, *, bound: bool = True) -> None:
        self._folder = place.path / "tryton"
        self._folder.mkdir()
        self._calls = place.path / "tryton.calls"
        self._made = 0
        python = install.tryton()
        conf = self._folder / "trytond.conf"
        conf.write_text(CONFIG.format(folder=self._folder))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.server: Server = start(
            "tryton", [python, SERVE, conf, str(port), self._calls], place, bound=bound
        )
        await_ready(self.server, self._answers)

    def database(self, source: Path, name: str | None = None) -> Books:
        """A copy of a database file under a name of its own."""
        self._made += 1
        name = name or f"books{self._made}"
        shutil.copyfile(source, self._folder / f"{name}.sqlite")
        return Books(self.url, name, LOGIN, PASSWORD, self._calls)

    def sql(self, name: str, *statements: str) -> None:
        """Carried out in a database behind Tryton's back, in one transaction."""
        file = self._folder / f"{name}.sqlite"
        with contextlib.closing(sqlite3.connect(file)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def copy(self, name: str, target: Path) -> None:
        """Write a database, in use or not, into a file of its own."""
        source = self._folder / f"{name}.sqlite"
        with (
            contextlib.closing(sqlite3.connect(source)) as reading,
            contextlib.closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
        sealed(target)

    def _answers(self) -> bool:
        body = b'{"id":1,"method":"common.server.version","params":[]}'
        request = urllib.request.Request(
            f"{self.url}/rpc/", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False
