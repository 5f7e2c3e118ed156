"""Records through a mapping, seen by whoever edits it; and names compared with the systems'."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.desk import Desk
from tests.engine.rig import MAPPINGS

BOOKS = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")


def edited(desk: Desk, old: str, new: str) -> str:
    assert BOOKS.count(old) >= 1
    file = desk.folder / "edited.yaml"
    file.write_text(BOOKS.replace(old, new, 1), encoding="utf-8")
    return str(file)


def test_an_edit_is_seen_on_records_and_on_the_whole_mirror_and_nothing_is_written(
    live: Desk,
) -> None:
    """Both systems are down, so neither is asked; the state is the same to the byte."""
    live.take_down()
    file = edited(live, "name:     name | trim", "name:     name | trim | upper")
    live.syncd("mapping", "preview")  # opens the state once more
    before = live.state.read_bytes()
    said = live.syncd("mapping", "preview", "customer", "Sample Trade LLC", "--file", file)
    assert said.code == 0, said.text
    lines = [line.split() for line in said.out.splitlines()]
    changed = [line for line in lines if line and line[0] in "+-"]
    assert [line[0] for line in changed] == ["-", "-", "+", "+"]
    assert "SAMPLE TRADE LLC" in said.out and "edited.yaml:13 name | trim | upper" in said.out
    assert ["customer", "2", "of", "3", "account", "name", "2,", "contact", "name", "2"] in lines
    assert live.state.read_bytes() == before
    assert sorted(one.name for one in live.folder.glob(".preview*")) == []


def test_what_is_left_out_and_what_cannot_be_read_say_why(live: Desk) -> None:
    books = live.world.books
    key = books.add_customer("Nobody yet", in_scope=False)
    live.later()
    said = live.syncd("mapping", "preview", "customer", key)
    assert "left out by memory_books.yaml:11:10 where: in_scope   [in_scope = false]" in said.out
    file = edited(live, "date:     date | date\n    due", "date:     number | date\n    due")
    said = live.syncd("mapping", "preview", "invoice", "INV-00001", "--file", file)
    assert "+ cannot be read: edited.yaml:" in said.out
    assert "3 invoices could no longer be read" in said.out


def test_saved_records_are_previewed_without_a_state_and_come_out_of_json_again(
    desk: Desk, tmp_path: Path
) -> None:
    record = {"id": "77", "name": " 株式会社サンプル ", "email": "A@Example.JP", "in_scope": True}
    raw = {**record, "code": None, "phone": None, "tax_id": None, "currency": "JPY"}
    file = tmp_path / "saved.json"
    file.write_text(json.dumps([raw]), encoding="utf-8")
    said = desk.syncd("mapping", "preview", "customer", "--saved", str(file), "--json")
    [one] = said.json()["records"]
    values = {step["word"]: step["value"] for step in one["steps"]}
    assert (one["key"], values["name"], values["email"]) == (
        "77",
        "株式会社サンプル",
        "a@example.jp",
    )
    file.write_text(said.out, encoding="utf-8")
    again = desk.syncd("mapping", "preview", "customer", "--saved", str(file), "--json")
    assert again.json()["records"] == said.json()["records"]


def test_live_reads_what_the_mirror_does_not_hold(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.configure(books={"select": "asked"})
        key = desk.world.books.add_customer("ООО «Пример»")
        desk.live()
        file = edited(desk, "where: in_scope ", "where: in_scope and active ")
        kept = desk.syncd("mapping", "preview", "customer", key, "--file", file)
        assert "active: the mirror holds no such field of a customer" in kept.out
        read = desk.syncd("mapping", "preview", "customer", key, "--live", "--file", file)
        assert (read.code, "cannot be read" in read.out, "no such field" in read.out) == (
            0,
            False,
            False,
        )
        desk.mapping("memory_books", Path(file).read_text(encoding="utf-8"))
        said = desk.syncd("mapping", "check")
        assert "customer reads active, which the mirror does not hold" in said.out
        assert "about 1 page (1 records)" in said.out


def test_all_names_that_a_system_does_not_have_are_told_at_once_with_the_nearest(
    desk: Desk,
) -> None:
    lines = (
        "extends: memory_books",
        "payment.allocations.invoice: invoic | text",
        "customer.where: in_scop",
        "customer.name:  nam | trim",
        "invoice.total: total | money curency",
    )
    desk.configure(books={"described": "yes"}, crm={"described": "yes"})
    desk.mapping("memory_books", "\n".join(lines) + "\n")
    when = "(metadata read 18 Nov 12:00)"
    told = [
        f"memory_books.yaml:{place} unknown field {name}; did you mean {meant}? {when}"
        for place, name, meant in (
            ("2:30", "invoic in payments/allocations", "invoice"),
            ("3:17", "in_scop in customers", "in_scope"),
            ("4:17", "nam in customers", "name"),
            ("5:30", "curency in invoices", "currency"),
        )
    ]
    assert desk.syncd("mapping", "check").code == 0, "the files alone cannot tell"
    for command in (("mapping", "check", "--live"), ("plan",), ("run",)):
        said = desk.syncd(*command)
        assert (said.code, said.err.splitlines()) == (78, told), command
    desk.mapping("memory_books", BOOKS)
    assert desk.syncd("plan").code == 0


def test_bad_input_says_what_was_expected(desk: Desk) -> None:
    missing = desk.folder / "no.yaml"
    broken = desk.folder / "broken.json"
    broken.write_text("{", encoding="utf-8")
    cases = [
        (("preview", "customer"), 2, "pair main has never run; next: syncd plan, or --saved FILE"),
        (("preview", "customer", "--file", str(missing)), 2, "there is no such file"),
        (("preview", "customer", "1", "--last", "2"), 2, "by KEY, or the newest by --last"),
        (("preview", "customer", "1", "--saved", str(broken)), 2, "brings its own records"),
        (("preview", "customer", "--saved", str(broken)), 2, "cannot be read"),
        (("preview", "card", "--saved", str(missing)), 2, "No such file"),
        (("schema", "trytn"), 2, "unknown system trytn; did you mean tryton?"),
        (("explain", "one.yaml"), 2, "name two mapping files"),
        (("check", "a.yaml", "--live"), 2, "name no files"),
    ]
    for words, code, text in cases:
        said = desk.syncd("mapping", *words)
        assert (said.code, text in said.text) == (code, True), (words, said.text)
    assert desk.syncd("plan", "--from-mirror").code == 2
