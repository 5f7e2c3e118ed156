"""The writing half of both connectors: one small protocol, spoken to either system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain import Value
from syncd.errors import NotFoundError, RejectedError
from syncd.port import FieldDef, Flow, Found, FoundPage, Op, Outcome, Request, Target, Tier, Write

from .client import refused, taken
from .objects import Form

METHOD = {Op.CREATE: "POST", Op.UPDATE: "PATCH", Op.REMOVE: "DELETE"}
Json = dict[str, Any]


class Writer:
    def __init__(
        self, side: str, forms: Mapping[str, Form], tiers: Mapping[str, str], options: Json
    ) -> None:
        """`tiers` are the usual ones, where the options say nothing."""
        usual = {target: options.get("tier", tiers[target]) for target in forms}
        self._side = side
        self._forms = forms
        self._tiers = {target: options.get(f"tier.{target}", usual[target]) for target in forms}
        self._batch = int(options.get("batch", "1"))
        self._trusts_search = options.get("trust_search", "no") == "yes"

    def targets(
        self, options: Mapping[str, str], listable: str, unique: Mapping[str, str]
    ) -> dict[str, Target]:
        """`unique` is the unique field of a target; `listable` the usual option."""
        removable = ",".join(target for target, form in self._forms.items() if form.removable)
        return {
            target: Target(
                tier=Tier(self._tiers[target]),
                fields={
                    **form.fields,
                    **({"custom_fields.*": "text"} if form.custom else {}),
                    **_extra(target, options),
                },
                parents=_words(options.get(f"parents.{target}", ",".join(form.parents))),
                either=_words(options.get(f"either.{target}", "")),
                batch=self._batch,
                fixed=form.fixed,
                removable=target in _words(options.get("removable", removable)),
                unique=unique.get(target),
                listable=target in _words(options.get("listable", listable)),
                made=form.made,
                owner=form.owner,
            )
            for target, form in self._forms.items()
        }

    def meanings(self) -> dict[str, str]:
        """The options that any system that is written to has."""
        return {
            "tier": "T1, T2, T3 or T4",
            **{f"tier.{target}": "where one target differs" for target in self._forms},
            "batch": "writes in one request",
            "removable": "targets divided by commas",
            "listable": "targets divided by commas",
            **{f"parents.{target}": "words divided by commas" for target in self._forms},
            **{f"either.{target}": "words divided by commas" for target in self._forms},
            "fields": "one more field, as account.colour",
            "trust_search": "yes: does not compare what the search found",
            "doubt_time": "seconds",
        }

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        if len(batch) == 1 or self._batch == 1:
            outcomes = []
            for write in batch:
                outcomes.append((yield from self._push_one(write)))
            return outcomes
        items = [self._item(write) for write in batch]
        path = f"/{self._side}/{batch[0].target}/bulk"
        try:
            body = taken((yield Request("POST", path, json={"items": items}, write=True)))
        except RejectedError as error:
            return [Outcome(None, error=error) for _ in batch]
        return [_outcome(*pair) for pair in zip(batch, body["results"], strict=True)]

    def _push_one(self, write: Write) -> Flow[Outcome]:
        item = self._item(write)
        path = f"/{self._side}/{write.target}" + (f"/{write.remote_id}" if write.remote_id else "")
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
            fields[self._forms[write.target].marker] = write.marker
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
        address = f"/{self._side}/{target}"
        within = self._forms[target].within
        if not by and within is not None:
            return (yield from self._all(target, {"survey": "yes", "parent": parents[within]}))
        [(word, text)] = by.items()
        if word == "id":
            try:
                return [self._found(target, taken((yield Request("GET", f"{address}/{text}"))))]
            except NotFoundError:
                return []
        path = self._forms[target].marker if word == "marker" else word
        query = {"path": path, "text": text}
        if within is not None and within in parents:
            query["parent"] = parents[within]
        found = yield from self._all(target, query)
        if self._trusts_search:
            return found
        return [item for item in found if item.fields.get(path) == text]

    def _all(self, target: str, query: Mapping[str, str]) -> Flow[list[Found]]:
        found: list[Found] = []
        after: str | None = None
        while True:
            more = {"after": after} if after else {}
            body = taken((yield Request("GET", f"/{self._side}/{target}", {**query, **more})))
            found += (self._found(target, item) for item in body["objects"])
            after = body["next"]
            if after is None:
                return found

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        query = {"survey": "yes", **({"after": position} if position else {})}
        body = taken((yield Request("GET", f"/{self._side}/{target}", query)))
        return FoundPage([self._found(target, item) for item in body["objects"]], body["next"])

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        address = f"/{self._side}/fields"
        known = taken((yield Request("GET", address)))
        missing = [field for field in wanted if field.path not in known[field.target]]
        for field in missing if write else ():
            body = {"target": field.target, "path": field.path, "type": field.type}
            taken((yield Request("POST", address, json=body, write=True)))
        return missing

    def _found(self, target: str, item: Json) -> Found:
        fields = item["fields"]
        at = dt.datetime.fromisoformat(item["at"]) if "at" in item else None
        marker = fields.get(self._forms[target].marker)
        return Found(item["id"], marker, fields, item.get("by"), at, item["parents"])


def _outcome(write: Write, answer: Json) -> Outcome:
    if "error" in answer:
        return Outcome(None, error=refused(answer["error"]))
    fields = answer.get("fields")
    seen = None if fields is None else {path: fields.get(path) for path in write.fields}
    return Outcome(answer["id"], seen)


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _extra(target: str, options: Mapping[str, str]) -> dict[str, str]:
    owner, _, path = options.get("fields", "").partition(".")
    return {path: "text"} if owner == target else {}
