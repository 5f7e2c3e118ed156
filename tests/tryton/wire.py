"""Driving a flow by hand: what it asks of Tryton, given what Tryton answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeVar

from connectors.tryton import Tryton
from syncd.domain import Kind
from syncd.port import Flow, Page, Read, Request, Response, Scope

T = TypeVar("T")

DATE = "Sun, 22 Nov 2026 04:32:26 GMT"
CONTEXT = {"company": 1, "language": "en"}
COMPANY = {
    "id": 1,
    "create_date": {
        "__class__": "datetime",
        "year": 2026,
        "month": 1,
        "day": 2,
        "hour": 3,
        "minute": 4,
        "second": 5,
        "microsecond": 6,
    },
    "party.": {"id": 1, "name": "Holzhandel Beispiel GmbH"},
    "currency.": {"id": 1, "code": "EUR"},
}
FIRST_CALLS = (CONTEXT, [COMPANY], 1)
"""What is asked once: the user's context, the company, whether there are sales."""


def connector(**options: str) -> Tryton:
    return Tryton({"database": "erp", "login": "syncd", **options})


def drive(flow: Flow[T], *answers: object) -> tuple[list[Request], T]:
    """The requests of the whole flow and its result. An answer is a Response, or the `result` of
    one with HTTP 200; every one must be used."""
    asked: list[Request] = []
    left = list(answers)
    try:
        asked.append(next(flow))
        while True:
            answer = left.pop(0)
            asked.append(flow.send(answer if isinstance(answer, Response) else result(answer)))
    except StopIteration as stop:
        assert not left, f"not asked for: {left}"
        value: T = stop.value
        return asked, value


def result(value: object) -> Response:
    return Response(200, {"date": DATE}, json.dumps({"id": 1, "result": value}).encode())


def error(*parts: object) -> Response:
    return Response(200, {"date": DATE}, json.dumps({"id": 1, "error": parts}).encode())


def html(status: int) -> Response:
    return Response(status, {}, b"<!doctype html><title>no</title>")


def pull(
    kind: Kind, paths: tuple[str, ...], scope: Scope, *answers: object, **options: str
) -> tuple[list[Request], Page]:
    """The requests after the first three, and the page."""
    flow = connector(**options).pull(Read(kind, "", paths), scope)
    asked, page = drive(flow, *FIRST_CALLS, *answers)
    return asked[3:], page


def called(request: Request) -> tuple[str, list[Any]]:
    body: Any = request.json
    return body["method"], body["params"]


def money(amount: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": amount}


def day(text: str) -> dict[str, Any]:
    year, month, number = map(int, text.split("-"))
    return {"__class__": "date", "year": year, "month": month, "day": number}


def moment(text: str) -> dict[str, Any]:
    """`2026-11-18 16:40`, in UTC."""
    date, time = text.split()
    hour, minute = map(int, time.split(":"))
    zero = {"second": 0, "microsecond": 0}
    return day(date) | {"__class__": "datetime", "hour": hour, "minute": minute} | zero


OLD = moment("2026-11-01 09:00")
CHANGED: dict[str, Any] = {
    "move": None,
    "additional_moves": [],
    "cancel_move": None,
    "last_modified_at": OLD,
}


def an_invoice(key: int, **changed: object) -> dict[str, Any]:
    return {
        "id": key,
        "party.": {"id": 9},
        "total_amount": money("50.00"),
        "currency.": {"id": 1, "code": "EUR"},
        "number": "INV/2026/00001",
        "last_modified_at": OLD,
        "lines.": [{"id": 1, "last_modified_at": OLD}],
        "move.": {"id": 2, "last_modified_at": OLD, "lines.": []},
        "lines_to_pay.": [a_term("2026-12-01", "50.00")],
        **changed,
    }


def a_term(
    date: str, amount: str, settled: int | None = None, party: int | None = 9
) -> dict[str, Any]:
    value = Decimal(amount)
    return {
        "id": 5,
        "maturity_date": day(date),
        "reconciliation": settled,
        "amount": money(amount),
        "debit": money(str(max(value, Decimal(0)))),
        "credit": money(str(max(-value, Decimal(0)))),
        "party": party,
    }
