"""What is read beside the records of a kind: rows of other lists put into them, and other lists
that tell which of them to read again."""

from __future__ import annotations

from syncd.mapping.document import Table
from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines
from syncd.rest.files.pages import check_paging, paging, parts
from syncd.rest.listing import Attached, Listing
from syncd.rest.source import Touched
from syncd.rest.words import Path

LIST = ("list", "records", "key", "paging", "parts")
WITH = (*LIST, "of", "match", "batch", "single")
TOUCHED = (*LIST, "value", "of", "stamp")
BATCH = 50
"""Values asked for at once, where the file does not say."""


def listing(
    lines: Lines,
    calls: Calls,
    hidden: frozenset[str],
    more: tuple[str, ...],
    key: Path,
    records: Path = (),
) -> Listing | None:
    """`more` are the words of the call beside those of the paging; `records` where they stand in
    the answer if it does not say."""
    if lines.entry("list", required=True) is None:
        return None
    pages = paging(lines, hidden)
    words = ("object", "size", *more, *pages.told)
    call = calls.of(lines, "list", words, write=False)
    if call is None:
        return None
    check_paging(lines, pages, call.words())
    given = lines.path("records")
    usual = records if given is None else given
    return Listing(call, usual, key, pages, parts(lines, calls, usual, pages))


def attached(
    lines: Lines, calls: Calls, hidden: frozenset[str], key: Path, records: Path
) -> list[Attached]:
    """The tables under `with`, in their order: the last name of each is what it is called, those
    before it are where in the record."""
    found = []
    for name, one in lines.each("with").items():
        one.only(WITH)
        own = one.path("key") or ("id",)
        inner = listing(one, calls, hidden, ("key", "keys"), own, records)
        match = tuple(tuple(path.split(".")) for path in one.texts("match"))
        if not match:
            one.problems.add(one.place("match"), f"{one.what} has no match: what its rows hang on")
        used = inner.call.words() if inner else {"keys"}
        if not used & {"key", "keys"}:
            one.problems.add(one.place("list"), "with asks for {key}, or for several by {keys}")
        *into, last = name.split(".")
        batch = one.number("batch") or BATCH
        of = one.path("of") or key
        if inner is not None and match:
            several = batch if "keys" in used else 1
            single = one.flag("single", False)
            found.append(Attached(last, inner, match, of, tuple(into), several, single))
    return found


def touched(
    lines: Lines, calls: Calls, hidden: frozenset[str], records: Path
) -> dict[str, Touched]:
    found = {}
    for name, one in lines.each("touched").items():
        one.only(TOUCHED)
        own = one.path("key") or ("id",)
        inner = listing(one, calls, hidden, ("since",), own, records)
        value = one.path("value", required=True)
        if inner is not None and "since" not in inner.call.words():
            one.problems.add(one.place("list"), 'it never says since when: no "{since}"')
        stamps = tuple(tuple(path.split(".")) for path in one.texts("stamp"))
        if inner is not None and value is not None:
            found[name] = Touched(inner, value, one.path("of"), stamps)
    return found


def names_of(lines: Lines, name: str) -> tuple[str, ...]:
    """The names in the table under that line, whatever is wrong with them."""
    entry = lines.entry(name)
    inner = entry.value if entry else None
    return tuple(inner.entries) if isinstance(inner, Table) else ()
