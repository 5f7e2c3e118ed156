"""What people look for in a figure and is in another: where it went, document by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Card
from syncd.why.answer import Elsewhere, Item
from syncd.why.sums import Papers, of_each, total


def elsewhere(
    papers: Mapping[str, Papers], card: Card, word: str, paths: Mapping[str, str], currency: str
) -> list[Elsewhere]:
    """What people look for in a figure and is in another; `papers` by customer of the card, `paths`
    are its fields."""
    found: list[Elsewhere] = []
    if word in ("receivable", "overdue", "line"):
        found += _as(of_each(papers, "prepaid", currency), "settles no invoice", "prepaid", paths)
        found += _as(of_each(papers, "credits", currency), "settles no invoice", "credits", paths)
    if word in ("receivable", "total_sales", "line"):
        orders = of_each(papers, "open_orders_total", currency)
        found += _as(orders, "is not invoiced: no debt", "open_orders_total", paths)
    if word == "receivable":
        for row in card.rows:
            if row.receivable.currency != currency and row.receivable:
                text = "another currency, never added up"
                found.append(Elsewhere(row.receivable, text, "line", paths.get("line")))
    if word == "prepaid":
        owed = of_each(papers, "receivable", currency)
        if owed:
            money = total(owed, currency)
            found.append(
                Elsewhere(money, "is owed, and never netted", "receivable", paths.get("receivable"))
            )
    return found


def _as(items: Sequence[Item], text: str, word: str, paths: Mapping[str, str]) -> list[Elsewhere]:
    return [
        Elsewhere(one.counts, f"of {one.kind} {one.number} {text}", word, paths.get(word))
        for one in items
        if one.counts
    ]
