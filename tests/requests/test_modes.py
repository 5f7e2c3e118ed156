"""Modes: what a pair may write, for whom, and what it compares instead."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.desk import Desk, Said


def shown(desk: Desk) -> set[str]:
    """Books ids of the cards that are there."""
    return {str(one.fields["books_id"]) for one in desk.world.crm.objects["account"].values()}


def planned(desk: Desk) -> str:
    assert desk.syncd("connections", "setup", "crm").code == 0
    return str(desk.syncd("plan", "--json").json()["id"])


def mode(desk: Desk) -> str:
    said: Said = desk.syncd("status", "--json")
    return str(said.json()["pair"]["mode"])


def test_a_pilot_writes_its_scope_alone_and_grows(desk: Desk) -> None:
    plan = planned(desk)
    said = desk.syncd("apply", plan, "--scope", "customer=ООО «Пример»")
    assert said.code == 0 and shown(desk) == {"1"} and mode(desk) == "pilot"
    crm = desk.world.crm.objects
    assert (len(crm["invoice"]), len(crm["payment"])) == (1, 1)
    desk.world.books.post_invoice("1", "10.00")
    desk.world.books.post_invoice("2", "20.00")
    said = desk.later()
    assert said.code == 0 and shown(desk) == {"1"} and len(crm["invoice"]) == 2
    assert "outside a pilot's scope waits" in said.last
    assert "PILOT since Wed 18 Nov 12:00 for customer 1" in desk.syncd("status").out
    for screen in ("links", "problems", "log", "shadow"):
        assert "PILOT since Wed 18 Nov 12:00 for customer 1" in desk.syncd(screen).out, screen
    assert desk.syncd("apply", plan, "--scope", "customer=3").code == 0
    assert shown(desk) == {"1", "3"} and mode(desk) == "pilot"
    assert desk.syncd("mode", "main").out.endswith("for customers 1, 3\n")
    said = desk.syncd("apply", planned(desk))
    assert said.code == 0 and shown(desk) == {"1", "2", "3"} and mode(desk) == "live"


def test_a_scope_may_be_a_seller_and_its_first_customers(desk: Desk) -> None:
    books = desk.world.books
    for key, seller in (("1", "Seller 3"), ("2", "Seller 3"), ("3", "Seller 4")):
        books.add_order(key, "50.00", seller=seller)
    plan = planned(desk)
    with desk.nothing_written():
        said = desk.syncd("apply", plan, "--scope", "seller=Seller 33")
    assert said.code == 2 and "names seller Seller 33; did you mean Seller 3?" in said.err
    assert desk.syncd("apply", plan, "--scope", "seller=Seller 3", "--limit", "1").code == 0
    assert shown(desk) == {"1"}
    assert desk.syncd("apply", plan, "--scope", "seller=Seller 3").code == 0
    assert shown(desk) == {"1", "2"}
    assert desk.later().code == 0 and shown(desk) == {"1", "2"}
    books.add_order("3", "60.00", seller="Seller 3")  # the newest order decides
    assert desk.later(24 * 60).code == 0 and shown(desk) == {"1", "2", "3"}


def test_a_pilot_makes_a_won_customer_only_where_the_scope_names_its_card(desk: Desk) -> None:
    plan = planned(desk)
    assert desk.syncd("apply", plan, "--scope", "customer=1").code == 0
    crm, customers = desk.world.crm, desk.world.books.tables["customers"]
    card = crm.add_account("Sample Build")
    crm.win(crm.open_deal(card, "A big one"))
    assert desk.later().code == 0 and len(customers) == 3
    plan = planned(desk)
    assert desk.syncd("apply", plan, "--scope", f"card={card}").code == 0
    assert len(customers) == 4 and mode(desk) == "pilot"
    assert desk.later().code == 0  # what is new since the plan goes with the next run
    assert crm.objects["account"][card].fields["books_id"] == list(customers)[-1]


def test_a_guard_looks_at_nothing_outside_the_scope_of_a_pilot(tmp_path: Path) -> None:
    """Cards that were there before get other names and figures; but for one, later."""
    with Desk(tmp_path) as desk:
        for number in range(1, 16):
            key = desk.world.books.add_customer(f"Sample {number}")
            desk.world.crm.add_account(f"Card {number}", books_id=key)
        assert desk.syncd("apply", planned(desk), "--scope", "customer=1").code == 0
        desk.world.books.rename("1", "Sample the first")
        assert desk.later().code == 0 and desk.syncd("problems").code == 0
        names = [one.fields["name"] for one in desk.world.crm.objects["account"].values()]
        assert names == ["Sample the first", *(f"Card {number}" for number in range(2, 16))]
        said = desk.syncd("run", "--go-live")
        assert said.code == 1 and "guard" in str(desk.syncd("problems", "--json").json())


def test_a_scope_limits_one_order_of_a_live_pair(live: Desk) -> None:
    live.world.books.post_invoice("1", "10.00")
    live.world.books.post_invoice("2", "20.00")
    plan = planned(live)
    assert live.syncd("apply", plan, "--scope", "customer=1").code == 0
    assert len(live.world.crm.objects["invoice"]) == 4 and mode(live) == "live"


def test_shadow_writes_nothing_and_compares_once_a_day(desk: Desk) -> None:
    crm = desk.world.crm
    for key, typed in (("1", "75.00"), ("2", "70.00")):  # the marker is there already
        card = crm.add_account(f"Card {key}", books_id=key)
        crm.edit("account", card, custom_fields__receivable=Decimal(typed))
    planned(desk)
    with desk.nothing_written():
        said = desk.syncd("mode", "main", "shadow")
        assert said.out.startswith("pair main: PLAN -> SHADOW; it writes nothing")
        said = desk.syncd("run", "--full")
        assert "next: syncd shadow" in said.last
        desk.later()
        desk.later(24 * 60)
    found = desk.syncd("shadow", "--json").json()
    assert [(one["day"], one["cards"], one["fields"]) for one in found["days"]] == [
        ("2026-11-19", 2, 2),
        ("2026-11-18", 2, 2),
    ]
    out = desk.syncd("shadow").out
    assert "differing on 2026-11-19" in out, out
    assert [one["equal"] for one in found["days"]] == [1, 1]
    [one] = found["differing"]
    assert (one["customer"], one["typed"], one["wanted"]) == ("2", "70.00", "75.00")
    listed = sum(path.startswith("/crm/account") for _, path in desk.world.requests)
    desk.later()
    assert sum(path.startswith("/crm/account") for _, path in desk.world.requests) == listed


@pytest.mark.parametrize("wanted", ["plan", "shadow"])
def test_a_pair_that_no_longer_is_live_writes_nothing(live: Desk, wanted: str) -> None:
    assert live.syncd("mode", "main", wanted).code == 0
    live.world.books.post_invoice("1", "10.00")
    with live.nothing_written():
        assert live.later().code == 0
        assert live.syncd("resync", "--all").code == 0
    assert live.syncd("mode", "main", "live").code == 0
    assert live.later().code == 0 and len(live.world.crm.objects["invoice"]) == 4
    verbs = [one["verb"] for one in live.syncd("log", "--requests", "--json").json()]
    assert verbs == ["mode", "resync", "mode", "mode"], "each is written down"


def test_a_paused_pair_does_nothing_until_its_time(live: Desk) -> None:
    said = live.syncd("pause", "main", "--until", "2h", "--reason", "books are updated")
    assert said.code == 0, said.text
    live.world.books.post_invoice("1", "10.00")
    asked = len(live.world.requests)
    said = live.later()
    assert (said.code, said.out) == (
        0,
        "pair main is paused until Wed 18 Nov 14:00 (books are updated); to go on now: "
        "syncd resume main\n",
    )
    assert live.syncd("prove").code == 75 and len(live.world.requests) == asked
    shown = live.syncd("status")
    assert "PAUSED until Wed 18 Nov 14:00: books are updated" in shown.out
    assert live.later(120).code == 0 and len(live.world.crm.objects["invoice"]) == 4
    assert "PAUSED" not in live.syncd("status").out


def test_a_paused_connection_is_left_alone_and_the_other_side_goes_on(live: Desk) -> None:
    said = live.syncd("pause", "crm", "--reason", "moving house")
    assert said.out == "connection crm is left alone until it is resumed; the other side goes on\n"
    live.world.books.post_invoice("1", "10.00")
    with live.nothing_written():
        assert live.later().code == 0
        assert live.later(24 * 60).code == 1, "a pause without an end is forgotten after a day"
        assert "crm has been paused since" in live.syncd("problems").out
    assert "crm is left alone until somebody resumes it: " in live.syncd("status").out
    assert live.syncd("resume", "crm").code == 0
    assert live.later().code == 0 and len(live.world.crm.objects["invoice"]) == 4
