"""What no invoice, credit note or payment says about a ledger: the adjustments, so that the sums
close. Pure arithmetic, line by line.

For every party and currency, the open items are what the documents add up to, and nothing else:

    receivable - prepaid - credits = invoices - credit notes - payments + adjustments

An adjustment is at first a posted line that belongs to no document and moves no money: a write-off,
an opening balance, whatever is booked by hand. That leaves two gaps, and each is closed by the
adjustment of one line, the carrier; the choice depends on the books alone, so every reader makes
the same one.

- A reconciliation balances in the company's currency. Where it joins two currencies (euros that
  pay dollars, an exchange difference), each of them is settled by more or less than there is.
- The lines of a document add up to its total, but a part of them can stand on another party's
  account, as when a debt is handed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from .ledger import ZERO, Invoice, Ledger, Line

Lines = Mapping[int, Mapping[int, Line]]
"""Lines by id, by what holds them together."""


class Rest(NamedTuple):
    """What one line adjusts, in its own currency; above zero raises what is owed."""

    amount: Decimal
    reason: str


class Closing:
    """`groups` are the lines of each reconciliation, `own` those of each document, all of them."""

    def __init__(self, ledger: Ledger, groups: Lines, own: Lines) -> None:
        self._ledger = ledger
        self._groups = groups
        self._own = own

    def rest(self, line: Line) -> Rest:
        if not line.posted:
            return Rest(self._itself(line), self._reason(line))
        return Rest(
            self._itself(line) + self._handed_on(line) - self._exchanged(line), self._reason(line)
        )

    def _itself(self, line: Line) -> Decimal:
        documented = line.is_money or self._ledger.document(line) is not None
        return ZERO if documented else line.amount

    def _exchanged(self, line: Line) -> Decimal:
        """What the line's reconciliation settles in its currency beyond what there is of it."""
        group = self._groups.get(line.group, {}) if line.group is not None else {}
        alike = _alike(line, group.values())
        carries = alike and min(alike, key=self._preference) == line
        return _sum(alike) if carries else ZERO

    def _preference(self, line: Line) -> tuple[bool, int]:
        """A line that adjusts something itself is left alone where another can carry the gap, so
        that a write-off stays what was written off."""
        return bool(self._itself(line)), line.id

    def _handed_on(self, line: Line) -> Decimal:
        """What stands on this account because of a document of somebody else, or does not stand
        there in spite of one."""
        document = self._ledger.document(line)
        if document is None:
            return ZERO
        alike = _alike(line, self._own.get(document.id, {}).values())
        carries = alike and max(other.id for other in alike) == line.id
        return _sum(alike) - _expected(document, line) if carries else ZERO

    def _reason(self, line: Line) -> str:
        if line.journal == "situation":
            return "opening"
        if self._is_exchange(line) or (self._exchanged(line) and not self._itself(line)):
            return "revaluation"
        return "write_off" if line.journal == "write-off" else "manual"

    def _is_exchange(self, line: Line) -> bool:
        """Tryton books what a foreign currency gained or lost in a journal of the same type as
        write-offs (and, as shipped, in the same one): a line in the company's own currency, beside
        lines in one other currency alone. What is written off there is in that currency."""
        if line.journal != "write-off" or line.group is None:
            return False
        others = {other.currency for other in self._groups.get(line.group, {}).values()}
        others -= {line.currency}
        same = _alike(line, self._groups[line.group].values()) if others else []
        return len(others) == 1 and same == [line] and line.amount == line.balance


def _alike(line: Line, lines: Iterable[Line]) -> Sequence[Line]:
    """Those on the same account: of the same party in the same currency, and posted."""
    return [
        other
        for other in lines
        if other.posted and (other.party, other.currency) == (line.party, line.currency)
    ]


def _expected(document: Invoice, line: Line) -> Decimal:
    """What the document says that it is, as far as it concerns this line's account."""
    if not document.effective or line.currency != document.currency:
        return ZERO
    return document.total if line.party == document.debtor else ZERO


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
