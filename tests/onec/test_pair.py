"""Whole cycles between a base of the sandbox and the memory CRM."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.onec.values import chosen_key
from syncd.domain import Kind
from syncd.sync.order import Report
from tests.onec.history import History
from tests.onec.office import Office
from tests.onec.pair import Company

WAYS = pytest.mark.parametrize("plan", [False, True], ids=["polling", "plan"])
CUSTOMERS, PARTNERS = "Catalog_Контрагенты", "Catalog_Партнеры"


class Killed(BaseException):
    pass


def live(tmp_path: Path, configuration: str = "ut", **rest: Any) -> Company:
    company = Company(tmp_path, Office(configuration, **rest))
    company.set_up()
    company.run()
    company.later()
    return company


def shown(company: Company) -> dict[str, dict[str, object]]:
    """What the cards say, by the books' key."""
    fields = [dict(one.fields) for one in company.world.crm.listed("account")]
    return {str(one["books_id"]): one for one in fields}


def card(company: Company, name: str) -> dict[str, object]:
    [found] = [one for one in shown(company).values() if one["name"] == name]
    return found


@pytest.mark.parametrize("configuration", ["ut", "bp", "unf"])
def test_ledger_documents_and_cards_are_proven_to_agree(tmp_path: Path, configuration: str) -> None:
    company = live(tmp_path, configuration)
    report = company.later(90_000, prove=True)
    assert company.problems() == []
    assert not report.failed
    assert company.world.crm.doubles() == []
    example = card(company, "ООО «Пример»")
    assert example["custom_fields.receivable"] == Decimal("112200.00")
    assert example["custom_fields.prepaid"] == Decimal("5000.00")


def test_overdue_is_by_the_payment_schedule(tmp_path: Path) -> None:
    example = card(live(tmp_path), "ООО «Пример»")
    assert example["custom_fields.overdue"] == Decimal("12300.00")


@WAYS
def test_an_idle_cycle_writes_nothing(tmp_path: Path, plan: bool) -> None:
    company = live(tmp_path, plan=plan)
    for _ in range(3):
        report = company.later()
        assert (report.writes, sum(page.read for page in report.pages.values())) == (0, 0)


@WAYS
@pytest.mark.parametrize("configuration", ["ut", "bp", "unf"])
def test_after_a_history_the_cards_are_those_of_a_pair_that_is_new(
    tmp_path: Path, plan: bool, configuration: str
) -> None:
    company = live(tmp_path / "old", configuration, plan=plan, window="1000")
    history = History(company.office.desk, random.Random(7))
    for _ in range(3):
        for _ in range(5):
            history.step()
        company.later()
    company.later(3600)  # what is unposted has waited its correction delay
    company.later(3600, prove=True)
    assert company.problems() == []
    fresh = Company(tmp_path / "new", company.office)
    fresh.set_up()
    fresh.run()
    fresh.later(3600, prove=True)
    before, now = shown(company), shown(fresh)
    figures = ("custom_fields.receivable", "custom_fields.prepaid", "custom_fields.overdue")
    for key, fields in now.items():
        assert {one: before[key].get(one) for one in figures} == {
            one: fields.get(one) for one in figures
        }, history.log


def test_unposted_is_being_corrected_and_then_cancelled(tmp_path: Path) -> None:
    company = live(tmp_path)
    desk = company.office.desk
    key = next(
        str(one["Ref_Key"])
        for one in desk.base.objects[desk.shipments].values()
        if one["СуммаДокумента"] == 42_000
    )
    desk.base.unpost(desk.shipments, key)
    company.later()
    company.later(3600)
    gone = [one for one in company.world.crm.listed("invoice") if one.fields["books_id"] == key]
    assert not gone or gone[0].fields["state"] == "cancelled"
    # The return of it stays, and is now paid ahead.
    assert card(company, "ООО «Пример»")["custom_fields.receivable"] == Decimal("76300.00")
    desk.base.post(desk.shipments, key)
    company.later()
    assert card(company, "ООО «Пример»")["custom_fields.receivable"] == Decimal("112200.00")


@WAYS
def test_killed_before_1c_is_told_the_same_comes_again_and_nothing_twice(
    tmp_path: Path, plan: bool
) -> None:
    company = live(tmp_path, plan=plan)
    desk = company.office.desk
    history = History(desk, random.Random(1))
    history.order()
    payment = history.pay()

    def stop(name: str) -> None:
        if name == "before acknowledge":
            raise Killed

    company.build(stop)
    with pytest.raises(Killed):
        company.later()
    company.build()
    report = company.later()
    assert report.pages[Kind.PAYMENT].read >= 1
    assert report.pages[Kind.PAYMENT].new == 0
    assert company.world.crm.doubles() == []
    assert payment
    assert company.later().writes == 0


