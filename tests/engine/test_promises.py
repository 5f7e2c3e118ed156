"""What the engine promises, one sentence a test, on the memory pair."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import CrmHabits, Fault
from syncd.domain import Kind
from syncd.errors import ConfigError, IdentityError
from syncd.port import Write
from syncd.store import links, mirror, streams
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order
from tests.engine.agreement import differences, sent_in_vain
from tests.engine.rig import MAPPINGS, Rig, one_of_each, open_problems

# -- modes and set-up ----------------------------------------------------------------------------


def test_in_mode_plan_nothing_is_written(rig: Rig) -> None:
    one_of_each(rig)
    report = rig.run(write=False)
    assert (report.mode, report.writes, rig.world.crm.journal) == ("plan", 0, [])
    assert report.tallies[Kind.CUSTOMER].held == 2, "account and contact wait for a person"


def test_missing_custom_fields_stop_a_live_run_before_anything_is_written(rig: Rig) -> None:
    one_of_each(rig)
    with pytest.raises(ConfigError, match="syncd connections setup crm"):
        rig.run()
    assert rig.world.crm.journal == []


@pytest.mark.parametrize("side", ["books", "crm"])
def test_another_company_behind_a_connection_stops_everything(rig: Rig, side: str) -> None:
    rig.set_up()
    one_of_each(rig)
    getattr(rig.world.sides, side).id = "a restored copy"
    with pytest.raises(IdentityError, match="nothing was written"):
        rig.run()
    assert rig.world.crm.journal == []


# -- what is sent --------------------------------------------------------------------------------


def test_a_second_run_makes_no_write_and_no_version(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    assert differences(rig.world) == []
    again = rig.later()
    assert (again.writes, sum(page.new for page in again.pages.values())) == (0, 0)


def test_only_what_differs_is_sent(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.world.books.edit_customer(customer, email="new@example.ru")
    rig.later()
    last = rig.world.crm.journal[-1]
    assert (last.op, dict(last.fields)) == ("update", {"email": "new@example.ru"})


def test_a_value_that_goes_and_comes_back_is_three_versions(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    for name in ("Другое имя", "ООО «Пример»"):
        rig.world.books.rename(customer, name)
        rig.later()
    with rig.pair.store.reading() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.CUSTOMER]
        assert mirror.known(tx, stream, [customer])[customer].ver == 3
    assert differences(rig.world) == []


def test_changes_that_wait_collapse_by_themselves(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.world.fault("* /crm/*", Fault.REFUSE, 100)
    rig.world.books.rename(customer, "Kurz")
    rig.later()
    rig.world.books.rename(customer, "ООО «Пример»")
    rig.later()
    rig.world.faults.planned.clear()
    report = rig.later()
    assert (report.writes, rig.states()) == (0, {})


def test_a_document_waits_for_its_customer_and_goes_by_itself(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.world.books.habits.blank = {"customers.name": "null"}
    rig.set_up()
    report = rig.run()
    assert report.pages[Kind.CUSTOMER].unmappable == 1
    assert report.tallies[Kind.INVOICE].owed == 1
    assert "name is empty" in open_problems(rig)[0]
    rig.world.books.habits.blank = {}
    rig.world.books.touch("customers", customer)
    rig.later()
    assert (differences(rig.world), open_problems(rig)) == ([], [])


def test_documents_of_somebody_out_of_scope_come_when_he_comes_into_scope(rig: Rig) -> None:
    customer = rig.world.books.add_customer("Später GmbH", in_scope=False)
    invoice = rig.world.books.post_invoice(customer, "80.00")
    rig.world.books.pay(customer, "30.00", allocations=[(invoice, "30.00")])
    rig.set_up()
    assert (rig.run().writes, rig.states()) == (0, {})
    rig.world.books.edit_customer(customer, in_scope=True)
    rig.later()
    assert (differences(rig.world), len(rig.world.crm.objects["payment"])) == ([], 1)


def test_one_refused_record_leaves_the_others(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.world.crm.habits.currencies = ["EUR"]
    other = rig.world.books.add_customer("Swiss AG")
    rig.world.books.post_invoice(other, "10", currency="CHF")
    report = rig.run()
    assert (report.tallies[Kind.INVOICE].applied, report.tallies[Kind.INVOICE].failed) == (1, 1)
    assert report.exit_code == 1
    assert rig.later().exit_code == 0, "an old problem is no news"


def test_a_refused_field_waits_alone(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.world.books.add_order(customer, "10.00")
    lists = {"custom_fields.stage": ["repeat"], "email": ["new@example.ru"]}
    rig.world.crm.habits.picklists = lists
    rig.set_up()
    rig.run()
    card = next(iter(rig.world.crm.objects["account"].values()))
    assert (card.fields["name"], card.fields.get("email")) == ("ООО «Пример»", None)
    assert card.fields["custom_fields.receivable"] == Decimal("70.00")
    assert len(rig.world.crm.objects["payment"]) == 1, "what hangs on the card does not wait for it"
    said = [one.partition(" of accounts")[0] for one in open_problems(rig)]
    assert sorted(said) == ["crm refuses custom_fields.stage", "crm refuses email"]
    assert rig.states() == {"failed": 2}

    writes = [rig.later().writes for _ in range(3)]
    assert writes == [2, 0, 0], "each is tried once more, and then once a day"

    rig.world.books.edit_customer(customer, email="new@example.ru")
    rig.world.books.add_order(customer, "10.00")
    rig.later()
    assert (differences(rig.world), open_problems(rig), rig.states()) == ([], [], {})


@pytest.mark.parametrize("path", ["currency", "name"])
def test_what_a_card_cannot_be_without_is_not_left_out(rig: Rig, path: str) -> None:
    one_of_each(rig)
    rig.world.crm.habits.picklists = {path: []}
    rig.set_up()
    rig.run()
    assert rig.world.crm.objects["account"] == {}


def test_a_cancelled_invoice_loses_its_payments_first(rig: Rig) -> None:
    _, invoice, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.world.books.cancel_invoice(invoice)
    rig.later()
    ops = [(entry.op, entry.target) for entry in rig.world.crm.journal]
    assert ops.index(("remove", "payment")) < ops.index(("update", "invoice"))
    assert differences(rig.world) == []


def test_a_changed_payment_is_removed_and_made_anew(rig: Rig) -> None:
    _, invoice, payment = one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.world.books.allocate(payment, invoice, "60.00")
    rig.later()
    payments = [e.op for e in rig.world.crm.journal if e.target == "payment"]
    assert payments == ["create", "remove", "create"]
    assert differences(rig.world) == []


def test_the_moment_on_the_card_is_when_the_figures_changed(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.later(3600)
    line = rig.world.crm.marked("account", customer)[0].fields["custom_fields.line"]
    assert line == "Owes EUR 70.00, paid ahead EUR 20.00, changed 18 Nov 13:00"


# -- names and links -----------------------------------------------------------------------------


def test_of_two_customers_with_one_name_the_second_is_numbered_for_good(rig: Rig) -> None:
    books = rig.world.books
    first, second = books.add_customer("Novák s.r.o."), books.add_customer("NOVÁK s.r.o.")
    rig.set_up()
    rig.run()
    books.rename(first, "Dvořák s.r.o.")
    rig.later()
    books.rename(second, "Novák a syn")
    rig.later()
    names = [one.fields["name"] for one in rig.world.crm.objects["account"].values()]
    assert names == ["Dvořák s.r.o.", f"Novák a syn (K{int(second):04})"]
    with rig.pair.store.reading() as tx:
        assert [one.numbered for one in links.each(tx, "crm", "books")] == [False, True]


def test_an_unlinked_account_of_the_same_name_is_a_problem_and_no_second_card(rig: Rig) -> None:
    crm = rig.pair.crm
    write = Write(*("create", "account", "", None, {}, {"name": "ооо «пример»"}))  # type: ignore[arg-type]
    crm.ask(crm.connector.push([write]))
    one_of_each(rig)
    rig.set_up()
    report = rig.run()
    assert len(rig.world.crm.objects["account"]) == 1
    assert "have one name and are not linked" in open_problems(rig)[0]
    assert (report.tallies[Kind.CUSTOMER].held, report.tallies[Kind.INVOICE].owed) == (1, 1)


def test_lost_state_finds_its_cards_again(rig: Rig, tmp_path: Path) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.pair.store.close()
    (tmp_path / "state.sqlite").rename(tmp_path / "lost.sqlite")
    rig.build()
    rig.run()
    assert (differences(rig.world), rig.states()) == ([], {})
    assert [e.op for e in rig.world.crm.journal].count("create") == 4


def test_lost_state_waits_for_a_complete_read_before_it_concludes_anything(
    rig: Rig, tmp_path: Path
) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.pair.store.close()
    (tmp_path / "state.sqlite").rename(tmp_path / "lost.sqlite")
    rig.build()
    rig.world.fault("GET /books/invoices*", Fault.REFUSE)
    assert rig.run().writes == 0
    rig.run()
    assert (differences(rig.world), rig.world.crm.doubles()) == ([], [])


# -- what a 200 does not prove -------------------------------------------------------------------


def test_a_field_that_is_not_kept_is_one_problem_and_no_endless_write(tmp_path: Path) -> None:
    rig = Rig(tmp_path, crm=CrmHabits(answers_values=False))
    customers = [rig.world.books.add_customer(name) for name in ("Ä", "Б", "社")]
    rig.set_up()
    rig.run()
    del rig.world.crm.definitions["account"]["custom_fields.line"]
    for customer in customers:
        rig.world.books.post_invoice(customer, "5.00")
    report = rig.later()
    assert [text.split(":")[0] for text in open_problems(rig)] == [
        "crm answers yes but does not keep custom_fields.line of accounts"
    ]
    assert report.tallies[Kind.CARD].failed == 3
    rig.later()
    assert rig.later().writes == 0


def test_text_that_the_system_rewrites_is_no_endless_update(tmp_path: Path) -> None:
    rig = Rig(tmp_path, crm=CrmHabits(rewrites_phone=True))
    rig.world.books.add_customer("Acme", phone="+7 (495) 000-00-00")
    rig.set_up()
    rig.run()
    assert (rig.later().writes, rig.states(), open_problems(rig)) == (0, {}, [])


# -- a bad line ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Fault))
def test_whatever_happens_to_a_request_the_next_runs_converge(rig: Rig, kind: Fault) -> None:
    one_of_each(rig)
    rig.set_up()
    for path in ("account", "contact", "invoice", "payment"):
        rig.world.fault(f"POST /crm/{path}*", kind, 1, seconds=0.5)
    for _ in range(8):
        rig.later(60)
    assert all(plan.match.times == 0 for plan in rig.world.faults.planned), "each was met"
    assert (differences(rig.world), open_problems(rig)) == ([], [])
    assert sent_in_vain(rig.world) == []


def test_a_long_rate_limit_defers_and_is_no_problem(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.world.fault("POST /crm/*", Fault.RATE_LIMIT, 1, seconds=600)
    report = rig.later(60)
    assert (report.exit_code, open_problems(rig)) == (0, [])
    tally = report.tallies[Kind.CUSTOMER]
    assert (tally.deferred, tally.owed) == (1, 1), "the contact waits for its account"
    assert rig.later(60).writes == 0, "it asked to be left alone for ten minutes"
    rig.later(600)
    assert differences(rig.world) == []


def test_a_tier_without_any_marker_asks_once(tmp_path: Path) -> None:
    crm = CrmHabits(tiers={"payment": "T4"})
    rig = Rig(tmp_path, crm=crm, crm_options=crm.honest())
    one_of_each(rig)
    rig.set_up()
    rig.world.fault("POST /crm/payment*", Fault.CUT_AFTER)
    for _ in range(3):
        rig.later(60)
    asked = [text for text in open_problems(rig) if "cannot be searched" in text]
    assert len(asked) == 1
    assert len(rig.world.crm.objects["payment"]) == 1


# -- mappings ------------------------------------------------------------------------------------


def test_a_changed_mapping_is_applied_without_asking_the_books(tmp_path: Path) -> None:
    own = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, own)
    rig = Rig(tmp_path, mappings=own)
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    file = own / "memory_books.yaml"
    file.write_text(file.read_text().replace("name | trim", "name | trim | upper"))
    rig.world.books.habits.empty_pages = True
    rig.build()
    rig.later()
    assert rig.world.crm.marked("account", customer)[0].fields["name"] == "ООО «ПРИМЕР»"


def test_an_approved_plan_sends_nothing_that_changed_since(rig: Rig) -> None:
    from syncd.sync.plan import approved_parts, draw

    customer, _, _ = one_of_each(rig)
    rig.set_up()
    plan = draw(rig.pair, rig.run(write=False), [])
    rig.world.books.rename(customer, "Anders")
    rig.clock.advance(60)
    order = Order("apply", write=True, approved=approved_parts(rig.pair, plan.id))
    run_cycle(rig.pair, order)
    assert rig.world.crm.objects["account"] == {}, "the account is another than was approved"
    rig.later()
    assert differences(rig.world) == []


def test_a_resync_finds_and_mends_what_somebody_typed_over(rig: Rig) -> None:
    from syncd.sync.difference import differences as rows

    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    account = rig.world.crm.marked("account", customer)[0]
    rig.world.crm.edit("account", account.id, name="Getippt", custom_fields__receivable=1)
    keys = ((Kind.CUSTOMER, customer), (Kind.CARD, customer))
    rig.run(write=False, keys=keys, recheck=True)
    assert sorted((one.field, str(one.shown)) for one in rows(rig.pair)) == [
        ("custom_fields.receivable", "1"),
        ("name", "Getippt"),
    ]
    rig.run(keys=None, full=True, recheck=True)
    assert differences(rig.world) == []


def test_a_record_the_card_cannot_take_waits_alone_even_when_it_was_due_already(
    tmp_path: Path,
) -> None:
    own = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, own)
    file = own / "memory_crm.yaml"
    text = file.read_text().replace("number:   title | max 100", "number:   title | lookup title")
    file.write_text(text.replace("lookups:\n", "lookups:\n  title: {INV-00001: Erste}\n"))
    rig = Rig(tmp_path, mappings=own)
    _, invoice, _ = one_of_each(rig)
    rig.set_up()
    rig.world.fault("POST /crm/invoice*", Fault.REFUSE)
    rig.run()
    rig.world.books.edit_invoice(invoice, number="ohne Titel")
    other = rig.world.books.add_customer("Другая")
    report = rig.later()
    assert (report.tallies[Kind.INVOICE].failed, len(open_problems(rig))) == (1, 1)
    assert rig.world.crm.marked("account", other)
    rig.world.books.edit_invoice(invoice, number="INV-00001")
    rig.later()
    rig.later(90_000)
    assert (differences(rig.world), open_problems(rig), rig.states()) == ([], [], {})


def test_what_has_to_be_looked_for_first_never_rides_in_a_batch(tmp_path: Path) -> None:
    """After a lost state, a payment that is there already stands behind one that is new."""
    crm = CrmHabits(bulk=5)
    rig = Rig(tmp_path, crm=crm, crm_options=crm.honest())
    books = rig.world.books
    customer = books.add_customer("Acme")
    for currency in ("CHF", "EUR"):
        invoice = books.post_invoice(customer, "10.00", currency=currency)
        books.pay(customer, "5.00", allocations=[(invoice, "5.00")], currency=currency)
    crm.currencies = ["EUR"]
    rig.set_up()
    rig.run()
    assert len(rig.world.crm.objects["payment"]) == 1, "that in francs waits for its invoice"
    crm.currencies = ["CHF", "EUR"]
    rig.pair.store.close()
    (tmp_path / "state.sqlite").rename(tmp_path / "lost.sqlite")
    rig.build()
    rig.run()
    assert (differences(rig.world), rig.world.crm.doubles()) == ([], [])
