"""The part `read` of a file: a table for each kind that can be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from syncd.domain import CANONICAL, Kind
from syncd.mapping.document import Scalar
from syncd.port import Source as Facts
from syncd.rest.described import Described
from syncd.rest.files.beside import BATCH, attached, listing, names_of, touched
from syncd.rest.files.calls import PARTS, Calls
from syncd.rest.files.lines import Lines
from syncd.rest.listing import Listing
from syncd.rest.source import Changes, Single, Source
from syncd.rest.values import OBJECT, TYPES, UNIX, Form, Times
from syncd.rest.wire import Wire
from syncd.rest.words import Path, Tree

KINDS = tuple(kind for kind in CANONICAL if kind is not Kind.CARD)
LINES = (
    *("object", "list", "records", "key", "stamp", "stamped", "time", "changes", "paging"),
    *("by_key", "within", "empty", "values", "parts", "described", "words", "with", "adds"),
)
CHANGES = ("format", "zone", "inclusive", "granularity", "ordered", "back", "touched")
GRAINS = {
    "microsecond": dt.timedelta(microseconds=1),
    "millisecond": dt.timedelta(milliseconds=1),
    "second": dt.timedelta(seconds=1),
    "minute": dt.timedelta(minutes=1),
    "day": dt.timedelta(days=1),
}
BY_RECORDS = "records"
"""In place of the call that describes an object: its own records do."""
TELLING = ("records", "name", "leads")
_FORMATS = ("iso", *UNIX, OBJECT)


class Kindred(msgspec.Struct, frozen=True):
    """One kind as the file has it."""

    source: Source
    facts: Facts
    described: Described | None


def sources(
    lines: Lines, usual: Lines | None, calls: Calls, hidden: frozenset[str]
) -> Iterator[Kindred]:
    """`hidden` are names in addresses that are the credential's."""
    section = lines.inner("read")
    for name, one in lines.each("read").items():
        if section is not None and name not in KINDS:
            place = section.table.entries[name].key.place
            lines.problems.unknown(place, "kind", name, KINDS)
            continue
        found = _source(Kind(name), one.over(usual), calls, hidden)
        if found is not None:
            yield found


def _source(kind: Kind, lines: Lines, calls: Calls, hidden: frozenset[str]) -> Kindred | None:
    lines.only(LINES)
    calls = calls.owning(lines)
    object = lines.text("object", required=True)
    key = lines.path("key") or ("id",)
    within_lines = lines.inner("within")
    nested = within_lines is not None
    since = ("since", *_others(lines.inner("changes")))
    main = listing(lines, calls, hidden, ("parent",) if nested else (*since, "keys"), key)
    within = None
    if within_lines is not None:
        within_lines.only(("list", "records", "key", "paging", "parts"))
        inner_key = within_lines.path("key") or ("id",)
        within = listing(within_lines, calls, hidden, since, inner_key)
    single = _single(lines, calls, nested, main)
    outer = within or main
    changes = _changes(lines, calls, outer, hidden) if outer else None
    beside = attached(lines, calls, hidden, key, lines.path("records") or ())
    if object is None or main is None or single is None or (nested and within is None):
        return None
    stamps = _stamps(lines)
    stamped = lines.flag("stamped", bool(stamps))
    if stamped and not stamps:
        lines.problems.add(lines.place("stamped"), "stamped without a stamp")
    if changes is not None and changes.ordered and not stamps:
        lines.problems.add(lines.place("changes"), "ordered without a stamp")
    source = Source(
        kind,
        object,
        main,
        single,
        changes,
        stamps,
        times(lines.inner("time"), calls.wire),
        lines.values("empty"),
        forms(lines, "values", calls.wire),
        within,
        tuple(beside),
        _adds(lines, calls),
    )
    return Kindred(source, Facts(object, stamped=stamped), described(lines, calls))


def described(lines: Lines, calls: Calls) -> Described | None:
    """`records`, or the call that describes the object."""
    entry = lines.entry("described")
    if entry is None:
        return None
    if isinstance(entry.value, Scalar) and entry.value.text == BY_RECORDS:
        return Described()
    if isinstance(entry.value, Scalar):
        call, inner = calls.of(lines, "described", ("object",), write=False), None
    else:
        inner = lines.inner("described")
        call = calls.table(inner, ("object",), write=False, also=TELLING) if inner else None
    if call is None:
        return None
    if inner is None:
        return Described(call)
    records, name = inner.path("records") or (), inner.path("name") or ()
    return Described(call, records, name, inner.path("leads"))


