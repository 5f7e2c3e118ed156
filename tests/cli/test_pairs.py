"""Several pairs: what is read is read of all of them, and what has a number is found by it."""

from __future__ import annotations

from tests.cli.desk import Desk


def two(desk: Desk) -> None:
    """Both of one world: the second one never writes."""
    desk.more = {"pairs": {"main": desk.pair, "second": dict(desk.pair)}}
    desk.configure()


def test_status_and_problems_are_of_all_pairs_where_none_is_named(live: Desk) -> None:
    two(live)
    said = live.syncd("status")
    assert "main  books -> crm   LIVE since" in said.out
    assert "second has never run; next: syncd run --pair second" in said.out
    live.syncd("run", "--pair", "second")
    said = live.syncd("status")
    assert "main  books -> crm   LIVE since" in said.out and said.code == 0
    assert "second  books -> crm   PLAN since" in said.out
    every = live.syncd("status", "--json").json()
    assert [one["heading"]["name"] for one in every] == ["main", "second"]
    assert live.syncd("status", "--pair", "second", "--json").json()["pair"]["mode"] == "plan"
    said = live.syncd("problems")
    assert (said.code, said.out.count("0 open")) == (0, 2)
    said = live.syncd("links")
    assert said.out.count("account-1") == 2 and said.out.count("PLAN since") == 1
    said = live.syncd("log")
    assert said.out.index("LIVE since") < said.out.index("PLAN since")
    assert {one["pair"] for one in live.syncd("log", "--json").json()} == {"main", "second"}
    live.syncd("mode", "second", "shadow")
    assert [one["pair"] for one in live.syncd("log", "--requests", "--json").json()][-1] == "second"


def test_a_problem_is_found_by_its_number_whatever_pair_it_is_of(live: Desk) -> None:
    two(live)
    live.world.books.edit_invoice("1", state="strange")
    assert live.syncd("run", "--pair", "second").code == 1
    (one,) = live.syncd("problems", "--json").json()
    assert one["pair"] == "second"
    assert live.syncd("status").code == live.syncd("problems").code == 1
    number = str(one["id"])
    assert "invoices cannot be read" in live.syncd("problems", "show", number).out
    assert live.syncd("problems", "retry", number).code == 0
    said = live.syncd("problems", "waive", number, "--reason", "known")
    assert said.code == 0, said
    assert live.syncd("problems", "--closed", "--json").json()[0]["pair"] == "second"
    unknown = live.syncd("problems", "show", "99")
    assert (unknown.code, "there is no problem 99" in unknown.err) == (2, True)


def test_a_pair_is_said_as_a_word_or_by_its_option_in_mode_and_plan(live: Desk) -> None:
    two(live)
    assert live.syncd("plan", "second").out.count("pair second") == 1
    assert live.syncd("plan", "--pair", "second").code == 0
    assert live.syncd("mode", "second", "shadow").code == 0
    assert "SHADOW" in live.syncd("mode", "--pair", "second").out
    assert live.syncd("mode", "plan", "--pair", "second").code == 0
    assert "PLAN" in live.syncd("mode", "second").out
    assert "LIVE" in live.syncd("mode").out and "PLAN" in live.syncd("mode").out
    assert live.syncd("mode", "main", "--pair", "second").code == 2
    said = live.syncd("mode", "shadow")
    assert (said.code, "which pair?" in said.err) == (2, True)


def test_two_pairs_never_write_one_field_of_a_crm(desk: Desk) -> None:
    two(desk)
    said = desk.syncd("check")
    assert said.code == 78
    (line,) = said.err.strip().splitlines()
    assert "memory_crm.yaml:" in line and "second writes account name" in line
    assert "and so does main (" in line and "a field has one writer" in line
    own = """\
system: memory_crm
version: 1
customer:
  write: account
  marker: custom_fields.second_id
  fields: {name: custom_fields.second_name}
card:
  update: account
  of: customer
  fields: {receivable: custom_fields.second_receivable, total_sales: custom_fields.second_sales}
"""
    desk.mapping("second", own)
    desk.more["pairs"]["second"]["crm_mapping"] = "second"
    desk.configure()
    said = desk.syncd("check")
    assert said.code == 0, said
    desk.mapping("second", own.replace("custom_fields.second_id", "books_id"))
    said = desk.syncd("check")
    assert said.code == 78 and "second.yaml:3:1 second writes account books_id of crm" in said.err
