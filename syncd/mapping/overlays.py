"""Overlays: `extends: tryton` and single dotted lines over it.

    extends: tryton
    customer.rating: rating | text      # a line of its own, or in place of the inherited one
    customer.email: none                # this line is switched off
    lookups.invoice.on_hold: draft      # one more entry of a table
    customer.contact.name: last_name    # a part of a section
    card.line.else: Nothing to pay      # one key of a line in its long form

What comes out is one table, whose every node still knows the file it was written in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.document import (
    Entry,
    Node,
    Place,
    Problems,
    Scalar,
    Table,
    is_off,
    parse,
    read_text,
    suggestion,
)
from syncd.mapping.likes import resolve
from syncd.mapping.sections import scalar_at
from syncd.shipped import shipped


def read_mapping(path: Path, problems: Problems) -> Table:
    """The file as one table, with what it extends and what its sections are `like`. ConfigError
    where a file cannot be read or is no mapping; other mistakes are added to `problems`."""
    files = [path.absolute()]
    roots = [parse(read_text(path, problems), problems)]
    while grammar.EXTENDS in roots[-1].entries:
        base = _base(roots[-1], files, problems)
        problems.sources.add(label(base, files[0]))
        files.append(base)
        roots.append(parse(read_text(base, problems), problems))
    merged = roots.pop()
    for overlay in reversed(roots):
        _Overlay(merged, problems).lay(overlay)
    resolve(merged, problems)
    return merged


def label(base: Path, own: Path) -> str:
    """What messages call a file that is extended: the shipped one may have the own one's name."""
    came_along = base.parent == shipped("mappings") != own.parent
    return f"shipped/{base.name}" if came_along else base.name


def bases(path: Path) -> list[Path]:
    """The files that this one extends, the nearest first. ConfigError as above."""
    problems, files = Problems(path.name), [path.absolute()]
    root = parse(read_text(path, problems), problems)
    while grammar.EXTENDS in root.entries:
        files.append(_base(root, files, problems))
        root = parse(read_text(files[-1], problems), problems)
    return files[1:]


def _base(root: Table, files: Sequence[Path], problems: Problems) -> Path:
    """The file that is extended: beside this one, else as it came with syncd."""
    named = scalar_at(root, grammar.EXTENDS, problems)
    if named is None:
        problems.stop()
        raise AssertionError("unreachable")
    name = named.text.removesuffix(".yaml")
    folders = dict.fromkeys((files[-1].parent, shipped("mappings")))
    places = [folder / f"{name}.yaml" for folder in folders]
    found = next((one for one in places if one.is_file() and one not in files), None)
    if found is not None and "/" not in name:
        return found
    if any(one in files for one in places) and (files[-1].parent / f"{name}.yaml") != files[-1]:
        round_ = " extends ".join(one.stem for one in files)
        problems.add(named.place, f"goes round in circles: {round_} extends {name}")
    else:
        known = {file.stem for folder in folders for file in folder.glob("*.yaml")}
        looked = ", ".join(str(folder) for folder in folders)
        text = f"there is no mapping {name} to extend in {looked}"
        problems.add(named.place, text + suggestion(name, known - {files[-1].stem}))
    problems.stop()
    raise AssertionError("unreachable")


