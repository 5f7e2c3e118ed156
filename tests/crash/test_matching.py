"""A customer that has a card already, and a process killed between linking the two and looking at
the card: there is one card, and it shows what the books say."""

from __future__ import annotations

import signal

import yaml

from tests.crash.conftest import MakeStand
from tests.crash.stand import Stand

TAX_ID = "ATU13585627"
OVERLAY = "extends: memory_crm\nmatch: {}\n"


def compare(stand: Stand) -> None:
    (stand.folder / "mappings").mkdir()
    (stand.folder / "mappings" / "compared.yaml").write_text(OVERLAY, encoding="utf-8")
    file = stand.folder / "syncd.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["mappings"] = "mappings"
    content["pairs"]["main"]["crm_mapping"] = "compared"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_killed_between_linking_a_customer_and_looking_at_its_card(stand_of: MakeStand) -> None:
    stand = stand_of()
    compare(stand)
    crm, books = stand.world.crm, stand.world.books
    who = {"email": "office@holz-huber.at", "tax_id": TAX_ID}
    card = crm.add_account("Holzbau Huber GmbH", phone="+43 1 2345678", **who)
    customer = books.add_customer("Holzbau Huber GmbH", email=who["email"], tax_id=TAX_ID)
    books.post_invoice(customer, "120.00")
    assert stand.syncd("run", kill=("linked", 1)).code == -signal.SIGKILL
    assert stand.rows("SELECT books_key, card_id, by FROM link") == [(customer, card, "match")]
    assert stand.rows("SELECT count(*) FROM part WHERE key = '' AND remote_id = 'account-1'") == [
        (0,)
    ]
    stand.run()
    [(key, account)] = crm.objects["account"].items()
    assert (key, account.fields["books_id"]) == (card, customer)
    assert account.fields["custom_fields.receivable"] == 120
    assert account.fields["phone"] == "+43 1 2345678"
    report = stand.run()
    assert (report["writes"], stand.problems()) == (0, [])
