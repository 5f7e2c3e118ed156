"""An operator says what became of what the books no longer have."""

from __future__ import annotations

import pytest

from tests.cli.desk import Desk, Said

DAY = 24 * 60


def gone(desk: Desk, *invoices: str) -> str:
    """The number of the problem."""
    for key in invoices:
        desk.world.books.delete("invoices", key)
    assert desk.later(DAY).code == 1
    [one] = desk.syncd("problems", "--json").json()
    return str(one["id"])


@pytest.mark.parametrize(("state", "counts"), [("deleted", "cancelled"), ("archived", "open")])
def test_what_is_gone_is_deleted_or_archived_by_a_named_person_with_a_reason(
    live: Desk, state: str, counts: str
) -> None:
    key = live.world.books.post_invoice("1", "7.00")
    live.later()
    number = gone(live, key)
    shown = live.syncd("problems", "show", number).out
    assert f"syncd problems resolve {number} --deleted --reason R, or --archived" in shown
    said = live.syncd("problems", "resolve", number, f"--{state}", "--reason", "typed twice")
    assert said.code == 0 and f"#{number}: invoice:{key} is {state}" in said.out, said.text
    assert live.syncd("problems").code == 0 and live.syncd("status").code == 0
    assert live.later(DAY).code == 0 and live.later(DAY).code == 0
    [there] = live.world.crm.marked("invoice", key)
    assert there.fields["state"] == counts
    told = live.syncd("why", "invoice", key).out
    assert f"[{state}]" in told and "typed twice" in told and "@" in told
    assert "resolve missing" in live.syncd("log", "--requests").out
    record = live.syncd("log", f"invoice:{key}").out
    assert state in record and "typed twice" in record
    proof = live.syncd("prove")
    assert "were not compared" not in proof.out, proof.text


def test_what_cannot_be_accepted_is_refused_with_one_sentence(live: Desk) -> None:
    def refused(*arguments: str) -> str:
        said: Said = live.syncd("problems", "resolve", *arguments)
        assert said.code == 2, said.text
        return said.err

    key = live.world.books.post_invoice("1", "7.00")
    live.later()
    number = gone(live, key)
    why = ("--reason", "typed twice")
    assert "say one of" in refused(number, "--deleted", "--archived", *why)
    assert "--deleted goes with --reason R" in refused(number, "--deleted")
    assert "go with --deleted or --archived" in refused(number, "--absent", *why)
    assert "asks for no side" in refused(number, "--take", "books")
    assert "there is no problem 77" in refused("77", "--deleted", *why)
    assert f"is not about {key}0" in refused(number, "--archived", "--only", f"{key}0", *why)
    assert live.syncd("problems", "resolve", number, "--archived", "--only", key, *why).code == 0
    assert "is missing any more" in refused(number, "--deleted", *why)
