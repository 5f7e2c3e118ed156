"""What is known of one base: what it publishes, its currencies, its organisations, which of them
are read, and whose the keys of its settlements are. Everything is asked once and kept; what is not
found in it is asked again, for catalogs grow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from syncd.port import Flow

from . import organisations
from .layouts import (
    ACCOUNTS,
    CONTRACTS,
    CURRENCIES,
    CUSTOMERS,
    ORGANISATION,
    ORGANISATIONS,
    Layout,
    layout_of,
)
from .publication import unknown
from .schema import Schema, read_schema
from .values import NO_KEY, Row, any_of, chunks, currency_code, key_of
from .wire import Wire

KEYS_AT_ONCE = 30
LONGEST = 6000
"""Bytes of a query as it is sent: a web server refuses a longer address, Apache from 8190 on. A
Cyrillic letter is six of them."""

T = TypeVar("T")


class Base:
    """One infobase. `own` is the currency its books are kept in, `firms` are the keys of the
    organisations that are read, none: all. Raises ProtocolError where it publishes none of the
    known configurations."""

    def __init__(self, wire: Wire, schema: Schema, zone: ZoneInfo, own: str) -> None:
        layout = layout_of(schema)
        if layout is None:
            raise unknown(schema)
        self.wire = wire
        self.schema = schema
        self.layout: Layout = layout
        self.zone = zone
        self.own = own
        self.firms: tuple[str, ...] = ()
        self._currencies: dict[str, str | None] = {}
        self._organisations: dict[str, str | None] = {}
        self._parties: dict[str, str] = {}
        self._party_firms: dict[str, str | None] = {}
        self._contracts: dict[str, str | None] = {}
        self._accounts: frozenset[str] | None = None
        self._partners: dict[str, list[str]] | None = None

    def by_keys(
        self, name: str, keys: Collection[str], query: Mapping[str, str]
    ) -> Flow[list[Row]]:
        """The rows of a set with these keys; one that is gone is simply not there."""
        return (yield from self.where_any(name, "Ref_Key", keys, query))

    def where_any(
        self, name: str, field: str, keys: Collection[str], query: Mapping[str, str], of: str = ""
    ) -> Flow[list[Row]]:
        """The rows whose field is one of these keys; `of` is the type, of a field of several."""
        found: list[Row] = []
        clause = len(quote(any_of(field, (NO_KEY, NO_KEY), of or None))) // 2 + 4
        left = LONGEST - sum(len(quote(value)) for value in query.values())
        for some in chunks(sorted(keys), max(1, min(KEYS_AT_ONCE, left // clause))):
            wanted = {"$filter": any_of(field, some, of or None)}
            found += yield from self.wire.rows(name, {**query, **wanted})
        return found

    # ------------------------------------------------------------------ whose documents are read

    def only(self, name: str) -> str:
        """A clause that is true of what is of the organisations that are read; empty where that is
        everything, or nothing tells it. Also where it would be too long for an address: what comes
        is looked at once more anyway."""
        if not self.firms or self._by_rows(name) or not self.schema.has(name, ORGANISATION[0]):
            return ""
        clause = any_of(ORGANISATION[0], self.firms)
        return f"({clause})" if len(quote(clause)) < LONGEST // 2 else ""

    def outside(self, name: str, row: Row) -> bool:
        """Whether a document is of another organisation than those that are read."""
        if not self.firms or self._by_rows(name) or not self.schema.has(name, ORGANISATION[0]):
            return False
        return key_of(row.get(ORGANISATION[0])) not in self.firms

    def _by_rows(self, name: str) -> bool:
        """A netting may be between organisations: whose it is, its rows in the ledger say."""
        return name in self.layout.others

    def settles(self, row: Row) -> Flow[bool]:
        """Whether a row of settlements is of an organisation that is read."""
        if not self.firms:
            return True
        firm = key_of(row.get(ORGANISATION[0]))
        if self.layout.register.keys is not None:
            key = row.get(self.layout.register.party)
            yield from self.party(key)
            firm = self._party_firms.get(key_of(key) or "")
        return firm in self.firms

    # -------------------------------------------------------------------------- what keys stand for

    def currency(self, key: Any) -> Flow[str | None]:
        """The ISO code; the books' own where a document names none."""
        known = key_of(key)
        if known is None:
            return self.own
        return (yield from self._looked_up(self._currencies, known, CURRENCIES, currency_code))

    def organisation(self, key: Any) -> Flow[str | None]:
        known = key_of(key)
        if known is None or ORGANISATIONS not in self.schema.sets:
            return None
        return (yield from self._looked_up(self._organisations, known, ORGANISATIONS, _name))

    def _looked_up(
        self,
        cache: dict[str, str | None],
        key: str,
        name: str,
        made: Callable[[Row], str | None],
    ) -> Flow[str | None]:
        if key not in cache:
            fields = self.schema.those(name, ("Ref_Key", "Code", "Description"))
            for row in (yield from self.wire.rows(name, {"$select": ",".join(fields)})):
                cache[str(row["Ref_Key"]).lower()] = made(row)
            cache.setdefault(key, None)
        return cache[key]

    def contract_currency(self, key: Any) -> Flow[str | None]:
        """What a contract is settled in."""
        known = key_of(key)
        field = self.schema.first(CONTRACTS, ("ВалютаВзаиморасчетов_Key", "ВалютаРасчетов_Key"))
        if known is None or field is None:
            return self.own
        if known not in self._contracts:
            query = {"$select": f"Ref_Key,{field}"}
            for row in (yield from self.wire.rows(CONTRACTS, query)):
                code = yield from self.currency(row.get(field))
                self._contracts[str(row["Ref_Key"]).lower()] = code
            self._contracts.setdefault(known, self.own)
        return self._contracts[known]

    def accounts(self) -> Flow[frozenset[str]]:
        """Keys of the accounts that settlements with customers are on."""
        if self._accounts is None:
            rows = yield from self.wire.rows(ACCOUNTS, {"$select": "Ref_Key,Code"})
            codes = self.layout.register.codes
            mine = (row for row in rows if str(row.get("Code") or "").strip() in codes)
            self._accounts = frozenset(str(row["Ref_Key"]).lower() for row in mine)
        return self._accounts

    def party(self, key: Any) -> Flow[str | None]:
        """The customer that a key of settlements stands for."""
        known = key_of(key)
        register = self.layout.register
        if known is None or register.keys is None:
            return known
        if known not in self._parties:
            yield from self._read_parties(register.keys)
        return self._parties.get(known)

    def keys_of(self, customers: Collection[str]) -> Flow[dict[str, str]]:
        """Key of settlements -> customer, of these customers and the organisations that are
        read."""
        register = self.layout.register
        if register.keys is None:
            return {one: one for one in customers}
        missing = set(customers) - set(self._parties.values())
        if missing:
            yield from self._read_parties(register.keys)
        return {
            key: one
            for key, one in self._parties.items()
            if one in customers and (not self.firms or self._party_firms.get(key) in self.firms)
        }

    def _read_parties(self, catalog: str) -> Flow[None]:
        """A key names a counterparty; where a release has only the partner in it, the one
        counterparty of the partner is meant, and a partner of several is nobody's."""
        names = ("Ref_Key", "Контрагент_Key", "Партнер_Key", *ORGANISATION)
        fields = self.schema.those(catalog, names)
        rows = yield from self.wire.rows(catalog, {"$select": ",".join(fields)})
        for row in rows:
            customer = key_of(row.get("Контрагент_Key"))
            if customer is None and (partner := key_of(row.get("Партнер_Key"))):
                customer = yield from self._only(partner)
            if customer is not None:
                key = str(row["Ref_Key"]).lower()
                self._parties[key] = customer
                self._party_firms[key] = key_of(row.get(ORGANISATION[0]))

    def _only(self, partner: str) -> Flow[str | None]:
        if self._partners is None:
            self._partners = {}
            fields = {"$select": "Ref_Key,Партнер_Key"}
            for row in (yield from self.wire.rows(CUSTOMERS, fields)):
                if owner := key_of(row.get("Партнер_Key")):
                    self._partners.setdefault(owner, []).append(str(row["Ref_Key"]).lower())
        found = self._partners.get(partner, [])
        return found[0] if len(found) == 1 else None


def _name(row: Row) -> str | None:
    return str(row.get("Description") or "").strip() or None


def open_base(wire: Wire, zone: ZoneInfo, own: str, named: Sequence[str] = ()) -> Flow[Base]:
    """`named` are the organisations that are read, by name or key; none: all. ConfigError where one
    of them is not in the base."""
    schema = read_schema((yield from wire.raw("$metadata")))
    base = Base(wire, schema, zone, own)
    if named:
        organisations.refuse_untold(schema, base.layout)
        firms = yield from organisations.read(wire, schema)
        base.firms = organisations.keys_of(named, firms)
    return base
