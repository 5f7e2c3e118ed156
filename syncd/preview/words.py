"""What each word of syncd means, in a sentence for whoever writes a mapping."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain import DERIVED_KINDS, Kind
from syncd.why.says import DERIVED

WORDS: Mapping[str, str] = {
    "name": "What the customer is called.",
    "code": "The customer's short code in the books.",
    "email": "The customer's own, never that of a person. Personal data.",
    "phone": "The customer's own. Personal data.",
    "tax_id": "The number under which the customer pays taxes; finds a won customer again.",
    "street": "Street and house, in one text.",
    "city": "Of the address.",
    "postcode": "Of the address.",
    "country": "Two letters, ISO 3166-1: AT, JP, RU.",
    "currency": "Three letters, ISO 4217: EUR, JPY, RUB.",
    "customer": "The key of the customer whose document it is.",
    "number": "The number that people quote; shown, never a key.",
    "date": "The document's own day.",
    "total": "The whole amount, tax included.",
    "open": "The part of an order that is not invoiced yet.",
    "seller": "The colleague who sold it, or whose customer it is.",
    "seller_email": "The colleague's, by which the user of the CRM is found.",
    "merged_into": "The key of the customer it was merged into; `?`: out of use, and not for whom.",
    "owner": "The user whose card it is: set as syncd makes it, and never changed.",
    "organisation": "Whose books it belongs to: the legal entity, by its name.",
    "deal": "The deal it belongs to, as the books name it.",
    "state": "draft, effective or void; a draft is not shown, a void document as cancelled.",
    "due": "The day by which it is to be paid; with several, the earliest that is open.",
    "terms": "All due dates with their amounts: `{each: part, due: ..., amount: ...}`.",
    "order": "The key of the order it invoices.",
    "amount": "The amount; of what settles an invoice, the part that does.",
    "allocations": "Which invoices it settles: `{each: part, invoice: ..., amount: ...}`.",
    "invoice": "The key of the invoice that is settled.",
    "reason": "Why an adjustment was booked: opening, netting, write_off, ... or manual.",
    "rows": "What is open, a row for each currency: receivable, prepaid, credits.",
    "account": "The id of the card that is won.",
    "closed": "The day the deal was closed.",
    "delivery_street": "Where goods go, if that is another address. Personal data.",
    "delivery_city": "Of that address.",
    "delivery_postcode": "Of that address.",
    "delivery_country": "Of that address, by two letters.",
    "contacts": "Its persons: `{each: part, key: ..., name: ..., role: ..., email: ...}`.",
    "role": "What the person does there.",
    "key": "The record's own key in the system it is read from.",
    "line": "A sentence: `{path: ..., say: [clause, clause]}`.",
}

KEYS: Mapping[str, str] = {
    "system": "The connector: which system's files these are.",
    "version": "Yours to count; syncd itself compares what a file means.",
    "lookups": "Small tables, used by `| lookup NAME`. `default` stands for every other key.",
    "extends": "An overlay: single dotted lines over this file, `customer.email: none`.",
    "zone": "Whose clock: Europe/Vienna.",
    "language": "Of the sentences that salespeople read.",
    "history": "Documents of an earlier day are neither shown nor counted.",
    "owners": "Who says what a field of a customer is: books, crm or shared.",
    "people": "Which user of the CRM is which seller of the books.",
    "match": "How customers of the books and cards are found to be the same.",
    "like": "The lines of this other section, except those said here.",
    "read": "The system's object.",
    "where": "An expression; a record for which it is false is of no interest.",
    "fields": "Left syncd's word, right the system's field and transforms.",
    "examples": "`{says, given, expect}`: tried by every `syncd mapping check`.",
    "write": "The object that is written for each record.",
    "marker": "The field that holds the key, by which the object is found again.",
    "parents": "The objects it hangs on.",
    "parts": "More objects of one record.",
    "each": "One object for each row: of the record's allocations, of a card's contacts.",
    "update": "The object whose fields are updated.",
    "of": "Whose object it is.",
    "stages": "The first rule that holds.",
    "require": "Words without which a won customer is not made.",
    "hint": "The field that says what is missing.",
}
"""Key of a file -> what it is for."""

SUM = "The rows are open items: they are added up, a currency each; below zero is paid ahead."

FROM: Mapping[str, str] = {
    "from": "`documents`: the books tell no balances, what is owed is added up out of documents.",
    "currency": "The company's own, as EUR.",
}
"""The same of a balance that is not read."""


def meaning(kind: Kind, word: str) -> str:
    """Empty for a word of a kind that has none."""
    if kind in DERIVED_KINDS and word in DERIVED:
        said = DERIVED[word]
        return f"{said[:1].upper()}{said[1:]}."
    return WORDS.get(word, DERIVED.get(word, ""))
