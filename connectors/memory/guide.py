"""What both connectors tell whoever sets up a connection; nothing of it writes.

What the credential may read is seen by reading one row of each list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError
from syncd.guide import CustomField, Discovery, Greeting, Right, Stage
from syncd.port import Flow, Request, Source

from .client import source_time, taken

ROUTE = {"deals": "deals", "account": "cards"}
"""Object -> where its rows are: /crm/account itself lists what was written."""


def greet(side: str) -> Flow[Greeting]:
    response = yield Request("GET", f"/{side}/hello")
    if response.status != 200:
        raise ProtocolError(f"HTTP {response.status} at /{side}/hello, where the system answers")
    return Greeting(str(response.json()["version"]))


def discover(
    side: str, sources: Mapping[Kind, Source], since: Sequence[dt.date], closed: dt.date
) -> Flow[Discovery]:
    query = {"since": ",".join(day.isoformat() for day in since), "closed": closed.isoformat()}
    response = yield Request("GET", f"/{side}/about", query)
    told = taken(response)
    documents = told.get("documents", {})
    return Discovery(
        company=told["company"],
        user=told["user"],
        administrator=told["administrator"],
        zone=told["zone"],
        currencies=tuple(told.get("currencies", ())),
        customers=told["customers"],
        documents={
            kind: tuple(documents[source.object])
            for kind, source in sources.items()
            if source.object in documents
        },
        rights=(yield from _rights(side, sources)),
        fields=tuple(
            CustomField("account", one["path"], one["path"].rpartition(".")[2], one["filled"])
            for one in told.get("fields", ())
        ),
        stages=tuple(Stage(**one) for one in told.get("stages", ())),
        at=source_time(response),
    )


def _rights(side: str, sources: Mapping[Kind, Source]) -> Flow[tuple[Right, ...]]:
    found = []
    lists = {ROUTE.get(one.object, one.object): kind for kind, one in sources.items()}
    for path, kind in lists.items():
        try:
            taken((yield Request("GET", f"/{side}/{path}", {"limit": "1"})))
            allowed = True
        except AccessError:
            allowed = False
        found.append(Right("read", path, allowed, f"{kind} records"))
    return tuple(found)
