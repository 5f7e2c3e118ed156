"""The configuration file and the secrets.

A configuration names connections, pairs and mapping files; each mistake has its line and column,
and all are told at once. Secrets come from systemd credentials, from the environment, or from files
in a folder that only syncd's user may read.
"""

from __future__ import annotations

from pathlib import Path

from syncd.errors import ConfigError
from syncd.mapping.document import Problems, parse, read_text
from syncd.settings import alerts, health, sections
from syncd.settings.model import ConnectionSettings, Environment, Listen, PairSettings, Settings
from syncd.settings.reader import Reader

__all__ = ["ConnectionSettings", "Environment", "Listen", "PairSettings", "Settings", "load"]

CONFIGURATION = "a configuration is a table of `key: value` lines; config/syncd.example.yaml is one"


def load(path: Path | None = None, environment: Environment | None = None) -> Settings:
    """Raises ConfigError with every mistake of the file."""
    environment = environment or Environment()
    file = path or environment.config
    if not file.is_file():
        raise ConfigError(
            f"{file}: there is no such file. Name yours with --config FILE or SYNCD_CONFIG, or "
            "make one: syncd init"
        )
    problems = Problems(str(file))
    root = parse(read_text(file, problems), problems, CONFIGURATION)
    reader = Reader(root, problems)
    known = (
        *("state", "secrets", "mappings", "connections", "pairs", "numbers"),
        *("alerts", "listen", "retention"),
    )
    reader.only(root, "setting", known)
    folder = file.absolute().parent
    state = reader.text(root, "state", required=True)
    secrets, mappings = reader.text(root, "secrets"), reader.text(root, "mappings")
    connections = sections.connections(reader)
    pairs = sections.pairs(reader, connections)
    numbers = sections.numbers(reader)
    found = alerts.alerts(reader)
    listen = health.listen(reader)
    retention = sections.retention(reader)
    problems.stop()
    return Settings(
        file,
        folder / (state or ""),
        folder / secrets if secrets else None,
        folder / mappings if mappings else None,
        connections,
        pairs,
        numbers,
        environment,
        found,
        listen,
        retention,
    )
