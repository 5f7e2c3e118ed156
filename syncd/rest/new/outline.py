"""What is known of a system that a connector file is to be written for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

WAYS = {
    "header": "a key in a header",
    "query": "a key in the address",
    "bearer": "a token that does not change, as Authorization: Bearer",
    "basic": "login and password with every request",
    "client_credentials": "OAuth 2.0 with client id and client secret",
    "refresh_token": "OAuth 2.0 with a refresh token",
    "login": "a call with login and password that gives a token",
    "none": "no credential",
}


class Credential(msgspec.Struct, frozen=True):
    """`name` is the header or the key in the address; `path` the call that gives a token, `token`
    where its answer has it."""

    way: str = "bearer"
    name: str = ""
    path: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """How pages follow each other: a type of `paging`. `word` and `size_word` are the parameters
    that say which page, and how long it is; `at` is where the answer has the cursor or the link;
    `more`, `total` and `pages` where it says how much there is."""

    type: str = "none"
    word: str = ""
    size_word: str = ""
    size: int | None = None
    at: str = ""
    more: str = ""
    total: str = ""
    pages: str = ""


class Listing(msgspec.Struct, frozen=True):
    """A collection. `records` is the path of the records in its answer, empty where the answer is
    the list; `item` the address of one of them, with `{}` for its key."""

    path: str
    records: str = ""
    item: str = ""
    key: str = "id"
    pages: Pages = msgspec.field(default_factory=Pages)


class Reading(msgspec.Struct, frozen=True):
    """One kind that is read. `inside` is the path of the record in the answer of `item`; `since`
    the parameter that asks for what changed. `known` are the fields its records have, with their
    types by path, `choices` the words that a field can have, `lists` the fields of the records in a
    list."""

    kind: str
    listing: Listing
    inside: str = ""
    stamp: str = ""
    since: str = ""
    values: Mapping[str, str] = msgspec.field(default_factory=dict)
    known: Mapping[str, str] = msgspec.field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    check: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Line -> why a person has to look at it."""


class Writing(msgspec.Struct, frozen=True):
    """One object that is written. `fields` are their types by path, `required` those that a new one
    must have, `parents` the fields for the ids of other targets; `body` and `inside` the name
    under which the object is sent, and the path under which it comes back; `find` the parameter
    that looks for the marker."""

    target: str
    listing: Listing
    fields: Mapping[str, str]
    required: frozenset[str] = frozenset()
    parents: Mapping[str, str] = msgspec.field(default_factory=dict)
    marker: str = ""
    update: str = "patch"
    body: str = ""
    inside: str = ""
    find: str = ""
    made: bool = True
    removable: bool = False
    check: Mapping[str, str] = msgspec.field(default_factory=dict)


class Outline(msgspec.Struct, frozen=True):
    """`origin` says where this is from; `identity` is the call that tells whose company it is, with
    the paths of its id and its name; `options` are settings of the connection, with their
    meaning."""

    name: str
    origin: str
    base: str = ""
    credential: Credential = msgspec.field(default_factory=Credential)
    identity: tuple[str, str, str] = ("/me", "id", "name")
    reads: tuple[Reading, ...] = ()
    writes: tuple[Writing, ...] = ()
    options: Mapping[str, str] = msgspec.field(default_factory=dict)
    check: Mapping[str, str] = msgspec.field(default_factory=dict)
