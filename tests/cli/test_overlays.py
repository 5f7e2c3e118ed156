"""Overlays as an admin writes them: one line in each carries a field of the books to the card."""

from __future__ import annotations

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
FIELDS = """\
crm: VERB account custom_fields.credit_limit (number, “Credit limit”)
crm: VERB account custom_fields.rating (text, “Rating”)
crm: VERB account custom_fields.since (date, “Since”)
crm: VERB account custom_fields.vip (flag, “Vip”)
"""


def overlaid(desk: Desk, reads: str = READS, writes: str = WRITES) -> None:
    desk.mapping("memory_books", reads)
    desk.mapping("memory_crm", writes)


def on_card(desk: Desk) -> dict[str, object]:
    fields = desk.world.crm.objects["account"]["account-1"].fields
    return {word: fields.get(f"custom_fields.{word}") for word in ("rating", "since", "vip")}


def test_one_line_in_each_overlay_carries_a_field_to_the_card(live: Desk) -> None:
    books, desk = live.world.books, live
    books.edit_customer(
        "1", rating="A Ж 株", credit_limit="5000.50", vip=True, created="2020-02-29"
    )
    overlaid(desk)
    checked = desk.syncd("mapping", "check")
    assert checked.code == 0 and desk.syncd("check").code == 0
    assert "/mappings/memory_books.yaml: over " in checked.out
    with desk.nothing_written():
        dry = desk.syncd("connections", "setup", "crm", "--dry-run")
        assert dry.out == FIELDS.replace("VERB", "missing")
        assert desk.syncd("run").code == 78  # a field that is missing would lose its values
    assert desk.syncd("connections", "setup", "crm").out == FIELDS.replace("VERB", "created")

    assert desk.later().code == 0
    assert on_card(desk) == {"rating": "A Ж 株", "since": "2020-02-29", "vip": True}
    why = desk.syncd("why", "customer", "1", "limit")
    assert why.out.splitlines()[1] == "limit = 5,000.50 EUR   at custom_fields.credit_limit"
    assert "memory_books.yaml:3:17 limit: `credit_limit | money currency`" in why.out
    assert "memory_crm.yaml:3:17 custom_fields.credit_limit" in why.out
    of_path = desk.syncd("why", "customer", "1", "custom_fields.credit_limit", "--json").json()
    assert of_path["field"]["money"] == {"amount": "5000.50", "currency": "EUR"}
    empty = desk.syncd("why", "customer", "2", "rating")
    assert "[nothing-to-show]" in empty.out
    wrong = desk.syncd("why", "customer", "1", "raiting")
    assert wrong.code == 2 and "did you mean rating?" in wrong.err

    books.edit_customer("1", rating="B")
    rows = desk.syncd("plan", "--rows", "--json").json()["rows"]
    assert [(one["field"], one["shown"], one["wanted"]) for one in rows] == [
        ("custom_fields.rating", "A Ж 株", "B")
    ]
    assert desk.syncd("plan").code == 0
    log = desk.syncd("log", "customer:1").out
    assert "rating B" in log and "rating A Ж 株" in log and "limit 5000.50 EUR" in log


def test_every_mistake_and_failing_example_of_both_overlays_is_told_at_once(desk: Desk) -> None:
    overlaid(
        desk,
        READS + "customer.emial: email\n",
        WRITES.replace("customer.vip", "customer.vpi")
        + "card.examples: [{says: owes, given: {prepaid: 5.00 EUR}, expect: {prepaid: 6.00}}]\n",
    )
    said = desk.syncd("mapping", "check")
    assert said.code == 78
    assert said.err.splitlines() == [
        "memory_books.yaml:6:10 unknown word emial; did you mean email?",
        'memory_crm.yaml:6:76 example "owes": custom_fields.prepaid is 5.00, expected 6.00',
    ]
    overlaid(desk, READS, WRITES.replace("customer.vip", "customer.vpi"))
    for command in (("mapping", "check"), ("check",), ("run",)):
        said = desk.syncd(*command)
        assert said.code == 78
        assert "memory_crm.yaml:5:10 unknown word vpi; did you mean vip?" in said.err
    assert desk.syncd("mapping", "check", str(desk.folder / "mappings/memory_crm.yaml")).code == 0


def test_a_field_that_is_no_longer_mapped_is_left_as_it_is(live: Desk) -> None:
    desk = live
    desk.world.books.edit_customer("1", rating="A")
    overlaid(desk)
    desk.syncd("connections", "setup", "crm")
    assert desk.later().code == 0 and on_card(desk)["rating"] == "A"
    overlaid(desk, "extends: memory_books\n", "extends: memory_crm\n")
    with desk.nothing_written():
        assert desk.later().code == 0
    assert on_card(desk)["rating"] == "A"
