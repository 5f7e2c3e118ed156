"""Lists of records (vendor: "Get records", "Get related records", "Get deleted records")."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm.crm import Crm, Row
from syncd.sandbox.zoho_crm.schema import Module
from syncd.sandbox.zoho_crm.wire import (
    Json,
    Refused,
    header_moment,
    moment,
    nothing,
    paired,
    params,
    reply,
)
from syncd.sandbox.zoho_crm.writes import externals
from syncd.sandbox.zoho_crm.writing import GONE

MOST = 200
FIELDS = 50
SORTS = ("id", "Created_Time", "Modified_Time")


def records(
    crm: Crm, module: Module, user: str, asked: Asked, version: int, rows: Iterable[Row]
) -> Answer:
    """One page. Rows that nobody changed since the header's time: 304, and 204 without one."""
    query = params(asked)
    names = fields(query, version)
    since = header_moment(asked, "if-modified-since")
    if module.api_name == "Leads":
        rows = _converted(rows, query.get("converted", "false"))
    if "ids" in query:
        ids = query["ids"].split(",")
        if len(ids) > 100:
            raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit="100", param_name="ids")
        rows = (one for one in rows if one.id in ids)
    if since:
        rows = (one for one in rows if one.modified >= since)
    page = Page(crm, module, user, asked, version)
    found, info = page.cut(rows)
    if not found:
        return nothing(304 if since else 204)
    if names is not None and not crm.switches.subforms_in_lists:
        known = crm.fields(module)
        names = [one for one in names if one not in known or known[one].data_type != "subform"]
    return reply({"data": [crm.shown(one, names) for one in found], "info": info})


def fields(query: dict[str, str], version: int) -> list[str] | None:
    """API names asked for; None: all, as versions before 3 give them."""
    if not query.get("fields"):
        if version < 3:
            return None
        message = "One of the expected parameter is missing"
        raise Refused("REQUIRED_PARAM_MISSING", message, param_name="fields")
    names = [one.strip() for one in query["fields"].split(",")]
    if len(names) > FIELDS:
        raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=FIELDS, param_name="fields")
    return names


def _converted(rows: Iterable[Row], wanted: str) -> Iterable[Row]:
    if wanted == "both":
        return rows
    return (one for one in rows if bool(one.values.get("Converted__s")) == (wanted == "true"))


