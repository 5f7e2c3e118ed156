"""Which documents of a configuration are which kind, and where its settlements are kept.

A configuration is told by what it publishes. Documents that are not published are left out; names
of fields are tried in order, because releases differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from syncd.domain import Kind, Reason

from .schema import Schema

CUSTOMERS = "Catalog_Контрагенты"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
ACCOUNTS = "ChartOfAccounts_Хозрасчетный"
CURRENCIES = "Catalog_Валюты"
ORGANISATIONS = "Catalog_Организации"
PARTNERS = "Catalog_Партнеры"
CONTACT_KINDS = "Catalog_ВидыКонтактнойИнформации"
PERSONS = ("Catalog_КонтактныеЛицаПартнеров", "Catalog_КонтактныеЛица")
USERS = "Catalog_Пользователи"
"""The seller of an order is one of them."""

CUSTOMER = ("Контрагент_Key", "Контрагент")
TOTAL = ("СуммаДокумента",)
CURRENCY = ("Валюта_Key", "ВалютаДокумента_Key", "ВалютаДенежныхСредств_Key")
SETTLED_IN = ("ВалютаВзаиморасчетов_Key",)
SETTLED = ("СуммаВзаиморасчетов",)
ORGANISATION = ("Организация_Key",)
OPERATION = ("ХозяйственнаяОперация", "ВидОперации")
DUE = ("ДатаПлатежа", "СрокОплаты")
ORDER = (
    "ЗаказКлиента",
    "ЗаказПокупателя",
    "Заказ",
    "СчетНаОплатуПокупателю_Key",
    "ЗаказКлиента_Key",
)
SELLER = ("Менеджер_Key", "Ответственный_Key")
"""Of a document."""
MANAGER = ("ОсновнойМенеджер_Key", "Ответственный_Key")
"""Of a customer, or of its partner."""
CONTRACT = ("ДоговорКонтрагента_Key", "Договор_Key")
PAID = "РасшифровкаПлатежа"
"""The table part of a payment that says what it is for."""


class Register(msgspec.Struct, frozen=True):
    """A register of settlements with customers. `party` is the field that says whose they are,
    itself or through the catalog of analytics `keys`; rows of one `account` settle each other."""

    set: str
    amount: tuple[str, ...]
    party: str
    account: tuple[str, ...]
    keys: str | None = None
    codes: tuple[str, ...] = ()
    """Of the accounts that settlements are on, where the ledger is a chart of accounts; analytics
    have a side then, `ExtDimensionDr1`."""


class Schedule(msgspec.Struct, frozen=True):
    """The table part with the days of payment, and what a row of it calls them."""

    part: str = "ЭтапыГрафикаОплаты"
    day: str = "ДатаПлатежа"
    amount: str = "СуммаПлатежа"


@dataclass(frozen=True, slots=True)
class Layout:
    """`others` are documents whose rows in the ledger are adjustments, with their reason; those in
    `credits` too take a debt back, or raise it, and are an adjustment when they raise it."""

    name: str
    mapping: str
    """The shipped mapping for it."""
    signature: tuple[str, ...]
    orders: tuple[str, ...]
    invoices: tuple[str, ...]
    receipts: tuple[str, ...]
    refunds: tuple[str, ...]
    credits: tuple[str, ...]
    others: Mapping[str, Reason]
    register: Register
    undelivered: tuple[str, str, str] | None = None
    """Register, its order and its sum, of what of an order is not shipped yet."""
    buyers: tuple[str, str] | None = None
    """Catalog and its flag, of customers that buy."""
    operations: frozenset[str] = frozenset()
    """Operations of payments that are with customers; the same documents pay suppliers too."""
    schedule: Schedule = field(default_factory=Schedule)
    present: frozenset[str] = field(default=frozenset())

    def of(self, kind: Kind) -> tuple[str, ...]:
        """The published documents of a kind."""
        named: Mapping[Kind, tuple[str, ...]] = {
            Kind.ORDER: self.orders,
            Kind.INVOICE: self.invoices,
            Kind.PAYMENT: (*self.receipts, *self.refunds),
            Kind.CREDIT_NOTE: self.credits,
            Kind.ADJUSTMENT: tuple(dict.fromkeys((*self.others, *self.credits))),
        }
        return tuple(one for one in named[kind] if one in self.present)


UT = Layout(
    name="УТ 11 / КА 2 / ERP 2",
    mapping="onec_ut",
    signature=("Document_ЗаказКлиента", "AccumulationRegister_РасчетыСКлиентами"),
    orders=("Document_ЗаказКлиента",),
    invoices=("Document_РеализацияТоваровУслуг", "Document_АктВыполненныхРабот"),
    receipts=(
        "Document_ПоступлениеБезналичныхДенежныхСредств",
        "Document_ПриходныйКассовыйОрдер",
        "Document_ПоступлениеНаличныхДенежныхСредств",
        "Document_ОперацияПоПлатежнойКарте",
    ),
    refunds=("Document_СписаниеБезналичныхДенежныхСредств", "Document_РасходныйКассовыйОрдер"),
    credits=("Document_ВозвратТоваровОтКлиента", "Document_КорректировкаРеализации"),
    others={
        "Document_ВзаимозачетЗадолженности": Reason.NETTING,
        "Document_СписаниеЗадолженности": Reason.WRITE_OFF,
        "Document_ВводОстатков": Reason.OPENING,
        "Document_ВводНачальныхОстатков": Reason.OPENING,
        "Document_РасчетКурсовыхРазниц": Reason.REVALUATION,
        "Document_КорректировкаЗадолженности": Reason.MANUAL,
        "Document_КорректировкаРегистров": Reason.MANUAL,
    },
    register=Register(
        "AccumulationRegister_РасчетыСКлиентами",
        ("Сумма",),
        "АналитикаУчетаПоПартнерам_Key",
        ("ОбъектРасчетов_Key", "ЗаказКлиента"),
        keys="Catalog_КлючиАналитикиУчетаПоПартнерам",
    ),
    undelivered=("AccumulationRegister_ЗаказыКлиентов", "ЗаказКлиента", "СуммаBalance"),
    buyers=(PARTNERS, "Клиент"),
    operations=frozenset({"ПоступлениеОплатыОтКлиента", "ВозвратОплатыКлиенту"}),
)

UNF = Layout(
    name="УНФ",
    mapping="onec_unf",
    signature=("Document_ЗаказПокупателя", "AccumulationRegister_РасчетыСПокупателями"),
    orders=("Document_ЗаказПокупателя",),
    invoices=("Document_РасходнаяНакладная", "Document_АктВыполненныхРабот"),
    receipts=("Document_ПоступлениеНаСчет", "Document_ПоступлениеВКассу"),
    refunds=("Document_РасходСоСчета", "Document_РасходИзКассы"),
    credits=("Document_ПриходнаяНакладная", "Document_КорректировкаРеализации"),
    others={
        "Document_Взаимозачет": Reason.NETTING,
        "Document_ВводНачальныхОстатков": Reason.OPENING,
        "Document_ПереоценкаВалютныхСредств": Reason.REVALUATION,
        "Document_КорректировкаРегистров": Reason.MANUAL,
    },
    register=Register(
        "AccumulationRegister_РасчетыСПокупателями",
        ("СуммаВал", "Сумма"),
        "Контрагент_Key",
        ("Организация_Key", "Договор_Key", "Документ"),
    ),
    buyers=(CUSTOMERS, "Покупатель"),
    operations=frozenset({"ОтПокупателя", "Покупателю", "ВозвратОтПокупателя"}),
    schedule=Schedule("ПлатежныйКалендарь", "ДатаОплаты", "СуммаОплаты"),
)

BP = Layout(
    name="БП 3.0",
    mapping="onec_bp",
    signature=("AccountingRegister_Хозрасчетный", "Document_СчетНаОплатуПокупателю"),
    orders=("Document_СчетНаОплатуПокупателю",),
    invoices=("Document_РеализацияТоваровУслуг",),
    receipts=("Document_ПоступлениеНаРасчетныйСчет", "Document_ПриходныйКассовыйОрдер"),
    refunds=("Document_СписаниеСРасчетногоСчета", "Document_РасходныйКассовыйОрдер"),
    credits=("Document_ВозвратТоваровОтПокупателя", "Document_КорректировкаРеализации"),
    others={
        "Document_КорректировкаДолга": Reason.NETTING,
        "Document_ВводНачальныхОстатков": Reason.OPENING,
        "Document_ОперацияБух": Reason.MANUAL,
        "Document_РегламентнаяОперация": Reason.REVALUATION,
    },
    register=Register(
        "AccountingRegister_Хозрасчетный",
        ("Сумма",),
        "ExtDimension1",
        ("Организация_Key", "ExtDimension2", "ExtDimension3"),
        codes=("62.01", "62.02", "62.21", "62.22", "62.31", "62.32"),
    ),
    operations=frozenset({"ОплатаПокупателя", "ВозвратПокупателю"}),
)

LAYOUTS = (UT, UNF, BP)


def layout_of(schema: Schema) -> Layout | None:
    """None where none of the known configurations is published."""
    for one in LAYOUTS:
        if all(name in schema.sets for name in one.signature):
            return replace(one, present=schema.sets)
    return None
