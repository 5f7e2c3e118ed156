"""ROWNUM: counts rows as they are found, before they are sorted."""

from __future__ import annotations

from sqlglot import exp

from syncd.sandbox.netsuite.suiteql.names import ROWNUM
from syncd.sandbox.netsuite.suiteql.refusals import unsupported


def limited(tree: exp.Expr) -> exp.Expr:
    """`WHERE ROWNUM <= n` becomes a limit below the order; elsewhere it numbers the rows."""
    for select in list(tree.find_all(exp.Select)):
        most = _most(select)
        if most is None:
            continue
        made = _cut(select, most)
        if select is tree:
            tree = made
        else:
            select.replace(made)
    for column in list(tree.find_all(exp.Column)):
        if _is(column):
            column.replace(exp.Window(this=exp.RowNumber(), over="OVER"))
    return tree


def _is(node: object) -> bool:
    return isinstance(node, exp.Column) and node.name == ROWNUM and not node.table


def _most(select: exp.Select) -> int | None:
    where = select.args.get("where")
    if where is None:
        return None
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    limits = [one for one in parts if isinstance(one, exp.Binary) and _is(one.this)]
    if not limits:
        return None
    rest = [one for one in parts if one not in limits]
    select.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    return min(map(_limit, limits))


def _limit(part: exp.Binary) -> int:
    if not isinstance(part.expression, exp.Literal) or part.expression.is_string:
        raise unsupported()
    n = int(part.expression.name)
    if isinstance(part, exp.LTE):
        return n
    if isinstance(part, exp.LT):
        return n - 1
    if isinstance(part, exp.EQ):
        return 1 if n == 1 else 0
    return 0  # ROWNUM > 1 is never true


def _cut(select: exp.Select, most: int) -> exp.Select:
    if select.args.get("group") or select.args.get("distinct") or select.find(exp.AggFunc):
        raise unsupported()
    order = select.args.get("order")
    if order is None:
        return select.limit(most)
    inner = select.copy()
    inner.set("order", None)
    terms = []
    for number, term in enumerate(order.expressions):
        inner.select(exp.alias_(term.this.copy(), f"o_{number}"), copy=False)
        ordered = term.copy()
        ordered.set("this", exp.column(f"o_{number}", table="r_"))
        terms.append(ordered)
    names = [exp.column(one, table="r_") for one in select.named_selects]
    cut = inner.limit(most).offset(0)  # SQLite would sort before it cuts, but for the offset
    return exp.select(*names).from_(cut.subquery("r_")).order_by(*terms)
