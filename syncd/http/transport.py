"""The only module that sends. It knows HTTP and nothing of any system."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from syncd.clock import Clock
from syncd.errors import (
    AccessError,
    ConfigError,
    DoubtError,
    ProtocolError,
    RateLimitedError,
    SyncdError,
    TransientError,
    UnavailableError,
)
from syncd.http import sentences
from syncd.http.drive import drive
from syncd.http.files import SCHEME, FolderAdapter, folder_of
from syncd.http.grants import KeptGrant
from syncd.http.outgoing import headers_and_body, query_of
from syncd.http.pace import Pace
from syncd.http.session import NotSentError, Session
from syncd.http.waits import FLOOR, retry_after
from syncd.port import Connector, Flow, Grant, Request, Response, Sending, Signer, T
from syncd.quiet import Quiet
from syncd.redaction import HIDDEN, path, patterns, plain, without
from syncd.telemetry import Log

ATTEMPTS = 4
TOO_FAST = 12
"""Attempts of a request that is refused for the rate, while others are under way beside it: by the
refusals they all learn how fast they may be, and in each round some go through."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_PLAIN = re.compile(r"[a-z_]+|\d{1,4}")
"""A state, a field, a count: words that are no secret, and stand in many sentences."""

_NOBODY = Grant({})
"""Asks for a credential, and so has none."""

_log = Log(__name__)


