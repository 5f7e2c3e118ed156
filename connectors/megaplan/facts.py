"""What a Megaplan account holds of the books, and how its writes behave.

Documents stay in the books: invoices made in Megaplan would be a second set of them, and the sums
on a card that Megaplan works out of its own invoices cannot be written. So a card says everything
in extra fields, which an administrator makes.

Every create is T3: nothing is unique there and no key is taken twice, but a filter finds a card by
the extra field with the key of the books. A filter that the server does not heed finds everything,
so each row is compared here, and all cards are read where that is so.
"""

from __future__ import annotations

from syncd.domain import Kind
from syncd.port import Facts, Source, Target, Tier

CUSTOM = "custom_fields."
"""Before the label of an extra field, in which `_` is a blank; or before its own name."""
MARKER = "Код_в_учёте"

COMPANY, HUMAN, DEAL = "ContractorCompany", "ContractorHuman", "Deal"
SEGMENTS = {COMPANY: "contractorCompany", HUMAN: "contractorHuman", DEAL: "deal"}
"""Content type -> the segment of its address."""
LISTS = {COMPANY: "contractor", DEAL: "deal"}
"""Where they are listed: contractors of both kinds together."""

EMPLOYEE, OWNER = "Employee", "responsibles"
"""Whose card it is: one employee, as syncd makes it; people may add others."""
NAME, PHONE, EMAIL = "name", "phone", "email"
INFO = "contactInfo"
"""The list of contacts, in which a phone and an e-mail stand."""

HOURLY = 1_000
"""By the word of one client; the vendor's pages say nothing."""

CARD = Target(
    tier=Tier.T3,
    fields={
        NAME: "text",
        PHONE: "text",  # the main one of the list of contacts
        EMAIL: "text",
        "description": "text",
        "custom_fields.*": "text",
    },
    removable=False,
    makes_fields=False,
    owner=OWNER,
)
"""A company is other people's, too: nothing of it is ever removed."""

DEALS = Target(
    tier=Tier.T3,
    fields={"custom_fields.*": "text"},
    removable=False,
    listable=False,
    made=False,
    makes_fields=False,
)
"""People make deals; what is written onto one are the sums of its orders."""

FACTS = Facts(
    system="megaplan",
    sources={
        Kind.DEAL: Source(DEAL),
        Kind.LABEL: Source(COMPANY, frozenset({PHONE, EMAIL})),
        # A company with its requisites and persons, whose change need not move its time.
        Kind.WON: Source(COMPANY, frozenset({PHONE, EMAIL}), stamped=False),
    },
    targets={COMPANY: CARD, DEAL: DEALS},
    doubt_time=10.0,
    described=True,
    secrets=("username", "password"),
    options={
        "id_field": "label of the extra field with the key of the books, `_` for a blank; "
        f"{MARKER} if left out",
        "currency": "of amounts in extra fields of the kind Money; RUB if left out",
        "hourly": f"requests that Megaplan allows in an hour; {HOURLY} if left out",
        "page": "cards or deals in one answer, at most 100; 100 if left out",
    },
    hourly=HOURLY,
    one_account=True,
    guides=True,
    lists_users=True,
    tells_who=True,
    rationed=True,
    changes="Megaplan lists what changed last first, and syncd reads down to what it knows",
    starts="automation that somebody set to changes of cards may start: the API cannot prevent it",
    ready="address, login and password of an employee who may see and edit all clients",
    hint=("the employee's login and password; what this employee may not see, syncd does not see",),
)
