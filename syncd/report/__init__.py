"""Reports over all customers, from the mirror alone. Each prints the check that it is right."""

from __future__ import annotations

from syncd.report.accountant import Compared, compare
from syncd.report.ask import NONE, REPORTS, Question, report
from syncd.report.layout import with_names, worded
from syncd.report.receivables import Receivables
from syncd.report.result import (
    RIGHT,
    Cell,
    Check,
    Column,
    Result,
    Shape,
    Table,
    number,
    told,
)
from syncd.report.words import WORDS

__all__ = [
    "NONE",
    "REPORTS",
    "RIGHT",
    "WORDS",
    "Cell",
    "Check",
    "Column",
    "Compared",
    "Question",
    "Receivables",
    "Result",
    "Shape",
    "Table",
    "compare",
    "number",
    "report",
    "told",
    "with_names",
    "worded",
]
