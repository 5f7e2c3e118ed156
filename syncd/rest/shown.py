"""Requests as a person reads them, without the credential."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import msgspec

from syncd.errors import SyncdError
from syncd.port import Connector, Flow, Grant, Request, Response, T

HIDDEN = "***"

_encoded = msgspec.json.Encoder(decimal_format="number").encode


def lines_of(request: Request) -> Iterator[str]:
    """A flow's own requests hold no secret: the transport adds the credential."""
    query = urlencode(request.query, safe="$'(),:*")
    yield f"{request.method} {request.path}{f'?{query}' if query else ''}"
    for name, value in request.headers.items():
        yield f"  {name}: {value}"
    if request.form is not None:
        yield "  " + urlencode(request.form, safe="*")
    if request.json is not None:
        yield "  " + _encoded(request.json).decode()


def first_of(connector: Connector, flow: Flow[object]) -> Iterator[str]:
    """The login and the first request of a flow, as they would be sent; nothing is. Where a login
    comes before it, the credential is what that would give."""
    login = connector.authenticate(dict.fromkeys(connector.facts.secrets, HIDDEN))
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    try:
        yield from lines_of(next(login))
        yield f"  (its answer gives the credential, shown as {HIDDEN} from now on)"
    except StopIteration as end:
        given: Grant = end.value
        headers, query = given.headers, given.query
    login.close()
    request = next(flow)
    flow.close()
    shown = replace(request, query={**request.query, **dict.fromkeys(query, HIDDEN)})
    shown = replace(shown, headers={**shown.headers, **dict.fromkeys(headers, HIDDEN)})
    yield from lines_of(shown)


def told(flow: Flow[T], tell: Callable[[Request, Response], None]) -> Flow[T]:
    """The same flow; `tell` hears of each exchange."""
    try:
        request = next(flow)
        while True:
            try:
                response = yield request
            except SyncdError as error:
                request = flow.throw(error)
                continue
            tell(request, response)
            request = flow.send(response)
    except StopIteration as end:
        result: T = end.value
        return result
