"""The world's own small protocol: JSON with exact numbers, and refusals as `{"error": ...}`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.port import Response

# A Decimal has no JSON form of its own in the standard library: it travels through the encoder as
# a marked text, and the marks and quotes are taken off afterwards, so that 10.50 stays 10.50.
_MARK = "\ue000"
_MARKED = re.compile(rf'"{_MARK}([^"]*){_MARK}"')


def encode(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, default=_number)
    return _MARKED.sub(r"\1", text).encode()


def decode(body: bytes) -> Any:
    """Numbers with a fraction as Decimal. Raises ValueError."""
    return json.loads(body, parse_float=Decimal)


def _number(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{_MARK}{value:f}{_MARK}"
    raise TypeError(f"{value!r} has no JSON form")


class Refusal(Exception):
    """The system says no. `code` tells kinds apart: missing, duplicate, invalid, forbidden."""

    def __init__(self, status: int, code: str, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.field = field

    def body(self) -> dict[str, object]:
        return {"error": {"code": self.code, "text": str(self), "field": self.field}}


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, {"content-type": "application/json", **(headers or {})}, encode(value))
