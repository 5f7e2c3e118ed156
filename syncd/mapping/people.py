"""`people:` of a CRM file: who of its users is which seller of the books.

people:
  by: [email, name]                 # how a user is found; as it is without this line
  fallback: office@example.com      # whose cards those of other sellers are: id or e-mail
  is: {Иванов И.И.: 4876876000000999001, Sales Vienna: anna@example.com}
"""

from __future__ import annotations

from syncd.mapping import grammar
from syncd.mapping.document import Problems, Scalar, Table
from syncd.mapping.sections import only, scalar_at, scalar_of, table_at, texts_at
from syncd.people import NOBODY, WAYS, People, folded


def read_people(root: Table, owned: bool, problems: Problems) -> People:
    """`owned`: some line writes an owner, without which the table would do nothing."""
    table = table_at(root, grammar.PEOPLE, problems)
    if table is None:
        return NOBODY
    only(table, "key", grammar.TABLES[grammar.PEOPLE], problems)
    if not owned:
        place = root.entries[grammar.PEOPLE].key.place
        text = "no line says where an owner is written; add `customer.owner: FIELD`"
        problems.add(place, text)
    fallback = scalar_at(table, "fallback", problems)
    if fallback:
        _user(fallback, problems)
    return People(_ways(table, problems), fallback.text if fallback else None, _is(table, problems))


def _ways(table: Table, problems: Problems) -> tuple[str, ...]:
    ways = texts_at(table, "by", problems)
    for one in ways:
        if one.text not in WAYS:
            problems.unknown(one.place, "way", one.text, WAYS)
    if "by" not in table.entries:
        return WAYS
    return tuple(dict.fromkeys(one.text for one in ways))


def _is(table: Table, problems: Problems) -> dict[str, str]:
    named = table_at(table, "is", problems)
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for seller, entry in named.entries.items() if named else ():
        user = scalar_of(entry.value, seller, problems)
        first = seen.setdefault(folded(seller), seller)
        if first != seller:
            problems.add(entry.key.place, f"{seller} is the same seller as {first}")
        if user:
            _user(user, problems)
            found[seller] = user.text
    return found


def _user(named: Scalar, problems: Problems) -> None:
    if "@" not in named.text and " " in named.text.strip():
        text = f"{named.text} is no user: write the id of one, or the e-mail"
        problems.add(named.place, text)
