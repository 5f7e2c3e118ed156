"""The stands of the crash tests, with systems that may take their time, and an operator's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from sqlite3 import connect

import pytest
import yaml

from tests.cli.conftest import desk, in_utc, live
from tests.cli.desk import Desk
from tests.crash.conftest import MakeStand, empty_pair, forks, places, stand_of
from tests.crash.stand import Stand

__all__ = ["desk", "empty_pair", "forks", "in_utc", "live", "places", "stand_of"]


@pytest.fixture
def stand(stand_of: MakeStand) -> Stand:
    """A live pair with one customer that is not on a card yet; no request of a run times out."""
    stand = stand_of()
    file = stand.folder / "syncd.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["numbers"] |= {"request_timeout": 20, "lease": 60}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    stand.world.books.add_customer("ООО «Ромашка»")
    with closing(connect(stand.folder / "state.sqlite", timeout=20)) as state:
        state.execute("DELETE FROM request")  # that the pair went live was one
        state.commit()
    return stand


@pytest.fixture
def desk_of(desk: Desk) -> Iterator[Callable[..., Desk]]:
    """The desk with other lines of its pair."""

    def make(**lines: object) -> Desk:
        desk.pair |= lines
        desk.configure()
        return desk

    yield make
