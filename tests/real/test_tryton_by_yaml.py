"""Tryton by YAML alone: the demo's story and its comparison to the cent, and what the connector in
Python reads of the same books."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors.tryton import Tryton
from syncd.clock import SystemClock
from syncd.domain import Canonical, Kind
from syncd.http import HttpTransport
from syncd.mapping import BooksMapping, load_books
from syncd.port import All, Connector, Keys, Scope
from syncd.rest.connector import RestConnector
from syncd.rest.files import load
from tests.rest.world import HERE
from tests.world.books import Books
from tests.world.crm import Crm
from tests.world.demo import configure
from tests.world.story import tell

CONNECTOR, MAPPING = HERE / "tryton_books.yaml", HERE / "mappings" / "tryton_books.yaml"
SHIPPED = HERE.parents[1] / "mappings" / "tryton.yaml"


def everything(
    books: Books, connector: Connector, mapping: BooksMapping
) -> dict[Kind, dict[str, Canonical]]:
    """What the mapping keeps of a whole pass, by kind and key."""
    transport = HttpTransport(books.url, connector, {"password": books.password}, SystemClock())
    found: dict[Kind, dict[str, Canonical]] = {}
    for kind, rules in mapping.inbound.items():
        kept = found.setdefault(kind, {})
        scope: Scope | None = All()
        while scope is not None:
            page = transport.run(connector.pull(rules.read, scope))
            made = {record.key: rules(record) for record in page.records}
            kept |= {key: one for key, one in made.items() if one is not None}
            keys = Keys([record.key for record in page.records])
            again = transport.run(connector.pull(rules.read, keys))
            assert {one.key: rules(one) for one in again.records} == made
            scope = All(page.next) if page.next else None
    return found


def settle(books: Books) -> None:
    """A write-off, opening balances, a refund, and two invoices in dollars by one payment."""
    customer = books.create_customer("Retouren 返品 GmbH", code="R-1")
    books.write_off(books.post_invoice(customer, "1.50"))
    books.pay(books.post_invoice(customer, "200.00"), "24.01")
    books.credit_note(customer, "30.00")
    books.advance(customer, "15.00")
    books.refund(customer, "5.00")
    other = books.create_customer("ООО «Начало»", email="Info@Nachalo.example")
    books.opening(other, "99.90")
    two = [books.post_invoice(other, amount, currency="USD") for amount in ("40.00", "60.00")]
    books.reconcile(
        books.advance(other, "100.00", currency="USD"),
        *(line for invoice in two for line in books.open_lines(invoice)),
    )


@pytest.mark.timeout(1800)
def test_the_story_is_told_with_tryton_by_yaml(demo_books: Books, crm: Crm, tmp_path: Path) -> None:
    config = configure(tmp_path / "demo", demo_books, crm)
    text = config.read_text(encoding="utf-8")
    for old, new in (
        ("system: tryton", "system: tryton_books"),
        ("books_mapping: tryton", "books_mapping: tryton_books"),
    ):
        assert old in text
        text = text.replace(old, new)
    config.write_text(f"{text}mappings: mappings\n", encoding="utf-8")
    for file, folder in ((CONNECTOR, "connectors"), (MAPPING, "mappings")):
        (config.parent / folder).mkdir()
        shutil.copy(file, config.parent / folder / "tryton_books.yaml")
    tell(demo_books, crm, config, whole=False)


@pytest.mark.timeout(1200)
def test_both_connectors_read_the_same_books(demo_books: Books) -> None:
    """Record by record, with what the demo company has and some things that it has not: the story's
    own comparison, which comes first, knows no opening balances."""
    settle(demo_books)
    options = {"database": demo_books.database, "login": demo_books.login}
    described = RestConnector(load(CONNECTOR), options)
    python = Tryton(options)
    ours = everything(demo_books, described, load_books(MAPPING, described.facts))
    theirs = everything(demo_books, python, load_books(SHIPPED, python.facts))
    assert all(len(records) > 1 for records in theirs.values())
    for kind, records in theirs.items():
        assert ours[kind] == records
