"""A workbook for the conformance kit: which values its cells take, and what is really there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook

from connectors.workbook.facts import CARDS, DOCUMENTS, FACTS, KINDS
from syncd.domain import Value
from syncd.port import FieldDef

NEEDED = [
    FieldDef(target, f"custom_fields.{name}", kind, name.replace("_", " "))
    for target in (CARDS, *KINDS)
    for name, kind in (
        ("Kit_Текст", "text"),
        ("Kit_Amount", "number"),
        ("Kit_Day", "date"),
        ("Kit_Flag", "flag"),
        ("Kit_Lines", "long_text"),
    )
]


class WorkbookDriver:
    markers: Mapping[str, str] = dict.fromkeys((CARDS, *KINDS), "Key")
    currencies: Mapping[str, str] = dict.fromkeys((CARDS, *KINDS), "Currency")

    def __init__(self, file: Path) -> None:
        self._file = file

    def wait(self, seconds: float) -> None:
        """A file shows what was written."""

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        of_type: dict[str, Value] = {
            "text": f"=ООО «O'Ромашка»|{n} 株式会社",
            "number": Decimal("-1000.01") - n,
            "date": "2026-11-01",
        }
        plain = {
            path: of_type[type]
            for path, type in FACTS.targets[target].fields.items()
            if path != "Key" and not path.endswith("*")
        }
        return {
            **plain,
            "custom_fields.Kit_Текст": f"+00{n}",
            "custom_fields.Kit_Amount": Decimal("0.10"),
            "custom_fields.Kit_Day": "2026-02-28",
            "custom_fields.Kit_Flag": True,
            "custom_fields.Kit_Lines": f"Долг {n},\nпросрочено",
        }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        own: dict[str, Value] = {"Name": f"Новое имя {n}", "Line": None, "Overdue_since": None}
        if target != CARDS:
            own = {"Number": f"000{n}", "Due": None, "Amount": Decimal("999999999999.99")}
        return {
            **own,
            "custom_fields.Kit_Текст": None,
            "custom_fields.Kit_Amount": Decimal("0.5"),
            "custom_fields.Kit_Day": "1999-12-31",
            "custom_fields.Kit_Flag": False,
        }

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "custom_fields.Kit_Day": "the day before"}

    def gone(self, target: str) -> str:
        return "0b9a7f4e-no-such-row"

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        book = load_workbook(self._file, read_only=True)
        sheet = book[CARDS if target == CARDS else DOCUMENTS]
        wanted = (marker,) if target == CARDS else (f"{target}:{marker}", parents[CARDS])
        rows = sheet.iter_rows(min_row=2, max_col=len(wanted), values_only=True)
        found = sum(tuple(map(str, row)) == wanted for row in rows)
        book.close()
        return found