class Page:
    def __init__(self, crm: Crm, module: Module, user: str, asked: Asked, version: int) -> None:
        self.crm, self.module = crm, module
        self.query = query = params(asked)
        self.limited = version >= 3
        """Whether pages by number end."""
        self.size = number(query, "per_page", MOST, MOST)
        self.sort = query.get("sort_by", "id")
        self.order = query.get("sort_order", "desc")
        if self.sort not in SORTS or self.order not in ("asc", "desc"):
            wrong, right = ("sort_order", ["asc", "desc"])
            if self.sort not in SORTS:
                wrong, right = ("sort_by", list(SORTS))
            message = "invalid data"
            raise Refused("INVALID_DATA", message, param_name=wrong, supported_values=right)
        bound = {k: v for k, v in query.items() if k not in ("page_token", "page")}
        self.bound = paired({**bound, "": f"{user} {asked.path}"})
        self.number, self.after, self.done = self._place()

    def _place(self) -> tuple[int, list[Any] | None, int]:
        """Number of the page, the key of the last row before it, and how many came before."""
        token = self.query.get("page_token")
        if token:
            if "page" in self.query:
                message = "page and page_token cannot be given together"
                due = [{"param_name": "page"}, {"param_name": "page_token"}]
                raise Refused("AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due)
            return self._opened(token)
        page = number(self.query, "page", 1, None)
        if self.limited and page * self.size > self.crm.switches.page_limit:
            raise Refused(
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                "You can only get the first 2000 records without using page_token param",
                limit=self.crm.switches.page_limit,
            )
        return page, None, (page - 1) * self.size

    def _opened(self, token: str) -> tuple[int, list[Any] | None, int]:
        try:
            held = json.loads(base64.urlsafe_b64decode(token.encode()))
        except (ValueError, binascii.Error):
            held = {}
        if held.get("bound") != self.bound:
            raise Refused(
                "TOKEN_BOUND_DATA_MISMATCH",
                "The page_token given seems to be invalid or input param is added or altered or "
                "deleted",
                param_name="page_token",
            )
        if moment(held["ends"]) <= self.crm.now():
            raise Refused("EXPIRED_VALUE", "Page token expired", param_name="page_token")
        if held["done"] >= self.crm.switches.token_limit:
            message = "You can only get upto 100000 records using page_token param"
            raise Refused("PAGINATION_LIMIT_EXCEEDED", message, param_name="page_token")
        return held["page"], held["after"], held["done"]

    def key(self, row: Row) -> tuple[Any, ...]:
        if self.sort == "id":
            return (int(row.id),)
        moved = row.modified if self.sort == "Modified_Time" else row.created
        return (moved.timestamp(), int(row.id))

    def cut(self, rows: Iterable[Row]) -> tuple[list[Row], Json]:
        """By number the page moves when a row is added or deleted before it; by token it goes on
        after the last row that was given."""
        down = self.order == "desc"
        ordered = sorted(rows, key=self.key, reverse=down)
        if self.after is not None:
            last = tuple(self.after)
            ordered = [
                one for one in ordered if (self.key(one) < last if down else self.key(one) > last)
            ]
            start = 0
        else:
            start = self.done
        found = ordered[start : start + self.size]
        more = len(ordered) > start + self.size
        ends = self.crm.now() + timedelta(hours=self.crm.switches.token_hours)
        return found, {
            "call": False,
            "email": False,
            "per_page": self.size,
            "count": len(found),
            "page": self.number,
            "sort_by": self.sort,
            "sort_order": self.order,
            "more_records": more,
            "next_page_token": self._token(found[-1], len(found), ends.isoformat())
            if more
            else None,
            "previous_page_token": None,
            "page_token_expiry": self.crm.stamp(ends) if more else None,
        }

    def _token(self, last: Row, count: int, ends: str) -> str:
        held = {
            "bound": self.bound,
            "after": self.key(last),
            "ends": ends,
            "page": self.number + 1,
            "done": self.done + count,
        }
        return base64.urlsafe_b64encode(json.dumps(held).encode()).decode()


def number(query: dict[str, str], name: str, usual: int, most: int | None) -> int:
    text = query.get(name, str(usual))
    if not text.isdecimal() or int(text) < 1 or (most and int(text) > most):
        details: Json = {"param_name": name, "expected_data_type": "integer"}
        if most:
            details["range"] = {"from": 1, "to": most}
        raise Refused("INVALID_DATA", "invalid data", **details)
    return int(text)


def named(crm: Crm, module: Module, asked: Asked, text: str) -> Row | None:
    """The record of a path: by id, or by the external value of the header X-EXTERNAL."""
    text = unquote(text)
    own = externals(crm, module, asked).get("")
    if own:
        found = crm.find(module, module.fields[own], text)
        return found[0] if found else None
    if not text.isdecimal():
        raise Refused("INVALID_DATA", GONE, resource_path_index=1)
    return crm.get(text, module.api_name)


def record(crm: Crm, module: Module, asked: Asked, text: str) -> Answer:
    row = named(crm, module, asked, text)
    if row is None:
        if crm.switches.unknown_id == 400:
            raise Refused("INVALID_DATA", GONE, resource_path_index=1)
        return nothing()
    query = params(asked)
    names = query["fields"].split(",") if query.get("fields") else None
    found = crm.shown(row, names)
    if names is None:
        found |= {"$approval_state": "approved", "$editable": not crm.locked(row)}
        if not crm.switches.multi_currency:
            found["$currency_symbol"] = "₽"
    return reply({"data": [found]})


def related(
    crm: Crm, module: Module, user: str, asked: Asked, version: int, text: str, name: str
) -> Answer:
    row = named(crm, module, asked, text)
    if row is None:
        raise Refused("INVALID_DATA", GONE, resource_path_index=1)
    found = crm.related_lists(module.api_name).get(name)
    if found is None:
        message = "the relation name given seems to be invalid"
        raise Refused("INVALID_DATA", message, resource_path_index=2)
    child, of = found
    return records(crm, child, user, asked, version, crm.children(child, of, row.id))


def deleted(crm: Crm, module: Module, asked: Asked) -> Answer:
    """A permanently deleted record has no name and no persons any more."""
    query = params(asked)
    wanted = query.get("type", "all")
    if wanted not in ("all", "recycle", "permanent"):
        message = "invalid data"
        values = ["all", "recycle", "permanent"]
        raise Refused("INVALID_DATA", message, param_name="type", supported_values=values)
    since = header_moment(asked, "if-modified-since")
    size = number(query, "per_page", MOST, MOST)
    page = number(query, "page", 1, None)
    emptied = crm.now() - timedelta(days=crm.switches.permanent_after_days)
    found = []
    for one in reversed(crm.deleted):
        kind = "permanent" if one.at <= emptied else "recycle"
        if one.row.module != module.api_name or wanted not in ("all", kind):
            continue
        if since and one.at < since:
            continue
        kept = kind == "recycle"
        found.append(
            {
                "id": one.row.id,
                "display_name": one.name if kept else None,
                "type": kind,
                "deleted_time": crm.stamp(one.at),
                "deleted_by": _who(crm, one.by) if kept else None,
                "created_by": _who(crm, one.row.created_by) if kept else None,
            }
        )
    cut = found[(page - 1) * size : page * size]
    if not cut:
        return nothing()  # 304 is not in the published answers of this call
    more = len(found) > page * size
    info = {"per_page": size, "count": len(cut), "page": page, "more_records": more}
    return reply({"data": cut, "info": info})


def _who(crm: Crm, id: str) -> Json:
    return {"name": crm.users[id].name, "id": id}


def count(crm: Crm, module: Module) -> Answer:
    return reply({"count": len(crm.rows[module.api_name])})
