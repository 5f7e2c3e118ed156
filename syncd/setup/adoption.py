"""A field of cards that may hold the books' keys already, left there by an earlier integration:
whether it does is seen on some cards, and by the tax ids of both sides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from syncd.domain import Canonical, Customer
from syncd.guide import CustomField
from syncd.mapping.document import Table
from syncd.setup.files import at, text_at

_TAX = re.compile(r"(^|[\W_])(инн|inn|tax|vat|tin)([\W_]|$)")


class Compared(msgspec.Struct, frozen=True):
    """Of `looked` cards, `known` carry the key of a customer of the books; of `both` pairs with a
    tax id on both sides, `agree` have the same one."""

    looked: int
    known: int
    both: int
    agree: int

    @property
    def sure(self) -> bool:
        return 0 < self.known == self.looked and self.agree == self.both


def compare(
    field: CustomField, taxes: Sequence[str], customers: Mapping[str, Canonical | None]
) -> Compared:
    """`taxes` are the paths of cards that may hold a tax id, `customers` those of the books by
    their key."""
    known = both = agree = 0
    for sample in field.samples:
        customer = customers.get(sample[field.path])
        if not isinstance(customer, Customer):
            continue
        known += 1
        theirs = next((sample[one] for one in taxes if sample.get(one)), None)
        if theirs and customer.tax_id:
            both += 1
            agree += _plain(theirs) == _plain(customer.tax_id)
    return Compared(len(field.samples), known, both, agree)


def tax_paths(typed: Table, fields: Sequence[CustomField]) -> list[str]:
    """That of the mapping first, then what looks like one."""
    mapped = (text_at(typed, "customer.fields.tax_id") or "").partition("|")[0].strip()
    named = [
        one.path
        for one in fields
        if _TAX.search(one.path.rpartition(".")[2].casefold()) or _TAX.search(one.label.casefold())
    ]
    return [one for one in dict.fromkeys([mapped, *named]) if one]


def markers(typed: Table, path: str) -> dict[str, str]:
    """Lines of the CRM's mapping by which this field is the marker of all that had the shipped
    one: it has one name on cards and documents."""
    shipped = text_at(typed, "customer.marker")
    places = [f"{kind}.marker" for kind in typed.entries if at(typed, f"{kind}.marker")]
    return {place: path for place in places if text_at(typed, place) == shipped}


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
