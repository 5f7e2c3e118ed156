"""Zoho's own client when things go wrong: prints what it made of each, as one object of JSON.

python zoho_sdk_errors.py HELLO FOLDER
"""

from __future__ import annotations

import json

import requests
from zoho_client import error, hello, initialise, params
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap
from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.record import GetRecordsParam, RecordOperations


def put(what, **values):
    requests.put(f"{hello['url']}/_sandbox/{what}", json=values, timeout=5).raise_for_status()


def asked(**changed):
    """What a read gives; with another credential the client logs in first."""
    fields = params(f=(GetRecordsParam.fields, "id,Account_Name"))
    try:
        if changed:
            initialise(**changed)
        answer = RecordOperations("Accounts").get_records(fields, HeaderMap())
    except SDKException as wrong:
        return {"class": "SDKException", "code": str(wrong.code), "told": str(wrong)[-300:]}
    return (
        error(answer) if answer.get_status_code() >= 400 else {"status": answer.get_status_code()}
    )


seen = {}
initialise()
seen["right"] = asked()
for fault in ("expired", "rate_limited", "error"):
    put("faults", plans=[{"match": "GET /crm/v8/Accounts", "kind": fault}])
    seen[fault] = asked()
seen["after"] = asked()
seen["secret"] = asked(client_secret="wrong", store=1)
put("switches", tokens_per_10_minutes=0)
seen["throttled"] = asked(store=2)
put("switches", tokens_per_10_minutes=10, revoked=True)
seen["revoked"] = asked(store=3)
print(json.dumps(seen, ensure_ascii=False))
