"""What people look for in a figure and is in another: where it went, document by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Card
from syncd.why.answer import Elsewhere, Item
from syncd.why.sums import Papers, made_of, total


def elsewhere(papers: Papers, card: Card, word: str, paths: Mapping[str, str]) -> list[Elsewhere]:
    """What people look for in a figure and is in another; `paths` are the fields of the card."""
    found: list[Elsewhere] = []
    currency = papers.currency
    if word in ("receivable", "overdue", "line"):
        found += _as(made_of(papers, "prepaid", currency), "settles no invoice", "prepaid", paths)
        found += _as(made_of(papers, "credits", currency), "settles no invoice", "credits", paths)
    if word in ("receivable", "total_sales", "line"):
        orders = made_of(papers, "open_orders_total", currency)
        found += _as(orders, "is not invoiced: no debt", "open_orders_total", paths)
    if word == "receivable":
        for row in card.rows:
            if row.receivable.currency != currency and row.receivable:
                text = "another currency, never added up"
                found.append(Elsewhere(row.receivable, text, "line", paths.get("line")))
    if word == "prepaid":
        owed = made_of(papers, "receivable", currency)
        if owed:
            money = total(owed, currency)
            found.append(
                Elsewhere(money, "is owed, and never netted", "receivable", paths.get("receivable"))
            )
    papers.currency = currency
    return found


def _as(items: Sequence[Item], text: str, word: str, paths: Mapping[str, str]) -> list[Elsewhere]:
    return [
        Elsewhere(one.counts, f"of {one.kind} {one.number} {text}", word, paths.get(word))
        for one in items
        if one.counts
    ]
