"""What is compared of a customer of the books or of a card: evidence alone, normalised."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.domain import Customer, Won


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """`legal_ids` are `COUNTRY:NUMBER`; phones E.164; `domains` without those of freemail."""

    key: str
    name: str = ""
    legal_ids: tuple[str, ...] = ()
    country: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    street: str = ""
    city: str = ""
    postcode: str = ""


def party_of(record: Customer | Won, home: str | None = None) -> Party:
    """`home`: country (ISO 3166-1 alpha-2) of a tax id or phone that names none."""
    country = record.country or home
    number = "".join(c for c in record.tax_id or "" if c.isalnum()).upper()
    return Party(
        key=record.key,
        name=" ".join(record.name.split()),
        legal_ids=(f"{country or ''}:{number}",) if number else (),
        country=country,
        emails=(record.email.casefold(),) if record.email else (),
    )
