"""A customer's objects in a real BottleCRM."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.bottlecrm import BottleCRM
from syncd.http import HttpTransport
from tests.world.crm import Crm

from .card import FIELDS, Card, connect, fresh


@pytest.fixture(scope="module")
def transport(crm: Crm) -> Iterator[HttpTransport]:
    made = connect(crm)
    made.run(BottleCRM({}).setup(FIELDS, True))
    yield made
    made.close()


@pytest.fixture
def card(transport: HttpTransport) -> Card:
    return Card(transport)


@pytest.fixture
def customer(card: Card) -> Card:
    card.people(fresh("ООО «Ромашка»"))
    card.sent.clear()
    return card
