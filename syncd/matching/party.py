"""What is compared of a customer of the books or of a card: evidence alone, normalised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syncd.domain import Customer, Won
from syncd.matching.contacts import account_of, domains_of, emails_of, phones_of
from syncd.matching.legal import legal_ids
from syncd.matching.names import name_of
from syncd.matching.places import city_of, postcode_of, street_of
from syncd.matching.scripts import has_kana

MORE = ("tax_id", "email", "phone", "website", "account")
"""What a mapping's own fields may bring besides: `customer.phone_2`, `customer.account`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """`name` is its words in folded Latin letters, `kana` whether it was written in such,
    `forms` the legal forms it may have; `legal_ids` are `SCHEME:NUMBER`, `branch` the number of one
    of its offices (КПП); `phones` the ends of E.164; `domains` without those of freemail."""

    key: str
    name: str = ""
    kana: bool = False
    forms: tuple[str, ...] = ()
    legal_ids: tuple[str, ...] = ()
    branch: str = ""
    country: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    street: str = ""
    city: str = ""
    postcode: str = ""


def party_of(record: Customer | Won, home: str | None = None) -> Party:
    """`home`: country (ISO 3166-1 alpha-2) of a tax id or phone that names none. Text fields of the
    mapping's own count, too, if their name begins with one of MORE."""
    country = (record.country or "").strip().upper() or None
    home = home.upper() if home else None
    name, forms = name_of(record.name)
    numbers: list[str] = []
    branch = ""
    for text in _all("tax_id", record.tax_id, record):
        found, beside = legal_ids(text, country, home)
        numbers += found
        branch = branch or beside
    emails = emails_of(_all("email", record.email, record))
    accounts = (account_of(text) for text in _all("account", None, record))
    return Party(
        key=record.key,
        name=name,
        kana=has_kana(record.name),
        forms=forms,
        legal_ids=tuple(dict.fromkeys(numbers)),
        branch=branch,
        country=country or home,
        emails=emails,
        phones=phones_of(_all("phone", record.phone, record), country, home),
        domains=domains_of(emails, _all("website", None, record)),
        accounts=tuple(dict.fromkeys(one for one in accounts if one)),
        street=street_of(record.street),
        city=city_of(record.city),
        postcode=postcode_of(record.postcode),
    )


def _all(word: str, own: str | None, record: Customer | Won) -> Iterable[str]:
    more = (one.text for one in record.extras if one.type == "text" and one.word.startswith(word))
    return [text for text in (own, *more) if text]
