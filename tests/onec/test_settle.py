"""Which money settles which shipment, by the rows of one account."""

from __future__ import annotations

from decimal import Decimal

from connectors.onec.settle import Entry, Share, settled

SHIPPED, PAID, BACK = "Document_Реализация", "Document_Поступление", "Document_Списание"


def entry(document: str, set: str, when: str, amount: str) -> Entry:
    return Entry(
        document=document,
        set=set,
        customer="к",
        account=("заказ",),
        currency="RUB",
        when=when,
        amount=Decimal(amount),
    )


def shares(*entries: Entry) -> dict[str, list[Share]]:
    found = settled(entries, {SHIPPED}, {PAID}, {BACK})
    return {document: list(some) for document, some in found.items()}


def test_the_oldest_debt_is_paid_first() -> None:
    assert shares(
        entry("s1", SHIPPED, "1", "100"),
        entry("s2", SHIPPED, "2", "50"),
        entry("p", PAID, "3", "-120"),
    ) == {"p": [Share("s1", Decimal(100)), Share("s2", Decimal(20))]}


def test_money_given_back_opens_what_the_newest_payment_settled() -> None:
    """Or a debt would come out of nowhere, without a day on which it is due."""
    assert shares(
        entry("s", SHIPPED, "1", "100"),
        entry("p1", PAID, "2", "-60"),
        entry("p2", PAID, "3", "-40"),
        entry("b", BACK, "4", "50"),
    ) == {"p1": [Share("s", Decimal(50))]}


def test_what_was_paid_ahead_and_given_back_settles_nothing() -> None:
    assert shares(entry("p", PAID, "1", "-30"), entry("b", BACK, "2", "30")) == {}
    later = entry("s", SHIPPED, "3", "30")
    assert shares(entry("p", PAID, "1", "-30"), entry("b", BACK, "2", "30"), later) == {}
