"""BottleCRM's REST API as a person's own script would speak it."""

from __future__ import annotations

import datetime as dt
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

LINE = re.compile(r"(?P<method>[A-Z]+) (?P<path>\S+) (?P<status>\d+)")


class CrmError(Exception):
    """A refusal; `status` is HTTP's, `answer` the text the CRM gave."""

    def __init__(self, status: int, answer: str) -> None:
        super().__init__(f"HTTP {status}: {answer[:400]}")
        self.status = status
        self.answer = answer


class Crm:
    """One organisation on a running server. `calls` is the server's own log of calls."""

    def __init__(self, url: str, token: str, calls: Path | None = None) -> None:
        self.url = url
        self.token = token
        self._calls = calls

    def get(self, path: str, **query: Any) -> Any:
        """Numbers with a fraction come as Decimal. Raises CrmError."""
        words = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self.send("GET", path + words)

    def post(self, path: str, body: Any) -> Any:
        return self.send("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self.send("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.loads(response.read(), parse_float=Decimal)
        except urllib.error.HTTPError as error:
            with error:
                raise CrmError(error.code, error.read().decode(errors="replace")) from None

    # -- what a person would look at

    def accounts(self) -> list[dict[str, Any]]:
        """All accounts, the inactive too. One page: the order is random, so pages would shift."""
        answer = self.get("/api/accounts/", limit=10_000)
        rows: list[dict[str, Any]] = []
        rows += answer["active_accounts"]["open_accounts"]
        rows += answer["closed_accounts"]["close_accounts"]
        return rows

    def card(self, account: str) -> dict[str, Any]:
        """The account's page: `account_obj`, `contacts`, `invoices`, ..."""
        found: dict[str, Any] = self.get(f"/api/accounts/{account}/")
        return found

    def card_of(self, books_id: str, key: str = "books_id") -> dict[str, Any]:
        """The page of the one account whose custom field `key` says `books_id`."""
        (account,) = (a for a in self.accounts() if a["custom_fields"].get(key) == books_id)
        return self.card(account["id"])

    def invoices(self) -> list[dict[str, Any]]:
        return list(self._pages("/api/invoices/", sort="created_at"))

    def payments(self, invoice: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/invoices/{invoice}/payments/")
        return found

    def notes(self, account: str) -> list[str]:
        """The texts of the account's timeline, oldest first."""
        comments = self.card(account)["comments"]
        return [row["comment"] for row in sorted(comments, key=lambda row: row["commented_on"])]

    # -- what a salesperson would do

    def add_account(self, name: str, **fields: Any) -> str:
        """The id. No two accounts have one name, whatever its case."""
        return str(self.post("/api/accounts/", {"name": name, **fields})["id"])

    def add_contact(self, account: str, first_name: str, last_name: str, **fields: Any) -> str:
        """The id. No two contacts have one e-mail."""
        person = {"first_name": first_name, "last_name": last_name, "account": account, **fields}
        return str(self.post("/api/contacts/", person)["id"])

    def open_deal(
        self, account: str | None, name: str, amount: str = "1000.00", currency: str = "EUR"
    ) -> str:
        """The id. Only the name is required, and no two deals have the same."""
        deal = {"name": name, "account": account, "amount": amount, "currency": currency}
        return str(self.post("/api/opportunities/", deal)["id"])

    def win(self, deal: str, closed_on: str | None = None, stage: str = "CLOSED_WON") -> None:
        """Today, if no day is given. A won deal needs the day and an amount above zero."""
        day = closed_on or dt.datetime.now(dt.UTC).date().isoformat()
        self.patch(f"/api/opportunities/{deal}/", {"stage": stage, "closed_on": day})

    def reopen(self, deal: str) -> None:
        """Back to negotiation; the day it was closed stays."""
        self.patch(f"/api/opportunities/{deal}/", {"stage": "NEGOTIATION"})

    def custom_field(self, model: str, key: str) -> dict[str, Any]:
        """The definition of one custom field: `id`, `is_active`, ..."""
        found: list[dict[str, Any]] = self.get("/api/custom-fields/")["definitions"]
        (one,) = (d for d in found if (d["target_model"], d["key"]) == (model, key))
        return one

    def currencies(self) -> frozenset[str]:
        """The closed list of currencies, out of the CRM's own description of its API."""
        schema = self.get("/schema/", format="json")
        return frozenset(schema["components"]["schemas"]["CurrencyEnum"]["enum"])

    def mark(self) -> int:
        """A place in the server's log of calls, for `writes`."""
        return self._calls.stat().st_size if self._calls and self._calls.exists() else 0

    def writes(self, mark: int = 0) -> list[str]:
        """`METHOD path status` of calls since `mark` that can change something."""
        if self._calls is None:
            raise ValueError("this server's log of calls is not known here")
        with self._calls.open() as log:
            log.seek(mark)
            calls = [match for line in log if (match := LINE.match(line))]
        return [c[0] for c in calls if c["method"] in ("POST", "PUT", "PATCH", "DELETE")]

    def _pages(self, path: str, size: int = 100, **query: Any) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            rows = self.get(path, limit=size, offset=offset, **query)["results"]
            yield from rows
            if len(rows) < size:
                return
            offset += size
