"""The scope of a pilot as it is stored, and as a screen says it."""

from __future__ import annotations

import json

import msgspec


class Scope(msgspec.Struct, frozen=True):
    customers: tuple[str, ...] = ()
    sellers: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.customers or self.sellers or self.cards)

    def __or__(self, other: Scope) -> Scope:
        return Scope(
            tuple(sorted({*self.customers, *other.customers})),
            tuple(sorted({*self.sellers, *other.sellers})),
            tuple(sorted({*self.cards, *other.cards})),
        )

    def __str__(self) -> str:
        """`seller Seller 3; customers 1, 2 and 5 more`: keys, never names of customers."""
        found = []
        for word, some in (
            ("seller", self.sellers),
            ("customer", self.customers),
            ("card", self.cards),
        ):
            more = f" and {len(some) - 10} more" if len(some) > 10 else ""
            if some:
                noun = word if len(some) == 1 else f"{word}s"
                found.append(f"{noun} {', '.join(some[:10])}{more}")
        return "; ".join(found) or "nothing"


def load(stored: bytes | None) -> Scope:
    found = json.loads(stored) if stored else {}
    return Scope(**{word: tuple(some) for word, some in found.items()})
