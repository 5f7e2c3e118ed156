"""The smaller YAML: what looks like something else stays text, and everything has its place."""

from __future__ import annotations

import pytest

from syncd.errors import ConfigError
from syncd.mapping.document import Listing, Problems, Scalar, Table, parse


def document(text: str) -> Table:
    found = Problems("x.yaml")
    root = parse(text, found)
    found.stop()
    return root


def scalar(text: str) -> Scalar:
    value = document(text).entries["a"].value
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    "typed",
    ["010", "NO", "yes", "On", "True", "12:30", "2026-11-18", "1_000", "0x1F", "0o7", "1.50",
     "1e3", "-5", "+5", ".inf", "=", "<<", "９"],
)  # fmt: skip
def test_traps_of_yaml_stay_text(typed: str) -> None:
    assert scalar(f"a: {typed}").value == typed


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("true", True),
        ("false", False),
        ("0", 0),
        ("17", 17),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_what_is_not_text(typed: str, value: object) -> None:
    found = scalar(f"a: {typed}").value
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("typed", ["'true'", '"17"', "'null'"])
def test_quotes_make_text(typed: str) -> None:
    assert scalar(f"a: {typed}").value == typed[1:-1]


def test_keys_are_text_too() -> None:
    assert list(document("010: a\nNO: b\n7700000009: c\nНомер: d").entries) == [
        "010", "NO", "7700000009", "Номер"
    ]  # fmt: skip


def test_places_count_characters_not_bytes() -> None:
    root = document("таблица:\n  Номер: [Дата, 'Сумма']\n")
    inner = root.entries["таблица"].value
    assert isinstance(inner, Table)
    entry = inner.entries["Номер"]
    assert entry.key.place == (2, 3)
    assert isinstance(entry.value, Listing)
    last = entry.value.items[1]
    assert last.place == (2, 17)
    assert isinstance(last, Scalar)
    assert last.at(2) == (2, 20)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3", ["3:1 duplicate key a, first on line 1"]),
        ("{a: {b: 1, 'b': 2}}", ["1:12 duplicate key b, first on line 1"]),
        ("? [x]\n: 1", ["1:3 a key must be a word"]),
        (
            "a: &x {b: 1}\nc: *x",
            [
                "1:4 anchor &x is not allowed; write it where used",
                "2:4 alias *x is not allowed; write the value out",
            ],
        ),
    ],
)
def test_what_would_mislead_is_refused(text: str, problems: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        document(text)
    assert refused.value.problems == tuple(f"x.yaml:{line}" for line in problems)
