"""Whether a value may stand in a field, and what is stored of it."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from syncd.sandbox.zoho_crm.crm import CURRENCIES, Crm
from syncd.sandbox.zoho_crm.schema import Field, Module
from syncd.sandbox.zoho_crm.wire import Bad, Json, moment

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TEXTS = ("text", "textarea", "phone", "website", "email", "picklist")


class Intake:
    """Values of one record of one call; `place` is its JSON path, like `$.data[0]`."""

    def __init__(
        self, crm: Crm, module: Module, place: str, external: dict[str, str] | None = None
    ) -> None:
        self.crm = crm
        self.module = module
        self.place = place
        self.external = external or {}
        """Lookup field -> the external field of its module, of the header X-EXTERNAL."""

    def read(self, sent: Json, *, new: bool) -> Json:
        """What is stored. Bad for the first value that may not stand there."""
        known = self.crm.fields(self.module)
        found: Json = {}
        for name, value in sent.items():
            of = known.get(name)
            if of is None:
                self._unknown(name)
            elif not of.read_only:
                found[name] = self.value(of, value, f"{self.place}.{name}")
        for name, of in known.items():
            if of.mandatory and (found.get(name) is None) and (new or name in found):
                raise Bad(
                    "MANDATORY_NOT_FOUND",
                    "required field not found",
                    api_name=name,
                    json_path=f"{self.place}.{name}",
                )
        return found

    def _unknown(self, name: str) -> None:
        if self.crm.switches.unknown_keys == "refuse" and name[:1] not in "$_":
            raise Bad(
                "INVALID_DATA",
                "the field api name given seems to be invalid",
                api_name=name,
                json_path=f"{self.place}.{name}",
            )

    def value(self, of: Field, value: Any, path: str) -> Any:
        if value is None or value == "":
            return None
        if of.data_type in TEXTS:
            return self._text(of, value, path)
        match of.data_type:
            case "lookup":
                return self._lookup(of, value, path)
            case "ownerlookup":
                return self._owner(of, value, path)
            case "subform":
                return self._lines(of, value, path)
            case "multiselectpicklist":
                return [self._pick(of, one, path) for one in self._list(of, value, path)]
            case "boolean":
                return self._of(of, value, path, bool)
            case "date":
                return self._day(of, value, path)
            case "datetime":
                return self._moment(of, value, path)
            case "bigint":
                if isinstance(value, int) and not isinstance(value, bool):
                    value = str(value)
                return self._digits(of, self._of(of, value, path, str), path)
        return self._number(of, value, path)

    def _text(self, of: Field, value: Any, path: str) -> str:
        text: str = self._of(of, value, path, str)
        if of.data_type == "picklist":
            return self._pick(of, text, path)
        if len(text) > of.length:
            raise self._bad(of, path, maximum_length=of.length)
        if of.data_type == "email" and not EMAIL.fullmatch(text):
            raise self._bad(of, path, expected_data_type="email")
        return text

    def _pick(self, of: Field, value: Any, path: str) -> str:
        text: str = self._of(of, value, path, str)
        picks: tuple[str, ...] = of.picks
        if of.api_name == "Currency":
            picks = tuple(one.iso_code for one in CURRENCIES if one.active)
        strict = of.api_name in ("Stage", "Currency")
        if text not in picks and (strict or self.crm.switches.unknown_picks == "refuse"):
            raise self._bad(of, path, expected_data_type="picklist", supported_values=list(picks))
        return text

    def _number(self, of: Field, value: Any, path: str) -> int | float:
        expected = "integer" if of.data_type == "integer" else "double"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(of, path, expected_data_type=expected)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise self._bad(of, path, expected_data_type=expected) from None
        if not number.is_finite() or (expected == "integer" and number != int(number)):
            raise self._bad(of, path, expected_data_type=expected)
        if len(str(abs(int(number)))) > of.length:
            raise self._bad(of, path, maximum_length=of.length)
        if expected == "integer":
            return int(number)
        rounded = number.quantize(Decimal(1).scaleb(-of.decimals), ROUND_HALF_UP)
        return float(rounded)

    def _lookup(self, of: Field, value: Any, path: str) -> str:
        wanted = _id(value)
        if external := self.external.get(of.api_name):
            target = self.crm.modules[of.lookup]
            key = value.get(external) if isinstance(value, dict) else None
            found = self.crm.find(target, target.fields[external], key)
            wanted = found[0].id if found else None
        row = self.crm.get(wanted, of.lookup)
        if row is None:
            message = "the id given seems to be invalid"
            raise self._bad(of, f"{path}.id", message, expected_data_type="bigint")
        return row.id

    def _owner(self, of: Field, value: Any, path: str) -> str:
        wanted = _id(value)
        user = self.crm.users.get(wanted) if isinstance(wanted, str) else None
        if user is None or not user.active:
            message = "the id given seems to be invalid"
            raise self._bad(of, f"{path}.id", message, expected_data_type="bigint")
        return user.id

    def _lines(self, of: Field, value: Any, path: str) -> list[Json]:
        module = self.crm.modules[of.subform]
        lines = []
        for index, line in enumerate(self._list(of, value, path)):
            place = f"{path}[{index}]"
            if not isinstance(line, dict):
                raise self._bad(of, place, expected_data_type="jsonobject")
            change = {one: line[one] for one in ("id", "_delete") if one in line}
            if "id" in change:
                change["id"] = _id(change)
            inside = Intake(self.crm, module, place).read(line, new=not change)
            lines.append({**inside, **change})
        return lines

    def _day(self, of: Field, value: Any, path: str) -> str:
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                raise ValueError
            return date.fromisoformat(value).isoformat()
        except (ValueError, TypeError):
            raise self._bad(of, path, expected_data_type="date") from None

    def _moment(self, of: Field, value: Any, path: str) -> object:
        try:
            return moment(value)
        except (ValueError, TypeError):
            raise self._bad(of, path, expected_data_type="datetime") from None

    def _digits(self, of: Field, text: str, path: str) -> str:
        if not text.isdecimal() or len(text) > of.length:
            raise self._bad(of, path, expected_data_type="bigint")
        return text

    def _list(self, of: Field, value: Any, path: str) -> list[Any]:
        found: list[Any] = self._of(of, value, path, list)
        return found

    def _of(self, of: Field, value: Any, path: str, wanted: type) -> Any:
        if not isinstance(value, wanted):
            name = {str: "text", bool: "boolean", list: "jsonarray"}[wanted]
            raise self._bad(of, path, expected_data_type=name)
        return value

    def _bad(self, of: Field, path: str, message: str = "invalid data", **details: object) -> Bad:
        return Bad("INVALID_DATA", message, api_name=of.api_name, json_path=path, **details)


def _id(value: Any) -> Any:
    """Of a lookup, as an object or bare, text or number: the vendor's own client sends numbers."""
    wanted = value.get("id") if isinstance(value, dict) else value
    return str(wanted) if isinstance(wanted, int) else wanted