class _Overlay:
    """Lays the lines of an overlay over `base`, in place."""

    def __init__(self, base: Table, problems: Problems) -> None:
        self._base = base
        self._problems = problems
        for entry in base.entries.values():
            if isinstance(entry.value, Table):
                entry.value.entries.pop("examples", None)  # they are about the file as it was

    def lay(self, overlay: Table) -> None:
        for entry in overlay.entries.values():
            if entry.key.text == grammar.EXTENDS:
                continue
            words = _words(entry.key)
            if len(words) == 1:
                self._whole(words[0], entry.value)
            elif any(not word.text for word in words):
                self._problems.add(entry.key.place, "a dot stands between two words")
            else:
                self._line(words, entry.value)

    def _whole(self, key: Scalar, value: Node) -> None:
        """A line without a dot: of the head, or a kind that was not there."""
        there = self._base.entries.get(key.text)
        whole = key.text == "lookups" or key.text in list(Kind)
        if there is None or not whole or is_off(value):
            self._put(self._base, key, value, "key or kind")
            return
        said = self._problems.sources.where(there.key.place).rpartition(":")[0]
        lookups = key.text == "lookups"
        example = "lookups.TABLE.KEY: value" if lookups else f"{key.text}.WORD: ..."
        text = f"{key.text} stands at {said} already; change single lines, `{example}`"
        if not lookups:
            text += f", or leave it out, `{key.text}: none`"
        self._problems.add(key.place, text)

    def _line(self, words: Sequence[Scalar], value: Node) -> None:
        first, *rest = words
        entry = self._base.entries.get(first.text)
        if first.text == "lookups":
            self._lookup(first, rest, value)
        elif first.text in grammar.TABLES:
            table = self._base.inner(first.text) or Table(first.place, {})
            self._base.entries.setdefault(first.text, Entry(first, table))
            if len(rest) > 1 and rest[0].text == grammar.NAMED.get(first.text):
                named = table.inner(rest[0].text) or Table(rest[0].place, {})
                table.entries.setdefault(rest[0].text, Entry(rest[0], named))
                self._put(named, rest[1], value, f"name of {first.text}.{rest[0].text}")
                return
            self._deep(first.text, table, rest, value)
        elif first.text not in list(Kind):
            known = [kind for kind in Kind if kind in self._base.entries]
            self._problems.unknown(first.place, "kind", first.text, known)
        elif entry is None:
            text = f"there is no {first.text} to change; write the whole section, `{first.text}:`"
            self._problems.add(self._base.spot(first.text, first.place), text)
        elif isinstance(entry.value, Table):
            self._section(first.text, entry.value, rest, value)

    def _lookup(self, first: Scalar, words: Sequence[Scalar], value: Node) -> None:
        tables = self._base.inner("lookups") or Table(first.place, {})
        self._base.entries.setdefault("lookups", Entry(first, tables))
        name, *key = words
        if not key:
            self._put(tables, name, value, "lookup")
            return
        there = tables.entries.get(name.text)
        if there is None or not isinstance(there.value, Table):
            self._problems.unknown(name.place, "lookup", name.text, tables.entries)
            return
        self._put(there.value, key[0], value, f"key of lookup {name.text}")

    def _section(self, named: str, section: Table, words: Sequence[Scalar], value: Node) -> None:
        """`named` is the section, or the part of one, as it is called in messages."""
        first, *rest = words
        parts, fields = (section.inner(key) for key in ("parts", "fields"))
        if first.text in ("fields", "parts") and rest:
            line = ".".join([named, *(word.text for word in rest)])
            self._problems.add(first.place, f"{first.text} is left out here: write `{line}: ...`")
        elif first.text in grammar.SECTION or first.text == "parts":
            if not rest:
                self._put(section, first, value, f"key of {named}")
            elif there := section.inner(first.text):
                self._deep(f"{named}.{first.text}", there, rest, value)
            else:
                text = f"{named}.{first.text} is no table here; write it whole"
                self._problems.add(first.place, text)
        elif parts and first.text in parts.entries:
            part = parts.entries[first.text].value
            if not rest:
                self._put(parts, first, value, f"part of {named}")
            elif isinstance(part, Table):
                self._section(f"{named}.{first.text}", part, rest, value)
        else:
            self._field(named, section, fields, words, value)

    def _field(
        self, named: str, section: Table, fields: Table | None, words: Sequence[Scalar], value: Node
    ) -> None:
        first, *rest = words
        if fields is None:
            fields = Table(first.place, {})
            section.entries["fields"] = Entry(first, fields)
        if not rest:
            self._put(fields, first, value, f"line of {named}", lent="like" in section.entries)
            return
        there = fields.entries.get(first.text)
        if there is None:
            known = [
                *fields.entries,
                *(parts.entries if (parts := section.inner("parts")) else ()),
            ]
            self._problems.unknown(first.place, f"line or part of {named}", first.text, known)
            return
        long = there.value
        if isinstance(long, Scalar):  # the short form is the long one with a path alone
            path = Scalar(long.place, "path", "path")
            long = Table(long.place, {"path": Entry(path, long)})
            fields.entries[first.text] = Entry(there.key, long)
        if isinstance(long, Table):
            self._deep(f"{named}.{first.text}", long, rest, value)

    def _deep(self, named: str, table: Table, words: Sequence[Scalar], value: Node) -> None:
        """One key of a table that has no words of its own kind: a parent, a `say`, a `form`."""
        first, *rest = words
        if rest:
            self._problems.add(rest[0].place, f"{named} goes no deeper than `{named}.{first.text}`")
        else:
            self._put(table, first, value, f"key of {named}")

    def _put(
        self, table: Table, key: Scalar, value: Node, what: str, *, lent: bool = False
    ) -> None:
        """Takes the place of the entry of this name, is a new one, or switches one off; `lent`:
        a `like` may bring it later, so that it is switched off then."""
        if not is_off(value):
            table.entries[key.text] = Entry(key, value)
            table.off.pop(key.text, None)
        elif key.text in table.entries and not lent:
            del table.entries[key.text]
            table.off[key.text] = key.place
        elif lent:
            table.entries[key.text] = Entry(key, value)
        else:
            what = f"{what} to switch off"
            self._problems.unknown(key.place, what, key.text, table.entries)


def _words(key: Scalar) -> list[Scalar]:
    """The words of a dotted key, each at its own place; the key of a lookup may have dots, and so
    may a name."""
    dotted = ("lookups.", *(f"{table}.{name}." for table, name in grammar.NAMED.items()))
    most = 2 if key.text.startswith(dotted) else -1
    found, index = [], 0
    for text in key.text.split(".", most):
        place: Place = key.at(index)
        columns = tuple(range(place.column, place.column + len(text)))
        found.append(Scalar(place, text, text, columns, key.quoted))
        index += len(text) + 1
    return found
