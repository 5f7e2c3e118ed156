"""Fields that no body changes: a call of its own brings about each of their values, as sending or
cancelling an invoice does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.domain import Value
from syncd.rest.values import Form
from syncd.rest.words import Call, as_text


class StateForm(Form, frozen=True):
    """`names` are the mapping's words for the system's; `others` is that for all the rest, None:
    they stay as they are."""

    names: Mapping[str, str] = msgspec.field(default_factory=dict)
    others: str | None = None

    def _read(self, raw: Any) -> Value:
        said = as_text(raw)
        return self.names.get(said, said if self.others is None else self.others)


class State(msgspec.Struct, frozen=True):
    """`calls` bring about a value, by the mapping's word."""

    form: StateForm
    calls: Mapping[str, Call]
