"""BottleCRM for the conformance kit: which values its fields take, and what is really there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.domain import Value
from tests.world.crm import Crm

ADDRESS: Mapping[str, Value] = {
    "address_line": "Хофгассе 1",
    "city": "Wien",
    "state": "W",
    "postcode": "1010",
    "country": "AT",
    "description": "Kit\n山田",
    "is_active": True,
}


class BottleCrmDriver:
    markers: Mapping[str, str] = {
        "account": "custom_fields.books_id",
        "contact": "custom_fields.books_id",
        "invoice": "custom_fields.books_id",
        "payment": "reference_number",
        "note": "",  # in the text
    }
    currencies: Mapping[str, str] = {"account": "currency", "invoice": "currency"}

    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    def wait(self, seconds: float) -> None:
        """Its search is the database itself: what is committed is found."""

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        other = n // 100 % 2
        match target:
            case "account":
                return {
                    **ADDRESS,
                    "name": f"Käufer {n} 株式会社",
                    "email": f"k{n}@example.test",
                    "phone": f"+43{n}",
                    "website": f"https://example.test/{n}",
                    "currency": "EUR",
                }
            case "contact":
                return {
                    **ADDRESS,
                    "first_name": "Анна",
                    "last_name": f"Иванова {n}",
                    "email": f"p{n}@example.test",
                    "phone": f"+43{n}",
                    "organization": f"Ромашка {n}",
                    "title": "Dr.",
                    "department": "購買部",
                }
            case "invoice":
                return {
                    "title": f"РТ-{n}",
                    "amount": Decimal("1000.01") + n,
                    "currency": ("EUR", "USD")[other],
                    "issue_date": "2026-11-01",
                    "due_date": "2026-11-15",
                    "state": "open",
                }
            case "note":
                return {"text": f"Гутшрифт CN-{n}\n山田商事 über EUR 96.00"}
            case _:
                return {
                    "amount": Decimal(n // 100 % 500 + 1) / 100,
                    "payment_date": f"2026-11-{16 + other}",
                    "payment_method": ("BANK_TRANSFER", "CASH")[other],
                    "notes": f"Kit {n}",
                }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        match target:
            case "account":
                changes = {"name": f"Новое имя {n}", "phone": None, "currency": "USD"}
                return {**changes, "email": None, "country": "JP", "is_active": False}
            case "contact":
                return {"last_name": f"Петров {n}", "email": None, "title": None}
            case "invoice":
                return {"title": f"請求書 {n}", "due_date": "2026-12-24", "state": "cancelled"}
            case _:
                return {}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        wrong: dict[str, dict[str, Value]] = {
            "account": {"country": "Austria"},
            "contact": {"last_name": None},
            "invoice": {"issue_date": "the day before"},
            "payment": {"amount": Decimal(-5)},
            "note": {"text": "not\x00this"},
        }
        return {**self.fields(target, n), **wrong[target]}

    def gone(self, target: str) -> str:
        return str(uuid.uuid4())

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        match target:
            case "account":
                rows: list[dict[str, Any]] = self.crm.accounts()
            case "contact":
                listed = self.crm.get("/api/contacts/", limit=10_000)["results"]
                rows = [row for row in listed if row["account"] == parents["account"]]
            case "invoice":
                listed = self.crm.get("/api/invoices/", account=parents["account"])["results"]
                rows = [self.crm.get(f"/api/invoices/{row['id']}/")["invoice"] for row in listed]
                rows = [row for row in rows if row["contact"]["id"] == parents["contact"]]
            case "note":
                ends = [text for text in self.crm.notes(parents["account"]) if marker in text]
                return len(ends)
            case _:
                payments = self.crm.payments(parents["invoice"])
                return len([row for row in payments if row["reference_number"] == marker])
        return len([row for row in rows if row["custom_fields"].get("books_id") == marker])
