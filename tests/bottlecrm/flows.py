"""What BottleCRM answers, and what it is asked to write, for flows driven by hand."""

from __future__ import annotations

from typing import Any

from connectors.bottlecrm import BottleCRM
from syncd.errors import RejectedError
from syncd.port import Op, Outcome, Write
from tests.flows import Answer, drive, paths

CRM = BottleCRM({})
ACCOUNT = "f1c498cd-ebd6-42c8-bccb-c4e7393326e1"
CONTACT = "3ca34528-857b-4c9c-b59b-6d6c2b0d5fa6"
INVOICE = "376eee18-723c-4df7-a20b-ad3b9f059ea9"
PAYMENT = "cce685b2-7d87-4700-bc13-140e724ccc78"
NOTE = "0b8f1c3e-4d5a-4f6b-8c7d-9e0f1a2b3c4d"


def pushed(one: Write, *answers: Answer | Exception) -> Outcome:
    return drive(CRM.push([one]), *answers)[1][0]


def error_of(outcome: Outcome) -> RejectedError:
    assert outcome.error is not None
    return outcome.error


def refused(**errors: object) -> Answer:
    return Answer(400, {"error": True, "errors": errors})


def write(op: Op, target: str, remote_id: str | None = None, /, **fields: Any) -> Write:
    parents = {
        "contact": {"account": ACCOUNT},
        "invoice": {"account": ACCOUNT, "contact": CONTACT},
        "payment": {"invoice": INVOICE},
        "note": {"account": ACCOUNT},
    }
    return Write(op, target, "K-1", remote_id, parents.get(target, {}), paths(fields))


def invoice(**changed: object) -> dict[str, Any]:
    """An invoice as BottleCRM answers it, a draft over 100.00 EUR."""
    return {
        "id": INVOICE,
        "invoice_title": "РТ-000342",
        "status": "Draft",
        "total_amount": "100.00",
        "currency": "EUR",
        "issue_date": "2026-10-01",
        "due_date": "2026-10-31",
        "client_email": "",
        "custom_fields": {"books_id": "K-1"},
        **changed,
    }


def comment(remote_id: str, text: str, hour: int = 9) -> dict[str, Any]:
    return {"id": remote_id, "comment": text, "commented_on": f"2026-11-25T{hour:02}:00:00Z"}


def deal(
    number: int, stage: str = "CLOSED_WON", kind: str = "won", **changed: Any
) -> dict[str, Any]:
    """A deal as BottleCRM answers it; a higher number stands further ahead in its lists."""
    return {
        "id": uid(number),
        "name": f"Deal {number}",
        "stage": stage,
        "stage_kind": kind,
        "closed_on": "2026-11-20",
        "amount": "1000.00",
        "currency": "EUR",
        "account": {"id": ACCOUNT, "name": "Acme"},
        "assigned_to": [],
        "days_in_stage": 3,
        **changed,
    }


def uid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"
