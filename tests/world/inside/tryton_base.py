"""The empty company: currencies, countries, chart of accounts, fiscal years, tax, terms, products,
payment methods, journals. Runs in Tryton's own interpreter against a database with the modules
activated.

usage: tryton_base.py CONFIG DATABASE YEAR
"""

# mypy: ignore-errors
# proteus makes its classes from the server's models at run time.

import datetime as dt
import sys
from decimal import Decimal

from proteus import Model, Wizard
from proteus import config as proteus_config

# code: name, symbol, ISO number, units for one euro
CURRENCIES = {
    "EUR": ("Euro", "€", "978", "1"),
    "USD": ("US Dollar", "$", "840", "1.25"),
    "RUB": ("Russian Ruble", "₽", "643", "100"),
    "JPY": ("Japanese Yen", "¥", "392", "160"),
}
COUNTRIES = {"AT": "Austria", "DE": "Germany", "JP": "Japan", "RU": "Russia"}
PRODUCTS = [
    ("Oak board", "40.00"),
    ("Pine board", "17.50"),
    ("Birch plywood", "62.00"),
    ("Hardwood veneer", "118.25"),
    ("Table leg", "9.90"),
    ("Cabinet hinge", "3.35"),
    ("Brass handle", "12.80"),
    ("Linseed oil, 5 l", "54.00"),
    ("Delivery", "25.00"),
    ("Cutting to size", "30.00"),
]


def main(conf: str, database: str, year: int) -> None:
    session = proteus_config.set_trytond(database, config_file=conf)
    for item in Model.get("ir.module.config_wizard.item").find([("state", "!=", "done")]):
        item.state = "done"
        item.save()
    for code, name in COUNTRIES.items():
        Model.get("country.country")(name=name, code=code).save()
    company = make_company(session, make_currencies())
    accounts = make_chart(session, company)
    for each in (year - 1, year, year + 1):
        make_fiscal_year(company, each)
    make_sales_terms(accounts)
    make_payment_methods(accounts["cash"])
    make_journals(accounts)


def make_currencies():
    made = {}
    for code, (name, symbol, number, rate) in CURRENCIES.items():
        rounding = Decimal("1") if code == "JPY" else Decimal("0.01")
        currency = Model.get("currency.currency")(
            name=name, code=code, symbol=symbol, numeric_code=number, rounding=rounding
        )
        currency.digits = 0 if code == "JPY" else 2
        currency.save()
        Model.get("currency.currency.rate")(
            date=dt.date(2000, 1, 1), rate=Decimal(rate), currency=currency
        ).save()
        made[code] = currency
    return made


def make_company(session, currencies):
    party = Model.get("party.party")(name="Holzhandel Beispiel GmbH")
    party.save()
    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party = party
    wizard.form.currency = currencies["EUR"]
    wizard.execute("add")
    # Without the company in the context nearly every accounting record is refused.
    session._context = Model.get("res.user").get_preferences(True, {})
    (company,) = Model.get("company.company").find()
    company.cancel_invoice_out = True  # else a posted invoice can be credited only
    company.save()
    return company


def make_chart(session, company):
    data = Model.get("ir.model.data")
    template = Model.get("account.account.template")(
        data.get_id("account.account_template_root_en", session.context)
    )
    wizard = Wizard("account.create_chart")
    wizard.execute("account")
    wizard.form.account_template = template
    wizard.form.company = company
    wizard.execute("create_account")
    Account = Model.get("account.account")

    def account(kind):
        domain = [(f"type.{kind}", "=", True), ("closed", "!=", True)]
        return Account.find(domain, limit=1)[0]

    accounts = {k: account(k) for k in ("receivable", "payable", "revenue", "expense")}
    wizard.form.account_receivable = accounts["receivable"]
    wizard.form.account_payable = accounts["payable"]
    wizard.form.category_account_revenue = accounts["revenue"]
    wizard.form.category_account_expense = accounts["expense"]
    wizard.execute("create_properties")
    (accounts["cash"],) = Account.find([("code", "=", "1.1.1")], limit=1)
    (accounts["tax"],) = Account.find([("code", "=", "6.3.6")], limit=1)
    return accounts


def make_fiscal_year(company, year):
    Strict = Model.get("ir.sequence.strict")
    (move_type,) = Model.get("ir.sequence.type").find([("name", "=", "Account Move")], limit=1)
    (invoice_type,) = Model.get("ir.sequence.type").find([("name", "=", "Invoice")], limit=1)
    moves = Strict(name=f"Moves {year}", sequence_type=move_type, company=company)
    moves.save()
    invoices = Strict(
        name=f"Invoices {year}",
        sequence_type=invoice_type,
        company=company,
        prefix=f"INV/{year}/",
        padding=5,
    )
    invoices.save()
    fiscal_year = Model.get("account.fiscalyear")(
        name=str(year),
        start_date=dt.date(year, 1, 1),
        end_date=dt.date(year, 12, 31),
        company=company,
        move_sequence=moves,
    )
    (row,) = fiscal_year.invoice_sequences
    row.out_invoice_sequence = row.in_invoice_sequence = invoices
    row.out_credit_note_sequence = row.in_credit_note_sequence = invoices
    fiscal_year.save()
    fiscal_year.click("create_period")


def make_sales_terms(accounts):
    tax = Model.get("account.tax")(
        name="VAT 20%",
        description="VAT 20%",
        type="percentage",
        rate=Decimal("0.20"),
        invoice_account=accounts["tax"],
        credit_note_account=accounts["tax"],
    )
    tax.save()
    for name, days in (("30 days net", 30), ("14 days net", 14)):
        term = Model.get("account.invoice.payment_term")(name=name)
        term.lines.new(type="remainder").relativedeltas.new(days=days)
        term.save()
    category = Model.get("product.category")(
        name="Goods",
        accounting=True,
        account_revenue=accounts["revenue"],
        account_expense=accounts["expense"],
    )
    category.customer_taxes.append(tax)
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    for number, (name, price) in enumerate(PRODUCTS, 1):
        # A service needs no stock moves, so an order is invoiced as soon as it is confirmed.
        template = Model.get("product.template")(
            name=name,
            default_uom=unit,
            type="service",
            salable=True,
            list_price=Decimal(price),
            account_category=category,
        )
        template.products[0].suffix_code = f"P{number:02d}"
        template.save()


def make_payment_methods(cash):
    Journal = Model.get("account.journal")
    (journal,) = Journal.find([("type", "=", "cash")], limit=1)
    for name in ("Bank", "Cash"):
        Model.get("account.invoice.payment.method")(
            name=name, journal=journal, credit_account=cash, debit_account=cash
        ).save()


def make_journals(accounts):
    """Tryton ships none for opening balances, and no method of writing off."""
    Journal = Model.get("account.journal")
    Journal(name="Opening balances", code="OPEN", type="situation").save()
    (journal,) = Journal.find([("type", "=", "write-off")], limit=1)
    Model.get("account.move.reconcile.write_off")(
        name="Bad debt",
        journal=journal,
        credit_account=accounts["revenue"],
        debit_account=accounts["expense"],
    ).save()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
