"""The modules that every company has, and those that belong to the books."""

from __future__ import annotations

from syncd.sandbox.zoho_crm.schema import (
    ANY,
    Field,
    Module,
    day,
    lookup,
    money,
    pick,
    system_fields,
    text,
    whole,
)

STAGES = (
    "Qualification",
    "Needs Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)
SOURCES = ("Advertisement", "Cold Call", "Employee Referral", "Web Research", "Trade Show")
STATUSES = ("Lead", "Prospect", "Client", "Partner")
CARD_STAGES = (
    *("First order", "Repeat", "Top", "Dormant"),
    *("Первый заказ", "Повторный", "Ключевой", "Давно не покупал"),
)
ADDRESS = ("Street", "City", "State", "Code", "Country")
"""Of accounts; a contact's address has a `Zip` in place of a `Code`."""


def modules() -> list[Module]:
    return [*_sales(), *_inventory(), _notes(), *_erp()]


def _module(name: str, display: str, *fields: Field, **more: object) -> Module:
    module = Module(name, display, **more)  # type: ignore[arg-type]
    return module.add(*fields, *system_fields())


def _address(prefix: str, code: str = "Code") -> list[Field]:
    return [text(f"{prefix}_{part if part != 'Code' else code}", 250) for part in ADDRESS]


def _sales() -> list[Module]:
    accounts = _module(
        "Accounts",
        "Account_Name",
        text("Account_Name", 200, mandatory=True),
        text("Account_Number", 40),
        pick("Account_Type", "Customer", "Partner", "Prospect", "Reseller", "Other"),
        pick("Industry", "Retail", "Wholesale", "Manufacturing", "Services", "Other"),
        Field("Phone", "phone"),
        Field("Website", "website"),
        money("Annual_Revenue"),
        lookup("Parent_Account", "Accounts", "Member_Accounts"),
        *_address("Billing"),
        *_address("Shipping"),
        Field("Description", "textarea", 32000),
        *_card(),
        duplicate_field="Account_Name",
        rules=("Notify the owner of a changed account",),
    )
    contacts = _module(
        "Contacts",
        "Full_Name",
        text("First_Name", 40),
        text("Last_Name", 80, mandatory=True),
        text("Full_Name", 80, read_only=True),
        Field("Email", "email"),
        Field("Phone", "phone"),
        Field("Mobile", "phone"),
        text("Title", 100),
        lookup("Account_Name", "Accounts", "Contacts"),
        pick("Lead_Source", *SOURCES),
        *_address("Mailing", "Zip"),
        *_address("Other", "Zip"),
        Field("Description", "textarea", 32000),
        *_card(),
        duplicate_field="Email",
        rules=("Welcome letter",),
    )
    leads = _module(
        "Leads",
        "Full_Name",
        text("First_Name", 40),
        text("Last_Name", 80, mandatory=True),
        text("Full_Name", 80, read_only=True),
        text("Company", 200, mandatory=True),
        Field("Email", "email"),
        Field("Phone", "phone"),
        pick("Lead_Status", "Not Contacted", "Contacted", "Pre-Qualified", "Lost Lead"),
        pick("Lead_Source", *SOURCES),
        *[text(part if part != "Code" else "Zip_Code", 250) for part in ADDRESS],
        Field("Converted__s", "boolean", read_only=True),
        Field("Converted_Date_Time", "datetime", read_only=True),
        lookup("Converted_Account", "Accounts", read_only=True),
        lookup("Converted_Contact", "Contacts", read_only=True),
        lookup("Converted_Deal", "Deals", read_only=True),
        Field("Description", "textarea", 32000),
        duplicate_field="Email",
        rules=("Assign the lead",),
    )
    deals = _module(
        "Deals",
        "Deal_Name",
        text("Deal_Name", 120, mandatory=True),
        lookup("Account_Name", "Accounts", "Deals"),
        lookup("Contact_Name", "Contacts", "Deals"),
        pick("Stage", *STAGES, mandatory=True),
        pick("Pipeline", "Standard (Standard)"),
        pick("Type", "Existing Business", "New Business"),
        money("Amount"),
        day("Closing_Date"),
        whole("Probability"),
        pick("Lead_Source", *SOURCES),
        Field("Description", "textarea", 32000),
        money("Orders_Sum", custom=True, preset=True),
        whole("Orders_Count", custom=True, preset=True),
        duplicate_field="Deal_Name",
        rules=("Big deal alert",),
    )
    return [accounts, contacts, leads, deals]


def _card() -> list[Field]:
    """The customer's card: what the books say."""
    fields = [
        text("ERP_ID", 100, unique=True, external="org"),
        text("Tax_ID", 20),
        text("ERP_Line", 255),
        money("Receivable_Balance"),
        money("Overdue_Balance"),
        day("Overdue_Since"),
        money("Unapplied_Credit"),
        day("Last_Order_Date"),
        day("Last_Payment_Date"),
        money("Not_Shipped"),
        whole("Orders_Count"),
        money("Total_Sales"),
        money("Average_Order"),
        day("First_Order_Date"),
        pick("Customer_Stage", *CARD_STAGES),
        money("Credit_Left"),
        whole("Usual_Delay"),
        text("Ageing", 255),
        Field("By_Organisation", "textarea"),
        money("We_Owe"),
        Field("ERP_Link", "website"),
    ]
    for one in fields:
        one.custom = one.preset = True
    return [*fields, pick("Customer_Status", *STATUSES, custom=True)]


def _inventory() -> list[Module]:
    products = _module(
        "Products",
        "Product_Name",
        text("Product_Name", 200, mandatory=True),
        text("Product_Code", 40),
        money("Unit_Price"),
        duplicate_field="Product_Name",
    )
    made = [products]
    for name, items, number in (
        ("Sales_Orders", "Ordered_Items", "SO_Number"),
        ("Invoices", "Invoiced_Items", "Invoice_Number"),
    ):
        lines = Module(items, "id", hidden=True).add(
            Field("id", "bigint", 20, read_only=True),
            lookup("Product_Name", "Products", mandatory=True),
            Field("Quantity", "double", mandatory=True),
            money("List_Price"),
            money("Discount"),
            money("Tax"),
            money("Total", read_only=True),
            money("Net_Total", read_only=True),
            Field("Description", "textarea"),
        )
        owner = _module(
            name,
            "Subject",
            text("Subject", 200, mandatory=True),
            Field(number, "autonumber", read_only=True),
            lookup("Account_Name", "Accounts", name, mandatory=True),
            lookup("Contact_Name", "Contacts", name),
            lookup("Deal_Name", "Deals", name),
            pick("Status", "Created", "Approved", "Delivered", "Cancelled", "Paid"),
            day("Due_Date"),
            Field(items, "subform", subform=items, mandatory=True),
            money("Adjustment"),
            money("Sub_Total", read_only=True),
            money("Tax", read_only=True),
            money("Discount"),
            money("Grand_Total", read_only=True),
            duplicate_field="Subject",
        )
        if name == "Invoices":
            owner.add(day("Invoice_Date"), lookup("Sales_Order", "Sales_Orders", "Invoices"))
        made += [lines, owner]
    return made


def _notes() -> Module:
    return _module(
        "Notes",
        "Note_Title",
        text("Note_Title", 120),
        Field("Note_Content", "textarea", 32000, mandatory=True),
        lookup("Parent_Id", ANY, "Notes", mandatory=True),
    )


def _erp() -> list[Module]:
    """Documents of the books, each a custom module: no total is computed here."""
    common = [text("ERP_ID", 100, unique=True, external="org", custom=True)]
    link = Field("ERP_Link", "website", custom=True)

    def custom(name: str, *fields: Field) -> Module:
        cards = (lookup("Account", "Accounts", name), lookup("Contact", "Contacts", name))
        own = (common[0], *cards, *fields, link)
        copies = [Field(**{**vars(one), "custom": True}) for one in own]
        display = text("Name", 120, mandatory=True)
        return _module(name, "Name", display, *copies, custom=True, preset=True)

    return [
        custom(
            "ERP_Orders",
            lookup("Deal", "Deals", "ERP_Orders"),
            day("Order_Date"),
            money("Amount"),
            money("Paid"),
            money("Open_Amount"),
            day("Due_Date"),
            pick("Status", "Open", "Shipped", "Paid", "Overdue", "Cancelled"),
            Field("Shipped", "boolean"),
        ),
        custom(
            "ERP_Invoices",
            lookup("Order", "ERP_Orders", "ERP_Invoices"),
            lookup("Deal", "Deals", "ERP_Invoices"),
            day("Invoice_Date"),
            day("Due_Date"),
            money("Amount"),
            money("Paid"),
            money("Open_Amount"),
            pick("Status", "Open", "Paid", "Overdue", "Cancelled"),
        ),
        custom(
            "ERP_Payments",
            lookup("Order", "ERP_Orders", "ERP_Payments"),
            day("Paid_On"),
            money("Amount"),
            money("Unallocated"),
            pick("Status", "Received", "Cancelled"),
        ),
    ]
