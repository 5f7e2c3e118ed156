"""What a file says once and uses in several places: `"{constant.NAME}"` stands for the whole value
of that name under `constants`, wherever a value may stand. YAML's own anchors are refused, because
a mistake behind them has the wrong place."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from syncd.mapping.document import Entry, Listing, Node, Problems, Scalar, Table

CONSTANTS = "constants"
_WORD = re.compile(r"\{constant\.([^{}]*)\}")


def with_constants(root: Table, problems: Problems) -> Table:
    """The file without its constants, which stand where they are used. One may use those before
    it, so that they end."""
    entry = root.entries.get(CONSTANTS)
    if entry is None:
        return root
    known: dict[str, Node] = {}
    if isinstance(entry.value, Table):
        for name, one in entry.value.entries.items():
            known[name] = _filled(one.value, known, problems)
    else:
        problems.add(entry.value.place, "constants is a table of names and what they stand for")
    rest = {name: one for name, one in root.entries.items() if name != CONSTANTS}
    return msgspec.structs.replace(root, entries=_entries(rest, known, problems))


def _filled(node: Node, known: Mapping[str, Node], problems: Problems) -> Node:
    if isinstance(node, Table):
        return msgspec.structs.replace(node, entries=_entries(node.entries, known, problems))
    if isinstance(node, Listing):
        return msgspec.structs.replace(
            node, items=tuple(_filled(one, known, problems) for one in node.items)
        )
    found = _WORD.fullmatch(node.text) if isinstance(node, Scalar) else None
    if found is None:
        return node
    if found[1] not in known:
        problems.unknown(node.place, "constant", found[1], known)
        return node
    return known[found[1]]


def _entries(
    entries: Mapping[str, Entry], known: Mapping[str, Node], problems: Problems
) -> dict[str, Entry]:
    return {
        name: msgspec.structs.replace(one, value=_filled(one.value, known, problems))
        for name, one in entries.items()
    }
