"""Why a deal shows what it does: the orders that name it."""

from __future__ import annotations

from syncd.domain import DealOrders, Kind, Money, Order, Value
from syncd.errors import UsageError
from syncd.mapping.document import suggestion
from syncd.mapping.sections import Rule
from syncd.mapping.words import OUTBOUND
from syncd.store.mirror import Known
from syncd.sync.deals import orders_in_force
from syncd.why.answer import FieldAnswer, Item, Shown
from syncd.why.card import how
from syncd.why.reasons import Code, Reason
from syncd.why.view import View

OF_ONE_CURRENCY = ("orders_total", "open_orders_total", "currency")


def shown(view: View, row: Known) -> tuple[Shown, ...]:
    """Every line of the deal."""
    wanted, stored = _state(view, row)
    return tuple(
        Shown(rule.word, path, wanted.get(path), stored.get(path))
        for path, rule in _lines(view).items()
    )


def answer(view: View, row: Known, field: str, of_deal: Reason) -> tuple[Reason, FieldAnswer]:
    """UsageError for a word that a deal does not have. `of_deal` is how the deal itself stands."""
    lines = _lines(view)
    word, path = next(
        ((rule.word, path) for path, rule in lines.items() if field in (rule.word, path)),
        (field, None),
    )
    if word not in OUTBOUND[Kind.DEAL_ORDERS]:
        known = sorted(OUTBOUND[Kind.DEAL_ORDERS])
        raise UsageError(f"a deal shows no {field} of its orders{suggestion(field, known)}")
    wanted, stored = _state(view, row)
    record = view.image(Kind.DEAL_ORDERS, row)
    assert isinstance(record, DealOrders)
    value = getattr(record, word, None)
    money = value if isinstance(value, Money) else None
    part = view.parts(row).get("")
    found = FieldAnswer(
        word,
        path,
        wanted.get(path) if path else None,
        stored.get(path) if path else None,
        money,
        tuple(_items(view, row.key, word)),
        written_at=part["sent_at"] if part else None,
        written_run=part["sent_run"] if part else None,
        seen_at=part["seen_at"] if part else None,
        how=how(view, word, path, lines.get(path or "")),
    )
    return _reason(view, record, word, path, of_deal), found


def _reason(view: View, record: DealOrders, word: str, path: str | None, of_deal: Reason) -> Reason:
    if path is None:
        return Reason(Code.FIELD_NOT_MAPPED, f"{view.pair.writing.name} writes no {word} of a deal")
    orders = orders_in_force(view.scene, [record.key])[record.key]
    codes = sorted({one.total.currency for one in orders})
    if of_deal.code is Code.THERE and word in OF_ONE_CURRENCY and len(codes) > 1:
        return Reason(Code.SEVERAL_CURRENCIES, ", ".join(codes))
    return of_deal


def _items(view: View, deal: str, word: str) -> list[Item]:
    """The newest first. A count has documents, and no amounts that would add up to it."""
    orders = orders_in_force(view.scene, [deal])[deal]
    return [
        Item(Kind.ORDER, one.key, one.number, one.date, one.total, _counts(one, word))
        for one in sorted(orders, key=lambda one: (one.date, one.key), reverse=True)
    ]


def _counts(order: Order, word: str) -> Money | None:
    if word == "open_orders_total":
        return order.open or Money(0, order.total.currency)
    return order.total if word == "orders_total" else None


def _lines(view: View) -> dict[str, Rule]:
    outbound = view.pair.outbound(Kind.DEAL_ORDERS)
    return {path: rule for (_, path), rule in outbound.rules.items()} if outbound else {}


def _state(view: View, row: Known) -> tuple[dict[str, Value], dict[str, Value]]:
    """What is wanted of the deal, and what was last agreed with the CRM."""
    part, want = view.parts(row).get(""), view.wants(Kind.DEAL_ORDERS, row).get("")
    stored = view.fields(Kind.DEAL_ORDERS, part["id"]) if part else {}
    return dict(want.fields) if want else {}, dict(stored)
