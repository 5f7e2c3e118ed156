"""What each kind of entity has, and which of it a list shows when nobody asks for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COMPANY, HUMAN, CONTRACTOR = "ContractorCompany", "ContractorHuman", "Contractor"
CONTRACTORS = (COMPANY, HUMAN)
DEAL, PAYER, EMPLOYEE = "Deal", "Payer", "Employee"
PROGRAM, STATE = "Program", "ProgramState"
TYPE, STATUS = "ContractorType", "ContractorStatus"


@dataclass(frozen=True)
class Field:
    """`kind`: text, number, integer, money, date, moment, flag, enum, link, links, contacts, or
    computed. `label` is there of extra fields, of which `id` is the definition's own; `given` ones
    were made for syncd."""

    name: str
    kind: str = "text"
    short: bool = False
    read_only: bool = False
    required: bool = False
    label: str = ""
    id: str = ""
    given: bool = False

    @property
    def extra(self) -> bool:
        return bool(self.id)


KINDS: Mapping[str, str] = {
    "text": "StringField",
    "number": "FloatField",
    "integer": "IntegerField",
    "money": "MoneyField",
    "date": "DateField",
    "moment": "DateTimeField",
    "flag": "BoolField",
    "enum": "EnumField",
}
"""Kinds of extra fields -> content type of their definition."""

_ALL = (
    Field("timeCreated", "moment", read_only=True),
    Field("timeUpdated", "moment", read_only=True),
    Field("userCreated", "link", read_only=True),
    Field("userUpdated", "link", read_only=True),
    Field("isDropped", "flag", short=True, read_only=True),
)
_SUMS = tuple(
    Field(name, "money", read_only=True)
    for name in (
        "balance",
        "summAccountReceivable",
        "summAccountReceivableOverdue",
        "summInvoice",
        "summNotPaidInvoice",
        "summDeals",
    )
)
"""Megaplan works these out of its own invoices and operations."""
_OF_CARDS = (
    Field("type", "link", short=True),
    Field("status", "link"),
    Field("responsibles", "links"),
    Field("contactInfo", "contacts"),
    Field("payers", "links", read_only=True),
    Field("description"),
    Field("countDeals", "integer", read_only=True),
    *_SUMS,
    *_ALL,
)

STANDARD: Mapping[str, tuple[Field, ...]] = {
    COMPANY: (
        Field("name", short=True, required=True),
        Field("contacts", "links", read_only=True),
        *_OF_CARDS,
    ),
    HUMAN: (
        Field("name", "computed", short=True, read_only=True),
        Field("firstName", short=True),
        Field("middleName", short=True),
        Field("lastName", short=True),
        Field("company", "link"),
        Field("position"),
        *_OF_CARDS,
    ),
    DEAL: (
        Field("number", short=True, read_only=True),
        Field("name", short=True),
        Field("program", "link", short=True, required=True),
        Field("state", "link", short=True, read_only=True),
        Field("result", "computed", read_only=True),
        Field("contractor", "link", short=True),
        Field("contact", "link"),
        Field("payer", "link"),
        Field("manager", "link", short=True),
        Field("price", "money", short=True),
        Field("cost", "money"),
        Field("description"),
        Field("stateTimeUpdated", "moment", read_only=True),
        Field("possibleTransitions", "computed", read_only=True),
        *_ALL,
    ),
    PAYER: (
        Field("name", short=True),
        Field("type", short=True, required=True),
        Field("country", "computed", required=True),
        *(
            Field(name, short=name in ("inn", "kpp"))
            for name in (
                "inn",
                "kpp",
                "ogrn",
                "bank",
                "bik",
                "currentAccount",
                "correspondentAccount",
                "legalAddress",
                "address",
            )
        ),
        Field("contractor", "link", read_only=True),
        *_ALL,
    ),
    EMPLOYEE: (
        Field("name", short=True),
        Field("firstName", short=True),
        Field("lastName", short=True),
        Field("position", short=True),
        Field("contactInfo", "contacts"),
        Field("fireDay", "date"),
        *_ALL,
    ),
    PROGRAM: (Field("name", short=True), Field("states", "links"), *_ALL),
    STATE: (
        Field("name", short=True),
        Field("type", short=True),
        Field("program", "link"),
        *_ALL,
    ),
    TYPE: (Field("name", short=True), *_ALL),
    STATUS: (Field("name", short=True), *_ALL),
}

_LATIN = str.maketrans(
    {
        **dict(zip("абвгдеёзийклмнопрстуфхыэ", "abvgdeezijklmnoprstufhye", strict=True)),
        **{"ж": "zh", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": ""},
        **{"ю": "yu", "я": "ya"},
    }
)


def extra_name(category: int, label: str) -> str:
    """As Megaplan makes it of the label: Category183CustomFieldDolg."""
    latin = label.casefold().translate(_LATIN)
    plain = "".join(one if one.isascii() and one.isalnum() else " " for one in latin)
    return f"Category{category}CustomField" + "".join(map(str.capitalize, plain.split()))
