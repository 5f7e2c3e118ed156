"""What the configuration says of health: calendars, budgets, and where to listen."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from syncd.health.calendar import WEEKDAYS, Calendar, Span, countries, holidays_of
from syncd.mapping.document import Listing, Node, Scalar, Table
from syncd.settings.model import Listen
from syncd.settings.reader import Reader, as_day

CALENDAR = ("zone", "country", "days", "weekend")


def calendar(reader: Reader, pair: Table) -> Calendar:
    table = reader.inner(pair, "calendar")
    if table is None:
        return Calendar()
    reader.only(table, "setting", CALENDAR)
    spans = [_span(reader, one) for one in _texts(reader, table, "days")]
    weekend = set()
    for day in _texts(reader, table, "weekend"):
        if day.text in WEEKDAYS:
            weekend.add(WEEKDAYS.index(day.text))
        else:
            reader.problems.unknown(day.place, "day of the week", day.text, WEEKDAYS)
    return Calendar(
        _zone(reader, table),
        _country(reader, table),
        tuple(one for one in spans if one),
        frozenset(weekend),
    )


def _zone(reader: Reader, table: Table) -> ZoneInfo | None:
    name = reader.text(table, "zone")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = table.entries["zone"].value.place
        reader.problems.unknown(place, "time zone", name or "", available_timezones())
        return None


def _country(reader: Reader, table: Table) -> str | None:
    name = reader.text(table, "country")
    try:
        if name:
            holidays_of(name)
    except ValueError:
        place = table.entries["country"].value.place
        code, _, part = name.partition("-") if name else ("", "", "")
        if part and code in countries():
            reader.problems.add(place, f"country {name}: {code} has no part {part}")
        else:
            reader.problems.unknown(place, "country", name or "", countries())
        return None
    return name


def _span(reader: Reader, node: Scalar) -> Span | None:
    """`2027-01-01/2027-01-08`, or one day."""
    first, _, last = node.text.partition("/")
    one, other = as_day(first), as_day(last or first)
    if one is None or other is None or other < one:
        reader.problems.add(
            node.place, f"days {node.text}: expected 2027-01-01, or 2027-01-01/2027-01-08"
        )
        return None
    return Span(one, other)


def _texts(reader: Reader, table: Table, name: str) -> Iterator[Scalar]:
    entry = table.entries.get(name)
    if entry is None:
        return
    nodes: tuple[Node, ...] = (entry.value,)
    if isinstance(entry.value, Listing):
        nodes = entry.value.items
    for node in nodes:
        if isinstance(node, Scalar) and node.text:
            yield node
        else:
            reader.problems.add(node.place, f"{name} is a list of texts")


def budget(reader: Reader, connection: Table) -> int | None:
    """Calls or credits in 24 hours."""
    return _whole(reader, connection, "budget", 1)


def reserve(reader: Reader, connection: Table, budget: int | None) -> int | None:
    """Those of the budget that runs leave alone: not all of them."""
    found = _whole(reader, connection, "reserve", 0)
    if found is not None and budget is not None and found >= budget:
        place = connection.entries["reserve"].value.place
        reader.problems.add(place, f"reserve leaves nothing of the budget of {budget:,}")
        return None
    return found


def _whole(reader: Reader, connection: Table, name: str, least: int) -> int | None:
    entry = connection.entries.get(name)
    if entry is None:
        return None
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        said = f"{name} is a whole number of calls in 24 hours, {least} or more"
        reader.problems.add(entry.value.place, said)
        return None
    return value


def listen(reader: Reader) -> Listen | None:
    """`127.0.0.1:9273`; another machine's way in only where it is said that anyone may read."""
    entry = reader.root.entries.get("listen")
    if entry is None:
        return None
    node, anyone = entry.value, False
    if isinstance(node, Table):
        reader.only(node, "setting", ("address", "anyone"))
        anyone = _flag(reader, node, "anyone")
        if reader.text(node, "address", required=True) is None:
            return None
        node = node.entries["address"].value
    found = _address(node.text) if isinstance(node, Scalar) else None
    if found is None:
        reader.problems.add(node.place, "listen is an address and a port, as 127.0.0.1:9273")
    elif not anyone and not _loopback(found.host):
        reader.problems.add(
            node.place,
            f"{found.host} can be reached from other machines, and nobody has to log in there; if "
            f'anyone may read it: listen: {{address: "{_text(node)}", anyone: true}}',
        )
    return found


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _flag(reader: Reader, table: Table, name: str) -> bool:
    entry = table.entries.get(name)
    value = entry.value.value if entry and isinstance(entry.value, Scalar) else None
    if entry and not isinstance(value, bool):
        reader.problems.add(entry.value.place, f"{name} is true or false")
    return value is True


def _address(text: str) -> Listen | None:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    try:
        return Listen(
            str(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)), int(port)
        )
    except ValueError:
        return None


def _loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
