"""A system's own way of writing what it was sent is told from another value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.domain import Value
from syncd.image import as_sent, manner, manners, rewritten
from syncd.sync.settle import not_accepted

LONG = "Hauptstraße 1, Stiege 2 links, beim großen Brunnen im Hof"


@pytest.mark.parametrize(
    ("wanted", "seen", "how"),
    [
        ("ACME  gmbh", "Acme Gmbh", "case"),
        ("ооо «ромашка»", "ООО «Ромашка»", "case"),
        ("田中 商店", "田中\u00a0商店", "blanks"),
        ("a\nb", "a\r\nb", "blanks"),
        ("ＡＢＣ商店", "ABC商店", "blanks"),
        ("+43 (1) 22 33", "+4312233", "formatted"),
        ("01 22 33 44", "+43 1 223344", "formatted"),
        (Decimal("10.125"), Decimal("10.13"), "rounded"),
        (Decimal("10.129"), "10.12", "rounded"),
        (LONG, LONG[:39] + "…", "cut"),
        (LONG, LONG[:40], "cut"),
        ("ACME", "ACME", None),
        ("Meier GmbH", "Meier", None),
        ("+43 1 22 33", "+43 1 22 34", None),
        (Decimal("120.50"), Decimal("121"), None),
        (Decimal("120.50"), Decimal("120.49"), None),
        (Decimal("120.50"), "a lot", None),
        ("client", "3", None),
        (None, "x", None),
        ("x", None, None),
    ],
)
def test_what_is_a_manner_and_what_is_another_value(
    wanted: Value, seen: Value, how: str | None
) -> None:
    assert manner(wanted, seen) == how


def test_a_field_is_not_kept_where_the_former_value_or_another_amount_is_there() -> None:
    sent: dict[str, Value] = {"name": "NEW  name", "city": "Wien", "due": Decimal("10.125")}
    before: dict[str, Value] = {"name": "New Name", "city": None, "due": Decimal("10.13")}
    assert not_accepted(sent, before, {**before}) == ["city"]
    assert not_accepted(sent, before, {**sent, "due": Decimal("11")}) == ["due"]
    assert not_accepted(sent, before, {**sent, "city": "Vienna"}) == [], "a third text is its own"


def test_a_manner_that_was_seen_once_is_known_from_then_on() -> None:
    forms = rewritten({"name": "ACME"}, {"name": "Acme"}, None)
    assert forms and manners(forms) == {"name": "case"}
    assert as_sent("name", "ACME", "Acme", forms) and as_sent("name", "NORD", "Nord", forms)
    assert not as_sent("name", "NORD", "Acme", forms) and not as_sent("name", "ACME", "Acme", None)
    echoed = rewritten({"name": "NORD"}, {"name": "NORD"}, forms)
    assert echoed and manners(echoed) == {} and as_sent("name", "NORD", "Nord", echoed)


def test_what_an_earlier_version_noted_goes_by_the_very_value() -> None:
    both = rewritten({"kind": "client"}, {"kind": "3"}, None)
    assert both and as_sent("kind", "client", "3", both)
    assert not as_sent("kind", "lead", "3", both)
    assert rewritten({"kind": "client"}, {"kind": "client"}, both) is None
