"""A record client that swagger-codegen made from a real account, against the NetSuite sandbox:
prints what it saw, as one object of JSON.

    python netsuite_records.py URL ACCESS_TOKEN
"""

from __future__ import annotations

import json
import sys

from netsuite.NetsuiteToken import NetsuiteToken
from netsuite.swagger_client import ApiClient, Configuration
from netsuite.swagger_client.api.contact_api import ContactApi
from netsuite.swagger_client.api.customer_api import CustomerApi
from netsuite.swagger_client.models import Contact, Customer, CustomerCollection
from netsuite.swagger_client.rest import ApiException

url, token = sys.argv[1:]
conf = Configuration()
conf.host = f"{url}/services/rest/record/v1"
conf.token = NetsuiteToken(access_token=token, expires_in=3600)
customers, contacts = CustomerApi(ApiClient(conf)), ContactApi(ApiClient(conf))

first = customers.customer_id_get("7")
listed = customers.customer_get(limit=2, offset=2)
customers.customer_id_put(
    Customer(company_name="株式会社サンプル", phone="+81-3-0000-0000", subsidiary={"id": "3"}),
    "eid:CRM-2",
)
made = customers.customer_id_get("eid:CRM-2")
customers.customer_id_patch(Customer(comments="ok", email="a@example.jp"), made.id)
changed = customers.customer_id_get(made.id)
_, _, headers = contacts.contact_post_with_http_info(
    Contact(first_name="花子", last_name="山田", company={"id": made.id})
)
contact = contacts.contact_id_get(headers["location"].rpartition("/")[2])
try:
    customers.customer_id_get("999999")
    missing = None
except ApiException as error:
    missing = [error.status, json.loads(error.body)["o:errorDetails"][0]["o:errorCode"]]
print(
    json.dumps(
        {
            "first": [
                first.id,
                first.company_name,
                first.balance,
                first.currency.ref_name,
                first.is_inactive,
                str(first.last_modified_date),
                first.credit_limit,
            ],
            "listed": [listed.count, listed.has_more, listed.total_results, len(listed.items)],
            "made": [made.company_name, made.phone, made.external_id, made.search_stage],
            "changed": [changed.comments, changed.email, changed.phone],
            "contact": [contact.entity_id, contact.company["refName"]],
            "missing": missing,
            "kinds": [CustomerCollection.__name__ == type(listed).__name__],
        },
        ensure_ascii=False,
    )
)
