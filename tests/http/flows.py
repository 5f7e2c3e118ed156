"""A connector and flows that only ask, for tests of what sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from syncd.port import Connector, Facts, Flow, Request, Response

READ = Request("GET", "customers", {"name": "Ромашка"})
WRITE = Request("POST", "customers", json={"name": "株式会社さくら"}, write=True)


class Plain:
    facts = Facts("plain")


class Login(Plain):
    """Signs in at `/login` and counts how often; `Connector` as far as a transport sees it."""

    def __init__(self) -> None:
        self.times = 0

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        self.times += 1
        response = yield Request("POST", "login", json={"password": secrets["password"]})
        return {"Authorization": f"Session {response.body.decode()}"}


class Token(Plain):
    """Needs no request."""

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        return {"Authorization": f"Bearer {secrets['token']}"}
        yield  # makes it a flow


def as_connector(part: Any) -> Connector:
    return cast(Connector, part)


def one(request: Request) -> Flow[Response]:
    return (yield request)


def each(*requests: Request) -> Flow[list[int]]:
    """The statuses of the answers, in order."""
    statuses = []
    for request in requests:
        response = yield request
        statuses.append(response.status)
    return statuses
