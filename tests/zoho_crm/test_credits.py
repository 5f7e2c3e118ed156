"""What Zoho counts is what syncd counts; runs leave a reserve and go on by themselves; and a 429
that does not say how long is waited for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from syncd.doctor.calls import Allowed, judged
from syncd.doctor.findings import Notes
from syncd.store import calls, streams
from syncd.sync.pair import Pair

from .shop import Shop, live

HOUR = 3600


class Counting(Shop):
    """A shop whose connection has a budget, or a reserve."""

    budget: int | None = None
    reserve: int | None = None

    def build(self) -> Pair:
        pair = super().build()
        crm = msgspec.structs.replace(pair.crm, budget=self.budget, reserve=self.reserve)
        self.pair = replace(pair, crm=crm)
        return self.pair

    def limit(self, budget: int | None, reserve: int | None = None) -> None:
        self.budget, self.reserve = budget, reserve
        self.build()

    def spent(self) -> int:
        with self.pair.store.reading() as tx:
            return calls.last_day(tx, "crm", self.clock.utc()).credits

    def pause(self) -> str | None:
        with self.pair.store.reading() as tx:
            state = streams.connection_state(tx, "crm")
        assert state
        waits = state.paused_until and state.paused_until > self.clock.utc()
        return state.reason if waits else None


@pytest.fixture
def shop(tmp_path: Path) -> Counting:
    return Counting(tmp_path)


def busy(shop: Shop, customer: str) -> None:
    """As it goes in an office: many invoices at once, a deal that was won, one that is deleted."""
    for number in range(130):
        shop.world.books.post_invoice(customer, f"{number + 1}.10")
    account = shop.office.add("Accounts", Account_Name="鈴木商店")
    shop.office.add("Deals", Deal_Name="D", Stage="Closed Won", Account_Name=account)
    shop.office.delete("Deals", shop.office.add("Deals", Deal_Name="E", Stage="Qualification"))


def test_what_calls_cost_is_what_zoho_counts(shop: Counting) -> None:
    """But for what is refused, as a token that ran out: syncd takes it to be counted."""
    shop.office.zoho.switches.token_seconds = 7 * 24 * HOUR
    customer = live(shop)
    zoho, way = shop.office.zoho.limits, shop.transport
    used, cost, asked = zoho.used, way.credits, way.calls
    busy(shop, customer)
    for _ in range(3):
        shop.later(HOUR)
    zoho.spent.clear()  # nothing is a day old here
    shop.later(23 * HOUR)  # everything is read
    assert way.credits - cost == zoho.used - used > way.calls - asked


def test_runs_stop_at_the_reserve_and_go_on_by_themselves(shop: Counting) -> None:
    customer = live(shop)
    with shop.pair.store.transaction() as tx:
        calls.note(tx, "crm", shop.clock.utc(), 900, 100, 2_000)
    before = shop.spent()
    shop.limit(before + 20, 10)
    busy(shop, customer)
    report = shop.later()
    assert not report.failed
    assert shop.spent() <= before + 10
    assert any("credits of 24 hours are left, and 10 are kept for others" in one
               for one in report.notes)  # fmt: skip
    assert shop.pause() and shop.differences()
    shop.asked()
    assert not shop.later(300).failed
    assert shop.asked() == [], "until the next full hour nothing is asked"
    for _ in range(26):
        shop.later(HOUR)
        assert shop.spent() <= before + 10
    assert shop.differences() == []
    assert (shop.pause(), shop.states()) == (None, {})


def test_a_tenth_is_kept_where_nobody_said_how_much(shop: Counting) -> None:
    live(shop)
    shop.limit(shop.spent() * 10 // 9)
    report = shop.later()
    assert any("are kept for others" in note for note in report.notes)
    shop.limit(shop.spent() * 10 // 9 + 100)
    assert not shop.later(HOUR).notes


def test_what_other_programs_use_is_heard_from_zoho(shop: Counting) -> None:
    customer = live(shop)
    shop.limit(None)
    shop.office.zoho.limits.spend(64_000 - 6_500 - shop.office.zoho.limits.used)
    busy(shop, customer)
    report = shop.later()
    assert shop.office.zoho.limits.used <= 64_000 - 6_400
    assert any("of 64,000 credits" in note for note in report.notes) == bool(shop.differences())
    shop.office.zoho.limits.spend(100)
    shop.world.books.post_invoice(customer, "7.00")
    report = shop.later(HOUR)
    [note] = report.notes
    assert "6,400 are kept" in note and not report.failed


def test_a_busy_zoho_is_asked_again_after_a_second_or_more(shop: Counting) -> None:
    """It takes one call at a time here, and each for most of a second: never is there a second one
    in flight, and no answer says how long to wait."""
    shop.office.zoho.switches.concurrency = 1
    shop.office.zoho.switches.busy_seconds = 0.9
    customer = live(shop)
    shop.world.books.post_invoice(customer, "5.00")
    assert shop.later().exit_code == 0
    assert shop.differences() == []


def test_doctor_says_credits_beside_calls() -> None:
    limits = Allowed("credits", None, 64_000, 6_400, 31_000)
    finding = judged(Notes("crm"), (36, 48), (90, 260), (800, 1_100), limits)
    assert finding.says == (
        "about 36 requests (48 credits) an hour, 90 (260 credits) in the busiest, 800 (1,100 "
        "credits) in 24 h; allowed: 64,000 credits in 24 h, 6,400 of them kept; it says 31,000 are "
        "left"
    )
    over = judged(Notes("crm"), None, (1, 1), (900, 40_000), limits)
    assert (over.verdict, over.says.split(",")[0]) == ("look", "too few hours to tell")
