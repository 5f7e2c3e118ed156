"""Which debt a payment meets, and which advance a shipment uses up."""

from __future__ import annotations

from decimal import Decimal

from syncd.sandbox.onec.trade.settle import Fact, Group, settled

ORDER = Group("customer", "organisation", "contract", "currency", "order")


def fact(name: str, date: str, amount: int, due: str = "") -> Fact:
    return Fact(ORDER, date, ("Document_X", name), Decimal(amount), due)


def moved(*facts: Fact) -> list[tuple[str, str, str, int]]:
    """(document that moves, debt or advance, of which document, amount)."""
    return [
        (one.fact.recorder[1], "debt" if one.debt else "advance", one.document[1], int(one.amount))
        for one in settled(facts)
    ]


def test_a_payment_meets_what_is_due_first() -> None:
    assert moved(
        fact("a", "1", 100, due="2026-12-31"),
        fact("b", "2", 100, due="2026-10-01"),
        fact("paid", "3", -150),
    )[2:] == [("paid", "debt", "b", -100), ("paid", "debt", "a", -50)]


def test_what_is_left_over_is_an_advance_that_the_next_shipment_uses_up() -> None:
    assert moved(fact("paid", "1", -150), fact("a", "2", 100), fact("b", "3", 100)) == [
        ("paid", "advance", "paid", -150),
        ("a", "debt", "a", 100),
        ("a", "advance", "paid", 100),
        ("a", "debt", "a", -100),
        ("b", "debt", "b", 100),
        ("b", "advance", "paid", 50),
        ("b", "debt", "b", -50),
    ]
