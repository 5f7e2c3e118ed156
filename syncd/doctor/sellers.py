"""Whether whoever sells in the books has a user in the CRM, where new cards belong to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from syncd.assembly import Assembly
from syncd.doctor.findings import Finding, Notes
from syncd.domain import Kind
from syncd.errors import SyncdError
from syncd.mapping import CrmMapping
from syncd.people import SAYS, Seller, Verdict, fallback, match
from syncd.port import Directory
from syncd.settings import PairSettings
from syncd.store import mirror, streams
from syncd.sync.owners import sellers_of

NAMED = 10


def sellers(
    assembly: Assembly, note: Notes, one: PairSettings, writing: CrmMapping
) -> Iterator[Finding]:
    """Of the customers that were read; one call for the users."""
    customer = writing.outbound.get(Kind.CUSTOMER)
    if customer is None or not any(part.owner for part in customer.plan.parts):
        return
    try:
        with assembly.connected(one.crm.name) as side:
            lists = side.connector.facts.lists_users
            users = side.ask(cast(Directory, side.connector).users()) if lists else ()
    except SyncdError as error:
        yield note.failed("sellers", error)
        return
    people = writing.people
    if people.fallback and fallback(users, people).verdict is not Verdict.FOUND:
        says = f"the fallback of people is no active user of {one.crm.name}"
        yield note.look("sellers", says, f"mend people.fallback in the mapping {writing.name}")
    known = _known(assembly, one.name)
    verdicts = {name: match(seller, users, people).verdict for name, seller in known.items()}
    missed = sorted(name for name, verdict in verdicts.items() if verdict is not Verdict.FOUND)
    if not known:
        return
    says = f"{len(known) - len(missed)} of {len(known)} have a user in {one.crm.name}"
    if not missed:
        yield note.ok("sellers", says)
        return
    named = ", ".join(f"{name} ({SAYS[verdicts[name]]})" for name in missed[:NAMED])
    more = f" and {len(missed) - NAMED} more" if len(missed) > NAMED else ""
    do = f"mend the user there, or write who it is into the mapping {writing.name}: people.is"
    yield note.look("sellers", f"{says}; not: {named}{more}", do)


def _known(assembly: Assembly, pair: str) -> dict[str, Seller]:
    """Sellers by their name."""
    found: dict[str, Seller] = {}
    if not assembly.settings.state.exists():
        return found
    store = assembly.store()
    try:
        with store.reading() as tx:
            ids, last = streams.stream_ids(tx, pair), 0
            while Kind.CUSTOMER in ids and (batch := mirror.batch(tx, ids[Kind.CUSTOMER], last)):
                last = batch[-1].id
                for seller in sellers_of(tx, ids, batch).values():
                    if seller.name not in found or seller.email:
                        found[seller.name] = seller
    finally:
        store.close()
    return found
