"""pytest fixtures of the real systems. Servers live for the session, their data for one module.

tryton       `Books` on a fresh copy of the empty company (currencies EUR, USD, RUB, JPY)
demo_books   `Books` on a fresh copy of the demo company (see `company`)
crm          `Crm` of an organisation without customers; the next module finds it empty again

What takes minutes on a new machine is done after the collection, outside any test's timeout. Each
worker of a parallel run has servers of its own, and runs a file's tests together, in their order
(`-n 2 --dist loadfile`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import company, crm_server, prerequisites, tryton_server
from tests.world.books import Books
from tests.world.crm import Crm
from tests.world.crm_server import CrmServer
from tests.world.processes import Place
from tests.world.progress import WorldError
from tests.world.tryton_server import TrytonServer

BOOKS = {"tryton", "demo_books"}
CRM = {"crm"}


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    used = {name for item in session.items for name in _fixtures(item)}
    try:
        if used & CRM:
            prerequisites.crm_python()
        if used & BOOKS:
            tryton_server.template()
        if used & CRM:
            crm_server.template()
        if "demo_books" in used:
            company.template()
    except prerequisites.MissingError as missing:
        pytest.exit(str(missing), prerequisites.EXIT_CODE)
    except WorldError as error:
        pytest.exit(f"The real systems could not be prepared. {error}", 1)


def _fixtures(item: pytest.Item) -> set[str]:
    return set(item.fixturenames) if isinstance(item, pytest.Function) else set()


@pytest.fixture(scope="session")
def tryton_servers() -> Iterator[TrytonServer]:
    with Place() as place:
        yield TrytonServer(place)


@pytest.fixture(scope="session")
def crm_servers() -> Iterator[CrmServer]:
    with Place() as place:
        yield CrmServer(place)


@pytest.fixture(scope="module")
def tryton(tryton_servers: TrytonServer) -> Books:
    return tryton_servers.database(tryton_server.template())


@pytest.fixture(scope="module")
def demo_books(tryton_servers: TrytonServer) -> Books:
    return tryton_servers.database(company.template())


@pytest.fixture(scope="module")
def crm(crm_servers: CrmServer) -> Crm:
    return crm_servers.fresh()
