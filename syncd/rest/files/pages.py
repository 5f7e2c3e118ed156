"""The line `paging` of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncd.mapping.document import Listing
from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines
from syncd.rest.listing import Part
from syncd.rest.paging import Cursor, Keyset, NextLink, Offset, PageNumber, Paging, Single
from syncd.rest.words import Call, Path, Text

PART = ("query", "headers", "records", "total")

PAGINGS: Mapping[str, type[Paging]] = {
    "none": Single,
    "page": PageNumber,
    "offset": Offset,
    "cursor": Cursor,
    "next_link": NextLink,
    "link_header": NextLink,
    "keyset": Keyset,
}


def paging(lines: Lines, hidden: frozenset[str]) -> Paging:
    inner = lines.inner("paging")
    if inner is None:
        return Single()
    inner.only(("type", "size", "more", "total", "pages", "first", "at", "header", "by"))
    type = inner.choice("type", PAGINGS, required=True)
    size = inner.number("size")
    ends = (size, inner.path("more"), inner.path("total"), inner.path("pages"))
    first = inner.number("first", least=0)
    match type:
        case "page":
            return PageNumber(*ends, 1 if first is None else first)
        case "offset":
            return Offset(*ends, first or 0)
        case "cursor":
            header = (inner.text("header") or "").lower() or None
            return Cursor(*ends, inner.path("at", required=header is None), header)
        case "next_link":
            return NextLink(*ends, inner.path("at", required=True), hidden)
        case "link_header":
            return NextLink(*ends, None, hidden)
        case "keyset":
            return Keyset(*ends, inner.path("by") or ("id",))
    return Single(*ends)


def parts(lines: Lines, calls: Calls, records: Path, pages: Paging) -> tuple[Part, ...]:
    """The line `parts`: a list of tables, each with what differs from the list."""
    entry = lines.entry("parts")
    if entry is None:
        return ()
    if not isinstance(entry.value, Listing) or not entry.value.items:
        lines.problems.add(entry.value.place, "parts is a list of tables, one for each pass")
        return ()
    found = []
    for node in entry.value.items:
        inner = lines.lines(node, f"{lines.what} parts")
        if inner is None:
            continue
        inner.only(PART)
        more = calls.over(Call("GET", Text(("",))), inner, ("object", "target"))
        at, total = inner.path("records"), inner.path("total")
        if inner.entry("query") is None and inner.entry("headers") is None:
            inner.problems.add(inner.table.place, "a part says its query or headers: what differs")
        found.append(
            Part(
                more,
                records if at is None else at,
                pages if total is None else replace(pages, total=total),
            )
        )
    return tuple(found)


def check_paging(lines: Lines, pages: Paging, used: set[str]) -> None:
    """`used` are the words of the list."""
    for word in pages.told:
        if word not in used:
            text = f'the list never says which page: it has no "{{{word}}}"'
            lines.problems.add(lines.place("list"), text)