def _single(lines: Lines, calls: Calls, nested: bool, listing: Listing | None) -> Single | None:
    """Without a line of its own it is the list, where that knows `{keys}`."""
    if listing and "keys" in listing.call.words() and "by_key" not in lines.table.entries:
        return Single(listing.call, listing.records, BATCH, True)
    entry = lines.entry("by_key", required=True)
    if entry is None:
        return None
    words = ("object", "key", *(("parent",) if nested else ("keys",)))
    if isinstance(entry.value, Scalar):
        call, inner = calls.of(lines, "by_key", words, write=False), None
    else:
        inner = lines.inner("by_key")
        also = ("records", "batch")
        call = calls.table(inner, words, write=False, also=also) if inner else None
    if call is None:
        return None
    used = call.words()
    if not used & {"key", "keys"}:
        lines.problems.add(entry.value.place, "by_key asks for {key}, or for several by {keys}")
    if nested and "parent" not in used:
        lines.problems.add(entry.value.place, "by_key does not say {parent}, that it hangs on")
    several = "keys" in used
    usual = listing.records if several and listing else ()
    records = inner.path("records") if inner else None
    batch = (inner.number("batch") if inner else None) or BATCH
    at = usual if records is None else records
    return Single(call, at, batch if several else 1, several)


def _adds(lines: Lines, calls: Calls) -> dict[str, Tree]:
    inner = lines.inner("adds")
    entries = inner.table.entries if inner else {}
    return {name: calls.tree(lines, one.value, ()) for name, one in entries.items()}


def _others(changes: Lines | None) -> tuple[str, ...]:
    """The words for what was touched."""
    return tuple(f"touched.{name}" for name in names_of(changes, "touched")) if changes else ()


def _changes(lines: Lines, calls: Calls, outer: Listing, hidden: frozenset[str]) -> Changes | None:
    inner = lines.inner("changes")
    if inner is None and "since" in outer.call.words():  # the list itself asks for what changed
        form = times(lines.inner("time"), calls.wire)
        return Changes(outer.call, form, GRAINS[_usual_grain(form)])
    if inner is None:
        return None
    inner.only((*PARTS, *CHANGES))
    others = _others(inner)
    words = ("object", "size", "since", *others, *outer.paging.told)
    call = calls.over(outer.call, inner, words)
    for word in {*others} - call.words():
        inner.problems.add(inner.place("touched"), f"changes never uses {{{word}}}")
    if not others and "since" not in call.words():
        inner.problems.add(inner.table.place, 'changes never says since when: no "{since}"')
    given = inner.entry("format") or inner.entry("zone")
    form = times(inner if given else lines.inner("time"), calls.wire, others=bool(given))
    grain = inner.choice("granularity", GRAINS) or _usual_grain(form)
    return Changes(
        call,
        form,
        GRAINS[grain],
        inner.flag("inclusive", True),
        inner.flag("ordered", False),
        dt.timedelta(days=inner.number("back") or 0),
        touched(inner, calls, hidden, outer.records),
    )


def _usual_grain(times: Times) -> str:
    if times.format in ("iso", OBJECT):
        return "microsecond"
    if times.format == "unix_ms":
        return "millisecond"
    if "%f" in times.format:
        return "microsecond"
    if times.format == "unix" or "%S" in times.format:
        return "second"
    return "minute" if "%M" in times.format else "day"


def times(lines: Lines | None, wire: Wire, *, others: bool = False) -> Times:
    if lines is None:
        return Times()
    if not others:
        lines.only(("format", "zone"))
    format = lines.text("format") or "iso"
    if format not in _FORMATS and "%" not in format:
        place, known = lines.place("format"), (*_FORMATS, "%Y-%m-%d %H:%M:%S")
        lines.problems.unknown(place, "format of a time", format, known)
    if format == OBJECT and "time" not in wire.objects:
        lines.problems.add(lines.place("format"), "objects does not say how a time is written")
    return Times(format, _zone(lines), wire)


def _zone(lines: Lines) -> dt.tzinfo:
    name = lines.text("zone")
    if name is None:
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        lines.problems.add(lines.place("zone"), f"unknown zone {name}: expected as Europe/Vienna")
        return dt.UTC


def _stamps(lines: Lines) -> tuple[Path, ...]:
    return tuple(tuple(one.split(".")) for one in lines.texts("stamp"))


def forms(lines: Lines, name: str, wire: Wire) -> dict[str, Form]:
    """`amount: number as text`."""
    found: dict[str, Form] = {}
    inner = lines.inner(name)
    for path, entry in inner.table.entries.items() if inner else ():
        if not isinstance(entry.value, Scalar):
            lines.problems.add(entry.value.place, f"{path} is a type as: number as text")
            continue
        type, _, sent = entry.value.text.partition(" as ")
        if type not in TYPES:
            lines.problems.unknown(entry.value.place, "type", type, TYPES)
        elif not _fits(type, sent.strip()):
            lines.problems.add(entry.value.place, f"a {type} is not sent as {sent.strip()}")
        elif sent.strip() == OBJECT and type not in wire.objects:
            lines.problems.add(entry.value.place, f"objects does not say how a {type} is written")
        else:
            found[path] = Form(type, sent.strip(), wire)
    return found


def _fits(type: str, sent: str) -> bool:
    match type:
        case _ if not sent:
            return True
        case "number":
            return sent in ("text", OBJECT)
        case "text" | "link":
            return sent == "number"
        case "flag":
            return len(sent.split("/")) == 2 and all(sent.split("/"))
    return "%" in sent or sent in (*UNIX, OBJECT)
