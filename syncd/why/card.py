"""Why a field of a card says what it says, or says nothing."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from syncd.domain import Balance, Card, Kind, Money, Ref, Value
from syncd.errors import MappingError
from syncd.image import as_sent
from syncd.mapping import Outbound
from syncd.mapping.sections import Rule
from syncd.mapping.stages import AMOUNTS, DAYS
from syncd.mapping.wants import figure
from syncd.mapping.words import FIGURES, OPEN_ITEMS
from syncd.store import proofs
from syncd.store.mirror import Known
from syncd.sync import doubts
from syncd.sync.derive import SOURCES, proof_of, today
from syncd.sync.ledger import together
from syncd.why import history, sums
from syncd.why.answer import (
    FieldAnswer,
    How,
    Item,
    Line,
    Stage,
    StageRule,
    Ways,
)
from syncd.why.elsewhere import elsewhere
from syncd.why.reasons import Code, Reason
from syncd.why.records import of_object, of_record
from syncd.why.says import ALONE, DERIVED, READS
from syncd.why.view import Row, View

_IN = re.compile(r"\|\s*in\s+([A-Z]{3})\b")
OF_DOCUMENTS = OPEN_ITEMS | frozenset(
    ("line", "overdue", "overdue_since", "ageing", "total_sales", "sales_12m", "last_payment")
)
"""Words that lack what a document says that cannot be read."""
LISTED = 5
COUNTS = ("orders_count", "open_orders_count")


@dataclass(frozen=True)
class Asked:
    """A word of one card; `customers` are all that share it, the primary one first. `rule` and
    `path` are where it is written, if it is."""

    view: View
    customers: Sequence[str]
    word: str
    path: str | None
    rule: Rule | None
    row: Known
    card: Card
    part: Row | None

    @property
    def customer(self) -> str:
        """Whose card it is."""
        return self.customers[0]

    @property
    def outbound(self) -> Outbound | None:
        return self.view.pair.outbound(Kind.CARD)

    def wanted(self, card: Card) -> dict[str, Value]:
        """Path -> value as the mapping wants it of this version of the card."""
        try:
            wants = self.outbound(card) if self.outbound else ()
        except MappingError:
            return {}
        return dict(wants[0].fields) if wants else {}

    @property
    def named(self) -> str | None:
        """The currency of `| in EUR`."""
        found = _IN.search(self.rule.text) if self.rule else None
        return found.group(1) if found else None

    def money(self, card: Card) -> Money | None:
        """The value as an amount; None where it is none, or not known."""
        if self.word not in FIGURES:
            return None
        found = figure(card, self.word, self.named, self.view.currencies)
        return found if isinstance(found, Money) else None

    def value(self, card: Card) -> Value:
        if self.path is not None:
            return self.wanted(card).get(self.path)
        if self.word in FIGURES:
            money = self.money(card)
            return money.amount if money is not None else None
        found = getattr(card, self.word, None)
        return found.isoformat() if isinstance(found, dt.date) else found


def lines_of(outbound: Outbound | None) -> dict[str, tuple[str, Rule]]:
    """Path -> (part, line) of a kind."""
    rules = outbound.rules.items() if outbound else ()
    return {path: (part, rule) for (part, path), rule in rules}


def answer(
    view: View, customer: str, word: str, path: str | None, rule: Rule | None
) -> tuple[Reason, FieldAnswer | None]:
    """The reason, and the value as far as there is one. A member has the card of the primary
    customer."""
    customer = view.sharing(customer)[0]
    row = view.known(Kind.CARD, customer)
    card = view.image(Kind.CARD, row) if row else None
    of_customer = of_record(view, Ref(Kind.CUSTOMER, customer))
    if row is None or not isinstance(card, Card):
        there = view.card(customer) is not None
        return (_no_figures(view, customer) if there else of_customer), None
    mine, sharing = view.parts(row).get(""), view.sharing(customer)
    asked = Asked(view, sharing, word, path, rule, row, card, mine)
    field = _field(asked)
    return _reason(asked, field, of_customer), field


def _no_figures(view: View, customer: str) -> Reason:
    lacking = [one for one in view.sharing(customer) if view.known(Kind.BALANCE, one) is None]
    whose = lacking[0] if lacking else customer
    balance = of_record(view, Ref(Kind.BALANCE, whose))
    because = None if balance.code is Code.KIND_NOT_SHOWN else balance
    return Reason(Code.NO_FIGURES, about=f"balance:{whose}", because=because)


# -- why it is missing ---------------------------------------------------------------------------


def _reason(asked: Asked, field: FieldAnswer, of_customer: Reason) -> Reason:
    view = asked.view
    if asked.path is None:
        return Reason(Code.FIELD_NOT_MAPPED, f"{view.pair.writing.name} writes no {asked.word}")
    remote_id = view.card(asked.customer)
    if remote_id is None or of_customer.code is Code.GONE:
        return of_customer
    wants = asked.wanted(asked.card)
    if asked.path not in wants:
        return _not_wanted(asked)
    part = asked.part
    differs = part is not None and not as_sent(
        asked.path, field.wanted, field.shown, part["rewritten"]
    )
    if part is not None and part["state"] != "clean" and differs:
        return _not_written(asked, part)
    if field.wanted in (None, "", 0):
        return _empty(asked)
    if asked.card.correcting:
        numbers = ", ".join(asked.card.correcting)
        return Reason(Code.CORRECTING, f"{numbers} is being corrected in the books")
    return Reason(Code.THERE, f"{part['target'] if part else 'card'} {remote_id}")


def _not_written(asked: Asked, part: Row) -> Reason:
    """Of a part with several refused fields, the one that is asked about counts."""
    want = asked.view.wants(Kind.CARD, asked.row).get("")
    found = of_object(asked.view, Kind.CARD, asked.row, part, want)
    trouble = asked.view.trouble(part["problem"])
    if found.code is Code.NOT_ACCEPTED and trouble and not trouble.cause.endswith(f" {asked.path}"):
        detail = f"another field of this card holds it up: {trouble.text}"
        return replace(found, detail=detail)
    return found


def _not_wanted(asked: Asked) -> Reason:
    row, view = asked.row, asked.view
    if row.problem is not None:
        return Reason(Code.UNWRITABLE, view.error(row), row.problem)
    return _incomplete(view)


def _incomplete(view: View) -> Reason:
    mapped = [kind for kind in SOURCES if view.pair.inbound(kind)]
    unread = [kind for kind in mapped if view.cursor(kind).swept_at is None]
    named = ", ".join(f"{kind}s" for kind in unread)
    detail = f"{named} were not read completely yet" if unread else "the card is worked out next"
    return Reason(Code.INCOMPLETE, detail)


def _empty(asked: Asked) -> Reason:
    """Wanted empty: several currencies, one that the CRM does not know, or truly nothing."""
    card, view = asked.card, asked.view
    if asked.word in FIGURES and asked.money(card) is None:
        codes = [row.receivable.currency for row in card.rows]
        if len(codes) == 1:
            return Reason(Code.CURRENCY_UNKNOWN, f"{view.pair.crm.name} has no {codes[0]}")
        return Reason(Code.SEVERAL_CURRENCIES, ", ".join(codes))
    others = _other_currencies(asked)
    if others and asked.word in OPEN_ITEMS | {"overdue"} and asked.named is None:
        code = Code.SEVERAL_CURRENCIES if len(others) > 1 else Code.CURRENCY_UNKNOWN
        known = view.currencies
        if code is Code.CURRENCY_UNKNOWN and (known is None or others[0].currency in known):
            code = Code.SEVERAL_CURRENCIES
        return Reason(code, ", ".join(str(money) for money in others))
    return Reason(Code.NOTHING_TO_SHOW)


def _other_currencies(asked: Asked) -> list[Money]:
    """Amounts of this word that the one number leaves out."""
    mine = asked.money(asked.card)
    found = [getattr(row, FIGURES[asked.word]) for row in asked.card.rows if asked.word in FIGURES]
    return [money for money in found if money and (mine is None or money.currency != mine.currency)]


# -- what it is made of --------------------------------------------------------------------------


def _field(asked: Asked) -> FieldAnswer:
    view, card, word, part = asked.view, asked.card, asked.word, asked.part
    stored = view.fields(Kind.CARD, part["id"]) if part else {}
    day = _as_of(view, asked.row)
    papers = {one: sums.papers_of(view, one, day) for one in asked.customers}
    money = asked.money(card)
    currency = money.currency if money is not None else _main_currency(card)
    items = sums.of_each(papers, word, currency)
    rest = _rest(asked, money, items)
    paths = {rule.word: path for path, (_, rule) in lines_of(asked.outbound).items()}
    proven = proofs.of(view.tx, view.pair.name, asked.customers)
    proof = proof_of(view.pair, [proven.get(one) for one in asked.customers])
    compared = min((row.at for row in proven.values()), default=None) if proof else None
    shown = stored.get(asked.path) if asked.path else None
    return FieldAnswer(
        word,
        asked.path,
        asked.value(card),
        shown,
        money,
        tuple(items),
        rest if rest else None,
        _rest_text(card) if rest else "",
        tuple(elsewhere(papers, card, word, paths, currency)),
        _ways(asked, money, items, shown),
        part["sent_at"] if part else None,
        part["sent_run"] if part else None,
        part["seen_at"] if part else None,
        compared,
        proof.agreed if proof else None,
        history.before(view, asked.row, asked.customers, asked.value),
        _stage(asked) if word == "stage" else None,
        _note(asked),
        how(view, word, asked.path, asked.rule),
    )


def _as_of(view: View, row: Known) -> dt.date:
    """The day by which the card was worked out: until the clock changes it, any day says so."""
    now = view.now
    if row.next_review and row.next_review <= now:
        now = row.next_review - dt.timedelta(seconds=1)
    return today(view.pair, now)


def _main_currency(card: Card) -> str:
    codes = [row.receivable.currency for row in card.rows]
    return codes[0] if len(codes) == 1 else card.currency


def _rest(asked: Asked, money: Money | None, items: list[Item]) -> Money | None:
    """What the items leave unexplained of a sum."""
    if money is None or asked.word == "average_order":
        return None
    return money - sums.total(items, money.currency)


def _rest_text(card: Card) -> str:
    if card.correcting:
        return f"as before, while {', '.join(card.correcting)} is being corrected"
    if not card.complete:
        return "the documents were not all read yet"
    return "in the ledger, and in no document"


def _ways(asked: Asked, money: Money | None, items: list[Item], shown: Value) -> Ways | None:
    if money is None or asked.word == "average_order":
        return None
    ledger = None
    found = [asked.view.canonical(Kind.BALANCE, one) for one in asked.customers]
    balances = [one for one in found if isinstance(one, Balance)]
    told = asked.view.pair.reading.owed_in is None
    if told and asked.word in OPEN_ITEMS and len(balances) == len(asked.customers):
        rows = {row.receivable.currency: row for row in together(balances).rows}
        row = rows.get(money.currency)
        ledger = (getattr(row, asked.word) if row else None) or Money(0, money.currency)
    return Ways(ledger, sums.total(items, money.currency), shown)


def _note(asked: Asked) -> str:
    """Of a value that is there, and is not all: documents that cannot be read, other currencies, a
    day that has passed."""
    notes = _unread(asked) if asked.word in OF_DOCUMENTS else []
    if len(asked.customers) > 1:
        members = " and ".join(f"customer {one}" for one in asked.customers[1:])
        notes.append(f"the card is of customer {asked.customer}, with {members} as members")
    others = _other_currencies(asked)
    if others:
        listed = ", ".join(str(money) for money in others)
        notes.append(f"{listed} besides: currencies are never added up")
    if asked.row.next_review and asked.row.next_review <= asked.view.now:
        notes.append("a due date has passed since; the next run works the card out again")
    return "; ".join(notes)


def _unread(asked: Asked) -> list[str]:
    """Where what is owed is added up out of documents."""
    view = asked.view
    if view.pair.reading.owed_in is None:
        return []
    notes = []
    unread = (doubts.of_customer(view.tx, view.streams, one) for one in asked.customers)
    for one in list(itertools.chain.from_iterable(unread))[:LISTED]:
        number = f" (problem #{one.problem})" if one.problem else ""
        notes.append(f"{one.ref} cannot be read{number}: what it says now is not in this")
    found = doubts.doubts(view.tx, view.streams)
    if found and found.nobodys:
        notes.append(found.of_nobody)
    return notes


def how(view: View, word: str, path: str | None, rule: Rule | None) -> How:
    reads = []
    for kind, name in READS.get(word, ()):
        inbound = view.pair.inbound(kind)
        line = inbound.rules.get(name) if inbound else None
        if line:
            reads.append(Line(f"{kind}.{name}", line.where, line.text))
    writes = (Line(word, rule.where, rule.text or word),) if rule else ()
    pair = view.pair
    derived = DERIVED.get(word, "")
    if pair.reading.owed_in is not None:
        derived = ALONE.get(word, derived)
    return How(tuple(reads), derived, writes, "books", pair.reading.version, pair.writing.version)


def _stage(asked: Asked) -> Stage:
    """The same facts that the stage was told by."""
    card, day = asked.card, _as_of(asked.view, asked.row)
    own = next((row for row in card.rows if row.receivable.currency == card.currency), None)
    facts: dict[str, int | Decimal | None] = {
        name: getattr(own, name).amount if own else Decimal(0) for name in AMOUNTS
    }
    facts |= {name: getattr(card, name) for name in COUNTS}
    for word, name in DAYS.items():
        since = getattr(card, name)
        facts[word] = (day - since).days if since else None
    rules = []
    for rule in asked.view.pair.writing.stages.rules:
        known = all(facts[word] is not None for word in rule.days)
        holds = known and bool(rule.holds(facts))
        rules.append(StageRule(rule.stage, rule.text, rule.where, holds))
    shown: Mapping[str, Value] = dict(facts)
    return Stage(shown, tuple(rules))
