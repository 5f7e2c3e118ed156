"""What the two scripts with Zoho's own client share."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zohocrmsdk.src.com.zoho.crm.api.record import BodyWrapper, Record
from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.util import Choice

hello, folder = json.loads(sys.argv[1]), sys.argv[2]
os.chdir(folder)


def initialise(**changed):
    """`store`: number of a new place for tokens."""
    given = {"store": 0, **hello, **changed}
    Initializer.initialize(
        environment=DataCenter.Environment(
            hello["url"], hello["url"] + "/oauth/v2/token", hello["url"]
        ),
        token=OAuthToken(
            client_id=given["client_id"],
            client_secret=given["client_secret"],
            refresh_token=given["refresh_token"],
            find_user=False,
        ),
        store=FileStore(os.path.join(folder, f"tokens{given['store']}")),
        sdk_config=SDKConfig(auto_refresh_fields=False, pick_list_validation=False),
        resource_path=folder,
        logger=Logger.get_instance(Logger.Levels.NOTSET, ""),
    )


def params(**values):
    made = ParameterMap()
    for param, value in values.values():
        made.add(param, value)
    return made


def headers(*pairs):
    made = HeaderMap()
    for header, value in pairs:
        made.add(header, value)
    return made


def record(**values):
    made = Record()
    for name, value in values.items():
        made.add_key_value(name, value)
    return made


def body(*records, checks=None):
    made = BodyWrapper()
    made.set_data(list(records))
    made.set_trigger([])
    if checks:
        made.set_duplicate_check_fields(checks)
    return made


def plain(value):
    if isinstance(value, Choice):
        return value.get_value()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str | int | float | bool | None):
        return value
    return type(value).__name__


def results(answer):
    """Of a write: class, code and action of each element."""
    found = answer.get_object()
    elements = found.get_data() if hasattr(found, "get_data") else [found]
    return {
        "status": answer.get_status_code(),
        "elements": [
            {
                "class": type(one).__name__,
                "code": plain(one.get_code()),
                "action": plain(one.get_action()) if hasattr(one, "get_action") else None,
                "id": plain((one.get_details() or {}).get("id")),
            }
            for one in elements
        ],
    }


def listed(answer):
    found = answer.get_object()
    data = found.get_data() if found is not None and hasattr(found, "get_data") else []
    return {
        "status": answer.get_status_code(),
        "class": type(found).__name__,
        "rows": [{k: plain(v) for k, v in one.get_key_values().items()} for one in data],
    }


def error(answer):
    found = answer.get_object()
    return {
        "status": answer.get_status_code(),
        "class": type(found).__name__,
        "code": plain(found.get_code()),
    }
