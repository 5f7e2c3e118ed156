"""What fields that both sides may change cost, and customers of one name, whose cards are told
apart by a form."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from syncd.merging import Owner, Rule
from tests.engine.linked import GRAZ, LINZ, SHARED, Linked
from tests.engine.rig import Rig


def of_one_name(rig: Rig) -> tuple[Linked, Linked]:
    """Two customers of one name, both with their cards; `name` and `phone` belong to both."""
    keys = [rig.world.books.add_customer("ООО «Пример»", phone=phone) for phone in (GRAZ, LINZ)]
    for key in keys:
        rig.world.books.post_invoice(key, "120.00")
    first, second = (Linked(rig, key, "") for key in keys)
    first.rules(name=SHARED, phone=SHARED)
    rig.set_up()
    rig.run()
    cards = {one.fields["books_id"]: key for key, one in rig.world.crm.objects["account"].items()}
    first.account, second.account = (cards[key] for key in keys)
    first.later()
    return first, second


def test_what_tells_two_cards_of_one_name_apart_is_nobodys_edit(rig: Rig) -> None:
    """Only what stands within the form is the name."""
    _, second = of_one_name(rig)
    assert second.says("name") == ("ООО «Пример»", "ООО «Пример» (K0002)")
    second.quiet()
    second.crm(name="ООО «Другой» (K0002)")
    second.later()
    assert second.says("name")[0] == "ООО «Другой»"
    second.quiet()


def statements(folder: Path, count: int) -> int:
    """Looks in a full pass over so many customers whose phones were all edited on the card."""
    rig = Rig(folder)
    keys = [rig.world.books.add_customer(f"Kunde {n}", phone=GRAZ) for n in range(count)]
    for key in keys:
        rig.world.books.post_invoice(key, "1.00")
    one = Linked(rig, keys[0], "")
    one.rules(phone=SHARED, email=Rule(Owner.CRM, "first_payment"))
    rig.set_up()
    rig.run()
    one.later()
    for account in rig.world.crm.objects["account"]:
        rig.world.crm.edit("account", account, phone=LINZ)
    asked: list[str] = []
    store = rig.pair.store
    store.close()
    sa.event.listen(store.engine, "connect", lambda one, *_: one.set_trace_callback(asked.append))
    rig.run(full=True, write=False)
    store.close()
    looks = sum(said.startswith("SELECT") for said in asked)
    assert looks > 50
    return looks


def test_what_both_say_is_looked_up_by_the_page(tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "more").mkdir()
    more = 30
    of_each = (statements(tmp_path / "more", more + 2) - statements(tmp_path / "few", 2)) / more
    assert of_each < 4
