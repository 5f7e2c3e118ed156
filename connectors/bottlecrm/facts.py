"""What BottleCRM (PyPI `django-crm`, 1.35) can hold and how its writes behave.

Every create is T3: the server enforces no custom field as unique (five parallel creates with one
`books_id` made five accounts), so a create without an answer is cleared up by searching the marker.
A payment has no custom fields; its `reference_number` is the marker, and the server takes the same
reference twice. A note is nothing but its text; the marker is the end of it.
"""

from __future__ import annotations

from syncd.domain import Kind
from syncd.port import Facts, Source, Target, Tier

MARKER = "custom_fields.books_id"
"""Path of the marker on accounts, contacts and invoices."""
PAYMENT_MARKER = "reference_number"

CUSTOM = "custom_fields."
FIELD_TYPES = {
    "text": "text",
    "long_text": "textarea",
    "number": "number",
    "date": "date",
    "flag": "checkbox",
}
"""A FieldDef's type -> BottleCRM's `field_type`, which cannot be changed once made."""

MODELS = {"account": "Account", "contact": "Contact", "invoice": "Invoice"}
"""Targets with custom fields -> `target_model` of their definitions."""

_ADDRESS = {
    "address_line": "text",
    "city": "text",
    "state": "text",
    "postcode": "text",
    "country": "text",  # ISO 3166-1 alpha-2
}

ACCOUNT = Target(
    tier=Tier.T3,
    fields={
        "name": "text",  # at most 255 characters, blanks at the ends are cut off
        "email": "text",
        "phone": "text",  # 7 to 25 digits and separators
        "website": "text",
        **_ADDRESS,
        "currency": "text",
        "description": "text",
        "is_active": "flag",
        "custom_fields.*": "text",
    },
    unique="name",
)

CONTACT = Target(
    tier=Tier.T3,
    fields={
        "first_name": "text",
        "last_name": "text",
        "email": "text",  # unique in the organisation
        "phone": "text",
        "organization": "text",
        "title": "text",
        "department": "text",
        **_ADDRESS,
        "description": "text",
        "is_active": "flag",
        "custom_fields.*": "text",
    },
    parents=("account",),
)

INVOICE = Target(
    tier=Tier.T3,
    fields={
        "title": "text",  # at most 100 characters
        "amount": "number",  # at most 10 digits before the point and 2 behind it
        "currency": "text",
        "issue_date": "date",
        "due_date": "date",  # left empty, the CRM makes it 30 days after issue_date
        "state": "text",  # open or cancelled; a draft that was not sent reads as draft
        "custom_fields.*": "text",
    },
    parents=("account", "contact"),
    fixed=frozenset({"amount", "currency"}),
    removable=False,
)

PAYMENT = Target(
    tier=Tier.T3,
    fields={
        "amount": "number",
        "payment_date": "date",
        "reference_number": "text",  # at most 100 characters
        "payment_method": "text",  # CASH CHECK CREDIT_CARD BANK_TRANSFER PAYPAL STRIPE OTHER
        "notes": "text",
    },
    parents=("invoice",),
    fixed=frozenset({"amount", "payment_date", "payment_method", "notes"}),
    listable=False,
)

NOTE = Target(
    tier=Tier.T3,
    fields={"text": "text"},  # with the marker at most 10,000 characters; the rest is cut off
    parents=("account",),
    listable=False,
)
"""A comment in an account's timeline. Whoever wrote it, or an administrator, may change and remove
it; its time and its author are the server's."""

CURRENCIES = frozenset(
    {"AED", "AUD", "BRL", "CAD", "CHF", "CNY", "EUR"}
    | {"GBP", "INR", "JPY", "MXN", "SGD", "USD", "ZAR"}
)

FACTS = Facts(
    system="bottlecrm",
    # None has a time of its last change: a deal knows when its stage changed, and no more; that an
    # account was saved stands in a feed. Of leads
    # there is no list once they are converted, and what becomes of one is a deal that is open.
    sources={
        Kind.DEAL: Source("opportunity", stamped=False),
        Kind.LABEL: Source("account", frozenset({"contact"}), stamped=False),
        Kind.WON: Source(
            "account",
            frozenset({"contact", "contacts"}),
            stamped=False,
            told=True,
            untold=frozenset({"contact"}),
        ),
    },
    targets={
        "account": ACCOUNT,
        "contact": CONTACT,
        "invoice": INVOICE,
        "payment": PAYMENT,
        "note": NOTE,
    },
    doubt_time=5.0,
    described=True,
    currencies=CURRENCIES,
    secrets=("token",),
    options={"page": "deals or accounts in one answer; 100 if left out"},
    guides=True,
    ready="address, and a token of an admin",
)
