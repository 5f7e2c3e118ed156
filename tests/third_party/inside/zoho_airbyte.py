"""Airbyte's reader of Zoho CRM against the sandbox: prints what it saw, as one object of JSON.

    python zoho_airbyte.py HELLO

It reads the older addresses `/crm/v2`, whole records, page by number, with If-Modified-Since.
"""

from __future__ import annotations

import json
import logging
import sys

from airbyte_cdk.models import SyncMode
from source_zoho_crm.api import ZohoAPI
from source_zoho_crm.source import SourceZohoCrm

logging.disable(logging.CRITICAL)
hello = json.loads(sys.argv[1])
ZohoAPI._DC_REGION_TO_ACCESS_URL = {"US": hello["url"]}
ZohoAPI._DC_REGION_TO_API_URL = {"US": hello["url"]}


def config(**changed):
    return {
        "client_id": hello["client_id"],
        "client_secret": hello["client_secret"],
        "refresh_token": hello["refresh_token"],
        "dc_region": "US",
        "environment": "Production",
        "start_datetime": "2020-01-01T00:00:00+00:00",
        **changed,
    }


def rows(stream, state=None):
    mode = SyncMode.incremental
    if state:
        stream.state = state
    read = stream.read_records(sync_mode=mode, stream_state=state or {})
    return [{name: one[name] for name in ("id", "Account_Name") if name in one} for one in read]


seen = {}
source = SourceZohoCrm()
seen["check"] = source.check_connection(logging.getLogger(), config())[0]
try:
    seen["wrong"] = source.check_connection(logging.getLogger(), config(refresh_token="x"))[0]
except Exception as error:
    seen["wrong"] = f"{type(error).__name__}: {error}"
streams = {one.module.api_name: one for one in source.streams(config())}
seen["streams"] = sorted(streams)
seen["schema"] = {
    name: kind.get("type")
    for name, kind in streams["Accounts"].get_json_schema()["properties"].items()
    if name in ("ERP_ID", "Receivable_Balance", "Overdue_Since", "Owner", "Orders_Count")
}
seen["accounts"] = rows(streams["Accounts"])
seen["cursor"] = streams["Accounts"].state
seen["again"] = rows(streams["Accounts"], dict(seen["cursor"]))
seen["deals"] = len(rows(streams["Deals"]))
seen["orders"] = len(rows(streams["ERP_Orders"]))
print(json.dumps(seen, ensure_ascii=False))
