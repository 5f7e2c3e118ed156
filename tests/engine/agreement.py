"""Whether the memory CRM shows what the memory books say, worked out without the engine."""

from __future__ import annotations

from decimal import Decimal

from connectors.memory import World

KNOWN = {"CHF", "EUR", "GBP", "JPY", "USD"}
COMPANY = "EUR"


def differences(world: World) -> list[str]:
    """One sentence for each thing that is missing, doubled or wrong at the CRM."""
    found = [f"twice: {double}" for double in world.crm.doubles()]
    tables = world.books.tables
    customers = {key: row.data for key, row in tables["customers"].items()}
    cards = {}
    for key, data in customers.items():
        accounts = world.crm.marked("account", key)
        if not data["in_scope"]:
            continue
        if len(accounts) != 1:
            found.append(f"customer {key} has {len(accounts)} cards")
            continue
        cards[key] = accounts[0]
        name = accounts[0].fields["name"]
        if name not in (data["name"], f"{data['name']} ({data['code']})"):
            found.append(f"customer {key} is called {name!r}, not {data['name']!r}")
        found += _figures(world, key, accounts[0].fields)
    found += _invoices(world)
    found += _payments(world)
    return found


def _figures(world: World, key: str, fields: dict[str, object]) -> list[str]:
    figures = {c: f for c, f in world.books.figures(key).items() if any(f)}
    shown = next(iter(figures)) if len(figures) == 1 else COMPANY
    shown = shown if shown in KNOWN else COMPANY
    expected = figures.get(shown, (Decimal(0), Decimal(0)))
    seen = tuple(
        Decimal(str(fields.get(f"custom_fields.{name}", 0))) for name in ("receivable", "prepaid")
    )
    wrong = [] if seen == tuple(expected) else [f"customer {key}: {seen}, books {expected}"]
    line = str(fields.get("custom_fields.line", ""))
    for currency, (receivable, _prepaid) in figures.items():
        if receivable and f"{currency} " not in line:
            wrong.append(f"customer {key}: the line leaves out {currency}: {line}")
    return wrong


def _invoices(world: World) -> list[str]:
    found = []
    for key, row in world.books.tables["invoices"].items():
        data, there = row.data, world.crm.marked("invoice", key)
        counts = data["state"] == "posted" and data["currency"] in KNOWN
        counts = counts and world.books.tables["customers"][data["customer"]].data["in_scope"]
        open_ones = [one for one in there if one.fields["state"] == "open"]
        if counts and len(open_ones) != 1:
            found.append(f"invoice {key} stands {len(open_ones)} times at the CRM")
        elif counts and Decimal(str(open_ones[0].fields["amount"])) != Decimal(data["total"]):
            found.append(f"invoice {key}: {open_ones[0].fields['amount']}, not {data['total']}")
        elif not counts and open_ones:
            found.append(f"invoice {key} is {data['state']} and still open at the CRM")
    return found


def _payments(world: World) -> list[str]:
    wanted: dict[tuple[str, str], Decimal] = {}
    for key, row in world.books.tables["payments"].items():
        if row.data["state"] != "posted" or row.data["currency"] not in KNOWN:
            continue
        for line in row.data["allocations"]:
            invoice = world.books.tables["invoices"][line["invoice"]].data
            in_scope = world.books.tables["customers"][invoice["customer"]].data["in_scope"]
            if invoice["state"] == "posted" and in_scope:
                wanted[key, line["invoice"]] = Decimal(line["amount"])
    markers = {one.id: str(one.fields["books_id"]) for one in world.crm.objects["invoice"].values()}
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
