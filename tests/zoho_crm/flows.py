"""What Zoho CRM answers, and what it is asked to write, for flows driven by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.port import Op, Request, Write
from tests.flows import Answer, paths

ACCOUNT, ORDER, OTHER = "4876876000000123001", "4876876000000200001", "4876876000000123002"
DATE = {"date": "Fri, 20 Nov 2026 12:00:00 GMT"}


NOTHING = Answer(204)
UNCHANGED = Answer(304)


def refused(code: str, message: str = "no", status: int = 400, **details: object) -> Answer:
    """The request as a whole."""
    return Answer(status, {"code": code, "details": details, "message": message, "status": "error"})


def done(remote_id: str, **more: object) -> dict[str, Any]:
    details = {"id": remote_id, "Modified_Time": "2026-11-20T13:00:00+01:00"}
    good = {"code": "SUCCESS", "details": details, "message": "record added", "status": "success"}
    return {**good, **more}


def failed(code: str, message: str = "no", **details: object) -> dict[str, Any]:
    return {"code": code, "details": details, "message": message, "status": "error"}


def each(*elements: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, {"data": elements})


def rows(*data: Mapping[str, Any], more: bool = False, token: str | None = None) -> Answer:
    info = {"count": len(data), "more_records": more, "next_page_token": token}
    return Answer(200, {"data": data, "info": info}, DATE)


def write(op: Op, target: str, remote_id: str | None = None, /, **fields: Any) -> Write:
    parents = {} if target == "Accounts" else {"Accounts": ACCOUNT}
    return Write(op, target, "K-1", remote_id, parents, paths(fields))


def query_of(request: Request) -> str:
    """Of a request in the query language."""
    assert (request.method, request.path, request.write) == ("POST", "/crm/v8/coql", False)
    assert isinstance(request.json, dict)
    return str(request.json["select_query"])
