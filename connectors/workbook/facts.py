"""Which sheets, columns and targets a workbook of cards has, and how its writes behave.

All documents share one sheet, each kind a target of its own. A row is known by the key in its first
column, so a create that is sent again finds what it made.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.port import Facts, Target, Tier

CUSTOM = "custom_fields."
"""Before the name of a column that a mapping adds."""

CARDS, DOCUMENTS, ABOUT = "Cards", "Documents", "About"
NAMES = "_syncd"
"""The hidden sheet that says which columns are syncd's, and what they hold."""

KEY, NAME = "Key", "Name"
OWNER, CUSTOMER, DOCUMENT = "Customer_key", "Customer", "Document"
"""Columns of documents that no mapping writes: whose it is, by key and by name, and what it is."""
HIDDEN = frozenset({KEY, OWNER})

KINDS: Mapping[str, str] = {
    "Orders": "Order",
    "Invoices": "Invoice",
    "Payments": "Payment",
    "Credit_notes": "Credit note",
    "Adjustments": "Adjustment",
}
"""Targets of documents -> what stands in the column `Document`."""

USUAL: Mapping[str, Mapping[str, str]] = {
    CARDS: {
        KEY: "text",
        NAME: "text",
        "Tax_id": "text",
        "Line": "text",
        "Receivable": "number",
        "Overdue": "number",
        "Overdue_since": "date",
        "Prepaid": "number",
        "Credits": "number",
        "Total_sales": "number",
        "Average_order": "number",
        "Orders_count": "number",
        "Last_order": "date",
        "Last_payment": "date",
        "Open_orders": "number",
        "Stage": "text",
        "Seller": "text",
        "Currency": "text",
        "Phone": "text",
        "Email": "text",
    },
    DOCUMENTS: {
        KEY: "text",
        OWNER: "text",
        CUSTOMER: "text",
        DOCUMENT: "text",
        "Number": "text",
        "Date": "date",
        "Amount": "number",
        "Currency": "text",
        "Due": "date",
        "Open": "number",
        "State": "text",
        "Seller": "text",
    },
}
"""The columns of a new sheet, in this order, with what they hold."""
MORE: Mapping[str, Mapping[str, str]] = {
    CARDS: {
        "Code": "text",
        "Street": "text",
        "City": "text",
        "Postcode": "text",
        "Country": "text",
        "Ageing": "text",
        "Sales_12m": "number",
        "First_order": "date",
        "Open_orders_count": "number",
        "Open_orders_list": "text",
    },
    DOCUMENTS: {"Line": "text", "Organisation": "text", "Reason": "text", "Order": "text"},
}
"""Columns that are made once something is written into them."""
COLUMNS = {sheet: {**USUAL[sheet], **MORE[sheet]} for sheet in USUAL}

BATCH = 5000
"""Rows in one write. Each write makes the whole file anew, so a small batch costs the square."""

_ANY = {f"{CUSTOM}*": "text"}

CARD = Target(tier=Tier.T1, fields={**COLUMNS[CARDS], **_ANY}, batch=BATCH)

_WRITTEN = {
    path: type
    for path, type in COLUMNS[DOCUMENTS].items()
    if path not in (OWNER, CUSTOMER, DOCUMENT)
}
PAPER = Target(
    tier=Tier.T1,
    fields={**_WRITTEN, **_ANY},
    parents=(CARDS,),
    batch=BATCH,
    movable=True,
    cancels=True,
)

FACTS = Facts(
    system="workbook",
    targets={CARDS: CARD, **dict.fromkeys(KINDS, PAPER)},
    folders=True,
    options={
        "file": "the name of the workbook in the folder; cards.xlsx if left out",
        "headings": "other words for sheets and columns, as `Name = Клиент, Cards = Карточки`",
        "books": "whose books these are, for the sheet About",
    },
)


def sheet_of(target: str) -> str:
    return CARDS if target == CARDS else DOCUMENTS


def key_of(target: str, remote_id: str) -> str:
    """What stands in the first column: an order and an invoice may have the same key in the
    books."""
    return remote_id if target == CARDS else f"{target}:{remote_id}"


def id_in(target: str, key: str) -> str | None:
    """The remote id in such a key; None where it is of another target."""
    if target == CARDS:
        return key
    word, colon, remote_id = key.partition(":")
    return remote_id if colon and word == target else None
