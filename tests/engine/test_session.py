"""What a run keeps in memory while it goes on."""

from __future__ import annotations

import dataclasses
import gc
import weakref

import pytest

from syncd.sync import session
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order
from syncd.sync.pair import Scene
from tests.engine.rig import Rig


class Circle:
    """As a statement is, which holds the keys of a page."""

    def __init__(self) -> None:
        self.me = self


def test_circles_of_a_long_run_are_given_back_while_it_goes_on(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = 20
    monkeypatch.setattr(session, "LOOKS_FOR_CIRCLES", often)
    for n in range(often):
        rig.world.books.post_invoice(rig.world.books.add_customer(f"株式会社例 {n}"), "1.00")
    rig.set_up()
    made: list[weakref.ref[Circle]] = []

    def commits(_scene: Scene) -> None:
        made.append(weakref.ref(Circle()))

    gc.disable()
    try:
        run_cycle(dataclasses.replace(rig.pair, between=commits), Order("run", write=True))
        left = sum(one() is not None for one in made)
    finally:
        gc.enable()
    assert len(made) > often
    assert left < often
