"""Takes out of a text what may not leave syncd: secrets, and what tells who somebody is.

Names and addresses have no pattern. So this is the second line: the first one is never to put them
into a text, and where a system's own words are repeated, to take out what was sent to it
(`without`), or everything it quotes (`unquoted`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

HIDDEN = "***"
LEFT_OUT = "…"
SHORTEST = 4
"""Characters of a value that is looked for in a text; shorter ones stand in half of all words."""

SECRET_NAME = re.compile(
    r"pass(?!age)|secret|token|authori[sz]ation|cookie|api[_-]?key|credential|csrf|signature",
    re.IGNORECASE,
)
"""Names of fields, headers and settings whose values are secrets."""

_WORDS = """
    a allowed an and application apology at back bad be been being busy by capacity closed conflict
    connect connection content currently database deadline denied down due entity error exceeded
    expired failed failure for forbidden found gateway gone has have http https in internal invalid
    html doctype body head is it large later licence license limit limited locked maintenance many
    media method moment no
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
"""What pages of errors are made of."""

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_PATTERNS = (
    # a login in an address, and its query: tokens and filters stand there
    (r"(?<=://)[^/\s@]+(?=@)", HIDDEN),
    (r"(\b[a-z][a-z0-9+.-]*://[^\s?#\"'<>]+)[?#][^\s\"'<>]*", rf"\1?{HIDDEN}"),
    # headers, and name=value in any notation
    (r"(?i)\b((?:set-)?cookie)\s*:[^\r\n]*", rf"\1: {HIDDEN}"),
    (r"(?i)\b(bearer|basic|digest|session)\s+[\w+/=.:~-]{8,}", rf"\1 {HIDDEN}"),
    (
        r"(?i)\b((?:proxy-)?authorization|x-[\w-]+)\s*:\s*(?:\w+\s+)?[^\s,;]{8,}",
        rf"\1: {HIDDEN}",
    ),
    (
        rf"(?i)([\w-]*(?:{SECRET_NAME.pattern})[\w-]*(?:\s*=\s*|[\"']\s*:\s*|:(?=\S)))"
        r"(?:\"[^\"]*\"|'[^']*'|[^\s\"',;&<>]+)",
        rf"\1{HIDDEN}",
    ),
    (r"\beyJ[\w-]+\.[\w-]+\.[\w-]+", HIDDEN),
    (rf"(?!{_UUID})\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{{32,}}(?![\w-])", HIDDEN),
    # who somebody is
    (r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+", HIDDEN),
    (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", HIDDEN),  # IBAN
    (r"(?<![\w.])\+\d[\d ().\-‑]{6,18}\d", HIDDEN),  # a phone number, as +7 495 ...
    (r"(?<![\w.,])8[ (-]{0,2}\d{3}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?![\w])", HIDDEN),
    (r"(?<![\w.,-])0\d{1,4}[-(]\d{1,4}[-)]\d{3,4}(?![\w-])", HIDDEN),
    (r"(?<![\w.,-])\(?\d{3}\)?[ -]\d{3}-\d{4}(?![\w-])", HIDDEN),
    (r"\b(?:[A-Z]{2}U?|T)\d{8,13}\b", HIDDEN),  # tax numbers with letters before them
    (r"(?<![\w.,-])\d{2}-\d{7}(?![\w-])", HIDDEN),
    (r"(?<![\w.,/-])(?:\d{10}|\d{12,13}|\d{20,})(?![\w/-]|[.,]\d)", HIDDEN),
)


@functools.cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Most commands have nothing to take them out of."""
    return tuple((re.compile(pattern), instead) for pattern, instead in _PATTERNS)


_QUOTED = re.compile(
    r"\"([^\"]*)\"|«([^»]*(?:«[^»]*»[^»]*)*)»|„([^“”]*)[“”]|“([^”]*)”|「([^」]*)」|『([^』]*)』"
    r"|(?<![\w])'([^']*)'(?!\w)"
)
_HARMLESS = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,19}")


def patterns(text: str) -> str:
    """Without addresses' logins and queries, credentials, e-mails, phones, tax and bank numbers."""
    for pattern, instead in _compiled():
        text = pattern.sub(instead, text)
    return text


def without(text: str, values: Iterable[str]) -> str:
    """Without these values, the longest first, and without what has a pattern."""
    known = {value.strip() for value in values}
    for value in sorted((one for one in known if len(one) >= SHORTEST), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
    return patterns(text)


def unquoted(text: str, *, words: bool = False) -> str:
    """Without what is quoted in it, and without what has a pattern. With `words` one plain word,
    like a state or a currency, stays."""

    def kept(found: re.Match[str]) -> str:
        whole = found[0]
        inner = next(filter(None, found.groups()), "")
        if not inner or (words and _HARMLESS.fullmatch(inner)):
            return whole
        return f"{whole[0]}{LEFT_OUT}{whole[-1]}"

    return patterns(_QUOTED.sub(kept, text))


_ID = re.compile(
    rf"{_UUID}|\d{{1,9}}|\d{{14,19}}|[A-Z]{{1,4}}-?\d{{1,9}}"
    r"|[A-Za-z]+_[^\W\d]+|v?[A-Za-z_.$~-]+\d?"
)


def path(address: str) -> str:
    """The path of an address with names of things and ids alone: no query, and `*` for what could
    be a name, an e-mail, a phone or a tax number."""
    plain = address.split("?")[0].split("#")[0]
    return "/".join(one if not one or _ID.fullmatch(one) else "*" for one in plain.split("/"))


_TOKEN = re.compile(r"\"[A-Za-z0-9_.]{1,20}\"|\S+")
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:[.,:]\d{1,9})*%?")
_NAME = re.compile(r"[a-z]+(?:[._][a-z0-9_]+)+|[A-Z]+(?:_[A-Z]+)+")
"""Of a field, and the code of an error, as INVALID_DATA."""
_MARKS = ".,;:!?()[]{}…\"'«»“”„-–—"


def usual(text: str) -> bool:
    """Whether it says what pages of errors say. One with another word may well repeat what it was
    called with."""
    words = re.findall(r"\w+", text.lower())
    return all(word in _USUAL or (word.isdecimal() and len(word) <= 3) for word in words)


def plain(text: str) -> bool:
    """Whether it is a sentence of common words, numbers and names of fields. Names of people, of
    companies and of streets are written with capitals, or in a script without them."""
    tokens = [one for one in _TOKEN.findall(text) if one.strip(_MARKS)]
    if patterns(text) != text or not tokens:
        return not tokens
    first, *rest = tokens
    return any(map(_common, (first, first[:1].lower() + first[1:]))) and all(map(_common, rest))


def _common(token: str) -> bool:
    if token.startswith('"') and token.endswith('"'):
        return True
    word = token.strip(_MARKS).replace("'", "").replace("-", "").replace("/", "")
    letters = word.isalpha() and word.islower()
    return letters or not word or bool(_NUMBER.fullmatch(word) or _NAME.fullmatch(word))
