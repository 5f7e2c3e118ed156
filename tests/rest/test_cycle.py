"""Two systems described by YAML alone make the cards that their connectors in Python make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from syncd.mapping import load_books, load_crm
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.engine.rig import MAPPINGS, NUMBERS, Rig, WorldTransport
from tests.rest.world import described


class ByYaml(Rig):
    def build(self, checkpoint: Callable[[str], None] = lambda _name: None) -> Pair:
        books, crm = described("memory_books"), described("memory_crm")
        self.pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, WorldTransport(self.world, crm)),
            load_books(MAPPINGS / "memory_books.yaml", books.facts),
            load_crm(MAPPINGS / "memory_crm.yaml", crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.clock,
            NUMBERS,
            checkpoint=checkpoint,
        )
        return self.pair


def history(rig: Rig) -> dict[str, Any]:
    """Sales, payments on account, a credit note, a rename, an unposted payment, a won deal; what
    the CRM has after it, and what of the deal is in the books."""
    books, crm = rig.world.books, rig.world.crm
    rig.set_up()
    one = books.add_customer("ООО «Пример»", email="buh@example.ru")
    two = books.add_customer("田中商店", currency="JPY")
    order = books.add_order(one, "300.00", seller="田中")
    first, second = books.post_invoice(one, "120.00"), books.post_invoice(one, "80.10")
    books.post_invoice(two, "5000", currency="JPY")
    paid = books.pay(one, "70.00", allocations=[(first, "50.00")])
    rig.run()
    books.rename(one, "ООО «Другой»")
    books.invoice_order(order, "25.00")
    books.post_credit_note(one, "20.00", allocations=[(second, "20.00")])
    lead = crm.add_account("Neu GmbH", email="hallo@neu.example", tax_id="ATU1")
    crm.win(crm.open_deal(lead, "Erster Auftrag"))
    rig.later()
    books.unpost("payments", paid)
    rig.later(3600)
    rig.later()
    assert rig.states() == {}
    return {
        "objects": {
            target: {key: (item.parents, item.fields) for key, item in items.items()}
            for target, items in crm.objects.items()
        },
        "customers": [row.data for row in books.tables["customers"].values()],
        "doubles": crm.doubles() + books.intake.doubles(),
    }


def test_both_sides_by_yaml_make_the_same_cards(tmp_path: Path) -> None:
    for name in ("yaml", "python"):
        (tmp_path / name).mkdir()
    by_yaml, by_python = history(ByYaml(tmp_path / "yaml")), history(Rig(tmp_path / "python"))
    assert by_yaml["doubles"] == []
    assert len(by_yaml["objects"]["account"]) == 3
    assert by_yaml == by_python


def test_a_quiet_cycle_writes_nothing(tmp_path: Path) -> None:
    rig = ByYaml(tmp_path)
    history(rig)
    rig.later(3600)  # what waits for a correction is through then
    before = rig.world.writes()
    rig.later()
    rig.later(full=True)
    assert rig.world.writes() == before
