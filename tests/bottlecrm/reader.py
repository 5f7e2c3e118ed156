"""BottleCRM for the books' side of the conformance kit: what a salesperson does to it meanwhile."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.port import Read
from tests.world.crm import Crm

PAGE = 2

PATHS: Mapping[Kind, tuple[str, ...]] = {
    Kind.DEAL: (
        "name", "stage", "stage_kind", "closed_on", "amount", "currency", "account.id",
        "account.name", "assigned_to.user_details.name",
    ),
    Kind.WON: (
        "name", "email", "phone", "website", "address_line", "city", "state", "postcode", "country",
        "currency", "is_active", "custom_fields.books_id",
    ),
}  # fmt: skip
CONTACT = ("contact.first_name", "contact.last_name", "contact.email", "contact.phone")
OBJECTS: Mapping[Kind, str] = {Kind.DEAL: "opportunity", Kind.WON: "account"}


class BottleCrmReader:
    page = PAGE
    can: Mapping[Kind, frozenset[str]] = {
        # The account's name is the child of a deal, the contact the child of an account.
        Kind.DEAL: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.WON: frozenset({"touch", "child", "delete"}),
    }

    def __init__(self, crm: Crm, *, people: bool = True) -> None:
        """With `people` the contact of an account is read too: a call for each account."""
        self._crm = crm
        self._people = people
        self._numbers = itertools.count(1)

    def read(self, kind: Kind) -> Read:
        more = CONTACT if kind is Kind.WON and self._people else ()
        return Read(kind, OBJECTS[kind], (*PATHS[kind], *more))

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        if kind is Kind.WON:
            return [self._account() for _ in range(count)]
        account = self._crm.add_account(self._fresh("Käufer"))
        deals = [self._crm.open_deal(account, self._fresh("Сделка")) for _ in range(count)]
        for deal in deals:
            self._crm.win(deal)
        return deals

    def edit(self, kind: Kind, key: str) -> None:
        self._crm.patch(self._path(kind, key), {"name": self._fresh("Edited")})

    def touch(self, kind: Kind, key: str) -> None:
        """Saves it as it stands."""
        answer = self._crm.get(self._path(kind, key))
        record = answer["opportunity_obj" if kind is Kind.DEAL else "account_obj"]
        self._crm.patch(self._path(kind, key), {"name": record["name"]})

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        """The day a deal was closed on, which people type."""
        self._crm.patch(self._path(kind, key), {"closed_on": moment.date().isoformat()})

    def edit_child(self, kind: Kind, key: str) -> None:
        if kind is Kind.WON:
            (person,) = self._crm.card(key)["contacts"]
            self._crm.patch(f"/api/contacts/{person['id']}/", {"last_name": self._fresh("Петрова")})
        else:
            deal = self._crm.get(self._path(kind, key))["opportunity_obj"]
            self.edit(Kind.WON, deal["account"]["id"])

    def delete(self, kind: Kind, key: str) -> None:
        self._crm.delete(self._path(kind, key))

    def void(self, kind: Kind, key: str) -> None:
        self._crm.reopen(key)

    def unknown(self, kind: Kind) -> str:
        return str(uuid.uuid4())

    def count(self, kind: Kind) -> int:
        if kind is Kind.WON:
            return len(self._crm.accounts())
        deals = self._crm.get("/api/opportunities/", limit=10_000)["opportunities"]
        return len([deal for deal in deals if deal["stage_kind"] == "won"])

    def wait(self, seconds: float) -> None:
        """Nothing is compared by time."""

    def _account(self) -> str:
        account = self._crm.add_account(self._fresh("山田商事"), city="Wien", country="AT")
        self._crm.add_contact(account, "Анна", "Иванова", email=f"{uuid.uuid4().hex}@example.test")
        return account

    def _path(self, kind: Kind, key: str) -> str:
        return f"/api/{'opportunities' if kind is Kind.DEAL else 'accounts'}/{key}/"

    def _fresh(self, name: str) -> str:
        return f"{name} {next(self._numbers)} {uuid.uuid4().hex[:8]}"
