"""The table `alerts`: who hears of problems, in which language and when. Where to stands in the
secrets: addresses of mail servers and chats hold passwords."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec

from syncd.mapping.document import Scalar, Table
from syncd.mapping.languages import LANGUAGES
from syncd.settings.reader import Reader
from syncd.store.problems import ACCOUNTING, SALES, SYSADMIN

OWNERS = (ACCOUNTING, SALES, SYSADMIN)
PING = "ping"
UTC = ZoneInfo("UTC")
LATEST = dt.time(23)
"""A daily mail that is late still goes on its day."""


class Hearer(msgspec.Struct, frozen=True):
    """One owner of problems. `mail_at` is a time of day in `zone`; `at_once`: each problem is told
    when it comes up; `names`: its mail may name customers."""

    owner: str
    where: str
    language: str = "en"
    zone: ZoneInfo = UTC
    mail_at: dt.time | None = None
    at_once: bool = True
    names: bool = False


class Ping(msgspec.Struct, frozen=True):
    """`every`: seconds; `fail`: a failed run is told too, at the address with /fail."""

    where: str
    every: float = 300
    fail: bool = False


class Alerts(msgspec.Struct, frozen=True):
    hearers: Mapping[str, Hearer] = msgspec.field(default_factory=dict)
    ping: Ping | None = None


def alerts(reader: Reader) -> Alerts:
    hearers, ping = {}, None
    for name, table in reader.table("alerts", required=False).items():
        if name == PING:
            ping = _ping(reader, table)
        elif name in OWNERS:
            hearers[name] = _hearer(reader, name, table)
    whole = reader.root.entries.get("alerts")
    if whole and isinstance(whole.value, Table):
        reader.only(whole.value, "owner of problems", (*OWNERS, PING))
    return Alerts(hearers, ping)


def _ping(reader: Reader, table: Table) -> Ping:
    reader.only(table, "setting", ("every", "fail"))
    only = Table(table.place, {k: v for k, v in table.entries.items() if k == "every"})
    every = reader.figures(only, "setting", {"every": "float"}).get("every", 300.0)
    return Ping(reader.where(table), every, _flag(reader, table, "fail", usual=False))


def _hearer(reader: Reader, owner: str, table: Table) -> Hearer:
    reader.only(table, "setting", ("language", "zone", "mail_at", "at_once", "names"))
    language = reader.text(table, "language") or "en"
    if language not in LANGUAGES:
        place = table.entries["language"].value.place
        reader.problems.unknown(place, "language", language, LANGUAGES)
    mail_at = _time(reader, table)
    return Hearer(
        owner,
        reader.where(table),
        language,
        _zone(reader, table),
        mail_at,
        _flag(reader, table, "at_once", usual=mail_at is None),
        _flag(reader, table, "names", usual=False),
    )


def _time(reader: Reader, table: Table) -> dt.time | None:
    text = reader.text(table, "mail_at")
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        place = table.entries["mail_at"].value.place
        reader.problems.add(place, f'mail_at {text}: expected a time of day as "08:30"')
        return None
    time = dt.time(int(found[1]), int(found[2]))
    if time > LATEST:
        place = table.entries["mail_at"].value.place
        reader.problems.add(place, f"mail_at {text}: at the latest {LATEST:%H:%M}")
    return time


def _zone(reader: Reader, table: Table) -> ZoneInfo:
    name = reader.text(table, "zone") or "UTC"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        place = table.entries["zone"].value.place
        reader.problems.add(place, f"zone {name}: expected one like Europe/Vienna")
        return UTC


def _flag(reader: Reader, table: Table, name: str, *, usual: bool) -> bool:
    entry = table.entries.get(name)
    if entry is None:
        return usual
    text = entry.value.text if isinstance(entry.value, Scalar) else ""
    if text not in ("true", "false"):
        reader.problems.add(entry.value.place, f"{name} is true or false")
    return text == "true"
