"""Phones, e-mails, domains and accounts as they compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_FREE = (
    "gmail.com googlemail.com yahoo.com yahoo.co.jp yahoo.de yahoo.co.uk ymail.com outlook.com "
    "hotmail.com hotmail.co.jp live.com msn.com icloud.com me.com mac.com aol.com proton.me "
    "protonmail.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de "
    "mail.ru inbox.ru list.ru bk.ru internet.ru yandex.ru ya.ru yandex.com yandex.by yandex.kz "
    "yandex.ua rambler.ru lenta.ru ro.ru autorambler.ru ukr.net i.ua meta.ua tut.by mail.kz "
    "wp.pl o2.pl interia.pl onet.pl seznam.cz centrum.cz orange.fr free.fr laposte.net wanadoo.fr "
    "libero.it virgilio.it tiscali.it docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com "
    "qq.com 163.com 126.com naver.com zoho.com fastmail.com bluewin.ch btinternet.com"
)
FREEMAIL = frozenset(_FREE.split())

_MAIL = re.compile(r"[^\s,;<>()\"]+@[^\s,;<>()\"@]+\.[^\s,;<>()\"@.]{2,}")
_SEVERAL = re.compile(r"[,;\n|]|\s/\s")
_EXTENSION = re.compile(r"(доб|вн|ext|durchwahl|内線|#).*", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"^(?:[a-z]+://)?(?:[^/@]*@)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s.]{2,})")
_FEWEST = 7
_TELLING = 9
"""Digits at the end of a phone that tell it from others, with its country or without."""


def phones_of(
    texts: Iterable[str | None], country: str | None, home: str | None
) -> tuple[str, ...]:
    """The last nine digits of E.164, each once: a number without its country is the same."""
    parts = (part for text in texts if text for part in _SEVERAL.split(text))
    return tuple(dict.fromkeys(found for part in parts if (found := _phone(part, country, home))))


@lru_cache(maxsize=1 << 12)
def _phone(text: str, country: str | None, home: str | None) -> str:
    import phonenumbers  # slow to import, and seldom needed

    text = _EXTENSION.sub("", unicodedata.normalize("NFKC", text))
    digits = "".join(char for char in text if char.isdigit())
    if len(digits) < _FEWEST or len(set(digits)) == 1:
        return ""
    said = digits.lstrip("0")
    for region in dict.fromkeys((country, home)):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            said = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number):
            break
    return said[-_TELLING:] if len(said) >= _FEWEST else ""


def emails_of(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Lower case, without what stands behind a plus sign."""
    found = (one for text in texts if text for one in _MAIL.findall(text.casefold()))
    return tuple(dict.fromkeys(_mail(one) for one in found))


def _mail(text: str) -> str:
    local, _, domain = text.removeprefix("mailto:").rpartition("@")
    local = local.partition("+")[0] or local
    domain = _domain(domain)
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def domains_of(emails: Iterable[str], sites: Iterable[str | None]) -> tuple[str, ...]:
    """Without those that give anybody a mailbox."""
    hosts = [one.rpartition("@")[2] for one in emails]
    hosts += [
        _domain(found[1]) for one in sites if one and (found := _HOST.match(one.casefold().strip()))
    ]
    return tuple(dict.fromkeys(one for one in hosts if one not in FREEMAIL))


def _domain(text: str) -> str:
    text = text.rstrip(".")
    if "xn--" in text:
        try:
            return text.encode("ascii").decode("idna")
        except UnicodeError:
            return text
    return text


def account_of(text: str) -> str:
    """An IBAN or a number of an account; empty if it is too short for one."""
    account = "".join(
        char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum()
    )
    return account if len(account) >= _FEWEST and len(set(account)) > 1 else ""
