"""What can be ordered of a pair and asks its systems: each verb is a run of its own.

Each gets its arguments as plain JSON, because they may come out of the store: an order made by one
process is carried out by another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from syncd.answers import Answer
from syncd.assembly import named
from syncd.decisions import CONSENT, adopt
from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError, SyncdError, TransientError, UsageError
from syncd.merging import Owner
from syncd.orders import Asking, Desk
from syncd.port import FieldDef
from syncd.store import links, mirror, outstanding, parts, plans, problems, proofs, streams
from syncd.store.parts import Part
from syncd.store.runs import recent
from syncd.store.streams import LIVE_MODE, PILOT
from syncd.sync import proven, returned, scope
from syncd.sync.conflicts import CONFLICT, take
from syncd.sync.customers import records_of, resolve
from syncd.sync.difference import differences
from syncd.sync.order import Report
from syncd.sync.pair import Pair, Scene
from syncd.sync.plan import approved_parts, draw, left_out, mark_applied
from syncd.sync.recover import answer_asked
from syncd.sync.scope import InScope, Scope
from syncd.sync.want import follow


def apply(desk: Desk, asking: Asking) -> Answer:
    """Sends what the plan approved and still equals it. The whole of it makes the pair live, a part
    of it a pilot; the plan of a guard, or of earlier won customers, leaves the mode as it is."""
    desk.refuse_paused()
    pair, plan = desk.pair, str(asking.args["plan"])
    approved = approved_parts(pair, plan)
    because, mode = _because(pair, plan), desk.mode()
    _refuse_before_look(desk, plan)
    within = _within(desk, plan, asking)
    if because and mode not in (LIVE_MODE, PILOT):
        raise UsageError(f"plan {plan} is for a pair that writes; this one is in mode {mode}")
    if because == WON_PLAN:
        _consent(desk, plan)
    inside = InScope(pair, within) if within else None

    def sent(part: Part) -> bool:
        return (inside is None or inside(part)) and approved(part)

    order = msgspec.structs.replace(
        desk.order("apply"), write=True, shadow=False, approved=sent, consented=True
    )
    report = desk.cycle(order)
    if not report.worked or desk.halted:
        return Answer(report=report)
    others = left_out(pair, plan, inside.record if inside else lambda _record: True)
    if others and not because:
        report.notes.append(_left(plan, others))
    report.mode = _new_mode(desk, asking, mode, because, within)
    if not within:
        mark_applied(pair, plan)
        with desk.scene() as scene:
            report.open_problems -= returned.go_on(scene)
    return Answer(report=report)


def _refuse_before_look(desk: Desk, plan: str) -> None:
    """A plan of before the state was restored, and compared, shows what was right then."""
    state = desk.state()
    if state is None or not state.restored_sign:
        return
    with desk.pair.store.reading() as tx:
        made = plans.made(tx, plan)
    if state.looked_back is None or (made is not None and made < state.looked_back):
        raise UsageError(
            f"the state of pair {desk.pair.name} was restored: make a plan of what both systems "
            "have now with: syncd plan"
        )


WON_PLAN = "won earlier"


def _because(pair: Pair, plan: str) -> str | None:
    with pair.store.reading() as tx:
        return plans.because(tx, plan)


def _within(desk: Desk, plan: str, asking: Asking) -> Scope:
    """What was named; in a pilot, what a guard's plan may touch at most."""
    named, limit = scope.of_json(asking.args.get("scope")), asking.args.get("limit")
    if limit:
        named = scope.first(desk.pair, plan, named, int(limit))
        if not named:
            raise UsageError(f"plan {plan} has nothing for the customers in this scope")
    state = desk.state()
    pilot = state is not None and state.mode == PILOT
    if not named and state and pilot and _because(desk.pair, plan):
        return scope.load(state.scope)
    return named


def _left(plan: str, others: Sequence[str]) -> str:
    named = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
    return (
        f"{len(others)} records are no longer as plan {plan} has them and wait for the next run: "
        f"{named}"
    )


