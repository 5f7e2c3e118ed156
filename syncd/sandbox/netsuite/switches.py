"""What nobody could settle without a live account, and what one account has and another has not."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONES = ("zone", "sysdate_zone")
CHOICES = {
    "date_format": ("M/D/YYYY", "D/M/YYYY", "DD.MM.YYYY", "YYYY-MM-DD", "DD-Mon-YYYY"),
    "apply_touches": ("both", "payment", "invoice", "none"),
    "unknown_properties": ("ignore", "refuse"),
}


@dataclass
class Switches:
    account: str = "1234567_SB1"
    """As the realm writes it. `_SB1` is a sandbox of NetSuite's own."""
    zone: str = "America/New_York"
    """Of the account: dates of SuiteQL are in it, and do not say so."""
    skew: int = 0
    """Seconds by which the account's clock is ahead."""
    sysdate_zone: str = ""
    """Of SYSDATE where it is another one; some report America/Los_Angeles."""
    date_format: str = "M/D/YYYY"
    """Of raw date columns, and of dates in a filter of the record API."""
    oneworld: bool = True
    """Subsidiaries; off, SuiteQL knows no such column and table."""
    prepared: bool = True
    """The custom fields of the card stand on the customer."""
    auto_numbers: bool = True
    """Customers get their `entityId` by themselves; off, it is the name."""
    default_status: int = 6
    """`entityStatus` of a customer that is written without one; 6 is a lead, 13 a customer."""
    sales_makes_customer: bool = True
    """A sales order or an invoice makes a customer of a lead or prospect."""

    # OAuth 2.0 and token-based authentication
    token_seconds: int = 3600
    """How long an access token is good."""
    expires_in_text: bool = True
    """`expires_in` is a string."""
    assertion_seconds: int = 3600
    """How far `exp` may be after `iat`. The help says less than 3600; Authlib sends 3600."""
    mapping_revoked: bool = False
    """The certificate's mapping is revoked, or was wiped by a refresh of the sandbox."""
    tba: bool = True
    """Token-based authentication is there; off, no integration may use it."""
    tba_seconds: int = 300
    """How far the timestamp of a signed request may be off."""
    nonces: bool = True
    """A nonce is good once."""

    # Governance
    concurrency: int = 15
    """Requests at a time in the whole account; what is more gets 429."""
    others: int = 0
    """Of these, what other integrations hold now."""
    busy_is_401: bool = False
    """A request too many looks like a failed login, as one product's manual says."""

    # SuiteQL
    row_cap: int = 100_000
    """Rows of one query."""
    shuffle: bool = True
    """What ORDER BY leaves open comes otherwise in each answer."""
    cte: bool = True
    """WITH is understood."""
    bare_fraction: bool = False
    """A number below one comes as `.5`."""
    field_error_is_500: bool = False
    """An unknown field is 500 UNEXPECTED_ERROR."""
    hidden: str = ""
    """Tables and `table.column` that the role may not see, with commas between."""
    link_dates: bool = True
    """NextTransactionLineLink has `lastmodifieddate`."""

    # What documents do
    apply_touches: str = "both"
    """Whose `lastmodifieddate` moves when a payment is applied: both, payment, invoice, none."""
    negative_totals: bool = True
    """`foreigntotal` of payments and credits is below zero."""
    deposits_in_accounting: bool = False
    """transactionaccountingline tells what of a customer deposit is unused."""
    void_by_journal: bool = False
    """Voiding makes a reversing journal; off, the document itself counts for nothing."""

    # Record API
    unknown_properties: str = "ignore"
    """What a body has and the record has not: ignore or refuse, where no header says which."""
    mandatory: str = ""
    """Columns that the account's form wants of a customer, with commas between."""
    locked: str = ""
    """Ids of customers that a workflow has locked, with commas between."""
    conflict: bool = False
    """Somebody else writes at the same moment: no change of a record gets through."""
    conflict_status: int = 409
    """Of such a change; 400 is a USER_ERROR."""
    empty_schema_first: bool = False
    """The first answer of the metadata catalog has no `properties`."""

    def __setattr__(self, name: str, value: object) -> None:
        """ValueError for what makes no sense."""
        if name in ZONES and value:
            try:
                ZoneInfo(str(value))
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError(f"switch {name} takes a time zone, not {value!r}") from None
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"switch {name} takes one of {', '.join(CHOICES[name])}")
        object.__setattr__(self, name, value)


def words(text: str) -> set[str]:
    return set(text.lower().replace(",", " ").split())
