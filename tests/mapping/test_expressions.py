"""Expressions agree with exact arithmetic, and nothing outside the white list compiles."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import MappingError
from syncd.mapping.code import Code, Unmappable, returns
from syncd.mapping.document import Place, Problems, Scalar
from syncd.mapping.expressions import DEEPEST, LONGEST, parse_expression

from .systems import customer_file, mapped, problems

Record = dict[str, Any]


def compiled(source: str) -> Callable[[Record], Any]:
    found = Problems("x.yaml")
    expression = parse_expression(Scalar(Place(1, 1), source, source), found)
    found.stop()
    assert expression is not None
    target = Code()
    return target.function("f", ["data"], [returns(expression.build(target, "data"))], "x.yaml")


def refusal(source: str) -> str:
    found = Problems("x.yaml")
    columns = tuple(range(1, len(source) + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse_expression(Scalar(Place(1, 1), source, source, columns), found) is None
    [(place, text)] = found._found
    return f"{place.column} {text}"


# ------------------------------------------------------------------ agreement with a plain reading

Term = tuple[str, Callable[[Record], Any]]
amounts = st.decimals(-10_000, 10_000, places=2) | st.integers(-10_000, 10_000)
records = st.fixed_dictionaries({"a": amounts, "сумма": amounts, "n": st.integers(0, 9)})


def _literal(value: Decimal) -> Term:
    return f"{value:f}", lambda record: Fraction(value)


def _name(name: str) -> Term:
    return name, lambda record: Fraction(record[name])


def _joined(sign: str, left: Term, right: Term) -> Term:
    operations: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda x, y: x + y,
        "-": lambda x, y: x - y,
        "*": lambda x, y: x * y,
    }
    apply = operations[sign]
    return f"({left[0]} {sign} {right[0]})", lambda r: apply(left[1](r), right[1](r))


def _chosen(sign: str, left: Term, right: Term) -> Term:
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "<": lambda x, y: x < y,
        ">=": lambda x, y: x >= y,
        "==": lambda x, y: x == y,
        "!=": lambda x, y: x != y,
    }
    test = tests[sign]
    source = f"({left[0]} if {left[0]} {sign} {right[0]} else -{right[0]})"
    return source, lambda r: left[1](r) if test(left[1](r), right[1](r)) else -right[1](r)


def _called(name: str, left: Term, right: Term) -> Term:
    function = {"min": min, "max": max}[name]
    return f"{name}({left[0]}, {right[0]})", lambda r: function(left[1](r), right[1](r))


leaves = st.decimals(0, 999, places=2).map(_literal) | st.sampled_from(["a", "сумма", "n"]).map(
    _name
)
terms = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(_joined, st.sampled_from("+-*"), inner, inner),
        st.builds(_chosen, st.sampled_from(["<", ">=", "==", "!="]), inner, inner),
        st.builds(_called, st.sampled_from(["min", "max"]), inner, inner),
    ),
    max_leaves=6,
).filter(lambda term: len(term[0]) <= LONGEST)


@given(terms, records)
def test_arithmetic_is_exact(term: Term, record: Record) -> None:
    source, plain = term
    result = compiled(source)(record)
    assert type(result) in (int, Decimal)
    assert Fraction(result) == plain(record)


@given(records, st.sampled_from(["a > n", "not a", "a and n", "a or n", "n in [1, 2, 3]"]))
def test_conditions_agree_with_python(record: Record, source: str) -> None:
    plain = eval(source, {"__builtins__": {}}, dict(record))  # the text is one of the five above
    assert compiled(source)(record) == plain


@given(st.lists(st.fixed_dictionaries({"x": amounts, "off": st.booleans()}), max_size=6))
def test_a_comprehension_over_a_table_part_agrees(rows: list[Record]) -> None:
    record = {"Товары": rows}
    kept = [row["x"] for row in rows if not row["off"]]
    total = compiled("sum(row.x for row in Товары if not row.off)")(record)
    assert Fraction(total) == sum(map(Fraction, kept))
    assert compiled("len([r.x for r in Товары])")(record) == len(rows)
    assert compiled("any(r.off for r in Товары)")(record) == any(row["off"] for row in rows)
    assert compiled("all(r.off for r in Товары)")(record) == all(row["off"] for row in rows)


@given(amounts, st.integers(0, 6))
def test_round_and_abs_agree_with_python(value: Decimal | int, places: int) -> None:
    assert compiled(f"round(a, {places})")({"a": value}) == round(value, places)
    assert compiled("abs(a)")({"a": value}) == abs(value)


@given(amounts, amounts.filter(bool))
def test_division_keeps_28_digits(left: Decimal | int, right: Decimal | int) -> None:
    quotient = compiled("a / b")({"a": left, "b": right})
    exact = Fraction(left) / Fraction(right)
    assert abs(Fraction(quotient) - exact) <= abs(exact) / 10**27


def test_what_is_behind_nothing_is_nothing() -> None:
    assert compiled("party.id is None and not party.address.city")({"party": None}) is True


def test_keys_are_never_attributes() -> None:
    record = {"items": 1, "party": {"keys": 2, "get": {"values": 3}}}
    assert compiled("items + party.keys + party.get.values")(record) == 6


# --------------------------------------------------------------------------------- the white list

ATTACKS = [
    "__import__('os')", "x.__class__", "x.__class__.__bases__", "__builtins__", "().__class__",
    "'a'.format(x)", "x.format(1)", "''.join(x)", "open('/etc/hostname')", "eval('1')",
    "exec('1')", "getattr(x, 'y')", "lambda: 1", "(lambda: 1)()", "(x := 1)", "x[0]", "x['a']",
    "x[1:2]", "f'{x}'", "f'{x!r:>{y}}'", "[*x]", "max(*x)", "max(x, key=y)", "max(**x)",
    "{1: 2}", "{1, 2}", "{k: v for k in x}", "{k for k in x}", "[b for a in x for b in a]",
    "[[b for b in a] for a in x]", "sum(sum(b for b in a.c) for a in x)", "[a for a in [1, 2]]",
    "[a for a in 'text']", "[a for a in (b for b in x)]", "[a for a, b in x]",
    "[a async for a in x]", "await x", "yield x", "(yield)", "2 ** 999999999", "x ** y", "x % y",
    "'%s' % x", "x // y", "x << 99", "x >> 1", "x & y", "x | y", "x ^ y", "~x", "x @ y",
    "'a' * 999999999", "[0] * 10000000", "9 * (1, 2)", "x * [y for y in z]", "b'bytes'", "1j",
    "1e999999", "1_000", "0x10", "0b1", "...", "x is y", "x is 5", "u'text'", "'\\x41'",
    "sum(1, 2, 3)", "len()", "round(x, 9999999)", "round(x, y)", "round(x, -1)", "print(1)",
    "sum.x(1)", "x.y(1)", "sum", "range(10)", "str(x)", "sorted(x)", "1; 2", "import os",
    "x = 1", "del x", "a if b", "x #", "a\0b", "", "   ", "(" * 250 + "1" + ")" * 250,
    "-" * 200 + "1", "not " * 100 + "x", "[" * 40 + "]" * 40, "+".join(["x"] * 400),
    "[__x for __x in y]", "[sum for sum in x]", "x.y.__dict__.z", "true", "null", "1 if x else",
    "9" * 31, "lambda", "x.(y)", "type(x)", "[a for a in x if (b := 1)]", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("source", [a for a in ATTACKS if a != "sum"])
def test_nothing_outside_the_white_list_compiles(source: str) -> None:
    assert "expression: " in refusal(source)


def test_a_function_is_not_a_value() -> None:
    with pytest.raises(Unmappable, match="there is no sum in this record"):
        compiled("sum")({})


@given(st.text("abx0123.,()[]{}:=+-*/%<>!'\"@^&|~\\ \nforinlambda_Ж", max_size=40))
def test_any_text_is_compiled_or_refused(source: str) -> None:
    found = Problems("x.yaml")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expression = parse_expression(Scalar(Place(1, 1), source, source), found)
    assert (expression is None) == bool(found)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Номер == 1 and Сумма ** 2", "16 expression: powers are not allowed"),
        ("summ(x)", "1 expression: unknown function summ; did you mean sum?"),
        ("x == true", "6 expression: true is written True here"),
        ("a +", "4 expression: invalid syntax"),
        ("x" * (LONGEST + 1), f"1 expression: is longer than {LONGEST} characters"),
    ],
)
def test_a_refusal_names_the_place_and_the_way_out(source: str, message: str) -> None:
    assert refusal(source) == message


def test_nesting_is_limited() -> None:
    assert compiled("-" * DEEPEST + "x")({"x": 1}) == (-1) ** DEEPEST
    assert "nested deeper" in refusal("-" * (DEEPEST + 1) + "x")


# ------------------------------------------------------------------------------ against the record


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("Тип == 'Сумма' and Сума > 0", "4:29 there is no Сума in this record"),
        ("Тип == 'Сумма' and party.nmae == 1", "4:29 there is no nmae in this record"),
        ("share * 2 > 1", "4:10 share is an inexact number (float)"),
        ("party.share > 1", "4:10 share is an inexact number (float)"),
        ("1 < max(shares)", "4:14 max of an inexact number (float)"),
        ("sum(shares) > 1", "4:10 a number is needed, this is an inexact number"),
        ("any(s > 1 for s in shares)", "4:14 an inexact number (float) cannot be compared"),
        ("Тип < 5", "4:10 text and a number cannot be compared like this"),
        ("Тип * 3 == 1", "4:10 a number is needed, this is text"),
        ("flag + 1 == 2", "4:10 a number is needed, this is true or false"),
        ("none.x > 1", "4:10 nothing and a number cannot be compared like this"),
        ("Тип.x == 1", "4:10 .x of text"),
        ("1 / (n - n) > 0", "4:10 division by zero"),
        ("n * n * n > 0", "4:10 the result has more digits than can be exact"),
        ("sum(t for t in Тип) > 0", "4:25 Тип is text, not a table part"),
        ("min([]) > 0", "4:10 min of nothing"),
    ],
)
def test_a_record_that_does_not_fit_is_held_at_the_place_inside_the_line(
    tmp_path: Path, where: str, message: str
) -> None:
    data = {
        "name": "n", "Тип": "Сумма", "party": {"share": 0.5}, "share": 0.5, "shares": [0.5, 0.7],
        "flag": True, "none": None, "n": Decimal("1." + "1" * 40),
    }  # fmt: skip
    with pytest.raises(MappingError) as held:
        mapped(tmp_path, data, where=where)
    assert str(held.value) == f"books.yaml:{message}"
    assert held.value.where == f"books.yaml:{message.split()[0]}"


def test_places_hold_in_quotes_and_folded_text(tmp_path: Path) -> None:
    quoted = customer_file(where="'a == ''x'' and б ** 2'")
    assert problems(tmp_path, quoted) == ["4:26 expression: powers are not allowed"]
    folded = customer_file(where=">\n    a == 1\n    and б ** 2")
    assert problems(tmp_path, folded) == ["4:10 expression: powers are not allowed"]


def test_equal_numbers_of_a_float_are_different_expressions(tmp_path: Path) -> None:
    near = "0.1000000000000000055"
    assert compiled(f"{near} == 0.1")({}) is False
    assert compiled("0.1 + 0.2 == 0.3")({}) is True
