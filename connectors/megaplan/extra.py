"""Extra fields: found once by the label that people see, and from then on known by their own name,
so that a label may be changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from syncd.errors import ConfigError
from syncd.port import Flow

from .answers import ask
from .facts import CUSTOM, SEGMENTS


@dataclass(frozen=True, slots=True)
class Extra:
    """`name` is Category183CustomFieldDolg, `kind` the content type of its definition."""

    name: str
    kind: str
    label: str

    @property
    def path(self) -> str:
        """As a mapping may write it."""
        return CUSTOM + "_".join(self.label.split())


@dataclass
class Bound:
    """Of one content type: what labels meant when they were first looked up."""

    known: Mapping[str, Extra]
    """By name."""
    paths: dict[str, Extra]
    """By the path as it was asked for."""


class ExtraFields:
    """Read once for each content type, and again after `forget`; what was bound stays bound as long
    as there is such a field."""

    def __init__(self) -> None:
        self._bound: dict[str, Bound] = {}
        self._old: set[str] = set()

    def forget(self) -> None:
        """The next look asks again."""
        self._old = set(self._bound)

    def all(self, type: str) -> Flow[Mapping[str, Extra]]:
        bound = yield from self._of(type)
        return bound.known

    def find(self, type: str, path: str) -> Flow[Extra | None]:
        """None: there is no such field. ConfigError where two have the label."""
        bound = yield from self._of(type)
        if path in bound.paths:
            return bound.paths[path]
        wanted = path.removeprefix(CUSTOM)
        found = bound.known.get(wanted)
        if found is None:
            same = [one for one in bound.known.values() if alike(one.label) == alike(wanted)]
            if len(same) > 1:
                raise ConfigError(
                    f"{len(same)} extra fields of {type} are called {same[0].label}; write the "
                    f"name of one in place of {path}: {', '.join(one.name for one in same)}"
                )
            found = same[0] if same else None
        if found is not None:
            bound.paths[path] = found
        return found

    def each(self, type: str, paths: Iterable[str]) -> Flow[Mapping[str, Extra]]:
        """Those of the paths that lead to an extra field that is there."""
        found = {}
        for path in paths:
            if path.startswith(CUSTOM):
                one = yield from self.find(type, path)
                if one is not None:
                    found[path] = one
        return found

    def paths(self, type: str) -> Flow[Mapping[str, str]]:
        """Name -> path: as it was asked for, else by its label where only one field has that."""
        bound = yield from self._of(type)
        labels = [alike(one.label) for one in bound.known.values()]
        found = {
            one.name: one.path if labels.count(alike(one.label)) == 1 else CUSTOM + one.name
            for one in bound.known.values()
        }
        return {**found, **{one.name: path for path, one in bound.paths.items()}}

    def _of(self, type: str) -> Flow[Bound]:
        before = self._bound.get(type)
        if before is not None and type not in self._old:
            return before
        rows = yield from ask("GET", f"{SEGMENTS[type]}/extraFields")
        known = {one.name: one for one in map(_extra, rows) if one}
        paths = before.paths if before else {}
        kept = {path: known[one.name] for path, one in paths.items() if one.name in known}
        self._bound[type] = Bound(known, kept)
        self._old.discard(type)
        return self._bound[type]


def _extra(row: Mapping[str, Any]) -> Extra | None:
    name, label = str(row["name"]), str(row.get("hrName") or row["name"])
    if row.get("isSystem") or row.get("isMultiple"):
        return None  # Megaplan's own, or several values, which no mapping writes
    return Extra(name, str(row["contentType"]), label)


def alike(label: str) -> str:
    """Two spellings that nobody would tell apart."""
    return " ".join(label.replace("_", " ").casefold().replace("ё", "е").split())
