"""What stands beside an aggregate is grouped by, as Oracle has it and SQLite does not."""

from __future__ import annotations

from sqlglot import exp

from syncd.sandbox.netsuite.suiteql.refusals import refused


def check_groups(select: exp.Select) -> None:
    group = select.args.get("group")
    keys = {one.sql() for one in group.expressions} if group else set()
    parts = [one.unalias() for one in select.expressions]
    if not group and not any(_aggregates(one) for one in parts):
        return
    for one in parts:
        _check(one, keys)


def _aggregates(node: exp.Expr) -> bool:
    found = node.find(exp.AggFunc)
    return (
        found is not None
        and found.find_ancestor(exp.Select) is node.find_ancestor(exp.Select)
        and found.find_ancestor(exp.Window) is None
    )


def _check(node: exp.Expr, keys: set[str]) -> None:
    if node.sql() in keys or isinstance(node, exp.AggFunc | exp.Subquery):
        return
    if isinstance(node, exp.Column):
        raise refused(
            f"Search error occurred: Field '{node.name}' must be part of GROUP BY or an aggregate."
        )
    for one in node.iter_expressions():
        _check(one, keys)
