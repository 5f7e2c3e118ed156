"""What the pair of 1C and Megaplan shows: cards equal to the books to the cent, each change as what
it is, nothing lost and nothing doubled whatever the way does."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.sandbox.faults import Fault, Lane
from tests.onec.history import History
from tests.onec.office import Office
from tests.onec_megaplan.trade import Trade

HARMFUL = [fault for fault in Fault if fault is not Fault.LATENCY]


def live(folder: Path, configuration: str = "ut") -> Trade:
    trade = Trade(folder, Office(configuration))
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


def test_the_card_reads_as_a_seller_reads_it(tmp_path: Path) -> None:
    trade = live(tmp_path)
    [card] = trade.crm.named("ООО «Пример»")
    line = str(trade.crm.extra(card, "Расчёты"))
    assert line.startswith("Долг 112 200,00 ₽, просрочено 12 300,00 ₽ с 03.11, аванс 5 000,00 ₽")
    assert trade.crm.extra(card, "Долг") == (Decimal(112_200), "RUB")
    assert "27 000,00 ₽" in str(trade.crm.extra(card, "Заказы"))


def test_a_won_customer_is_in_1c_once_before_its_first_order(tmp_path: Path) -> None:
    trade = live(tmp_path)
    company = trade.crm.company("ООО «Первый заказ»")
    trade.crm.payer(company, "7700000023")
    trade.crm.person(company, "Елена", "Кузнецова", position="Закупки")
    deal = trade.crm.deal(company, "Переговоры")
    trade.later()
    trade.crm.move(deal, "Успех")
    for _ in range(3):
        trade.later()
    rows = trade.office.desk.base.objects["Catalog_Контрагенты"]
    [made] = [key for key, row in rows.items() if row["Description"] == "ООО «Первый заказ»"]
    assert rows[made]["ИНН"] == "7700000023"
    persons = trade.office.desk.base.objects["Catalog_КонтактныеЛицаПартнеров"].values()
    assert "Кузнецова Елена" in [one["Description"] for one in persons]
    item = next(iter(trade.office.desk.base.objects["Catalog_Номенклатура"]))
    history = History(trade.office.desk, random.Random(1))
    terms = history._terms(history.chance.choice(history._orders))
    trade.office.desk.order(str(made), [(item, Decimal(1), Decimal("64.00"))], terms)
    trade.later()
    assert trade.cards()[str(made)].id == company.id
    assert trade.crm.extra(company, "К отгрузке") == (Decimal(64), "RUB")
    assert (trade.differences(), trade.problems()) == ([], [])


def test_with_a_twentieth_of_all_calls_spoilt_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path,
) -> None:
    trade = live(tmp_path)
    chance = random.Random(11)
    history = History(trade.office.desk, chance)
    spoilt = 0
    for cycle in range(20):
        trade.faults(Lane(rate=0.05, kinds=HARMFUL, seed=cycle))
        for _ in range(chance.randint(0, 3)):
            history.step()
        for row in chance.sample(trade.crm.rows(), 2):
            trade.crm.change(row, description=f"Позвонить, {cycle}")
        if cycle in (3, 11):
            trade.crm.deal(trade.crm.company(f"Выигран {cycle} 受注"))
        trade.later(600)
        for served in (trade.line, trade.crm.served):
            spoilt += sum(1 for one in served.log if one["fault"])
            served.log.clear()
    assert spoilt > 10, "the lane did nothing"
    trade.faults(None)
    for _ in range(3):
        trade.later(4000)
    trade.later(90_000)
    assert (trade.differences(), trade.problems()) == ([], []), history.log
    trade.prove()
    assert trade.problems() == []
    won = [row for row in trade.office.desk.base.objects["Catalog_Контрагенты"].values()
           if str(row["Description"]).startswith("Выигран")]  # fmt: skip
    assert sorted(str(row["Description"]) for row in won) == ["Выигран 11 受注", "Выигран 3 受注"]


def test_five_hundred_customers_are_right_to_the_cent(tmp_path: Path) -> None:
    """Of five thousand documents, in the hours that Megaplan's allowance takes."""
    trade = Trade(tmp_path, Office(size=500))
    trade.set_up()
    trade.crm.switches.per_hour = 1_000
    for _ in range(3):
        trade.later(3600)
    trade.later(90_000)
    documents = [row for name, rows in trade.office.desk.base.objects.items()
                 if name.startswith("Document_") for row in rows]  # fmt: skip
    assert len(trade.cards()) > 450 and len(documents) >= 5000
    assert (trade.differences(), trade.problems()) == ([], [])
