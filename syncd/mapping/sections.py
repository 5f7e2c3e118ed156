"""What both kinds of mapping file have in common: the head, the lookups, chains of transforms."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

import msgspec

from syncd.domain import Kind, Value
from syncd.mapping import grammar
from syncd.mapping.document import Listing, Node, Place, Problems, Scalar, Table
from syncd.mapping.lines import Call, Path, Word, parse_path
from syncd.mapping.transforms import REGISTRY, Arg, Shape, Transform, Way, names

MEANING = 2
"""Part of every version: raise it when equal files begin to mean something else."""


class Lookup(msgspec.Struct, frozen=True):
    """`places` are those of the values, and of the lines that switched one off. `otherwise` is the
    value of every key that the table lacks; without one it is held."""

    name: str
    values: Mapping[str, Value]
    places: Mapping[str, Place]
    otherwise: tuple[Value, ...] = ()

    def meaning(self) -> object:
        return [dict(self.values), *self.otherwise] if self.otherwise else dict(self.values)


class Rule(msgspec.Struct, frozen=True):
    """A line of a file as a person finds it again: `where` is file:line:column; `reads` are the
    raw paths it takes its value from."""

    where: str
    text: str
    word: str = ""
    reads: tuple[str, ...] = ()


Bound = Path | Lookup | str | int


class Applied(msgspec.Struct, frozen=True):
    """One checked transform of a chain."""

    place: Place
    transform: Transform
    args: tuple[Bound, ...]

    def meaning(self) -> list[object]:
        return [self.transform.name, *(_meaning(arg) for arg in self.args)]

    def paths(self) -> list[Path]:
        return [arg for arg in self.args if isinstance(arg, Path)]


class Context(msgspec.Struct, frozen=True):
    """What every part of one file's check needs. `inside`: within the rows of an `each`. `off`
    are the lookups that an overlay switched off."""

    problems: Problems
    lookups: Mapping[str, Lookup]
    way: Way
    inside: bool = False
    off: Mapping[str, Place] = msgspec.field(default_factory=dict)

    @classmethod
    def of(
        cls, root: Table, lookups: Mapping[str, Lookup], way: Way, problems: Problems
    ) -> Context:
        tables = root.entries.get("lookups")
        off = tables.value.off if tables and isinstance(tables.value, Table) else {}
        return cls(problems, lookups, way, off=off)


def _meaning(arg: Bound) -> object:
    if isinstance(arg, Path):
        return path_meaning(arg)
    if isinstance(arg, Lookup):
        return arg.meaning()
    return arg


def path_meaning(path: Path) -> list[object]:
    return [path.parent, *([step.name, *(step.pick or ())] for step in path.steps)]


def version_of(meaning: object) -> str:
    """12 hex digits, equal in every process for files that mean the same."""
    text = json.dumps([MEANING, meaning], sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=6).hexdigest()


# ----------------------------------------------------------------------------------- reading keys


def only(table: Table, what: str, known: Collection[str], problems: Problems) -> None:
    """Adds every key that is not known."""
    for name, entry in table.entries.items():
        if name not in known:
            problems.unknown(table.lent.get(name, entry.key.place), what, name, known)


def table_of(node: Node, what: str, problems: Problems) -> Table | None:
    if isinstance(node, Table):
        return node
    problems.add(node.place, f"{what} is a table of `word: value` lines")
    return None


def scalar_of(node: Node, what: str, problems: Problems) -> Scalar | None:
    if not isinstance(node, Scalar):
        problems.add(node.place, f"{what} is one line of text")
    elif node.value is None or not node.text.strip():
        problems.add(node.place, f"{what} is empty; delete the line if it is not wanted")
    else:
        return node
    return None


def scalar_at(table: Table, key: str, problems: Problems) -> Scalar | None:
    entry = table.entries.get(key)
    return scalar_of(entry.value, key, problems) if entry else None


def table_at(table: Table, key: str, problems: Problems) -> Table | None:
    entry = table.entries.get(key)
    return table_of(entry.value, key, problems) if entry else None


def date_at(table: Table, key: str, problems: Problems) -> dt.date | None:
    written = scalar_at(table, key, problems)
    try:
        return dt.date.fromisoformat(written.text) if written else None
    except ValueError:
        if written:
            problems.add(written.place, f"{written.text} is not a day like 2026-01-31")
        return None


def texts_at(table: Table, key: str, problems: Problems) -> list[Scalar]:
    """One text or a list of them."""
    entry = table.entries.get(key)
    if entry is None:
        return []
    items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
    found = (scalar_of(item, key, problems) for item in items)
    return [item for item in found if item]


# ----------------------------------------------------------------------------------- head, lookups


def check_head(
    root: Table, system: str, extra: Iterable[str], kinds: Collection[Kind], problems: Problems
) -> None:
    """`system`, `version` and the words that may stand at the top."""
    top = [*grammar.HEAD, grammar.EXTENDS, *extra, *kinds]
    for name, entry in root.entries.items():
        if name not in top:
            problems.unknown(entry.key.place, "key or kind", name, top)
    if "system" not in root.entries:
        problems.add(root.spot("system", root.place), f"`system: {system}` is missing")
    elif (named := scalar_at(root, "system", problems)) and named.text != system:
        problems.unknown(named.place, "system", named.text, [system])
    version = scalar_at(root, "version", problems)
    if version and (type(version.value) is not int or version.value < 1):
        problems.add(version.place, f"version is a number from 1, not {version.text}")
    if not any(kind in root.entries for kind in kinds):
        problems.add(root.place, f"no kind is mapped; known: {', '.join(kinds)}")


def read_lookups(root: Table, problems: Problems) -> dict[str, Lookup]:
    found: dict[str, Lookup] = {}
    tables = table_at(root, "lookups", problems)
    for name, entry in tables.entries.items() if tables else ():
        if table := table_of(entry.value, f"lookup {name}", problems):
            values: dict[str, Value] = {}
            otherwise: tuple[Value, ...] = ()
            for key, line in table.entries.items():
                value = scalar_of(line.value, f"{name}.{key}", problems)
                if value and key == grammar.OTHERWISE and not line.key.quoted:
                    otherwise = (value.value,)
                elif value:
                    values[key] = value.value
            places = {key: line.value.place for key, line in table.entries.items()} | table.off
            found[name] = Lookup(name, values, places, otherwise)
    return found


# -------------------------------------------------------------------------- chains of transforms


def check_chain(
    calls: Iterable[Call], shape: Shape, context: Context
) -> tuple[list[Applied], Shape]:
    """The checked transforms, and the shape that comes out of the last of them."""
    applied = []
    for call in calls:
        transform = REGISTRY.get(call.name)
        if transform is None or not transform.works(context.way):
            if transform is None:
                known = names(context.way)
                context.problems.unknown(call.place, "transform", call.name, known)
            else:
                context.problems.add(call.place, f"{call.name} works {transform.way} only")
            shape = Shape.ANY
            continue
        if shape not in transform.takes:
            context.problems.add(call.place, _misfit(transform, shape))
        args = _arguments(call, transform, context)
        if args is not None:
            applied.append(Applied(call.place, transform, args))
        shape = transform.gives or shape
    return applied, shape


def _misfit(transform: Transform, shape: Shape) -> str:
    if shape is Shape.LIST:
        return f"{transform.name} works on one value, this is a list; put `first` before it"
    if Shape.LIST in transform.takes and Shape.ANY not in transform.takes:
        return f"{transform.name} works on a list, this is {shape}"
    return f"{transform.name} does not work on {shape}"


def _arguments(call: Call, transform: Transform, context: Context) -> tuple[Bound, ...] | None:
    most = len(transform.args)
    if not most - transform.optional <= len(call.args) <= most:
        given = f"{len(call.args)} given" if call.args else "none given"
        context.problems.add(call.place, f"wrong arguments ({given}); write `{transform.usage}`")
        return None
    bound = [_argument(w, a, context) for w, a in zip(call.args, transform.args, strict=False)]
    return tuple(b for b in bound if b is not None) if None not in bound else None


def _argument(word: Word, wanted: Arg, context: Context) -> Bound | None:
    match wanted:
        case Arg.TEXT:
            return word.text
        case Arg.TABLE:
            if word.text in context.off:
                used = context.problems.sources.where(word.place)
                text = f"lookup {word.text} is switched off here, and {used} uses it"
                context.problems.add(context.off[word.text], text)
            elif word.text not in context.lookups:
                context.problems.unknown(word.place, "lookup", word.text, context.lookups)
            return context.lookups.get(word.text)
        case Arg.PATH:
            path = parse_path(word.text, word.place, context.problems, inside=context.inside)
            if path and path.several:
                context.problems.add(word.place, "one value is needed here, not picked rows")
            return path
        case Arg.COUNT:
            if word.text.isascii() and word.text.isdecimal() and 0 < int(word.text) <= 100_000:
                return int(word.text)
            context.problems.add(word.place, f"{word.text} is not a number from 1 to 100000")
            return None
