"""A Request as it goes over the wire: its query, its headers and its body."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from syncd.port import Request

encoded = msgspec.json.Encoder(decimal_format="number").encode


def query_of(request: Request) -> str:
    """Behind the question mark."""
    if request.asks is None:
        return query_text(request.query)
    more = query_text(request.query)  # what a Grant adds
    return quote(encoded(request.asks), safe="") + (f"&{more}" if more else "")


def query_text(query: Mapping[str, str]) -> str:
    """A blank goes out as %20: not every server takes a + for one."""
    return urlencode(query, safe="$'(),:", quote_via=quote)


def headers_and_body(
    request: Request, credentials: Mapping[str, str]
) -> tuple[dict[str, str], bytes | Mapping[str, str] | None]:
    headers = {**credentials, **request.headers}
    if request.form is not None:
        return headers, dict(request.form)
    if request.content is not None or request.json is None:
        return headers, request.content
    return {"Content-Type": "application/json", **headers}, encoded(request.json)
