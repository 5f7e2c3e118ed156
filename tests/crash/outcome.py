"""What the books must have of won customers, worked out without any of syncd's code."""

from __future__ import annotations

from collections import Counter

from connectors.memory import World


def won_differences(world: World) -> list[str]:
    """One sentence for each thing that is missing, doubled or wrong in the books, or about the
    books on a card; none where each won card is one customer with one contact, and one more for
    each person of the card."""
    found = [f"twice in the books: {double}" for double in world.books.doubles()]
    for account in dict.fromkeys(d["account"] for d in world.crm.deals.values() if _won(d)):
        card = world.crm.objects["account"][account].fields
        made = world.books.intake.marked("customers", f"CRM-{account}")
        if len(made) != 1:
            found.append(f"card {account} is {len(made)} customers of the books")
            continue
        [customer] = made
        if card.get("books_id") != customer.id:
            found.append(f"card {account} has books id {card.get('books_id')}, not {customer.id}")
        if customer.fields["name"] != card["name"]:
            found.append(f"customer {customer.id} is called {customer.fields['name']}")
        people = world.books.intake.listed("contacts")
        mine = [one for one in people if one.parents["customers"] == customer.id]
        persons = sorted(str(one["name"]) for one in world.crm.persons.get(account, ()))
        made_of = sorted(str(one.fields["name"]) for one in mine if "/" in str(one.fields["code"]))
        if len(mine) - len(made_of) != 1 or made_of != persons:
            names = ", ".join(str(one.fields["name"]) for one in mine)
            found.append(f"customer {customer.id} has the contacts {names}")
    return found


def made_in_vain(world: World) -> list[str]:
    """Writes to the books other than one for each object."""
    writes = Counter((one.op, one.target, one.marker) for one in world.books.journal)
    return [f"{times} times: {write}" for write, times in writes.items() if times > 1] + [
        f"changed: {write}" for write in writes if write[0] != "create"
    ]


def _won(deal: dict[str, object]) -> bool:
    return deal["stage"] == "won"
