"""Overlays as an admin writes them: one line in each carries a field of the books to the card."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.desk import Desk

READS = """\
extends: memory_books
customer.rating: rating | text
customer.limit: credit_limit | money currency
customer.since: {first_of: [joined | date, created | date]}
customer.vip: vip | flag
"""
WRITES = """\
extends: memory_crm
customer.rating: custom_fields.rating
customer.limit: custom_fields.credit_limit
customer.since: custom_fields.since
customer.vip: custom_fields.vip
"""


def overlaid(desk: Desk, reads: str = READS, writes: str = WRITES) -> None:
    desk.mapping("memory_books", reads)
    desk.mapping("memory_crm", writes)


def test_fields_of_the_books_come_to_the_card_by_one_line_in_each_overlay(desk: Desk) -> None:
    desk.live()
    books, crm = desk.world.books, desk.world.crm
    books.edit_customer("1", vip=True, joined="", rating="A Ж 株", credit_limit="5000.50", created="2020-02-29")
    overlaid(desk)
    said = desk.syncd("connections", "setup", "crm")
    assert said.out.splitlines() == [
        "crm: created account custom_fields.credit_limit (number, “Credit limit”)",
        "crm: created account custom_fields.rating (text, “Rating”)",
        "crm: created account custom_fields.since (date, “Since”)",
        "crm: created account custom_fields.vip (flag, “Vip”)",
    ]
    print(desk.syncd("run").text)
    print(desk.syncd("why", "customer", "1", "rating").text)
    print(desk.syncd("why", "customer", "1", "limit").text)
    print(desk.syncd("log", "customer", "1").text)
    print([vars(o) if hasattr(o,'__dict__') else o for o in crm.objects["account"].values()][:2])
    assert 0
