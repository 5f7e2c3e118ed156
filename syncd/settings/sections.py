"""The tables of the configuration file, one function each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from syncd.health.timing import EVERY
from syncd.mapping.document import Table
from syncd.quiet import Quiet
from syncd.quiet import parse as parse_quiet
from syncd.redaction import patterns
from syncd.settings import health
from syncd.settings.model import ConnectionSettings, PairSettings
from syncd.settings.reader import Reader, as_day, as_number
from syncd.store.expiry import LEAST, Keep
from syncd.sync.pair import Limits, Numbers, WonMode, WonPolicy

PAIR = ("books", "crm", "books_mapping", "crm_mapping", "every", "won", "guards", "calendar")
"""The settings of a pair."""
CONNECTION = ("system", "url", "quiet", "budget", "reserve")
"""Those of a connection that are not its system's own."""
ALERTS = "alerts"
"""Not a name for a connection: the secrets of alerts have it."""


def connections(reader: Reader) -> dict[str, ConnectionSettings]:
    found = {}
    for name, table in reader.table("connections", required=True).items():
        system = reader.text(table, "system", required=True)
        url = reader.text(table, "url", required=True)
        if url and not url.startswith(("https://", "http://", "file:///")):
            place = table.entries["url"].value.place
            reader.problems.add(
                place,
                f"url {patterns(url)} begins with https:// or http://, or is a folder: file:///",
            )
        if name == ALERTS:
            reader.problems.add(table.place, f"a connection cannot be called {ALERTS}")
        names = [key for key in table.entries if key not in CONNECTION]
        calm = quiet(reader, table)
        budget = health.budget(reader, table)
        kept = health.reserve(reader, table, budget)
        options = {key: reader.text(table, key) or "" for key in names}
        if system and url:
            where, address = reader.where(table), url.rstrip("/")
            found[name] = ConnectionSettings(
                name, system, address, options, where, calm, budget, kept
            )
    return found


def pairs(reader: Reader, connections: Mapping[str, ConnectionSettings]) -> dict[str, PairSettings]:
    found = {}
    for name, table in reader.table("pairs", required=True).items():
        reader.only(table, "setting", PAIR)
        sides: dict[str, ConnectionSettings] = {}
        for side in ("books", "crm"):
            word = reader.text(table, side, required=True)
            if word and word in connections:
                sides[side] = connections[word]
            elif word:
                place = table.entries[side].value.place
                reader.problems.unknown(place, "connection", word, connections)
        if len(sides) == 2:
            where = reader.where(table)
            found[name] = PairSettings(
                name,
                sides["books"],
                sides["crm"],
                reader.text(table, "books_mapping") or sides["books"].system,
                reader.text(table, "crm_mapping") or sides["crm"].system,
                where,
                won(reader, table),
                guards(reader, table),
                every(reader, table),
                health.calendar(reader, table),
            )
    return found


def quiet(reader: Reader, connection: Table) -> Quiet | None:
    text = reader.text(connection, "quiet")
    if text is None:
        return None
    try:
        return parse_quiet(text)
    except ValueError as error:
        reader.problems.add(connection.entries["quiet"].value.place, f"quiet {error}")
        return None


def every(reader: Reader, pair: Table) -> float:
    entry = pair.entries.get("every")
    if entry is None:
        return EVERY
    seconds = as_number(entry.value)
    if seconds is None or seconds != int(seconds) or seconds < 1:
        reader.problems.add(entry.value.place, "every is a whole number of seconds, as 300")
        return EVERY
    return int(seconds)


def won(reader: Reader, pair: Table) -> WonPolicy:
    table = reader.inner(pair, "won")
    if table is None:
        return WonPolicy()
    reader.only(table, "setting", ("mode", "since"))
    mode, since = reader.text(table, "mode") or WonMode.CREATE, reader.text(table, "since")
    if mode not in set(WonMode):
        reader.problems.unknown(table.entries["mode"].value.place, "mode", mode, WonMode)
        mode = WonMode.CREATE
    day = as_day(since) if since else None
    if since and day is None:
        place = table.entries["since"].value.place
        reader.problems.add(place, f"since {since}: expected a day as 2026-11-01")
    return WonPolicy(WonMode(mode), day)


def guards(reader: Reader, pair: Table) -> Limits:
    table = reader.inner(pair, "guards")
    if table is None:
        return Limits()
    values = reader.figures(table, "guard", Limits.__annotations__)
    for name, value in values.items():
        if isinstance(value, float) and value > 1:
            place = table.entries[name].value.place
            reader.problems.add(place, f"{name} is a share from 0 to 1, as 0.2 for 20 %")
    return Limits(**values)  # type: ignore[arg-type]  # whole where the field is whole


def numbers(reader: Reader) -> Numbers:
    table = reader.inner(reader.root, "numbers")
    if table is None:
        return Numbers()
    names = Numbers.__annotations__
    values = reader.figures(table, "number", names)
    return Numbers(**values)  # type: ignore[arg-type]  # whole where the field is whole


def retention(reader: Reader) -> Keep:
    table = reader.inner(reader.root, "retention")
    if table is None:
        return Keep()
    names = {one.name: str(one.type) for one in fields(Keep)}
    found = reader.figures(table, "number of days", names)
    for name, least in LEAST.items():
        if found.get(name, least) < least:
            place = table.entries[name].value.place
            said = f"{name} is {least} days or more: what is usual is learned from them"
            reader.problems.add(place, said)
    return Keep(**found)
