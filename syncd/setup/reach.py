"""One system as it is being set up: finds its API, logs in, asks what is there, and says the one
thing that is wrong. Everything here only reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from requests.utils import get_environ_proxies

from syncd import registry
from syncd.clock import Clock
from syncd.errors import (
    AccessError,
    ProtocolError,
    SyncdError,
    TransientError,
    UnavailableError,
    UsageError,
)
from syncd.guide import Discovery, Greeting, Guide, Opened, Opener
from syncd.http import HttpTransport
from syncd.mapping.document import suggestion
from syncd.port import (
    Connector,
    Directory,
    Exchanger,
    Facts,
    Flow,
    Identity,
    Keys,
    Read,
    Record,
    Request,
    User,
)
from syncd.setup import address

TIMEOUT = (5.0, 30.0)
ATTEMPTS = 2
"""A person waits: what does not answer twice is said."""
SKEW = 60
"""Seconds that two clocks may differ before it is worth a word."""
_NO_MORE: Mapping[str, str] = MappingProxyType({})
_INSIDE = "-"
"""Stands for an option nobody was asked for yet; a greeting does not need it."""


class Place(msgspec.Struct, frozen=True):
    """Where a system was found; `notes` tell how that differs from what was typed."""

    url: str
    greeting: Greeting
    word: str | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a login showed. `skew` is how many seconds the system's clock is ahead of this one,
    `pace` the seconds that a request took."""

    identity: Identity
    discovery: Discovery
    skew: float | None
    pace: float


@dataclass
class System:
    """One connection on its way to being one: `options` and `secrets` grow."""

    name: str
    system: str
    clock: Clock
    url: str = ""
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    lasting: str = ""
    """The secret that a code was exchanged for; no code is tried in its place."""
    folder: Path | None = None
    """Of the configuration's connector files."""
    sending: Callable[[Request], None] = lambda _: None
    """Is told of each request of a login and what follows: a large base takes minutes."""

    @property
    def facts(self) -> Facts:
        """Of these options: they may choose the way to log in, and with it the secrets."""
        return self._unfinished().facts

    def find(self, pasted: str) -> Place:
        """Tries what may be meant. The error is that of the first address that answered at all."""
        facts = self.facts
        files = facts.folders or not facts.guides
        if files and (folder := address.folder(pasted)):
            return Place(folder, Greeting(), None)
        typed = address.meant(address.read(pasted), facts.hosts)
        if not facts.guides:
            return Place(typed.urls[-1], Greeting(), typed.first_word)
        shut: ProtocolError | None = None
        worst: ProtocolError | TransientError | None = None
        away: set[str] = set()
        for url in typed.urls:
            scheme = urlsplit(url).scheme
            if scheme in away:
                continue
            try:
                greeting = self._greet(url)
            except (ProtocolError, TransientError) as error:
                if worst is None or (_says_more(error) and not _says_more(worst)):
                    worst = type(error)(diagnosis(error, url))
                if isinstance(error, TransientError):
                    away.add(scheme)
                if "certificate" in str(error):
                    break  # a name without a scheme is never tried in the clear then
                continue
            if greeting.closed:
                shut = ProtocolError(greeting.closed)
                continue
            return Place(url, greeting, typed.first_word, _notes(pasted, url))
        found = shut or worst
        assert found is not None
        raise found

    def look(self, since: Sequence[dt.date], closed: dt.date) -> Seen:
        """One login, then reads alone. The errors say what to mend."""
        with self._connected() as (made, transport):
            began = self.clock.boot()
            try:
                # First what tells most of what is wrong.
                told = made.facts.guides
                found = transport.run(cast(Guide, made).discover(since, closed)) if told else None
                identity = transport.run(made.identity())
            except (AccessError, ProtocolError, TransientError) as error:
                raise type(error)(diagnosis(error, self.url)) from error
            pace = (self.clock.boot() - began) / max(1, transport.calls)
        found = found or Discovery(identity.label)
        skew = (found.at - self.clock.utc()).total_seconds() if found.at else None
        return Seen(identity, found, skew, pace)

    def exchange(self) -> None:
        """Puts the lasting secret in the place of a code, which is spent then."""
        made, name = self._made(self.options), self.facts.exchanged
        stranger = cast(Connector, _Stranger())
        secrets, clock = self.secrets, self.clock
        transport = HttpTransport(self.url, stranger, secrets, clock, TIMEOUT, attempts=1)
        try:
            lasting = transport.run(cast(Exchanger, made).exchange(secrets))
        except (AccessError, ProtocolError, TransientError) as error:
            raise type(error)(diagnosis(error, self.url)) from error
        finally:
            transport.close()
        self.secrets[name] = self.lasting = lasting

    def records(self, read: Read, keys: Sequence[str]) -> Sequence[Record]:
        """Of these keys; one that is not there is left out. A single read holds no session."""
        single = {"sessions": "no"} if "sessions" in self.facts.options else {}
        with self._connected(single) as (made, transport):
            return transport.run(made.pull(read, Keys(keys))).records

    def opening(self, day: dt.date) -> Opened:
        """The balances of that day, where `Facts.opens`."""
        with self._connected() as (made, transport):
            return transport.run(cast(Opener, made).opening(day))

    def users(self) -> list[User]:
        """Only of a system that lists them."""
        with self._connected() as (made, transport):
            return list(transport.run(cast(Directory, made).users()))

    def _greet(self, url: str) -> Greeting:
        made = self._unfinished()
        stranger = cast(Connector, _Stranger())
        transport = HttpTransport(url, stranger, {}, self.clock, TIMEOUT, attempts=ATTEMPTS)
        try:
            return transport.run(cast(Guide, made).greet())
        finally:
            transport.close()

    @contextmanager
    def _connected(
        self, more: Mapping[str, str] = _NO_MORE
    ) -> Iterator[tuple[Connector, HttpTransport]]:
        made = self._made({**self.options, **more})
        transport = HttpTransport(
            self.url, made, self.secrets, self.clock, TIMEOUT, attempts=ATTEMPTS
        )
        transport.before_send = self.sending
        try:
            yield made, transport
        finally:
            transport.close()

    def _unfinished(self) -> Connector:
        """What is not asked for yet is a placeholder."""
        needed = registry.facts(self.system, self.folder).needed
        return self._made({**dict.fromkeys(needed, _INSIDE), **self.options})

    def _made(self, options: Mapping[str, str]) -> Connector:
        return registry.connector(self.system, options, f"{self.name}:", self.folder)


