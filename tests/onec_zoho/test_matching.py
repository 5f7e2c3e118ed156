"""1C and a Zoho CRM that has some of the customers already: they get no second account."""

from __future__ import annotations

from pathlib import Path

from syncd.domain import Kind
from tests.onec.office import Office
from tests.onec_zoho.trade import Trade

WRITING = "extends: zoho_crm\nmatch: {}\n"


def test_an_account_with_the_same_inn_gets_no_double(tmp_path: Path) -> None:
    """Its name is in Latin, and its phone is written otherwise."""
    writing = tmp_path / "zoho.yaml"
    writing.write_text(WRITING, encoding="utf-8")
    office = Office()
    customers = office.sandbox.base.objects["Catalog_Контрагенты"]
    [key] = [one for one, row in customers.items() if row["Description"] == "ООО «Пример»"]
    inn = str(customers[key]["ИНН"])
    trade = Trade(tmp_path, office, None, writing)
    for row in trade.crm.rows("Accounts"):
        trade.crm.delete("Accounts", row.id)
    trade.set_up()
    there = {"Account_Name": "OOO Primer", "Phone": "+7 495 000-00-00", "Tax_ID": inn}
    account = trade.crm.add("Accounts", **there)
    trade.run()
    assert [row.id for row in trade.crm.having("Accounts", Tax_ID=inn)] == [account]
    assert trade.cards()[key]["Account_Name"] == "ООО «Пример»"
    assert (trade.differences(), trade.problems()) == ([], [])
    report = trade.later(3600)
    assert (report.writes, report.pages[Kind.WON].new, trade.problems()) == (0, 0, [])
