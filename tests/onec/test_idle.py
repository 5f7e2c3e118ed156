"""What a cycle asks of 1C when nothing changed, and what arrives although so little is asked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.onec.layouts import CONTRACTS, CUSTOMERS, ORGANISATIONS, PARTNERS
from syncd.errors import IdentityError
from syncd.sandbox.onec.trade.company import tax_id
from syncd.sandbox.onec.trade.desk import Desk, Person, Terms
from tests.onec.office import Office
from tests.onec.pair import Company

WAYS = pytest.mark.parametrize("plan", [False, True], ids=["polling", "plan"])
CONFIGURATIONS = pytest.mark.parametrize("configuration", ["ut", "bp", "unf"])
FINISH = "GET "
NODE = "GET ExchangePlan_CRM(guid'c0000000-0000-4000-8000-0000000000c1')"
UNDELIVERED = "GET AccumulationRegister_ЗаказыКлиентов/Balance()"
BALANCE = {
    "ut": "GET AccumulationRegister_РасчетыСКлиентами/Balance()",
    "bp": "GET AccountingRegister_Хозрасчетный/Balance()",
    "unf": "GET AccumulationRegister_РасчетыСПокупателями/Balance()",
}
DOCUMENTS = {
    "ut": """ЗаказКлиента РеализацияТоваровУслуг ПоступлениеБезналичныхДенежныхСредств
        ПриходныйКассовыйОрдер ОперацияПоПлатежнойКарте СписаниеБезналичныхДенежныхСредств
        РасходныйКассовыйОрдер ВозвратТоваровОтКлиента КорректировкаРеализации
        ВзаимозачетЗадолженности СписаниеЗадолженности""",
    "bp": """СчетНаОплатуПокупателю РеализацияТоваровУслуг ПоступлениеНаРасчетныйСчет
        ПриходныйКассовыйОрдер СписаниеСРасчетногоСчета ВозвратТоваровОтПокупателя
        КорректировкаРеализации КорректировкаДолга""",
    "unf": """ЗаказПокупателя РасходнаяНакладная ПоступлениеНаСчет ПоступлениеВКассу РасходСоСчета
        РасходИзКассы ПриходнаяНакладная КорректировкаРеализации Взаимозачет""",
}
"""What the sandbox publishes of each."""
CATALOGS = {
    "ut": [f"GET {one}" for one in (ORGANISATIONS, CUSTOMERS, PARTNERS)],
    "bp": [f"GET {one}" for one in (ORGANISATIONS, CUSTOMERS, CONTRACTS)],
    "unf": [f"GET {one}" for one in (ORGANISATIONS, CUSTOMERS)],
}


def live(tmp_path: Path, configuration: str = "ut", **rest: Any) -> Company:
    """From the next cycle on they are idle ones. What has no date was compared five minutes ago."""
    company = Company(tmp_path, Office(configuration, **rest))
    company.set_up()
    company.run()
    company.later()
    return company


def asked(company: Company, seconds: float = 300) -> list[str]:
    """By a cycle of the pair, sorted."""
    lines = company.office.transport.lines
    before = len(lines)
    company.later(seconds)
    paths = [line.replace("/odata/standard.odata/", "").split(" {")[0] for line in lines[before:]]
    return sorted(paths)


def idle(configuration: str, plan: bool) -> list[str]:
    if plan:
        return sorted([NODE, "POST SelectChanges", BALANCE[configuration], FINISH])
    lists = [f"GET Document_{one}" for one in DOCUMENTS[configuration].split()]
    return sorted([*lists, BALANCE[configuration], FINISH])


@WAYS
@CONFIGURATIONS
def test_an_idle_cycle_asks_each_set_of_documents_once_the_balances_and_nothing_else(
    tmp_path: Path, configuration: str, plan: bool
) -> None:
    """And what has no date, every half hour."""
    company = live(tmp_path, configuration, plan=plan)
    more = [f"GET {ORGANISATIONS}"] if plan else CATALOGS[configuration]
    if configuration == "ut":
        more = [*more, UNDELIVERED]
    for minutes in range(10, 40, 5):
        now = idle(configuration, plan)
        assert asked(company) == (now if minutes % 30 else sorted([*now, *more])), minutes


def test_how_often_is_a_setting(tmp_path: Path) -> None:
    company = live(tmp_path, catalogs="10")
    assert [f"GET {CUSTOMERS}" in asked(company) for _ in range(4)] == [True, False, True, False]


# ------------------------------------------------------------------------------------ what arrives


def an_order(desk: Desk, customer: str) -> str:
    some = next(iter(desk.base.objects[desk.orders].values()))
    currency = some.get("Валюта_Key") or some["ВалютаДокумента_Key"]
    item = next(iter(desk.base.objects["Catalog_Номенклатура"]))
    terms = Terms(some["Организация_Key"], currency)
    return desk.order(customer, [(item, Decimal(1), Decimal("64.00"))], terms)


def cards(company: Company) -> dict[str, str]:
    """Books key -> name."""
    shown = [one.fields for one in company.world.crm.listed("account")]
    return {str(one["books_id"]): str(one["name"]) for one in shown}


@WAYS
@CONFIGURATIONS
def test_a_new_customer_arrives_with_its_first_document(
    tmp_path: Path, configuration: str, plan: bool
) -> None:
    company = live(tmp_path, configuration, plan=plan)
    desk = company.office.desk
    key = desk.customer(Person("株式会社はじめて", tax_id(900_000_001)))
    an_order(desk, key)
    company.later()
    assert cards(company)[key] == "株式会社はじめて"
    assert asked(company) == idle(configuration, plan)


def test_who_was_a_supplier_arrives_with_the_first_document_as_a_customer(tmp_path: Path) -> None:
    company = live(tmp_path, "bp")
    desk = company.office.desk
    key = desk.customer(Person("ООО «Поставщик»", tax_id(900_000_001)))
    company.later(1800)
    assert key not in cards(company)
    an_order(desk, key)  # with it, the contract
    company.later()
    assert key in cards(company)


def test_a_customer_and_an_order_that_are_written_while_others_are_read_come_next(
    tmp_path: Path,
) -> None:
    """Behind the catalog, and before the list of orders: a new process has none that it could ask
    for first."""
    company = live(tmp_path)
    company.build()
    made = _once(company, CUSTOMERS, lambda: _with_order(company.office.desk))
    company.later()
    assert made[0] not in cards(company)
    company.later()
    assert made[0] in cards(company)


def _with_order(desk: Desk) -> str:
    key = desk.customer(Person("ООО «Между делом»", tax_id(900_000_001)))
    an_order(desk, key)
    return key


def _once(company: Company, path: str, act: Callable[[], str]) -> list[str]:
    """Does it when this path was asked for the next time; what came of it."""
    sandbox, made = company.office.transport.sandbox, list[str]()
    answer = type(sandbox).answer

    def answering(request: Any) -> Any:
        done = answer(sandbox, request)
        if not made and company.office.transport.lines[-1].split(" {")[0].endswith(path):
            made.append(act())
        return done

    sandbox.answer = answering  # type: ignore[assignment,method-assign]  # people work
    return made


@WAYS
def test_an_edited_name_arrives_after_half_an_hour_at_the_latest(
    tmp_path: Path, plan: bool
) -> None:
    company = live(tmp_path, plan=plan)
    [key] = [key for key, name in cards(company).items() if name == "ООО «Пример»"]
    company.office.desk.base.change(CUSTOMERS, key, {"Description": "株式会社例"})
    company.later()
    assert (cards(company)[key] == "株式会社例") is plan
    for _ in range(5):
        company.later()
    assert cards(company)[key] == "株式会社例"


@WAYS
def test_what_is_left_of_an_order_is_asked_when_something_is_shipped(
    tmp_path: Path, plan: bool
) -> None:
    company = live(tmp_path, plan=plan)
    desk = company.office.desk
    [customer] = [key for key, name in cards(company).items() if name == "ООО «Пример»"]
    order = an_order(desk, customer)
    company.later()
    desk.ship(order)
    lines = asked(company)
    assert UNDELIVERED in lines
    assert f"GET {CUSTOMERS}" not in lines
    assert UNDELIVERED not in asked(company)


# --------------------------------------------------------------------------------- which base it is


@WAYS
def test_another_base_at_the_same_address_is_noticed_before_anything_is_read(
    tmp_path: Path, plan: bool
) -> None:
    company = live(tmp_path, plan=plan)
    company.later()
    other = Office(seed=2).sandbox
    firms = other.base.objects[ORGANISATIONS]
    for key in list(firms):
        new = "0" + key[1:] if key[0] != "0" else "1" + key[1:]
        firms[new] = {**firms.pop(key), "Ref_Key": new}
    company.office.transport.sandbox = other
    with pytest.raises(IdentityError, match="nothing was written"):
        company.later()
