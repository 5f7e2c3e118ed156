"""What a base has at first, from a file of JSON in place of the company.

    {"configuration": "bp",
     "objects": {"Catalog_Контрагенты": [{"Ref_Key": "..", "Description": "ООО «Пример»"}],
                 "Document_РеализацияТоваровУслуг": [{.., "Posted": true}]}}

Objects are bodies as a client would POST them, written in the order of the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.errors import UsageError
from syncd.sandbox.onec.odata import bodies
from syncd.sandbox.onec.refusals import Refusal
from syncd.sandbox.onec.switches import CONFIGURATIONS
from syncd.sandbox.onec.trade.desk import Desk


class Given:
    def __init__(self, path: Path) -> None:
        """UsageError where the file cannot be read."""
        self.path = path
        try:
            given = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise UsageError(f"{path} is not JSON: {error}") from None
        if not isinstance(given, dict) or not isinstance(given.get("objects"), dict):
            raise UsageError(f'{path}: expected {{"objects": {{"Catalog_X": [..]}}}}')
        self.configuration = given.get("configuration", "ut")
        if self.configuration not in CONFIGURATIONS:
            names = ", ".join(CONFIGURATIONS)
            raise UsageError(f"{path}: there is no configuration {self.configuration}; {names}")
        self._objects: Mapping[str, list[Any]] = given["objects"]

    def fill(self, desk: Desk) -> None:
        """UsageError with the place of what 1C would not take."""
        base = desk.base
        for name, objects in self._objects.items():
            if name not in base.objects:
                raise UsageError(f"{self.path}: {self.configuration} has no set {name}")
            for number, one in enumerate(objects, 1):
                try:
                    values, key = bodies.parse(json.dumps(one).encode(), base.entity(name))
                    base.create(name, values, key)
                except Refusal as refusal:
                    raise UsageError(f"{self.path}: {name} {number}: {refusal.text}") from None
