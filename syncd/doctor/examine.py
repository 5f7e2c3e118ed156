"""What is looked at, in which order: this machine, each connection, each pair."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from syncd.assembly import Assembly
from syncd.doctor.chosen import of_settings
from syncd.doctor.connection import Looked, of_connection
from syncd.doctor.findings import Finding, Notes
from syncd.doctor.pair import of_pair
from syncd.errors import UsageError

GB = 1 << 30
MB = 1 << 20


def examine(assembly: Assembly, connection: str | None, pair: str | None) -> Iterator[Finding]:
    """All findings, as they are made; one connection or one pair alone, where it is named.
    UsageError for a name that is not there."""
    if connection is not None and pair is not None:
        raise UsageError("say a connection or --pair, not both")
    if connection is not None:
        yield from of_connection(assembly, assembly.connection_settings(connection), Looked())
        return
    names = list(assembly.settings.pairs) if pair is None else [assembly.pair_settings(pair).name]
    yield from of_machine(assembly)
    pairs = [assembly.settings.pairs[name] for name in names]
    looked_at: dict[str, Looked] = {}
    for one in dict.fromkeys(side for each in pairs for side in (each.books.name, each.crm.name)):
        looked_at[one] = Looked()
        yield from of_connection(assembly, assembly.connection_settings(one), looked_at[one])
    for each in pairs:
        books, crm = looked_at[each.books.name], looked_at[each.crm.name]
        yield from of_pair(assembly, each, books, crm)


def of_machine(assembly: Assembly) -> Iterator[Finding]:
    note = Notes("machine")
    problems = assembly.check()
    for problem in problems:
        yield note.wrong("files", problem, "syncd check", 78)
    if not problems:
        yield note.ok("files", f"{assembly.settings.file}, its mappings and secrets are in order")
    state = assembly.settings.state
    folder = next(one for one in (state.parent, *state.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    says = f"{_size(free)} free where the state is ({folder})"
    if free < 100 * MB:
        yield note.wrong("disk", says, "make room: a run that cannot write stops")
    elif free < GB:
        yield note.look("disk", says, "make room before it is full")
    else:
        yield note.ok("disk", says)
    if state.exists():
        yield note.ok("state", f"{state}: {_size(state.stat().st_size)}")
    else:
        yield note.look("state", f"{state}: not there yet", "it is made by the first run or plan")
    yield from of_settings(note, assembly.settings)


def _size(size: int) -> str:
    for unit, word in ((GB, "GB"), (MB, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {word}"
    return f"{size // 1024} kB"
