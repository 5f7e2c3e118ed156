"""BottleCRM on loopback: a template cluster in the cache, one server, its database replaced."""

from __future__ import annotations

import shutil
import signal
import urllib.error
import urllib.request
from pathlib import Path

from tests.world import cache, install
from tests.world.crm import Crm
from tests.world.postgres import Postgres
from tests.world.processes import Place, Server, await_ready, free_port, start
from tests.world.progress import step

HERE = Path(__file__).parent
INSIDE = HERE / "inside"
SCRIPTS = (INSIDE / "crm_settings.py", INSIDE / "crm_boot.py")


def template() -> Path:
    """A folder with a cluster's `data` and the `token` of its organisation."""
    python = install.crm()
    key = cache.fingerprint(HERE / "requirements-crm.txt", HERE / "postgres.py", *SCRIPTS)

    def build(folder: Path) -> None:
        with step("BottleCRM: database"), Place() as place:
            postgres = Postgres(place, python)
            postgres.sql("CREATE ROLE crm LOGIN", "CREATE DATABASE template_crm OWNER crm")
            env = _environment(postgres.port, "template_crm")
            django: list[str | Path] = [python, "-m", "django"]
            words = ["migrate", "--run-syncdb", "-v0"]
            install.run([*django, *words], "making the tables", env=env, cwd=place.path)
            script = [python, INSIDE / "crm_boot.py"]
            output = install.run(script, "the set-up", env=env, cwd=place.path)
            postgres.server.stop()
            shutil.copytree(postgres.data, folder / "data")
            (folder / "token").write_text(output.split()[-1])

    return cache.cached("crm-template", key, build)


class CrmServer:
    """`fresh()` throws away what was written and hands out an organisation without customers."""

    def __init__(self, place: Place, *, bound: bool = True) -> None:
        python = install.crm()
        source = template()
        self._calls = place.path / "crm.calls"
        self._token = (source / "token").read_text()
        self._postgres = Postgres(place, python, source / "data", bound=bound)
        self._replace()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [python, "-m", "gunicorn", "crm_serve:application"]
        command += ["-b", f"127.0.0.1:{port}", "-w", "1", "--threads", "4", "--preload"]
        self.server: Server = start(
            "crm",
            command,
            place,
            {**_environment(self._postgres.port, "crm"), "CRM_CALLS": str(self._calls)},
            bound=bound,
            asking=signal.SIGKILL,  # it keeps nothing, and takes seconds to end in good order
        )
        await_ready(self.server, self._answers)
        Crm(self.url, self._token).get("/api/accounts/")  # the first request loads the routes

    def fresh(self) -> Crm:
        self._replace()
        return Crm(self.url, self._token, self._calls)

    def _replace(self) -> None:
        self._postgres.sql(
            "DROP DATABASE IF EXISTS crm WITH (FORCE)",
            "CREATE DATABASE crm TEMPLATE template_crm OWNER crm STRATEGY file_copy",
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz/", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def _environment(port: int, database: str) -> dict[str, str]:
    return {
        "SECRET_KEY": "only for tests on loopback, 40 characters",
        "ENV_TYPE": "dev",
        "DEBUG": "False",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DBNAME": database,
        "DBUSER": "crm",
        "DBPASSWORD": "any, the server trusts loopback",
        "DBHOST": "127.0.0.1",
        "DBPORT": str(port),
        "PYTHONPATH": str(INSIDE),
        "DJANGO_SETTINGS_MODULE": "crm_settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
