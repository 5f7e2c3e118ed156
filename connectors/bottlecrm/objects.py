"""BottleCRM's objects as the paths a mapping writes, and back into request bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from syncd.domain import Value
from syncd.errors import RejectedError
from syncd.port import Found, Op, Write

from . import notes
from .facts import CUSTOM, FACTS, MARKER, PAYMENT_MARKER

NO_FIRST_NAME = "-"
"""A contact needs a first name; the placeholder person of a company has none."""

BY_BANK = "BANK_TRANSFER"
"""A payment needs a method; books rarely say one in the CRM's words."""


def marker_path(target: str) -> str:
    return PAYMENT_MARKER if target == "payment" else MARKER


def body(write: Write) -> dict[str, Any]:
    """The JSON body of a create or an update: without None on a create, with null on an update."""
    fields = dict(write.fields)
    if write.op is Op.CREATE:
        fields.setdefault(marker_path(write.target), write.marker)
        fields = {path: value for path, value in fields.items() if value is not None}
    out: dict[str, Any] = {}
    for path, value in fields.items():
        if path.startswith(CUSTOM):
            out.setdefault("custom_fields", {})[path.removeprefix(CUSTOM)] = value
        else:
            out[path] = value
    return out


def invoice_body(write: Write) -> dict[str, Any]:
    """Without `state`, which is not a field there but what `send` and `cancel` bring about.

    One line of quantity 1 stands for the whole amount: the books own the lines.

    `client_email` is never sent, because `send` mails the invoice to that address, and reminders
    are off, because dunning is the books' business.
    """
    out = body(write)
    out.pop("state", None)
    title = out.pop("title", None)
    if title is not None:
        out["invoice_title"] = title
    if "amount" in out:
        amount = out.pop("amount")
        line = {"quantity": 1, "unit_price": decimal_text(amount)}
        out["line_items"] = [{"name": title, **line} if title else line]
    if write.op is Op.CREATE:
        if not out.get("currency"):
            raise RejectedError("an invoice without a currency would become USD", "currency")
        out["account_id"] = write.parents["account"]
        out["contact_id"] = write.parents["contact"]
        out["reminder_enabled"] = False
    return out


def payment_body(write: Write) -> dict[str, Any]:
    out = {"payment_method": BY_BANK, **body(write)}
    if "amount" in out:
        out["amount"] = decimal_text(out["amount"])
    return out


def decimal_text(amount: Value) -> str:
    """An amount for a decimal column: as text, because JSON numbers pass through float there."""
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise RejectedError(f"{amount!r} is not an amount", "amount")
    return f"{amount:f}"


def found(target: str, record: Mapping[str, Any]) -> Found:
    """From an object read singly: an invoice in a list carries no custom fields.

    A custom field without a value has no entry in `fields`.
    """
    if target == "note":
        text, marker = notes.parted(record["comment"])
        return Found(str(record["id"]), marker, {"text": text or None})
    if target == "invoice":
        wire = {"title": "invoice_title", "amount": "total_amount"}
        record = {**record, "state": state(record)}
    else:
        wire = {}
    fields = {
        path: _value(record.get(wire.get(path, path)), kind)
        for path, kind in FACTS.targets[target].fields.items()
        if not path.startswith(CUSTOM)
    }
    for key, value in (record.get("custom_fields") or {}).items():
        fields[CUSTOM + key] = value
    mark = fields.get(marker_path(target))
    parents = _parents(target, record)
    return Found(str(record["id"]), None if mark is None else str(mark), fields, parents=parents)


def _parents(target: str, record: Mapping[str, Any]) -> dict[str, str]:
    """What an invoice or a contact hangs on, as an object or as its id."""
    found = {word: record.get(word) for word in FACTS.targets[target].parents}
    ids = {word: one.get("id") if isinstance(one, Mapping) else one for word, one in found.items()}
    return {word: str(one) for word, one in ids.items() if one}


def state(record: Mapping[str, Any]) -> str:
    """A draft is outside the card's overdue figure, so it is not the same as `open`."""
    return {"Draft": "draft", "Cancelled": "cancelled"}.get(record["status"], "open")


def seen(target: str, record: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Value]:
    """What came back under the paths that were sent; None for a custom field that was dropped."""
    fields = found(target, record).fields
    return {path: fields.get(path) for path in paths}


def same_name(one: str, other: str) -> bool:
    """As the server compares account names: it looks for UPPER(), its database keeps LOWER()
    unique, and both only after blanks at the ends are cut off."""
    one, other = one.strip(), other.strip()
    return one.lower() == other.lower() or one.upper() == other.upper()


def _value(value: Any, kind: str) -> Value:
    if value is None or value == "":
        return None
    if kind == "number":
        return Decimal(str(value))
    return bool(value) if kind == "flag" else str(value)
