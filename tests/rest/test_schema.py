"""The JSON Schema takes every file that the reader takes, knows its lines, and refuses mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from syncd.mapping.document import Listing, Node, Problems, Table, parse
from syncd.rest.files import LINES, access, reads, writes
from syncd.rest.files.schema import AUTH, HEAD, READ, WRITE, schema
from syncd.table.files.schema import both
from tests.cli.desk import Desk
from tests.docs.pages import ROOT, blocks
from tests.rest.shop import HEAD as SHOP
from tests.rest.test_files import READ as READING
from tests.rest.test_files import WRITE as WRITING
from tests.rest.world import HERE

PAGE = ROOT / "docs" / "connector-files.md"
FILES = [
    *(file.read_text(encoding="utf-8") for file in sorted(HERE.glob("*.yaml"))),
    *(block.body for block in blocks(PAGE) if block.mark == "yaml connector shop"),
    *(SHOP + block.body for block in blocks(PAGE) if block.mark == "yaml connector part"),
]


def plain(node: Node) -> Any:
    if isinstance(node, Table):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Listing) else node.value


def wrong(text: str) -> list[str]:
    made = schema()
    Draft7Validator.check_schema(made)
    found = Draft7Validator(made).iter_errors(plain(parse(text, Problems("a.yaml"))))
    return [f"{list(one.absolute_path)} {one.message}" for one in found]


@pytest.mark.parametrize("text", FILES)
def test_every_good_file_is_valid(text: str) -> None:
    assert wrong(text) == []


def test_it_knows_the_lines_of_the_reader() -> None:
    assert set(HEAD) == set(LINES)
    assert set(READ) == set(reads.LINES)
    assert set(WRITE) == set(writes.LINES)
    assert set(AUTH) == {*access.WAYS, *access.SHOWN}


@pytest.mark.parametrize(
    "text",
    [
        "reed: {}",
        "read: {invoce: {object: x}}",
        READING.replace("LIST", "/i?x=1"),
        READING.replace("LIST", "{delete: /i}"),
        READING.replace("LIST", "/i, paging: {type: pages}"),
        READING.replace("LIST", "/i, values: {x: money}"),
        WRITING.replace("T3", "T5").replace("MARKER", "x"),
        "answers: [{status: 404, means: gone}]",
        "base: api",
        "doubt_time: soon",
    ],
)
def test_a_mistake_is_not(text: str) -> None:
    assert wrong(SHOP + text) != []


def test_it_is_written_to_a_file(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "connector.json"
    assert desk.syncd("connector", "schema", "--out", str(out)).code == 0
    assert json.loads(out.read_text(encoding="utf-8")) == both()
