"""The CRM as a target. What it declares comes from the options, so that a test can declare what is
not true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain import Value
from syncd.errors import NotFoundError, RejectedError
from syncd.port import (
    Facts,
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Identity,
    Op,
    Outcome,
    Request,
    Target,
    Tier,
    Write,
)

from .client import OnlyWritten, bearer, identity, refused, taken
from .crm import MARKER, PARENTS, SCHEMA
from .habits import default_tiers

METHOD = {Op.CREATE: "POST", Op.UPDATE: "PATCH", Op.REMOVE: "DELETE"}
CUSTOM = frozenset({"account", "contact", "invoice"})
"""Targets that can have custom fields."""
Json = dict[str, Any]


class MemoryCrm(OnlyWritten):
    def __init__(self, options: Mapping[str, str]) -> None:
        self._tiers = default_tiers(options)
        self._batch = int(options.get("batch", "1"))
        self._trusts_search = options.get("trust_search", "no") == "yes"
        currencies = options.get("currencies", "CHF,EUR,GBP,JPY,USD")
        self.facts = Facts(
            system="memory_crm",
            targets={target: self._target(target, options) for target in SCHEMA},
            doubt_time=float(options.get("doubt_time", "1")),
            currencies=None if currencies == "any" else frozenset(currencies.split(",")),
            secrets=("token",),
            options={
                "tier": "T1, T2, T3 or T4",
                **{f"tier.{target}": "where one target differs" for target in SCHEMA},
                "batch": "writes in one request",
                "currencies": "codes divided by commas, or any",
                "payments": "fixed or editable",
                "names": "unique or free, of accounts",
                "removable": "targets divided by commas",
                "listable": "targets divided by commas",
                **{f"parents.{target}": "words divided by commas" for target in SCHEMA},
                "fields": "one more field, as account.colour",
                "trust_search": "yes: does not compare what the search found",
                "doubt_time": "seconds",
            },
        )

    def _target(self, target: str, options: Mapping[str, str]) -> Target:
        custom = {"custom_fields.*": "text"} if target in CUSTOM else {}
        editable = options.get("payments", "fixed") == "editable"
        fixed = frozenset({"amount", "payment_date"})
        unique = target == "account" and options.get("names", "unique") == "unique"
        parents = options.get(f"parents.{target}", ",".join(PARENTS[target]))
        return Target(
            tier=Tier(self._tiers[target]),
            fields={**SCHEMA[target], **custom, **_extra(target, options)},
            parents=tuple(filter(None, parents.split(","))),
            batch=self._batch,
            fixed=fixed if target == "payment" and not editable else frozenset(),
            removable=target in options.get("removable", "payment").split(","),
            unique="name" if unique else None,
            listable=target in options.get("listable", "account,contact,invoice").split(","),
        )

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        return (yield from bearer(secrets))

    def identity(self) -> Flow[Identity]:
        return (yield from identity("crm"))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        if len(batch) == 1 or self._batch == 1:
            outcomes = []
            for write in batch:
                outcomes.append((yield from self._push_one(write)))
            return outcomes
        items = [self._item(write) for write in batch]
        path = f"/crm/{batch[0].target}/bulk"
        try:
            body = taken((yield Request("POST", path, json={"items": items}, write=True)))
        except RejectedError as error:
            return [Outcome(None, error=error) for _ in batch]
        return [_outcome(*pair) for pair in zip(batch, body["results"], strict=True)]

    def _push_one(self, write: Write) -> Flow[Outcome]:
        item = self._item(write)
        path = f"/crm/{write.target}" + (f"/{write.remote_id}" if write.remote_id else "")
        body = None if write.op is Op.REMOVE else {k: item[k] for k in ("parents", "fields")}
        try:
            answer = taken((yield Request(item["method"], path, json=body, write=True)))
        except RejectedError as error:
            return Outcome(None, error=error)
        return _outcome(write, answer)

    def _item(self, write: Write) -> Json:
        fields: dict[str, Value] = dict(write.fields)
        method = METHOD[write.op]
        if write.op is Op.CREATE:
            fields = {path: value for path, value in fields.items() if value is not None}
            fields[MARKER[write.target]] = write.marker
            method = "PUT" if self._tiers[write.target] == "T1" else method
        return {
            "method": method,
            "id": write.remote_id,
            "parents": dict(write.parents),
            "fields": fields,
        }

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        [(word, text)] = by.items()
        if word == "id":
            try:
                return [_found(target, taken((yield Request("GET", f"/crm/{target}/{text}"))))]
            except NotFoundError:
                return []
        path = MARKER[target] if word == "marker" else word
        query = {"path": path, "text": text, **_parent(parents)}
        found: list[Found] = []
        after: str | None = None
        while True:
            more = {"after": after} if after else {}
            body = taken((yield Request("GET", f"/crm/{target}", {**query, **more})))
            found += (_found(target, item) for item in body["objects"])
            after = body["next"]
            if after is None:
                break
        if self._trusts_search:
            return found
        return [item for item in found if item.fields.get(path) == text]

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        query = {"after": position} if position else {}
        body = taken((yield Request("GET", f"/crm/{target}", query)))
        return FoundPage([_found(target, item) for item in body["objects"]], body["next"])

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        known = taken((yield Request("GET", "/crm/fields")))
        missing = [field for field in wanted if field.path not in known[field.target]]
        for field in missing if write else ():
            body = {"target": field.target, "path": field.path, "type": field.type}
            taken((yield Request("POST", "/crm/fields", json=body, write=True)))
        return missing


def _outcome(write: Write, answer: Json) -> Outcome:
    if "error" in answer:
        return Outcome(None, error=refused(answer["error"]))
    fields = answer.get("fields")
    seen = None if fields is None else {path: fields.get(path) for path in write.fields}
    return Outcome(answer["id"], seen)


def _found(target: str, item: Json) -> Found:
    return Found(item["id"], item["fields"].get(MARKER[target]), item["fields"])


def _parent(parents: Mapping[str, str]) -> dict[str, str]:
    return {"parent": parents["invoice"]} if "invoice" in parents else {}


def _extra(target: str, options: Mapping[str, str]) -> dict[str, str]:
    owner, _, path = options.get("fields", "").partition(".")
    return {path: "text"} if owner == target else {}
