"""Two companies, one with 1C and one with NetSuite, sell with one Megaplan: who is a customer of
both is one card, which says to the cent what each of the two is owed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from syncd.assembly import Assembly
from syncd.domain import Kind
from syncd.sandbox.megaplan.company import info
from syncd.settings import load
from syncd.store import streams
from syncd.sync import linking
from syncd.sync.pair import Scene
from syncd.why import why
from tests.clocks import ManualClock
from tests.docs.pages import blocks
from tests.two_books.company import NAMES, PAGE, Companies, shown_file

ONE = Decimal(1)


def live(folder: Path, size: int | None = None, both: int = 0) -> Companies:
    companies = Companies(folder, size)
    companies.register(both)
    companies.second.set_up()
    for _ in range(3):
        companies.later()
    return companies


def agree(companies: Companies) -> bool:
    """What the cards say is what both books say, and no cycle finds anything more to write."""
    known = companies.known_to_both()
    mine, theirs = companies.crm.cards(), companies.crm.cards(NAMES.key)
    assert {key: card.id for key, card in mine.items() if key in known} == {
        key: theirs[other].id for key, other in known.items()
    }
    assert companies.first.differences() == []
    assert companies.second.differences(known.values()) == []
    assert companies.first.problems() == []
    return companies.later() == companies.later() == 0


def test_one_card_says_what_each_company_is_owed_in_each_currency(tmp_path: Path) -> None:
    companies = live(tmp_path, size=30, both=20)
    assert agree(companies) and companies.second.problems() == []
    assert len(companies.crm.rows()) == 30, "nobody was doubled"
    waiting = len(companies.second.customers()) - 20
    assert companies.second.states() == {"owed": 2 * waiting}, "each, and its figures"
    codes = {code for (key, code) in companies.second.truth()
             if key in companies.crm.cards(NAMES.key)}  # fmt: skip
    assert codes == {"RUB", "JPY", "USD"}
    companies.later(90_000)
    assert agree(companies) and companies.second.problems() == []


def test_a_change_in_either_company_arrives_and_leaves_what_the_other_wrote(tmp_path: Path) -> None:
    companies = live(tmp_path, size=12, both=9)
    mine, theirs = sorted(companies.known_to_both().items(), key=lambda keys: int(keys[1]))[1]
    card, crm = companies.crm.cards()[mine], companies.crm
    ledger, desk = companies.second.office.ledger, companies.first.office.desk

    def lines() -> tuple[object, object]:
        return crm.extra(card, "Расчёты"), crm.extra(card, NAMES.line)

    first, second = lines()
    owed = companies.second.shown(card)
    invoice = ledger.invoice(int(theirs), [(1, ONE, Decimal("100.05"))])
    assert companies.first.later().writes == 0 and companies.second.later().writes > 0
    assert companies.second.shown(card).receivable == owed.receivable + Decimal("100.05")
    assert lines()[0] == first and lines()[1] != second and agree(companies)
    paid = ledger.payment(int(theirs), Decimal("40.00"))
    ledger.apply(paid, invoice, Decimal("39.99"))
    companies.later()
    ledger.void(invoice)
    companies.later()
    companies.later(700)
    assert agree(companies)

    first, second = lines()
    order = next(row for row in desk.base.objects[desk.orders].values()
                 if row["Контрагент_Key"] == mine and row["Posted"])  # fmt: skip
    desk.correct(str(order["Ref_Key"]), Decimal("250.25"))
    assert companies.first.later().writes > 0 and companies.second.later().writes == 0
    assert lines()[0] != first and lines()[1] == second and agree(companies)


def test_who_has_no_card_waits_for_one_and_a_question_is_a_persons(tmp_path: Path) -> None:
    companies = live(tmp_path)
    second, store = companies.second, companies.second.office.sandbox.store
    names = {str(row["altname"]): str(row["id"]) for row in store.rows("SELECT * FROM customer_")}
    quiet, japan = names["Quiet Trade LLC"], names["株式会社サンプル"]
    assert "makes none" in str(why(second.pair, Kind.CUSTOMER, quiet).reason.detail)
    [question] = second.problems()
    [card] = companies.crm.named("株式会社サンプル")
    assert question.startswith(f"Customer {japan} of {NAMES.books} may be card {card.id} ")
    with second.pair.store.transaction() as tx:
        scene = Scene(tx, second.pair, streams.stream_ids(tx, NAMES.pair), 0)
        linking.accept(scene, japan, card.id, linking.By("anna", None))
    reached = {"phone": "+1 202 555 0142", "email": "office@quiet.example"}
    second.office.people.change(int(quiet), reached)
    contacts = [info(kind, value) for kind, value in reached.items()]
    own = companies.crm.company("Quiet Trade LLC", contactInfo=contacts)
    companies.later()
    companies.later()
    cards = companies.crm.cards(NAMES.key)
    assert (cards[japan].id, cards[quiet].id) == (card.id, own.id)
    assert len(companies.crm.named("Quiet Trade LLC")) == 1 and second.problems() == []
    assert second.differences(cards) == [] and len(cards) == 3
    line = str(companies.crm.extra(card, NAMES.line)).replace("\u00a0", " ")
    assert line == "Долг 1 000 000 JPY, аванс 50 000 JPY"
    assert companies.later() == companies.later() == 0


def configuration(folder: Path) -> Assembly:
    """As the page shows it."""
    [text] = [one.body for one in blocks(PAGE)
              if one.mark == "yaml configuration" and "crm_us" in one.body]  # fmt: skip
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    for name in ("netsuite_us", "megaplan_us"):
        shown_file(folder / "mappings", name)
    file = folder / "syncd.yaml"
    file.write_text(text, "utf-8")
    secrets = {"books": ["password"], "books_us": ["private_key"],
               "crm": ["username", "password"], "crm_us": ["username", "password"]}  # fmt: skip
    for connection, needed in secrets.items():
        for name in needed:
            secret = folder / "secrets" / f"{connection}.{name}"
            secret.write_text("a secret", "utf-8")
            secret.chmod(0o600)
    return Assembly(load(file), ManualClock())


def test_check_takes_the_files_that_are_shown(tmp_path: Path) -> None:
    assert configuration(tmp_path).check() == []


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("Долг_US", "Долг", "us writes ContractorCompany custom_fields.Долг of crm_us, and so"),
        ("{code: ", "{name: name, code: ", "us writes ContractorCompany name of crm_us, and so"),
        (
            "Код_в_NetSuite",
            "Код_в_учёте",
            "us writes ContractorCompany custom_fields.Код_в_учёте of",
        ),
    ],
    ids=["a figure", "a name", "the marker"],
)
def test_check_refuses_what_the_first_pair_writes(
    tmp_path: Path, was: str, now: str, says: str
) -> None:
    assembly = configuration(tmp_path)
    file = tmp_path / "mappings" / "megaplan_us.yaml"
    file.write_text(file.read_text("utf-8").replace(was, now), "utf-8")
    [problem] = assembly.check()
    assert says in problem


def test_a_pair_that_makes_cards_has_its_marker_where_the_connection_looks(tmp_path: Path) -> None:
    assembly = configuration(tmp_path)
    file = tmp_path / "mappings" / "megaplan_us.yaml"
    file.write_text(file.read_text("utf-8").replace("{make: never, home: RU}", "{}"), "utf-8")
    [problem] = assembly.check()
    assert "crm_us looks for the key of the books in custom_fields.Код_в_учёте" in problem
