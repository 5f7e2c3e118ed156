"""Reading: what makes customers won, and companies as the CRM has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.errors import NotFoundError, ProtocolError
from syncd.port import All, Flow, Keys, Page, Read, Record, Scope, fields_of, unreadable

from . import contacts
from .answers import ForbiddenError, ask, listed
from .extra import Extra, ExtraFields
from .facts import CUSTOM, INFO, LISTS, NAME, SEGMENTS
from .values import Json, day, moment
from .walk import STAMP, leaf

ALWAYS = ("id", "contentType")
"""Every entity has them, in every list."""
PERSONS = "contacts"
_OF_PERSON: Mapping[str, tuple[str, ...]] = {
    NAME: ("firstName", "middleName", "lastName"),
    **dict.fromkeys(contacts.KINDS, (INFO,)),
}
"""What a field that is made up here is made of."""


class Reader:
    def __init__(self, extra: ExtraFields, size: int) -> None:
        self._extra = extra
        self._size = size

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        type = read.object
        if type not in LISTS:
            raise ProtocolError(f"Megaplan has no {type} that syncd reads")
        extras = yield from self._extra.each(type, map(_two, read.paths))
        names = asked(read.paths, extras)
        if isinstance(scope, Keys):
            return (yield from self._keys(read, scope.keys, names, extras))
        everything = isinstance(scope, All)
        since = None if isinstance(scope, All) else scope.moment
        page = yield from leaf(
            LISTS[type], names, self._size, scope.position, since, everything=everything
        )
        rows = [row for row in page.rows if row["contentType"] == type]
        return Page([_record(row, read, extras) for row in rows], page.next, page.date)

    def _keys(
        self,
        read: Read,
        keys: Sequence[str],
        names: Sequence[Any],
        extras: Mapping[str, Extra],
    ) -> Flow[Page]:
        """One by one: what several at once would show of each is not known."""
        records = []
        for key in dict.fromkeys(keys):
            if not (key.isascii() and key.isdecimal()):
                continue
            try:
                row = yield from ask("GET", f"{SEGMENTS[read.object]}/{key}", {"fields": names})
            except NotFoundError:
                continue
            except ForbiddenError as error:
                where = "the employee of syncd may not see all that it is asked for"
                records.append(unreadable(key, where, str(error), "id"))
                continue
            if not row.get("isDropped"):
                records.append(_record(row, read, extras))
        return Page(records, None, None)

    def described(self, object: str) -> Flow[Mapping[str, str]]:
        """By one card, as it has everything; of extra fields, by their labels and by their
        names."""
        type, _, inner = object.partition("/")
        if type not in LISTS or inner not in ("", CUSTOM.removesuffix(".")):
            return {}
        if inner:
            known = yield from self._extra.all(type)
            labels = (one.path.removeprefix(CUSTOM) for one in known.values())
            return dict.fromkeys([*known, *labels], "")
        told = yield from listed(LISTS[type], {"limit": self._size})
        rows = [row for row in told.data if row["contentType"] == type][:1]
        cards = []
        for row in rows:
            cards.append((yield from ask("GET", f"{SEGMENTS[type]}/{row['id']}")))
        if not cards:
            return {}
        return {**fields_of(type, cards), CUSTOM.removesuffix("."): f"{type}/custom_fields"}


def _record(row: Json, read: Read, extras: Mapping[str, Extra]) -> Record:
    return Record(str(row["id"]), select(row, read.paths, extras), moment(row[STAMP]))


def asked(paths: Iterable[str], extras: Mapping[str, Extra]) -> list[Any]:
    """`fields` of a query: names, and for what they lead to {name: [names]}."""
    plain: dict[str, None] = {STAMP: None}
    inner: dict[str, dict[str, None]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        if path.startswith(CUSTOM):
            if one := extras.get(_two(path)):
                plain[one.name] = None
        elif head in contacts.KINDS:
            plain[INFO] = None
        elif rest:
            some = inner.setdefault(head, {})
            name = rest.partition(".")[0]
            some.update(
                dict.fromkeys(_OF_PERSON.get(name, (name,)) if head == PERSONS else (name,))
            )
        elif head not in ALWAYS:
            plain[head] = None
    nested = [{head: [one for one in some if one not in ALWAYS]} for head, some in inner.items()]
    kept = [name for name in plain if name not in inner]
    return [*kept, *(one if one[next(iter(one))] else next(iter(one)) for one in nested)]


def select(row: Json, paths: Sequence[str], extras: Mapping[str, Extra]) -> dict[str, Any]:
    """The row with these dotted paths alone; extra fields by their path."""
    custom = CUSTOM.removesuffix(".")
    chosen: dict[str, Any] = {}
    for path in paths:
        head = path.partition(".")[0]
        if path.startswith(CUSTOM):
            one = extras.get(_two(path))
            value = row.get(one.name) if one else None
            chosen.setdefault(custom, {})[_two(path).removeprefix(CUSTOM)] = _plain(value)
        elif head in contacts.KINDS and INFO in row:
            chosen[head] = contacts.of(row[INFO], head)
        elif head in row or head in ALWAYS:
            chosen[head] = _deep(row.get(head), head, paths)
    return chosen


def _deep(value: Any, head: str, paths: Sequence[str]) -> Any:
    """A link alone is its id; with what is read of it, it is a table of that."""
    inner = [path.partition(".")[2] for path in paths if path.startswith(f"{head}.")]
    if isinstance(value, list) and head == PERSONS:
        value = [{**_made_up(one), **one} for one in value]
    if isinstance(value, list):
        return [_entity(one, inner) for one in value]
    return _entity(value, inner)


def _made_up(person: Json) -> Json:
    names = (person.get(one) for one in ("lastName", "firstName", "middleName"))
    whole = " ".join(one for one in names if one)
    found = {kind: contacts.of(person.get(INFO), kind) for kind in contacts.KINDS}
    return {NAME: whole or None, **found}


def _entity(value: Any, inner: Sequence[str]) -> Any:
    if not isinstance(value, dict) or not (inner and "id" in value):
        return _plain(value)
    names = dict.fromkeys(("id", *(one.partition(".")[0] for one in inner)))
    return {name: _plain(value.get(name)) for name in names}


def _plain(value: Any) -> Any:
    """Times and days as text, a link as its id; an amount as it is."""
    if not isinstance(value, dict):
        return value
    match value.get("contentType"):
        case "DateTime" | "DateInterval":
            return value.get("value")
        case "DateOnly":
            return day(value)
    return str(value["id"]) if "id" in value else value


def _two(path: str) -> str:
    """Of an extra field, without what it leads to."""
    return ".".join(path.split(".")[:2])
