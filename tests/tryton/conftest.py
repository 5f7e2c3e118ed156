"""One company in which every awkward case was played, for all the tests that only look at it or add
customers of their own. A test that uses it asks for `tryton` too, so that what takes minutes on a
new machine is done before its time begins to count."""

from __future__ import annotations

import pytest

from tests.tryton.reader import Reader
from tests.tryton.settled import Settled, play
from tests.world.books import Books
from tests.world.tryton_server import TrytonServer, template


@pytest.fixture(scope="session")
def books(tryton_servers: TrytonServer) -> Books:
    return tryton_servers.database(template())


@pytest.fixture(scope="session")
def reader(books: Books) -> Reader:
    return Reader(books)


@pytest.fixture(scope="session")
def settled(reader: Reader) -> Settled:
    return play(reader)
