"""The line `paging` of a list."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.rest.files.lines import Lines
from syncd.rest.paging import Cursor, Keyset, NextLink, Offset, PageNumber, Paging, Single

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


def check_paging(lines: Lines, pages: Paging, used: set[str]) -> None:
    """`used` are the words of the list."""
    for word in pages.told:
        if word not in used:
            text = f'the list never says which page: it has no "{{{word}}}"'
            lines.problems.add(lines.place("list"), text)