class _Stranger:
    """Shows no credential."""

    facts = Facts("")

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        yield from ()
        return {}


def choose_database(typed: str, place: Place) -> str:
    """UsageError with the list, where the system gives one and this is not in it."""
    known = place.greeting.databases
    if known is None or typed in known:
        return typed
    near = suggestion(typed, known)
    meant = near if near.startswith("; did") else ""
    listed = ", ".join(known) or "none at all"
    raise UsageError(
        f"there is no database {typed} at {place.url}{meant}; it has: {listed}. One that was made "
        "in the last minutes may not be listed yet: then wait, and type it again"
    )


def diagnosis(error: SyncdError, url: str) -> str:
    """The error's own sentence, and what to do about it."""
    text = str(error)
    hints = [text]
    if isinstance(error, ProtocolError) and "not JSON" in text:
        hints = [f"{url} answers with a web page, not with the system's API ({text})"]
        hints.append("Is it the address of the system itself, and not of a page in front of it?")
    elif "certificate" in text and not isinstance(error, AccessError):
        hints.append(
            "If your company signs its own: REQUESTS_CA_BUNDLE=/path/to/ca.pem syncd init. "
            "syncd never goes on without checking"
        )
    elif "does not resolve" in text:
        hints.append("Check the spelling; a name inside a company may need its VPN")
    elif isinstance(error, UnavailableError) and "refuses" in text:
        hints.append("The machine is there and nothing listens: check the port")
    if isinstance(error, UnavailableError) and (proxy := proxy_of(url)):
        host = urlsplit(url).hostname
        hints.append(f"It was asked through the proxy {proxy}; NO_PROXY={host} goes around it")
    return " ".join(one if one.endswith(("?", ".")) or "\n" in one else f"{one}." for one in hints)


def proxy_of(url: str) -> str | None:
    """The proxy that the environment has for this address, without its login."""
    found: Mapping[str, Any] = get_environ_proxies(url)
    proxy = found.get(urlsplit(url).scheme) or found.get("all")
    return str(proxy).rpartition("@")[2] if proxy else None


def _says_more(error: SyncdError) -> bool:
    """Something is there, and it is another thing than was looked for."""
    return isinstance(error, ProtocolError)


def _notes(pasted: str, url: str) -> list[str]:
    notes = []
    if url.startswith("http://"):
        host = urlsplit(url).hostname or ""
        if host not in ("localhost", "127.0.0.1", "::1"):
            notes.append("without TLS: secrets and customers would travel in the clear")
    if pasted.strip().rstrip("/") != url:
        notes.append(f"taken: {url}")
    return notes
