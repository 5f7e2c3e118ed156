"""The JSON Schema says what the checker says, as far as a schema can."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from syncd import registry
from syncd.domain import Kind
from syncd.mapping.document import Listing, Node, Problems, Table, parse
from syncd.mapping.transforms import REGISTRY
from syncd.mapping_files import system_of
from syncd.preview.schema import schema
from tests.engine.rig import MAPPINGS

MISTAKES = Path(__file__).parents[1] / "mapping"


@cache
def validator(system: str) -> Draft7Validator:
    made = schema(registry.facts(system))
    Draft7Validator.check_schema(made)
    return Draft7Validator(made)


def plain(node: Node) -> Any:
    if isinstance(node, Table):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Listing) else node.value


def wrong(system: str, text: str) -> list[str]:
    found = validator(system).iter_errors(plain(parse(text, Problems("a.yaml"))))
    return [f"{list(one.absolute_path)} {one.message}" for one in found]


@pytest.mark.parametrize("file", sorted(MAPPINGS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_mapping_is_valid(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert wrong(system_of(file), text) == []


def test_every_system_has_a_shipped_mapping() -> None:
    files = [file.stem for file in MAPPINGS.glob("*.yaml")]
    for system in registry.CONNECTORS:
        assert any(file == system or file.startswith(f"{system}_") for file in files), system


@pytest.mark.parametrize(
    ("file", "system"),
    [("mistakes_books.yaml", "memory_books"), ("mistakes_crm.yaml", "memory_crm")],
)
def test_a_file_of_mistakes_is_not(file: str, system: str) -> None:
    assert len(wrong(system, (MISTAKES / file).read_text(encoding="utf-8"))) > 5


SLIPS = [
    ("memory_books", "version: 1", "version: none"),
    ("memory_books", "read: customers", "read: custommers"),
    ("memory_books", "email | trim | lower", "email | trim | lowre"),
    ("memory_books", "total | money currency\n    open", "total | money\n    open"),
    ("memory_books", "reason:      reason", "reson:       reason"),
    ("memory_books", "each:       rows\n", "rows:       rows\n"),
    ("memory_books", "    date:     date | date\n    total", "    total"),
    ("memory_crm", "language: en ", "language: klingon "),
    ("memory_crm", "write: account", "write: acount"),
    ("memory_crm", "email:    email", "email:    emial"),
    ("memory_crm", "parents: {invoice: invoice}\n  fields:", "fields:"),
    ("memory_crm", "name | max 255, unique", "name | max many, unique"),
    ("memory_crm", "  of: customer\n", ""),
    ("zoho_crm", "parents: {Accounts: customer}", "parents: {Account: customer}"),
    ("zoho_crm", "  parents: {Accounts: customer}\n", ""),
    ("zoho_crm", "parents: {Accounts: customer}", "parents: {}"),
    ("memory_crm", "stage: dormant, when", "stage: dormant, wenn"),
]  # fmt: skip


@pytest.mark.parametrize(("system", "old", "new"), SLIPS, ids=lambda text: text.strip()[:24])
def test_one_slip_makes_a_mapping_invalid(system: str, old: str, new: str) -> None:
    text = (MAPPINGS / f"{system}.yaml").read_text(encoding="utf-8")
    assert old in text
    assert wrong(system, text.replace(old, new, 1)) != []


def test_an_overlay_of_single_lines_is_valid_and_a_slip_in_it_is_not() -> None:
    overlay = """
extends: tryton
customer.email: none
customer.rating: rating | text
order.seller: {first_of: [seller | trim, number | after "#"]}
lookups.invoice.on_hold: draft
"""
    assert wrong("tryton", overlay) == []
    for old, new in (("| text", "| txt"), ("customer.r", "custumer.r"), ("extends", "extend")):
        assert wrong("tryton", overlay.replace(old, new)) != [], new


def test_who_makes_cards_is_said_in_a_line_or_in_the_table() -> None:
    for text in ("match: {make: never, home: RU}\n", "match.make: never\nmatch.home: RU\n"):
        assert wrong("megaplan", f"extends: megaplan\n{text}") == []
        assert wrong("megaplan", f"extends: megaplan\n{text.replace('never', 'always')}") != []
        assert wrong("megaplan", f"extends: megaplan\n{text.replace('RU', 'Russia')}") != []


def test_a_balance_is_read_or_added_up_and_not_both() -> None:
    text = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")
    [read] = re.findall(r"^balance:\n(?:  .*\n)+", text, re.M)
    alone = "balance: {from: documents, currency: EUR}\n"
    assert wrong("memory_books", text.replace(read, alone)) == []
    for slip in ("from: papers, currency: EUR", "from: documents", "from: documents, read: x"):
        assert wrong("memory_books", text.replace(read, f"balance: {{{slip}}}\n")) != [], slip
    assert wrong("memory_books", text.replace("  read: balances\n", "")) != []


def test_open_items_need_one_amount_and_other_rows_both() -> None:
    text = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")
    [rows] = re.findall(r"^    rows:\n(?:      .*\n)+", text, re.M)

    def told(line: str) -> list[str]:
        return wrong("memory_books", text.replace(rows, f"    rows: {line}\n"))

    assert told("{each: a, sum: true, receivable: b | money c}") == []
    assert told("[{each: a, sum: true, credits: b | money c}]") == []
    for slip in (
        "{each: a, receivable: b | money c}",
        "{each: a, sum: false, receivable: b | money c}",
        "{each: a, sum: true}",
        "{each: a, sum: maybe, receivable: b | money c, prepaid: b | money c}",
    ):
        assert told(slip) != [], slip


def test_what_is_settled_stands_in_rows_or_in_a_field() -> None:
    text = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")
    rows = re.findall(r"^    allocations: .*\n", text, re.M)[0]

    def told(line: str) -> list[str]:
        return wrong("memory_books", text.replace(rows, f"    allocations: {line}\n", 1))

    assert told("{invoice: bill}") == told("[{invoice: bill, amount: a | money c}]") == []
    assert told("{each: rows, invoice: bill}") != []
    assert told("{amount: a | money c}") != []


def test_an_editor_offers_each_transform_with_what_it_does() -> None:
    definitions = schema(registry.facts("tryton"))["definitions"]
    line = definitions["read"]["anyOf"][0]
    offered = {one["label"].split()[2]: one["description"] for one in line["defaultSnippets"]}
    works = {one.name: one.doc for one in REGISTRY.values() if one.way != "to a target"}
    assert offered == works


@pytest.mark.parametrize("system", sorted(registry.CONNECTORS))
def test_every_word_has_a_meaning_that_an_editor_shows(system: str) -> None:
    made = schema(registry.facts(system))
    silent = [
        f"{kind}.{word}"
        for kind, section in made["properties"].items()
        if kind in list(Kind)
        for word, line in section["properties"]["fields"]["properties"].items()
        if not line.get("description")
    ]  # fmt: skip
    assert silent == []
