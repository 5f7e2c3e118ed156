"""What the words of reports mean: printed in every workbook, and in docs/reports.md."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "organisation": "the legal entity of the books that a document belongs to, as they name it",
    "opening": "the ledger's balance before the period: above zero is owed to the company",
    "invoiced": "posted invoices dated in the period, tax included",
    "credited": "posted credit notes; in commissions those that settle invoices of that seller",
    "paid": "money received less money given back; of invoices: those with nothing open and a "
    "payment on them",
    "adjusted": "every other row of the ledger, with its sign",
    "closing": "opening + invoiced - credited - paid + adjusted",
    "receivable": "today: the open part of invoices, and debts that name no invoice",
    "prepaid": "today: money that settles nothing yet; never taken off receivable",
    "credits": "today: credit notes that settle nothing yet; never taken off receivable",
    "overdue": "the open part of invoices by each of their due dates, from the day after it",
    "1-30": "overdue for so many days; the four add up to overdue",
    "31-60": "overdue for so many days",
    "61-90": "overdue for so many days",
    "over 90": "overdue for so many days",
    "not due": "the open part of invoices whose day has not passed, or that have none",
    "other": "receivable that no invoice stands for, as an opening debt",
    "orders": "effective orders; cancelled ones are out",
    "ordered": "their sum, tax included",
    "average": "ordered by orders, rounded to the currency's own digits",
    "stage": "the first rule of the CRM's mapping that holds",
    "at the start": "customers in this stage on the day before the period",
    "came": "in another stage at the start, in this one at the end",
    "left": "in this stage at the start, in another one at the end",
    "at the end": "at the end of the period, or today",
    "bought before": "had an order, or an invoice made of none, in the period before",
    "again": "of them, those that bought in the period too",
    "others": "bought in the period, and not in the one before",
    "base": "what payments dated in the period settle of invoices, by the seller of their order",
    "received": "payments above zero",
    "refunded": "payments below zero: money given back",
    "cards": "customers with a card's figures",
    "compared": "of them, those that syncd prove has compared",
    "agree": "of them, those where ledger, documents and card were the same to the cent",
    "proven": "said so at the end of the month: open items, and found to agree",
    "not proven": "said so at the end of the month: the ledger said other than the documents",
    "share": "per cent, rounded down: only all are 100",
    "corrections": "orders and invoices whose customer, date or amount changed, or that were "
    "cancelled, by the day syncd saw it",
    "per 100 orders": "corrections by orders, times 100",
    "without an order": "what of it settles no invoice",
    "days": "since then, until today",
    "median days": "half took as long or less",
    "open": "of invoices: with an open part today",
    "settled otherwise": "by credit notes or adjustments alone, without money",
    "ordered first": "deals of which an order came: one that names the deal, else the first of "
    "its customer from that day on",
    "not linked": "deals whose card is no customer of the books",
}
