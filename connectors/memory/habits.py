"""The switches of the memory world: what its books and its CRM are like, and how they can lie.

A habit is a fact of the system. What a connector declares about it comes from the connection's
options; `honest` gives the options that tell the truth, and a test lies by changing one of them.
Every habit may be switched while the world runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

TARGETS = ("account", "contact", "invoice", "payment", "note", "deal")
BOOKS_TARGETS = ("customers", "contacts")

Tiers = Mapping[str, str]
"""Target -> tier."""
CRM_TIERS: Tiers = dict.fromkeys(TARGETS, "T3")
BOOKS_TIERS: Tiers = {"customers": "T2", "contacts": "T3"}
"""What is usual there."""


@dataclass
class WritingHabits:
    """How a system takes what clients write."""

    tiers: dict[str, str] = field(default_factory=dict)
    """Target -> tier, where one is not as usual."""
    bulk: int = 1
    """The most items of one bulk request; 1: there is no bulk request."""
    bulk_atomic: bool = False
    """One bad item refuses the whole request."""
    bulk_reversed: bool = False
    """The results of a bulk request come in the wrong order."""
    answers_values: bool = True
    """False: the answer to a write carries the id alone."""
    echoes: bool = False
    """Answers to writes repeat what was sent, not what was stored."""
    tells_who: bool = False
    """What is asked for says who changed it last, and when; cards have that time as a stamp."""
    search_lag: float = 0.0
    """Seconds until a new object is found by its marker or another field."""
    search: Literal["exact", "folded", "substring"] = "exact"
    survey_page: int = 100
    survey_hides: int = 0
    """Lists leave out this many of the newest objects."""

    def _written(self, tiers: Tiers) -> dict[str, str]:
        """The options that are true of this."""
        return {
            **{f"tier.{target}": tier for target, tier in tiers.items()},
            "batch": str(self.bulk),
            "doubt_time": str(max(1.0, self.search_lag)),
        }


@dataclass
class BooksHabits(WritingHabits):
    tier: Literal["T1", "T2", "T3", "T4"] | None = None
    """Of every target; None: T2 for customers, T3 for contacts."""
    granularity: Literal["microsecond", "second", "none"] = "microsecond"
    """What a stamp is cut down to; none: rows have no stamp and `since` is ignored."""
    since: Literal["inclusive", "exclusive"] = "inclusive"
    paging: Literal["keyset", "offset"] = "keyset"
    """offset: rows that change between two pages shift the rest."""
    page: int = 100
    """The most rows one answer has, whatever limit is asked for."""
    commit_lag: float = 0.0
    """Seconds from the stamp of a write until it becomes visible: a late commit."""
    allocation_edits_stamp: bool = True
    """False: a moved allocation leaves the stamps of the payment and of the balances alone."""
    invoicing_stamps_orders: bool = True
    """False: an invoice changes what is open of its order, and leaves the order's stamp alone."""
    delete: Literal["vanish", "cancel"] = "vanish"
    """vanish: a deleted row is simply gone; cancel: a document stays as cancelled."""
    hide_inactive: bool = False
    """Inactive customers are in no list; their own key still finds them."""
    skew: float = 0.0
    """Seconds the source's clock is ahead."""
    date_header: bool = True
    repeat_first_page: bool = False
    """Every page is the first one, and every page says there is another."""
    empty_pages: bool = False
    """Lists are empty, with status 200."""
    empty_since: list[str] = field(default_factory=list)
    """Objects of which a list by time is empty, with status 200."""
    frozen: list[str] = field(default_factory=list)
    """Objects that are answered as they were at the last `freeze`, by a copy that stands still."""
    hidden: dict[str, list[str]] = field(default_factory=dict)
    """Object -> ids that the client's rights hide from it, everywhere."""
    clock_stands: str | None = None
    """The moment that every answer tells, as an answer out of a cache does."""
    blank: dict[str, Literal["null", "absent"]] = field(default_factory=dict)
    """`customers.name` -> how that field is missing from every row."""
    volatile: bool = False
    """Every answer has a `read_at` that differs each time."""
    shifted: bool = False
    """The values of a customer are answered under the next field's name."""
    ledger_off: dict[str, Decimal] = field(default_factory=dict)
    """Customer -> how much more the books' own ledger says is owed than the documents do, in the
    company's currency."""
    identity_drifts: bool = False

    def tier_of(self, target: str) -> str:
        return self.tiers.get(target, self.tier or BOOKS_TIERS[target])

    def honest(self) -> dict[str, str]:
        """The options of a MemoryBooks connection that are true of these books."""
        return {
            **self._written({target: self.tier_of(target) for target in BOOKS_TARGETS}),
            "granularity": self.granularity,
            "since": self.since,
            "paging": self.paging,
            "page": str(self.page),
            "allocation_edits": "stamp" if self.allocation_edits_stamp else "silent",
            "order_edits": "stamp" if self.invoicing_stamps_orders else "silent",
        }


@dataclass
class CrmHabits(WritingHabits):
    tier: Literal["T1", "T2", "T3", "T4"] = "T3"
    """Of every target."""
    currencies: list[str] | None = field(
        default_factory=lambda: ["CHF", "EUR", "GBP", "JPY", "USD"]
    )
    unique_names: bool = True
    """Account names are unique; letters' case makes no difference."""
    overpayment: bool = False
    """True: a payment may be more than the open amount."""
    payments_fixed: bool = True
    """A payment can be made and removed, not changed."""
    moves: bool = False
    """What belongs to an account can be given to another."""
    custom_fields_first: bool = True
    """An unknown custom field is dropped without a word; False: any is stored."""
    trims: bool = True
    picklists: dict[str, list[str]] = field(default_factory=dict)
    """Path -> the only values it takes."""
    rewrites_phone: bool = False
    """A phone number loses blanks, dashes, dots and brackets."""
    tells_merges: bool = False
    """The id of an account that was merged into another leads to that one."""
    capitals: bool = False
    """Names and e-mails are stored in capitals."""
    page: int = 100
    """The most deals or won cards one answer has."""
    skew: float = 0.0
    """Seconds the CRM's clock is ahead."""
    date_header: bool = True
    identity_drifts: bool = False

    def tier_of(self, target: str) -> str:
        return self.tiers.get(target, self.tier)

    def honest(self) -> dict[str, str]:
        """The options of a MemoryCrm connection that are true of this CRM."""
        return {
            **self._written({target: self.tier_of(target) for target in TARGETS}),
            "currencies": "any" if self.currencies is None else ",".join(self.currencies),
            "payments": "fixed" if self.payments_fixed else "editable",
            "names": "unique" if self.unique_names else "free",
            "moves": "yes" if self.moves else "no",
            "page": str(self.page),
        }
