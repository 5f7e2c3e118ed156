"""Reading: what makes customers won, and accounts as the CRM has them.

A pass over all is pages by ascending id in the query language. What changed is asked for with
If-Modified-Since, which answers an idle cycle with 304 and a single call; where that has more than
a page, it goes on by id as well. Times are whole seconds in the zone of the API's user, and the
moment itself is included. Converted leads are outside the query language: their pages go by tokens.

What was deleted since comes as a record without a field, so that no condition holds for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import ProtocolError
from syncd.port import Flow, Keys, Page, Read, Record, Request, Response, Scope, Since

from . import contacts, coql
from .answers import API, accepted
from .coql import Row, after, one_of, quoted
from .facts import ACCOUNTS, CONTACTS, CUSTOM, FIELDS, LEADS
from .metadata import STAMP, moment_of, those_there

TOMBSTONES = 10
"""Pages of deleted records that are read, which is all that has pages; a daily pass sees the
rest."""


class Listing:
    """One page of one read. `began` is the server's clock at the first answer that tells it."""

    def __init__(self, read: Read, size: int) -> None:
        self.module = read.object
        self.size = size
        self.names = _names(read)
        self.began: dt.datetime | None = None

    def page(self, scope: Scope) -> Flow[tuple[Sequence[Row], str | None]]:
        if self.module == LEADS:
            return (yield from self._leads(scope))
        if isinstance(scope, Keys):
            return (yield from self._keys(scope.keys)), None
        moment = scope.moment if isinstance(scope, Since) else None
        if moment is not None and scope.position is None:
            found, more = yield from self._changed(moment)
            return found, (str(found[-1]["id"]) if more else None)
        where = [after(scope.position)]
        if moment is not None:
            where.insert(0, f"{STAMP} >= {quoted(_text(moment))}")
        found = yield from self._rows(where, self.size)
        return found, (str(found[-1]["id"]) if len(found) == self.size else None)

    def _rows(self, where: Sequence[str], limit: int) -> Flow[list[Row]]:
        return (
            yield from those_there(
                self.names,
                self.module,
                lambda names: coql.rows(names, self.module, where, limit),
            )
        )

    def deleted(self, moment: dt.datetime) -> Flow[list[tuple[str, dt.datetime]]]:
        """Ids and times of what was deleted since: into the recycle bin, out of it for good, or by
        a merge, which all are gone for a mapping. Costs a call of its own."""
        found: list[tuple[str, dt.datetime]] = []
        for number in range(1, TOMBSTONES + 1):
            query = {"type": "all", "page": str(number), "per_page": "200"}
            body = yield from self._get(f"/{self.module}/deleted", query, moment, 2)
            rows = body["data"] if body else ()
            found += [(str(one["id"]), moment_of(one["deleted_time"])) for one in rows]
            if not body or not body["info"]["more_records"]:
                break
        return found

    def _changed(self, moment: dt.datetime) -> Flow[tuple[Sequence[Row], bool]]:
        query = {**self._fields(), "per_page": str(self.size), **_BY_ID}
        body = yield from self._get(f"/{self.module}", query, moment)
        if not body:
            return (), False
        return body["data"], bool(body["info"]["more_records"])

    def _keys(self, keys: Sequence[str]) -> Flow[Sequence[Row]]:
        found: list[Row] = []
        for some in coql.chunks([key for key in dict.fromkeys(keys) if key.isdecimal()]):
            found += yield from self._rows([one_of("id", some)], len(some))
        return found

    def _leads(self, scope: Scope) -> Flow[tuple[Sequence[Row], str | None]]:
        query = {**self._fields(), "converted": "true", **_BY_ID}
        if isinstance(scope, Keys):
            rows: list[Row] = []
            for some in coql.chunks([key for key in dict.fromkeys(scope.keys) if key.isdecimal()]):
                body = yield from self._get("/Leads", {**query, "ids": ",".join(some)}, None)
                rows += body["data"] if body else ()
            return rows, None
        query["per_page"] = str(self.size)
        if scope.position:
            query["page_token"] = scope.position
        moment = scope.moment if isinstance(scope, Since) else None
        body = yield from self._get("/Leads", query, moment)
        if not body:
            return (), None
        info = body["info"]
        if info["more_records"] and not info.get("next_page_token"):
            raise ProtocolError("Zoho has more leads, and gives no token for them")
        return body["data"], info["next_page_token"] if info["more_records"] else None

    def _fields(self) -> dict[str, str]:
        return {"fields": ",".join(self.names)}

    def _get(
        self, path: str, query: Mapping[str, str], since: dt.datetime | None, cost: int = 1
    ) -> Flow[Any]:
        headers = {"If-Modified-Since": _text(since)} if since else {}
        request = Request("GET", API + path, query, headers=headers, cost=cost)
        response: Response = yield request
        if self.began is None and "date" in response.headers:
            self.began = parsedate_to_datetime(response.headers["date"]).astimezone(dt.UTC)
        return accepted(request, response)


_BY_ID = {"sort_by": "id", "sort_order": "asc"}
"""So that a row which changes meanwhile moves no other."""


def pull(read: Read, scope: Scope, size: int) -> Flow[Page]:
    listing = Listing(read, size)
    rows, following = yield from listing.page(scope)
    if read.object == ACCOUNTS and (paths := contacts.inside(read.paths)):
        persons = yield from contacts.of_accounts([str(row["id"]) for row in rows], paths)
        rows = [{**row, CONTACTS: persons[str(row["id"])]} for row in rows]
    records = [
        Record(str(row["id"]), select(row, read.paths), moment_of(row[STAMP])) for row in rows
    ]
    if isinstance(scope, Since) and scope.moment is not None and following is None:
        gone = yield from listing.deleted(scope.moment)
        records += [Record(key, {}, at) for key, at in gone]
    return Page(records, following, listing.began)


def select(row: Row, paths: Sequence[str]) -> dict[str, Any]:
    """The row with these dotted paths alone. Of a lookup there is the id alone: the two ways of
    asking tell different things beside it; contacts are rows of their account."""
    custom = CUSTOM.removesuffix(".")
    chosen: dict[str, Any] = {}
    for path in dict.fromkeys(paths):
        head, _, rest = path.partition(".")
        if head == custom and rest:
            name = rest.partition(".")[0]
            chosen.setdefault(custom, {})[name] = _one(row.get(name), deeper=rest != name)
        elif head == CONTACTS and rest:
            inner = contacts.inside(paths)
            chosen[CONTACTS] = [select(one, inner) for one in row.get(CONTACTS, ())]
        elif head in row:
            chosen[head] = _one(row[head], deeper=bool(rest))
    return chosen


def _one(value: Any, *, deeper: bool) -> Any:
    if isinstance(value, dict):
        return {"id": value.get("id")} if deeper else value.get("id")
    return value


def _names(read: Read) -> list[str]:
    """The fields that the paths lead through. Zoho answers with fifty at most."""
    heads = [path.removeprefix(CUSTOM).partition(".")[0] for path in read.paths]
    if read.object == ACCOUNTS:
        heads = [name for name in heads if name != CONTACTS]
    names = list(dict.fromkeys(["id", *heads, STAMP]))
    if len(names) > FIELDS:
        raise ProtocolError(
            f"the mapping reads {len(names) - 2} fields of {read.object}; Zoho answers with "
            f"{FIELDS - 2} at most: leave out those of {read.kind} that nobody needs"
        )
    return names


def _text(moment: dt.datetime) -> str:
    """As the header and the query language want it: whole seconds, with an offset."""
    return moment.astimezone(dt.UTC).replace(microsecond=0).isoformat()
