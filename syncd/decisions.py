"""What a person decides about a pair: each is done inside one commit of its owner, in the middle
of a run too, and changes the store alone.
"""

from __future__ import annotations

import datetime as dt

from syncd.answers import Answer
from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.link_orders import LINKS
from syncd.mapping.document import suggestion
from syncd.orders import Asking
from syncd.store import mirror, outstanding, parts, problems, streams
from syncd.store.parts import Part
from syncd.sync.accepted import VANISHED, accept_missing, vanished
from syncd.sync.pair import Scene

FOR_EVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""Until somebody resumes it."""

MENDED = {
    "guard": "apply its plan, or mend the cause",
    "connection": "mend the connection",
    "service": "mend what it names",
    "state": "look at what differs with syncd plan, then syncd apply",
    "disk": "make room",
    "conflict": "answer it with syncd problems resolve --take, or make both equal by hand",
    "asked": "answer it with syncd problems resolve",
}
"""First words of causes that nobody can give up, with what to do instead."""

CONSENT = ("won proposed", "won earlier")
"""Errors of won cards that wait for nothing but a person's yes."""


def pause(scene: Scene, asking: Asking) -> Answer:
    name, reason = str(asking.args["name"]), asking.why
    typed = asking.args.get("until")
    until = dt.datetime.fromisoformat(typed) if typed else FOR_EVER
    now = scene.pair.clock.utc()
    if until <= now:
        raise UsageError(f"{until:%Y-%m-%d %H:%M} is over; say a moment to come")
    when = f"until {until.astimezone():%a %d %b %H:%M}" if typed else "until it is resumed"
    if name == scene.pair.name:
        _known_pair(scene)
        streams.pause_pair(scene.tx, name, until, reason)
        return Answer([f"pair {name} is paused {when}; what is on its way is finished"])
    if streams.connection_state(scene.tx, name) is None:
        raise UsageError(f"connection {name} was never used; there is nothing to pause")
    streams.pause_connection(scene.tx, name, until, f"paused by {asking.who}: {reason}")
    return Answer([f"connection {name} is left alone {when}; the other side goes on"])


def resume(scene: Scene, asking: Asking) -> Answer:
    name = str(asking.args["name"])
    if name == scene.pair.name:
        _known_pair(scene)
        streams.pause_pair(scene.tx, name, None, None)
    else:
        streams.pause_connection(scene.tx, name, None, None)
    return Answer([f"{name} goes on with the next run; now: syncd run"])


def mode(scene: Scene, asking: Asking) -> Answer:
    wanted = str(asking.args["mode"])
    state = _known_pair(scene)
    if state.mode == wanted:
        return Answer([f"pair {state.name} is in mode {wanted.upper()} already"])
    if state.restored_sign and wanted == streams.LIVE_MODE:
        raise UsageError(
            f"the state of pair {state.name} was restored: it goes live with a plan that somebody "
            "looked at; next: syncd plan"
        )
    streams.set_mode(scene.tx, state.name, wanted, scene.pair.clock.utc())
    meaning = {
        "plan": "it writes nothing",
        "shadow": "it writes nothing, and compares daily with what people type: syncd shadow",
        "live": "it writes from the next run on",
    }
    return Answer(
        [f"pair {state.name}: {state.mode.upper()} -> {wanted.upper()}; {meaning[wanted]}"]
    )


def _known_pair(scene: Scene) -> streams.PairState:
    state = streams.pair_state(scene.tx, scene.pair.name)
    if state is None:
        raise UsageError(f"pair {scene.pair.name} has never run; next: syncd run")
    return state


def retry(scene: Scene, asking: Asking) -> Answer:
    """What was refused is due again now; what was given up is taken up again. What is held waits
    for a person's decision, not for time."""
    one = _problem(scene, asking)
    if one.waived_by:
        problems.reopen(scene.tx, one.id)
    elif one.closed:
        raise UsageError(f"problem {one.id} is closed; nothing waits because of it")
    refused = held = 0
    for part in parts.with_problem(scene.tx, one.id):
        back = part.state == parts.WAIVED and not part.attempts
        if back:
            parts.update(scene.tx, part.id, state=parts.HELD)
        if part.state == parts.FAILED or (part.state == parts.WAIVED and part.attempts):
            parts.update(scene.tx, part.id, state=parts.DUE, next_attempt=None)
            refused += 1
        held += back or part.state == parts.HELD
    said = [f"#{one.id}: {refused} that were refused are due again; next: syncd run"]
    if held:
        said.append(f"{held} are held, and go when what the problem says is settled")
    if one.records:
        said.append(
            f"{one.records} records cannot be read; when one is mended, it comes with the next "
            "read, or now: syncd resync --key KIND:KEY"
        )
    return Answer(said)


