"""A state with many old versions, made at once; and what purging it costs a run that goes on.

python -m tests.state.large FOLDER [VERSIONS]      # the figures of docs/state.md
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from syncd.clock import SystemClock
from syncd.domain import Kind
from syncd.image import encode
from syncd.store import retention, streams
from syncd.store.engine import Store, open_store
from syncd.store.expiry import Keep
from syncd.store.tables import change, part, record
from tests.engine.rig import Rig, one_of_each

EACH = 10
"""Versions a record."""
BATCH = 2_000
DAYS = 2000


def fill(store: Store, versions: int, now: dt.datetime, pair: str = "old") -> None:
    """Invoices of a pair of its own, each changed again and again over the years; delivered in the
    fourth version and in no later one."""
    with store.transaction() as tx:
        stream = streams.ensure_pair(tx, pair, "books", "crm", now)[Kind.INVOICE]
        first = (tx.scalar(sa.select(sa.func.max(record.c.id))) or 0) + 1
        for start in range(first, first + versions // EACH, BATCH):
            some = range(start, min(start + BATCH, first + versions // EACH))
            tx.execute(sa.insert(record), [_record(one, stream) for one in some])
            tx.execute(sa.insert(part), [_part(one, stream) for one in some])
            rows = [_change(one, ver, now) for one in some for ver in range(1, EACH + 1)]
            tx.execute(sa.insert(change), rows)


def _record(one: int, stream: int) -> dict[str, object]:
    return {"id": one, "stream": stream, "key": f"{one}", "state": "live", "ver": EACH, "asked": 0}


def _part(one: int, stream: int) -> dict[str, object]:
    return {
        **{"record": one, "stream": stream, "key": "", "target": "invoice", "state": "clean"},
        **{"turn": 1, "want": b"1", "base": b"1", "sent_ver": 4, "confirmed": True},
        **{"adopted": False, "numbered": False, "attempts": 0, "remote_id": f"r-{one}"},
    }


def _change(one: int, ver: int, now: dt.datetime) -> dict[str, object]:
    image = {
        **{"key": f"{one}", "customer": f"{one % 1303}", "number": f"INV-{one:05}", "ver": ver},
        **{"date": "2026-11-18", "total": {"micros": one * ver * 10_000, "currency": "EUR"}},
        **{"organisation": "ООО «Пример»", "seller": "株式会社サンプル", "state": "effective"},
        "lines": [f"{one}-{ver}-{line} Товар и ещё немного текста" for line in range(4)],
    }
    at = now - dt.timedelta(days=DAYS * (EACH - ver) / EACH)
    return {"record": one, "ver": ver, "run": 1, "cause": "run", "at": at, "image": encode(image)}


# -- figures -------------------------------------------------------------------------------------


def purge_in_a_process(folder: Path) -> None:
    store = open_store(folder / "state.sqlite")
    began = time.monotonic()
    done = retention.purge(store, Keep(), SystemClock())
    took = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    store.close()
    found = {"seconds": took, "rows": sum(done.rows.values()), "pages": done.pages}
    print(json.dumps({**found, "rss_mb": memory}))


@contextmanager
def timed_commits(rig: Rig) -> Iterator[list[float]]:
    """Seconds each transaction of the run waited for its turn, and took."""
    waits: list[float] = []
    store = rig.pair.store
    transaction = store.transaction

    @contextmanager
    def timed() -> Iterator[sa.Connection]:
        began = time.monotonic()
        with transaction() as tx:
            waits.append(time.monotonic() - began)
            yield tx

    store.transaction = timed  # type: ignore[method-assign]  # to measure
    try:
        yield waits
    finally:
        store.transaction = transaction  # type: ignore[method-assign]


def main(folder: Path, versions: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rig = Rig(folder)
    one_of_each(rig)
    rig.set_up()
    rig.run()
    began = time.monotonic()
    fill(rig.pair.store, versions, SystemClock().utc())
    print(f"filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
    state = folder / "state.sqlite"
    before = state.stat().st_size
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.state.large", str(folder), "purge"], stdout=subprocess.PIPE
    )
    cycles, wal = 0, 0
    with timed_commits(rig) as waits:
        while worker.poll() is None:
            rig.world.books.post_invoice("1", "5.00")
            rig.later()
            cycles += 1
            wal = max(wal, state.with_name("state.sqlite-wal").stat().st_size)
    assert worker.stdout is not None
    found = json.loads(worker.stdout.read())
    rig.pair.store.close()
    found |= {"before_mb": before / 1e6, "after_mb": state.stat().st_size / 1e6}
    found |= {"cycles": cycles, "commits": len(waits), "wal_mb": wal / 1e6}
    found |= {"longest_wait_ms": max(waits) * 1000, "mean_ms": sum(waits) / len(waits) * 1000}
    print(json.dumps({name: round(value, 1) for name, value in found.items()}, indent=2))


if __name__ == "__main__":
    if sys.argv[2:] == ["purge"]:
        purge_in_a_process(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), int((sys.argv[2:] or ["500000"])[0]))
