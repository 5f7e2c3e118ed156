"""Documents move registers: what is owed follows what is posted, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from syncd.sandbox.onec.truth import Figures, truth
from syncd.sandbox.onec.world import Onec
from tests.sandbox.onec.client import DEBTS, NOON, ORDER, SHIPMENT, Client

TODAY = dt.date(2026, 11, 20)
TERMS = "AccumulationRegister_РасчетыСКлиентамиПоСрокам"
PAYMENT = "Document_ПоступлениеБезналичныхДенежныхСредств"
CONFIGURATIONS = ("ut", "bp", "unf")


def shipment(client: Client, order: str) -> str:
    objects = client.onec.base.objects[SHIPMENT]
    return next(
        f"{SHIPMENT}(guid'{k}')" for k, one in objects.items() if one["ЗаказКлиента"] == order
    )


def agree(onec: Onec, today: dt.date = TODAY) -> dict[tuple[str, str], Figures]:
    """The truth, after the register was found to say the same."""
    codes = {key: one["Description"] for key, one in onec.base.objects["Catalog_Валюты"].items()}
    owed: dict[tuple[str, str], list[Decimal]] = {}
    for who, parts in onec.desk.balances().items():
        for currency, amount in parts:
            sums = owed.setdefault((who, codes[currency]), [Decimal(0), Decimal(0)])
            sums[amount < 0] += abs(amount)
    told = dict(truth(onec.base, today))
    assert {who: [one.receivable, one.prepaid] for who, one in told.items()} == {
        who: sums for who, sums in owed.items() if any(sums)
    }
    return told


def test_unposted_owes_nothing_and_posted_again_all_of_it(client: Client) -> None:
    who, order, _ = client.sold(1000)
    there = shipment(client, order)
    assert client.owed(who) == 1000
    client.write("POST", f"{there}/Unpost")
    assert client.owed(who) == 0 and not client.get(there)["Posted"]
    client.write("POST", f"{there}/Post()")
    assert client.owed(who) == 1000
    agree(client.onec)


def test_a_part_payment_a_return_and_an_advance(client: Client) -> None:
    who, order, terms = client.sold(1000)
    desk = client.onec.desk
    desk.pay(who, {order: Decimal(300), "": Decimal(50)}, terms)
    desk.take_back(order, Decimal(100))
    assert agree(client.onec)[who, "RUB"] == Figures(Decimal(600), Decimal(50))


def test_a_changed_line_of_a_posted_document_moves_at_once(client: Client) -> None:
    who, order, _ = client.sold(1000)
    there = shipment(client, order)
    line = client.get(there)["Товары"][0] | {"СуммаСНДС": 800, "ЗаказКлиента": order}
    changed = client.write("PATCH", there, {"Товары": [line]})
    assert (changed["СуммаДокумента"], client.owed(who)) == (800, 800)


def test_posting_by_a_get_too(client: Client) -> None:
    who, order, _ = client.sold(1000)
    there = shipment(client, order)
    assert client.ask("GET", f"{there}/Unpost").status == 200
    assert client.owed(who) == 0
    assert client.ask("GET", f"{there}/Post?PostingModeOperational=false").status == 200
    assert client.owed(who) == 1000


def test_a_posted_document_is_not_marked_nor_a_marked_one_posted(client: Client) -> None:
    _, order, _ = client.sold(1000)
    there = shipment(client, order)
    assert client.refused("PATCH", there, {"DeletionMark": True}) == (500, "-1")
    client.write("POST", f"{there}/Unpost")
    client.write("PATCH", there, {"DeletionMark": True})
    assert client.refused("POST", f"{there}/Post") == (500, "-1")


def test_deleted_takes_its_rows_along(client: Client) -> None:
    who, order, _ = client.sold(1000)
    client.ask("DELETE", shipment(client, order))
    assert client.owed(who) == 0
    agree(client.onec)


def test_a_cancelled_line_is_not_to_be_paid(client: Client) -> None:
    lines = [
        {"LineNumber": 1, "СуммаСНДС": 700, "Количество": 1},
        {"LineNumber": 2, "СуммаСНДС": 300, "Количество": 1, "Отменено": True},
    ]
    order = client.write("POST", ORDER, {"Товары": lines, "Posted": True})
    where = f"{DEBTS}_RecordType?$filter=Recorder eq cast(guid'{order['Ref_Key']}','{ORDER}')"
    assert (order["СуммаДокумента"], client.rows(where)[0]["КОплате"]) == (700, 700)


def test_a_payment_that_the_bank_has_not_confirmed_settles_nothing(client: Client) -> None:
    who, order, terms = client.sold(1000)
    key = client.onec.desk.pay(who, {order: Decimal(400)}, terms)
    assert client.owed(who) == 600
    client.write("PATCH", f"{PAYMENT}(guid'{key}')", {"ПроведеноБанком": False})
    assert client.owed(who) == 1000
    agree(client.onec)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_registers_say_what_the_documents_say(configuration: str) -> None:
    """Of a generated company, before and after everything was taken back and done again."""
    onec = Onec(lambda: NOON, seed=3, size=12)
    onec.switches.configuration = configuration
    before = agree(onec)
    posted = [
        (name, key)
        for name, objects in onec.base.objects.items()
        for key, one in objects.items()
        if one.get("Posted")
    ]
    for name, key in posted[::3]:
        onec.base.unpost(name, key)
    assert agree(onec) != before
    for name, key in reversed(posted[::3]):
        onec.base.post(name, key)
    assert agree(onec) == before


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_the_small_company_is_the_same_in_each(configuration: str) -> None:
    onec = Onec(lambda: NOON)
    onec.switches.configuration = configuration
    names = {
        key: one["Description"] for key, one in onec.base.objects["Catalog_Контрагенты"].items()
    }
    told = {
        (names[who], currency): (one.receivable, one.prepaid)
        for (who, currency), one in agree(onec).items()
    }
    assert told["ООО «Пример»", "RUB"] == (112_200, 5_000)
    assert told["АО «Без заказа»", "RUB"] == (0, Decimal("9400.50"))
    assert told["株式会社サンプル", "JPY"] == (1_234_567, 0)
    assert told["ООО «Возврат»", "RUB"] == (0, 1_000)
    assert told["ООО «Корректировка»", "RUB"] == (Decimal("18749.25"), 0)


def test_what_is_overdue_by_the_register_of_dates(client: Client) -> None:
    """РасчетыСКлиентамиПоСрокам and the truth, told apart from each other."""
    rows = client.rows(f"{TERMS}/Balance()")
    late = [row for row in rows if row["ДатаПлановогоПогашения"][:10] < TODAY.isoformat()]
    told = truth(client.onec.base, TODAY)
    assert sum(Decimal(str(row["ДолгBalance"])) for row in late) == sum(
        one.overdue for one in told.values()
    )


def test_money_goes_to_what_is_due_first(client: Client) -> None:
    who, _, terms = client.sold(1, ship=False)
    desk = client.onec.desk
    item = next(iter(client.onec.base.objects["Catalog_Номенклатура"]))
    due = [("2026-12-31T00:00:00", Decimal(400)), ("2026-10-01T00:00:00", Decimal(600))]
    order = desk.order(who, [(item, Decimal(1), Decimal(1000))], replace(terms, due=due))
    desk.ship(order)
    assert agree(client.onec)[who, "RUB"].overdue == 600
    desk.pay(who, {order: Decimal(600)}, terms)
    assert agree(client.onec)[who, "RUB"] == Figures(Decimal(400))
    where = f"{TERMS}/Balance(Condition='АналитикаУчетаПоПартнерам/Контрагент_Key eq guid'{who}'')"
    rows = client.rows(where)
    assert [(one["ДатаПлановогоПогашения"][:10], one["ДолгBalance"]) for one in rows] == [
        ("2026-12-31", 400)
    ]


def test_a_balance_of_the_past_and_of_one_currency(client: Client) -> None:
    now = client.rows(f"{DEBTS}/Balance()")
    assert client.rows(f"{DEBTS}/Balance") == now
    past = client.rows(f"{DEBTS}/Balance(Period=datetime'2026-09-03T00:00:00')")
    assert 0 < len(past) < len(now)
    yen = client.rows("Catalog_Валюты?$filter=Code eq '392'")[0]["Ref_Key"]
    until = "Period=datetime'2027-01-01T00:00:00'"
    forms = (
        f"{DEBTS}/Balance(Condition='Валюта_Key eq guid'{yen}'')",
        f"{DEBTS}/Balance(Condition='Валюта_Key eq guid''{yen}''')",
        f"{DEBTS}/Balance()?Condition='Валюта_Key eq guid'{yen}''",
        f"{DEBTS}/Balance?Condition='Валюта_Key eq guid''{yen}'''",
        f"{DEBTS}/Balance(Condition='guid'{yen}' eq Валюта_Key and 'x' eq 'x'')",
        f"{DEBTS}/Balance()?$filter=Валюта_Key eq guid'{yen}'",
        f"{DEBTS}/Balance({until},Condition='Валюта_Key eq guid'{yen}'')",
    )
    for form in forms:
        assert [row["СуммаBalance"] for row in client.rows(form)] == [1_234_567], form
    grouped = client.rows(f"{DEBTS}/Balance(Dimensions='Валюта')")
    assert [len(row) for row in grouped] == [7, 7, 7]


def test_what_people_do(client: Client) -> None:
    who, order, _ = client.sold(1000)
    people, key = client.onec.people, shipment(client, order).partition("'")[2].partition("'")[0]
    people.change_line(SHIPMENT, key, "Товары", 1, СуммаСНДС=Decimal(900))
    assert client.owed(who) == 900
    people.mark(SHIPMENT, key)
    assert client.owed(who) == 0
    people.unmark(SHIPMENT, key)
    people.post(SHIPMENT, key)
    people.change(SHIPMENT, key, Date="2026-01-01T10:00:00")
    assert [part for _, part in client.onec.desk.balances()[who]] == [900]
    people.unpost(SHIPMENT, key)
    people.delete(SHIPMENT, key)
    assert client.owed(who) == 0
    agree(client.onec)


def test_older_releases_settle_by_the_order_itself() -> None:
    client = Client()
    client.onec.switches.settlement_object = False
    row = client.rows(f"{DEBTS}/Balance()")[0]
    assert "ОбъектРасчетов_Key" not in row and row["ЗаказКлиента_Type"].endswith(ORDER)


def test_the_account_book_of_bp() -> None:
    client = Client()
    client.onec.switches.configuration = "bp"
    book = "AccountingRegister_Хозрасчетный/Balance"
    debts = client.rows(f"{book}()?$filter=Account/Code eq '62.01'")
    assert sum(Decimal(str(row["СуммаBalanceDr"])) for row in debts) == Decimal("162399.25")
    assert {row["ExtDimension1_Type"] for row in debts} == {"StandardODATA.Catalog_Контрагенты"}
    by_account = client.rows(f"{book}(AccountCondition='Code eq '62.02'')")
    assert sum(Decimal(str(row["СуммаBalanceCr"])) for row in by_account) == Decimal("55400.50")
    assert client.refused("GET", f"{book}(Condition='Account/Code eq '62.01'')") == (500, "-1")
    abroad = client.rows(f"{book}()?$filter=Account/Code eq '62.21'")
    assert {row["ВалютнаяСуммаBalance"] for row in abroad} == {6600, 1234567}


def test_what_a_document_leaves_out_is_an_empty_reference_in_its_rows() -> None:
    client = Client()
    client.onec.switches.configuration = "bp"
    made = client.write("POST", SHIPMENT, {"СуммаДокумента": 100, "Posted": True})
    book = "AccountingRegister_Хозрасчетный"
    flat = client.rows(f"{book}_RecordType?$filter=Сумма eq 100")
    row = next(one for one in flat if one["Recorder"] == made["Ref_Key"])
    assert row["Организация_Key"] == "00000000-0000-0000-0000-000000000000"
    assert (row["ExtDimensionDr1"], row["ExtDimensionDr1_Type"]) == ("", "StandardODATA.Undefined")


def test_debts_and_advances_of_unf_stand_apart() -> None:
    client = Client()
    client.onec.switches.configuration = "unf"
    rows = client.rows("AccumulationRegister_РасчетыСПокупателями/Balance()")
    assert {row["ТипРасчетов"] for row in rows} == {"Долг", "Аванс"}
    assert all((row["СуммаBalance"] < 0) == (row["ТипРасчетов"] == "Аванс") for row in rows)


def test_one_seed_one_company() -> None:
    def made(seed: int) -> list[str]:
        onec = Onec(lambda: NOON, seed=seed, size=3)
        return [f"{key} {one['СуммаДокумента']}" for key, one in onec.base.objects[ORDER].items()]

    assert made(1) == made(1) != made(2)
    assert len(made(1)) == 12
