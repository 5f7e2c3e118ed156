"""`like: order`: a section has the lines of another one, except those it says itself."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.mapping import grammar
from syncd.mapping.document import Entry, Node, Place, Problems, Scalar, Table
from syncd.mapping.sections import scalar_at

_MERGED = ("fields", "parents", "parts")
"""Keys of a section whose tables are inherited line by line."""


def resolve(root: Table, problems: Problems) -> None:
    """Replaces every `like` by the lines it stands for, in place, and tells each `none` that
    switches nothing off."""
    for kind, entry in root.entries.items():
        if isinstance(entry.value, Table):
            _section(root, kind, (), problems)
    for entry in root.entries.values():
        section = entry.value if isinstance(entry.value, Table) else None
        for key in _MERGED if section else ():
            _nothing_off(_table(section, key), problems)


def _section(root: Table, kind: str, below: tuple[str, ...], problems: Problems) -> None:
    entry = root.entries[kind]
    section = entry.value
    if not isinstance(section, Table) or "like" not in section.entries:
        return
    if kind not in grammar.ALIKE:
        return  # the key is told as an unknown one
    named = scalar_at(section, "like", problems)
    del section.entries["like"]
    other = root.entries.get(named.text) if named else None
    if named is None:
        return
    known = [one for one in grammar.ALIKE if one in root.entries and one != kind]
    if other is None or named.text not in grammar.ALIKE or named.text == kind:
        place = root.spot(named.text, named.place)
        problems.unknown(place, f"section for {kind} to be like", named.text, known)
    elif named.text in below:
        chain = " is like ".join([*below, kind, named.text])
        problems.add(named.place, f"goes round in circles: {chain}")
    elif isinstance(other.value, Table):
        _section(root, named.text, (*below, kind), problems)
        _inherit(section, other.value, named.place, problems)


def _inherit(section: Table, other: Table, at: Place, problems: Problems) -> None:
    for key, entry in other.entries.items():
        own = section.entries.get(key)
        if key in grammar.UNLIKE or (own and key not in _MERGED):
            continue
        if own is None:
            section.entries[key] = Entry(entry.key, _copied(entry.value, at))
            section.lent[key] = at
        elif isinstance(own.value, Table) and isinstance(entry.value, Table):
            _lines(own.value, entry.value, at, problems)
    section.off.update({key: at for key in other.off if key not in section.entries})


def _lines(own: Table, other: Table, at: Place, problems: Problems) -> None:
    """The lines of `other` that `own` has not, in the order of `other`."""
    mine = dict(own.entries)
    own.entries.clear()
    for word, entry in other.entries.items():
        if word not in mine:
            own.entries[word] = entry
            own.lent[word] = at
            continue
        said = mine.pop(word)
        if _off(said.value):
            own.off[word] = said.key.place
        else:
            own.entries[word] = said
    for word, entry in mine.items():
        if _off(entry.value):
            what = "inherited line to switch off"
            problems.unknown(entry.key.place, what, word, other.entries)
        else:
            own.entries[word] = entry


def _copied(value: Node, at: Place) -> Node:
    if not isinstance(value, Table):
        return value
    lent: Mapping[str, Place] = dict.fromkeys(value.entries, at)
    return Table(value.place, dict(value.entries), dict(value.off), dict(lent))


def _nothing_off(table: Table | None, problems: Problems) -> None:
    """`none` in a section that inherits nothing."""
    for word, entry in list(table.entries.items()) if table else ():
        if _off(entry.value) and table:
            text = f"nothing is inherited here, so nothing can be switched off; delete {word}"
            problems.add(entry.value.place, text)
            del table.entries[word]
            table.off[word] = entry.key.place


def _table(section: Table | None, key: str) -> Table | None:
    entry = section.entries.get(key) if section else None
    return entry.value if entry and isinstance(entry.value, Table) else None


def _off(value: Node) -> bool:
    return isinstance(value, Scalar) and value.off
