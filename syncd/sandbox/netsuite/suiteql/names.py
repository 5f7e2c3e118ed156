"""Which table and column each name of a query means; stars become columns.

A column gets `meta["of"]`, (table, column) of the schema, where it comes straight from a table.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from syncd.sandbox.netsuite.schema import Column, Table
from syncd.sandbox.netsuite.suiteql.refusals import no_field, no_identifier, no_table, refused

Visible = Mapping[str, Table]
"""Tables that the role sees, with those of their columns that it sees."""
ROWNUM = "rownum"


def lower(tree: exp.Expr) -> None:
    """Names mean the same in any case."""
    for one in tree.find_all(exp.Identifier):
        one.set("this", one.name.lower())


def resolve(tree: exp.Expr, visible: Visible) -> None:
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name not in visible:
                raise no_table(source.name)
        if isinstance(scope.expression, exp.Select):
            _stars(scope, visible)
        for column in list(scope.columns):
            if not isinstance(column.this, exp.Star):
                _resolve(column, scope, visible)


def _columns(source: exp.Table | Scope, visible: Visible) -> list[str]:
    if isinstance(source, exp.Table):
        return list(visible[source.name].columns)
    return _named(source)


def _named(source: Scope) -> list[str]:
    found = source.expression
    return list(found.named_selects) if isinstance(found, exp.Query) else []


def _stars(scope: Scope, visible: Visible) -> None:
    select = scope.expression
    made: list[exp.Expr] = []
    for one in select.expressions:
        inside = one.this if isinstance(one, exp.Column) else one
        if not isinstance(inside, exp.Star):
            made.append(one)
            continue
        wanted = [one.table] if isinstance(one, exp.Column) else list(scope.selected_sources)
        for alias in wanted:
            if alias not in scope.sources:
                raise no_identifier(alias, _known(scope))
            for name in _columns(scope.sources[alias], visible):
                made.append(exp.column(name, table=alias or None))
    select.set("expressions", made)
    scope.clear_cache()


def _known(scope: Scope) -> dict[str, str]:
    return {
        alias: source.name if isinstance(source, exp.Table) else alias
        for alias, source in scope.sources.items()
    }


def _resolve(column: exp.Column, scope: Scope, visible: Visible) -> None:
    name, alias = column.name, column.table
    if name == ROWNUM and not alias:
        return
    if isinstance(scope.expression, exp.SetOperation) and name in scope.expression.named_selects:
        return
    at: Scope | None = scope
    while at is not None:
        if alias and alias in at.sources:
            _found(column, alias, at, visible)
            return
        if not alias:
            having = [
                one for one, source in at.sources.items() if name in _columns(source, visible)
            ]
            if len(having) > 1 and at is scope and name not in _aliases(scope):
                raise refused(f"Search error occurred: Field '{name}' is ambiguous.")
            if having:
                if having[0]:  # a subquery needs no name
                    column.set("table", exp.to_identifier(having[0]))
                _found(column, having[0], at, visible)
                return
        at = at.parent
    if alias:
        raise no_identifier(alias, _known(scope))
    if name in _aliases(scope):
        return
    tables = [one.name for one in scope.sources.values() if isinstance(one, exp.Table)]
    if len(tables) == 1:
        raise no_field(name, tables[0])
    raise no_identifier(name, _known(scope))


def _aliases(scope: Scope) -> list[str]:
    found = scope.expression
    selects = found.selects if isinstance(found, exp.Query) else []
    return [one.alias for one in selects if isinstance(one, exp.Alias)]


def _found(column: exp.Column, alias: str, at: Scope, visible: Visible) -> None:
    source, name = at.sources[alias], column.name
    if isinstance(source, exp.Table):
        table = visible[source.name]
        if name not in table.columns:
            raise no_field(name, source.name)
        column.meta["of"] = (table, table.columns[name])
        return
    inner = source.expression
    if name not in _named(source):
        raise no_field(name, alias)
    if isinstance(inner, exp.Select):
        held = next(one for one in inner.selects if one.alias_or_name == name).unalias()
        if "of" in held.meta:
            column.meta["of"] = held.meta["of"]


def sorted_by(tree: exp.Select, term: exp.Expr) -> tuple[Table, Column] | None:
    """What a term of ORDER BY means: a column, or one of the query by its name."""
    if isinstance(term, exp.Column) and not term.table:
        named = (one.unalias() for one in tree.selects if one.alias_or_name == term.name)
        return meaning(next(named, None))
    return meaning(term)


def meaning(node: exp.Expr | None) -> tuple[Table, Column] | None:
    found: tuple[Table, Column] | None = node.meta.get("of") if node is not None else None
    return found
