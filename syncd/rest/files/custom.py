"""The line `custom_fields` of a target."""

from __future__ import annotations

from syncd.mapping.document import is_off
from syncd.rest.custom import TYPES, CustomFields
from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines

CUSTOM = (
    *("prefix", "known", "records", "name", "create", "types", "type", "usable", "id", "restore"),
)


def custom_fields(lines: Lines, calls: Calls) -> CustomFields | None:
    entry = lines.entry("custom_fields")
    inner = None if entry is None or is_off(entry.value) else lines.inner("custom_fields")
    if inner is None:
        return None
    inner.only(CUSTOM)
    prefix = inner.text("prefix", required=True)
    if inner.entry("known") is None and (other := set(inner.table.entries) - {"prefix"}):
        place, name = inner.place(min(other)), min(other)
        inner.problems.add(place, f"{name} without known: the call that lists the fields")
    words = ("target", "path", "name", "type", "label")
    typed = inner.inner("types")
    types = {name: typed.text(name) or "" for name in typed.table.entries} if typed else {}
    for name in set(types) - set(TYPES):
        assert typed is not None
        typed.problems.unknown(typed.table.entries[name].key.place, "type", name, TYPES)
    return CustomFields(
        prefix or "",
        calls.of(inner, "known", ("target",), write=False),
        inner.path("records") or (),
        inner.path("name") or (),
        calls.of(inner, "create", words, write=True),
        types,
        inner.path("type"),
        inner.path("usable"),
        inner.path("id") or ("id",),
        calls.of(inner, "restore", (*words, "id"), write=True),
    )
