"""onecdc's readers against the sandbox: prints what they saw as one line of JSON.

usage: onec_reader.py HELLO       the line of JSON that the sandbox printed
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import requests
from onecdc.change_reader import ChangeReader
from onecdc.data_reader import DataReader
from onecdc.metadata_reader import MetadataReader

logging.disable(logging.CRITICAL)
HELLO = json.loads(sys.argv[1])
ROOT = HELLO["url"] + "/odata/standard.odata"
AUTH = (HELLO["login"], HELLO["password"])
BYTES = tuple(word.encode() for word in AUTH)
NODE = "c0000000-0000-4000-8000-0000000000c1"
ORDER = "Document_ЗаказКлиента"
DEBTS = "AccumulationRegister_РасчетыСКлиентами"


def told(reader: ChangeReader) -> dict[str, Any]:
    reader.read_changes()
    rows = {name: len(objects.to_records_mapped()) for name, objects in reader.items()}
    return {"number": reader.message_no, "entries": reader.entries_read, "rows": rows}


def write(method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
    answer = requests.request(
        method, f"{ROOT}/{path}", params={"$format": "json"}, json=body, auth=BYTES, timeout=30
    )
    answer.raise_for_status()
    return answer


def main() -> dict[str, Any]:
    metadata = MetadataReader(ROOT, AUTH)
    metadata.get_metadata()
    debts = metadata[DEBTS]
    seen: dict[str, Any] = {
        "objects": sorted(metadata),
        "keys": list(debts.primary_key),
        "register": [debts.dimensions, debts.resources],
    }
    data = DataReader(ROOT, metadata, AUTH)
    seen["read"] = [data.read_object(ORDER, top=4), data.read_object(ORDER, top=4, skip=4)]
    seen["recordsets"] = data.read_object(DEBTS, top=2, key_fields=["Recorder"])

    reader = ChangeReader(ROOT, "CRM", NODE, metadata, AUTH)
    seen["nodes"] = [one["Code"] for one in reader.available_nodes()]
    seen["first"] = told(reader)
    seen["repeated"] = told(reader)
    reader.notify_changes_received()
    seen["empty"] = told(reader)

    lines = [{"LineNumber": 1, "СуммаСНДС": 1000}]
    values = {"Date": "2026-11-19T10:00:00", "Товары": lines, "Posted": True}
    key = write("POST", ORDER, values).json()["Ref_Key"]
    seen["posted"] = told(reader)
    reader.notify_changes_received()
    write("POST", f"{ORDER}(guid'{key}')/Unpost")
    seen["unposted"] = told(reader)
    reader.notify_changes_received()
    write("DELETE", f"{ORDER}(guid'{key}')")
    seen["deleted"] = told(reader)
    seen["received"] = reader.get_last_received_no()
    return seen


print(json.dumps(main(), ensure_ascii=False))
