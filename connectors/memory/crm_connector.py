"""The CRM as a target, and as the source of won deals and of cards. What it declares comes from
the options, so that a test can declare what is not true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncd.domain import Kind
from syncd.guide import Discovery, Greeting
from syncd.port import (
    All,
    Facts,
    Flow,
    Identity,
    Keys,
    Page,
    Read,
    Record,
    Request,
    Scope,
    Since,
    Source,
    User,
)

from . import guide
from .client import bearer, described, identity, source_time, taken
from .guide import ROUTE
from .habits import CRM_TIERS
from .pipeline import FORMS
from .writer import Writer


class MemoryCrm(Writer):
    def __init__(self, options: Mapping[str, str]) -> None:
        editable = options.get("payments", "fixed") == "editable"
        payment = replace(FORMS["payment"], fixed=frozenset()) if editable else FORMS["payment"]
        super().__init__("crm", {**FORMS, "payment": payment}, CRM_TIERS, dict(options))
        self._page = int(options.get("page", "100"))
        self._tells_who = options.get("tells_who", "no") == "yes"
        unique = {"account": "name"} if options.get("names", "unique") == "unique" else {}
        currencies = options.get("currencies", "CHF,EUR,GBP,JPY,USD")
        stamped = options.get("stamps", "no") == "yes"
        targets = self.targets(options, "account,contact,invoice", unique)
        if options.get("moves", "no") == "yes":
            targets = {word: replace(one, movable=True) for word, one in targets.items()}
        self.facts = Facts(
            system="memory_crm",
            sources={
                Kind.DEAL: Source("deals", stamped=stamped),
                Kind.LABEL: Source("account", stamped=stamped),
                Kind.WON: Source("account", stamped=stamped),
            },
            targets=targets,
            doubt_time=float(options.get("doubt_time", "1")),
            currencies=None if currencies == "any" else frozenset(currencies.split(",")),
            described=options.get("described", "no") == "yes",
            secrets=("token",),
            hourly=int(options["hourly"]) if "hourly" in options else None,
            in_flight=int(options.get("in_flight", "1")),
            guides=True,
            lists_users=True,
            tells_who=self._tells_who,
            options={
                **self.meanings(),
                "described": "yes: what its rows have is all that it has",
                "currencies": "codes divided by commas, or any",
                "payments": "fixed or editable",
                "names": "unique or free, of accounts",
                "moves": "yes: what belongs to an account can be given to another",
                "hourly": "requests an hour that are allowed",
                "in_flight": "writes that may be under way at once",
                "page": "deals asked for at once",
                "tells_who": "yes: says who changed an object last; cards have a stamp",
                "stamps": "yes: says that deals and won cards have stamps",
            },
        )

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        return (yield from bearer(secrets))

    def identity(self) -> Flow[Identity]:
        return (yield from identity("crm"))

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """By the rows there are; the custom fields of a target by their definitions."""
        target, _, part = object.partition("/")
        if part == "custom_fields":
            paths = taken((yield Request("GET", "/crm/fields"))).get(target, {})
            return {path.removeprefix("custom_fields."): "" for path in paths}
        page = yield from self.pull(Read(Kind.WON, target, ()), All())
        return described(object, page.records)

    def users(self) -> Flow[Sequence[User]]:
        return [User(**one) for one in taken((yield Request("GET", "/crm/users")))["users"]]

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet("crm"))

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        return (yield from guide.discover("crm", self.facts.sources, since, closed))

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        """Deals have no stamp, only the day they were closed on: `Since` begins with that day.
        Cards have none at all, and it gives every one, unless the CRM tells who changed them."""
        query, route = self._query(scope), ROUTE[read.object]
        if route == "cards":
            query.pop("since", None)
            if self._tells_who and isinstance(scope, Since) and scope.moment is not None:
                query["since"] = scope.moment.isoformat()
        response = yield Request("GET", f"/crm/{route}", query)
        body = taken(response)
        records = [_record(row) for row in body["rows"]]
        return Page(records, body["next"], source_time(response))

    def _query(self, scope: Scope) -> dict[str, str]:
        if isinstance(scope, Keys):
            return {"ids": ",".join(scope.keys)}
        query = {"limit": str(self._page)}
        if isinstance(scope, Since) and scope.moment is not None:
            query["since"] = scope.moment.date().isoformat()
        if scope.position is not None:
            query["after"] = scope.position
        return query


def _record(row: dict[str, Any]) -> Record:
    stamp = row.pop("stamp", None)
    return Record(row["id"], row, dt.datetime.fromisoformat(stamp) if stamp else None)
