"""What a source promises. Each check seeds what it needs and disturbs nothing older."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from syncd.domain import Kind
from syncd.port import All, Facts, Keys, Record, Scope, Since
from tests.conformance.driver import distrustful, holds
from tests.conformance.passes import Books, latest, one, pages, seeded, whole
from tests.conformance.times import far_future, late_commit
from tests.conformance.trouble import expired_reading, limited_reading

MOST_CHECKPOINTS = 3


def identity(books: Books, about: str) -> None:
    first, second = (books.run(books.connector.identity()) for _ in range(2))
    holds(first.id and first.label, "the identity is empty")
    holds(first.id == second.id, f"the identity was {first.id} and is {second.id}")


def complete(books: Books, about: str) -> None:
    kind = Kind(about)
    keys = books.driver.seed(kind, 2 * books.driver.page + 1)
    seen = [record.key for record in whole(books, kind, All())]
    missing = sorted(set(keys) - set(seen))
    holds(not missing, f"a full pass lacks {missing}")
    count = books.driver.count(kind)
    holds(len(set(seen)) == count, f"a full pass has {len(set(seen))} of {count} records")


def ties(books: Books, about: str) -> None:
    """Records of one moment on both sides of a page's end, twice in the same order."""
    kind = Kind(about)
    keys = books.driver.seed(kind, 2 * books.driver.page + 1)
    passes = [[record.key for record in whole(books, kind, Since(None))] for _ in range(2)]
    missing = sorted(set(keys) - set(passes[0]))
    holds(not missing, f"a pass since the beginning lacks {missing}")
    holds(passes[0] == passes[1], "two passes over the same records differ")
    holds(len(passes[0]) == len(set(passes[0])), "a quiet pass has a record twice")


