"""Envelopes of answers and errors (vendor: "Error Handling in REST Web Services")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from syncd.sandbox.port import Answer, Asked

Json = dict[str, Any]
RESOURCE = "application/vnd.oracle.resource+json"
TITLES = {
    400: ("Bad Request", "15.5.1"),
    401: ("Unauthorized", "15.5.2"),
    403: ("Forbidden", "15.5.4"),
    404: ("Not Found", "15.5.5"),
    405: ("Method Not Allowed", "15.5.6"),
    409: ("Conflict", "15.5.10"),
    415: ("Unsupported Media Type", "15.5.16"),
    429: ("Too Many Requests", "15.5.29"),
    500: ("Internal Server Error", "15.6.1"),
}


class Refused(Exception):
    """The call fails. `at` says where: `path` (`o:errorPath`), `param` (`o:errorQueryParam`),
    `header` (`o:errorHeader`) or `url` (`o:errorUrl`)."""

    def __init__(
        self,
        code: str,
        detail: str,
        status: int = 400,
        *,
        title: str = "",
        headers: Mapping[str, str] | None = None,
        **at: str,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.status = code, detail, status
        self.title, self.headers, self.at = title, dict(headers or {}), at

    @property
    def answer(self) -> Answer:
        title, section = TITLES[self.status]
        where = {"path": "Path", "param": "QueryParam", "header": "Header", "url": "Url"}
        at = {f"o:error{where[name]}": value for name, value in self.at.items()}
        body = {
            "type": f"https://www.rfc-editor.org/rfc/rfc9110.html#section-{section}",
            "title": self.title or title,
            "status": self.status,
            "o:errorDetails": [{"detail": self.detail, **at, "o:errorCode": self.code}],
        }
        return reply(body, self.status, kind="error", headers=self.headers)


def reply(
    body: object,
    status: int = 200,
    *,
    kind: str = "singular",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    text = json.dumps(body, ensure_ascii=False).encode()
    return Answer(status, {"content-type": f"{RESOURCE}; type={kind}", **(headers or {})}, text)


def params(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.query, keep_blank_values=True))


def body(asked: Asked) -> Json:
    """Refused where it is no object of JSON."""
    try:
        found = json.loads(asked.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("INVALID_CONTENT", "Invalid content in the request body.")
    return found


def here(asked: Asked) -> str:
    """The address that the client wrote, without a path."""
    return f"http://{asked.headers.get('host', 'localhost')}"


def paging(asked: Asked) -> tuple[int, int]:
    """(limit, offset) of a collection. Refused where the vendor would not take them."""
    given = params(asked)
    found = []
    for name, default in (("limit", 1000), ("offset", 0)):
        text = given.get(name, str(default))
        if not text.isdigit() or (name == "limit" and not 1 <= int(text) <= 1000):
            wrong = f"Invalid value '{text}' for the query parameter '{name}'. "
            right = "Provide a value from 1 to 1000." if name == "limit" else "Provide a number."
            raise Refused("INVALID_PARAMETER", wrong + right, param=name)
        found.append(int(text))
    limit, offset = found
    if offset % limit:
        wrong = f"The offset {offset} must be divisible by the page size {limit}."
        raise Refused("INVALID_PARAMETER", wrong, param="offset")
    if offset // limit >= 1000:
        raise Refused("INVALID_PARAMETER", "No more than 1000 pages are available.", param="offset")
    return limit, offset


def collection(asked: Asked, items: list[Json], total: int, limit: int, offset: int) -> Answer:
    """A page of items, with links to the other pages; `total` counts all."""
    base = here(asked) + asked.path
    kept = [one for one in params(asked).items() if one[0] not in ("limit", "offset")]
    last = max(0, (total - 1) // limit * limit)

    def link(rel: str, at: int) -> Json:
        query = urlencode([*kept, ("limit", limit), ("offset", at)], quote_via=quote)
        return {"rel": rel, "href": f"{base}?{query}"}

    links = []
    if offset > 0:
        links += [link("first", 0), link("previous", offset - limit)]
    if offset + limit < total:
        links += [link("next", offset + limit), link("last", last)]
    links.append(link("self", offset))
    body = {
        "links": links,
        "count": len(items),
        "hasMore": offset + limit < total,
        "items": items,
        "offset": offset,
        "totalResults": total,
    }
    return reply(body, kind="collection")
