"""The configuration file, the secrets, and the only reader of the environment.

A configuration names connections, pairs and mapping files; each mistake has its line and column,
and all are told at once. Secrets come from systemd credentials, from the environment, or from files
in a folder that only syncd's user may read.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from syncd.errors import ConfigError
from syncd.mapping.document import Node, Problems, Scalar, Table, parse, read_text
from syncd.sync.pair import Limits, Numbers, WonMode, WonPolicy

DEFAULT_FILE = Path("syncd.yaml")

PAIR = ("books", "crm", "books_mapping", "crm_mapping", "won", "guards")
"""The settings of a pair."""


class Environment(BaseSettings):
    """SYNCD_CONFIG names the file; SYNCD_SECRETS__CONNECTION__NAME is a secret; systemd sets
    CREDENTIALS_DIRECTORY for LoadCredential=."""

    model_config = SettingsConfigDict(env_prefix="SYNCD_", env_nested_delimiter="__")

    config: Path = DEFAULT_FILE
    secrets: dict[str, dict[str, SecretStr]] = Field(default_factory=dict)
    credentials_directory: Path | None = Field(default=None, alias="CREDENTIALS_DIRECTORY")


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """`options` are the connection's lines but for system and url; `where` is file:line:column."""

    name: str
    system: str
    url: str
    options: Mapping[str, str]
    where: str


@dataclass(frozen=True, slots=True)
class PairSettings:
    name: str
    books: ConnectionSettings
    crm: ConnectionSettings
    books_mapping: str
    crm_mapping: str
    where: str
    won: WonPolicy = field(default_factory=WonPolicy)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Settings:
    """Paths are absolute: those in the file are relative to its folder."""

    file: Path
    state: Path
    secrets: Path | None
    mappings: Path | None
    connections: Mapping[str, ConnectionSettings]
    pairs: Mapping[str, PairSettings]
    numbers: Numbers
    environment: Environment

    def secret(self, connection: str, name: str) -> str | None:
        """None where it is nowhere; the value without its last line end."""
        given = self.environment.secrets.get(connection.lower(), {}).get(name)
        if given is not None:
            return given.get_secret_value()
        for folder in (self.environment.credentials_directory, self.secrets):
            file = folder / f"{connection}.{name}" if folder else None
            if file and file.is_file():
                return file.read_text(encoding="utf-8").rstrip("\r\n")
        return None

    def loose_secrets(self) -> list[str]:
        """Secret files that others than their owner may read."""
        if not self.secrets or not self.secrets.is_dir():
            return []
        loose = (f for f in sorted(self.secrets.iterdir()) if f.is_file() and _open_to_others(f))
        return [f"{f}: others may read this secret; chmod 600 {f}" for f in loose]


def load(path: Path | None = None) -> Settings:
    """Raises ConfigError with every mistake of the file."""
    environment = Environment()
    file = path or environment.config
    if not file.is_file():
        raise ConfigError(
            f"{file}: there is no such file. Copy config/syncd.example.yaml, or name yours with "
            "--config FILE or SYNCD_CONFIG"
        )
    problems = Problems(str(file))
    root = parse(read_text(file, problems), problems)
    reader = _Reader(root, problems)
    known = ("state", "secrets", "mappings", "connections", "pairs", "numbers")
    reader.only(root, "setting", known)
    folder = file.absolute().parent
    state = reader.text(root, "state", required=True)
    secrets, mappings = reader.text(root, "secrets"), reader.text(root, "mappings")
    connections = reader.connections()
    pairs = reader.pairs(connections)
    numbers = reader.numbers()
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
    )


