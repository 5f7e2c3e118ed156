"""COQL (vendor: "Get records through a COQL query"): reads what was just written, at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm.coql_text import Both, Column, Condition, Query, Test, parse
from syncd.sandbox.zoho_crm.crm import Crm, Row
from syncd.sandbox.zoho_crm.metadata import field
from syncd.sandbox.zoho_crm.schema import ANY, Field, Module
from syncd.sandbox.zoho_crm.wire import Refused, body, moment, nothing, reply

MOST_ROWS = 2_000
MOST_OFFSET = 100_000
COMPARED = ("integer", "bigint", "double", "currency", "percent", "date", "datetime", "autonumber")
MOST = {"order": 10, "group": 4, "aggregates": 5}


def run(crm: Crm, asked: Asked) -> tuple[Answer, int]:
    """The answer, and what it costs: 1, 2 or 3 credits by the limit."""
    sent = body(asked)
    text = sent.get("select_query")
    if not isinstance(text, str):
        message = "required field not found"
        raise Refused("MANDATORY_NOT_FOUND", message, api_name="select_query")
    switches = crm.switches
    query = parse(text, switches.coql_quotes, switches.coql_values)
    _limits(query, {**MOST, "select": switches.coql_columns})
    module = crm.modules.get(query.module)
    if module is None:
        message = "the module name given seems to be invalid"
        raise Refused("INVALID_MODULE", message, module=query.module)
    cost = 1 if query.limit <= 200 else 2 if query.limit <= 1000 else 3
    rows = Rows(crm, crm.module(query.module))
    fits = rows.tester(query.where)
    found = sorted(
        (one for one in crm.rows[module.api_name].values() if fits(one)), key=lambda x: int(x.id)
    )
    if query.group or any(one.aggregate for one in query.columns):
        data = rows.grouped(query, found)
    else:
        for name, down in reversed(query.order):
            found.sort(key=rows.ordering(name), reverse=down)
        data = [
            rows.shown(one, query.columns)
            for one in found[query.offset : query.offset + query.limit]
        ]
    if not data:
        return nothing(), cost
    more = len(found) > query.offset + query.limit
    answer = {"data": data, "info": {"count": len(data), "more_records": more}}
    if "fields" in sent.get("include_meta", ()):
        named = {one.name: rows.path(one.name)[-1] for one in query.columns}
        answer["fields"] = {name: field(crm, module, of) for name, of in named.items()}
    return reply(answer), cost


def _limits(query: Query, most: dict[str, int]) -> None:
    counts = {
        "select": len(query.columns),
        "order": len(query.order),
        "group": len(query.group),
        "aggregates": sum(bool(one.aggregate) for one in query.columns),
    }
    for clause, number in counts.items():
        if number > most[clause]:
            raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=most[clause], clause=clause)
    if not 1 <= query.limit <= MOST_ROWS:
        message = "limit given seems to be invalid"
        raise Refused("INVALID_QUERY", message, limit=str(query.limit))
    if query.offset + query.limit > MOST_OFFSET:
        raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=MOST_OFFSET, clause="offset")
    keys = [one.key for one in query.columns]
    if twice := next((one for one in keys if keys.count(one) > 1), None):
        raise Refused("DUPLICATE_DATA", "duplicate data", column_name=twice)


class Rows:
    def __init__(self, crm: Crm, module: Module) -> None:
        self.crm, self.module = crm, module

    def path(self, name: str) -> list[Field]:
        """`Account_Name.Industry`: a lookup, and a field of its module."""
        module: Module | None = self.module
        path = []
        for step in name.split("."):
            of = self.crm.fields(module).get(step) if module else None
            if of is None:
                message = "column given seems to be invalid"
                raise Refused("INVALID_QUERY", message, column_name=name)
            path.append(of)
            module = self.crm.modules.get(of.lookup) if of.data_type == "lookup" else None
        return path

    def raw(self, row: Row, path: list[Field]) -> Any:
        """As it is compared: a lookup or a person is its id, a time is in UTC."""
        for step in path[:-1]:
            other = self.crm.get(row.values.get(step.api_name), step.lookup)
            if other is None:
                return None
            row = other
        of = path[-1]
        own: dict[str, Any] = {
            "id": row.id,
            "Created_Time": row.created,
            "Modified_Time": row.modified,
            "Created_By": row.created_by,
            "Modified_By": row.modified_by,
        }
        value = own.get(of.api_name, row.values.get(of.api_name))
        if of.data_type == "lookup" and self.crm.get(value, of.lookup or ANY) is None:
            return None
        return int(value) if of.data_type == "bigint" and value is not None else value

    def outside(self, row: Row, path: list[Field]) -> object:
        value, of = self.raw(row, path), path[-1]
        if value is None:
            return None
        if isinstance(value, datetime):
            return self.crm.stamp(value)
        if of.data_type == "bigint":
            return str(value)
        if of.data_type == "ownerlookup":
            return self.crm.person(value) if self.crm.switches.coql_names else {"id": value}
        if of.data_type == "lookup":
            return self.crm.link(value, of) if self.crm.switches.coql_names else {"id": value}
        return value

    def shown(self, row: Row, columns: list[Column]) -> dict[str, object]:
        """`id` comes, asked for or not."""
        found = {one.key: self.outside(row, self.path(one.name)) for one in columns}
        return {**found, "id": row.id}

    def ordering(self, name: str) -> Callable[[Row], tuple[bool, Any]]:
        path = self.path(name)

        def key(row: Row) -> tuple[bool, Any]:
            value = self.raw(row, path)
            return (value is not None, value if value is not None else 0)

        return key

    def grouped(self, query: Query, rows: list[Row]) -> list[dict[str, object]]:
        groups: dict[tuple[object, ...], list[Row]] = {}
        paths = [self.path(one) for one in query.group]
        for row in rows:
            groups.setdefault(tuple(self.raw(row, one) for one in paths), []).append(row)
        found = []
        for members in groups.values():
            line: dict[str, object] = {}
            for one in query.columns:
                path = self.path(one.name)
                if not one.aggregate and one.name not in query.group:
                    message = "unsupported column"
                    raise Refused("INVALID_QUERY", message, column_name=one.name)
                line[one.key] = (
                    self._aggregate(one.aggregate, [self.raw(row, path) for row in members])
                    if one.aggregate
                    else self.outside(members[0], path)
                )
            found.append(line)
        return found[query.offset : query.offset + query.limit]

    def _aggregate(self, name: str, values: list[Any]) -> object:
        values = [one for one in values if one is not None]
        if name == "count":
            return len(values)
        if not values:
            return None
        if name in ("sum", "avg"):
            total = sum((Decimal(str(one)) for one in values), Decimal(0))
            return float(total if name == "sum" else total / len(values))
        found = min(values) if name == "min" else max(values)
        return self.crm.stamp(found) if isinstance(found, datetime) else found

    def tester(self, condition: Condition) -> Callable[[Row], bool]:
        if isinstance(condition, Both):
            left, right = self.tester(condition.left), self.tester(condition.right)
            if condition.word == "and":
                return lambda row: left(row) and right(row)
            return lambda row: left(row) or right(row)
        return self._test(condition)

    def _test(self, test: Test) -> Callable[[Row], bool]:
        path = self.path(test.column)
        of, operator = path[-1], test.operator
        if of.data_type in ("textarea", "subform"):
            message = "unsupported criteria"
            raise Refused("INVALID_QUERY", message, column_name=test.column)
        if operator == "is null":
            return lambda row: self.raw(row, path) is None
        if operator == "is not null":
            return lambda row: self.raw(row, path) is not None
        ranged = operator in ("<", ">", "<=", ">=", "between")
        if (ranged and of.data_type not in COMPARED) or (
            "like" in operator and of.json_type != "string"
        ):
            raise Refused(
                "INVALID_QUERY",
                "Invalid query formed",
                reason="invalid operator found",
                column_name=test.column,
                operator=operator,
            )
        if "like" in operator:
            return self._like(path, str(test.value), operator == "like")
        given = test.value if isinstance(test.value, list) else [test.value]
        values = [self._literal(of, one, test) for one in given]
        compare = COMPARE[operator]

        def fits(row: Row) -> bool:
            value = self.raw(row, path)
            if value is None:
                return operator in ("!=", "not in")
            return compare(value.casefold() if isinstance(value, str) else value, values)

        return fits

    def _like(self, path: list[Field], text: str, wanted: bool) -> Callable[[Row], bool]:
        pattern = re.compile(".*".join(map(re.escape, text.split("%"))), re.IGNORECASE | re.DOTALL)

        def fits(row: Row) -> bool:
            value = self.raw(row, path)
            return (value is not None and bool(pattern.fullmatch(str(value)))) == wanted

        return fits

    def _literal(self, of: Field, value: Any, test: Test) -> Any:
        try:
            match of.data_type:
                case "datetime":
                    return moment(value)
                case "bigint" | "integer":
                    return int(value)
                case "double" | "currency" | "percent":
                    return float(value)
                case "boolean":
                    return value if isinstance(value, bool) else {"true": True}.get(value, False)
            return str(value).casefold()
        except (ValueError, TypeError):
            raise Refused(
                "INVALID_QUERY",
                "value given seems to be invalid for the column",
                column_name=test.column,
                value=str(value),
            ) from None


COMPARE: dict[str, Callable[[Any, list[Any]], bool]] = {
    "=": lambda value, others: value == others[0],
    "!=": lambda value, others: value != others[0],
    "<": lambda value, others: value < others[0],
    ">": lambda value, others: value > others[0],
    "<=": lambda value, others: value <= others[0],
    ">=": lambda value, others: value >= others[0],
    "in": lambda value, others: value in others,
    "not in": lambda value, others: value not in others,
    "between": lambda value, others: others[0] <= value <= others[1],
}
