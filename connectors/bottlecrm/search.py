"""Looking things up: by id, by marker, by name, by e-mail, and all of them.

Account and contact lists come in an order of their own (random ids; newest first), so an insert
during a pass shifts rows: a row may come twice, and large pages keep the chance of a gap small.
The account list carries the organisation's whole contact and lead pick-lists in every answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.errors import NotFoundError, ProtocolError
from syncd.port import Flow, Found, FoundPage

from . import objects
from .answers import ask
from .facts import CUSTOM

PAGE = 250
INVOICE_PAGE = 50
"""Invoices in a list carry no custom fields: each one of a page is read singly."""


def address(target: str, remote_id: str) -> str:
    """Path of one object. Raises NotFoundError for what cannot be an id there."""
    return f"/api/{_PLURAL.get(target, target + 's')}/{_canonical(remote_id)}/"


def read(target: str, remote_id: str) -> Flow[Mapping[str, Any]]:
    """One account, contact or invoice as BottleCRM has it. Raises NotFoundError."""
    answer = yield from ask("GET", address(target, remote_id))
    record: Mapping[str, Any] = answer[_SINGLE[target]]
    return record


def find(target: str, by: Mapping[str, str], parents: Mapping[str, str]) -> Flow[Sequence[Found]]:
    """What has exactly these values; nothing for an id that is gone, or for an empty value. Of
    payments and notes all of the parent's, where nothing is asked for."""
    if not all(by.values()):
        return []
    try:
        if "id" in by:
            by = {**by, "id": _canonical(by["id"])}
        if target == "payment":
            found = yield from _payments(parents["invoice"])
        elif target == "note":
            found = yield from _notes(parents["account"])
        elif "id" in by:
            found = [objects.found(target, (yield from read(target, by["id"])))]
        else:
            found = yield from _listed(target, by)
    except NotFoundError:
        return []
    return [each for each in found if all(_holds(each, *item) for item in by.items())]


def _canonical(remote_id: str) -> str:
    try:
        return str(uuid.UUID(remote_id))
    except ValueError:
        raise NotFoundError(f"{remote_id!r} is not an id of BottleCRM") from None


def _holds(found: Found, path: str, value: str) -> bool:
    if path == "id":
        return found.remote_id == value
    if path == "marker":
        return found.marker == value
    if path == "name":
        return objects.same_name(str(found.fields["name"]), value)
    if path == "email":
        return str(found.fields["email"] or "").casefold() == value.strip().casefold()
    return found.fields.get(path) == value


def _payments(invoice: str) -> Flow[Sequence[Found]]:
    answer = yield from ask("GET", address("invoice", invoice) + "payments/")
    return [objects.found("payment", record) for record in answer]


def _notes(account: str) -> Flow[Sequence[Found]]:
    """A comment cannot be asked for singly: all of them come with the account's whole page."""
    answer = yield from ask("GET", address("account", account))
    return [objects.found("note", record) for record in answer["comments"]]


def _listed(target: str, by: Mapping[str, str]) -> Flow[Sequence[Found]]:
    query: dict[str, str] = {}
    for path, value in by.items():
        query.update(_filter(target, path, value))
    found: dict[str, Found] = {}
    position: str | None = None
    while True:
        page = yield from _page(target, query, position)
        found.update((each.remote_id, each) for each in page.found)
        if page.next is None:
            return list(found.values())
        position = page.next


def _filter(target: str, path: str, value: str) -> Mapping[str, str]:
    """What of a list's query narrows it at least to this."""
    path = objects.marker_path(target) if path == "marker" else path
    if target == "account" and path == "name":
        return {"name": value.strip()}  # every name with this in it
    if target == "account" and path == "email":
        return {}  # there is none: the whole list is read
    if path.startswith(CUSTOM):
        return {"cf_" + path.removeprefix(CUSTOM): value}  # exact, and for text alone
    raise ProtocolError(f"BottleCRM cannot look for a {target} by {path}")


def survey(target: str, position: str | None) -> Flow[FoundPage]:
    """Payments and notes are listed under what they belong to only: there is no survey of them."""
    return (yield from _page(target, {}, position))


def _page(target: str, query: Mapping[str, str], position: str | None) -> Flow[FoundPage]:
    offset = int(position or 0)
    limit = INVOICE_PAGE if target == "invoice" else PAGE
    asked = {**query, "limit": str(limit), "offset": str(offset)}
    if target == "invoice":
        asked["sort"] = "created_at"
    answer = yield from ask("GET", f"/api/{target}s/", query=asked)
    records, count = _rows(target, answer)
    found = []
    for record in records:
        if target == "invoice":
            record = yield from read("invoice", str(record["id"]))
        found.append(objects.found(target, record))
    return FoundPage(found, str(offset + limit) if offset + limit < count else None)


def _rows(target: str, answer: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], int]:
    """The rows of one list answer, and how many rows its longest list has in all."""
    if target != "account":
        return answer["results"], answer["count"]
    active, inactive = answer["active_accounts"], answer["closed_accounts"]
    return (
        [*active["open_accounts"], *inactive["close_accounts"]],
        max(active["open_accounts_count"], inactive["close_accounts_count"]),
    )


_SINGLE = {"account": "account_obj", "contact": "contact_obj", "invoice": "invoice"}
_PLURAL = {"opportunity": "opportunities", "note": "accounts/comment"}
