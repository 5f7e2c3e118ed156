"""What either system answers to a client that writes; <side> is `crm` or `books`.

    POST   /<side>/<target>            {"parents": {}, "fields": {}}      -> 201 object
    PUT    /<side>/<target>            the same, by the marker among the fields
    POST   /<side>/<target>/bulk       {"items": [{"method", "id", "parents", "fields"}]}
                                       -> {"results"}
    PATCH  /<side>/<target>/<id>       {"parents": {}, "fields": {}}; by the habit only it moves
    DELETE /<side>/<target>/<id>
    GET    /<side>/<target>/<id>
    GET    /<side>/<target>?path=&text=&parent=&after=   -> {"objects": [], "next"}
    GET    /<side>/fields              -> {target: {path: type}}
    POST   /<side>/fields              {target, path, type}

An object is {"id", "parents", "fields"}, or after a write by the habit only {"id"}; by another
habit it has {"by", "at"}, who changed it last and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.port import Response

from .objects import Desk, Object
from .wire import Refusal, answer

Json = dict[str, Any]


def respond(desk: Desk, method: str, path: str, query: Mapping[str, str], body: Json) -> Response:
    """Raises Refusal."""
    target, _, rest = path.partition("/")
    if target == "fields":
        if method == "POST":
            desk.define(body["target"], body["path"], body["type"])
        return answer(desk.definitions)
    if target not in desk.forms:
        raise Refusal(404, "missing", f"there is no {target} here")
    if method == "GET":
        if rest:
            return answer(_shown(desk, target, desk.get(target, desk.now_called(rest))))
        return answer(_list(desk, target, query))
    if rest == "bulk":
        return answer({"results": _bulk(desk, target, body["items"])})
    status = 200 if rest else 201
    return answer(_write(desk, method, target, rest, body), status)


def _write(desk: Desk, method: str, target: str, key: str, body: Json) -> Json:
    fields, parents = body.get("fields", {}), body.get("parents", {})
    match method:
        case "POST":
            item = desk.create(target, fields, parents)
        case "PUT":
            item = desk.upsert(target, fields, parents)
        case "PATCH":
            item = desk.update(target, key, fields, parents)
        case "DELETE":
            desk.remove(target, key)
            return {"id": key}
        case _:
            raise Refusal(405, "forbidden", f"{method} is not allowed")
    if not desk.habits.answers_values:
        return {"id": item.id}
    shown = _shown(desk, target, item)
    return {**shown, "fields": {**shown["fields"], **fields}} if desk.habits.echoes else shown


def _bulk(desk: Desk, target: str, items: list[Json]) -> list[Json]:
    if len(items) > desk.habits.bulk or desk.habits.bulk == 1:
        raise Refusal(400, "invalid", f"at most {desk.habits.bulk} items in one request")
    before = desk.savepoint()
    results: list[Json] = []
    for item in items:
        try:
            results.append(_write(desk, item["method"], target, item.get("id") or "", item))
        except Refusal as refusal:
            if desk.habits.bulk_atomic:
                desk.rollback(before)
                raise
            results.append(refusal.body())
    return results[::-1] if desk.habits.bulk_reversed else results


def _list(desk: Desk, target: str, query: Mapping[str, str]) -> Json:
    if "path" in query:
        found = desk.search(target, query["path"], query["text"])
    else:
        found = sorted(desk.listed(target), key=_number)
        found = found[: len(found) - desk.habits.survey_hides]
    within = desk.forms[target].within
    if within is not None:
        if "parent" not in query:
            raise Refusal(400, "invalid", f"the {target} is listed by its {within}", "parent")
        found = [item for item in found if item.parents[within] == query["parent"]]
    after = int(query.get("after", 0))
    found = sorted((item for item in found if _number(item) > after), key=_number)
    page = found[: desk.habits.survey_page]
    more = str(_number(page[-1])) if len(found) > len(page) else None
    return {"objects": [_shown(desk, target, item) for item in page], "next": more}


def _number(item: Object) -> int:
    return int(item.id.rpartition("-")[2])


def _shown(desk: Desk, target: str, item: Object) -> Json:
    marker = desk.forms[target].marker
    hidden = marker if desk.habits.tier_of(target) == "T4" else None
    fields = {path: value for path, value in item.fields.items() if path != hidden}
    shown = {"id": item.id, "parents": item.parents, "fields": fields}
    if desk.habits.tells_who:
        shown |= {"by": item.by, "at": (item.changed or item.created).isoformat()}
    return shown
