"""At random, on the real pair: one synchronisation of ten customers, killed thirty times."""

from __future__ import annotations

import functools
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from tests.world.books import Books
from tests.world.compare import compare
from tests.world.crm import Crm
from tests.world.demo import configure

KILLS = 30
SEED = 7
LONGEST = 4.0
"""Seconds until a kill at most: it has to come back thirty times."""
WRITING = 0.5
"""The same from the first write on, where a kill is to come among writes."""

NAMES = (
    *("ООО «Ромашка»", "株式会社サンプル", "Tischlerei Huber GmbH", "Łódzkie Meble"),
    *("Novák s.r.o.", "Novák s.r.o.", "O'Connor Interiors", "ИП Иванова"),
    *("山田家具店", "Çelik Ahşap A.Ş."),
)
NUMBERS = """
numbers:
  lease: 10
  request_timeout: 10
  wait_for_doubt: {wait}
"""


class Syncd:
    """The command line, as a scheduler would start it. What is in doubt waits for a later start
    while `patient` is False."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self._written = config.read_text()
        self.patient(False)

    def patient(self, really: bool) -> None:
        self.config.write_text(self._written + NUMBERS.format(wait=30 if really else 0))

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "syncd", "--config", str(self.config), *words]
        root = Path(__file__).parents[2]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, cwd=root, text=True, **output)  # type: ignore[call-overload, no-any-return]  # keywords of one type

    def end(self, *words: str) -> str:
        process = self.start(*words)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def killed(self, after: float, writes: Callable[[], object] | None = None) -> float | None:
        """None if it was still running then, else the seconds it took; with `writes` the time
        counts from its first write."""
        began = time.monotonic()
        process = self.start("run", "--go-live")
        while writes and process.poll() is None and not writes():
            time.sleep(0.02)
        try:
            said, _ = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None
        assert process.returncode in (0, 1), said
        return time.monotonic() - began


def trade(books: Books) -> list[int]:
    """Ten customers with two invoices each, some paid in part or ahead. Returns what is open."""
    first, second = [], []
    for number, name in enumerate(NAMES):
        customer = books.create_customer(name, email=f"kasse{number}@example.com")
        first.append(books.draft_invoice(customer, f"{100 + number}.10"))
        second.append(books.draft_invoice(customer, f"{50 + number}.05"))
        if number % 4 == 0:
            books.advance(customer, "7.77")
    books.post(*first, *second)
    for invoice in first[::2]:
        books.pay(invoice, Decimal("30.30"))
    return second


def doubles(crm: Crm) -> list[object]:
    """Markers that stand on more than one object of the CRM."""
    accounts = crm.accounts()
    people = [one for a in accounts for one in crm.card(a["id"])["contacts"]]
    invoices = crm.invoices()
    marks: list[object] = [("account", a["custom_fields"].get("books_id")) for a in accounts]
    marks += [("contact", one["custom_fields"].get("books_id")) for one in people]
    marks += [("invoice", one["invoice_title"]) for one in invoices]
    for one in invoices:
        payments = crm.payments(one["id"])
        marks += [("payment", one["id"], paid["reference_number"]) for paid in payments]
    return [mark for mark, times in Counter(marks).items() if times > 1]


def looked_for(state: Path) -> int:
    """Requests that were cut off by a kill, and had to be looked for."""
    with closing(sqlite3.connect(state)) as connection:
        query = "SELECT count(*) FROM intent WHERE not_before IS NOT NULL"
        (number,) = connection.execute(query).fetchone()
        return int(number)


def test_thirty_kills_at_random_moments_lose_and_double_nothing(
    tryton: Books, crm: Crm, tmp_path: Path
) -> None:
    open_invoices = trade(tryton)
    syncd = Syncd(configure(tmp_path, tryton, crm))
    syncd.end("connections", "setup", "crm")
    began = time.monotonic()
    syncd.end("run")  # reads everything and writes nothing: what a start takes on this machine
    usual = time.monotonic() - began
    chance = random.Random(SEED)
    kills = 0
    while kills < KILLS:
        if chance.random() < 0.5:  # everything is read first: most moments are not of writing
            wrote = functools.partial(crm.writes, crm.mark())
            took = syncd.killed(chance.uniform(0, WRITING), wrote)
        else:
            took = syncd.killed(min(LONGEST, chance.uniform(0.3, 1.3) * usual))
        if took is None:
            kills += 1
        else:  # it was through: something new to be killed at, and sooner
            usual = min(usual, took)
            if open_invoices:
                tryton.pay(open_invoices.pop())
    syncd.patient(True)
    syncd.end("run", "--go-live")
    found = compare(tryton, crm)
    assert found.differences == []
    assert len(found.cards) == len(NAMES)
    assert doubles(crm) == []
    assert looked_for(tmp_path / "syncd.sqlite") > 0, "no kill came while anything was written"
    before = crm.mark(), tryton.mark()
    syncd.end("run")
    assert (crm.writes(before[0]), tryton.writes(before[1])) == ([], [])
