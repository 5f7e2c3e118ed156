"""What both connectors of the memory world say and understand on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.errors import (
    AccessError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import (
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Identity,
    Outcome,
    Page,
    Read,
    Request,
    Response,
    Scope,
    Write,
)


class OnlyRead:
    """What a system without targets has in the place of writing; nobody calls it."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        raise ProtocolError("these books are only read")

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        raise ProtocolError("these books are only read")

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        raise ProtocolError("these books are only read")

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        raise ProtocolError("these books are only read")


class OnlyWritten:
    """What a system without sources has in the place of reading; nobody calls it."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        raise ProtocolError("this CRM is only written")


def bearer(secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
    """The token itself: there is nothing to ask the system for."""
    yield from ()
    return {"authorization": f"Bearer {secrets['token']}"} if "token" in secrets else {}


def identity(side: str) -> Flow[Identity]:
    body = taken((yield Request("GET", f"/{side}/identity")))
    return Identity(body["id"], body["label"])


def taken(response: Response) -> Any:
    """The body of a good answer. Raises AccessError, RejectedError, ProtocolError."""
    if response.status < 300:
        return response.json()
    if response.status == 401:
        raise AccessError("the token is not valid")
    body = response.json()
    if not isinstance(body, dict) or "error" not in body:
        raise ProtocolError(f"HTTP {response.status} without a reason")
    raise refused(body["error"])


def refused(error: Mapping[str, Any]) -> RejectedError:
    if error["code"] == "missing":
        return NotFoundError(error["text"], error["field"])
    if error["code"] == "duplicate":
        return DuplicateError(error["text"], error["field"])
    return RejectedError(error["text"], error["field"])
