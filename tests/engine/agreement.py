"""What the CRM must show, worked out from the books without any of syncd's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.memory import World

KNOWN = {"CHF", "EUR", "GBP", "JPY", "USD"}
COMPANY = "EUR"
ZERO = Decimal(0)
SETTLERS = {"payments": "{id}", "credit_notes": "CN-{number}", "adjustments": "ADJ-{id}"}
"""Table -> the marker of what its rows settle."""


def differences(world: World, beside: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """One sentence for each thing that is missing, doubled or wrong at the CRM. `beside`: the
    primary customer of a card -> its members, of cards that several customers have."""
    shared = beside or {}
    first = {one: key for key, some in shared.items() for one in some}
    found = [f"twice: {double}" for double in (*world.crm.doubles(), *world.books.doubles())]
    tables = world.books.tables
    customers = {key: row.data for key, row in tables["customers"].items()}
    for key, data in customers.items():
        accounts = world.crm.marked("account", key)
        if key in first:
            found += [f"member {key} has a card of its own"] if accounts else []
            continue
        if data.get("merged_into") not in (None, "?") or (data.get("merged_into") and not accounts):
            continue
        if not data["in_scope"] and not accounts:
            continue
        if len(accounts) != 1:
            found.append(f"customer {key} has {len(accounts)} cards")
            continue
        name = accounts[0].fields["name"]
        if name not in (data["name"], f"{data['name']} ({data['code']})"):
            found.append(f"customer {key} is called {name!r}, not {data['name']!r}")
        every = [key, *shared.get(key, ())]
        found += _figures(world, every, accounts[0].fields)
        found += _counted(world, every, accounts[0].fields)
        found += _hanging(world, every, accounts[0].id)
    shown = {key for key in customers if _shown(world, first.get(key, key)) or key in first}
    found += _invoices(world, shown, first)
    found += _settled(world, shown)
    found += _notes(world, shown)
    found += _deals(world)
    return found


def _hanging(world: World, keys: Sequence[str], card: str) -> list[str]:
    """Notes that hang on another card than that of their customer."""
    tables, found = world.books.tables, []
    notes = {
        f"CN-{row.data['number']}": row.data["customer"] for row in tables["credit_notes"].values()
    }
    for one in world.crm.objects["note"].values():
        whose = notes.get(str(one.fields["reference"]))
        if whose in keys and one.parents["account"] != card:
            found.append(f"note {one.fields['reference']} hangs on {one.parents['account']}")
    return found


def overdue(world: World, key: str) -> dict[str, Decimal]:
    """Currency -> what is past its due date on the day it is in the books."""
    found: Counter[str] = Counter()
    for due, code, amount in _open_terms(world, key):
        if due < world.now().date().isoformat():
            found[code] += amount  # type: ignore[assignment]  # a counter of amounts
    return {code: Decimal(amount) for code, amount in found.items()}


def _open_terms(world: World, key: str) -> Iterator[tuple[str, str, Decimal]]:
    for one in _posted(world, "invoices", key):
        left = sum((part for _, invoice, part in _allocations(world) if invoice == one["id"]), ZERO)
        terms = [(t["due"], Decimal(t["amount"])) for t in one.get("terms") or ()]
        for due, amount in sorted(terms) or [(one["due"], Decimal(one["total"]))]:
            part = max(amount - max(left, ZERO), ZERO)
            left -= amount
            if part:
                yield due, one["currency"], part


def _ledger(world: World, keys: Sequence[str]) -> dict[str, tuple[Decimal, ...]]:
    """Each figure of all of them, by currency; none is taken off another."""
    found: dict[str, tuple[Decimal, ...]] = {}
    for key in keys:
        for code, figure in world.books.figures(key).items():
            before = found.get(code, (ZERO, ZERO, ZERO))
            found[code] = tuple(one + more for one, more in zip(before, figure, strict=True))
    return found


def _figures(world: World, keys: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    key = keys[0]
    figures = {c: f for c, f in _ledger(world, keys).items() if any(f)}
    shown = next(iter(figures)) if len(figures) == 1 else COMPANY
    shown = shown if shown in KNOWN else COMPANY
    late: Counter[str] = Counter()
    for one in keys:
        late.update(overdue(world, one))  # type: ignore[arg-type]  # a counter of amounts
    expected = (*figures.get(shown, (ZERO, ZERO, ZERO)), Decimal(late.get(shown, ZERO)))
    names = ("receivable", "prepaid", "credits", "overdue")
    seen = tuple(Decimal(str(fields.get(f"custom_fields.{name}", 0))) for name in names)
    wrong = [] if seen == expected else [f"customer {key}: {seen}, books {expected}"]
    line = str(fields.get("custom_fields.line", ""))
    for currency, (receivable, _, _) in figures.items():
        if receivable and f"{currency} " not in line:
            wrong.append(f"customer {key}: the line leaves out {currency}: {line}")
    return wrong


def _counted(world: World, keys: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    """Orders and sales; a sum only where one currency is in play."""
    key = keys[0]
    orders = [one for key in keys for one in _posted(world, "orders", key)]
    payments = [one for key in keys for one in _posted(world, "payments", key)]
    ledger = _ledger(world, keys)
    expected: dict[str, Any] = {
        "orders_count": Decimal(len(orders)),
        "open_orders_count": Decimal(sum(Decimal(one["open"]) > 0 for one in orders)),
        "last_order": max((one["date"] for one in orders), default=None),
        "last_payment": max(
            (p["date"] for p in payments if Decimal(p["amount"]) > 0), default=None
        ),
    }
    sales: dict[str, Decimal] = {}
    for table, sign in (("invoices", 1), ("credit_notes", -1)):
        for one in (row for key in keys for row in _posted(world, table, key)):
            sales[one["currency"]] = sales.get(one["currency"], ZERO) + sign * Decimal(one["total"])
    in_play = {*sales, *ledger, *(one["currency"] for one in orders)}
    if len(in_play) == 1 and in_play <= KNOWN and sales:
        expected["total_sales"] = next(iter(sales.values()))
    seen = {name: fields.get(f"custom_fields.{name}") for name in expected}
    wrong = {name for name in expected if seen[name] != expected[name]}
    return [f"customer {key}: {n} is {seen[n]}, books {expected[n]}" for n in sorted(wrong)]


def _posted(world: World, table: str, key: str) -> list[dict[str, Any]]:
    rows = (row.data for row in world.books.tables[table].values())
    return [one for one in rows if one["customer"] == key and one["state"] == "posted"]


def _allocations(world: World) -> Iterator[tuple[str, str, Decimal]]:
    """(marker, invoice, amount) of what counts: both documents are posted."""
    tables = world.books.tables
    for table, form in SETTLERS.items():
        for row in tables[table].values():
            if row.data["state"] != "posted":
                continue
            marker = form.format(id=row.data["id"], number=row.data.get("number"))
            for line in row.data["allocations"]:
                if tables["invoices"][line["invoice"]].data["state"] == "posted":
                    yield marker, line["invoice"], Decimal(line["amount"])


def _shown(world: World, customer: str) -> bool:
    in_scope: bool = world.books.tables["customers"][customer].data["in_scope"]
    return in_scope or bool(world.crm.marked("account", customer))


def _invoices(world: World, shown: Collection[str], first: Mapping[str, str]) -> list[str]:
    found = []
    for key, row in world.books.tables["invoices"].items():
        data, there = row.data, world.crm.marked("invoice", key)
        counts = data["state"] == "posted" and data["currency"] in KNOWN
        counts = counts and data["customer"] in shown
        open_ones = [one for one in there if one.fields["state"] == "open"]
        for one in open_ones if counts else ():
            of = world.crm.objects["account"][one.parents["account"]].fields["books_id"]
            if of != first.get(data["customer"], data["customer"]):
                found.append(f"invoice {key} hangs on the card of customer {of}")
        if counts and len(open_ones) != 1:
            found.append(f"invoice {key} stands {len(open_ones)} times at the CRM")
        elif counts and Decimal(str(open_ones[0].fields["amount"])) != Decimal(data["total"]):
            found.append(f"invoice {key}: {open_ones[0].fields['amount']}, not {data['total']}")
        elif not counts and open_ones:
            found.append(f"invoice {key} is {data['state']} and still open at the CRM")
    return found


def open_invoices(world: World) -> set[str]:
    """Keys of those that the CRM shows as open."""
    invoices = world.crm.objects["invoice"].values()
    return {str(one.fields["books_id"]) for one in invoices if one.fields["state"] == "open"}


def _settled(world: World, shown: Collection[str]) -> list[str]:
    wanted = {
        (marker, invoice): amount
        for marker, invoice, amount in _allocations(world)
        for data in [world.books.tables["invoices"][invoice].data]
        if data["currency"] in KNOWN and data["customer"] in shown
    }
    markers = {
        one.id: str(one.fields.get("books_id")) for one in world.crm.objects["invoice"].values()
    }
    seen = {
        (str(one.fields["reference"]), markers[one.parents["invoice"]]): Decimal(
            str(one.fields["amount"])
        )
        for one in world.crm.objects["payment"].values()
    }
    keys = sorted({*wanted, *seen})
    return [
        f"payment {key}: books {wanted.get(key)}, CRM {seen.get(key)}"
        for key in keys
        if wanted.get(key) != seen.get(key)
    ]


def _notes(world: World, shown: Collection[str]) -> list[str]:
    """A credit note that counts is one line in the history of its card."""
    rows = (row.data for row in world.books.tables["credit_notes"].values())
    wanted = Counter(
        f"CN-{one['number']}"
        for one in rows
        if one["state"] == "posted" and one["customer"] in shown
    )
    seen = Counter(str(one.fields["reference"]) for one in world.crm.objects["note"].values())
    return [
        f"note {one}: {seen[one]} at the CRM" for one in wanted | seen if wanted[one] != seen[one]
    ]


def _deals(world: World) -> list[str]:
    """A deal shows the number and, in one currency, the sum of the orders that name it."""
    found = []
    rows = [row.data for row in world.books.tables["orders"].values()]
    for key, deal in world.crm.objects["deal"].items():
        orders = [one for one in rows if one["deal"] == key and one["state"] == "posted"]
        codes = {one["currency"] for one in orders}
        total = sum((Decimal(one["total"]) for one in orders), ZERO)
        wanted = (len(orders), total if len(codes) == 1 and codes <= KNOWN else None)
        shown = [deal.fields.get(f"custom_fields.orders_{word}") for word in ("count", "total")]
        if (shown[0] or 0, shown[1]) != wanted:
            found.append(f"deal {key}: {shown}, books {wanted}")
    return found


def sent_in_vain(world: World) -> list[str]:
    """Writes that changed nothing: the same content sent twice."""
    found = []
    now: dict[tuple[str, str], dict[str, object]] = {}
    for entry in world.crm.journal:
        place = (entry.target, entry.id)
        before = now.get(place, {})
        if entry.op == "update" and all(before.get(k) == v for k, v in entry.fields.items()):
            found.append(f"{entry.target} {entry.marker} was sent again: {dict(entry.fields)}")
        now[place] = {} if entry.op == "remove" else {**before, **entry.fields}
    return found