# --------------------------------------------------------------------------------- won customers


def win(company: Company, name: str = "株式会社サンプル商事") -> str:
    account = company.world.crm.add_account(name, email="sales@example.jp")
    deal = company.world.crm.open_deal(account, f"Order of {name}", "900", "EUR")
    company.world.crm.win(deal)
    return str(account)


def made(company: Company, marker: str) -> tuple[int, int]:
    """Counterparties and partners that carry the marker."""
    objects = company.office.sandbox.base.objects
    rows = objects[CUSTOMERS].values()
    partners = [one for one in objects[PARTNERS].values() if one["Комментарий"] == marker]
    return sum(row["ДополнительнаяИнформация"] == marker for row in rows), len(partners)


@pytest.mark.parametrize("options", [{}, {"chosen_keys": "no"}, {"contract": "Договор"}], ids=str)
def test_a_won_customer_is_in_1c_once_before_its_first_order(
    tmp_path: Path, options: dict[str, str]
) -> None:
    company = live(tmp_path, **options)
    account = win(company)
    company.later()
    company.later()
    marker = f"CRM-{account}"
    assert made(company, marker) == (1, 1)
    if not options:
        assert chosen_key(marker, CUSTOMERS) in company.office.sandbox.base.objects[CUSTOMERS]
    [linked] = [one for one in shown(company).values() if one["name"] == "株式会社サンプル商事"]
    assert linked["email"] == "sales@example.jp"
    assert company.problems() == []


@pytest.mark.parametrize("chosen", ["yes", "no"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_lost_makes_no_second_customer(
    tmp_path: Path, chosen: str, nth: int, when: str
) -> None:
    """Of the partner, or of the counterparty; carried out, or not."""
    from syncd.errors import DoubtError

    company = live(tmp_path, chosen_keys=chosen)
    account, transport = win(company), company.office.transport
    answered, left = transport.sandbox.answer, [nth]

    def losing(asked: Any) -> Any:
        if asked.method == "POST":
            left[0] -= 1
            if left[0] == 0:
                if when == "after":
                    answered(asked)
                raise DoubtError("the connection broke")
        return answered(asked)

    transport.sandbox.answer = losing  # type: ignore[method-assign]  # the line that loses answers
    company.later()
    for _ in range(3):
        company.later()
    assert made(company, f"CRM-{account}") == (1, 1)
    assert company.later().writes == 0


def test_a_server_that_ignores_chosen_keys_makes_no_second_customer(tmp_path: Path) -> None:
    company = live(tmp_path)
    company.office.sandbox.switches.client_key = False
    account = win(company)
    for _ in range(3):
        company.later()
    assert made(company, f"CRM-{account}") == (1, 1)


# ------------------------------------------------------------------------------ a base in use


def _ended(report: Report) -> tuple[bool, bool]:
    return report.unreachable or report.failed, report.refused


@pytest.mark.parametrize("status", [406, 500, 503])
def test_no_licence_is_a_state_that_passes(tmp_path: Path, status: int) -> None:
    company = live(tmp_path)
    switches = company.office.sandbox.switches
    switches.licences, switches.licence_status = 1, status
    stranger = Office(sandbox=company.office.sandbox)
    stranger.records(Kind.BALANCE)
    report = company.later()
    assert _ended(report) == (True, False)
    assert "licence" in report.notes[0]
    stranger.run(stranger.connector.acknowledge())
    switches.licences = 0
    report = company.later()
    assert _ended(report) == (False, False)
    assert company.problems() == []


def test_closed_for_an_update_is_a_state_that_passes(tmp_path: Path) -> None:
    company = live(tmp_path)
    company.office.sandbox.switches.closed_for_update = True
    report = company.later()
    assert _ended(report) == (True, False)
    assert "being updated" in report.notes[0]
    company.office.sandbox.switches.closed_for_update = False
    assert _ended(company.later()) == (False, False)
    assert company.problems() == []


def test_one_session_is_open_at_a_time_and_none_between_cycles(tmp_path: Path) -> None:
    company = live(tmp_path)
    company.office.sandbox.switches.session_limit = 1
    for _ in range(3):
        assert _ended(company.later()) == (False, False)
    assert not company.office.sandbox.sessions.open
