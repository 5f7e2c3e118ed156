"""Each unpleasant habit by itself: both sides agree, doctor names what it has signs of and nothing
else; and what happens where the connector file does not tell of a habit."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from syncd.__main__ import execute
from tests.rest.habits.desk import Desk, differences
from tests.rest.habits.system import Habits

STREET = "Hauptstraße 1\nStiege 2 links, beim großen Brunnen im zweiten Hof"
NAMED = {
    "conflict_is_500": "company: what is refused is answered with an error of the server, 2 times",
    "error_in_200": "invoice: what is refused is answered with yes, 2 times since 18 Nov 2026",
    "touches": "invoice: came 4 times since 18 Nov 2026 with a newer time and nothing new in it",
    "rewrites": "company.phone comes back formatted on 2 of 5 since 18 Nov 2026",
    "drops_unknown": "company.city is answered with yes and not kept, since 18 Nov 2026; waiting:",
    "renumbers": "invoice: had another number than before, once since 18 Nov 2026",
    "shifts": "customer: shown twice in one reading",
    "cuts_texts": "company.street comes back cut on 1 of 5",
}
DECLARED = ("empty_is_404", "whole_seconds", "accepts_duplicates", "counts_others", "mixed_keys")
"""Of these a connector file tells, or they do no harm; nothing shows them."""
REFUSED = "values that are refused: 2 times since 18 Nov 2026, 0 of them open"


def habits_named(desk: Desk) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        execute(["--config", str(desk.folder / "syncd.yaml"), "doctor", "--json"], desk.clock)
    found: list[dict[str, Any]] = json.loads(out.getvalue())["findings"]
    assert all(one["do"] for one in found if one["verdict"] == "look" and one["what"] == "habit")
    return [one["says"] for one in found if one["what"] == "habit"]


def trade(desk: Desk) -> None:
    """Five customers, one of whom has a phone that is refused; five invoices, one of which is due
    before it is made; payments; a draft that is posted later."""
    books, pause = desk.books, desk.clock.advance
    texts = [("43-1/2233", STREET), ("4312244", None), (None, None), ("ask Anna", None)]
    some = []
    for number, (phone, street) in enumerate([*texts, (None, None)]):
        city = "Wien" if number == 1 and books.habits.drops_unknown else None
        some.append(books.customer(f"kunde {number}", "EUR", phone=phone, street=street, city=city))
        pause(0.3)
    invoices = [books.draft(one, "100.50", days=-2 if one is some[2] else 9) for one in some]
    for one in invoices[1:]:
        pause(0.3)
        books.post(one)
    pause(3)
    desk.set_up()
    desk.later()
    books.post(invoices[0])
    for invoice, part in ((invoices[1], "100.50"), (invoices[3], "60.10"), (invoices[4], "1")):
        pause(0.3)
        books.pay(books.tables["customers"][invoice["customer_id"]], part, invoice, part)
    desk.later()
    for _ in range(4 if books.habits.touches else 0):
        books.save(invoices[3])
        desk.later()
    books.save(some[3], phone=None)
    books.save(invoices[2], due=invoices[2]["date"] + dt.timedelta(days=3))
    desk.later()
    desk.books.busy = desk.crm.busy = False
    desk.later()


@pytest.mark.parametrize("habit", NAMED)
def test_one_habit_is_lived_with_and_named(tmp_path: Path, habit: str) -> None:
    with Desk(tmp_path, Habits(**{habit: True})) as desk:
        trade(desk)
        assert list(differences(desk)) == []
        assert desk.later(1200).writes == 0
        named = habits_named(desk)
        assert named[-1] == REFUSED
        rest = [one for one in named[:-1] if not one.startswith("company.name")]
        assert any(one.startswith(NAMED[habit]) for one in rest), named


def test_nothing_is_named_of_which_there_is_no_sign(tmp_path: Path) -> None:
    with Desk(tmp_path, Habits(**dict.fromkeys(DECLARED, True))) as desk:
        trade(desk)
        assert list(differences(desk)) == [] and habits_named(desk) == [REFUSED]


def test_what_is_found_late_is_named_with_what_to_write_into_the_file(tmp_path: Path) -> None:
    with Desk(tmp_path, Habits(bare=True, search_lag=3)) as desk:
        trade(desk)
        assert list(differences(desk)) == []
        assert any(one.startswith("company: not found right after") for one in habits_named(desk))


RULES = {
    "an error of the server": (
        Habits(conflict_is_500=True),
        "{status: 500, body: {error.code: business}, means: rejected}",
        "company",
    ),
    "yes": (
        Habits(error_in_200=True),
        '{body: {ok: "false"}, means: rejected}',
        "invoice",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_refusal_that_nobody_told_of_is_taken_for_one_after_three_tries(
    tmp_path: Path, name: str
) -> None:
    habits, rule, target = RULES[name]
    with Desk(tmp_path, habits, lines={rule: "{status: 599, means: retry}"}) as desk:
        books = desk.books
        one = books.customer("kunde 1", "EUR", phone="ask Anna", street=None, city=None)
        two = books.customer("kunde 2", "EUR", phone=None, street=None, city=None)
        if target == "invoice":
            books.save(one, phone=None)
        books.post(books.draft(one, "10.00", days=-2 if target == "invoice" else 9))
        books.post(books.draft(two, "20.00"))
        desk.clock.advance(3)
        desk.set_up()
        for _ in range(4):  # then it waits for a quarter of an hour
            desk.later()
        tried = [sent for sent in desk.crm.sent if not sent.done]
        assert len(tried) == 3 and {sent.table for sent in tried} == {target}
        assert [row["amount"] for row in desk.crm.rows("invoice")] == [20], "others go on"
        [problem] = desk.problems()
        assert problem.startswith(f"crm refuses {target}s")
        assert any("never carried out, once" in one for one in habits_named(desk))
        desk.later(90_000)
        assert desk.later().writes == 0 and len(desk.crm.sent) < 12
        books.save(one, phone=None)
        for invoice in books.rows("invoices"):
            books.save(invoice, due=invoice["date"])
        for _ in range(3):
            desk.later()
        assert list(differences(desk)) == [] and desk.problems() == []


def test_records_that_a_moving_list_skips_are_not_taken_for_gone(tmp_path: Path) -> None:
    with Desk(tmp_path, Habits(shifts=True)) as desk:
        trade(desk)
        desk.books.busy = True
        for _ in range(3):
            desk.later(full=True)
        assert desk.problems() == [] and desk.states() == {}
        books = desk.books.tables["customers"]
        books.pop(min(books))
        desk.later(full=True)
        assert any("no longer has customer" in one for one in desk.problems())
