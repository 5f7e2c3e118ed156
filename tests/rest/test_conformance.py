"""The memory world described by YAML keeps the promises that its connector in Python keeps, by the
same kit and the same drivers; and a line that is not true is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.memory import BooksHabits, CrmHabits, LocalTransport, World
from syncd.rest.connector import RestConnector
from tests.conformance import kit
from tests.conformance.driver import D
from tests.memory.driver import (
    Clock,
    MemoryBooksDriver,
    MemoryCrmDriver,
    MemoryDealsDriver,
    MemoryIntakeDriver,
)
from tests.memory.subjects import wire_to
from tests.rest.world import described

Lines = dict[str, str]
Habit = tuple[dict[str, Any], Lines]

UPSERT = {'create: {post: "/{target}"': 'create: {put: "/{target}"'}
SECONDS = {'since: "{since}"}, ordered: true}': 'since: "{since}"}, granularity: second}'}
EXCLUSIVE = {", ordered: true}": ", ordered: true, inclusive: false}"}
OFFSETS = {
    "{type: cursor, size: 2, at: next}": "{type: offset, size: 2, more: next}",
    'limit: "{size}", after: "{cursor}"': 'limit: "{size}", offset: "{offset}"',
}
UNSTAMPED = {
    '    changes: {query: {order: stamp, since: "{since}"}, ordered: true}\n': "",
    "    stamp: stamp\n": "    stamped: false\n    stamp: stamp\n",
}
BULK = {
    "    values: fields\n": """    values: fields
    batch:
      size: 4
      post: "/{target}/bulk"
      body: {items: "{items}"}
      results: results
      create: {method: POST, parents: "{parents}", fields: "{fields}"}
      update: {method: PATCH, id: "{id}", fields: "{fields}"}
"""
}
SETTLING = ("payments", "credit_notes", "adjustments", "balances")
SLOW = {"doubt_time: 1": "doubt_time: 7"}


def tier(usual: str, other: str) -> Lines:
    return {f"tier: {usual}\n": f"tier: {other}\n"}


BOOKS: dict[str, Habit] = {
    "plain": ({}, {}),
    "whole seconds": ({"granularity": "second"}, SECONDS),
    "no stamps": ({"granularity": "none"}, UNSTAMPED),
    "exclusive since": ({"since": "exclusive"}, EXCLUSIVE),
    "offsets": ({"paging": "offset"}, OFFSETS),
    "silent allocations": (
        {"allocation_edits_stamp": False},
        {f"object: {name}}}": f"object: {name}, stamped: false}}" for name in SETTLING},
    ),
    "no Date": ({"date_header": False}, {}),
    "deleted is cancelled": ({"delete": "cancel"}, {}),
    "T1": ({"tier": "T1"}, {**UPSERT, **tier("T2", "T1"), **tier("T3", "T1")}),
    "T4": ({"tier": "T4"}, {**tier("T2", "T4"), **tier("T3", "T4")}),
    "bulk": ({"bulk": 4}, BULK),
    "answers with the id alone": ({"answers_values": False}, {}),
    "a slow search": ({"search_lag": 7.0}, SLOW),
    "a search for parts": ({"search": "substring"}, {}),
    "short lists": ({"survey_page": 2}, {}),
}
CRM: dict[str, Habit] = {
    "plain": ({}, {}),
    "T1": ({"tier": "T1"}, {**UPSERT, **tier("T3", "T1")}),
    "T4": ({"tier": "T4"}, tier("T3", "T4")),
    "bulk": ({"bulk": 4}, BULK),
    "answers with the id alone": ({"answers_values": False}, {}),
    "any currency": ({"currencies": None}, {"currencies: [CHF, EUR, GBP, JPY, USD]\n": ""}),
    "names may repeat": ({"unique_names": False}, {"    unique: name\n": ""}),
    "payments can be edited": (
        {"payments_fixed": False},
        {"    fixed: [amount, payment_date]\n": ""},
    ),
    "a search without case": ({"search": "folded"}, {}),
    "short lists": ({"survey_page": 2}, {}),
}
BOOKS_LIES: dict[str, tuple[dict[str, Any], Lines, str]] = {
    "stamps": ({"granularity": "none"}, {}, "stamps"),
    "an inclusive filter": ({"since": "exclusive"}, {}, "since_inclusive"),
    "a search that is quick": ({"search_lag": 7.0}, {}, "tier"),
    "an upsert": ({}, {**tier("T2", "T1")}, "tier-customers"),
    "results of a batch in order": ({"bulk": 4, "bulk_reversed": True}, BULK, "batch_aligned"),
    "another paging": ({"paging": "offset"}, {}, "complete"),
}


def subject(
    name: str, habit: Habit, driver: Callable[[World, Clock], D]
) -> Callable[[], kit.Subject[D]]:
    habits, lines = habit

    def made() -> kit.Subject[D]:
        clock = Clock()
        if name == "memory_books":
            world = World(clock, books=BooksHabits(**habits))
        else:
            world = World(clock, crm=CrmHabits(**habits))
        world.sides.books.token = world.sides.crm.token = "secret"
        connector = described(name, lines)
        run, stranger = (
            LocalTransport(connector, world.handle, token).run for token in ("secret", "wrong")
        )
        return kit.Subject(connector, run, driver(world, clock), stranger, wire_to(world))

    return made


def broken_books(habit: Habit, check: str = "") -> dict[str, str]:
    """Of all checks, or of those whose name begins so."""
    facts = described("memory_books", habit[1]).facts
    read = kit.books_cases(facts, MemoryBooksDriver.can)
    written = kit.crm_cases(facts)
    return {
        **kit.broken(
            [case for case in read if str(case).startswith(check)],
            subject("memory_books", habit, MemoryBooksDriver),
        ),
        **kit.broken(
            [case for case in written if str(case).startswith(check)],
            subject("memory_books", habit, MemoryIntakeDriver),
        ),
    }


def broken_crm(habit: Habit) -> dict[str, str]:
    facts = described("memory_crm", habit[1]).facts
    return {
        **kit.broken(kit.crm_cases(facts), subject("memory_crm", habit, MemoryCrmDriver)),
        **kit.broken(
            kit.books_cases(facts, MemoryDealsDriver.can),
            subject("memory_crm", habit, MemoryDealsDriver),
        ),
    }


@pytest.mark.parametrize("habit", BOOKS.values(), ids=BOOKS)
def test_books_by_yaml_keep_every_promise(habit: Habit) -> None:
    assert broken_books(habit) == {}


@pytest.mark.parametrize("habit", CRM.values(), ids=CRM)
def test_a_crm_by_yaml_keeps_every_promise(habit: Habit) -> None:
    assert broken_crm(habit) == {}


@pytest.mark.parametrize("lie", BOOKS_LIES.values(), ids=BOOKS_LIES)
def test_a_line_that_is_not_true_breaks_the_promise_that_rests_on_it(
    lie: tuple[dict[str, Any], Lines, str],
) -> None:
    habits, lines, check = lie
    assert broken_books((habits, lines), check) != {}


def test_the_files_leave_out_what_the_connectors_in_python_leave_out() -> None:
    from connectors.memory import MemoryBooks, MemoryCrm

    for name, python in (("memory_books", MemoryBooks({})), ("memory_crm", MemoryCrm({}))):
        can = MemoryBooksDriver.can if name == "memory_books" else MemoryDealsDriver.can
        connector: RestConnector = described(name)
        ours = kit.not_applicable(connector.facts, can)
        theirs = kit.not_applicable(python.facts, can)
        assert {*ours} <= {*theirs}