class HttpTransport:
    """Runs the flows of one connection; several threads may, each one flow.

    `timeout` is (connect, read) in seconds. `max_wait` is the longest Retry-After, in seconds, that
    is waited for here; a longer one leaves as RateLimitedError, and so does what falls into `quiet`
    hours. `calls` counts every request sent, repeats and logins included, `writes` those of them
    that can change something, `credits` what all of them cost; `left` is what the system last said
    is left of its allowance, None where it did not. `before_send` is called before each of them
    and stops it by raising.
    `kept` is where other processes find what a login gave.

    What flows see: every response except 429, redirects, and 5xx that are not `judged`; and the
    errors TransientError, DoubtError (a write whose outcome is open, never sent again),
    ProtocolError (a redirect), and whatever `authenticate` raises.
    """

    def __init__(
        self,
        base_url: str,
        connector: Connector,
        secrets: Mapping[str, str],
        clock: Clock,
        timeout: tuple[float, float] = (10.0, 30.0),
        max_wait: float = 30.0,
        quiet: Quiet | None = None,
        attempts: int = ATTEMPTS,
        kept: KeptGrant | None = None,
    ) -> None:
        self.calls = 0
        self.writes = 0
        self.credits = 0
        self.left: int | None = None
        self.before_send: Callable[[Request], None] = lambda request: None
        self._base = base_url.rstrip("/")
        self._hosts = {self._base: _checked_host(base_url)}
        self._under_way = threading.local()
        self._counting, self._logging_in = threading.Lock(), threading.Lock()
        self._connector = connector
        self._secrets = secrets
        self._clock = clock
        self._timeout = timeout
        self._max_wait = max_wait
        self._quiet_hours = quiet
        self._attempts = attempts
        self._pace = Pace(clock) if connector.facts.in_flight > 1 else None
        self._session = Session()
        if self._base.startswith(SCHEME):
            if not connector.facts.folders:
                raise ConfigError(f"{base_url} is a folder; expected https://host/path")
            self._session.mount(SCHEME, FolderAdapter(folder_of(self._base), clock))
        self._grant: Grant | None = None
        self._kept = kept

    def run(self, flow: Flow[T]) -> T:
        """What the flow returns. An outage or a lost access after a step of it was carried out is
        DoubtError: half a write must be probed, not repeated."""
        carried_out = False
        sent: Request | None = None
        answered: Response | None = None

        def exchange(request: Request) -> Response:
            nonlocal carried_out, sent, answered
            sent, answered = request, None
            response = answered = self._exchange(request)
            carried_out = carried_out or (request.write and 200 <= response.status < 300)
            return response

        try:
            return drive(flow, exchange)
        except SyncdError as error:
            error.args = (self._quiet(str(error), sent, answered),)
            if carried_out and isinstance(error, TransientError | AccessError):
                raise DoubtError(f"{error}; a step before it was carried out") from error
            raise

    def close(self) -> None:
        self._session.close()

    @property
    def _host(self) -> str:
        """Of the request that is under way."""
        host: str = getattr(self._under_way, "host", self._hosts[self._base])
        return host

    def _exchange(self, request: Request) -> Response:
        """The answer under a valid credential: one that has run out is renewed once."""
        grant = self._grant or self._login_after(None)
        response = self._persist(request, grant)
        over = grant.over
        if response.status != 401 or (over and over.encode() not in response.body):
            return response
        return self._persist(request, self._login_after(grant))

    def _login_after(self, refused: Grant | None) -> Grant:
        """What another thread got meanwhile is good."""
        with self._logging_in:
            if self._grant is None or self._grant is refused:
                self._grant = self._login(refused)
            return self._grant

    def _login(self, refused: Grant | None) -> Grant:
        """By another process, where one did it since; one at a time asks for a new one."""
        if self._kept is None:
            return self._authenticate(self._secrets)
        self._respect_quiet_hours()
        with self._kept.alone(self._base, self._secrets, self._clock) as kept:
            grant = kept.read(self._clock.utc())
            if grant is None or (refused and grant.headers == refused.headers):
                if kept.path is None and self._connector.facts.renews:
                    raise AccessError(
                        f"a login at {self._host} replaces its refresh token, and this user may "
                        "not keep the new one: run syncd as the user of the service"
                    )
                try:
                    grant = self._authenticate({**self._secrets, **kept.renewed()})
                except RateLimitedError as error:
                    kept.deny(error, self._clock.utc())
                    raise
                kept.write(grant, self._clock.utc())
        self._settle(grant)
        return grant

    def _authenticate(self, secrets: Mapping[str, str]) -> Grant:
        given = drive(
            self._connector.authenticate(secrets),
            lambda request: self._persist(request, _NOBODY),
        )
        grant = given if isinstance(given, Grant) else Grant(given)
        for name, value in grant.headers.items():
            if not (value.isprintable() and value.isascii()):
                raise AccessError(f"the credential for {self._host} does not fit {name}: not ASCII")
        self._settle(grant)
        return grant

    def _settle(self, grant: Grant) -> None:
        """Where it leads is an address, and no less safe than the connection's own."""
        if grant.address is None:
            return
        host = _checked_host(grant.address)
        if self._base.startswith("https://") and not grant.address.startswith("https://"):
            raise AccessError(f"{self._host} names an address without TLS, {host}: not asked")
        self._hosts[grant.address] = host

    def _persist(self, request: Request, grant: Grant) -> Response:
        """Sends until there is an answer, as long as sending again can do no harm."""
        try:
            return self._send(request, grant)
        except (TransientError, DoubtError) as error:
            failed = error

        def harmless(error: BaseException) -> bool:
            # A 429 was not carried out; neither was what raises UnavailableError for a write, but
            # there the engine's own back-off does better: it plans again.
            if isinstance(error, DoubtError):
                return request.repeatable
            if not isinstance(error, TransientError):
                return False
            repeatable = isinstance(error, RateLimitedError) or not request.write
            return repeatable and (error.retry_after or 0.0) <= self._max_wait

        from syncd.http.repeats import again  # most commands need none

        def send() -> Response:
            return self._send(request, grant)

        too_fast = TOO_FAST if self._pace else self._attempts
        return again(send, failed, harmless, self._attempts, too_fast, self._clock.sleep)

    def _send(self, request: Request, grant: Grant) -> Response:
        """Sends once. The errors are RateLimitedError, UnavailableError (for a write: it was not
        carried out), DoubtError and ProtocolError."""
        address = grant.address or self._base
        self._under_way.host = self._hosts[address]
        self._respect_quiet_hours()
        asked = replace(request, query={**request.query, **grant.query}) if grant.query else request
        if self._pace:
            self._pace.wait()
        asked = self._signed(asked, address)
        self.before_send(request)
        with self._counting:
            self.calls += 1
            self.writes += request.write
            self.credits += request.cost
        began = self._clock.boot()
        status: int | str = "no answer"
        try:
            response = self._call(address, asked, grant.headers)
            status = response.status
        finally:
            _log.debug(
                "call",
                host=self._host,
                method=request.method,
                path=request.path,
                status=status,
                ms=round((self._clock.boot() - began) * 1000),
            )
        told = response.headers.get(self._connector.facts.credits_left, "")
        if told.isascii() and told.isdecimal():
            self.left = int(told)
        return self._judge(request, response)

    def _signed(self, request: Request, address: str) -> Request:
        """By the system's own rules, where it wants each request signed."""
        if not self._connector.facts.signs:
            return request
        signer = cast(Signer, self._connector)
        sending = Sending(_url(address, request.path), self._clock.utc(), uuid4().hex)
        return signer.sign(request, sending, self._secrets)

    def _respect_quiet_hours(self) -> None:
        now = self._clock.utc()
        if self._quiet_hours and (ends := self._quiet_hours.until(now)):
            said = f"{self._host} {self._quiet_hours.sentence}"
            raise RateLimitedError(said, (ends - now).total_seconds())

    def _call(self, address: str, request: Request, credentials: Mapping[str, str]) -> Response:
        # `from None` throughout: the causes quote whole addresses, with their queries.
        try:
            return self._session.send(
                request.method,
                address.rstrip("/"),
                f"/{request.path.lstrip('/')}",
                query_of(request),
                *headers_and_body(request, credentials),
                self._timeout,
            )
        except NotSentError as error:
            raise UnavailableError(self._sentence(error)) from None
        except requests.RequestException as error:
            if request.write:
                raise DoubtError(self._sentence(error)) from None
            raise UnavailableError(self._sentence(error)) from None

    def _judge(self, request: Request, response: Response) -> Response:
        if response.status == 429:
            wait = retry_after(response.headers, self._clock.utc())
            if self._pace:
                self._pace.refused(wait or FLOOR)
            said = "" if wait is None else f" and asks to wait {wait:g} s"
            raise RateLimitedError(f"{self._host} limits the rate of requests{said}", wait)
        if response.status in REDIRECTS:
            raise ProtocolError(
                self._redact(f"{self._host} redirects to {_place(response)}: use that as the url")
            )
        if response.status >= 500 and not request.judged:
            sentence = self._redact(f"{self._host} answered {sentences.of_answer(response)}")
            if request.write:
                raise DoubtError(sentence, answered=True)
            raise UnavailableError(sentence, retry_after(response.headers, self._clock.utc()))
        return response

    def _sentence(self, error: Exception) -> str:
        return self._redact(f"{self._host} {sentences.of_failure(error, self._timeout)}")

    def _redact(self, text: str) -> str:
        """A page of an error may well repeat what it was called with."""
        grant = self._grant or _NOBODY
        given = (*grant.headers.values(), *grant.query.values(), *grant.renewed.values())
        words = (value.rpartition(" ")[2] for value in given)  # behind `Bearer`
        for secret in filter(None, (*self._secrets.values(), *given, *words)):
            text = text.replace(secret, HIDDEN)
        return patterns(text)

    def _quiet(self, text: str, request: Request | None, response: Response | None) -> str:
        """So may a system's own words, which a connector repeats: without what was sent, and
        without what was answered unless it is a sentence of common words."""
        values = set(_texts(request.json, request.query, request.asks)) if request else set()
        values = {one for one in values if not _PLAIN.fullmatch(one)}
        if response is not None:
            values |= {one for one in _answered(response) if one in text and not plain(one)}
        said = self._redact(without(text, values))
        return said if said.strip("*") else f"{self._host} says no in words that are not shown"


