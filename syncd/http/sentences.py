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

_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LONGEST = 100
_WORD = re.compile(r"\w+")
_WORDS = """
    a allowed an and application apology at back bad be been being busy by capacity closed conflict
    connect connection content currently database deadline denied down due entity error exceeded
    expired failed failure for forbidden found gateway gone has have http https in internal invalid
    is it large later licence license limit limited locked maintenance many media method moment no
    not of on only or our out overloaded page perform performing please precondition proxy rate
    refused request requests required reset resource retry scheduled server service site soon sorry
    status storage system temporarily terminated the this time timed timeout to too try
    unauthorized unavailable unexpected unknown unsupported update upgrade upstream url web website
    we will with work wrong apache caddy cloudflare django envoy haproxy iis nginx openresty odoo
    tomcat traefik varnish
    база базы в ведутся внутренняя временно для доступ доступна доступен закрыт закрыта запрещён
    запрещен идёт идет лицензии лицензий лицензия на найдена найдено не недоступен недоступна нет
    обновление обнаружено обслуживание ошибка повторите позже пожалуйста попробуйте превышено работы
    регламентные сайт сайте сервер сервера сервис свободной страница технические
"""
_USUAL = frozenset(_WORDS.split())
"""What pages of errors are made of. One with another word may well repeat what it was called
with, a name for instance, and is not repeated."""


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
    if not all(_usual(word) for word in _WORD.findall(first.lower())):
        return ""
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"


def _usual(word: str) -> bool:
    return word in _USUAL or (word.isdecimal() and len(word) <= 3)
