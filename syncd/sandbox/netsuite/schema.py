"""The tables that SuiteQL shows, as words: `name` or `name:kind`.

Kinds: `id` and `number` are numbers, `date` a day, `time` a moment, `flag` 'T' or 'F', none is
text.
`name:=table` refers to a row there. A row is shown to people as its table's `shown`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NUMBERS = ("id", "number")
DATES = ("date", "time")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: str = "text"
    refers: str = ""
    """The table where the row is that its number means."""


@dataclass
class Table:
    name: str
    label: str
    """Of its errors and deleted records: as people write it."""
    columns: dict[str, Column]
    shown: str = "name"
    key: str = "id"
    view: str = ""
    """SELECT that makes it, where it is not stored."""
    moments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.moments = [one.name for one in self.columns.values() if one.kind == "time"]


def column(word: str) -> Column:
    name, _, kind = word.partition(":")
    return Column(name, "id", kind[1:]) if kind.startswith("=") else Column(name, kind or "text")


def _table(label: str, words: str, shown: str = "name", view: str = "") -> Table:
    columns = {one.name: one for one in map(column, words.split())}
    return Table(label.lower(), label, columns, shown, next(iter(columns)), view)


LINK = """previousdoc:=transaction previousline:number previoustype nextdoc:=transaction
    nextline:number nexttype linktype foreignamount:number"""
PLACE = """nkey:id addressee attention addr1 addr2 addr3 city state zip country addrphone
    addrtext recordowner:=entity"""
OWED = """(SELECT SUM(CASE WHEN {when} THEN IFNULL(a.amountunpaid, 0) ELSE 0 END
    - {less}) FROM "transaction" t JOIN transactionaccountingline a ON a."transaction" = t.id
    WHERE a.entity_ = c.id AND a.posting = 'T' AND t.voided = 'F')"""


def tables() -> dict[str, Table]:
    """New ones: an account adds custom fields to its own."""
    made = [
        _table(
            "transaction",
            """id:id tranid transactionnumber type recordtype trandisplayname entity:=entity
            trandate:date duedate:date closedate:date createddate:time lastmodifieddate:time
            createdby:=employee lastmodifiedby:=employee status approvalstatus:number
            currency:=currency exchangerate:number foreigntotal:number foreignamountpaid:number
            foreignamountunpaid:number foreignpaymentamountused:number
            foreignpaymentamountunused:number posting:flag postingperiod:number voided:flag
            isreversal:flag reversal:=transaction memo otherrefnum externalid terms:=term
            employee:=employee billingaddress:=entityaddress shippingaddress:=entityaddress""",
            shown="trandisplayname",
        ),
        _table(
            "transactionline",
            """transaction:=transaction id:number linesequencenumber:number uniquekey:id
            mainline:flag taxline:flag entity:=entity item:=item memo quantity:number rate:number
            netamount:number foreignamount:number creditforeignamount:number
            debitforeignamount:number foreignamountpaid:number foreignamountunpaid:number
            foreignpaymentamountused:number foreignpaymentamountunused:number
            createdfrom:=transaction subsidiary:=subsidiary expenseaccount:=account
            linelastmodifieddate:time isclosed:flag quantitybilled:number
            quantityshiprecv:number""",
            shown="id",
        ),
        _table(
            "transactionAccountingLine",
            """transaction:=transaction transactionline:number accountingbook:=accountingbook
            account:=account amount:number debit:number credit:number amountpaid:number
            amountunpaid:number paymentamountused:number paymentamountunused:number
            exchangerate:number posting:flag""",
            shown="account",
        ),
        _table(
            "NextTransactionLineLink", LINK + " lastmodifieddate:time", view="SELECT * FROM link"
        ),
        _table("PreviousTransactionLineLink", LINK, view="SELECT * FROM link"),
        _table(
            "customer",
            """id:id entityid entitynumber:number externalid companyname altname fullname firstname
            middlename lastname salutation title isperson:flag email phone mobilephone altphone fax
            url vatregnumber comments currency:=currency terms:=term creditlimit:number oncredithold
            entitystatus:=customerstatus searchstage isinactive:flag parent:=customer
            salesrep:=employee datecreated:time lastmodifieddate:time dateclosed:date
            firstorderdate:date lastorderdate:date lastsaledate:date
            balancesearch:number overduebalancesearch:number consolbalancesearch:number
            consoloverduebalancesearch:number unbilledorderssearch:number
            defaultbillingaddress:=entityaddress defaultshippingaddress:=entityaddress""",
            shown="altname",
            view=_CUSTOMER,
        ),
        _table(
            "entity",
            "id:id entityid altname type externalid email phone isinactive:flag",
            shown="altname",
            view=_ENTITY,
        ),
        _table(
            "contact",
            """id:id entityid externalid firstname middlename lastname title email phone mobilephone
            company:=customer comments isinactive:flag datecreated:time lastmodifieddate:time""",
            shown="entityid",
        ),
        _table(
            "employee",
            """id:id entityid firstname lastname email phone title issalesrep:flag isinactive:flag
            subsidiary:=subsidiary datecreated:time lastmodifieddate:time""",
            shown="entityid",
        ),
        _table(
            "customerSubsidiaryRelationship",
            "id:id entity:=customer subsidiary:=subsidiary isprimarysub:flag",
            shown="id",
            view=_OF_SUBSIDIARY,
        ),
        _table("entityAddress", PLACE, shown="addrtext"),
        _table(
            "customerAddressbookEntityAddress",
            PLACE,
            shown="addrtext",
            view="SELECT * FROM entityaddress",
        ),
        _table(
            "customerAddressbook",
            """internalid:id entity:=customer addressbookaddress:=entityaddress label
            defaultbilling:flag defaultshipping:flag""",
            shown="label",
        ),
        _table(
            "subsidiary",
            """id:id name fullname legalname parent:=subsidiary currency:=currency country
               iselimination:flag isinactive:flag""",
        ),
        _table(
            "currency",
            """id:id symbol name exchangerate:number isbasecurrency:flag
               currencyprecision:number isinactive:flag""",
        ),
        _table("term", "id:id name daysuntilnetdue:number isinactive:flag"),
        _table("customerStatus", "id:id key:id name entitytype isinactive:flag"),
        _table(
            "entityStatus",
            "id:id key:id name entitytype isinactive:flag",
            view="SELECT * FROM customerstatus",
        ),
        _table(
            "account",
            "id:id acctnumber accttype accountsearchdisplayname fullname isinactive:flag",
            shown="accountsearchdisplayname",
        ),
        _table("accountingBook", "id:id name isprimary:flag"),
        _table(
            "item", "id:id itemid displayname itemtype externalid isinactive:flag", shown="itemid"
        ),
        _table(
            "deletedRecord",
            """deleteddate:time recordid:number recordtypeid:number scriptid type name context
            deletedby:=employee iscustomrecord:flag iscustomlist:flag iscustomtransaction:flag""",
        ),
        _table("dual", "dummy", shown="dummy", view="SELECT 'X' AS dummy"),
    ]
    return {one.name: one for one in made}


_UNBILLED = """(SELECT SUM(l.netamount) * -1 FROM "transaction" t
    JOIN transactionline l ON l."transaction" = t.id
    WHERE t.entity = c.id AND t.type = 'SalesOrd' AND t.status IN ('B', 'D', 'E', 'F')
    AND l.mainline = 'F' AND l.isclosed = 'F')"""
_ALL = OWED.format(when="1", less="IFNULL(a.paymentamountunused, 0)")
_LATE = OWED.format(when="IFNULL(t.duedate, t.trandate) < today()", less="0")
_CUSTOMER = f"""SELECT c.*, {_ALL} AS balancesearch, {_LATE} AS overduebalancesearch,
    {_ALL} AS consolbalancesearch, {_LATE} AS consoloverduebalancesearch,
    {_UNBILLED} AS unbilledorderssearch FROM customer_ c"""
_ENTITY = """SELECT id, entityid, altname, 'CustJob' AS type, externalid, email, phone, isinactive
    FROM customer_
    UNION ALL SELECT id, entityid, entityid, 'Employee', NULL, email, phone, isinactive
    FROM employee
    UNION ALL SELECT id, entityid, entityid, 'Contact', externalid, email, phone, isinactive
    FROM contact"""
_OF_SUBSIDIARY = """SELECT id, id AS entity, subsidiary_ AS subsidiary, 'T' AS isprimarysub
    FROM customer_"""
STORED = {"customer": "customer_"}
"""Tables whose rows are stored under another name, below a view."""
COMPUTED = {
    "balancesearch",
    "overduebalancesearch",
    "consolbalancesearch",
    "consoloverduebalancesearch",
    "unbilledorderssearch",
}
HIDDEN = {
    "customer_": ("subsidiary_",),
    "transactionaccountingline": ("entity_",),
    "transaction": ("subsidiary_",),
}
"""Columns that are kept and that SuiteQL does not show."""
