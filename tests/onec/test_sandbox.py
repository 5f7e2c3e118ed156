"""The connector and its shipped mappings against the sandbox: sums, changes, and what an idle cycle
costs. What is read is compared with what the sandbox itself says of its books."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import (
    Adjustment,
    Balance,
    Canonical,
    CreditNote,
    Invoice,
    Kind,
    Money,
    Order,
    Payment,
    State,
)
from syncd.errors import ProtocolError
from syncd.port import Keys, Since
from tests.onec.history import History
from tests.onec.office import Office

CONFIGURATIONS = ("ut", "bp", "unf")
Mirror = dict[Kind, dict[str, Canonical]]
Sums = dict[tuple[str, str], int]


def ledger(mirror: Mirror) -> Sums:
    """Customer and currency -> what the balances say, netted."""
    found: Sums = {}
    for one in mirror[Kind.BALANCE].values():
        assert isinstance(one, Balance)
        for row in one.rows:
            net = row.receivable - row.prepaid
            if net:
                found[one.customer, net.currency] = net.micros
    return found


def documents(mirror: Mirror) -> Sums:
    """The same by what invoices, credit notes, payments and adjustments come to."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for kind in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT, Kind.ADJUSTMENT):
        for one in mirror[kind].values():
            assert isinstance(one, Invoice | CreditNote | Payment | Adjustment)
            if one.state is State.EFFECTIVE:
                money = one.total if isinstance(one, Invoice | CreditNote) else one.amount
                sign = 1 if isinstance(one, Invoice | Adjustment) else -1
                sums[one.customer, money.currency] += sign * money.micros
    return {key: micros for key, micros in sums.items() if micros}


def open_invoices(mirror: Mirror) -> dict[str, int]:
    """What is left of each effective invoice after all that settles it."""
    left: dict[str, int] = {}
    for key, one in mirror[Kind.INVOICE].items():
        assert isinstance(one, Invoice)
        if one.state is State.EFFECTIVE:
            left[key] = one.total.micros
    for kind in (Kind.CREDIT_NOTE, Kind.PAYMENT, Kind.ADJUSTMENT):
        for one in mirror[kind].values():
            assert isinstance(one, CreditNote | Payment | Adjustment)
            if one.state is State.EFFECTIVE:
                for share in one.allocations:
                    left[share.invoice] -= share.amount.micros
    return left


def books(office: Office) -> dict[str, dict[str, Decimal]]:
    """Customer -> currency -> what the sandbox's own register says."""
    codes = {key: row["Description"] for key, row in office.sandbox.base.objects[MONEY].items()}
    found: dict[str, dict[str, Decimal]] = {}
    for customer, parts in office.desk.balances().items():
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for currency, amount in parts:
            sums[codes[currency]] += amount
        found[customer] = {code: amount for code, amount in sums.items() if amount}
    return {customer: sums for customer, sums in found.items() if sums}


MONEY = "Catalog_Валюты"


@pytest.mark.parametrize("size", [None, 25])
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_the_documents_add_up_to_the_ledger(configuration: str, size: int | None) -> None:
    office = Office(configuration, size=size)
    mirror = office.everything()
    assert ledger(mirror)
    assert documents(mirror) == ledger(mirror)
    own = {
        (who, code): Money.of(amount, code).micros
        for who, sums in books(office).items()
        for code, amount in sums.items()
    }
    assert ledger(mirror) == own


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_what_is_left_of_invoices_is_never_below_zero_nor_above_what_is_owed(
    configuration: str,
) -> None:
    office = Office(configuration, size=25)
    mirror = office.everything()
    left = open_invoices(mirror)
    assert min(left.values()) >= 0
    of_customer: defaultdict[tuple[str, str], int] = defaultdict(int)
    for key, micros in left.items():
        one = mirror[Kind.INVOICE][key]
        assert isinstance(one, Invoice)
        of_customer[one.customer, one.total.currency] += micros
    owed: defaultdict[tuple[str, str], int] = defaultdict(int)
    for balance in mirror[Kind.BALANCE].values():
        assert isinstance(balance, Balance)
        for row in balance.rows:
            owed[balance.customer, row.receivable.currency] = row.receivable.micros
    for pair, micros in of_customer.items():
        assert micros <= owed[pair]


RELEASES = {
    "settlements by order": {"settlement_object": False},
    "a byte order mark": {"bom": True},
    "numbers with blanks behind them": {"padded": True},
    "no sessions": {"sessions": False},
    "no order but the one asked for": {"shuffle": True},
    "rows with their key": {"rows_without_key": False},
}


@pytest.mark.parametrize("release", RELEASES)
def test_releases_differ_and_the_documents_do_not(release: str) -> None:
    office = Office()
    for name, value in RELEASES[release].items():
        setattr(office.sandbox.switches, name, value)
    mirror: Any = office.everything()
    assert documents(mirror) == ledger(mirror)
    assert sorted(one.number for one in mirror[Kind.ORDER].values()) == sorted(
        one.number for one in Office().everything()[Kind.ORDER].values()
    )