def _checked_host(url: str) -> str:
    """`host:port` for messages, or the folder. Raises ConfigError for what is not a plain address
    of either."""
    if url.startswith(SCHEME):
        return str(folder_of(url))
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not name:
            raise ConfigError("the url does not begin with http:// or https:// and a host")
        requests.Request("GET", url).prepare()
    except (ValueError, requests.RequestException):
        raise ConfigError("the url is not an address; expected https://host/path") from None
    if "@" in parts.netloc:
        raise ConfigError(f"the url of {name} holds a login; that belongs to the secrets")
    if parts.query or parts.fragment:
        raise ConfigError(f"the url of {name} has a query; expected https://host/path")
    return f"{name}:{port}" if port else name


def _url(address: str, path: str) -> str:
    return f"{address.rstrip('/')}/{path.lstrip('/')}"


def _texts(*values: object) -> Iterator[str]:
    """Every text in it, however deep."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(*value.values())
        elif isinstance(value, list | tuple):
            yield from _texts(*value)


def _answered(response: Response) -> list[str]:
    try:
        return list(_texts(response.json()))
    except ProtocolError:
        return []


def _place(response: Response) -> str:
    """Where a redirect leads: names of things and ids, no query."""
    place = urlsplit(response.headers.get("location", ""))
    host = f"{place.scheme}://{place.netloc.rpartition('@')[2]}" if place.netloc else ""
    return host + path(place.path) or "another address"
