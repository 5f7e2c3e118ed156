"""What a connector is: pure protocol. It yields requests, receives responses, and does no I/O.

A connector knows how its system is spoken to and nothing else: no mapping, no store, no clock. Its
methods are generators (flows); one transport sends what they yield and throws transport errors into
them. A unit test drives a flow with `next()` and `send()`.
"""

from syncd.port.connector import (
    Connector,
    Directory,
    Exchanger,
    Identity,
    Receiver,
    Signer,
    User,
    fields_of,
)
from syncd.port.facts import Facts, Source, Target, Tier
from syncd.port.reading import (
    OUTSIDE,
    UNREADABLE,
    All,
    Keys,
    Page,
    Read,
    Record,
    Scope,
    Since,
    unreadable,
)
from syncd.port.wire import Flow, Grant, Request, Response, Sending, T
from syncd.port.writing import BOOKS_PREFIX, FieldDef, Found, FoundPage, Op, Outcome, Write

__all__ = [
    "BOOKS_PREFIX",
    "OUTSIDE",
    "UNREADABLE",
    "All",
    "Connector",
    "Directory",
    "Exchanger",
    "Facts",
    "FieldDef",
    "Flow",
    "Found",
    "FoundPage",
    "Grant",
    "Identity",
    "Keys",
    "Op",
    "Outcome",
    "Page",
    "Read",
    "Receiver",
    "Record",
    "Request",
    "Response",
    "Scope",
    "Sending",
    "Signer",
    "Since",
    "Source",
    "T",
    "Target",
    "Tier",
    "User",
    "Write",
    "fields_of",
    "unreadable",
]
