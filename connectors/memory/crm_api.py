"""What the CRM answers.

    POST   /crm/<target>            {"parents": {}, "fields": {}}      -> 201 object
    PUT    /crm/<target>            the same, by the marker among the fields
    POST   /crm/<target>/bulk       {"items": [{"op", "id", "parents", "fields"}]} -> {"results"}
    PATCH  /crm/<target>/<id>       {"fields": {}}
    DELETE /crm/<target>/<id>
    GET    /crm/<target>/<id>
    GET    /crm/<target>?path=&text=&parent=&after=&limit=   -> {"objects": [], "next"}
    GET    /crm/fields              -> {target: {path: type}}
    POST   /crm/fields             {target, path, type}

An object is {"id", "parents", "fields"}, or after a write by the habit only {"id"}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.port import Response

from .crm import MARKER, SCHEMA, Crm, Object
from .wire import Refusal, answer

Json = dict[str, Any]


def respond(crm: Crm, method: str, path: str, query: Mapping[str, str], body: Json) -> Response:
    """Raises Refusal."""
    target, _, rest = path.partition("/")
    if target == "fields":
        if method == "POST":
            crm.define(body["target"], body["path"], body["type"])
        return answer(crm.definitions)
    if target not in SCHEMA:
        raise Refusal(404, "missing", f"the CRM has no {target}")
    if method == "GET":
        found = _shown(crm, target, crm.get(target, rest)) if rest else _list(crm, target, query)
        return answer(found)
    if rest == "bulk":
        return answer({"results": _bulk(crm, target, body["items"])})
    status = 200 if rest else 201
    return answer(_write(crm, method, target, rest, body), status)


def _write(crm: Crm, method: str, target: str, key: str, body: Json) -> Json:
    fields, parents = body.get("fields", {}), body.get("parents", {})
    match method:
        case "POST":
            item = crm.create(target, fields, parents)
        case "PUT":
            item = crm.upsert(target, fields, parents)
        case "PATCH":
            item = crm.update(target, key, fields)
        case "DELETE":
            crm.remove(target, key)
            return {"id": key}
        case _:
            raise Refusal(405, "forbidden", f"{method} is not allowed")
    if not crm.habits.answers_values:
        return {"id": item.id}
    shown = _shown(crm, target, item)
    return {**shown, "fields": {**shown["fields"], **fields}} if crm.habits.echoes else shown


def _bulk(crm: Crm, target: str, items: list[Json]) -> list[Json]:
    if len(items) > crm.habits.bulk or crm.habits.bulk == 1:
        raise Refusal(400, "invalid", f"at most {crm.habits.bulk} items in one request")
    before = dict(crm.objects[target]), len(crm.journal)
    results: list[Json] = []
    for item in items:
        try:
            results.append(_write(crm, item["method"], target, item.get("id") or "", item))
        except Refusal as refusal:
            if crm.habits.bulk_atomic:
                crm.objects[target] = before[0]
                del crm.journal[before[1] :]
                raise
            results.append(refusal.body())
    return results[::-1] if crm.habits.bulk_reversed else results


def _list(crm: Crm, target: str, query: Mapping[str, str]) -> Json:
    if "path" in query:
        found = crm.search(target, query["path"], query["text"])
    else:
        found = list(crm.objects[target].values())
        found = found[: len(found) - crm.habits.survey_hides]
    if target == "payment":
        if "parent" not in query:
            raise Refusal(400, "invalid", "payments are listed by their invoice", "parent")
        found = [item for item in found if item.parents["invoice"] == query["parent"]]
    after = int(query.get("after", 0))
    found = [item for item in found if _number(item) > after]
    page = found[: crm.habits.survey_page]
    more = str(_number(page[-1])) if len(found) > len(page) else None
    return {"objects": [_shown(crm, target, item) for item in page], "next": more}


def _number(item: Object) -> int:
    return int(item.id.rpartition("-")[2])


def _shown(crm: Crm, target: str, item: Object) -> Json:
    hidden = MARKER[target] if crm.habits.tier_of(target) == "T4" else None
    fields = {path: value for path, value in item.fields.items() if path != hidden}
    return {"id": item.id, "parents": item.parents, "fields": fields}
