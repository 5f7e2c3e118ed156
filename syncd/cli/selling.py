"""Whether the cards that syncd makes are their sellers', and who is who."""

from __future__ import annotations

from collections.abc import Mapping

import click
import msgspec

from syncd.cli.asking import Asker, found, wrong
from syncd.cli.questions import NONE, Course, Reached
from syncd.errors import SyncdError, UsageError
from syncd.mapping.document import suggestion
from syncd.port import User
from syncd.setup import selling
from syncd.setup.files import text_at, tree

SHOWN = 20
"""Users that are listed to choose from."""


class Owners(msgspec.Struct, frozen=True):
    """Lines of the books' mapping and of the CRM's."""

    books: Mapping[str, str] = msgspec.field(default_factory=dict)
    crm: Mapping[str, str] = msgspec.field(default_factory=dict)


def owners(course: Course, books: Reached, crm: Reached) -> Owners:
    """Nothing is asked where a card has no owner, or where nobody is known to sell."""
    asker = course.asker
    sellers, path = books.seen.discovery.sellers, _path(course, crm)
    if path is None or not sellers:
        return Owners()
    click.echo("\nSellers")
    try:
        users = crm.system.users()
    except SyncdError as error:
        wrong(f"the CRM's users cannot be read, so no card gets an owner: {error}")
        return Owners()
    seen = selling.compare(sellers, users)
    found(f"{seen.found} of {seen.all} who sold of late have a user in the CRM")
    for name, says in seen.missed.items():
        wrong(f"{name}: {says}")
    if not asker.confirm("owners", "New cards belong to their seller", default=seen.found > 0):
        return Owners()
    named = {**seen.mailed, **_named(asker, seen, [one.name for one in sellers], users)}
    lines = {"customer.fields.owner": path}
    instead = _fallback(asker, users)
    if instead is not None:
        lines["people.fallback"] = instead
    lines |= {f"people.is.{name}": user for name, user in sorted(named.items())}
    return Owners(books.seen.discovery.reads_sellers, lines)


def _path(course: Course, crm: Reached) -> str | None:
    facts = crm.system.facts
    card = text_at(tree(course.mapping_of(crm.mapping)), "customer.write")
    target = facts.targets.get(card or "")
    return target.owner if target and facts.lists_users else None


def _named(
    asker: Asker, seen: selling.Compared, names: list[str], users: list[User]
) -> dict[str, str]:
    """Of those who have no user; a person is asked for one after the other."""
    typed = asker.answered("sellers")
    if typed is None and not asker.yes and seen.missed:
        _list(users)
        typed = "; ".join(filter(None, (_user(name, users) for name in seen.missed))) or NONE
        asker.flags = {**asker.flags, "sellers": typed}
    if typed is None:
        return {}

    def take(text: str) -> dict[str, str]:
        named = {} if text == NONE else selling.said(text, users)
        for name in named.keys() - set(names):
            wrong(f"nobody called {name} sold of late{suggestion(name, names)}")
        return named

    return asker.ask("sellers", "Users of sellers", take)


def _user(name: str, users: list[User]) -> str | None:
    """`NAME=USER` as it is typed; None: nobody."""
    while True:
        text = f"User of {name} (Enter: nobody)"
        typed: str = click.prompt(text, default="", type=str, show_default=False).strip()
        if not typed:
            return None
        try:
            selling.user_of(typed, users)
        except UsageError as error:
            wrong(str(error))
            continue
        return f"{name}={typed}"


def _fallback(asker: Asker, users: list[User]) -> str | None:
    """None: whoever the CRM takes."""

    def take(typed: str) -> str | None:
        return None if typed == NONE else selling.user_of(typed, users)

    return asker.ask("fallback", "Whose are the cards of who has no user", take, NONE)


def _list(users: list[User]) -> None:
    active = [f"{one.name} {one.email or one.id}" for one in users if one.active]
    for one in active[:SHOWN]:
        found(f"user        {one}")
    if len(active) > SHOWN:
        found(f"user        and {len(active) - SHOWN} more")
