"""The page of what is written where is what the shipped mappings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd import registry
from syncd.mapping import load_books, load_crm
from syncd.preview.written import objects, page
from tests.engine.rig import MAPPINGS

DOCS = Path(__file__).parents[2] / "docs"
BOOKS, CRM = registry.facts("tryton"), registry.facts("bottlecrm")


@pytest.mark.parametrize(
    "system, name",
    [
        ("bottlecrm", "what-is-written"),
        ("zoho_crm", "connectors/what-is-written-zoho"),
        ("megaplan", "connectors/what-is-written-megaplan"),
    ],
)
def test_the_page_is_made_of_the_shipped_mappings(system: str, name: str) -> None:
    crm = registry.facts(system)
    reading = load_books(MAPPINGS / "tryton.yaml", BOOKS)
    writing = load_crm(MAPPINGS / f"{system}.yaml", crm)
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert text == page(reading, writing, BOOKS, crm)


def test_every_field_that_a_mapping_writes_has_its_line() -> None:
    reading = load_books(MAPPINGS / "tryton.yaml", BOOKS)
    writing = load_crm(MAPPINGS / "bottlecrm.yaml", CRM)
    rows = [
        (one.target, row.field) for one in objects(reading, writing, BOOKS, CRM) for row in one.rows
    ]
    written = [
        (part.target, field.path)
        for outbound in (*writing.outbound.values(), *reading.outbound.values())
        for part in outbound.plan.parts
        for field in part.fields
    ]  # fmt: skip
    assert writing.hints is not None
    markers = {"custom_fields.books_id", "reference_number", "code", writing.hints.path}
    assert sorted(row for row in rows if row[1] not in markers) == sorted(written)
    moments = {
        row.field: row.when for one in objects(reading, writing, BOOKS, CRM) for row in one.rows
    }
    assert moments["custom_fields.overdue"] == "on change, at midnight"
    assert moments["custom_fields.receivable"] == "on change"
    assert moments["amount"] == "when it is made; a change makes a new one"
