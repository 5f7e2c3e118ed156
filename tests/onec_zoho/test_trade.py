"""What the pair of 1C and Zoho CRM shows: cards equal to the books to the cent, each change as what
it is, nothing lost and nothing doubled whatever the way does."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.sandbox.faults import Fault, Lane
from tests.onec.history import History
from tests.onec.office import Office
from tests.onec_zoho.trade import Trade

HARMFUL = [fault for fault in Fault if fault is not Fault.LATENCY]


READS_DEALS = """extends: onec_ut
order.deal: Комментарий | after "#D-"
"""
SHOWS_ORDERS = """extends: zoho_crm
order.deal: custom_fields.Deal
deal_orders:
  update: Deals
  fields:
    orders_count: custom_fields.Orders_Count
    orders_total: custom_fields.Orders_Sum
    currency: custom_fields.Orders_Currency
"""


WINS_BY_ALL = """extends: zoho_crm
lead:
  read: Leads
  where: Converted_Account is not None
  fields: {account: Converted_Account.id, closed: Converted_Date_Time | date}
label:
  read: Accounts
  where: custom_fields.Customer_Status == "Client"
  fields: {account: id}
"""


def live(folder: Path, **options: object) -> Trade:
    return started(Trade(folder, Office(**options)))  # type: ignore[arg-type]  # the test's own


def started(trade: Trade) -> Trade:
    for row in trade.crm.rows("Accounts"):  # people of another story, some of the same names
        trade.crm.delete("Accounts", row.id)
    trade.set_up()
    trade.run()
    trade.later()
    trade.later(90_000)
    return trade


@pytest.mark.parametrize("configuration", ["ut", "bp", "unf"])
def test_cards_are_what_the_documents_say(tmp_path: Path, configuration: str) -> None:
    trade = live(tmp_path, configuration=configuration)
    assert (trade.differences(), trade.problems()) == ([], [])
    trade.prove()
    assert trade.problems() == []


@pytest.mark.parametrize("plan", [False, True], ids=["polling", "plan"])
def test_with_a_twentieth_of_all_calls_spoilt_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path, plan: bool
) -> None:
    trade = live(tmp_path, plan=plan)
    chance = random.Random(11 + plan)
    history = History(trade.office.desk, chance)
    sellers = random.Random(29 + plan)
    typed = dict[str, str]()
    spoilt = 0
    for cycle in range(20):
        trade.faults(Lane(rate=0.05, kinds=HARMFUL, seed=100 * plan + cycle))
        for _ in range(chance.randint(0, 3)):
            history.step()
        for row in sellers.sample(list(trade.crm.rows("Accounts")), 2):
            typed[row.id] = f"https://{cycle}.example.com"
            trade.crm.change("Accounts", row.id, Website=typed[row.id], Phone=f"+7495{cycle:07}")
        if cycle in (3, 11):
            account = trade.crm.add("Accounts", Account_Name=f"Выигран {cycle} 受注")
            trade.crm.add(
                "Deals", Deal_Name=f"D{cycle}", Stage="Closed Won", Account_Name=account,
                Closing_Date=trade.office.clock.utc().date().isoformat(),
            )  # fmt: skip
        trade.later(600)
        spoilt += sum(1 for one in (*trade.line.log, *trade.crm.served.log) if one["fault"])
        trade.asked()
    assert spoilt > 10, "the lane did nothing"
    trade.faults(None)
    for _ in range(3):
        trade.later(4000)
    for _ in range(2):  # who typed over one phone twice was told of for a day
        trade.later(90_000)
    assert (trade.differences(), trade.problems()) == ([], []), history.log
    trade.prove()
    assert trade.problems() == []
    rows = {row.id: row.values.get("Website") for row in trade.crm.rows("Accounts")}
    assert {one: rows[one] for one in typed} == typed, "what syncd does not write stays"
    won = [row for row in trade.office.desk.base.objects["Catalog_Контрагенты"].values()
           if str(row["Description"]).startswith("Выигран")]  # fmt: skip
    assert sorted(str(row["Description"]) for row in won) == ["Выигран 11 受注", "Выигран 3 受注"]


def test_a_won_customer_is_in_1c_once_before_its_first_order(tmp_path: Path) -> None:
    trade = live(tmp_path)
    account = trade.crm.add("Accounts", Account_Name="ООО «Первый заказ»", Phone="+74950000007")
    day = trade.office.clock.utc().date().isoformat()
    deal = {"Deal_Name": "D", "Stage": "Closed Won", "Closing_Date": day}
    trade.crm.add("Deals", Account_Name=account, **deal)
    trade.crm.add("Contacts", Account_Name=account, Last_Name="Кузнецова", Title="Закупки")
    trade.later()
    trade.later()
    persons = trade.office.desk.base.objects["Catalog_КонтактныеЛицаПартнеров"].values()
    told = [(one["Description"], one["ДолжностьПоВизитке"]) for one in persons]
    assert told == [("Кузнецова", "Закупки")]
    made = [
        str(key)
        for key, row in trade.office.desk.base.objects["Catalog_Контрагенты"].items()
        if row["Description"] == "ООО «Первый заказ»"
    ]
    assert len(made) == 1
    item = next(iter(trade.office.desk.base.objects["Catalog_Номенклатура"]))
    history = History(trade.office.desk, random.Random(1))
    terms = history._terms(history.chance.choice(history._orders))
    order = trade.office.desk.order(made[0], [(item, Decimal(1), Decimal("64.00"))], terms)
    trade.later()
    [shown] = trade.crm.having("ERP_Orders", ERP_ID=order)
    assert shown.values["Account"] == account
    assert (trade.differences(), trade.problems()) == ([], [])


def test_deals_leads_and_a_value_on_the_account_each_make_a_customer_of_1c_once(
    tmp_path: Path,
) -> None:
    writing = tmp_path / "zoho.yaml"
    writing.write_text(WINS_BY_ALL, "utf-8")
    trade = started(Trade(tmp_path, Office(), writing=writing))
    now, crm = trade.office.clock.utc(), trade.crm
    names = ("Сделка", "Лид", "Клиент", "Все три", "Никто")
    deal, lead, label, every, _ = (crm.add("Accounts", Account_Name=name) for name in names)
    for account in (deal, every):
        day = now.date().isoformat()
        values = {"Stage": "Closed Won", "Closing_Date": day, "Account_Name": account}
        crm.add("Deals", Deal_Name="D", **values)
    for account in (lead, every):
        row = crm.crm.rows["Leads"][crm.add("Leads", Last_Name="田中", Company="x")]
        converted = {"Converted_Account": account, "Converted_Date_Time": now}
        crm.crm.put(row, {"Converted__s": True, **converted})
        row.modified = crm.crm.now()
    for account in (label, every):
        crm.change("Accounts", account, Customer_Status="Client")
    for _ in range(3):
        trade.later()
    rows = trade.office.desk.base.objects["Catalog_Контрагенты"].values()
    made = sorted(str(row["Description"]) for row in rows if row["Description"] in names)
    assert made == ["Все три", "Клиент", "Лид", "Сделка"]
    assert (trade.differences(), trade.problems()) == ([], [])


def test_a_deal_shows_the_sum_and_the_number_of_its_orders(tmp_path: Path) -> None:
    reading, writing = tmp_path / "onec.yaml", tmp_path / "zoho.yaml"
    reading.write_text(READS_DEALS, encoding="utf-8")
    writing.write_text(SHOWS_ORDERS, encoding="utf-8")
    trade = started(Trade(tmp_path, Office(), reading, writing))
    desk, shown = trade.office.desk, next(iter(trade.cards().values()))
    account = next(row.id for row in trade.crm.having("Accounts", ERP_ID=str(shown["ERP_ID"])))
    deal = trade.crm.add("Deals", Deal_Name="D", Stage="Negotiation/Review", Account_Name=account)
    rows = desk.base.objects[desk.orders].values()
    posted = [row for row in rows if row["Posted"] and "#D-" not in str(row["Комментарий"])]
    orders = [str(row["Ref_Key"]) for row in sorted(posted, key=lambda row: row["Date"])[-2:]]
    for order in orders:
        desk.base.change(desk.orders, order, {"Комментарий": f"по звонку #D-{deal}"})
    trade.later()
    total = sum(Decimal(str(desk.base.get(desk.orders, one)["СуммаДокумента"])) for one in orders)
    values = trade.crm.having("Deals", Deal_Name="D")[0].values
    assert (values["Orders_Count"], values["Orders_Sum"]) == (2, total)
    assert values["Orders_Currency"] == "RUB"
    listed = trade.crm.having("ERP_Orders", Deal=deal)
    assert {str(row.values["ERP_ID"]) for row in listed} == set(orders)
    trade.asked()
    desk.base.change(desk.orders, orders[0], {"Комментарий": "отменён разговор"})
    trade.later()
    values = trade.crm.having("Deals", Deal_Name="D")[0].values
    assert values["Orders_Count"] == 1
    assert trade.asked()[1].count("PUT Deals") == 1
    assert trade.differences() == [], "an order whose deal is not there is on its card all the same"
    said = [one.split(".")[0] for one in trade.problems()]
    assert "Orders in the books name the deal 43, and crm has no such Deals" in said
    assert any(one.startswith("crm refuses custom_fields") for one in said)


CARDS = ("GET Accounts", "POST coql", "GET Accounts/deleted")
"""What comparing cards costs where none changed: the newest is listed again, with its contacts."""


def test_what_many_changes_cost_and_what_no_change_costs(tmp_path: Path) -> None:
    trade = live(tmp_path)
    trade.later()
    trade.asked()
    trade.later()
    books, crm = trade.asked()
    assert len(books) == 13  # tests/onec/test_idle.py names them
    # Nothing was ever won: there is no moment to ask deals since.
    assert crm == ["GET org", *CARDS, "POST coql"]
    account = trade.crm.add("Accounts", Account_Name="Выигран 受注")
    trade.crm.add(
        "Deals", Deal_Name="D", Stage="Closed Won", Account_Name=account,
        Closing_Date=trade.office.clock.utc().date().isoformat(),
    )  # fmt: skip
    for _ in range(4):
        trade.later()
    trade.asked()
    trade.later()
    assert trade.asked()[1] == ["GET org", *CARDS, "GET Deals", "GET Deals/deleted"]
    history = History(trade.office.desk, random.Random(5))
    for _ in range(150):
        history.order()
    trade.later()
    _, crm = trade.asked()
    assert crm.count("POST ERP_Orders/upsert") == 2
    assert trade.differences() == []


def test_five_hundred_customers_are_right_to_the_cent(tmp_path: Path) -> None:
    trade = live(tmp_path, size=500)
    documents = [row for name, rows in trade.office.desk.base.objects.items()
                 if name.startswith("Document_") for row in rows]  # fmt: skip
    assert len(trade.cards()) > 450 and len(documents) >= 5000
    assert (trade.differences(), trade.problems()) == ([], [])


def test_documents_of_organisations_that_are_chosen_no_more_are_cancelled_on_the_card(
    tmp_path: Path,
) -> None:
    trade = live(tmp_path)
    base, desk = trade.office.desk.base, trade.office.desk
    firms = {one["Description"]: key for key, one in base.objects["Catalog_Организации"].items()}
    trade.office.options["organisations"] = "ООО «Пример-Торг»"
    trade.build()
    trade.later()
    trade.later()
    rows, status = base.objects[desk.shipments], dict[str, set[str]]()
    for row in trade.crm.rows("ERP_Invoices"):
        firm = str(rows[str(row.values["ERP_ID"])]["Организация_Key"])
        status.setdefault(firm, set()).add(str(row.values["Document_Status"]))
    assert status == {
        firms["ООО «Пример-Торг»"]: {"Posted"},
        firms["ООО «Пример-Опт»"]: {"Cancelled"},
    }
    [card] = [one for one in trade.cards().values() if one["Account_Name"] == "ООО «Пример»"]
    assert Decimal(str(card["Receivable_Balance"])) == Decimal(48_200)
    trade.prove()
    assert trade.problems() == []
