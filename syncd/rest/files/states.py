"""The line `states` of a target."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines
from syncd.rest.states import State, StateForm


def states_of(
    lines: Lines, calls: Calls, words: tuple[str, ...], fields: Mapping[str, object]
) -> dict[str, State]:
    found: dict[str, State] = {}
    for path, one in lines.each("states").items():
        one.only(("names", "others", "calls"))
        if path in fields:
            lines.problems.add(one.table.place, f"{path} is among the fields already")
        inner = one.inner("names")
        named = {name: inner.text(name) or "" for name in inner.table.entries} if inner else {}
        form = StateForm(names=named, others=one.text("others"))
        ways = one.inner("calls", required=True)
        named_calls = ways.table.entries if ways else ()
        made = {one: calls.of(ways, one, words, write=True) for one in named_calls if ways}
        found[path] = State(form, {value: call for value, call in made.items() if call})
    return found
