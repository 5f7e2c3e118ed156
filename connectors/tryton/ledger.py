"""Which line settles which invoice, and what a customer owes: pure arithmetic over ledger lines.

Tryton keeps no table of allocations. What it keeps are lines on receivable accounts, groups of
lines that cancel each other out (reconciliations) and links from lines to the invoice they are
meant to pay. Its own figure for the open part of an invoice, `amount_to_pay`, is the sum of the
invoice's unreconciled lines and of the unreconciled lines linked to it; so, for every invoice,

    total_amount - amount_to_pay = what its groups settle + what its unreconciled links settle

and `Ledger.settled_by_group` and `Ledger.settled_by_link` give those two sums to the cent, share by
share, whichever line of a group is asked about.

Debits are positive, credits negative, as in `debit - credit`. A cancelled move has negative debits,
so the side of a line is the sign of its balance and not the column it stands in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec

ZERO = Decimal(0)

MONEY_JOURNALS = ("cash", "statement")
"""Types of journals that money goes through: the payment wizard, entries by hand and clearings use
the first, bank statements the second. A journal that has posted moves cannot change its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line on a receivable account. `balance` is in the company's currency, `amount` in the
    line's own; both have the same sign. `reverses` is the line that this one takes back, `journal`
    the type of the journal its move is in."""

    id: int
    party: int | None
    move: int
    balance: Decimal
    amount: Decimal
    currency: str
    when: dt.date
    group: int | None = None
    linked: int | None = None
    reverses: int | None = None
    posted: bool = True
    journal: str = "general"

    @property
    def is_credit(self) -> bool:
        return (self.balance or self.amount) < 0

    @property
    def is_money(self) -> bool:
        return self.journal in MONEY_JOURNALS


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """A customer invoice, or a credit note: then `total` is negative. `moves` are its own moves,
    `due` the lines of them that make the debt, `links` the unreconciled lines meant to pay it, and
    `open` is Tryton's own `amount_to_pay`. It counts where it is `effective`: posted or paid, and
    not a credit note that took a whole invoice back, which then is cancelled."""

    id: int
    number: str | None
    party: int
    currency: str
    digits: int
    total: Decimal
    effective: bool
    open: Decimal
    due: Sequence[Line]
    links: Sequence[Line] = ()
    moves: Collection[int] = ()

    @property
    def is_debt(self) -> bool:
        return self.effective and self.total > 0

    @property
    def is_credit(self) -> bool:
        return self.effective and self.total < 0

    @property
    def debtor(self) -> int:
        return debtor(self.party, ((line.party, line.balance) for line in self.due))


def debtor(party: int, due: Iterable[tuple[int | None, Decimal]]) -> int:
    """Whose account an invoice of this party stands on. Tryton lets somebody else pay it from the
    start, or take the debt over; a debt that is only partly handed on stays with the party."""
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    for payer, balance in due:
        if payer is not None:
            sums[payer] += balance
    owing = [payer for payer, balance in sums.items() if balance]
    return min(owing) if owing and party not in owing else party


class Share(NamedTuple):
    """What one line settles of one invoice, in the invoice's currency."""

    line: int
    invoice: int
    amount: Decimal


class Figures(NamedTuple):
    """What a party owes, has paid ahead, and has as credit notes that settle nothing yet, in one
    currency; none is negative."""

    currency: str
    receivable: Decimal
    prepaid: Decimal
    credits: Decimal


