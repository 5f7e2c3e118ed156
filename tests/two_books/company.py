"""Two companies and one Megaplan: 1C and NetSuite, a pair each, on one state. The second one's
files are those that the documentation shows."""

from __future__ import annotations

from pathlib import Path

from syncd.sandbox.megaplan.schema import COMPANY
from tests.docs.pages import ROOT, blocks
from tests.netsuite.office import Office as NetSuite
from tests.netsuite_megaplan.trade import LABELS, Names, Trade
from tests.onec.office import Office as OneC
from tests.onec_megaplan.trade import Trade as First

PAGE = ROOT / "docs" / "admin.md"
NAMES = Names("us", "books_us", "crm_us", "Код в NetSuite", "Расчёты US", " US")
OWN = dict.fromkeys((NAMES.key, "Номер в NetSuite", NAMES.line), "text") | dict.fromkeys(
    (label + NAMES.suffix for label in LABELS), "money"
)


def shown_file(folder: Path, name: str) -> Path:
    """A mapping that the page shows under this name."""
    [text] = [one.body for one in blocks(PAGE) if one.mark == f"yaml mapping {name}"]
    file = folder / f"{name}.yaml"
    file.write_text(text, "utf-8")
    return file


class Companies:
    """Both pairs are live; nothing was read since."""

    def __init__(self, folder: Path, size: int | None = None) -> None:
        self.first = First(folder, OneC(size=size))
        self.first.set_up()
        crm = self.first.crm
        for label, kind in OWN.items():
            crm.account.make_field(COMPANY, label, kind)
        office = NetSuite(clock=self.first.clock, size=size)
        files = (shown_file(folder, "netsuite_us"), shown_file(folder, "megaplan_us"))
        self.second = Trade(folder, office, *files, NAMES, crm)
        self.crm = crm

    def later(self, seconds: float = 300) -> int:
        """A cycle of each; how many writes that took."""
        return self.first.later(seconds).writes + self.second.later(seconds).writes

    def known_to_both(self) -> dict[str, str]:
        """Key in 1C -> in NetSuite, of one tax id."""
        rows = self.first.office.desk.base.objects["Catalog_Контрагенты"]
        mine = {str(row["ИНН"]): str(key) for key, row in rows.items() if row["ИНН"]}
        theirs = self.second.office.sandbox.store.rows("SELECT * FROM customer_")
        keys = {str(row["vatregnumber"]): str(row["id"]) for row in theirs}
        return {mine[tax_id]: keys[tax_id] for tax_id in mine.keys() & keys.keys()}

    def register(self, customers: int) -> None:
        """So many of 1C's are companies that NetSuite knows, too, by name and tax id."""
        rows = list(self.first.office.desk.base.objects["Catalog_Контрагенты"].values())
        ids = sorted(map(int, self.second.customers()))
        for row, id in zip(rows[:customers], ids, strict=False):
            named = {"companyname": row["Description"], "vatregnumber": row["ИНН"]}
            self.second.office.people.change(id, named)
