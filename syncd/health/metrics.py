"""What Prometheus is told: from the store at each scrape, so that counters outlive the process.

Labels are pair, stream, connection, outcome and owner; never a customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from syncd import __version__
from syncd.clock import Clock
from syncd.domain import Kind
from syncd.health.look import Watched
from syncd.health.server import TEXT, Page
from syncd.health.verdict import complete_read
from syncd.store import calls, intents, problems, proofs, runs, streams, tallies
from syncd.store.disk import UNREADABLE, said
from syncd.store.engine import Store
from syncd.sync import consent

OWNERS = (problems.ACCOUNTING, problems.SALES, problems.SYSADMIN)
OUTCOMES = (runs.OK, runs.PROBLEMS, runs.FAILED_RUN, runs.CUT_OFF)
"""Always told, so that the first of a sort is an increase."""
WAITING = {
    "owed": "Objects that wait for another record, as an invoice for its customer.",
    "held": "Objects that wait for a person.",
    "deferred": "Objects that wait for the clock: the next run, or one whose answer was lost.",
    "failed": "Objects that a system refused; they are tried again.",
}
CONTENT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(eq=False)
class Metrics(Collector):
    """`next_run` is when a pair is run next, None where nobody knows; `budgets` are calls in 24
    hours by connection."""

    store: Store
    clock: Clock
    watched: Callable[[], Sequence[Watched]]
    next_run: Callable[[str], dt.datetime | None] = lambda _pair: None
    budgets: Mapping[str, int] = field(default_factory=dict)

    def collect(self) -> Iterator[Metric]:
        with self.store.reading() as tx:
            known = [
                (one, state)
                for one in self.watched()
                if (state := streams.pair_state(tx, one.name)) is not None
            ]
            yield from self._waiting(tx, known)
            yield from self._reads(tx, known)
            yield from self._pairs(tx, known)
            yield from self._runs(tx, known)
            yield from self._calls(tx, known)
        yield _info()

    def _waiting(self, tx: sa.Connection, known: _Known) -> Iterator[Metric]:
        families = {
            word: GaugeMetricFamily(f"syncd_{word}", says, labels=["pair", "stream"])
            for word, says in WAITING.items()
        }
        for one, state in known:
            ids = streams.stream_ids(tx, one.name)
            stopped = consent.waiting(tx, one.name, ids)
            for kind, stream in ids.items():
                left = tallies.count_states(tx, stream)
                if kind in one.kinds or kind in (Kind.CARD, Kind.WON) or left:
                    asked = stopped.get(stream, 0)
                    waits = runs.waiting(left, state.mode != streams.LIVE_MODE, asked)
                    for word, count in waits.items():
                        families[word].add_metric([one.name, kind.value], count)
        yield from families.values()

    def _reads(self, tx: sa.Connection, known: _Known) -> Iterator[Metric]:
        whole = GaugeMetricFamily(
            "syncd_complete_read_age_seconds",
            "Since all of the books was last read completely: how old cards may be.",
            labels=["pair"],
        )
        each = GaugeMetricFamily(
            "syncd_stream_complete_read_age_seconds",
            "Since a kind was last read completely.",
            labels=["pair", "stream"],
        )
        now = self.clock.utc()
        for one, _ in known:
            read, kinds = complete_read(tx, one)
            if read:
                whole.add_metric([one.name], (now - read).total_seconds())
            for kind, at in kinds.items():
                each.add_metric([one.name, kind], (now - at).total_seconds())
        yield from (whole, each)

    def _pairs(self, tx: sa.Connection, known: _Known) -> Iterator[Metric]:
        doubt = GaugeMetricFamily(
            "syncd_in_doubt", "Requests whose outcome is unknown.", labels=["pair"]
        )
        unproven = GaugeMetricFamily(
            "syncd_unproven_cards",
            "Cards whose figures were not proven, or were found to differ.",
            labels=["pair"],
        )
        open_problems = GaugeMetricFamily(
            "syncd_open_problems", "Problems by who has to look.", labels=["pair", "owner"]
        )
        paused = GaugeMetricFamily("syncd_paused", "1 while a pair is paused.", labels=["pair"])
        now = self.clock.utc()
        for one, state in known:
            doubt.add_metric([one.name], len(intents.unsettled(tx, one.name)))
            unproven.add_metric([one.name], proofs.unproven(tx, one.name, state.books, state.crm))
            owners = problems.by_owner(tx, one.name)
            for owner in OWNERS:
                open_problems.add_metric([one.name, owner], owners.get(owner, 0))
            paused.add_metric([one.name], bool(state.paused_until and state.paused_until > now))
        yield from (doubt, unproven, open_problems, paused)

    def _runs(self, tx: sa.Connection, known: _Known) -> Iterator[Metric]:
        ended = CounterMetricFamily("syncd_runs", "Runs by outcome.", labels=["pair", "outcome"])
        took = SummaryMetricFamily("syncd_run_seconds", "What runs took.", labels=["pair"])
        last = GaugeMetricFamily(
            "syncd_last_run_seconds", "What the last run that ended took.", labels=["pair"]
        )
        following = GaugeMetricFamily(
            "syncd_next_run_timestamp_seconds", "When the next run is due.", labels=["pair"]
        )
        for one, _ in known:
            found = runs.outcomes(tx, one.name)
            for outcome in (*OUTCOMES, *sorted(set(found) - set(OUTCOMES))):
                ended.add_metric([one.name, outcome], found.get(outcome, (0, 0))[0])
            counted = sum(count for result, (count, _) in found.items() if result != runs.CUT_OFF)
            took.add_metric([one.name], counted, sum(ms for _, ms in found.values()) / 1000)
            run = runs.last_ended(tx, one.name)
            if run and run.ended:
                last.add_metric([one.name], max(0.0, (run.ended - run.began).total_seconds()))
            if at := self.next_run(one.name):
                following.add_metric([one.name], at.timestamp())
        yield from (ended, took, last, following)

    def _calls(self, tx: sa.Connection, known: _Known) -> Iterator[Metric]:
        """A connection may serve several pairs."""
        made = CounterMetricFamily(
            "syncd_calls", "Requests to a system, made by runs.", labels=["connection", "kind"]
        )
        left = GaugeMetricFamily(
            "syncd_budget_left_calls",
            "What is left of the calls that a system allows in 24 hours.",
            labels=["connection"],
        )
        for name in sorted({name for _, state in known for name in (state.books, state.crm)}):
            every = calls.since(tx, name)
            made.add_metric([name, "read"], every.reads)
            made.add_metric([name, "write"], every.writes)
            if name in self.budgets:
                used = calls.last_day(tx, name, self.clock.utc()).credits
                left.add_metric([name], max(0, self.budgets[name] - used))
        yield from (made, left)


_Known = Sequence[tuple[Watched, streams.PairState]]


def _info() -> Metric:
    found = GaugeMetricFamily("syncd_build_info", "The version that runs.", labels=["version"])
    found.add_metric([__version__], 1)
    return found


def metrics_page(metrics: Metrics) -> Callable[[], Page]:
    """The page of /metrics, with what this process and its Python say of themselves."""
    registry = CollectorRegistry()
    registry.register(metrics)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)

    def page() -> Page:
        try:
            return Page(200, CONTENT, generate_latest(registry))
        except UNREADABLE as error:
            return Page(503, TEXT, f"the state file cannot be read: {said(error)}\n".encode())

    return page
