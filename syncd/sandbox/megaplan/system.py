"""Megaplan's API v3 without a clock of its own and without input or output.

There is POST where other APIs have PUT or PATCH. Contractors are listed, shown and changed under
their abstract name as well, and created only under one of the two real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import unquote

from syncd.sandbox.faults import Fault
from syncd.sandbox.megaplan import filters, lists, pages, writes
from syncd.sandbox.megaplan.account import Account, Entity, system_clock
from syncd.sandbox.megaplan.limits import Limits, too_many
from syncd.sandbox.megaplan.oauth import PASSWORD, OAuth, unauthorized
from syncd.sandbox.megaplan.schema import (
    CONTRACTOR,
    CONTRACTORS,
    DEAL,
    EMPLOYEE,
    KINDS,
    PAYER,
    PROGRAM,
    STANDARD,
    STATE,
)
from syncd.sandbox.megaplan.show import Showing, names_of
from syncd.sandbox.megaplan.switches import Switches
from syncd.sandbox.megaplan.wire import (
    Json,
    Refused,
    any_body,
    asked_for,
    body,
    enveloped,
    invalid,
    link,
)
from syncd.sandbox.port import Answer, Asked

ROOT, TOKEN = "/api/v3/", "auth/access_token"
BUSY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
TYPES: Mapping[str, str] = {one[0].lower() + one[1:]: one for one in (*STANDARD, CONTRACTOR)}
"""Segment of an address -> content type."""


class Megaplan:
    def __init__(self, clock: Callable[[], datetime] = system_clock) -> None:
        self.switches = Switches()
        self.account = Account(self.switches, clock)
        self.oauth = OAuth(self.switches, self.account.now)
        self.limits = Limits(self.switches, self.account.now)

    def hello(self, url: str) -> Mapping[str, str]:
        self._logins()
        login = next(iter(self.oauth.logins))
        return {"url": url, "username": login, "password": PASSWORD}

    def _logins(self) -> None:
        self.oauth.logins = {
            info["value"]: one.id
            for one in self.account.rows(EMPLOYEE)
            for info in one.values.get("contactInfo") or ()
            if info.get("type") == "email" and not one.values.get("fireDay")
        }

    def answer(self, asked: Asked) -> Answer:
        done, date = self._answer(asked), format_datetime(self.account.now(), usegmt=True)
        return Answer(done.status, {"date": date, **done.headers}, done.body)

    def _answer(self, asked: Asked) -> Answer:
        inside, trace = self.switches.errors_inside, self.switches.trace
        try:
            if not asked.path.startswith(ROOT):
                raise Refused(404, "Not found")
            parts = [unquote(one) for one in asked.path[len(ROOT) :].strip("/").split("/")]
            if "/".join(parts) == TOKEN:
                if asked.method != "POST":
                    raise Refused(405, "Method not allowed")
                self._logins()
                return self.oauth.answer(asked)
            if (refused := self.limits.enter()) is not None:
                return refused
            return self._route(asked, parts, self.oauth.employee(asked))
        except Refused as refused:
            return refused.answer(inside=inside, trace=trace)

    def _route(self, asked: Asked, parts: list[str], employee: str) -> Answer:
        account, query = self.account, asked_for(asked)
        match asked.method, parts:
            case "GET", ["accountInfo"]:
                return enveloped(self._info())
            case "POST", ["bulk", "getEntitiesByLinks"]:
                return self._by_links(any_body(asked), employee)
            case "GET", ["invoice"]:
                return enveloped([], {"count": 0, "limit": 100})
            case "GET", ["program", id, "states"]:
                program = self._there(PROGRAM, id, employee)
                states = account.derived(program, "states")
                rows = [row for one in states if (row := account.linked(one))]
                return lists.listed(account, STATE, rows, query)
        type = TYPES.get(parts[0])
        if type is None:
            raise Refused(404, "Not found")
        match asked.method, parts[1:]:
            case "GET", []:
                found = filters.passes(account, type, query.get("filter"))
                mine = (row for row in found if account.seen(row, employee))
                return lists.listed(account, type, mine, query)
            case "POST", [] if type in (*CONTRACTORS, CONTRACTOR, DEAL):
                return writes.create(account, type, body(asked), employee)
            case "GET", ["extraFields"] if type in (*CONTRACTORS, PAYER, DEAL):
                return enveloped(self._extra_fields(type))
            case "GET", ["search"] if type in CONTRACTORS:
                return self._search(query, employee)
            case "GET", [id]:
                row = self._there(type, id, employee)
                names = names_of(account, row.type, query.get("fields"))
                return enveloped(Showing(account).card(row, names))
            case "POST", [id] if type in (*CONTRACTORS, CONTRACTOR, DEAL, PAYER):
                row = self._there(type, id, employee)
                return writes.update(account, row, body(asked), employee)
            case "DELETE", [id] if type in (*CONTRACTORS, DEAL, PAYER):
                return writes.remove(account, self._there(type, id, employee), employee)
            case "POST", [id, "applyTransition"] if type == DEAL:
                row = self._there(type, id, employee)
                return writes.transit(account, row, body(asked), employee)
            case "GET", [id, "payers"] if type in (*CONTRACTORS, CONTRACTOR):
                row = self._there(type, id, employee)
                payers = account.derived(row, "payers")
                rows = [one for each in payers if (one := account.linked(each))]
                return lists.listed(account, PAYER, rows, query)
            case "POST", [id, "payers"] if type in (*CONTRACTORS, CONTRACTOR):
                row = self._there(type, id, employee)
                more = {"contractor": row.link}
                return writes.create(account, PAYER, body(asked), employee, more)
            case "GET", [id, "deals"] if type in (*CONTRACTORS, CONTRACTOR):
                row = self._there(type, id, employee)
                deals = account.rows(DEAL)
                rows = [one for one in deals if one.values.get("contractor") == row.link]
                return lists.listed(account, DEAL, rows, query)
        raise Refused(405 if parts[1:] == [] else 404, "Not found")

    def _there(self, type: str, id: str, employee: str) -> Entity:
        found = self.account.get(type, id)
        if found is None or found.dropped:
            raise Refused(404, "Entity not found")
        if not self.account.seen(found, employee):
            raise Refused(403, "Access denied")
        return found

    def _info(self) -> Json:
        return {
            "contentType": "AccountInfo",
            "id": "1",
            "accountName": self.account.own,
            "permanentHost": self.switches.account,
            "buildVersion": "r2510.27309.181",
            "isTest": False,
            "isDemo": False,
            "isFree": False,
            "licenceQuantity": 14,
            "productName": "CRM: Бизнес",
        }

    def _extra_fields(self, type: str) -> list[Json]:
        return [
            {
                "contentType": KINDS[one.kind],
                "id": one.id,
                "name": one.name,
                "hrName": one.label,
                "type": one.kind,
                "isRequired": False,
                "isMultiple": False,
                "isSystem": False,
                "isSortable": False,
            }
            for one in self.account.extra(type).values()
        ]

    def _by_links(self, links: object, employee: str) -> Answer:
        """What is not there, or not for this employee, is left out; in no order of the request."""
        if not isinstance(links, list):
            raise invalid("Body must be an array")
        found = []
        for kind, id in map(link, links):
            if kind == EMPLOYEE:
                raise Refused(500, "Internal server error")
            row = self.account.get(kind, id)
            if row and not row.dropped and self.account.seen(row, employee):
                found.append(row)
        found.sort(key=lambda row: (int(row.id) * 2654435761 % 2**32, row.id))
        showing = Showing(self.account)
        return enveloped([showing.card(row) for row in found])

    def _search(self, query: Json, employee: str) -> Answer:
        """In names alone: a tax id is on the requisites. Both kinds of cards, in a reduced form."""
        wanted = str(query.get("q") or "").casefold()
        rows = [
            row
            for row in self.account.rows(CONTRACTOR)
            if wanted
            and wanted in str(self.account.derived(row, "name") or "").casefold()
            and self.account.seen(row, employee)
        ]
        return lists.listed(self.account, CONTRACTOR, rows, {"limit": query.get("limit")})

    def refuse(self, fault: str, asked: Asked) -> Answer | None:
        at_token = asked.path == ROOT + TOKEN
        if fault == Fault.RATE_LIMITED:
            return too_many(1)
        if fault == Fault.ERROR:
            return Refused(500, "Internal server error").answer()
        if fault == Fault.UNAVAILABLE:
            return Answer(502, {"content-type": "text/html"}, BUSY.encode())
        if fault == Fault.EXPIRED and not at_token:
            self.oauth.end(asked)
            return unauthorized().answer()
        return None

    def page(self, path: str) -> str | None:
        self._logins()
        return pages.page(self.account, self.oauth, path)
