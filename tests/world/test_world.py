"""The world itself is right: what the other tests and the demo stand on."""

from decimal import Decimal

from tests.world.books import Books
from tests.world.crm import Crm


def test_an_invoice_paid_in_part_stays_open_for_the_rest(tryton: Books) -> None:
    customer = tryton.create_customer("ООО Ромашка")
    invoice = tryton.post_invoice(customer, "100.00")
    tryton.pay(invoice, "40.00")
    assert tryton.open_amount(invoice) == Decimal("60.00")
    assert tryton.receivable(customer) == Decimal("60.00")


def test_a_fresh_crm_has_no_accounts_and_logs_what_it_is_asked(crm: Crm) -> None:
    assert crm.accounts() == []
    mark = crm.mark()
    crm.post("/api/accounts/", {"name": "株式会社サンプル"})
    assert crm.writes(mark) == ["POST /api/accounts/ 200"]
