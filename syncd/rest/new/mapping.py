"""The mapping of books to begin with: which field of the system is which word of syncd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import indent

from syncd.domain import Kind
from syncd.mapping.transforms import Shape
from syncd.mapping.words import INBOUND, Known
from syncd.rest.new.guesses import OF, one_of
from syncd.rest.new.outline import Outline, Reading, Writing
from syncd.rest.new.text import quoted, remarked

_ITS = tuple(f"{one}{end}" for one in OF for end in ("_id", "id", ".id", ""))
NAMES: Mapping[str, Sequence[str]] = {
    "name": ("name", "company_name", "display_name", "full_name", "legal_name"),
    "code": ("code", "customer_number", "customer_no", "account_number", "number"),
    "email": ("email", "email_address", "e_mail", "mail"),
    "phone": ("phone", "phone_number", "telephone", "mobile"),
    "tax_id": ("tax_id", "vat_id", "vat_number", "tax_number", "vat", "inn", "taxid"),
    "street": ("street", "address_line1", "address_line_1", "address_line", "address"),
    "city": ("city", "town"),
    "postcode": ("postcode", "postal_code", "zip", "zip_code", "zipcode"),
    "country": ("country_code", "country"),
    "currency": ("currency", "currency_code", "currency_id", "currency.code"),
    "customer": _ITS,
    "number": ("number", "document_number", "doc_number", "invoice_number", "order_number",
               "reference_number", "reference", "name"),
    "date": ("date", "invoice_date", "order_date", "payment_date", "issue_date", "document_date",
             "issued_on", "paid_on", "booked_on", "created_at"),
    "due": ("due_date", "due", "due_on", "payment_due", "date_due"),
    "total": ("total", "total_amount", "grand_total", "amount_total", "total_gross", "amount"),
    "amount": ("amount", "total_amount", "total", "amount_paid"),
    "open": ("open", "open_amount", "not_invoiced"),
    "seller": ("seller", "salesperson", "sales_rep", "owner.name", "owner"),
    "order": ("order_id", "sales_order_id", "order.id"),
    "state": ("status", "state"),
    "organisation": ("organisation", "organization", "subsidiary", "branch"),
    "invoice": ("invoice_id", "invoice", "document_id", "invoiceid"),
}  # fmt: skip
"""Word -> what systems call it, the best first; without a difference of case and underscores."""

STATES = {
    "draft": ("draft", "new", "proforma", "quote", "pending", "unposted", "estimate"),
    "void": ("void", "voided", "cancelled", "canceled", "deleted", "reversed", "rejected"),
}
"""State of syncd -> words of a status that mean it; any other one is a document in force."""


def mapping_of(outline: Outline) -> str:
    """The whole file. What could not be told is a line switched off, with the word it is for."""
    return "\n".join(_lines(outline)) + "\n"


def _lines(outline: Outline) -> Iterator[str]:
    yield f"# What the fields of {outline.name} mean.   Left: syncd's word.   Right: the field"
    yield "# Lines marked CHECK are guesses; one that begins with # still needs its field."
    yield f"system: {outline.name}"
    yield "version: 1"
    yield remarked("zone: UTC", "whose midnight makes a debt overdue? As Europe/Vienna")
    tables = {one.kind: one.choices.get(_field(one, "state"), ()) for one in outline.reads}
    if any(tables.values()):
        yield ""
        yield remarked("lookups:", "draft and void documents are not counted")
        for kind, words in tables.items():
            if words:
                said = ", ".join(f"{quoted(word)}: {_state(word)}" for word in words)
                yield f"  {kind}: {{{said}}}"
    for reading in outline.reads:
        yield ""
        yield f"{reading.kind}:"
        yield indent("\n".join(_section(reading)), "  ")
    if all(one.kind != Kind.BALANCE for one in outline.reads):
        yield ""
        yield "# The documentation names no balances: what is owed is added up out of documents."
        said = "the company's own currency"
        yield remarked("balance: {from: documents, currency: EUR}", said)
    for writing in outline.writes:
        if writing.marker:
            yield ""
            yield from _won(writing)


def _section(one: Reading) -> Iterator[str]:
    name = one.listing.path.strip("/").rpartition("/")[2]
    yield f"read: {quoted(name)}"
    yield "fields:"
    used = {_field(one, "currency")}
    for word, known in INBOUND[Kind(one.kind)].items():
        if known.shape is Shape.ROWS:
            if line := _rows(one, word):
                yield f"  {word}: {line}"
            continue
        at = _field(one, word)
        if at:
            used.add(at)
            yield remarked(f"  {word}: {_value(one, known, at)}", _doubt(one, known))
        elif known.required:
            yield remarked(f"  # {word}: FIELD", f"the document shows nothing like {word}")
    rest = [name for name in one.known if name not in used and name != one.listing.key]
    if rest:
        yield f"  # not used: {', '.join(map(quoted, rest))}"


def _field(one: Reading, word: str) -> str:
    plain = {name.replace("_", "").casefold(): name for name in one.known}
    return next(
        (plain[key] for known in NAMES.get(word, ()) if (key := known.replace("_", "")) in plain),
        "",
    )


def _value(one: Reading, known: Known, at: str) -> str:
    match known.shape:
        case Shape.DATE:
            how = "date"
        case Shape.MONEY:
            how = f"money {_field(one, 'currency') or 'currency'}"
        case Shape.STATE:
            how = f"lookup {one.kind if one.choices.get(at) else 'state'}"
        case _ if one.known[at] == "number":
            how = "text"
        case _:
            how = "trim | lower" if at == _field(one, "email") else "trim"
    return _line(at, how)


def _line(path: str, how: str) -> str:
    whole = f"{path} | {how}"
    return whole if quoted(path) == path else quoted(whole)


def _doubt(one: Reading, known: Known) -> str:
    if known.shape is Shape.MONEY and not _field(one, "currency"):
        return "the document shows no field for the currency"
    if known.shape is Shape.STATE and not one.choices.get(_field(one, "state")):
        return "what can it be? A table `state` of lookups is missing"
    return ""


def _rows(one: Reading, word: str) -> str:
    """What of a payment settles which invoice."""
    for name, fields in one.lists.items() if word == "allocations" else ():
        invoice = one_of(fields, NAMES["invoice"])
        amount = one_of(fields, NAMES["amount"])
        if invoice and amount:
            money = f"money parent.{_field(one, 'currency') or 'currency'}"
            lines = f"invoice: {_line(invoice, 'text')}, amount: {_line(amount, money)}"
            return f"{{each: {quoted(name)}, {lines}}}"
    return ""


def _state(word: str) -> str:
    found = (state for state, words in STATES.items() if word.casefold() in words)
    return next(found, "effective")


def _won(one: Writing) -> Iterator[str]:
    yield "# A won customer is made here, once."
    yield "won:"
    yield f"  write: {quoted(one.target)}"
    yield f'  marker: {{path: {quoted(one.marker)}, form: "CRM-{{key}}"}}'
    yield "  fields:"
    names = [name for name, type in one.fields.items() if type == "text" and name != one.marker]
    for word in ("name", "email", "phone", "tax_id", "street", "city", "postcode", "country"):
        if at := one_of(names, NAMES[word]):
            yield f"    {word}: {quoted(at)}"
