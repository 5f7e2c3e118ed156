"""A process that dies while it replaces the workbook: `python -m tests.workbook.killed FOLDER`.

The new file is complete beside the old one, and not yet in its place.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from unittest import mock

from tests.workbook.desk import Desk


def sold(desk: Desk) -> str:
    """The same in each process; the customer who is new afterwards."""
    books = desk.world.books
    customer = books.add_customer("ООО «Пример»", tax_id="0700000009")
    books.post_invoice(customer, "120.00")
    return customer


def more(desk: Desk) -> None:
    new = desk.world.books.add_customer("田中商店")
    desk.world.books.post_invoice(new, "80.10")


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    dying = Desk(Path(sys.argv[1]))
    sold(dying)
    dying.clock.advance(300)
    more(dying)
    with mock.patch("os.rename", die):
        dying.run()
