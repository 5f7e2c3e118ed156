"""A pair between the two systems of unpleasant habits, from files as an admin writes them, over
real HTTP with a proxy before the CRM."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Self

import yaml

from syncd.app import App
from syncd.settings import load
from tests.clocks import NOON, ManualClock
from tests.engine.rig import Wired
from tests.proxy import Proxy
from tests.rest.habits.sides import Books, Crm
from tests.rest.habits.system import Habits, rewritten
from tests.server import LocalServer

HERE = Path(__file__).parent
CENT = Decimal("0.01")


class Desk(Wired):
    """Context manager. `lines` are texts of `crm_connector.yaml` and what stands there instead."""

    def __init__(
        self,
        folder: Path,
        habits: Habits,
        *,
        seed: int = 7,
        lines: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.clock = ManualClock(NOON + dt.timedelta(milliseconds=250))
        self.habits = habits
        self.books = Books(habits, self.clock.utc, seed)
        self.crm = Crm(habits, self.clock.utc, seed)
        self._lines = lines or {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        enter = self._open.enter_context
        books = enter(LocalServer(self.books.respond))
        crm = enter(LocalServer(self.crm.respond))
        self.proxy = enter(Proxy(crm.url, is_write=lambda call: call.method != "GET"))
        self._configure({"books": books.url, "crm": self.proxy.url})
        self.app = App(load(self.folder / "syncd.yaml"), self.clock)
        self.pair = enter(self.app._pair("main"))
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def _configure(self, urls: Mapping[str, str]) -> None:
        for name in urls:
            for sort in ("connector", "mapping"):
                file = self.folder / f"{sort}s" / f"habits_{name}.yaml"
                file.parent.mkdir(exist_ok=True)
                shutil.copy(HERE / f"{name}_{sort}.yaml", file)
        file = self.folder / "connectors" / "habits_crm.yaml"
        text = file.read_text(encoding="utf-8")
        for old, new in self._lines.items():
            assert old in text, f"the file has no {old}"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        connections = {name: {"system": f"habits_{name}", "url": url} for name, url in urls.items()}
        content = {
            "state": "state.sqlite",
            "mappings": "mappings",
            "connections": connections,
            "pairs": {"main": {"books": "books", "crm": "crm"}},
            "numbers": {"request_timeout": 5},
        }
        file = self.folder / "syncd.yaml"
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def differences(desk: Desk) -> Iterator[str]:
    """What the CRM shows otherwise than the books have it, worked out without syncd."""
    yield from (f"twice: {one}" for one in desk.crm.doubles())
    told = rewritten if desk.habits.rewrites else lambda _name, text: text
    cards = {row["reference"]: row for row in desk.crm.rows("company")}
    for customer in desk.books.rows("customers"):
        card = cards.pop(str(customer["id"]), None)
        if card is None:
            yield f"customer {customer['id']} has no card"
            continue
        shown = [card.get(name) for name in ("name", "phone", "street", "owed", "ahead")]
        texts = [
            (text := customer[name]) and told(name, text) for name in ("name", "phone", "street")
        ]
        sums = [_cents(one(customer)) for one in (desk.books.owed, desk.books.ahead)]
        if [_cents(one) if isinstance(one, Decimal | int) else one for one in shown] != [
            *texts,
            *sums,
        ]:
            yield f"customer {customer['id']} shows {shown}, not {[*texts, *sums]}"
    yield from (f"card {one} is nobody's" for one in cards)
    yield from _documents(desk)


def _documents(desk: Desk) -> Iterator[str]:
    shown = {row["reference"]: row for row in desk.crm.rows("invoice")}
    wanted: dict[str, Any] = {}
    paid = desk.books.paid(_cents)
    for invoice in desk.books.rows("invoices"):
        if invoice["status"] in ("open", "paid") or str(invoice["id"]) in shown:
            void = "yes" if invoice["status"] == "void" else "no"
            amount = _cents(invoice["amount"])
            wanted[str(invoice["id"])] = (
                invoice["number"],
                amount,
                void,
                Decimal(paid[invoice["id"]]),
            )
    settled: dict[str, Decimal] = {}
    for row in desk.crm.rows("payment"):
        settled[row["invoice_id"]] = settled.get(row["invoice_id"], Decimal(0)) + row["amount"]
    found = {
        key: (
            row["number"],
            _cents(row["amount"]),
            row["cancelled"],
            _cents(settled.get(str(row["id"]), 0)),
        )
        for key, row in shown.items()
    }
    for key in sorted({*wanted, *found}):
        if wanted.get(key) != found.get(key):
            yield f"invoice {key} shows {found.get(key)}, not {wanted.get(key)}"


def _cents(amount: Any) -> Decimal:
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)
