"""What NetSuite is as the books, and as a CRM; both are one account and one login."""

from __future__ import annotations

import dataclasses

from syncd.domain import Kind
from syncd.port import Facts, Source

from . import account, balances, customers, documents, target
from .wire import MOST

BOOKS = Facts(
    system="netsuite",
    sources={
        # A first order makes a customer of a prospect, a link settles, and what is open changes,
        # without anything the stamp is sure to cover.
        Kind.CUSTOMER: Source(customers.TABLE, customers.VIRTUAL, stamped=False),
        Kind.ORDER: Source(documents.TABLE, documents.VIRTUAL, stamped=False),
        Kind.INVOICE: Source(documents.TABLE, documents.VIRTUAL),
        Kind.PAYMENT: Source(documents.TABLE, documents.VIRTUAL, stamped=False),
        Kind.CREDIT_NOTE: Source(documents.TABLE, documents.VIRTUAL, stamped=False),
        Kind.ADJUSTMENT: Source(documents.TABLE, documents.VIRTUAL, stamped=False),
        Kind.BALANCE: Source(customers.TABLE, balances.VIRTUAL, stamped=False),
    },
    targets={target.RECORD: target.CUSTOMER},
    doubt_time=30.0,
    signs=True,
    secrets=("private_key",),
    options={
        "account": "the account's id as Setup > Company > Company Information shows it, such as "
        "1234567 or 1234567_SB1",
        "zone": "the account's time zone, such as America/New_York; its times name none",
        "login": "certificate (OAuth 2.0, machine to machine; if left out), or tokens (token-based "
        "authentication, which no new integration may use from release 2027.1)",
        "client_id": "of the integration record; for a login by certificate",
        "certificate_id": "of the certificate's mapping; for a login by certificate",
        "at_once": "requests that syncd may have under way at once; the account has few, and all "
        "integrations share them; 2 if left out",
        account.SETTING: "the subsidiaries whose documents and balances are read, names or ids "
        "with semicolons between; all if left out",
        "new_subsidiary": "the id of the subsidiary that new customers belong to; needed where "
        "there are several",
        "new_status": "the id of the status that new customers get, as 13 for Closed Won; "
        "NetSuite's own choice if left out",
        "page": f"rows in one answer, at most {MOST}; {MOST} if left out",
    },
    needed=("account", "zone", "client_id", "certificate_id"),
    guides=True,
    chooses=account.SETTING,
    ready="SuiteTalk address, account id, client id, certificate id and its private key",
    hint=(
        "private_key is the PEM file whose certificate was uploaded under Setup > Integration > "
        "OAuth 2.0 Client Credentials (M2M) Setup; it needs no password",
    ),
    in_flight=2,
    changes="by the time of last change, in the account's own clock; links between documents are "
    "read with both of them, deletions of transactions from the log of deleted records",
    starts="workflows and scripts of the customer record run, as for a person",
)

_OPTIONS = {name: said for name, said in BOOKS.options.items() if name != account.SETTING}

CRM = dataclasses.replace(
    BOOKS,
    system="netsuite_crm",
    one_account=True,
    sources={
        Kind.LABEL: Source(customers.TABLE, customers.VIRTUAL),
        Kind.WON: Source(customers.TABLE, customers.VIRTUAL),
    },
    options=_OPTIONS,
    chooses="",
    changes="",
)
"""Where people sell in NetSuite and the books are elsewhere: figures on the customer, and customers
by their stage."""
