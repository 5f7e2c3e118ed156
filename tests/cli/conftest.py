from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Screens show moments in the machine's zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Three customers, each with an invoice, a payment of a part of it and something paid ahead."""
    with Desk(tmp_path) as desk:
        books = desk.world.books
        for name in ("ООО «Пример»", "Sample Trade LLC", "株式会社サンプル"):
            key = books.add_customer(name)
            invoice = books.post_invoice(key, "120.00")
            books.pay(key, "50.00", allocations=[(invoice, "45.00")])
        yield desk


@pytest.fixture
def live(desk: Desk) -> Desk:
    """The same after its first plan was applied."""
    desk.live()
    return desk
