"""BottleCRM by YAML alone, for the kit: the driver of the connector in Python, under the names that
the API has for its fields."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain import Value
from tests.bottlecrm.driver import BottleCrmDriver

NAMES: Mapping[str, Mapping[str, str]] = {
    "invoice": {"title": "invoice_title", "amount": "total_amount", "state": "status"},
    "note": {"text": "comment"},
}


class BottleByYaml(BottleCrmDriver):
    markers: Mapping[str, str] = {**BottleCrmDriver.markers, "note": "comment"}

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        return _named(target, super().fields(target, n))

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        return _named(target, super().changed(target, n))

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        wrong: dict[str, dict[str, Value]] = {
            "account": {"country": "Austria"},
            "contact": {"last_name": None},
            "invoice": {"issue_date": "the day before"},
            "payment": {"amount": -5},
            "note": {"comment": "not\x00this"},
        }
        return {**self.fields(target, n), **wrong[target]}


def _named(target: str, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    names = NAMES.get(target, {})
    return {names.get(path, path): one for path, one in fields.items()}
