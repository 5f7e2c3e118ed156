"""What a Zoho CRM organisation holds of the books, and how its writes behave.

Documents stand in modules of their own, `ERP_Orders` and so on, which `connections setup` makes:
Zoho's own sales orders and invoices want products and compute their totals themselves, and it has
no payments at all. A lookup to the card makes them a list on it: to the account, or to the contact
of a company that sells to persons.

Every create is T1: an upsert by a field that Zoho keeps unique. Sent again, it finds what it made.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain import Kind
from syncd.port import Facts, Source, Target, Tier

CUSTOM = "custom_fields."
"""Before the API name of a field that somebody made; Zoho itself makes no difference."""

ACCOUNTS = "Accounts"
CONTACTS = "Contacts"
"""The module, and the word for an account's own persons in the paths of a mapping."""
NAME, MAIL = "Account_Name", "Email"
"""By which an account, and a contact, is taken for another one."""
FIRST, LAST, WHOLE = "First_Name", "Last_Name", "Full_Name"
"""Of a contact. Zoho makes the whole of the other two, of which the last is mandatory, and takes no
whole one itself."""
OWNER = "Owner"
"""The user to whom a record belongs; whoever made it, where nothing is said."""
DOCUMENTS: Mapping[str, str] = {
    "ERP_Orders": "ERP Order",
    "ERP_Invoices": "ERP Invoice",
    "ERP_Payments": "ERP Payment",
    "ERP_Credit_Notes": "ERP Credit Note",
}
"""Modules of documents -> how one of them is called."""

PARENTS: Mapping[str, str] = {ACCOUNTS: "Account", CONTACTS: "Contact"}
"""The word of a parent -> the lookup that leads to it."""
LOOKUPS: Mapping[str, str] = {"Account": ACCOUNTS, "Contact": CONTACTS, "Deal": "Deals"}
"""Lookups of documents -> the module they lead to. A document has no `Deal` unless it is mapped,
and of the other two those that the mapping writes customers to."""

BATCH = 100
"""Records in one write."""
FIELDS = 50
"""Fields in one answer, `id` among them."""

ACCOUNT = Target(
    tier=Tier.T1,
    fields={
        NAME: "text",  # at most 200 characters
        "Phone": "text",  # at most 30
        "Website": "text",
        "Billing_Street": "text",
        "Billing_City": "text",
        "Billing_State": "text",
        "Billing_Code": "text",
        "Billing_Country": "text",
        "Description": "text",
        "custom_fields.*": "text",
    },
    batch=BATCH,
    unique=NAME,
    owner=OWNER,
)
"""Zoho takes two accounts of one name; syncd does not make the second without a person's word."""

CONTACT = Target(
    tier=Tier.T1,
    fields={
        WHOLE: "text",  # at most 80 characters, as the last name has to hold all of it
        FIRST: "text",  # at most 40
        LAST: "text",  # at most 80
        MAIL: "text",
        "Phone": "text",
        "Mobile": "text",
        "Title": "text",
        "Mailing_Street": "text",
        "Mailing_City": "text",
        "Mailing_State": "text",
        "Mailing_Zip": "text",
        "Mailing_Country": "text",
        "Description": "text",
        "custom_fields.*": "text",
    },
    batch=BATCH,
    unique=MAIL,
    owner=OWNER,
)
"""Persons share names. By its e-mail Zoho itself looks for a double of a contact (vendor: "Upsert
records", system-defined duplicate check fields), and a company may forbid a second one."""

DOCUMENT = Target(
    tier=Tier.T1,
    fields={"Name": "text", "custom_fields.*": "text"},  # a name has at most 120 characters
    either=(ACCOUNTS, CONTACTS),
    batch=BATCH,
    movable=True,
    cancels=True,
)

DEALS, LEADS = "Deals", "Leads"
DEAL = Target(
    tier=Tier.T1,
    fields={"custom_fields.*": "text"},
    batch=BATCH,
    removable=False,
    listable=False,
    made=False,
)
"""People make deals; what is written onto one are the sums of its orders."""

SCOPES = (
    "ZohoCRM.modules.ALL",
    "ZohoCRM.settings.ALL",
    "ZohoCRM.coql.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.users.READ",
)
_CENTRES = ("zoho.com", "zoho.eu", "zoho.in", "zoho.com.au", "zoho.jp", "zoho.com.cn", "zoho.sa")
_CANADA = "zohocloud.ca"

FACTS = Facts(
    system="zoho_crm",
    sources={
        # Each of the modules makes cards won by itself; a file from before there were several kinds
        # may read any of them as its deals.
        Kind.DEAL: Source(DEALS, others=(LEADS, ACCOUNTS, CONTACTS)),
        Kind.LEAD: Source(LEADS),
        Kind.LABEL: Source(ACCOUNTS, others=(CONTACTS,)),
        # An account with its contacts, whose going away moves no stamp.
        Kind.WON: Source(ACCOUNTS, stamped=False, others=(CONTACTS,)),
    },
    targets={
        ACCOUNTS: ACCOUNT,
        CONTACTS: CONTACT,
        **dict.fromkeys(DOCUMENTS, DOCUMENT),
        DEALS: DEAL,
    },
    doubt_time=10.0,
    described=True,
    secrets=("client_id", "client_secret", "refresh_token"),
    options={
        "trigger": "automation that a write starts: none (if left out), all, or names as "
        "workflow,blueprint",
        "id_field": "API name of the unique text field with the key of the books; ERP_ID if left "
        "out",
        "page": "records in one answer, at most 200; 200 if left out",
    },
    guides=True,
    lists_users=True,
    tells_who=True,
    rationed=True,
    records_a_credit=10,
    credits_left="x-api-credits-remaining",  # only there once half of them are used
    adopts="id_field",
    exchanged="refresh_token",
    # Of a data centre: crm.zoho.eu, api-console.zoho.eu and www.zohoapis.eu alike.
    hosts={
        **{one: f"accounts.{one}" for one in (*_CENTRES, _CANADA)},
        **{one.replace("zoho", "zohoapis"): f"accounts.{one}" for one in _CENTRES},
        "zohoapis.ca": f"accounts.{_CANADA}",
    },
    ready="client id and client secret of a self client in the API console, and a code made last",
    hint=(
        "in the API console (api-console.zoho.eu ...): "
        "Self Client > Generate Code, 10 minutes, with",
        ",".join(SCOPES),
    ),
)
