"""The files that come of the answers: configuration, secrets, and mappings where they differ."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from syncd.domain import TRIGGERS
from syncd.errors import ConfigError
from syncd.mapping.document import Node, Problems, Scalar, Table
from syncd.mapping.overlays import read_mapping

Lines = Mapping[str, str | list[str]]
"""Dotted path -> what stands there now."""

NONE = "none"
"""Switches a line off, and is a text in quotes."""
_TRIGGERS: frozenset[str] = frozenset(TRIGGERS)
"""Sections that a shipped mapping may leave to whoever sets up."""
_SPECIAL = re.compile(r"[][{},:#&*!|>'\"%@`]|^[-? ]")
"""What a text without quotes may not hold, wherever it stands."""
_PLAIN = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_./:+-]*")
_CONFIG = """\
# Written by `syncd init`. Every key is explained in config/syncd.example.yaml and docs/admin.md.
# Secrets never stand here: each is a file of the folder `secrets`, named CONNECTION.SECRET.
state: {state}
secrets: secrets
mappings: mappings

connections:
{connections}
pairs:
  main:
    books: books
    crm: crm
{mappings}    won: {{mode: {won}}}
{alerts}"""


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection as the configuration has it; `note` says what was found behind it."""

    name: str
    system: str
    url: str
    options: Mapping[str, str]
    note: str = ""
    mapping: str | None = None
    """The shipped mapping, where it is not that of the system's name."""
    lines: Mapping[str, str] = field(default_factory=dict)
    """Of the mapping, that differ from the shipped one whatever else was chosen."""


@dataclass
class Place:
    """Where a configuration is to be: `file` with its folders of secrets and mappings. `copies` are
    of files that were there and were replaced."""

    file: Path
    written: list[Path] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.file.parent

    def make(self) -> None:
        """ConfigError where nothing can be written there."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            trial = self.folder / f".{self.file.name}.trial"
            trial.touch(mode=0o600)
            trial.unlink()
        except OSError as error:
            raise ConfigError(f"{self.folder}: cannot be written to: {error.strerror}") from None

    def secret(self, connection: str, name: str) -> Path:
        return self.folder / "secrets" / f"{connection}.{name}"

    def keep_secret(self, connection: str, name: str, value: str) -> Path:
        """Readable by this user alone from its first moment on."""
        file = self.secret(connection, name)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.parent.chmod(0o700)
        new = file.with_name(f".{file.name}.new")
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(value + "\n")
        new.replace(file)
        return file

    def configure(
        self, state: str, connections: Sequence[Connected], won: str, hearers: Mapping[str, str]
    ) -> None:
        """`hearers` are owners of problems with their language."""
        tables = "".join(_connection(one) for one in connections)
        mappings = "".join(
            f"    {one.name}_mapping: {one.mapping}\n" for one in connections if one.mapping
        )
        text = _CONFIG.format(
            state=_value(state),
            connections=tables,
            mappings=mappings,
            won=won,
            alerts=_alerts(hearers),
        )
        self._write(self.file, text)

    def map(self, base: Path, lines: Lines) -> str:
        """An own mapping over this one, where anything differs; one that was there goes where
        nothing does. The name of the mapping to use: that over an own one has another."""
        folder = self.folder / "mappings"
        own = folder / (f"{base.stem}_chosen.yaml" if base.parent == folder else base.name)
        if lines:
            own.parent.mkdir(exist_ok=True)
            self._write(own, differing(base, lines))
            return own.stem
        if own.exists():
            self.copies.append(_copy(own))
            own.unlink()
        return base.stem

    def _write(self, file: Path, text: str) -> None:
        if file.exists() and file.read_bytes() != text.encode():
            self.copies.append(_copy(file))
        new = file.with_name(f".{file.name}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(file)
        self.written.append(file)


def _copy(file: Path) -> Path:
    number = 1
    while (copy := file.with_name(f"{file.name}.before-{number}")).exists():
        number += 1
    shutil.copy2(file, copy)
    return copy


def _connection(one: Connected) -> str:
    rows = {"system": one.system, "url": one.url, **one.options}
    note = " ".join(one.note.split())  # a name may hold anything, a comment no line end
    head = f"  {one.name}:" + (f"  # {note}" if note else "")
    return head + "\n" + "".join(f"    {key}: {_value(text)}\n" for key, text in rows.items())


def _alerts(hearers: Mapping[str, str]) -> str:
    rows = "".join(f"  {owner}: {{language: {word}}}\n" for owner, word in hearers.items())
    return f"\n# Where to stands in the secrets alerts.OWNER.\nalerts:\n{rows}" if rows else ""


def _value(text: str) -> str:
    """As YAML has it: quoted, unless it reads the same without."""
    if _PLAIN.fullmatch(text) and not text.endswith(":"):
        return text
    return _quoted(text)


# -- mappings that differ --------------------------------------------------------------------------


def differing(shipped: Path, lines: Lines) -> str:
    """The text of an overlay: only these lines are other ones than in the shipped mapping."""
    rows = [f"extends: {shipped.stem}"]
    missing = _TRIGGERS.difference(tree(shipped).entries)
    fresh = {
        path: new
        for path, new in lines.items()
        if "." in path and path.partition(".")[0] in missing
    }
    for path, new in lines.items():
        if path in fresh:
            continue
        name = _key(path.replace(".fields.", "."))
        if isinstance(new, str):
            rows.append(f"{name}: {new if new == NONE else _quoted(new)}")
        else:
            rows += [f"{name}:", *(f"  - {_quoted(one)}" for one in new)]
    return "\n".join([*rows, *_sections(fresh)]) + "\n"


def _sections(lines: Lines) -> list[str]:
    """Those that the shipped mapping has not, written whole."""
    rows: list[str] = []
    above: list[str] = []
    for path, new in lines.items():
        *heads, last = path.split(".")
        for depth, head in enumerate(heads):
            if heads[: depth + 1] != above[: depth + 1]:
                rows.append(f"{'  ' * depth}{head}:")
        above = heads
        rows.append(f"{'  ' * len(heads)}{last}: {_quoted(str(new))}")
    return rows


def _key(path: str) -> str:
    """Words as they are; the name of a person may hold anything."""
    return path if re.fullmatch(r"[\w.]+", path) else _quoted(path)


def at(root: Table, path: str) -> Node | None:
    node: Node = root
    for word in path.split("."):
        if not isinstance(node, Table) or word not in node.entries:
            return None
        node = node.entries[word].value
    return node


def tree(file: Path) -> Table:
    """The mapping as it was typed, over what it extends. ConfigError."""
    return read_mapping(file, Problems(file.name))


def text_at(root: Table, path: str) -> str | None:
    node = at(root, path)
    return node.text if isinstance(node, Scalar) else None


def _quoted(text: str) -> str:
    if '"' in text and "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
