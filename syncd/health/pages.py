"""The two pages of a daemon, by their paths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from syncd.clock import Clock
from syncd.health.look import Watched
from syncd.health.metrics import Metrics, metrics_page
from syncd.health.server import Pages
from syncd.health.verdict import healthz
from syncd.store.engine import Store


def pages(
    store: Store,
    clock: Clock,
    watched: Callable[[], Sequence[Watched]],
    *,
    alive: Callable[[], str | None],
    next_run: Callable[[str], dt.datetime | None],
    budgets: Mapping[str, int],
) -> Pages:
    """`alive` says why the daemon's loop is not, None where it is; `next_run` is asked by pair.
    All are called in threads of the server; `watched` each time, as a reload changes it."""
    metrics = Metrics(store, clock, watched, next_run, budgets)
    return {
        "/healthz": lambda: healthz(store, clock, watched, alive),
        "/metrics": metrics_page(metrics),
    }
