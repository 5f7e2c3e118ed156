"""What each write takes.

A refusal after a first request that was carried out comes with the object's id, so that it is
bound; an outage there becomes a doubt in the transport, which knows that something was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from syncd.domain import Value
from syncd.errors import DoubtError, DuplicateError, NotFoundError, RejectedError
from syncd.port import Flow, Op, Outcome, Write

from . import notes, objects
from .answers import ask
from .search import address, read


def carry_out(write: Write) -> Flow[Outcome]:
    """Raises RejectedError where nothing was written."""
    if write.op is Op.REMOVE:
        return (yield from _remove(write))
    if write.target == "invoice":
        return (yield from _invoice(write))
    if write.target == "payment":
        return (yield from _payment(write))
    if write.target == "note":
        return (yield from _note(write))
    return (yield from _card(write))


def _card(write: Write) -> Flow[Outcome]:
    """An account or a contact. The answer carries no values, and 200 is no proof of any."""
    body = objects.body(write)
    if write.target == "contact" and write.remote_id is None:
        body.setdefault("first_name", objects.NO_FIRST_NAME)
        body["account"] = write.parents["account"]
    if write.remote_id is None:
        answer = yield from ask("POST", f"/api/{write.target}s/", body)
        return Outcome(str(answer["id"]))
    path = address(write.target, write.remote_id)
    try:
        yield from ask("PATCH", path, body)
    except DuplicateError as clash:
        if write.target != "account" or clash.field != "name":
            raise
        yield from _respell(write.remote_id, body, clash)
    return Outcome(write.remote_id)


def _respell(remote_id: str, body: Mapping[str, Any], clash: DuplicateError) -> Flow[None]:
    """The server refuses `ACME` -> `Acme` as a clash of the account with itself.

    A name in between, which nobody else can have, gets round that.
    """
    present = yield from read("account", remote_id)
    if not objects.same_name(str(present["name"]), str(body["name"])):
        raise clash
    path = address("account", remote_id)
    between = f"{str(body['name'])[:200]} ({remote_id})"
    yield from ask("PATCH", path, {**body, "name": between})
    yield from ask("PATCH", path, {"name": body["name"]})


def _invoice(write: Write) -> Flow[Outcome]:
    """The fields first, then `send` or `cancel`: only a draft takes an amount."""
    body = objects.invoice_body(write)
    wanted = write.fields.get("state") or ("open" if write.op is Op.CREATE else None)
    if write.remote_id is None:
        record = (yield from ask("POST", "/api/invoices/", body))["invoice"]
    elif body:
        record = (yield from ask("PUT", address("invoice", write.remote_id), body))["invoice"]
    else:
        record = yield from read("invoice", write.remote_id)
    remote_id = str(record["id"])
    seen = objects.seen("invoice", record, write.fields)
    if wanted is None:
        return Outcome(remote_id, seen)
    try:
        state = yield from _move(record, wanted)
    except RejectedError as error:
        return Outcome(remote_id, seen, error)
    return Outcome(remote_id, {**seen, "state": state} if "state" in seen else seen)


def _move(record: Mapping[str, Any], wanted: Value) -> Flow[str]:
    """The state the invoice is in afterwards."""
    state = objects.state(record)
    if wanted == state:
        return state
    path = address("invoice", str(record["id"]))
    if wanted == "cancelled":
        if record["status"] == "Paid":  # one paid in part can be, and keeps its payments
            raise RejectedError("a paid invoice is cancelled after its payments went", "state")
        answer = yield from ask("POST", path + "cancel/", {})
        return objects.state(answer["invoice"])
    if wanted != "open":
        raise RejectedError(f"an invoice can become open or cancelled, not {wanted}", "state")
    if state == "cancelled":
        raise RejectedError("BottleCRM cannot open a cancelled invoice again", "state")
    if record["client_email"]:
        raise RejectedError(
            "this draft was given a client e-mail in BottleCRM, and sending it would mail the "
            "customer: send it there, or clear the address",
            "state",
        )
    yield from ask("POST", path + "send/", {})
    return "open"


def _payment(write: Write) -> Flow[Outcome]:
    if write.op is Op.UPDATE:
        raise RejectedError("BottleCRM cannot change a payment, only remove it and add another")
    body = objects.payment_body(write)
    path = address("invoice", write.parents["invoice"]) + "payments/"
    try:
        answer = yield from ask("POST", path, body)
    except NotFoundError:
        raise  # of the invoice
    except RejectedError as error:
        raise RejectedError(f"payment of {body.get('amount')}: {error}", error.field) from None
    record = answer["payment"]
    return Outcome(str(record["id"]), objects.seen("payment", record, write.fields))


def _note(write: Write) -> Flow[Outcome]:
    """The answer to a new one is every comment of the account, in no order and without a word which
    is new; the answer to a change carries nothing."""
    body = {"comment": notes.marked(write.fields.get("text"), write.marker)}
    if write.remote_id is not None:
        yield from ask("PATCH", address("note", write.remote_id), body)
        return Outcome(write.remote_id)
    answer = yield from ask("POST", address("account", write.parents["account"]), body)
    mine = [row for row in answer["comments"] if notes.parted(row["comment"])[1] == write.marker]
    if not mine:
        raise DoubtError("BottleCRM took a note and does not show it")
    record = max(mine, key=lambda row: str(row["commented_on"]))
    return Outcome(str(record["id"]), objects.seen("note", record, write.fields))


def _remove(write: Write) -> Flow[Outcome]:
    """What is gone already needs no removing."""
    if write.target == "invoice":
        raise RejectedError("BottleCRM cannot remove an invoice, only cancel it")
    if write.target == "payment":
        path = f"{address('invoice', write.parents['invoice'])}payments/{write.remote_id}/"
    else:
        path = address(write.target, str(write.remote_id))
    with suppress(NotFoundError):
        yield from ask("DELETE", path)
    return Outcome(write.remote_id)
