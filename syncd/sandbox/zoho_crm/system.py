"""Zoho CRM's REST API v8 (and v2 to v7, which differ here only in that `fields` may be left out
before version 3), without a clock of its own and without input or output."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import unquote

from syncd.sandbox.faults import Fault
from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm import actions, coql, oauth, pages, reads, search, settings, writes
from syncd.sandbox.zoho_crm.crm import Crm, system_clock, words
from syncd.sandbox.zoho_crm.limits import Limits, too_many
from syncd.sandbox.zoho_crm.oauth import OAuth, Token, allowed, need
from syncd.sandbox.zoho_crm.switches import Switches
from syncd.sandbox.zoho_crm.wire import Refused, size

TOKEN = "/oauth/v2/token"
ROOT = re.compile(r"/crm/v(\d)(?:\.\d)?/(.*)")
OPERATIONS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE"}
BUSY = "<html><head><title>503 Service Unavailable</title></head><body>Zoho CRM</body></html>"


class Zoho:
    def __init__(self, clock: Callable[[], datetime] = system_clock) -> None:
        self.switches = Switches()
        self.crm = Crm(self.switches, clock)
        self.oauth = OAuth(self.crm)
        self.limits = Limits(self.crm)

    def hello(self, url: str) -> Mapping[str, str]:
        """Tokens name this address as `api_domain`, never one of the vendor's: the vendor's own
        client would go there."""
        self.oauth.url = url
        return {
            "url": url,
            "client_id": oauth.CLIENT_ID,
            "client_secret": oauth.CLIENT_SECRET,
            "refresh_token": self.refresh_token(),
        }

    def refresh_token(self, user: str | None = None) -> str:
        """Of the user that the integration logs in as, or of another one."""
        return self.oauth.refresh_token(user or next(iter(self.crm.users)))

    def answer(self, asked: Asked) -> Answer:
        done, date = self._answer(asked), format_datetime(self.crm.now(), usegmt=True)
        return Answer(done.status, {"date": date, **done.headers}, done.body)

    def _answer(self, asked: Asked) -> Answer:
        try:
            if asked.path.startswith(TOKEN):
                if asked.method != "POST":
                    raise Refused("INVALID_REQUEST_METHOD", "invalid request method")
                return self.oauth.answer(asked)
            return self._api(asked)
        except Refused as refused:
            return refused.answer

    def _api(self, asked: Asked) -> Answer:
        found = ROOT.fullmatch(asked.path)
        if found is None:
            raise _unknown()
        token = self.oauth.token(asked)
        parts = [unquote(one) for one in found[2].strip("/").split("/")]
        self.limits.enter(_heavy(asked, parts))
        cost = 1
        if parts == ["coql"]:
            answer, cost = self._coql(asked, token)
        else:
            answer = self._route(asked, token, int(found[1]), parts)
        spent = self.limits.spend(_cost(asked, parts, cost))
        return Answer(answer.status, {**answer.headers, **spent}, answer.body)

    def _coql(self, asked: Asked, token: Token) -> tuple[Answer, int]:
        _only(asked, "POST")
        allowed(token, "coql", "", "READ")
        return coql.run(self.crm, asked)

    def _route(self, asked: Asked, token: Token, version: int, parts: list[str]) -> Answer:
        if parts[0] == "settings":
            return self._settings(asked, token, parts[1:])
        if parts[0] == "users":
            allowed(token, "users", "", OPERATIONS.get(asked.method, "READ"))
            _only(asked, "GET")
            return settings.users(self.crm, asked, token.user, parts[1] if parts[1:] else None)
        if parts[0] == "org":
            if parts[1:] == ["currencies"]:
                allowed(token, "settings", "currencies", "READ")
                return settings.currencies(self.crm)
            allowed(token, "org", "", "READ")
            return settings.organisation(self.crm)
        module = self.crm.module(parts[0])
        if module.api_name in words(self.switches.forbidden):
            needed = [f"Crm_Implied_View_{module.api_name}"]
            raise Refused("NO_PERMISSION", "Permission denied", 403, permissions=needed)
        operation = OPERATIONS.get(asked.method, "DELETE")
        allowed(token, "modules", module.api_name.lower(), operation)
        crm, user = self.crm, token.user
        match asked.method, parts[1:]:
            case "GET", []:
                rows = crm.rows[module.api_name].values()
                return reads.records(crm, module, user, asked, version, rows)
            case "POST", []:
                return writes.insert(crm, module, user, asked)
            case "POST", ["upsert"]:
                return writes.upsert(crm, module, user, asked)
            case "PUT", []:
                return writes.update(crm, module, user, asked, None)
            case "DELETE", []:
                return writes.delete(crm, module, user, asked, None)
            case "GET", ["search"]:
                need(token, "ZohoSearch.securesearch.READ")
                return search.search(crm, module, asked)
            case "GET", ["deleted"]:
                return reads.deleted(crm, module, asked)
            case "GET", ["actions", "count"]:
                return reads.count(crm, module)
            case "POST", [id, "actions", "convert"] if module.api_name == "Leads":
                return actions.convert(crm, user, asked, id)
            case "POST", [id, "actions", "merge"]:
                return actions.merge(crm, module, user, asked, id)
            case "GET", [id]:
                return reads.record(crm, module, asked, id)
            case "PUT", [id]:
                return writes.update(crm, module, user, asked, id)
            case "DELETE", [id]:
                return writes.delete(crm, module, user, asked, id)
            case "GET", [id, name]:
                return reads.related(crm, module, user, asked, version, id, name)
        raise (
            _unknown()
            if parts[3:]
            else Refused(
                "INVALID_REQUEST_METHOD", "The http request method type is not a valid one"
            )
        )

    def _settings(self, asked: Asked, token: Token, parts: list[str]) -> Answer:
        operation = OPERATIONS.get(asked.method, "DELETE")
        allowed(token, "settings", parts[0] if parts else "", operation)
        crm = self.crm
        match asked.method, parts:
            case "GET", ["modules"]:
                return settings.modules(crm)
            case "GET", ["modules", name]:
                return settings.module(crm, name)
            case "POST", ["modules"]:
                return settings.create_modules(crm, asked)
            case "GET", ["fields"]:
                return settings.fields(crm, asked, None)
            case "GET", ["fields", id]:
                return settings.fields(crm, asked, id)
            case "POST", ["fields"]:
                return settings.create_fields(crm, asked)
            case "PATCH", ["fields"]:
                return settings.update_fields(crm, asked, None)
            case "PATCH", ["fields", id]:
                return settings.update_fields(crm, asked, id)
            case "DELETE", ["fields", id]:
                return settings.delete_field(crm, asked, id)
            case "GET", ["related_lists"]:
                return settings.related_lists(crm, asked)
            case "GET", ["profiles"]:
                return settings.profiles()
        raise _unknown()

    def refuse(self, fault: str, asked: Asked) -> Answer | None:
        at_token = asked.path.startswith(TOKEN)
        if fault == Fault.RATE_LIMITED:
            return self.oauth.throttled() if at_token else too_many().answer
        if fault == Fault.ERROR:
            return Refused("INTERNAL_ERROR", "Internal Server Error", 500).answer
        if fault == Fault.UNAVAILABLE:
            return Answer(503, {"content-type": "text/html;charset=UTF-8"}, BUSY.encode())
        if fault == Fault.EXPIRED and not at_token:
            self.oauth.end(asked)
            return oauth.invalid().answer
        return None

    def page(self, path: str) -> str | None:
        return pages.page(self.crm, self.oauth, path)


def _only(asked: Asked, method: str) -> None:
    if asked.method != method:
        message = "The http request method type is not a valid one"
        raise Refused("INVALID_REQUEST_METHOD", message)


def _unknown() -> Refused:
    return Refused(
        "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one", 404
    )


def _writes(asked: Asked, parts: list[str]) -> int:
    """Records in the body of a call that writes."""
    wrote = asked.method in ("POST", "PUT") and parts[1:] in ([], ["upsert"])
    return size(asked) if wrote else 0


def _heavy(asked: Asked, parts: list[str]) -> bool:
    return parts == ["coql"] or parts[-1] == "convert" or _writes(asked, parts) > 10


def _cost(asked: Asked, parts: list[str], cost: int) -> int:
    """Credits: a write 1 for each 10 records, a conversion 5, deleted records 2, a module 500."""
    if parts[-1] == "convert":
        return 5
    if parts[1:] == ["deleted"]:
        return 2
    if asked.method == "POST" and parts == ["settings", "modules"]:
        return 500
    return max(cost, math.ceil(_writes(asked, parts) / 10))