def _new_mode(desk: Desk, asking: Asking, before: str, because: str | None, within: Scope) -> str:
    """A live pair stays live: there a scope limits this one order."""
    if because or before == LIVE_MODE:
        return desk.mode()
    now = desk.pair.clock.utc()
    with desk.owner.commit() as tx:
        if not within:
            streams.set_mode(tx, desk.pair.name, LIVE_MODE, now)
            return LIVE_MODE
        state = streams.pair_state(tx, desk.pair.name)
        known = scope.load(state.scope) if state and state.mode == PILOT else Scope()
        streams.set_mode(tx, desk.pair.name, PILOT, now, scope.dump(known | within))
    return PILOT


def _consent(desk: Desk, plan: str) -> None:
    """Each card of the plan that still waits for nothing else."""
    with desk.owner.commit() as tx:
        for part in plans.parts_of(tx, plan):
            if part.state == parts.HELD and parts.error_of(tx, part.id) in CONSENT:
                adopt(Scene(tx, desk.pair, {}, 0), part)


def plan(desk: Desk, asking: Asking) -> Answer:
    """Reads both systems, writes to neither, and keeps what would be written for approval.
    TransientError, AccessError or ProtocolError where one of them could not be read. `offline`
    draws it from the mirror and asks neither."""
    pair, missing = desk.pair, list[FieldDef]()
    if asking.args.get("offline"):
        _refuse_unmirrored(pair)
        report = desk.cycle(desk.order("plan", write=False, offline=True))
    else:
        report = desk.cycle(desk.order("plan", write=False, full=True))
        _refuse_unread(report)
        setup = pair.crm.connector.setup(pair.writing.custom_fields, False)
        with named(pair.crm.name):
            missing = list(pair.crm.ask(setup))
    drawn = draw(pair, report, missing)
    return Answer(report=report, plan=drawn.id, drawn=drawn)


def resync(desk: Desk, asking: Asking) -> Answer:
    """Reads these records again, and looks at what their cards really show; what differs is
    written, in a mode that writes. The differences are what is left to write."""
    desk.refuse_paused()
    args, pair = asking.args, desk.pair
    if args.get("won_since"):
        return _resync_won(desk, dt.date.fromisoformat(args["won_since"]), bool(args["dry_run"]))
    wanted = [(Kind(kind), key) for kind, key in args.get("keys") or []]
    if args.get("customer") is not None:
        wanted += of_customer(pair, args["customer"])
    everything, dry_run = bool(args.get("everything")), bool(args.get("dry_run"))
    order = desk.order(
        "resync",
        write=not dry_run,
        full=everything,
        keys=None if everything else tuple(wanted),
        recheck=True,
        recreate=bool(args.get("recreate")) and desk.writes() and not dry_run,
    )
    report = desk.cycle(order)
    if report.worked:
        _refuse_unknown(pair, wanted)
    return Answer(report=report, differences=list(differences(pair)) if dry_run else None)


def _resync_won(desk: Desk, since: dt.date, dry_run: bool) -> Answer:
    """Customers won earlier are planned, never made at once: there may be years of them."""
    pair = desk.pair
    if pair.outbound(Kind.WON) is None or pair.inbound(Kind.WON) is None:
        raise UsageError(f"the mappings of pair {pair.name} do not take won customers")
    report = desk.cycle(desk.order("resync", write=False, won_since=since))
    with desk.owner.commit() as tx:
        ids = streams.stream_ids(tx, pair.name)
        held = outstanding.held_with(tx, ids[Kind.WON], CONSENT)
        cards = [row.key for row in mirror.by_id(tx, [one.record for one in held])]
        said = [f"{len(cards)} won customers since {since} would be made in the books"]
        said += [f"  card {card}" for card in cards]
        if not held or dry_run or not desk.writes():
            if held and not dry_run:
                said.append("the pair writes nothing yet: say this again when it is live")
            return Answer(said, report)
        mapping = f"{pair.reading.version} {pair.writing.version}"
        approval = plans.Approval(pair.name, mapping, pair.clock.utc(), [], because=WON_PLAN)
        plan = plans.of_parts(tx, approval, held, {"because": said[0]})
    return Answer([*said, f"next: syncd apply {plan}"], report, plan=plan)


