"""What a configuration has to publish by OData, and how whoever looks after 1C is told.

Only what is published can be seen, so what is missing may also not exist in this release.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.errors import ProtocolError
from syncd.guide import Paste

from .layouts import (
    ACCOUNTS,
    CONTACT_KINDS,
    CONTRACTS,
    CURRENCIES,
    CUSTOMERS,
    LAYOUTS,
    ORGANISATIONS,
    PARTNERS,
    PERSONS,
    USERS,
    Layout,
)
from .schema import Schema

_WORDS = {
    "Catalog": "Справочник",
    "Document": "Документ",
    "AccumulationRegister": "РегистрНакопления",
    "AccountingRegister": "РегистрБухгалтерии",
    "ChartOfAccounts": "ПланСчетов",
}
_PLACE = (
    "Администрирование > Синхронизация данных > «Состав стандартного интерфейса OData», добавить:"
)


class Publication(msgspec.Struct, frozen=True):
    """Sets in the order in which they are told."""

    needed: Sequence[str]
    optional: Sequence[str]


def publication(layout: Layout) -> Publication:
    """Of what stands in for something else only the first is needed: releases have one of them."""
    register = layout.register
    needed = [CUSTOMERS, CURRENCIES, ORGANISATIONS]
    needed += [layout.buyers[0]] if layout.buyers else [CONTRACTS]
    needed += [layout.orders[0], layout.invoices[0], *layout.receipts[:2]]
    needed += [register.set]
    needed += [register.keys] if register.keys else []
    needed += [ACCOUNTS] if register.codes else []
    optional = [*layout.orders, *layout.invoices, *layout.receipts, *layout.refunds]
    optional += [*layout.credits, *layout.others, USERS, CONTRACTS]
    optional += [layout.undelivered[0]] if layout.undelivered else []
    optional += [PERSONS[0] if PARTNERS in needed else PERSONS[1], CONTACT_KINDS]
    return Publication(
        list(dict.fromkeys(needed)),
        [one for one in dict.fromkeys(optional) if one not in needed],
    )


def lacking(schema: Schema, layout: Layout) -> Paste | None:
    """The optional part. Raises ProtocolError for the needed one."""
    wanted = publication(layout)
    if missing := [one for one in wanted.needed if one not in schema.sets]:
        raise ProtocolError(refusal([layout], missing))
    missing = [one for one in wanted.optional if one not in schema.sets]
    return Paste(_PLACE, tuple(map(_named, missing))) if missing else None


def unknown(schema: Schema) -> ProtocolError:
    """None of the configurations is published: what to publish of the one that is likeliest, or of
    each where nothing tells them apart."""
    sets = schema.sets
    found = {one.name: sum(name in sets for name in publication(one).needed) for one in LAYOUTS}
    most = max(found.values())
    likely = [one for one in LAYOUTS if found[one.name] == most]
    missing = [name for one in likely for name in publication(one).needed if name not in sets]
    return ProtocolError(refusal(likely, list(dict.fromkeys(missing))))


def refusal(layouts: Sequence[Layout], missing: Sequence[str]) -> str:
    """One text to be handed on, in the words of 1C."""
    named = ", ".join(one.name for one in layouts)
    head = f"1C publishes too little by OData for {named}. For the 1C specialist, as it is:"
    lines = [_PLACE]
    for one in layouts if len(layouts) > 1 else ():
        mine = [name for name in publication(one).needed if name in missing]
        lines += [f"  {one.name}:", *(f"    {_named(name)}" for name in mine)]
    if len(layouts) == 1:
        lines += [f"  {_named(name)}" for name in missing]
    return "\n".join([head, *(f"    {line}" for line in lines)])


def _named(name: str) -> str:
    kind, _, rest = name.partition("_")
    return f"{_WORDS.get(kind, kind)}.{rest}"
