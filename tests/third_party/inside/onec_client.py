"""python-1c-odata against the sandbox: prints what it saw as one line of JSON.

usage: onec_client.py HELLO       the line of JSON that the sandbox printed
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from typing import Any

import aiohttp
from python_1c_odata import (
    AccumulationRegister,
    Catalog,
    Document,
    ExchangePlan,
    F,
    Infobase,
    InformationRegister,
    ODataError,
    PostingMode,
    substringof,
)

ORDER = "ЗаказКлиента"
KEY = "0a1b2c3d-0000-5000-8000-000000000001"


async def refusal(asked: Any) -> list[Any]:
    try:
        await asked
    except ODataError as error:
        return [type(error).__name__, error.status, error.internal_code]
    return []


async def reads(ib: Infobase) -> dict[str, Any]:
    customers, orders = Catalog(ib, "Контрагенты"), Document(ib, ORDER)
    info = await ib.entity_type_for_set(f"Document_{ORDER}")
    page = await customers.query(top=3, orderby="Ref_Key", inlinecount=True)
    pages = [one["Ref_Key"] async for one in orders.iterate(page_size=3, orderby="Date,Ref_Key")]
    order = next(one for one in (await orders.query()).value if one["Posted"])
    shown = await customers.query(select=["Description", "Партнер"], presentations=True, top=1)
    return {
        "sets": await ib.entity_sets(),
        "properties": [one.name for one in info.properties],
        "page": [len(page.value), page.count],
        "count": await customers.count(odata_filter=F("ИНН") == "7700000009"),
        "pages": [len(pages), len(set(pages))],
        "one": (await orders.get(order["Ref_Key"]))["Number"] == order["Number"],
        "presented": [one for one in shown.value[0] if "@" not in one],
        "nodes": len((await ExchangePlan(ib, "CRM").query()).value),
    }


async def filters(ib: Infobase) -> dict[str, Any]:
    customers, orders = Catalog(ib, "Контрагенты"), Document(ib, ORDER)
    shipments = Document(ib, "РеализацияТоваровУслуг")
    first = (await orders.query(orderby="Date", top=1)).value[0]
    one = F("ЗаказКлиента")
    whole = f"cast(guid'{first['Ref_Key']}','Document_{ORDER}')"

    async def count(entity: Any, expression: Any) -> int:
        return len((await entity.query(odata_filter=expression)).value)

    return {
        "japanese": await count(customers, substringof("株式", F("Description"))),
        "start": await count(customers, F("Description").startswith("ООО «Обр")),
        "not": await count(customers, ~(F("DeletionMark") == True)),  # noqa: E712
        "date": await count(orders, F("Date") >= dt.date(2026, 11, 1)),
        "both": await count(orders, (F("Posted") == True) & (F("СуммаДокумента") > 50_000)),  # noqa: E712
        "path": await count(orders, F("Контрагент/ИНН") == "7700000009"),
        "any": await count(orders, F("Товары").any(F("Цена") > 100_000)),
        "cast": await count(shipments, f"ЗаказКлиента eq {whole}"),
        "uncast": await count(shipments, one == f"guid'{first['Ref_Key']}'"),
        "quote": await count(customers, F("Description") == "O'Neil"),
    }


async def registers(ib: Infobase) -> dict[str, Any]:
    debts = AccumulationRegister(ib, "РасчетыСКлиентами")
    rows = (await debts.balance())["value"]
    one = rows[0]["Валюта_Key"]
    only = (await debts.balance(condition=F("Валюта_Key") == f"guid'{one}'"))["value"]
    before = (await debts.balance(period=dt.date(2020, 1, 1)))["value"]
    moved = (await debts.turnovers(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))["value"]
    rates = await InformationRegister(ib, "КурсыВалют").slice_last()
    return {
        "balance": [len(rows), round(sum(row["СуммаBalance"] for row in rows), 2)],
        "condition": [len(only), {row["Валюта_Key"] for row in only} == {one}],
        "before": len(before),
        "turnovers": len(moved) >= len(rows),
        "rates": len(rates["value"]),
        "sets": len((await debts.query(top=2)).value),
    }


async def writes(ib: Infobase) -> dict[str, Any]:
    customers, orders = Catalog(ib, "Контрагенты"), Document(ib, ORDER)
    made = await customers.create({"Ref_Key": KEY, "Description": "ООО «Клиент»", "Нет": 1})
    again = await refusal(customers.create({"Ref_Key": KEY, "Description": "ООО «Клиент»"}))
    changed = await customers.edit(KEY, {"ИНН": "7700000009"}, if_match="AAAAAAAAAAk=")
    replaced = await customers.replace(KEY, {"Description": "ООО «Другой»"})
    values = {
        "Date": "2026-06-07T10:00:00",
        "Контрагент_Key": KEY,
        "Товары": [{"LineNumber": 1, "Количество": 2, "Цена": 500, "СуммаСНДС": 1000}],
    }
    order = await orders.create(values, posting_mode=PostingMode.POST)
    key = order["Ref_Key"]
    posted = await orders.get(key, select="Posted,DataVersion,СуммаДокумента")
    marked = await refusal(orders.edit(key, {"DeletionMark": True}))
    await orders.unpost(key)
    unposted = await orders.edit(key, {"DeletionMark": True})
    post_marked = await refusal(orders.post(key, PostingMode.OPER))
    await orders.delete(key)
    await customers.delete(KEY)
    return {
        "made": [made["Ref_Key"], made["DataVersion"]],
        "again": again,
        "changed": [changed["ИНН"], changed["DataVersion"]],
        "replaced": [replaced["Description"], replaced["ИНН"]],
        "posted": posted,
        "marked": marked,
        "unposted": [unposted["Posted"], unposted["DeletionMark"]],
        "post_marked": post_marked,
        "gone": await refusal(orders.get(key)),
    }


async def errors(ib: Infobase, hello: dict[str, str]) -> dict[str, Any]:
    customers = Catalog(ib, "Контрагенты")
    strict, wrong = hello["url"].removesuffix("/trade") + "/_sandbox/switches", None
    made = await customers.create({"Description": "x"})
    await switch(strict, strict_if_match=True)
    stale = await refusal(customers.edit(made["Ref_Key"], {"ИНН": "1"}, if_match="AAAAAAAAAAk="))
    await switch(strict, strict_if_match=False)
    server, _, base = hello["url"].rpartition("/")
    async with Infobase(server, base, hello["login"], "other") as stranger:
        wrong = await refusal(Catalog(stranger, "Контрагенты").query())
    return {
        "stale": stale,
        "wrong": wrong[:2],
        "no_set": await refusal(Catalog(ib, "Нет").query()),
        "no_key": await refusal(customers.get(KEY)),
        "no_field": await refusal(customers.query(odata_filter="Нет eq 1")),
        "bad_filter": await refusal(customers.query(odata_filter="ИНН eq eq")),
        "bad_guid": await refusal(customers.create({"Партнер_Key": "x"})),
        "no_method": await refusal(ib.request("GET", f"{ib.root}/Catalog_Контрагенты/Balance()")),
    }


async def switch(address: str, **values: object) -> None:
    async with aiohttp.ClientSession() as session, session.put(address, json=values) as answer:
        assert answer.status == 204


async def atom(hello: dict[str, str]) -> dict[str, Any]:
    server, _, base = hello["url"].rpartition("/")
    async with Infobase(server, base, hello["login"], hello["password"], format="atom") as ib:
        orders = Document(ib, ORDER)
        rows = (await orders.query(top=2, orderby="Date,Ref_Key", inlinecount=True)).value
        made = await Catalog(ib, "Контрагенты").create({"Description": "ООО «Атом»"})
        return {
            "rows": len(rows),
            "lines": type(rows[0]["Товары"]).__name__,
            "made": made["Description"],
            "missing": await refusal(orders.get(KEY)),
        }


async def main(hello: dict[str, str]) -> dict[str, Any]:
    server, _, base = hello["url"].rpartition("/")
    async with Infobase(server, base, hello["login"], hello["password"]) as ib:
        seen = {"reads": await reads(ib), "filters": await filters(ib)}
        seen |= {"registers": await registers(ib), "writes": await writes(ib)}
        seen["errors"] = await errors(ib, hello)
    return {**seen, "atom": await atom(hello)}


print(json.dumps(asyncio.run(main(json.loads(sys.argv[1]))), ensure_ascii=False))
