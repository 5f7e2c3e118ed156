"""A plan of exchange: who is told of which changes.

What is registered for a node is a set, not a history: an object stands in it once, with the number
of the message it was last sent in. Sending again stamps all of it with the new number; a write
takes the number away; an acknowledgement removes what has that number or a lower one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.refusals import BAD_VALUE, Refusal, no_object
from syncd.sandbox.onec.shapes import NO_REF

NAME = "ExchangePlan_CRM"
NODE = "c0000000-0000-4000-8000-0000000000c1"
"""The node that stands for the CRM."""
THIS = "c0000000-0000-4000-8000-0000000000c0"
POINT = re.compile(r"'?.*?(ExchangePlan_\w+)\(guid'([0-9a-fA-F-]+)'\)'?")
Item = tuple[str, str]
"""(set, key); for a register its recorder, `Set key`."""


class Plan:
    """Registers from its making on."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.registered: dict[str, dict[Item, int | None]] = {NODE: {}}
        """Node -> what changed -> number of the message it went out with."""
        for key, code, name in ((THIS, "000", "Эта база"), (NODE, "CRM", "CRM")):
            base.create(NAME, {"Code": code, "Description": name, "ThisNode": key == THIS}, key)
        base.changes.append(self._changed)

    def asked(self, options: Mapping[str, str]) -> tuple[str, int]:
        """(node, number) of a request. Refusal where either makes no sense."""
        found = POINT.fullmatch(options.get("DataExchangePoint", ""))
        node = found[2].lower() if found else NO_REF
        if not found or found[1] != NAME or node not in self.base.objects[NAME]:
            raise no_object(NAME, node)
        if node not in self.registered:
            raise Refusal(400, BAD_VALUE, "Узел этой информационной базы не принимает изменений!")
        number = options.get("MessageNo", "")
        if not number.isdigit():
            raise Refusal(400, BAD_VALUE, f"Неверный номер сообщения '{number}'!")
        return node, int(number)

    def select(self, node: str, number: int) -> list[Item]:
        """All that is registered, stamped with `number`; what is not published stays and waits."""
        if number <= int(self.base.get(NAME, node)["ReceivedNo"]):
            raise Refusal(400, BAD_VALUE, "Номер сообщения меньше или равен номеру принятого!")
        hidden = {one.strip() for one in self.base.switches.unpublished.split(",")}
        held = self.registered[node]
        sent = [item for item in held if item[0] not in hidden]
        held.update(dict.fromkeys(sent, number))
        self.base.get(NAME, node)["SentNo"] = number
        return sent

    def received(self, node: str, number: int) -> None:
        held = self.registered[node]
        self.registered[node] = {
            item: sent for item, sent in held.items() if sent is None or sent > number
        }
        self.base.get(NAME, node)["ReceivedNo"] = number

    def _changed(self, name: str, key: str) -> None:
        if name == NAME or name.startswith("InformationRegister_"):
            return
        for held in self.registered.values():
            held.pop((name, key), None)
            held[name, key] = None
