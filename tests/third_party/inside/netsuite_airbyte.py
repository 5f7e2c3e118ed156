"""Airbyte's reader of NetSuite against the sandbox: prints what it saw, as one object of JSON.

python netsuite_airbyte.py HELLO START
"""

from __future__ import annotations

import json
import logging
import sys

from airbyte_cdk.models import SyncMode
from source_netsuite.source import SourceNetsuite

logging.disable(logging.CRITICAL)
hello, start = json.loads(sys.argv[1]), sys.argv[2]
SourceNetsuite.base_url = lambda self, config: hello["url"]


def config(**changed):
    return {
        "realm": hello["account"],
        "consumer_key": hello["consumer_key"],
        "consumer_secret": hello["consumer_secret"],
        "token_key": hello["token_id"],
        "token_secret": hello["token_secret"],
        "object_types": ["customer", "currency", "invoice"],
        "start_datetime": start,
        "window_in_days": 60,
        **changed,
    }


def rows(stream, state=None):
    found = []
    slices = stream.stream_slices(sync_mode=SyncMode.incremental, stream_state=state)
    for one in slices:
        found += stream.read_records(
            sync_mode=SyncMode.incremental, stream_slice=one, stream_state=state or {}
        )
    return found


source = SourceNetsuite()
streams = {one.name: one for one in source.streams(config())}
customers = rows(streams["customer"])
newest = max(one["lastModifiedDate"] for one in customers)
print(
    json.dumps(
        {
            "check": source.check_connection(logging.getLogger(), config())[0],
            "wrong": source.check_connection(logging.getLogger(), config(token_secret="x"))[0],
            "streams": {name: type(one).__name__ for name, one in streams.items()},
            "schema": streams["customer"].get_json_schema()["properties"]["lastModifiedDate"],
            "ids": [one["id"] for one in customers],
            "addresses": [one["addressBook"]["totalResults"] for one in customers],
            "currencies": [one["symbol"] for one in rows(streams["currency"])],
            "invoices": len(rows(streams["invoice"])),
            "since": [one["id"] for one in rows(streams["customer"], {"lastModifiedDate": newest})],
            "newest": newest,
        }
    )
)
