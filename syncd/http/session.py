"""The requests session as syncd wants it: nothing repeated, nothing remembered, nothing guessed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from syncd import __version__

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
    """Never repeats by itself, and tells what was not sent from what may have been."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def open_session() -> requests.Session:
    """TLS is verified and gzip accepted, which is how requests begins."""
    session = requests.Session()
    session.mount("http://", _Adapter(max_retries=0))
    session.mount("https://", _Adapter(max_retries=0))
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
