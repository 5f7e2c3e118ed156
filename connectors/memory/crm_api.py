"""What the CRM answers: to a client that writes as `target_api` says, and to one that reads

GET /crm/deals?since=YYYY-MM-DD&after=N&limit=N     won ones, closed on that day or later
GET /crm/won?since=...                              the cards whose deals these are
GET /crm/deals?ids=deal-1,deal-2                    in any stage; cards likewise
-> {"rows": [...], "next": N or null}
GET /crm/users                                      -> {"users": [{id, name, email, active}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from syncd.port import Response

from . import target_api
from .crm import Crm
from .wire import answer

READ = ("deals", "cards")


def respond(
    crm: Crm, method: str, path: str, query: Mapping[str, str], body: dict[str, Any]
) -> Response:
    """Raises Refusal."""
    if (method, path) == ("GET", "users"):
        return answer({"users": list(crm.users.values())})
    if method != "GET" or path not in READ:
        return target_api.respond(crm, method, path, query, body)
    date = {"date": format_datetime(crm.clock(), usegmt=True)} if crm.habits.date_header else {}
    if "ids" in query:
        return answer({"rows": crm.rows(path, query["ids"].split(",")), "next": None}, headers=date)
    rows = sorted(crm.rows(path, since=query.get("since")), key=_number)
    rows = [row for row in rows if _number(row) > int(query.get("after", 0))]
    page = rows[: min(int(query.get("limit", crm.habits.page)), crm.habits.page)]
    more = str(_number(page[-1])) if len(rows) > len(page) else None
    return answer({"rows": page, "next": more}, headers=date)


def _number(row: Mapping[str, Any]) -> int:
    return int(row["id"].rpartition("-")[2])
