"""Who of the CRM's users sells in the books, as far as both sides tell at set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.errors import UsageError
from syncd.mapping.document import suggestion
from syncd.people import NOBODY, SAYS, Seller, match
from syncd.port import User


class Compared(msgspec.Struct, frozen=True):
    """Sellers by name: those whom a run will find by their name alone, those whom only their e-mail
    has found, with the id of the user, and those who have none, with the reason."""

    names: tuple[str, ...]
    mailed: Mapping[str, str]
    missed: Mapping[str, str]

    @property
    def found(self) -> int:
        return len(self.names) + len(self.mailed)

    @property
    def all(self) -> int:
        return self.found + len(self.missed)


def compare(sellers: Sequence[User], users: Sequence[User]) -> Compared:
    """Documents name a seller without an e-mail, so who is found by that has to be written down."""
    names: list[str] = []
    mailed: dict[str, str] = {}
    missed: dict[str, str] = {}
    for one in sellers:
        by_mail = match(Seller(one.name, one.email), users, NOBODY)
        by_name = match(Seller(one.name), users, NOBODY)
        if by_mail.user is not None and by_mail != by_name:
            mailed[one.name] = by_mail.user
        elif by_mail.user is not None:
            names.append(one.name)
        else:
            missed[one.name] = SAYS[by_mail.verdict]
    return Compared(tuple(names), mailed, missed)


def user_of(typed: str, users: Sequence[User]) -> str:
    """The id of who may own a card: by id, e-mail or whole name. UsageError."""
    wanted = typed.strip().casefold()
    found = [one for one in users if wanted in _words(one)]
    active = [one for one in found if one.active]
    if len(active) == 1:
        return active[0].id
    if found and not active:
        raise UsageError(f"{typed}: this user is inactive")
    if active:
        raise UsageError(f"{typed} is several users; give the e-mail of one")
    raise UsageError(f"there is no user {typed}{suggestion(typed, _known(users))}")


def said(typed: str, users: Sequence[User]) -> dict[str, str]:
    """`Продавец 3=anna@example.com; ...` as the user's id by seller. UsageError."""
    found = {}
    for one in filter(None, (each.strip() for each in typed.split(";"))):
        name, equals, user = (part.strip() for part in one.rpartition("="))
        if not equals or not name:
            raise UsageError(f"{one}: expected SELLER=USER, with ; between several")
        found[name] = user_of(user, users)
    return found


def _words(one: User) -> set[str]:
    return {word.strip().casefold() for word in (one.id, one.email or "", one.name) if word}


def _known(users: Sequence[User]) -> list[str]:
    return [one.email or one.id for one in users if one.active]