def prove(desk: Desk, asking: Asking) -> Answer:
    """Compares ledger, documents and cards, of one customer or of all."""
    desk.refuse_paused()
    pair, customer = desk.pair, asking.args.get("customer")
    wanted = of_customer(pair, customer) if customer is not None else None
    began = pair.clock.utc()
    keys = tuple(wanted) if wanted is not None else None
    report = desk.cycle(desk.order("prove", prove=True, keys=keys))
    with pair.store.reading() as tx:
        deleted = proofs.deleted(tx, pair.name)
        named = None if wanted is None else [key for kind, key in wanted if kind is Kind.CUSTOMER]
        rows = proven.newest(tx, pair, named)
        linked = [one.books_key for one in links.each(tx, pair.crm.name, pair.books.name)]
        count = len({*(linked if named is None else named)} - deleted)
    fresh = [row for row in rows if row.at >= began]
    said = []
    if pair.reading.owed_in is not None:
        said.append(
            f"{pair.books.name} tells no balance, so nothing is called proven: the cards were read "
            "back, and figures that somebody typed over are written again"
        )
    elif count > len(fresh):
        left = count - len(fresh)
        said.append(
            f"{left} of {count} cards were not compared: something is on its way to them, or a "
            "document is being corrected"
        )
    return Answer(said, report, proven=proven.lines(pair, fresh, began))


def answer(desk: Desk, asking: Asking) -> Answer:
    """A person's answer to whether an object exists; no id says that it does not."""
    problem = int(asking.args["problem"])
    if side := asking.args.get("take"):
        return _take(desk, problem, Owner(side), asking.args.get("customers") or ())
    answer_asked(desk.pair, desk.owner, problem, asking.args.get("exists"))
    return Answer([f"#{problem} is answered; next: syncd run"])


def _take(desk: Desk, problem: int, side: Owner, customers: Sequence[str]) -> Answer:
    """Whose values they are, where both sides changed them."""
    pair = desk.pair
    with desk.owner.commit() as tx:
        one = problems.find(tx, pair.name, problem)
        if one is None or one.closed or one.cause.split()[0] != CONFLICT:
            raise UsageError(f"problem {problem} asks for no side; see: syncd problems")
        word = one.cause.split()[1]
        scene = Scene(tx, pair, streams.stream_ids(tx, pair.name), one.run, desk.owner.epoch)
        keys = [resolve(tx, pair.name, pair.crm.name, typed) for typed in customers]
        decided = take(scene, word, side, keys)
        if not decided:
            raise UsageError(f"problem {problem} asks nothing of these customers")
        follow(scene, Kind.CUSTOMER, decided)
    count = f"{len(decided)} customer" + "s" * (len(decided) != 1)
    return Answer([f"#{problem}: {side} decides {word} of {count}; next: syncd run"])


def of_customer(pair: Pair, key: str) -> list[tuple[Kind, str]]:
    """With those that share its card."""
    with pair.store.reading() as tx:
        some = links.together(tx, pair.crm.name, pair.books.name, [key])[key]
        found = [(Kind.CUSTOMER, one) for one in some]
        found += (ref for one in some for ref in records_of(tx, pair.name, one))
        return list(dict.fromkeys(found))


def _refuse_unknown(pair: Pair, keys: Sequence[tuple[Kind, str]]) -> None:
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        unknown = [f"{kind}:{key}" for kind, key in keys if not mirror.known(tx, ids[kind], [key])]
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: the books have no such record")


def _refuse_unmirrored(pair: Pair) -> None:
    with pair.store.reading() as tx:
        if not recent(tx, pair.name, 1):
            raise UsageError(f"pair {pair.name} has never run, so nothing is in the mirror yet")


def _refuse_unread(report: Report) -> None:
    """A plan shows everything or is not made."""
    if not report.notes:
        return
    kind: type[SyncdError] = TransientError
    if report.failed and not report.unreachable:
        kind = AccessError if report.refused else ProtocolError
    raise kind(f"no plan was made: it needs both systems. {'; '.join(report.notes)}")


SLOW = {"plan": plan, "apply": apply, "resync": resync, "prove": prove, "resolve": answer}
