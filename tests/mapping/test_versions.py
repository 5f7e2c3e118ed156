"""A version stands for what a file means: it is the same in every process and for every layout."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.domain import Kind
from syncd.mapping import load_books
from syncd.mapping.transforms import REGISTRY

from .systems import (
    BOOKS,
    CARD,
    SHIPPED,
    books,
    card_file,
    crm,
    crm_problems,
    customer_file,
    problems,
    shipped_crm,
)

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


STAGES = '[{stage: new, when: "orders_count >= 1"}, {stage: old, when: "orders_count == 0"}]'
STAGED = card_file("stage: custom_fields.stage", stages=STAGES)
LISTED = card_file("ageing: custom_fields.ageing")
SAID = card_file('line: {path: custom_fields.line, say: ["{changed}"]}')
FIGURES = card_file("receivable: custom_fields.r")
NOTED = CARD + (
    "credit_note: {write: note, parents: {account: customer}, fields: {number: text},\n"
    "  marker: {path: reference, form: 'CN-{key}'}}\n"
)
WON = CARD + (
    "won: {read: account, require: [name], hint: custom_fields.hint,\n"
    "  fields: {name: name, email: email}}\n"
)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (STAGED, (">= 1", "> 1")),
        (STAGED, ("stage: new", "stage: fresh")),
        (STAGED, (STAGES, '[{stage: old, when: "orders_count == 0"}]')),
        (LISTED, ("system:", "language: ja\nsystem:")),
        (SAID, ("system:", "language: ru\nsystem:")),
        (SAID, ("system:", "zone: Asia/Tokyo\nsystem:")),
        (SAID, ('say: ["{changed}"]', 'say: ["{changed}"], correcting: "{correcting}"')),
        (SAID, ('say: ["{changed}"]', 'say: ["{changed}"], else: Nothing')),
        (FIGURES, ("system:", "history: {from: 2026-01-01}\nsystem:")),
        (FIGURES, ("custom_fields.r", "custom_fields.r | in EUR")),
        (NOTED, ("CN-{key}", "CN-{number}")),
        (NOTED, ("path: reference, ", "")),
        (WON, ("require: [name]", "require: [name, email]")),
        (WON, ("require: [name], ", "")),
        (WON, ("custom_fields.hint", "custom_fields.books_hint")),
        (WON, ("system:", "language: ru\nsystem:")),
        (WON, ("name: name, email", "name: name | trim, email")),
    ],
)
def test_what_a_card_means_is_part_of_the_version(
    tmp_path: Path, text: str, changed: tuple[str, str]
) -> None:
    assert changed[0] in text
    other = text.replace(*changed)
    assert crm(tmp_path, text).version != crm(tmp_path, other).version


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (STAGED, (">= 1", " >=  1")),
        (STAGED, ("stage: new,", "stage:   'new' ,")),
        (FIGURES, ("system:", "# a comment\nlanguage: en\nsystem:")),
        (FIGURES, ("system:", "language: ru\nzone: Asia/Tokyo\nsystem:")),
        (FIGURES, ("receivable: custom_fields.r}", "receivable:  custom_fields.r  }")),
        (NOTED, ("marker: {path: reference, form: 'CN-{key}'}",
                 'marker: {form: "CN-{key}",  path: reference}')),
        (WON, ("require: [name]", "require: name")),
    ],
)  # fmt: skip
def test_blanks_comments_and_a_language_that_nothing_speaks_mean_nothing(
    tmp_path: Path, text: str, changed: tuple[str, str]
) -> None:
    assert changed[0] in text
    other = text.replace(*changed)
    assert crm(tmp_path, text).version == crm(tmp_path, other).version


def test_where_a_day_of_the_books_begins_is_part_of_the_meaning(tmp_path: Path) -> None:
    plain = books(tmp_path, customer_file())
    vienna = books(tmp_path, customer_file() + "zone: Europe/Vienna\n")
    assert plain.zone is None
    assert vienna.zone is not None
    assert vienna.zone.key == "Europe/Vienna"
    assert plain.version != vienna.version
    assert problems(tmp_path, customer_file() + "zone: Wien\n") == [
        "8:7 unknown zone Wien; write it like Europe/Vienna"
    ]


def test_documents_may_begin_on_a_day(tmp_path: Path) -> None:
    assert crm(tmp_path, CARD).history is None
    begun = crm(tmp_path, CARD + "history: {from: 2026-01-01}\n")
    assert begun.history == dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ("2026-01-01", ["3:10 history is a table of `word: value` lines"]),
        ("{from: 1.1.2026}", ["3:17 1.1.2026 is not a day like 2026-01-31"]),
        ("{from: 2026-02-30}", ["3:17 2026-02-30 is not a day like 2026-01-31"]),
        ("{from: }", ["3:17 from is empty; delete the line if it is not wanted"]),
        ("{}", ["3:10 `from:` is missing in history"]),
    ],
)
def test_a_history_without_a_day_is_told(tmp_path: Path, history: str, told: list[str]) -> None:
    assert crm_problems(tmp_path, CARD + f"history: {history}\n") == told


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