def test_what_is_not_published_is_left_out_where_it_can_be() -> None:
    office = Office()
    left_out = ("AccumulationRegister_ЗаказыКлиентов", "Catalog_Организации", "Catalog_Партнеры")
    office.sandbox.switches.unpublished = ",".join(left_out)
    mirror = office.everything()
    assert documents(mirror) == ledger(mirror)
    orders = [one for one in mirror[Kind.ORDER].values() if isinstance(one, Order)]
    assert {one.open for one in orders} == {one.organisation for one in orders} == {None}


def test_an_answer_that_is_cut_is_no_answer() -> None:
    office = Office(size=30)
    office.sandbox.switches.page_cap = 100
    with pytest.raises(ProtocolError, match="cuts its answer"):
        office.everything()


def test_the_story_of_one_customer() -> None:
    """Owes 48,200.00 and has 5,000.00 paid ahead, of the first organisation."""
    office = Office()
    mirror: Any = office.everything()
    [customer] = [key for key, one in mirror[Kind.CUSTOMER].items() if one.name == "ООО «Пример»"]
    orders = [one for one in mirror[Kind.ORDER].values() if isinstance(one, Order)]
    mine = sorted(one.total.amount for one in orders if one.customer == customer)
    assert mine == [27000, 42000, 50500, 64000, 120000]
    balance = mirror[Kind.BALANCE][customer]
    assert isinstance(balance, Balance)
    [row] = balance.rows
    assert (row.receivable.amount, row.prepaid.amount) == (48200 + 64000, 5000)
    organisations = {one.organisation for one in orders if one.customer == customer}
    assert len(organisations) == 2


# ---------------------------------------------------------------------------------- what changed


def _carried(mirror: Mirror, changed: Mirror) -> Mirror:
    return {kind: mirror[kind] | changed[kind] for kind in mirror}


def _differing(mirror: Mirror, now: Mirror) -> dict[Kind, set[str]]:
    found = {kind: {key for key in now[kind] if mirror[kind].get(key) != now[kind][key]}
             for kind in now}  # fmt: skip
    return {kind: keys for kind, keys in found.items() if keys}


@pytest.mark.parametrize(
    "way", [{}, {"catalogs": "5"}, {"plan": True}], ids=["polling", "all each time", "plan"]
)
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_what_changed_makes_of_the_mirror_what_a_full_pass_does(
    configuration: str, way: dict[str, Any], seed: int
) -> None:
    """Without a plan, a customer whom no document names may be late, by half an hour."""
    office = Office(configuration, seed=seed, window="1000", **way)
    history = History(office.desk, random.Random(seed))
    mirror = office.everything()
    mirror = _carried(mirror, office.changed())
    for _ in range(6):
        office.clock.advance(300)
        for _ in range(history.chance.randint(1, 4)):
            history.step()
        mirror = _carried(mirror, office.changed())
        now = office.everything()
        late = _differing(mirror, now)
        if not way:
            unknown = late.pop(Kind.CUSTOMER, set()) - set(mirror[Kind.CUSTOMER])
            assert late.pop(Kind.BALANCE, set()) <= unknown, history.log
            assert not unknown & _named(now), history.log
        assert late == {}, history.log
    office.clock.advance(1800)
    assert _differing(_carried(mirror, office.changed()), office.everything()) == {}, history.log


def _named(mirror: Any) -> set[str]:
    """Customers of documents."""
    kinds = set(mirror) - {Kind.CUSTOMER, Kind.BALANCE}
    return {one.customer for kind in kinds for one in mirror[kind].values()}


def test_what_is_older_than_the_window_is_found_by_the_full_pass() -> None:
    office = Office(window="30")
    mirror = office.everything()
    office.changed()
    old = min(
        office.desk.base.objects[office.desk.shipments].values(), key=lambda one: str(one["Date"])
    )
    office.desk.base.change(office.desk.shipments, old["Ref_Key"], {"Posted": False})
    assert old["Ref_Key"] not in office.changed()[Kind.INVOICE]
    after = office.everything()
    assert mirror[Kind.INVOICE][old["Ref_Key"]] != after[Kind.INVOICE][old["Ref_Key"]]


def test_a_lost_cycle_shows_the_same_again() -> None:
    office = Office(plan=True)
    office.everything()
    office.changed()
    history = History(office.desk, random.Random(5))
    history.step()
    office.clock.advance(300)
    first = office.everything(Since(office.clock.utc()))
    office.restart()
    again = office.changed()
    for kind in (Kind.ORDER, Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE):
        assert {**again[kind], **first[kind]} == again[kind]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_single_keys_give_the_same_as_a_full_pass(configuration: str) -> None:
    office = Office(configuration)
    mirror = office.everything()
    for kind, records in mirror.items():
        keys = sorted(records)[:40]
        assert office.canonical(kind, Keys(keys)) == {key: records[key] for key in keys}
