"""What the documentation shows is what syncd does, and what it names is there."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from syncd import registry
from syncd.mapping.transforms import REGISTRY
from syncd.mapping_files import check_file
from syncd.settings import load
from tests.cli.desk import Desk
from tests.docs.kontor import KEY, Kontor
from tests.docs.pages import PAGES, ROOT, act_out, blocks
from tests.server import LocalServer

TUTORIAL = ROOT / "docs" / "connect-any-system.md"
"""Acted out by itself, with the system that it connects."""
STORIES = [
    page
    for page in PAGES
    if page != TUTORIAL and any(block.mark == "console" for block in blocks(page))
]
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def named(page: Path) -> str:
    return page.name


@pytest.mark.parametrize("page", STORIES, ids=named)
def test_every_story_goes_as_it_is_told(page: Path, desk: Desk) -> None:
    assert act_out(page, desk) == []


def test_a_system_is_connected_as_the_tutorial_tells(desk: Desk) -> None:
    kontor = Kontor(desk.clock.utc)
    for number, name in enumerate(("ООО «Пример»", "株式会社サンプル"), 1):
        customer = kontor.customer(f"K-000{number}", name, email=f"buero{number}@example.com")
        kontor.invoice(customer, f"RE-{number}", "119.00", "2026-11-02", "2026-11-16")
    kontor.payment(1, "50.00", "2026-11-10", {1: "50.00"})
    shutil.copy(ROOT / "docs" / "examples" / "kontor.openapi.json", desk.folder)
    desk.secret("kontor", KEY, name="key")
    with LocalServer(kontor) as server:
        named = {"https://kontor.example.com": server.url, "/etc/syncd": str(desk.folder)}
        assert act_out(TUTORIAL, desk, named, kontor=kontor) == []
    refs = [row["external_ref"] for row in kontor.tables["customers"].values()]
    assert len(refs) == 3 and refs[2], "the won customer, once"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_mapping_and_configuration_shown_is_valid(page: Path, tmp_path: Path) -> None:
    files = tmp_path / registry.FOLDER
    files.mkdir()
    for block in blocks(page):
        file = tmp_path / f"line-{block.line}.yaml"
        file.write_text(block.body, encoding="utf-8")
        if block.mark.startswith("yaml mapping"):
            assert "in order" in check_file(file)
        elif block.mark.startswith("yaml connector"):
            name = block.mark.split()[-1]
            text = block.body if name != "part" else whole(block.body)
            own = files / f"{'shop' if name == 'part' else name}.yaml"
            own.write_text(text, encoding="utf-8")
            assert registry.declared(own)
        elif block.mark == "yaml configuration":
            for one in load(file).connections.values():
                registry.connector(one.system, one.options, one.where)
        elif block.mark != "yaml configuration part":
            assert not block.mark.startswith("yaml"), f"{page.name}:{block.line} is not checked"


def whole(part: str) -> str:
    """A connector file around the lines that a page shows."""
    read = "" if "read:" in part else "read: {invoice: {object: i, list: /i, by_key: '/i/{key}'}}\n"
    identity = "identity: {get: /me, id: id}\n"
    return f"connector: shop\nkind: rest\nversion: 1\n{identity}{read}{part}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_test_that_is_named_exists(page: Path) -> None:
    for file, name in NAMED_TEST.findall(page.read_text(encoding="utf-8")):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        names |= {
            t.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for t in node.targets
            if isinstance(t, ast.Name)
        }
        assert name in names, f"{page.name} names {file}::{name}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_promise_names_a_test() -> None:
    text = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    promises = text.split("\n## ")[1:]
    holding = [one for one in promises if re.match(r"\d", one)]
    assert [one[0] for one in holding] == list("12345678")
    for one in holding:
        assert NAMED_TEST.search(one), one.splitlines()[0]


def test_the_list_of_transforms_is_the_registry() -> None:
    text = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    rows = [f"| `{one.usage}` | {one.way} | {one.doc} |" for one in REGISTRY.values()]
    listed = text.partition("<!-- transforms -->\n")[2].partition("<!-- /transforms -->")[0]
    head = ["| transform | works | meaning |", "| --- | --- | --- |"]
    assert listed.strip().splitlines() == [*head, *rows]