class Ledger:
    """The invoices that a set of lines belongs to, and what follows for the lines."""

    def __init__(self, invoices: Iterable[Invoice]) -> None:
        self.invoices = {invoice.id: invoice for invoice in invoices}
        self._owner = {line.id: i for i in self.invoices.values() for line in i.due}
        self._document = {move: i for i in self.invoices.values() for move in i.moves}
        self._links = {share.line: share for i in self.invoices.values() for share in _linked(i)}

    def owner(self, line: int) -> Invoice | None:
        """The invoice whose debt this line makes, or takes back."""
        return self._owner.get(line)

    def document(self, line: Line) -> Invoice | None:
        """The invoice or credit note that this line's move belongs to."""
        return self._document.get(line.move)

    def settled_by_link(self, line: int) -> Share | None:
        """What an unreconciled line settles of the invoice that it is linked to."""
        return self._links.get(line)

    def settled_by_group(self, lines: Iterable[Line]) -> list[Share]:
        """What the credits of one reconciliation (all of its lines) settle of the invoices in it.

        Every debit of a reconciliation is settled in full; only who settles whom is open. Lines
        that name each other (a payment linked to its invoice, a line and its reversal) are matched
        first, then lines of one currency, the oldest first, then what is left by its value in the
        company's currency. An exchange difference has no second currency, and so it settles no
        foreign invoice unless nothing else is there to do it.
        """
        ordered = sorted(lines, key=_order)
        debits = [_Open(line) for line in ordered if not line.is_credit]
        credits = [_Open(line) for line in ordered if line.is_credit]
        for matches in (self._own, self._named_same, self._named_other, _same, _other, _worth):
            for credit in credits:
                for debit in debits:
                    if debit.left > 0 and matches(credit, debit):
                        debit.settle(credit)
        shares: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for debit in debits:
            invoice = self.owner(debit.line.id)
            if invoice is not None and invoice.is_debt:
                for credit_id, part in debit.parts(credits, invoice.digits):
                    if self.owner(credit_id) is not invoice:
                        shares[credit_id, invoice.id] += part
        return [Share(line, number, amount) for (line, number), amount in shares.items() if amount]

    def figures(self, lines: Iterable[Line]) -> list[Figures]:
        """What the open lines of one party come to, by currency; receivable - prepaid - credits is
        their sum.

        The open part of an invoice is receivable, that of a credit note is a credit. Everything
        else is one sum per currency: paid ahead where it is a credit, and a debt that names no
        invoice (an opening balance) where it is a debit. A link counts in its own currency alone,
        because nothing was exchanged yet, and a link from another party's line for that party.
        """
        of_document: defaultdict[int, Decimal] = defaultdict(Decimal)
        other: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            invoice, amount = self._counted_in(line)
            if invoice is not None:
                of_document[invoice.id] += amount
            other[line.currency] += line.amount - amount
        receivable: defaultdict[str, Decimal] = defaultdict(Decimal)
        credits: defaultdict[str, Decimal] = defaultdict(Decimal)
        for number, amount in of_document.items():
            invoice = self.invoices[number]
            if invoice.is_debt and amount > 0:
                receivable[invoice.currency] += amount
            elif invoice.is_credit and amount < 0:
                credits[invoice.currency] -= amount
            else:
                other[invoice.currency] += amount
        found = []
        for code in sorted({*receivable, *credits, *other}):
            owed = receivable[code] + max(ZERO, other[code])
            found.append(Figures(code, owed, max(ZERO, -other[code]), credits[code]))
        return [row for row in found if any(row[1:])]

    def _counted_in(self, line: Line) -> tuple[Invoice | None, Decimal]:
        """The invoice or credit note whose open part this line makes smaller or larger, and how
        much of the line does; the rest of it stands for itself."""
        owner, share = self.owner(line.id), self.settled_by_link(line.id)
        linked = self.invoices.get(line.linked) if line.linked is not None else None
        if owner is not None and owner.effective and owner.currency == line.currency:
            return owner, line.amount
        if linked is None or linked.currency != line.currency:
            return None, ZERO
        if share is not None:
            return linked, -share.amount
        if linked.is_credit and not line.is_credit:  # a part of it is paid out
            return linked, line.amount
        return None, ZERO

    def _own(self, credit: _Open, debit: _Open) -> bool:
        """An invoice takes its own line back, as when its due dates are changed."""
        owner = self.owner(debit.line.id)
        return owner is not None and owner is self.owner(credit.line.id) and _same(credit, debit)

    def _named_same(self, credit: _Open, debit: _Open) -> bool:
        return _same(credit, debit) and self._named(credit, debit)

    def _named_other(self, credit: _Open, debit: _Open) -> bool:
        return _other(credit, debit) and self._named(credit, debit)

    def _named(self, credit: _Open, debit: _Open) -> bool:
        debited, credited = self.owner(debit.line.id), self.owner(credit.line.id)
        return (
            (debited is not None and credit.line.linked == debited.id)
            or (credited is not None and debit.line.linked == credited.id)
            or credit.line.reverses == debit.line.id
            or debit.line.reverses == credit.line.id
        )


