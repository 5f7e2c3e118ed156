"""megaplan-sdk against the sandbox: prints what it saw, as one object of JSON.

    python megaplan_client.py HELLO

HELLO is the line that `syncd sandbox megaplan` prints.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from megaplan_sdk import MegaplanClient, MegaplanError, TradeFilterBuilder


async def refused(call: Any) -> list[Any]:
    """How the client takes an error."""
    try:
        await call
    except MegaplanError as error:
        return [type(error).__name__, error.status_code]
    return ["no error", None]


async def worked(hello: dict[str, str]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    client = MegaplanClient(
        base_url=hello["url"],
        username=hello["username"],
        password=hello["password"],
        allow_http=True,
        max_retries=0,
    )
    async with client as mp:
        rows = [one async for one in mp.contractors.iterate(limit=2)]
        seen["contractors"] = [[one.content_type, int(one.id), one.display_name()] for one in rows]
        found = (await mp.raw("GET", "/api/v3/contractorCompany/extraFields"))["data"]
        names = {one["hrName"]: [one["name"], one["contentType"]] for one in found}
        seen["extra"] = names
        debt, since = names["Долг"][0], names["Просрочено с"][0]
        made = await mp.contractors.create(
            {"contentType": "ContractorCompany", "name": "ООО «Клиент SDK»"}
        )
        money = {"contentType": "Money", "currency": "RUB", "value": 25000.5}
        day = {"contentType": "DateOnly", "year": 2026, "month": 5, "day": 7}
        changed = await mp.contractors.update(
            int(made.id), {"contentType": "ContractorCompany", debt: money, since: day}
        )
        seen["changed"] = [changed.name, changed.model_extra[debt], changed.model_extra[since]]
        card = await mp.contractors.get(int(made.id))
        seen["card"] = [card.name, card.model_extra[debt]["value"], card.is_dropped]
        payer = await mp.payers.create(
            int(made.id), {"type": "Legal", "country": {"id": "RU"}, "inn": "7700000030"}
        )
        seen["payers"] = [one.inn for one in await mp.contractors.get_payers(int(made.id))]
        seen["payer"] = [payer.contractor.content_type, int(payer.contractor.id)]
        seen["search"] = [one.name async for one in mp.contractors.iterate_search("sdk")]
        fields = ["result", "stateTimeUpdated", "contractor"]
        deals = await mp.deals.list(fields=fields, limit=50)
        seen["deals"] = [
            [one.number, one.result, one.state.name, one.contractor.content_type] for one in deals
        ]
        named = TradeFilterBuilder().field("name").contains("СКЛАДА").build()
        seen["named"] = [one.name for one in await mp.deals.list(filter=named, limit=50)]
        states = [one.state.id for one in deals if one.result == "positive"][:1]
        links = [{"contentType": "ProgramState", "id": str(one)} for one in states]
        won = TradeFilterBuilder().field_ref("state").in_list(links).build()
        seen["won"] = len(await mp.deals.list(filter=won, limit=50))
        many = await mp.deals.get_many([int(deals[0].id), 999])
        seen["many"] = [int(one.id) for one in many.values()] == [int(deals[0].id)]
        open_deal = next(one for one in deals if one.result == "active")
        full = await mp.deals.get(int(open_deal.id))
        possible = full.model_extra["possibleTransitions"]
        await mp.deals.update(int(open_deal.id), {"contentType": "Deal", "state": links[0]})
        seen["state_ignored"] = (await mp.deals.get(int(open_deal.id))).result
        to_won = next(one for one in possible if one["to"]["id"] == links[0]["id"])
        path = f"/api/v3/deal/{int(open_deal.id)}/applyTransition"
        seen["transition_by_id"] = await refused(
            mp.deals.apply_transition(int(open_deal.id), int(to_won["id"]))
        )
        moved = await mp.raw("POST", path, json=to_won)
        seen["transition"] = moved["data"]["result"]
        seen["invoices"] = len((await mp.raw("GET", "/api/v3/invoice", query={"limit": 2}))["data"])
        seen["errors"] = {
            "abstract": await refused(
                mp.raw(
                    "GET",
                    "/api/v3/contractor",
                    query={"pageAfter": {"contentType": "Contractor", "id": 1}},
                )
            ),
            "gone": await refused(mp.contractors.get(999)),
            "invalid": await refused(mp.contractors.create({"contentType": "ContractorCompany"})),
            "deadline": await refused(
                mp.raw("GET", "/api/v3/deal", query={"fields": ["deadline"]})
            ),
        }
    other = MegaplanClient(
        base_url=hello["url"], username="nobody", password="x", allow_http=True, max_retries=0
    )
    try:
        async with other:
            seen["stranger"] = "let in"
    except MegaplanError as error:
        seen["stranger"] = type(error).__name__
    return seen


print(json.dumps(asyncio.run(worked(json.loads(sys.argv[1]))), ensure_ascii=False))
