"""The memory connectors keep every promise under every habit of the world, as long as their facts
are honest; and each lie about a fact breaks the promise that depends on it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.memory import BooksHabits, CrmHabits, MemoryBooks, MemoryCrm, World
from tests.conformance import kit
from tests.memory.driver import (
    Clock,
    MemoryBooksDriver,
    MemoryCrmDriver,
    MemoryDealsDriver,
    MemoryIntakeDriver,
)
from tests.memory.subjects import Made

Lie = tuple[dict[str, Any], dict[str, str], str]

BOOKS_HABITS: dict[str, dict[str, Any]] = {
    "plain": {},
    "whole seconds": {"granularity": "second"},
    "no stamps": {"granularity": "none"},
    "exclusive since": {"since": "exclusive"},
    "exclusive since, whole seconds": {"since": "exclusive", "granularity": "second"},
    "offsets": {"paging": "offset"},
    "offsets, whole seconds": {"paging": "offset", "granularity": "second"},
    "silent allocations": {"allocation_edits_stamp": False},
    "silent orders": {"invoicing_stamps_orders": False},
    "a clock ahead": {"skew": 3600.0},
    "a clock behind": {"skew": -3600.0},
    "no Date": {"date_header": False},
    "deleted is cancelled": {"delete": "cancel"},
    "inactive hidden": {"hide_inactive": True},
    "T1": {"tier": "T1"},
    "T3": {"tier": "T3"},
    "T4": {"tier": "T4"},
    "bulk": {"bulk": 4},
    "answers with the id alone": {"answers_values": False},
    "a slow search": {"search_lag": 7.0},
    "a search for parts": {"search": "substring"},
    "short lists": {"survey_page": 2},
}
BOOKS_LIES: dict[str, Lie] = {
    "stamps": ({"granularity": "none"}, {"granularity": "second"}, "stamps"),
    "finer stamps": (
        {"granularity": "second", "since": "exclusive"},
        {"granularity": "microsecond", "since": "inclusive"},
        "since_inclusive",
    ),
    "inclusive": ({"since": "exclusive"}, {"since": "inclusive"}, "since_inclusive"),
    "keyset": ({"paging": "offset"}, {"paging": "keyset"}, "complete"),
    "unchecked offsets": ({"paging": "offset"}, {"shift_check": "no"}, "shifted_by_edit"),
    "unchecked offsets, deletes": (
        {"paging": "offset"},
        {"shift_check": "no"},
        "shifted_by_delete",
    ),
    "children move stamps": (
        {"allocation_edits_stamp": False},
        {"allocation_edits": "stamp"},
        "child",
    ),
    "invoices move stamps of orders": (
        {"invoicing_stamps_orders": False},
        {"order_edits": "stamp"},
        "child-order",
    ),
    "the first page for ever": ({"repeat_first_page": True}, {}, "complete"),
    "described objects": ({}, {"described": "partly"}, "described-invoice"),
    "an empty page": ({"empty_pages": True}, {}, "complete"),
    "a value of its own each time": ({"volatile": True}, {}, "stable"),
    "another company each time": ({"identity_drifts": True}, {}, "identity"),
    "customers at T1, are T2": ({}, {"tier.customers": "T1"}, "tier-customers"),
    "customers at T2, are T3": (
        {"tiers": {"customers": "T3"}},
        {"tier.customers": "T2"},
        "tier-customers",
    ),
    "contacts at T2, are T3": ({}, {"tier.contacts": "T2"}, "tier-contacts"),
    "contacts at T3, are T4": (
        {"tiers": {"contacts": "T4"}},
        {"tier.contacts": "T3"},
        "find_marker-contacts",
    ),
    "bulk": ({}, {"batch": "3"}, "batch_aligned-customers"),
    "a bad item falls alone": ({"bulk": 4, "bulk_atomic": True}, {}, "bad_alone-customers"),
    "an exact search": ({"search": "folded"}, {"trust_search": "yes"}, "find_marker-customers"),
    "a quick search": ({"search_lag": 7.0}, {"doubt_time": "1"}, "tier-customers"),
    "a complete survey": ({"survey_hides": 1}, {}, "survey-customers"),
    "removable customers": ({}, {"removable": "customers"}, "remove-customers"),
    "contacts without a customer": ({}, {"parents.contacts": ""}, "values_kept-contacts"),
    "one field more": ({}, {"fields": "customers.colour"}, "fields_declared-customers"),
}
CRM_HABITS: dict[str, dict[str, Any]] = {
    "T1": {"tier": "T1"},
    "T2": {"tier": "T2"},
    "T3": {"tier": "T3"},
    "T4": {"tier": "T4"},
    "mixed tiers": {"tiers": {"account": "T1", "payment": "T4"}},
    "bulk": {"bulk": 4},
    "bulk upsert": {"bulk": 4, "tier": "T1"},
    "answers with the id alone": {"answers_values": False},
    "any currency": {"currencies": None},
    "names may repeat": {"unique_names": False},
    "payments can be edited": {"payments_fixed": False},
    "any custom field": {"custom_fields_first": False},
    "rewritten phones": {"rewrites_phone": True},
    "a slow search": {"search_lag": 7.0},
    "a search for parts": {"search": "substring"},
    "a search without case": {"search": "folded"},
    "short lists": {"survey_page": 2},
    "no Date": {"date_header": False},
    "a clock ahead": {"skew": 3600.0},
}
CRM_LIES: dict[str, Lie] = {
    "T1, is T3": ({}, {"tier": "T1"}, "tier"),
    "T2, is T3": ({}, {"tier": "T2"}, "tier"),
    "T3, is T4": ({"tier": "T4"}, {"tier": "T3"}, "tier"),
    "searchable, is T4": ({"tier": "T4"}, {"tier": "T3"}, "find_marker"),
    "bulk": ({}, {"batch": "3"}, "batch_aligned"),
    "smaller bulk": ({"bulk": 2}, {"batch": "3"}, "batch_aligned"),
    "results in order": ({"bulk": 4, "bulk_reversed": True}, {}, "batch_aligned"),
    "a bad item falls alone": ({"bulk": 4, "bulk_atomic": True}, {}, "bad_alone"),
    "what was sent is what is kept": ({"echoes": True}, {}, "setup"),
    "a longer list of currencies": ({}, {"currencies": "EUR,RUB,USD"}, "currencies"),
    "a closed list of currencies": ({"currencies": None}, {"currencies": "EUR"}, "currencies"),
    "any currency": ({}, {"currencies": "any"}, "currencies"),
    "editable payments": ({}, {"payments": "editable"}, "changeable"),
    "fixed payments": ({"payments_fixed": False}, {"payments": "fixed"}, "fixed"),
    "unique names": ({"unique_names": False}, {"names": "unique"}, "unique"),
    "an exact search": ({"search": "substring"}, {"trust_search": "yes"}, "find_marker"),
    "a search with case": ({"search": "folded"}, {"trust_search": "yes"}, "find_marker"),
    "a quick search": ({"search_lag": 7.0}, {"doubt_time": "1"}, "tier"),
    "a complete survey": ({"survey_hides": 1}, {}, "survey"),
    "listable payments": ({}, {"listable": "payment"}, "survey"),
    "removable accounts": ({}, {"removable": "account"}, "remove"),
    "no parents": ({}, {"parents.contact": ""}, "values_kept"),
    "one field more": ({}, {"fields": "account.colour"}, "fields_declared"),
    "another company each time": ({"identity_drifts": True}, {}, "identity"),
    "notes at T1": ({}, {"tier.note": "T1"}, "tier-note"),
    "notes at T3, are T4": (
        {"tiers": {"note": "T4"}},
        {"tier.note": "T3"},
        "find_marker-note",
    ),
    "listable notes": ({}, {"listable": "note"}, "survey-note"),
    "notes without a card": ({}, {"parents.note": ""}, "values_kept-note"),
    "notes on a contact alone": (
        {},
        {"parents.note": "", "either.note": "account,contact"},
        "values_kept-note",
    ),
    "stamped deals": ({}, {"stamps": "yes"}, "stamps-deal"),
    "stamped cards": ({}, {"stamps": "yes"}, "stamps-won"),
}


def books(habits: dict[str, Any], lie: dict[str, str]) -> Made[MemoryBooks]:
    clock = Clock()
    world = World(clock, books=BooksHabits(**habits))
    options = {**_usual(world.books.habits.honest(), lie), "page": "2", **lie}
    return Made(clock, world, MemoryBooks(options))


def crm(habits: dict[str, Any], lie: dict[str, str]) -> Made[MemoryCrm]:
    clock = Clock()
    world = World(clock, crm=CrmHabits(**habits))
    options = {**_usual(world.crm.habits.honest(), lie), "page": "2", **lie}
    return Made(clock, world, MemoryCrm(options))


def _usual(honest: dict[str, str], lie: dict[str, str]) -> dict[str, str]:
    """A lie about every tier must not be taken back by the truth about one."""
    return {name: text for name, text in honest.items() if "tier" not in lie or "." not in name}


def broken_books(habits: dict[str, Any], lie: dict[str, str]) -> dict[str, str]:
    """As a source and as a target."""
    facts = books(habits, lie).connector.facts
    return {
        **kit.broken(
            kit.books_cases(facts, MemoryBooksDriver.can),
            lambda: books(habits, lie).subject(MemoryBooksDriver),
        ),
        **kit.broken(kit.crm_cases(facts), lambda: books(habits, lie).subject(MemoryIntakeDriver)),
    }


def broken_crm(habits: dict[str, Any], lie: dict[str, str]) -> dict[str, str]:
    """As a target and as a source."""
    facts = crm(habits, lie).connector.facts
    return {
        **kit.broken(kit.crm_cases(facts), lambda: crm(habits, lie).subject(MemoryCrmDriver)),
        **kit.broken(
            kit.books_cases(facts, MemoryDealsDriver.can),
            lambda: crm(habits, lie).subject(MemoryDealsDriver),
        ),
    }


def _names(broken: dict[str, str]) -> set[str]:
    """Of the checks, alone and with what they are about."""
    return {*broken, *(name.partition("-")[0] for name in broken)}


@pytest.mark.parametrize("habits", BOOKS_HABITS.values(), ids=BOOKS_HABITS)
def test_honest_books_keep_every_promise(habits: dict[str, Any]) -> None:
    assert broken_books(habits, {}) == {}


@pytest.mark.parametrize("habits", CRM_HABITS.values(), ids=CRM_HABITS)
def test_an_honest_crm_keeps_every_promise(habits: dict[str, Any]) -> None:
    assert broken_crm(habits, {}) == {}


@pytest.mark.parametrize("lie", BOOKS_LIES.values(), ids=BOOKS_LIES)
def test_a_lie_about_the_books_breaks_the_promise_that_rests_on_it(lie: Lie) -> None:
    habits, options, check = lie
    assert check in _names(broken_books(habits, options))


@pytest.mark.parametrize("lie", CRM_LIES.values(), ids=CRM_LIES)
def test_a_lie_about_the_crm_breaks_the_promise_that_rests_on_it(lie: Lie) -> None:
    habits, options, check = lie
    assert check in _names(broken_crm(habits, options))


def test_what_is_left_out_names_the_fact_that_leaves_it_out() -> None:
    facts = MemoryCrm({"tier": "T4"}).facts
    left_out = kit.not_applicable(facts)
    assert left_out["tier-account"] == "tier T4"
    assert left_out["survey-payment"] == left_out["survey-note"] == "not listable"
    assert "values_kept-account" not in left_out
    left_out = kit.not_applicable(MemoryBooks({}).facts, MemoryBooksDriver.can)
    assert left_out["child-invoice"] == "cannot child"
    assert "child-payment" not in left_out
    assert left_out["remove-customers"] == "not removable"
    left_out = kit.not_applicable(MemoryBooks({"granularity": "none"}).facts, {})
    assert left_out["far_future-invoice"] == "not stamped"
    assert left_out["voided-invoice"] == "cannot void"
    assert not {"late_commit-invoice", "limited-invoice", "expired-invoice"} & set(left_out)
