"""What there is to be read and written, and the closed lists of its words."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is read and written; the order is parents first, and streams run in it."""

    CUSTOMER = "customer"
    ORDER = "order"
    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT_NOTE = "credit_note"
    ADJUSTMENT = "adjustment"
    BALANCE = "balance"
    CARD = "card"
    """Derived: what a customer's card says, out of all of the above and the clock."""
    DEAL_ORDERS = "deal_orders"
    """Derived: what a deal of the CRM shows of the orders that name it."""
    DEAL = "deal"
    LEAD = "lead"
    LABEL = "label"
    """A value or a tag on the card itself, or on one of its persons."""
    WON = "won"
    """A card that was won: a customer for the books, named by the id of the card."""


PERSONAL = frozenset({Kind.CUSTOMER, Kind.WON})
"""Kinds whose images are personal data: kept apart, with a retention of their own."""


DERIVED_KINDS = frozenset({Kind.CARD, Kind.DEAL_ORDERS})
"""Kinds that no system has: they are worked out of others, and written to the CRM."""


LEDGER = (Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)
"""Kinds of documents that a balance is added up of, where the books tell none."""


TRIGGERS = (Kind.DEAL, Kind.LEAD, Kind.LABEL)
"""Kinds whose records name cards that were won; one of any kind is enough."""


FROM_CRM = frozenset({*TRIGGERS, Kind.WON})
"""Kinds that are read from the CRM; WON is written to the books."""


class Reason(StrEnum):
    """Why an adjustment is in the ledger."""

    OPENING = "opening"
    NETTING = "netting"
    WRITE_OFF = "write_off"
    REVALUATION = "revaluation"
    ROUNDING = "rounding"
    MANUAL = "manual"


class State(StrEnum):
    """Of a document: a draft is not shown, a void one is shown as cancelled."""

    DRAFT = "draft"
    EFFECTIVE = "effective"
    VOID = "void"
