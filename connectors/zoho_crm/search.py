"""Looking things up: by id, by the key of the books, by name, and all of them.

Zoho's own search lags behind what was written, so it decides nothing here; the query language reads
the records themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.errors import NotFoundError, RejectedError
from syncd.port import Flow, Found, FoundPage

from . import coql, objects
from .answers import NoModuleError, ask
from .contacts import accounts_of
from .coql import Row, after
from .facts import ACCOUNTS, CONTACTS, CUSTOM, FACTS, FIELDS, MAIL, NAME
from .metadata import fields_of

EMAIL = "email"
PAGE = 1000
"""Records in one answer of a survey."""
_TYPES = "text email phone website picklist double currency integer bigint date boolean"
_HELD = frozenset(_TYPES.split(" "))
"""Types of fields that can hold what a mapping writes, but for texts of several lines."""
_LINES = "textarea"
"""The query language does not take all of them; a list of records by their ids shows them."""
BY_ID = 100
"""Ids in one list."""


def find(
    target: str, by: Mapping[str, str], parents: Mapping[str, str], id_field: str
) -> Flow[Sequence[Found]]:
    """What has exactly these values; nothing for an id that is gone, or for an empty value. An
    account has no e-mail of its own: it is found by those of its contacts."""
    if not all(by.values()) or (EMAIL in by and target not in (ACCOUNTS, CONTACTS)):
        return []
    found = []
    for remote_id in (yield from _ids(target, by, id_field)):
        record = yield from read(target, remote_id)
        if record is not None:
            found.append(objects.found(target, record, id_field))
    return [each for each in found if all(_holds(each, *item) for item in by.items())]


def read(target: str, remote_id: str) -> Flow[Mapping[str, Any] | None]:
    """One record with all of its fields; None where there is none."""
    if not remote_id.isdecimal():
        return None
    try:
        body = yield from ask("GET", f"/{target}/{remote_id}")
    except NotFoundError:
        return None
    return body["data"][0] if body and body["data"] else None


def _ids(target: str, by: Mapping[str, str], id_field: str) -> Flow[Sequence[str]]:
    if "id" in by:
        return [by["id"]]
    if EMAIL in by and target == ACCOUNTS:
        return (yield from accounts_of(by[EMAIL]))
    if EMAIL in by:
        by = {MAIL: by[EMAIL].strip()}
    wanted = {
        id_field if path == "marker" else path.removeprefix(CUSTOM): (
            value.strip() if path == NAME else value
        )
        for path, value in by.items()
    }
    where = [f"{name} = {coql.quoted(value)}" for name, value in wanted.items()]
    try:
        rows = yield from coql.every(["id"], target, where)
    except RejectedError:
        if (yield from _all_there(target, wanted)):
            raise
        return []  # what set-up has not made yet holds nothing
    return [str(row["id"]) for row in rows]


def _all_there(target: str, names: Iterable[str]) -> Flow[bool]:
    try:
        known = {str(one["api_name"]) for one in (yield from fields_of(target))}
    except NoModuleError:
        return False
    return known.issuperset(names)


def _holds(found: Found, path: str, value: str) -> bool:
    if path == EMAIL:
        return True  # it was looked for by it, or by one of its contacts
    if path == "id":
        return found.remote_id == value
    if path == "marker":
        return found.marker == value
    if path in (NAME, MAIL):
        return objects.same_name(str(found.fields.get(path) or ""), value)
    return found.fields.get(path) == value


def survey(target: str, position: str | None, id_field: str) -> Flow[FoundPage]:
    """As many questions a page as its fields need: the rows of the first are the page. A module
    that set-up has not made yet has no records."""
    try:
        known = yield from fields_of(target)
    except NoModuleError:
        return FoundPage((), None)
    columns = _columns(known, target, id_field)
    page: dict[str, dict[str, Any]] = {}
    following = None
    for number, some in enumerate(coql.chunks(columns, FIELDS - 1)):
        rows: list[Row] = yield from coql.rows(["id", *some], target, [after(position)], PAGE)
        if number == 0:
            page = {str(row["id"]): {} for row in rows}
            following = str(rows[-1]["id"]) if len(rows) == PAGE else None
        for row in rows:
            if (mine := page.get(str(row["id"]))) is not None:
                mine.update(row)
    long = [
        str(one["api_name"]) for one in known if one["custom_field"] and one["data_type"] == _LINES
    ]
    for some in coql.chunks(long, FIELDS - 1):
        for ids in coql.chunks(list(page), BY_ID):
            query = {"fields": ",".join(["id", *some]), "ids": ",".join(ids)}
            body = yield from ask("GET", f"/{target}", query)
            for row in body["data"] if body else ():
                page.get(str(row["id"]), {}).update(row)
    return FoundPage([objects.found(target, row, id_field) for row in page.values()], following)


def _columns(known: Sequence[Mapping[str, Any]], target: str, id_field: str) -> list[str]:
    """The key of the books first, then what is declared, then what was made here."""
    declared = FACTS.targets[target].fields
    names = [
        str(one["api_name"])
        for one in known
        if one["data_type"] in _HELD and (one["custom_field"] or one["api_name"] in declared)
    ]
    return sorted(names, key=lambda name: (name != id_field, name not in declared))
