"""What people do in the memory CRM: cards made by hand, and deals from open to won."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from .habits import CrmHabits
from .objects import Fields, Form, Object

Data = dict[str, Any]

CARD = ("email", "phone", "tax_id", "street", "city", "postcode", "country", "currency")
FORMS: Mapping[str, Form] = {
    "account": Form(
        dict.fromkeys(("name", *CARD, "books_id"), "text"),
        marker="books_id",
        required=("name",),
        custom=True,
        owner="owner",
    ),
    "contact": Form(
        dict.fromkeys(("name", "books_id"), "text"),
        marker="books_id",
        parents=("account",),
        required=("name",),
        custom=True,
    ),
    "invoice": Form(
        {
            **dict.fromkeys(("title", "currency", "state", "books_id"), "text"),
            **dict.fromkeys(("issue_date", "due_date"), "date"),
            "amount": "number",
        },
        marker="books_id",
        parents=("account", "contact"),
        required=("title", "currency", "issue_date", "amount"),
        custom=True,
    ),
    "payment": Form(
        {"amount": "number", "payment_date": "date", "reference": "text"},
        marker="reference",
        parents=("invoice",),
        required=("amount", "payment_date"),
        removable=True,
        within="invoice",
        fixed=frozenset({"amount", "payment_date"}),
    ),
    "note": Form(
        {"text": "text", "reference": "text"},
        marker="reference",
        parents=("account",),
        required=("text",),
        removable=True,
        within="account",
    ),
    "deal": Form({}, marker="books_id", custom=True, made=False),
}


class Pipeline:
    def __init__(self, now: Callable[[], dt.datetime], habits: CrmHabits) -> None:
        self.habits = habits
        self.objects: dict[str, dict[str, Object]] = {target: {} for target in FORMS}
        self.deals: dict[str, Data] = {}
        self.merged: dict[str, str] = {}
        """Account that is gone -> the one that people made of it and another."""
        self.persons: dict[str, list[Data]] = {}
        """By account."""
        self.last = 0
        self._now = now

    # cards, by hand

    def add_account(self, name: str, **fields: object) -> str:
        """A card that somebody made: it has no marker. `__` in a name is the dot of a path."""
        return self._made("account", {"name": name, **_dotted(fields)}, {}).id

    def add_person(self, account: str, name: str, **said: str | None) -> str:
        """Somebody notes a person of the account: `role`, `phone`, `email`."""
        self.last += 1
        mine = self.persons.setdefault(account, [])
        known = dict.fromkeys(("role", "phone", "email"))
        mine.append({"id": f"person-{self.last}", "name": name, **known, **said})
        return str(mine[-1]["id"])

    def edit_person(self, account: str, person: str, **changes: str | None) -> None:
        [one] = [one for one in self.persons[account] if one["id"] == person]
        one.update(changes)

    def remove_person(self, account: str, person: str) -> None:
        self.persons[account] = [one for one in self.persons[account] if one["id"] != person]

    def edit(self, target: str, key: str, by: str = "somebody", **changes: object) -> None:
        """Somebody types into the object by hand; `__` in a name stands for the dot of a path."""
        found = self.objects[target][key]
        found.fields.update(_dotted(changes))
        found.by, found.changed = by, self.clock()

    def delete(self, target: str, key: str) -> None:
        """Somebody deletes the object: its id is valid, but gone."""
        del self.objects[target][key]
        if target == "deal":
            del self.deals[key]

    def merge(self, loser: str, into: str) -> None:
        """Somebody makes one card of two: what hangs on `loser` hangs on `into` from then on, and
        its fields are as they were there. By the habit the old id still leads to it."""
        for target, form in FORMS.items():
            if "account" in form.parents:
                for item in self.objects[target].values():
                    if item.parents["account"] == loser:
                        item.parents["account"] = into
        for deal in self.deals.values():
            if deal["account"] == loser:
                deal["account"] = into
        del self.objects["account"][loser]
        self.merged[loser] = into

    def now_called(self, key: str) -> str:
        """The id of what an object was merged into, where the CRM tells it; else its own."""
        while self.habits.tells_merges and key in self.merged:
            key = self.merged[key]
        return key

    def empty(self) -> None:
        """Somebody deletes everything; the fields that were set up stay."""
        self.deals.clear()
        for items in self.objects.values():
            items.clear()

    def marked(self, target: str, marker: str) -> list[Object]:
        path, objects = FORMS[target].marker, self.objects[target].values()
        return [item for item in objects if item.fields.get(path) == marker]

    # deals

    def open_deal(
        self,
        account: str,
        name: str,
        amount: Decimal | str | None = None,
        currency: str | None = None,
        *,
        seller: str | None = None,
    ) -> str:
        if account not in self.objects["account"]:
            raise ValueError(f"there is no account {account}")
        key = self._made("deal", {}, {}).id
        self.deals[key] = {
            "id": key,
            "name": name,
            "account": account,
            "amount": None if amount is None else str(amount),
            "currency": currency,
            "stage": "open",
            "closed": None,
            "seller": seller,
        }
        return key

    def edit_deal(self, deal: str, **changes: object) -> None:
        self._deal(deal).update(changes)

    def win(self, deal: str, closed: str | None = None) -> None:
        """`closed` is the day as ISO text; today by default."""
        self._close(deal, "won", closed)

    def lose(self, deal: str, closed: str | None = None) -> None:
        self._close(deal, "lost", closed)

    def reopen(self, deal: str) -> None:
        self.edit_deal(deal, stage="open", closed=None)

    def _close(self, deal: str, stage: str, closed: str | None) -> None:
        self.edit_deal(deal, stage=stage, closed=closed or self._now().date().isoformat())

    def _deal(self, deal: str) -> Data:
        if deal not in self.deals:
            raise ValueError(f"there is no deal {deal}")
        return self.deals[deal]

    # what a reader asks for

    def clock(self) -> dt.datetime:
        return self._now() + dt.timedelta(seconds=self.habits.skew)

    def rows(
        self, object: str, ids: Iterable[str] | None = None, since: str | None = None
    ) -> list[Data]:
        """Of `deals`: keys give them in any stage, else those won, on the day `since` or later. Of
        `cards`: every account there is, won or not; where they have stamps, those changed since."""
        accounts = self.objects["account"]
        if object == "deals":
            won = [deal for deal in self.deals.values() if deal["stage"] == "won"]
            late = [deal["id"] for deal in won if since is None or deal["closed"] >= since]
            keys = late if ids is None else ids
            return [self.deals[key] for key in dict.fromkeys(keys) if key in self.deals]
        keys = accounts if ids is None else ids
        there = [accounts[key] for key in dict.fromkeys(keys) if key in accounts]
        return [
            self._card(one)
            for one in there
            if since is None or self.stamp(one).isoformat() >= since
        ]

    def stamp(self, one: Object) -> dt.datetime:
        """When it was changed last, or made."""
        return one.changed or one.created

    def _card(self, account: Object) -> Data:
        form, fields = FORMS["account"], account.fields
        # At T4 nobody sees the marker, wherever it is looked for.
        hidden = form.marker if self.habits.tier_of("account") == "T4" else None
        shown = {path: fields.get(path) for path in form.fields if path != hidden}
        custom = {
            path.partition(".")[2]: value
            for path, value in fields.items()
            if path.startswith("custom_fields.")
        }
        stamp = {"stamp": self.stamp(account).isoformat()} if self.habits.tells_who else {}
        persons = [dict(one) for one in self.persons.get(account.id, ())]
        return {"id": account.id, **shown, "custom_fields": custom, "contacts": persons, **stamp}

    def _made(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object:
        self.last += 1
        made = Object(f"{target}-{self.last}", dict(fields), dict(parents), self._now())
        self.objects[target][made.id] = made
        return made


def _dotted(fields: Mapping[str, object]) -> Fields:
    return {name.replace("__", "."): value for name, value in fields.items()}
