"""What goes over the wire, and what a flow is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from syncd.errors import ProtocolError
from syncd.redaction import usual

T = TypeVar("T")

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, relative to the connection's address.

    `write` is True when the request can change the remote system: the transport then never repeats
    it after an answer that leaves the outcome open. `json` None sends no body; Decimals in it go
    out as exact JSON numbers. `asks` goes as JSON too, and is the whole query where there is no
    `query`: Megaplan wants its parameters so. `judged` is True where an answer of 500 and above
    comes to the flow like any other, because the system says with it what it refuses; whether the
    outcome is open is then the flow's to say. `repeatable`: sent twice, a write does the same as
    sent once, so that it may be repeated all the same. `form` goes in place of `json`, as a browser
    sends one, and so does `content`, a whole file. `cost` is what the system takes off its
    allowance for it.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    write: bool = False
    judged: bool = False
    form: Mapping[str, str] | None = None
    cost: int = 1
    content: bytes | None = None
    repeatable: bool = False
    asks: object = None


class Response(msgspec.Struct, frozen=True):
    """`headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body, numbers with a fraction as Decimal. Raises ProtocolError."""
        try:
            return _decode(self.body)
        except msgspec.DecodeError:
            head = self.body[:80].decode("utf-8", "replace").strip().splitlines()
            line = head[0] if head else "an empty body"
            said = f": {line}" if usual(line) else ""  # else it may be anybody's record
            raise ProtocolError(f"HTTP {self.status}, not JSON{said}") from None


Flow = Generator[Request, Response, T]


class Sending(msgspec.Struct, frozen=True):
    """A request just before it leaves: the whole `url` without its query, this machine's clock, and
    a word that is never used twice. What a signature is made over."""

    url: str
    moment: dt.datetime
    nonce: str


class Grant(msgspec.Struct, frozen=True):
    """What a login gave, where that is more than the `headers` of every later request.

    `address` is where the system is from now on, in its own words; None: at the connection's url.
    It is good for `lasts` seconds; None: until it is refused. `over`: a 401 with this in it means
    that it ran out; another login would not help against any other. None: each 401 does. `query` is
    what every later request has in its address. `renewed` are secrets that this login has replaced,
    by name: the next one is made with them (`Facts.renews`).
    """

    headers: Mapping[str, str]
    address: str | None = None
    lasts: float | None = None
    over: str | None = None
    query: Mapping[str, str] = msgspec.field(default_factory=dict)
    renewed: Mapping[str, str] = msgspec.field(default_factory=dict)
