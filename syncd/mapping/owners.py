"""`owners:` of a CRM file: who says what a field of a customer is.

owners:
  phone: shared
  email: crm
  street: crm until first_invoice       # then the books
  name: {owner: shared, empty: hold}    # skip_empty, null_is_value or hold
"""

from __future__ import annotations

from collections.abc import Collection

from syncd.mapping import grammar
from syncd.mapping.document import Node, Problems, Scalar, Table
from syncd.mapping.sections import only, scalar_at, scalar_of, table_at
from syncd.mapping.words import OWNED_WORDS
from syncd.merging import ALL_OF_THE_BOOKS, UNTIL, Empty, Owner, Owners, Rule


def read_owners(
    root: Table, written: Collection[str], read: Collection[str], problems: Problems
) -> Owners:
    """`written` are the words that the file writes onto a card, `read` those that it reads of one;
    a word with an owner has to be both."""
    table = table_at(root, grammar.OWNERS, problems)
    if table is None:
        return ALL_OF_THE_BOOKS
    rules: dict[str, Rule] = {}
    for word, entry in table.entries.items():
        if word not in OWNED_WORDS:
            problems.unknown(entry.key.place, "word", word, OWNED_WORDS)
            continue
        rule = _rule(word, entry.value, problems)
        if rule is None:
            continue
        if rule.owner is not Owner.BOOKS:
            for has, where in ((written, "customer.fields"), (read, "won.fields")):
                if word not in has:
                    text = f"{word} has two sides, and {where} has no line for it"
                    problems.add(entry.key.place, text)
        rules[word] = rule
    return Owners(rules)


def _rule(word: str, node: Node, problems: Problems) -> Rule | None:
    long = node if isinstance(node, Table) else None
    empty = Empty.SKIP
    if long:
        only(long, "key", grammar.OWNED, problems)
        typed = scalar_at(long, "empty", problems)
        if typed and typed.text not in tuple(Empty):
            problems.unknown(typed.place, "policy", typed.text, tuple(Empty))
        elif typed:
            empty = Empty(typed.text)
        said = scalar_at(long, "owner", problems)
        if "owner" not in long.entries:
            problems.add(long.place, f"`owner:` is missing in {word}")
    else:
        said = scalar_of(node, word, problems)
    return _owner(said, empty, problems) if said else None


def _owner(said: Scalar, empty: Empty, problems: Problems) -> Rule | None:
    owner, *more = said.text.split()
    if owner not in tuple(Owner):
        problems.unknown(said.place, "owner", owner, tuple(Owner))
        return None
    if not more:
        return Rule(Owner(owner), None, empty)
    if owner == Owner.BOOKS or len(more) != 2 or more[0] != "until":
        text = f"expected books, crm, shared, or as `crm until first_invoice`; got {said.text}"
        problems.add(said.place, text)
        return None
    if more[1] not in UNTIL:
        problems.unknown(said.place, "event", more[1], UNTIL)
        return None
    return Rule(Owner(owner), more[1], empty)