def waive(scene: Scene, asking: Asking) -> Answer:
    """Gives up what waits because of a problem, until its records change."""
    one = _problem(scene, asking)
    if one.closed:
        by = f"; {one.waived_by} waived it" if one.waived_by else ""
        raise UsageError(f"problem {one.id} is closed already{by}")
    first = one.cause.split()[0]
    if first in MENDED:
        raise UsageError(f"problem {one.id} cannot be waived: {MENDED[first]}; it closes itself")
    left = 0
    for part in parts.with_problem(scene.tx, one.id):
        if parts.error_of(scene.tx, part.id) == one.cause:
            continue  # it waits for nothing but the answer
        if part.state in (parts.FAILED, parts.HELD):
            parts.update(scene.tx, part.id, state=parts.WAIVED, next_attempt=None)
            left += 1
    now = scene.pair.clock.utc()
    problems.waive(scene.tx, one.id, asking.who, asking.why or "", now)
    said = f"#{one.id} is waived by {asking.who}: {asking.why}"
    return Answer([f"{said}\n{left} are left alone until their records change"])


def _problem(scene: Scene, asking: Asking) -> problems.Problem:
    one = problems.find(scene.tx, scene.pair.name, int(asking.args["problem"]))
    if one is None:
        raise UsageError(f"there is no problem {asking.args['problem']}; see: syncd problems")
    return one


def resolve(scene: Scene, asking: Asking) -> Answer:
    """What the books no longer have was deleted, or archived: all that a problem is about, or
    `only` these keys."""
    one, state = _problem(scene, asking), str(asking.args["state"])
    found = vanished(scene, one.id)
    if not found and one.cause.split()[0] != VANISHED:
        raise UsageError(
            f"problem {one.id} is not about what the books no longer have; see: "
            f"syncd problems show {one.id}"
        )
    if not found:
        raise UsageError(f"nothing that problem {one.id} is about is missing any more")
    if only := asking.args.get("only"):
        known = {str(ref): ref for ref in found} | {ref.key: ref for ref in found}
        for typed in only:
            if typed not in known:
                raise UsageError(
                    f"problem {one.id} is not about {typed}{suggestion(typed, list(known))}"
                )
        found = {known[typed]: found[known[typed]] for typed in only}
    accept_missing(scene, one, found, state, f"{asking.who}: {asking.why}")
    named = ", ".join(str(ref) for ref in list(found)[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    verb = "is" if len(found) == 1 else "are"
    return Answer([f"#{one.id}: {named}{more} {verb} {state}; {_BECOMES[state]}"])


_BECOMES = {
    mirror.DELETED: "documents count no more and are cancelled on their cards, which stay; "
    "next: syncd run",
    mirror.ARCHIVED: "what is counted and shown stays, and nobody is asked again",
}
NAMED = 5


def adopt(scene: Scene, part: Part) -> None:
    values = {"adopted": True, "state": parts.DUE, "problem": None, "error": None}
    parts.update(scene.tx, part.id, **values)


def accept(scene: Scene, asking: Asking) -> Answer:
    """Accounting consents to a won customer, by the id of its card or its pasted address."""
    card = str(asking.args["card"]).strip().rstrip("/").rsplit("/", 1)[-1]
    row = None
    if stream := scene.streams.get(Kind.WON):
        row = mirror.known(scene.tx, stream, [card]).get(card)
    part = parts.of_records(scene.tx, [row.id]).get(row.id, {}).get("") if row else None
    if row is None or part is None:
        known = _proposed(scene)
        raise UsageError(f"card {card} is no won customer that waits{suggestion(card, known)}")
    error = parts.error_of(scene.tx, part.id)
    if part.adopted and part.state != parts.HELD:
        return Answer([f"card {card} was accepted already"])
    if part.state != parts.HELD or error not in CONSENT:
        raise UsageError(f"card {card} does not wait for consent: {error or part.state}")
    adopt(scene, part)
    return Answer(
        [f"card {card} will be made a customer of {scene.pair.books.name}; now: syncd run"]
    )


def _proposed(scene: Scene) -> list[str]:
    stream = scene.streams.get(Kind.WON)
    held = outstanding.held_with(scene.tx, stream, CONSENT) if stream else []
    return [row.key for row in mirror.by_id(scene.tx, [one.record for one in held])]


QUICK = {
    "pause": pause,
    "resume": resume,
    "mode": mode,
    "retry": retry,
    "waive": waive,
    "accept": accept,
    "resolve missing": resolve,
    **LINKS,
}
