"""What names in an API usually mean. A guess is marked in the file, for a person to check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

BOOKS = {
    "customer": ("customers", "clients", "partners", "parties", "debtors", "contacts", "companies"),
    "order": ("salesorders", "orders"),
    "invoice": ("salesinvoices", "invoices"),
    "payment": ("customerpayments", "payments", "receipts"),
    "credit_note": ("creditnotes", "creditmemos"),
}
CRM = {
    "customer": (
        "accounts",
        "companies",
        "organizations",
        "organisations",
        "customers",
        "clients",
        "partners",
        "contacts",
        "persons",
    ),
    "order": BOOKS["order"],
    "invoice": BOOKS["invoice"],
    "payment": BOOKS["payment"],
    "credit_note": BOOKS["credit_note"],
    "deal": ("deals", "opportunities"),
}
"""Kind -> the last word of the address of its collection, the best first."""

OF = (
    "customer",
    "client",
    "account",
    "company",
    "organization",
    "organisation",
    "partner",
    "contact",
)
"""What a document calls the one whose it is, also with `id` behind."""
KEYS = ("id", "_id", "uuid", "guid", "key", "Id", "ID")
MARKERS = (
    "external_id",
    "externalid",
    "external_ref",
    "externalref",
    "external_reference",
    "externalreference",
    "foreign_id",
    "foreignid",
    "source_id",
    "client_reference",
    "reference",
    "ref",
    "custom_id",
)
STAMPS = re.compile(
    r"(?i)^(date_?)?(last_?)?(updated?|modified|changed|write)(_?(at|on|date|time|date_?time|utc))*$"
)
SINCE = re.compile(
    r"(?i)(^|_|\[)(updated?|modified|changed|write)\w*[\W_]*(since|after|from|gte?|min|start)"
    r"|^(since|if_modified_since|modified_?after|updated_?after|min_?updated?)$"
)
WORDS = {
    "page": (
        "page",
        "page_number",
        "pagenumber",
        "page_no",
        "pageno",
        "currentpage",
        "page[number]",
        "p",
    ),
    "offset": ("offset", "skip", "$skip", "start", "startat", "page[offset]"),
    "cursor": (
        "cursor",
        "page_token",
        "pagetoken",
        "next_token",
        "nexttoken",
        "continuation",
        "continuation_token",
        "page[cursor]",
        "page[after]",
        "after",
        "bookmark",
    ),
    "keyset": ("starting_after", "after_id", "since_id", "last_id", "min_id"),
}
"""Type of paging -> the parameter that says which page."""
SIZES = (
    "limit",
    "per_page",
    "perpage",
    "page_size",
    "pagesize",
    "size",
    "$top",
    "count",
    "pagelimit",
    "max_results",
    "maxresults",
    "page[size]",
    "page[limit]",
    "take",
)
CURSORS = re.compile(
    r"(?i)^(next_?)?(cursor|page_?token|token|continuation(_?token)?)$|^(next|after|end_?cursor)$"
)
LINKS = re.compile(r"(?i)^next(_?(link|url|page_?url|href|page))?$|^@odata\.nextLink$")
TOTALS = re.compile(
    r"(?i)^(total|count)(_?(count|records|results|items|elements|rows))?$|^x_?total$"
)
PAGES = re.compile(r"(?i)^(total_?pages|last_?page|pages|pages?_?count|num_?pages)$")
MORE = re.compile(r"(?i)^has_?(more|next)(_?page)?$|^more(_?records)?$")
WHOSE = (
    "me",
    "company",
    "organization",
    "organisation",
    "org",
    "tenant",
    "account",
    "whoami",
    "self",
    "user",
    "profile",
    "identity",
    "info",
)
LABELS = (
    "name",
    "label",
    "title",
    "company_name",
    "companyname",
    "display_name",
    "displayname",
    "legal_name",
    "email",
)


def kind_of(path: str, kinds: Mapping[str, Sequence[str]]) -> tuple[str, int] | None:
    """The kind that a collection at this address holds, and how good its word is (0 the best)."""
    word = re.sub(r"[^a-z]", "", last_of(path).casefold())
    for kind, words in kinds.items():
        for place, one in enumerate(words):
            if word in (one, one.removesuffix("s"), one.replace("ies", "y")):
                return kind, place
    return None


def last_of(path: str) -> str:
    """The last word of an address."""
    return path.rstrip("/").rpartition("/")[2]


def one_of(names: Iterable[str], known: Iterable[str]) -> str:
    """That of `names` which is known first, whatever its case; empty where none is."""
    by_case = {name.casefold(): name for name in names}
    return next((by_case[one.casefold()] for one in known if one.casefold() in by_case), "")


def matching(names: Iterable[str], pattern: re.Pattern[str]) -> str:
    return next((name for name in names if pattern.search(name)), "")
