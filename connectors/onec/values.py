"""How 1C writes values, and what they mean.

JSON of the standard OData interface: Int64 is text, money a number (Edm.Double on the wire, read as
Decimal), a time is the server's wall time without a zone or fraction, an empty date the year 1, an
empty reference a guid of zeros; codes and numbers of fixed length end with blanks.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
Row = dict[str, Any]

NO_KEY = "00000000-0000-0000-0000-000000000000"
ZERO = Decimal(0)

_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch
_NO_DATE = "0001-01-01T"
_OURS = uuid.UUID("4f6bb2c0-3f3c-5f0e-9a55-6d1f0a4e7c21")
"""The name space of the keys that syncd chooses; any other one would make other keys."""

_CODES = {
    **{"036": "AUD", "051": "AMD", "124": "CAD", "156": "CNY", "203": "CZK", "208": "DKK"},
    **{"344": "HKD", "348": "HUF", "356": "INR", "376": "ILS", "392": "JPY", "398": "KZT"},
    **{"410": "KRW", "417": "KGS", "496": "MNT", "498": "MDL", "578": "NOK", "643": "RUB"},
    **{"702": "SGD", "704": "VND", "752": "SEK", "756": "CHF", "764": "THB", "784": "AED"},
    **{"826": "GBP", "840": "USD", "860": "UZS", "933": "BYN", "934": "TMT", "941": "RSD"},
    **{"944": "AZN", "946": "RON", "949": "TRY", "972": "TJS", "975": "BGN", "978": "EUR"},
    **{"980": "UAH", "981": "GEL", "985": "PLN", "986": "BRL"},
}
"""ISO 4217: the number is what 1C keeps as the code of a currency; its name is anybody's."""


def is_key(text: str) -> bool:
    return _GUID(text) is not None


def key_of(value: Any) -> str | None:
    """A reference as a key; None for an empty one and for what is none."""
    text = str(value or "").lower()
    return text if text != NO_KEY and is_key(text) else None


def chosen_key(marker: str, of: str) -> str:
    """The `Ref_Key` of what is made for a marker: the same one whoever asks, and whenever."""
    return str(uuid.uuid5(_OURS, f"{of}:{marker}"))


def guid(key: str) -> str:
    return f"guid'{key}'"


def text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def wall(moment: dt.datetime, zone: ZoneInfo) -> str:
    """A time as a literal. A date alone is not taken everywhere, so the time always stands."""
    return f"datetime'{wall_time(moment, zone)}'"


def wall_time(moment: dt.datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat("T", "seconds")


def day_start(day: dt.date) -> str:
    return f"datetime'{day.isoformat()}T00:00:00'"


def day_of(value: Any) -> dt.date | None:
    """The day of a time, as the books say it; None for the empty date."""
    if not isinstance(value, str) or value.startswith(_NO_DATE) or len(value) < 10:
        return None
    return dt.date.fromisoformat(value[:10])


def amount(value: Any) -> Decimal:
    """An amount of money or a quantity, exact; nothing is zero."""
    return Decimal(value) if isinstance(value, int | Decimal | str) and value != "" else ZERO


def currency_code(row: Mapping[str, Any]) -> str | None:
    """The ISO code of a row of the catalog of currencies. Its name counts only where it is one."""
    name = str(row.get("Description") or "").strip()
    found = _CODES.get(str(row.get("Code") or "").strip())
    if found is None and len(name) == 3 and name.isascii() and name.isalpha() and name.isupper():
        return name
    return found


def plain(value: Any) -> Any:
    """The value as a mapping reads it: nothing for what 1C calls empty, no blanks at the end."""
    if isinstance(value, str):
        if value == NO_KEY or value.startswith(_NO_DATE):
            return None
        return value.rstrip() or None
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    everything = list(items)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def any_of(field: str, keys: Iterable[str], of: str | None = None) -> str:
    """A clause that is true of each of these keys. A field of several types has to be told which
    one is meant, else 1C answers with nothing at all."""
    literal = guid if of is None else (lambda key: f"cast({guid(key)},'{of}')")
    return " or ".join(f"{field} eq {literal(key)}" for key in keys)
