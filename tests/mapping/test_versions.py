"""A version stands for what a file means: it is the same in every process and for every layout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from syncd.domain import Kind
from syncd.mapping import load_books
from syncd.mapping.transforms import REGISTRY

from .systems import BOOKS, SHIPPED, books, customer_file, shipped_crm

SAME = """\
# a comment
customer:
  fields: {code: "code", name: name}
  where: 1==1
  read: customers
system: memory_books
lookups: {unused: {a: b}}
"""


def test_layout_comments_and_unused_tables_mean_nothing(tmp_path: Path) -> None:
    plain, other = books(tmp_path, customer_file()), books(tmp_path, SAME)
    assert plain.version == other.version
    assert len(plain.version) == 12


@pytest.mark.parametrize(
    "lines",
    [{"name": "name | trim"}, {"where": "1 == 2"}, {"code": "kod"}, {"code": 'code | default "x"'}],
)
def test_what_changes_the_meaning_changes_the_version(
    tmp_path: Path, lines: dict[str, str]
) -> None:
    assert (
        books(tmp_path, customer_file(**lines)).version != books(tmp_path, customer_file()).version
    )


def test_a_used_lookup_is_part_of_the_meaning(tmp_path: Path) -> None:
    line = customer_file(code="code | lookup codes") + "lookups: {codes: {a: B}}\n"
    assert books(tmp_path, line).version != books(tmp_path, line.replace("B", "C")).version


def test_other_transforms_read_the_same_paths(tmp_path: Path) -> None:
    def hashed(**lines: str) -> bytes:
        return books(tmp_path, customer_file(**lines)).inbound[Kind.CUSTOMER].paths_hash

    assert hashed() == hashed(name="name | trim | upper")
    assert hashed() != hashed(where="active")
    assert len(hashed()) == 8


def test_currencies_of_the_target_are_part_of_what_is_wanted() -> None:
    versions = [shipped_crm(*codes).version for codes in ((), ("EUR",), ("EUR", "USD"))]
    assert len(set(versions)) == 3
    assert shipped_crm("USD", "EUR").version == versions[2]


def test_versions_are_equal_in_another_process() -> None:
    here = (
        load_books(SHIPPED / "memory_books.yaml", BOOKS).version + shipped_crm("EUR", "USD").version
    )
    source = (
        "from tests.mapping.systems import *\n"
        "print(load_books(SHIPPED / 'memory_books.yaml', BOOKS).version"
        " + shipped_crm('EUR', 'USD').version)"
    )
    root = Path(__file__).parents[2]
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", source],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.strip() == here


def test_every_transform_says_what_it_does() -> None:
    for transform in REGISTRY.values():
        assert transform.doc.endswith(".")
        assert transform.usage.startswith(transform.name)
