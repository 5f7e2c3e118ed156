"""`like: order`: a section has the lines of another one, except those it says itself."""

from __future__ import annotations

from syncd.mapping import grammar
from syncd.mapping.document import Entry, Node, Place, Problems, Table, is_off
from syncd.mapping.sections import scalar_at

_MERGED = ("fields", "parents", "parts")
"""Keys of a section whose tables are inherited line by line."""


def resolve(root: Table, problems: Problems) -> None:
    """Replaces every `like` by the lines it stands for, in place, and tells each `none` that
    switches nothing off."""
    for kind, entry in root.entries.items():
        if isinstance(entry.value, Table):
            _section(root, kind, (), problems)
    for kind in root.entries:
        section = root.inner(kind)
        for key in _MERGED if section else ():
            if section and (table := section.inner(key)):
                _nothing_off(table, problems)


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
            own.entries[word] = Entry(entry.key, _copied(entry.value, at))
            own.lent[word] = at
            continue
        said = mine.pop(word)
        if is_off(said.value):
            own.off[word] = said.key.place
        else:
            own.entries[word] = said
    for word, entry in mine.items():
        if is_off(entry.value):
            what = "inherited line to switch off"
            problems.unknown(entry.key.place, what, word, other.entries)
        else:
            own.entries[word] = entry


def _copied(value: Node, at: Place) -> Node:
    if not isinstance(value, Table):
        return value
    entries = {key: Entry(one.key, _copied(one.value, at)) for key, one in value.entries.items()}
    return Table(value.place, entries, dict(value.off), dict.fromkeys(entries, at))


def _nothing_off(table: Table, problems: Problems) -> None:
    """`none` in a section that inherits nothing."""
    for word, entry in list(table.entries.items()):
        if is_off(entry.value):
            text = f"nothing is inherited here, so nothing can be switched off; delete {word}"
            problems.add(entry.value.place, text)
            del table.entries[word]
            table.off[word] = entry.key.place