def _linked(invoice: Invoice) -> list[Share]:
    """Lines in the invoice's currency settle what they are, the oldest first. Tryton converts the
    rest together, at the rate of the invoice's day, and rounds once; so that sum is taken from its
    own `amount_to_pay` and split in proportion."""
    if not invoice.is_debt:
        return []
    rest = sum((line.amount for line in invoice.due if line.group is None), ZERO) - invoice.open
    credits = sorted((line for line in invoice.links if line.is_credit), key=_order)
    shares = []
    for line in credits:
        if line.currency == invoice.currency:
            part = max(ZERO, min(-line.amount, rest))
            rest -= part
            shares.append(Share(line.id, invoice.id, part))
    foreign = [line for line in credits if line.currency != invoice.currency]
    weights = [Fraction(-line.balance) for line in foreign]
    for line, part in zip(foreign, _split(max(ZERO, rest), weights, invoice.digits), strict=True):
        shares.append(Share(line.id, invoice.id, part))
    return [share for share in shares if share.amount]


def _split(total: Decimal, weights: Sequence[Fraction], digits: int) -> list[Decimal]:
    """Parts in proportion to the weights, each a whole number of the currency's smallest unit, that
    add up to the total exactly. The running sum is what is rounded, so no part is negative."""
    whole, sofar, given = sum(weights), Fraction(0), ZERO
    parts = []
    for index, weight in enumerate(weights):
        sofar += weight
        last = index == len(weights) - 1
        upto = total if last else _rounded(Fraction(total) * sofar / (whole or 1), digits)
        parts.append(upto - given)
        given = upto
    return parts


def _rounded(amount: Fraction, digits: int) -> Decimal:
    return Decimal(round(amount * 10**digits)).scaleb(-digits)


def _order(line: Line) -> tuple[dt.date, int]:
    return line.when, line.id


class _Open:
    """What is left of a line while its group is distributed: `left` in its own currency, `worth` in
    the company's. Both are exact; the worth of a credit falls by what it settles, not by what it
    cost, and so its exchange difference stays with it. `taken` is what each credit gave."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.left = abs(Fraction(line.amount))
        self.worth = abs(Fraction(line.balance))
        self.taken: dict[int, Fraction] = {}

    def settle(self, credit: _Open) -> None:
        """Takes from the credit what it can give to this debit."""
        if _same(credit, self):
            part = min(self.left, credit.left)
            worth = self.worth * part / self.left
            credit.left -= part
        else:
            worth = min(self.worth, credit.worth)
            part = self.left * worth / self.worth
            credit.left -= credit.left * worth / credit.worth
        self.left -= part
        self.worth -= worth
        credit.worth -= worth
        self.taken[credit.line.id] = self.taken.get(credit.line.id, Fraction(0)) + part

    def parts(self, credits: Sequence[_Open], digits: int) -> list[tuple[int, Decimal]]:
        """The whole debit by credit, in the order of the credits. What a line of no value in the
        company's currency has left over goes to the last credit."""
        givers = [c.line.id for c in credits if c.line.id in self.taken]
        givers = givers or [c.line.id for c in credits[-1:]]
        weights = [self.taken.get(line, Fraction(0)) for line in givers]
        if weights:
            weights[-1] += self.left
        return list(zip(givers, _split(abs(self.line.amount), weights, digits), strict=True))


def _same(credit: _Open, debit: _Open) -> bool:
    return credit.line.currency == debit.line.currency and credit.left > 0


def _other(credit: _Open, debit: _Open) -> bool:
    return credit.line.currency != debit.line.currency and _worth(credit, debit)


def _worth(credit: _Open, debit: _Open) -> bool:
    return credit.worth > 0 and debit.worth > 0
