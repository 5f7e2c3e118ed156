"""Secrets of a set-up: from a file, the environment, an earlier try, or typed hidden; and the login
that shows whether they are the right ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from syncd.cli.asking import Asker, found, some, wrong
from syncd.cli.init import SECRETS
from syncd.errors import AccessError, SyncdError, UsageError
from syncd.port import Facts
from syncd.settings.model import Environment
from syncd.setup.files import Place
from syncd.setup.reach import Seen, System

CODE = "code"
"""Named like a secret by its flag, and kept nowhere: it is good once."""


@dataclass
class Credentials:
    """`given` are files of secrets by connection or owner of problems; `files` those that were
    written, by their flag."""

    asker: Asker
    place: Place
    environment: Environment
    given: Mapping[str, Path]
    files: dict[str, str] = field(default_factory=dict)

    def secret(self, connection: str, name: str, given: str) -> str | None:
        """From the file that a flag gives for `given`, the environment, or an earlier try."""
        if given in self.given:
            return _text(self.given[given])
        said = self.environment.secrets.get(connection, {}).get(name)
        if said is not None:
            return said.get_secret_value()
        kept = self.place.secret(connection, name)
        return _text(kept) if kept.is_file() else None

    def log_in(self, system: System, look: Callable[[], Seen]) -> Seen:
        """Until it works: what was refused is asked for again, what was away is tried again."""
        facts = system.facts
        before: Mapping[str, str] = {}
        for name in facts.secrets:
            system.secrets[name] = self.secret(system.name, name, f"{system.name}.{name}") or ""
        system.lasting = spare = system.secrets.get(facts.exchanged, "")
        if code := self._code(system, facts):
            system.secrets[facts.exchanged] = code
        while True:
            try:
                self._complete(system, facts, before)
                self._exchange(system, facts, spare)
                seen = look()
            except SyncdError as error:
                if self.asker.yes:
                    raise
                wrong(str(error))
                before = self._again(system, error)
                continue
            self._keep(system)
            return seen

    def _code(self, system: System, facts: Facts) -> str | None:
        file = self.given.get(f"{system.name}.{CODE}")
        return _text(file) if file and facts.exchanged else None

    def _complete(self, system: System, facts: Facts, before: Mapping[str, str]) -> None:
        """Asks for what is lacking; Enter takes what was there `before`."""
        missing = [name for name in facts.secrets if not system.secrets[name]]
        for line in facts.hint if missing and not self.asker.yes else ():
            found(line)
        who = system.options.get("login")
        several = len(facts.secrets) > 1 or who is not None
        for name in missing:
            between = " " if name in SECRETS else "="
            where = f"{flag(system.name, name)}{between}FILE"
            label = name.capitalize().replace("_", " ")
            if name == facts.exchanged:
                label, where = f"One-time code, or a {label.lower()}", _either(system.name, where)
            label += f" of {who}" if who else ""
            known = before.get(name) if several else None
            label += " (not shown; Enter: as before)" if known else " (not shown)"
            system.secrets[name] = self.asker.hidden(label, where, known)

    def _exchange(self, system: System, facts: Facts, spare: str) -> None:
        """What came of a code is kept before anything else can go wrong: it comes only once. A code
        that an earlier try has spent does no harm where that try kept what it gave."""
        if not facts.exchanged or system.secrets[facts.exchanged] == system.lasting:
            return
        try:
            system.exchange()
        except AccessError as error:
            if not spare:
                raise
            found(f"{error}; what an earlier try kept is used")
            system.secrets[facts.exchanged] = system.lasting = spare
            return
        self._keep(system)

    def _again(self, system: System, error: SyncdError) -> Mapping[str, str]:
        """What was there before, where it is asked for again."""
        if not isinstance(error, AccessError):
            click.prompt("Enter tries again", default="", show_default=False)
            return {}
        before = system.secrets
        system.secrets = dict.fromkeys(before, "")
        if "login" in system.options:
            name = f"{system.name}.login"
            self.asker.forget(name)
            system.options["login"] = self.asker.ask(name, "Login", some, system.options["login"])
        return before

    def _keep(self, system: System) -> None:
        for name, value in system.secrets.items():
            file = self.place.keep_secret(system.name, name, value)
            self.files[flag(system.name, name)] = str(file)


def flag(connection: str, secret: str) -> str:
    """One that only a connector file names stands behind a flag for all of these."""
    if secret not in SECRETS:
        return f"--{connection}-secret {secret}"
    return f"--{connection}-{secret.replace('_', '-')}-file"


def _either(connection: str, where: str) -> str:
    return f"{flag(connection, CODE)} FILE, or {where}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read as a secret: {error}") from None
