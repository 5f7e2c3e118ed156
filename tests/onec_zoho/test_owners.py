"""A manager of 1C and a user of Zoho: whose accounts the first run makes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.onec.office import Office
from tests.onec_zoho.trade import Trade

READING = """extends: onec_ut
customer.seller: seller | trim
customer.seller_email: seller_email | trim
"""
WRITING = """extends: zoho_crm
customer.owner: Owner
people:
  fallback: integration@example.com
  is: {Продавец 3: kenta@example.com}
"""
ANNA, KENTA = "5725767000000411002", "5725767000000411003"
INTEGRATION = "5725767000000411001"


def test_accounts_are_their_managers_by_the_customer_or_by_the_newest_order(tmp_path: Path) -> None:
    reading, writing = tmp_path / "onec.yaml", tmp_path / "zoho.yaml"
    reading.write_text(READING, encoding="utf-8")
    writing.write_text(WRITING, encoding="utf-8")
    office = Office()
    base = office.sandbox.base
    first, second, third = sorted(
        base.objects["Catalog_Пользователи"],
        key=lambda one: str(base.objects["Catalog_Пользователи"][one]["Description"]),
    )
    mail = {"LineNumber": 1, "Тип": "АдресЭлектроннойПочты", "АдресЭП": "Anna@example.com"}
    base.change("Catalog_Пользователи", first, {"КонтактнаяИнформация": [mail]})
    base.change("Catalog_Пользователи", second, {"Description": "Бывший Петр"})
    [partner, *_] = base.objects["Catalog_Партнеры"]
    base.change("Catalog_Партнеры", partner, {"ОсновнойМенеджер_Key": third})
    trade = Trade(tmp_path, office, reading, writing)
    trade.set_up()
    trade.run()
    managed = [
        key
        for key, row in base.objects["Catalog_Контрагенты"].items()
        if row.get("Партнер_Key") == partner
    ]
    cards = trade.cards()
    assert {cards[key]["Owner"] for key in managed if key in cards} == {KENTA}
    # Orders know their seller by name alone: «Продавец 1» is nobody's name in Zoho.
    counted = Counter(card["Owner"] for card in cards.values())
    assert (
        counted[KENTA] >= 1 and counted[INTEGRATION] >= 2 and set(counted) <= {KENTA, INTEGRATION}
    )
    [said] = trade.problems()
    assert "Бывший Петр (the user is inactive), Продавец 1 (no user)." in said

    base.change("Catalog_Партнеры", partner, {"ОсновнойМенеджер_Key": first})
    trade.later(3600, full=True)
    assert {key: card["Owner"] for key, card in trade.cards().items()} == {
        key: card["Owner"] for key, card in cards.items()
    }, "no card that is there changes hands"
