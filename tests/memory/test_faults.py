"""Faults between a connector and the world, without a network."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from connectors.memory import Fault, LocalTransport, MemoryBooks, MemoryCrm, World
from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    DoubtError,
    RateLimitedError,
    SyncdError,
    UnavailableError,
)
from syncd.port import Op, Read, Since, Write
from tests.memory.driver import Clock

CREATE = Write(Op.CREATE, "account", "7", None, {}, {"name": "Фирма"})


def push(world: World) -> None:
    connector = MemoryCrm(world.crm.habits.honest())
    LocalTransport(connector, world.handle).run(connector.push([CREATE]))


@pytest.mark.parametrize(
    ("kind", "error", "carried_out"),
    [
        (Fault.REFUSE, UnavailableError, False),
        (Fault.RATE_LIMIT, RateLimitedError, False),
        (Fault.ERROR, DoubtError, False),
        (Fault.ERROR_AFTER, DoubtError, True),
        (Fault.CUT_BEFORE, DoubtError, False),
        (Fault.CUT_AFTER, DoubtError, True),
        (Fault.LATE, DoubtError, False),
    ],
)
def test_a_fault_shows_as_what_a_transport_would_raise(
    kind: Fault, error: type[SyncdError], carried_out: bool
) -> None:
    world = World(Clock())
    world.fault("POST /crm/account", kind, seconds=20)
    with pytest.raises(error):
        push(world)
    assert bool(world.crm.marked("account", "7")) is carried_out


def test_a_late_write_is_carried_out_when_its_time_has_come() -> None:
    clock = Clock()
    world = World(clock)
    world.fault("POST *", "late", seconds=20)
    with pytest.raises(DoubtError):
        push(world)
    clock.wait(19)
    world.settle()
    assert world.crm.marked("account", "7") == []
    clock.wait(100)  # nobody asks meanwhile: it is carried out all the same
    world.settle()
    [made] = world.crm.marked("account", "7")
    assert made.created == clock.now - dt.timedelta(seconds=99)


def test_a_fault_hits_only_what_it_names_and_only_so_often() -> None:
    world = World(Clock())
    world.fault("POST /crm/contact*", "refuse")
    world.fault("POST /crm/account*", "rate_limit", times=2, seconds=3)
    for _ in range(2):
        with pytest.raises(RateLimitedError) as caught:
            push(world)
        assert caught.value.retry_after == 3
    push(world)
    assert world.writes() == 3


def test_a_wrong_token_is_an_access_error_on_either_side() -> None:
    world = World(Clock())
    world.sides.books.token = world.sides.crm.token = "right"
    for connector in (MemoryBooks({}), MemoryCrm({})):
        wrong = LocalTransport(connector, world.handle, token="wrong")
        right = LocalTransport(connector, world.handle, token="right")
        with pytest.raises(AccessError):
            wrong.run(connector.identity())
        assert right.run(connector.identity()).label.endswith("Memory Ltd")


def test_another_company_has_another_identity() -> None:
    world, connector = World(Clock()), MemoryBooks({})
    run = LocalTransport(connector, world.handle).run
    before = run(connector.identity())
    world.sides.books.id = "restored-copy"
    assert run(connector.identity()).id == "restored-copy" != before.id


def test_the_dump_is_plain_json_and_tells_what_happened() -> None:
    world = World(Clock())
    customer = world.books.add_customer("田中")
    invoice = world.books.post_invoice(customer, "100.00")
    world.books.pay(customer, "60.00", allocations=[(invoice, "60.00")])
    push(world)
    connector = MemoryBooks({})
    read = Read(Kind.INVOICE, "invoices", ())
    LocalTransport(connector, world.handle).run(connector.pull(read, Since(None)))
    dump = json.loads(json.dumps(world.dump()))
    assert dump["figures"] == {customer: {"EUR": ["40.00", "0.00", "0"]}}
    assert dump["crm"]["journal"][0]["marker"] == "7"
    assert dump["requests"] == [["POST", "/crm/account"], ["GET", "/books/invoices"]]
