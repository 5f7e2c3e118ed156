"""One clear sentence for each way a call can go wrong. None of them quotes a query or a body."""

from __future__ import annotations

import html
import re
import socket
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import ConnectTimeoutError, ReadTimeoutError

from syncd.port import Response
from syncd.redaction import usual

_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LONGEST = 100


def of_failure(error: BaseException, timeout: tuple[float, float]) -> str:
    """What happened to a call without an answer; read on after the host's name."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"shows a TLS certificate that is not valid: {cause.verify_message}"
            case ssl.SSLError():
                return f"does not speak TLS as expected: {cause.reason or 'handshake failed'}"
            case socket.gaierror():
                return "is not known: the name does not resolve"
            case ConnectionRefusedError():
                return "refuses the connection"
            case ConnectTimeoutError():
                return f"did not accept a connection within {timeout[0]:g} s"
            case ReadTimeoutError() | requests.ReadTimeout():
                return f"did not answer within {timeout[1]:g} s"
            case OSError() if str(cause).startswith("Tunnel connection failed"):
                return f"cannot be reached through the proxy: {str(cause).partition(': ')[2]}"
            case OSError() if cause.errno and not isinstance(cause, ConnectionResetError):
                return f"cannot be reached: {cause.strerror}"
    return "cut the connection before its answer was complete"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The innermost cause first: the outer ones only wrap it."""
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    yield error


def of_answer(response: Response) -> str:
    """`HTTP 500: Bad gateway`: the status, and what a page or a text says first, if that is what
    such pages say."""
    said = _first_line(response)
    return f"HTTP {response.status}: {said}" if said else f"HTTP {response.status}"


def _first_line(response: Response) -> str:
    title = _TITLE.search(response.body[:10_000])
    head = title.group(1) if title else response.body[:2_000]
    text = html.unescape(_TAG.sub(" ", head.decode("utf-8", "replace")))
    lines = (" ".join(line.split()) for line in text.splitlines())
    first = next(filter(None, lines), "")
    if not usual(first):
        return ""
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
