"""One query of SuiteQL as one of SQLite."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects import Oracle
from sqlglot.errors import SqlglotError
from sqlglot.transforms import eliminate_join_marks

from syncd.sandbox.netsuite.suiteql import rownum
from syncd.sandbox.netsuite.suiteql.calls import called
from syncd.sandbox.netsuite.suiteql.grouping import check_groups
from syncd.sandbox.netsuite.suiteql.names import Visible, lower, meaning, resolve, sorted_by
from syncd.sandbox.netsuite.suiteql.refusals import refused, unsupported
from syncd.sandbox.netsuite.switches import Switches

MOST_IN = 1000
COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
FORBIDDEN = (exp.Limit, exp.Offset, exp.DateStrToDate, exp.Into, exp.Lock, exp.Hint, exp.Pivot)
FORMATS = {
    "M/D/YYYY": "%m/%d/%Y",
    "D/M/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD-Mon-YYYY": "%d-%b-%Y",
}


@dataclass(frozen=True, slots=True)
class Query:
    sql: str
    names: tuple[str, ...]
    """Of the columns, as the vendor gives them."""
    ordered: bool
    """No two rows can change places."""
    clocked: bool
    """The result depends on the time."""
    params: int
    """How many values it wants, as `:p1`, `:p2` and so on."""


def translate(text: str, visible: Visible, switches: Switches) -> Query:
    """Refused where NetSuite would not take it."""
    text, params = _numbered(text)
    tree = _parsed(text, switches)
    lower(tree)
    tree = eliminate_join_marks(tree)
    resolve(tree, visible)
    for select in tree.find_all(exp.Select):
        check_groups(select)
    _literals(tree, switches)
    clocked = tree.find(exp.CurrentTimestamp, exp.CurrentDate) is not None
    ordered = _ordered(tree)
    names = tuple(_names(tree))
    tree = _aliased(tree, names)
    for node in reversed(list(tree.bfs())):
        made = called(node)
        if made is not node:
            node.replace(made)
    tree = rownum.limited(tree)
    if switches.shuffle and not ordered and isinstance(tree, exp.Select):
        tree = tree.order_by("RANDOM()", append=True, dialect="sqlite")
    return Query(tree.sql("sqlite", identify=True), names, ordered, clocked, params)


def _numbered(text: str) -> tuple[str, int]:
    """The text with `:p1` for its first `?`: a value may be needed twice, or in another order."""
    try:
        marks = [
            one.start
            for one in Oracle().tokenize(text)
            if one.token_type in (TokenType.PLACEHOLDER, TokenType.COLON)
        ]
    except SqlglotError:
        raise unsupported() from None
    if any(text[at] == ":" for at in marks):
        raise unsupported()
    for number, at in reversed(list(enumerate(marks, 1))):
        text = f"{text[:at]}:p{number}{text[at + 1 :]}"
    return text, len(marks)


def _parsed(text: str, switches: Switches) -> exp.Expr:
    try:
        found = [one for one in sqlglot.parse(text, read="oracle") if one is not None]
    except SqlglotError:
        raise unsupported() from None
    if len(found) != 1 or not isinstance(found[0], exp.Select | exp.SetOperation):
        raise unsupported()
    tree: exp.Expr = found[0]
    if any(one.name.lower().startswith("o_") for one in tree.find_all(exp.Anonymous)):
        raise unsupported()  # a function of ours
    if tree.find(*FORBIDDEN) or (tree.find(exp.With) and not switches.cte):
        raise unsupported()
    for one in tree.find_all(exp.In):
        if len(one.expressions) > MOST_IN:
            raise refused("Search error occurred: maximum number of expressions in a list is 1000.")
    for select in tree.find_all(exp.Select):
        if select.args.get("from_") is None:
            raise unsupported()
    return tree


def _literals(tree: exp.Expr, switches: Switches) -> None:
    """A text beside a date is read in the account's format."""
    for node in tree.find_all(*COMPARED, exp.Between, exp.In):
        kind = meaning(node.this)
        sides = [node.args.get(one) for one in ("expression", "low", "high")]
        sides += node.expressions if isinstance(node, exp.In) else []
        if kind is None:
            kind, sides = meaning(node.args.get("expression")), [node.this]
        if kind is None or kind[1].kind not in ("date", "time"):
            continue
        for one in sides:
            if isinstance(one, exp.Literal) and one.is_string:
                one.replace(_date(one.name, switches))


def _date(text: str, switches: Switches) -> exp.Expr:
    form = FORMATS[switches.date_format]
    try:
        dt.datetime.strptime(text, form)  # noqa: DTZ007 - a day
    except ValueError:
        raise refused(
            f"Search error occurred: Invalid date value '{text}' (must be {switches.date_format})"
        ) from None
    return exp.func("o_to_date", exp.Literal.string(text), exp.Literal.string(form))


def _names(tree: exp.Expr) -> list[str]:
    names, unnamed = [], 0
    for one in tree.selects if isinstance(tree, exp.Query) else []:
        name = one.alias_or_name
        if not name or name == "*":
            unnamed += 1
            name = f"expr{unnamed}"
        names.append(name)
    return names


def _aliased(tree: exp.Expr, names: tuple[str, ...]) -> exp.Expr:
    if isinstance(tree, exp.Select):
        kept = [
            one if isinstance(one, exp.Alias) else exp.alias_(one, name, quoted=True)
            for one, name in zip(tree.expressions, names, strict=True)
        ]
        tree.set("expressions", kept)
    return tree


def _ordered(tree: exp.Expr) -> bool:
    """By the id of the one table that it reads, which is unique there."""
    order = tree.args.get("order")
    if order is None or tree.args.get("joins") or not isinstance(tree, exp.Select):
        return False
    if not isinstance(tree.args["from_"].this, exp.Table):
        return False
    found = [sorted_by(tree, one.this) for one in order.expressions]
    return any(one and one[1].name == "id" and one[0].key == "id" for one in found)