class _Reader:
    def __init__(self, root: Table, problems: Problems) -> None:
        self.root, self.problems = root, problems

    def only(self, table: Table, what: str, known: Iterable[str]) -> None:
        for name, entry in table.entries.items():
            if name not in known:
                self.problems.unknown(entry.key.place, what, name, known)

    def text(self, table: Table, name: str, *, required: bool = False) -> str | None:
        entry = table.entries.get(name)
        if entry is None:
            if required:
                self.problems.add(table.place, f"{name} is missing")
            return None
        if not isinstance(entry.value, Scalar) or not entry.value.text:
            self.problems.add(entry.value.place, f"{name} is a text")
            return None
        return entry.value.text

    def table(self, name: str, *, required: bool) -> dict[str, Table]:
        """A table of tables: its entries by name."""
        entry = self.root.entries.get(name)
        if entry is None:
            if required:
                self.problems.add(self.root.place, f"{name} is missing")
            return {}
        if not isinstance(entry.value, Table):
            self.problems.add(entry.value.place, f"{name} is a table")
            return {}
        found = {}
        for key, one in entry.value.entries.items():
            if isinstance(one.value, Table):
                found[key] = one.value
            else:
                self.problems.add(one.value.place, f"{name}.{key} is a table")
        return found

    def connections(self) -> dict[str, ConnectionSettings]:
        found = {}
        for name, table in self.table("connections", required=True).items():
            system = self.text(table, "system", required=True)
            url = self.text(table, "url", required=True)
            if url and not url.startswith(("https://", "http://")):
                self.problems.add(
                    table.entries["url"].value.place, f"url {url} begins with https:// or http://"
                )
            names = [key for key in table.entries if key not in ("system", "url")]
            options = {key: self.text(table, key) or "" for key in names}
            if system and url:
                where = f"{self.problems.file}:{table.place.line}:{table.place.column}"
                found[name] = ConnectionSettings(name, system, url.rstrip("/"), options, where)
        return found

    def pairs(self, connections: Mapping[str, ConnectionSettings]) -> dict[str, PairSettings]:
        found = {}
        for name, table in self.table("pairs", required=True).items():
            self.only(table, "setting", PAIR)
            sides: dict[str, ConnectionSettings] = {}
            for side in ("books", "crm"):
                word = self.text(table, side, required=True)
                if word and word in connections:
                    sides[side] = connections[word]
                elif word:
                    place = table.entries[side].value.place
                    self.problems.unknown(place, "connection", word, connections)
            if len(sides) == 2:
                where = f"{self.problems.file}:{table.place.line}:{table.place.column}"
                found[name] = PairSettings(
                    name,
                    sides["books"],
                    sides["crm"],
                    self.text(table, "books_mapping") or sides["books"].system,
                    self.text(table, "crm_mapping") or sides["crm"].system,
                    where,
                    self.won(table),
                    self.guards(table),
                )
        return found

    def won(self, pair: Table) -> WonPolicy:
        table = self.inner(pair, "won")
        if table is None:
            return WonPolicy()
        self.only(table, "setting", ("mode", "since"))
        mode, since = self.text(table, "mode") or WonMode.CREATE, self.text(table, "since")
        if mode not in set(WonMode):
            self.problems.unknown(table.entries["mode"].value.place, "mode", mode, WonMode)
            mode = WonMode.CREATE
        day = _day(since) if since else None
        if since and day is None:
            place = table.entries["since"].value.place
            self.problems.add(place, f"since {since}: expected a day as 2026-11-01")
        return WonPolicy(WonMode(mode), day)

    def guards(self, pair: Table) -> Limits:
        table = self.inner(pair, "guards")
        if table is None:
            return Limits()
        values = self.figures(table, "guard", {one.name: str(one.type) for one in fields(Limits)})
        for name, value in values.items():
            if isinstance(value, float) and value > 1:
                place = table.entries[name].value.place
                self.problems.add(place, f"{name} is a share from 0 to 1, as 0.2 for 20 %")
        return Limits(**values)  # type: ignore[arg-type]  # whole where the field is whole

    def numbers(self) -> Numbers:
        table = self.inner(self.root, "numbers")
        if table is None:
            return Numbers()
        names = {one.name: str(one.type) for one in fields(Numbers)}
        values = self.figures(table, "number", names)
        return Numbers(**values)  # type: ignore[arg-type]  # whole where the field is whole

    def inner(self, table: Table, name: str) -> Table | None:
        entry = table.entries.get(name)
        if entry is None or isinstance(entry.value, Table):
            return entry.value if entry and isinstance(entry.value, Table) else None
        self.problems.add(entry.value.place, f"{name} is a table")
        return None

    def figures(self, table: Table, what: str, names: Mapping[str, str]) -> dict[str, float]:
        """Names to their types; what is no figure, or a fraction of what is counted, is told."""
        self.only(table, what, names)
        values: dict[str, float] = {}
        for name, one in table.entries.items():
            number, whole = _number(one.value), names.get(name) == "int"
            if name not in names:
                continue
            if number is None or (whole and number != int(number)):
                kind = "whole number" if whole else "number"
                self.problems.add(one.value.place, f"{name} is a {kind} of 0 or more")
            else:
                values[name] = int(number) if whole else number
        return values


def _number(node: Node) -> float | None:
    try:
        number = float(node.text) if isinstance(node, Scalar) else -1.0
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _open_to_others(file: Path) -> bool:
    return bool(os.stat(file).st_mode & 0o077)