def resume(books: Books, about: str) -> None:
    """A pass goes on from the position of a page, or where pages come in order from the newest
    stamp so far, and lacks nothing that was behind it."""
    kind = Kind(about)
    keys, since = seeded(books, kind, 2 * books.driver.page + 1)
    seen = list(pages(books, kind, since))
    every = max(1, len(seen) // MOST_CHECKPOINTS)
    for at in range(0, len(seen) - 1, every):
        behind = set(keys) - {record.key for page in seen[: at + 1] for record in page.records}
        scopes = [Since(since.moment, seen[at].next)]
        if seen[at].ordered and seen[at].records:
            scopes.append(Since(seen[at].records[-1].stamp))
        for scope in scopes:
            missing = sorted(behind - {record.key for record in whole(books, kind, scope)})
            holds(not missing, f"begun again after page {at + 1}, a pass lacks {missing}")


def since_inclusive(books: Books, about: str) -> None:
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    stamp = one(books, kind, key).stamp
    seen = [record.key for record in whole(books, kind, Since(stamp))]
    holds(key in seen, f"what changed at {stamp} is not in what changed since then")


def overlap(books: Books, about: str) -> None:
    """What is asked for again comes again: nothing is handed out only once."""
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    stamp = one(books, kind, key).stamp
    earlier = stamp and stamp - dt.timedelta(minutes=10)
    for time in ("first", "second"):
        seen = [record.key for record in whole(books, kind, Since(earlier))]
        holds(key in seen, f"the {time} pass with an overlap lacks the record")


def keys(books: Books, about: str) -> None:
    kind = Kind(about)
    first, _, last = books.driver.seed(kind, 3)
    wanted = Keys((first, books.driver.unknown(kind), last))
    seen = sorted(record.key for record in whole(books, kind, wanted))
    holds(seen == sorted((first, last)), f"asked for {wanted.keys}, got {seen}")


def stamps(books: Books, about: str) -> None:
    kind = Kind(about)
    books.driver.seed(kind, 2)
    stamped = books.connector.facts.sources[kind].stamped
    for scope in (All(), Since(None)):
        previous: dt.datetime | None = None
        for page in pages(books, kind, scope):
            holds(_aware(page.source_time), "the source's time has no zone")
            for record in page.records:
                holds(_aware(record.stamp), f"the stamp of {record.key} has no zone")
                holds(record.stamp or not stamped, f"{record.key} has no stamp")
                if page.ordered:
                    holds(record.stamp, f"{record.key} is ordered without a stamp")
                    behind = previous and record.stamp and record.stamp < previous
                    holds(not behind, f"{record.key} comes after a later stamp")
                    previous = record.stamp


def edit(books: Books, about: str) -> None:
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    old = one(books, kind, key)
    books.driver.wait(2)
    books.driver.edit(kind, key)
    new = latest(books, kind, Since(old.stamp), key)
    holds(new.data != old.data, "an edit is not in what changed since")
    _check_moved(old, new)


def child(books: Books, about: str) -> None:
    """Where stamps cover children, the stamp must move; else a full pass must show it."""
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    old = one(books, kind, key)
    books.driver.wait(2)
    books.driver.edit_child(kind, key)
    stamped = books.connector.facts.sources[kind].stamped
    new = latest(books, kind, Since(old.stamp) if stamped else All(), key)
    holds(new.data != old.data, "the edit of a child is not seen")
    if stamped:
        _check_moved(old, new)


def touch(books: Books, about: str) -> None:
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    old = one(books, kind, key)
    books.driver.wait(2)
    books.driver.touch(kind, key)
    new = one(books, kind, key)
    holds(new.data == old.data, f"nothing was edited, and {_difference(old, new)} differs")


def stable(books: Books, about: str) -> None:
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    old = one(books, kind, key)
    books.driver.wait(2)
    new = one(books, kind, key)
    holds(new.data == old.data, f"nothing happened, and {_difference(old, new)} differs")
    holds(not list(_floats(new.data)), "there are floats in the record")


def shifted_by_edit(books: Books, about: str) -> None:
    _shifted(books, Kind(about), Since(None), books.driver.edit)


def shifted_by_delete(books: Books, about: str) -> None:
    _shifted(books, Kind(about), All(), books.driver.delete)


def deleted(books: Books, about: str) -> None:
    """Gone from every list, or different (a document that says it is cancelled)."""
    kind = Kind(about)
    gone, other = books.driver.seed(kind, 2)
    old = one(books, kind, gone)
    books.driver.delete(kind, gone)
    for scope in (All(), Keys((gone, other))):
        seen = {record.key: record for record in whole(books, kind, scope)}
        holds(other in seen, "a record vanished with another")
        holds(gone not in seen or seen[gone].data != old.data, "a deleted record is still there")


def voided(books: Books, about: str) -> None:
    """What is void is still there by its key, and says so; what is deleted is not taken for it."""
    kind = Kind(about)
    void, gone = books.driver.seed(kind, 2)
    old = one(books, kind, void)
    books.driver.void(kind, void)
    holds(one(books, kind, void).data != old.data, "a void record is as it was")
    if "delete" in books.driver.can.get(kind, ()):
        books.driver.delete(kind, gone)
        seen = [record.key for record in whole(books, kind, Keys((void, gone)))]
        holds(void in seen, "a void record vanished with a deleted one")


def distrusts(books: Books, about: str) -> None:
    kind = Kind(about)
    [key] = books.driver.seed(kind, 1)
    pull, read = books.connector.pull, books.driver.read(kind)
    distrustful(books, lambda: pull(read, All()))
    distrustful(books, lambda: pull(read, Keys((key,))))
    one(books, kind, key)


def described(books: Books, about: str) -> None:
    """What an object is said to have is at least what its records have."""
    kind = Kind(about)
    source = books.connector.facts.sources[kind]
    object = books.driver.read(kind).object
    [key] = books.driver.seed(kind, 1)
    names = set(one(books, kind, key).data) - source.virtual - {"id"}
    told, again = (books.run(books.connector.fields(object)) for _ in range(2))
    holds(told == again, f"nothing happened, and {object} is said to have other fields")
    missing = sorted(names - set(told))
    holds(not missing, f"{object} has {missing}, and is not said to")
    holds("no such field" not in told, f"{object} is said to have whatever is asked for")


CHECKS: Mapping[str, Callable[[Books, str], None]] = {
    "complete": complete,
    "ties": ties,
    "resume": resume,
    "since_inclusive": since_inclusive,
    "overlap": overlap,
    "keys": keys,
    "stamps": stamps,
    "edit": edit,
    "child": child,
    "touch": touch,
    "stable": stable,
    "shifted_by_edit": shifted_by_edit,
    "shifted_by_delete": shifted_by_delete,
    "deleted": deleted,
    "voided": voided,
    "distrusts": distrusts,
    "described": described,
    "late_commit": late_commit,
    "far_future": far_future,
    "limited": limited_reading,
    "expired": expired_reading,
}
NEEDS: Mapping[str, str] = {
    "child": "child",
    "touch": "touch",
    "shifted_by_delete": "delete",
    "deleted": "delete",
    "voided": "void",
}
"""What a kind must be able to do for a check."""


def left_out(check: str, facts: Facts, kind: Kind, can: Collection[str]) -> str | None:
    """The declared fact because of which a check does not apply."""
    need = NEEDS.get(check)
    if need is not None and need not in can:
        return f"cannot {need}"
    if check == "described" and not facts.described:
        return "does not describe objects"
    if check == "far_future" and not (facts.sources[kind].stamped or "stamp" in can):
        return "not stamped"
    if check == "expired" and not facts.secrets:
        return "no secrets"
    return None


def _shifted(books: Books, kind: Kind, scope: Scope, disturb: Callable[[Kind, str], None]) -> None:
    """Something of the first page is disturbed before the second one is asked for."""
    seeded = books.driver.seed(kind, 3 * books.driver.page)
    seen: list[str] = []
    disturbed: str | None = None
    for page in pages(books, kind, scope):
        seen += (record.key for record in page.records)
        mine = [key for key in seen if key in seeded]
        if disturbed is None and mine:
            disturbed = mine[0]
            books.driver.wait(2)
            disturb(kind, disturbed)
    missing = sorted(set(seeded) - set(seen))
    holds(not missing, f"rows moved between two pages, and the pass lacks {missing}")


def _check_moved(old: Record, new: Record) -> None:
    if old.stamp is not None:
        moved = new.stamp is not None and new.stamp > old.stamp
        holds(moved, f"the stamp was {old.stamp} and is {new.stamp}")


def _aware(moment: dt.datetime | None) -> bool:
    return moment is None or moment.utcoffset() is not None


def _difference(old: Record, new: Record) -> str:
    names = sorted({*old.data, *new.data})
    return ", ".join(name for name in names if old.data.get(name) != new.data.get(name))


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _floats(item)
