"""One connection, live: who answers, as whom syncd is there, and what its connector declares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from syncd.assembly import Assembly
from syncd.doctor.calls import allowed, of_calls
from syncd.doctor.findings import Finding, Notes
from syncd.doctor.folder import of_folder
from syncd.errors import AccessError, ConfigError, ProtocolError, SyncdError, TransientError
from syncd.guide import Discovery, Greeting, Guide, Right, needed
from syncd.http.files import SCHEME, folder_of
from syncd.port import Facts, Identity, Tier
from syncd.settings import ConnectionSettings
from syncd.setup import choices
from syncd.setup.reach import SKEW, diagnosis
from syncd.store import streams
from syncd.sync.pair import Side

TIERS = {
    Tier.T1: "a write without an answer is simply sent again: the system knows it",
    Tier.T2: "syncd chooses the key: a second create of the same is refused by the system",
    Tier.T3: "a write without an answer is looked for by its marker before anything is sent again",
    Tier.T4: "nothing tells whether a write without an answer arrived: a person looks, once",
}


@dataclass
class Looked:
    """What was found, for whoever looks at the whole pair afterwards."""

    identity: Identity | None = None
    discovery: Discovery | None = None


def of_connection(assembly: Assembly, one: ConnectionSettings, looked: Looked) -> Iterator[Finding]:
    note = Notes(one.name)
    try:
        with assembly.connected(one.name) as side:
            yield from of_system(assembly, one, side, looked)
            yield from of_facts(note, side.connector.facts)
            yield from of_calls(assembly, note, one, allowed(one, side, looked.identity))
    except ConfigError as error:
        yield note.failed("set-up", error)
    if one.quiet:
        yield note.ok("quiet", f"is left alone {one.quiet}")


def of_system(
    assembly: Assembly, one: ConnectionSettings, side: Side, looked: Looked
) -> Iterator[Finding]:
    """What only the system itself can tell. Without an answer there is one finding."""
    note = Notes(one.name)
    try:
        looked.identity = side.ask(side.connector.identity())
    except (AccessError, TransientError, ProtocolError) as error:
        named = type(error)(diagnosis(error, one.url))
        mend = f"{assembly.set_where(one.name)}; " if isinstance(error, AccessError) else ""
        yield note.failed("reached", named, f"{mend}then: syncd connections test {one.name}")
        return
    yield bound(assembly, note, looked.identity)
    if not side.connector.facts.guides:
        if one.url.startswith(SCHEME):
            yield of_folder(note, folder_of(one.url), writes=bool(side.connector.facts.targets))
        else:
            yield note.look("rights", "its connector cannot tell what the credential may do")
        return
    guide = cast(Guide, side.connector)
    now = assembly.clock.utc()
    try:
        greeting = side.ask(guide.greet())
        looked.discovery = side.ask(guide.discover((), now.date() - dt.timedelta(days=30)))
    except SyncdError as error:
        yield note.failed("told", error)
        return
    own = _needed(assembly, one.name, looked.discovery.rights)
    yield from told(note, side, greeting, looked.discovery, own, assembly.clock.utc())


def _needed(assembly: Assembly, name: str, rights: Sequence[Right]) -> Sequence[Right]:
    """By the mappings of the pairs whose CRM this is; all where one of them cannot be read."""
    pairs = [one.name for one in assembly.settings.pairs.values() if one.crm.name == name]
    try:
        writing = [assembly.mappings(pair)[1] for pair in pairs]
    except ConfigError:
        return rights
    if not writing:
        return rights
    reads = {word for one in writing for word in one.reads}
    return needed(rights, reads, {word for one in writing for word in one.writes})


def bound(assembly: Assembly, note: Notes, identity: Identity) -> Finding:
    says = f"{identity.label} ({identity.id})"
    if not assembly.settings.state.exists():
        return note.ok("identity", f"{says}; not bound to it yet: the first run does that")
    store = assembly.store()
    try:
        with store.reading() as tx:
            state = streams.connection_state(tx, note.about)
    finally:
        store.close()
    if state is None or state.identity is None:
        return note.ok("identity", f"{says}; not bound to it yet: the first run does that")
    if state.identity != identity.id:
        return note.wrong(
            "identity",
            f"{says}, and the state is bound to {state.label} ({state.identity})",
            "mend the connection's url, or begin with a new state file",
            78,
        )
    return note.ok("identity", f"{says}, the one it is bound to")


def told(
    note: Notes,
    side: Side,
    greeting: Greeting,
    found: Discovery,
    own: Sequence[Right],
    now: dt.datetime,
) -> Iterator[Finding]:
    """`own` are the rights that the mappings need."""
    version = f" {greeting.version}" if greeting.version else "; it does not say which version"
    yield note.ok("version", f"{side.connector.facts.system}{version}")
    if found.at is None:
        yield note.look("clock", "it does not tell its time")
    else:
        yield clock(note, found.at, now)
    if found.sessions is not None:
        yield note.ok("sessions", choices.sessions(found))
    yield from rights(note, found.user, found.administrator, own)
    for says in found.records:
        yield note.ok("records", says)
    for says in found.odd:
        yield note.look("records", says)


def clock(note: Notes, theirs: dt.datetime, ours: dt.datetime) -> Finding:
    ahead = (theirs - ours).total_seconds()
    if abs(ahead) <= SKEW:
        return note.ok("clock", f"agrees with this machine's within {SKEW} s")
    return note.look(
        "clock",
        f"is {skewed(ahead)} this machine's",
        "set both by NTP: moments on cards are this machine's, stamps are the system's",
    )


def skewed(ahead: float) -> str:
    """`61 min ahead of`, `20 s behind`."""
    size = abs(ahead)
    amount = f"{size:.0f} s" if size < 120 else f"{size / 60:.0f} min"
    return f"{amount} ahead of" if ahead > 0 else f"{amount} behind"


def rights(
    note: Notes, user: str | None, administrator: bool | None, found: Sequence[Right]
) -> Iterator[Finding]:
    who = user or "the credential"
    lacking = [one for one in found if one.allowed is False]
    for one in lacking:
        yield note.wrong(
            "rights",
            f"{who} may not {one.op} {one.what}: {one.need} would fail",
            f"give {who} the right to {one.op} {one.what}",
            78,
        )
    allowed = sum(one.allowed is True for one in found)
    if not lacking:
        yield note.ok("rights", f"{who} may do all {allowed} things that can be seen")
    unseen = [f"{one.op} {one.what}" for one in found if one.allowed is None]
    if unseen:
        yield note.ok("rights", f"seen only by the first write: {', '.join(unseen)}")
    if administrator:
        yield note.look(
            "rights",
            f"{who} is an administrator, which is more than syncd needs",
            "make a user of syncd's own with the rights of docs/admin.md",
        )


def of_facts(note: Notes, facts: Facts) -> Iterator[Finding]:
    """What the connector declares, and what follows from it."""
    for tier in Tier:
        made = {word: one for word, one in facts.targets.items() if one.made}
        targets = [word for word, one in made.items() if one.tier is tier]
        if targets:
            yield note.ok(f"tier {tier}", f"{', '.join(targets)}: {TIERS[tier]}")
    if facts.targets:
        yield note.ok(
            "doubt", f"a write without an answer is looked for after {facts.doubt_time:g} s"
        )
    if facts.changes:
        yield note.ok("changes", facts.changes)
    for says in inapplicable(facts):
        yield note.ok("unchecked", says)


def inapplicable(facts: Facts) -> list[str]:
    """Checks that a declared fact leaves out, and what stands in their place."""
    found = []
    if not facts.secrets:
        found.append("a wrong credential, and a login that ends during a run: there is no secret")
    silent = [kind for kind, one in facts.sources.items() if not one.stamped]
    if silent:
        found.append(
            f"whether an edit moves the stamp of {', '.join(silent)}: it need not; the overlap of "
            "each read and the daily full read find it"
        )
    for sentence, words in (
        ("{}: are not listed there; lost state finds each of them by its marker", "listable"),
        ("{}: are never removed there; a document is cancelled", "removable"),
    ):
        made = {word: one for word, one in facts.targets.items() if one.made}
        targets = [word for word, one in made.items() if not getattr(one, words)]
        if targets:
            found.append(sentence.format(", ".join(targets)))
    fixed = [word for word, one in facts.targets.items() if one.fixed]
    if fixed:
        found.append(f"{', '.join(fixed)}: some fields cannot be changed; they are made anew")
    return found
