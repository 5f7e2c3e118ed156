"""The requests session as syncd wants it: nothing repeated, nothing remembered, nothing guessed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import msgspec
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import check_header_validity
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from syncd import __version__
from syncd.port import Response

# urllib3 logs whole addresses, with their queries; the transport has a log line of its own.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class NotSentError(Exception):
    """No connection came about, so not one byte of the request left; the cause says why.

    Deliberately no kind of OSError: urllib3 and requests let it pass as it is.
    """


class _Plain(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError) as error:
            raise NotSentError from error


class _Tls(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError) as error:
            raise NotSentError from error


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    """Never repeats by itself, and tells what was not sent from what may have been.

    What requests finds out anew for each request is kept for each host: the pool, and whether the
    certificates to verify it with are there. Who it is reached through does not change either.
    """

    def __init__(self) -> None:
        self._pools: dict[str, Any] = {}
        self._verified: set[Any] = set()
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> Any:
        host = _host(request.url or "")
        pool = self._pools.get(host)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, *args, **kwargs)
            self._pools[host] = pool
        return pool

    def cert_verify(self, conn: Any, *args: Any) -> None:
        if conn not in self._verified:
            verify: Callable[..., None] = super().cert_verify
            verify(conn, *args)
            self._verified.add(conn)

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        url = request.url or ""
        if proxies or "#" in url:
            return super().request_url(request, proxies)
        return url[len(_host(url)) :]

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Without cookies and a guess at the encoding, which nobody asks for."""
        answer = requests.Response()
        answer.status_code, answer.reason = resp.status, resp.reason
        answer.headers = CaseInsensitiveDict(resp.headers)
        answer.raw, answer.url, answer.request = resp, req.url or "", req
        return answer

    def close(self) -> None:
        self._pools.clear()
        self._verified.clear()
        super().close()


def _host(url: str) -> str:
    """`https://host:port` of a prepared address: there is a path behind it, if only `/`."""
    return url[: url.find("/", url.find("//") + 2)]


class _Route(msgspec.Struct, frozen=True):
    """How an address is reached: what requests makes of it, without a slash at its end, and what
    the environment says of proxies and certificates."""

    url: str
    adapter: BaseAdapter
    options: Mapping[str, Any]


class Session:
    """A session of requests for many small calls. requests merges its settings with each request,
    reads the environment again, looks for cookies, redirects and hooks: half of what a call costs.
    Here the environment is read once for each address; the rest is what it does too.
    """

    def __init__(self) -> None:
        self._session = _open()
        self.headers = {name: str(value) for name, value in self._session.headers.items()}
        self._routes: dict[str, _Route] = {}

    def mount(self, prefix: str, adapter: BaseAdapter) -> None:
        self._session.mount(prefix, adapter)

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        address: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes | Mapping[str, str] | None,
        timeout: tuple[float, float],
    ) -> Response:
        """A table as `body` goes as a form. Raises what `requests.request` raises; a redirect is
        an answer."""
        route = self._routes.get(address)
        if route is None:
            route = self._routes[address] = self._route(address)
        request = requests.PreparedRequest()
        request.method = method.upper()
        if route.url and _PLAIN.fullmatch(path):
            request.url = f"{route.url}{path}?{query}" if query else route.url + path
        else:
            request.prepare_url(address + path, query)
        request.headers = CaseInsensitiveDict(self.headers)
        for header in headers.items():
            check_header_validity(header)
            request.headers[header[0]] = header[1]
        if isinstance(body, bytes) and body:
            request.body = body
            request.headers["Content-Length"] = str(len(body))
        else:
            request.prepare_body(body, None)
        answer = route.adapter.send(request, timeout=timeout, **route.options)
        content = b"".join(answer.iter_content(_PIECE))
        return Response(answer.status_code, lower_case(answer.headers), content)

    def _route(self, address: str) -> _Route:
        """Raises as `prepare_url`."""
        request = requests.PreparedRequest()
        request.prepare_url(f"{address}/", None)
        url = request.url or ""
        options = self._session.merge_environment_settings(url, {}, False, None, None)
        plain = url.startswith("http") and url.endswith("/")
        return _Route(url[:-1] if plain else "", self._session.get_adapter(url), options)


_PIECE = 1 << 20
"""Bytes of an answer that are taken at once: requests would take 10 kB, and a page has 400."""

_PLAIN = re.compile(r"(?:/[A-Za-z0-9_~$(),:'-][A-Za-z0-9._~$(),:'-]*)+", re.ASCII)
"""A path that stands in an address as it is."""


def _open() -> requests.Session:
    """TLS is verified and gzip accepted, which is how requests begins."""
    session = requests.Session()
    session.mount("http://", _Adapter())
    session.mount("https://", _Adapter())
    session.headers.update({"User-Agent": f"syncd/{__version__}", "Accept": "application/json"})
    session.auth = _as_it_is
    # A cookie would make an answer depend on the requests before it.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication by the connector's headers alone: without one, requests takes ~/.netrc's."""
    return request


def lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
