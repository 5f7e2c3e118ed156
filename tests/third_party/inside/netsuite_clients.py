"""Three clients with token-based authentication, and Authlib with a signed assertion, against the
NetSuite sandbox: prints what they saw, as one object of JSON.

    python netsuite_clients.py HELLO RSA_KEY RSA_CERTIFICATE_ID
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from urllib.request import Request, urlopen

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, RSAKey
from netsuite import Config, NetSuiteRestApi, TokenAuth
from netsuite.exceptions import NetsuiteAPIRequestError
from netsuite_oauth import NetsuiteOauth
from restsuite import NetSuiteQL

hello, rsa_key, rsa_certificate = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
url = hello["url"]
secrets = [hello[one] for one in ("consumer_key", "consumer_secret", "token_id", "token_secret")]
QUERY = "SELECT id, altname, BUILTIN.DF(currency) AS currency FROM customer ORDER BY id"
seen = {}


class Api(NetSuiteRestApi):
    def _make_url(self, subpath):
        return f"{url}/services/rest{subpath}"  # the client knows https alone


def api(**changed):
    names = ("consumer_key", "consumer_secret", "token_id", "token_secret")
    auth = TokenAuth(**{**dict(zip(names, secrets, strict=True)), **changed})
    return Api(Config(account=hello["account"], auth=auth))


async def refused(call):
    try:
        await call
    except NetsuiteAPIRequestError as error:
        return [error.status_code, json.loads(error.response_text)["o:errorDetails"][0]]
    return None


async def with_netsuite():
    client = api()
    first = await client.suiteql(QUERY, limit=2, offset=2)
    record = "/record/v1/customer/eid:CRM-1"
    body = {"companyName": "ООО «Клиент»", "subsidiary": {"id": "1"}}
    put = await client.put(record, json=body)
    again = await client.put(record, json={"phone": "+7 495 000-00-77"})
    made = await client.request(
        "POST", "/record/v1/customer", json={**body, "email": "a@b.example"}
    )
    read = await client.get(record)
    await client.patch(record, json={"comments": "山田", "phone": None})
    after = await client.get(record, params={"fields": "comments,phone,companyName"})
    schema = await client.jsonschema("customer")
    opened = await client.openapi(["customer", "invoice"])
    await client.delete(record)
    return {
        "page": first,
        "put": [put, again],
        "location": made.headers["location"],
        "read": read,
        "after": after,
        "schema": sorted(schema["properties"]),
        "openapi": sorted(opened["components"]["schemas"]),
        "gone": await refused(client.get(record)),
        "bad_query": await refused(client.suiteql("SELECT nothing FROM customer")),
        "bad_offset": await refused(client.suiteql(QUERY, limit=2, offset=1)),
        "unknown": await refused(client.put(record, json={**body, "colour": "blue"})),
        "secret": await refused(api(token_secret="x").suiteql(QUERY)),
        "account": await refused(
            Api(Config(account="7654321", auth=client._config.auth)).suiteql(QUERY)
        ),
        "taken": await taken(client),
    }


async def taken(client):
    """With what is refused who comes while others have all that the account allows at a time."""
    switch(others=5)
    status, detail = await refused(client.suiteql(QUERY))
    switch(others=0)
    return [status, detail["o:errorCode"]]


def switch(**values):
    body = json.dumps(values).encode()
    urlopen(Request(f"{url}/_sandbox/switches", data=body, method="PUT")).close()


def with_restsuite():
    client = NetSuiteQL(hello["account"], *secrets)
    client.url = f"{url}/services/rest/query/v1/suiteql?limit=5"
    rows = client.suiteql("SELECT id, tranid FROM transaction ORDER BY id")
    return [one["id"] for one in rows]


def with_netsuite_oauth():
    def client(path):
        return NetsuiteOauth(f"{url}/services/rest{path}", *secrets, hello["account"])

    headers = {"Prefer": "transient", "Content-Type": "application/json"}
    rows = client("/query/v1/suiteql?limit=1").post(
        data={"q": "SELECT COUNT(*) AS n FROM customer"}, headers=headers
    )
    listed = client("/record/v1/customer?limit=1&q=companyName%20START_WITH%20%22Quiet%22").get()
    return {"count": rows.json()["items"], "listed": listed.json()["count"]}


def with_authlib(alg, key, kid, **claims):
    token_url = f"{url}/services/rest/auth/oauth2/v1/token"
    session = OAuth2Session(hello["client_id"], key, token_endpoint_auth_method="private_key_jwt")
    said = {"scope": ["rest_webservices"], **claims}
    method = PrivateKeyJWT(token_url, alg=alg, headers={"kid": kid}, claims=said)
    session.register_client_auth_method(method)
    try:
        token = session.fetch_token(token_url, grant_type="client_credentials")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    answer = session.get(f"{url}/services/rest/record/v1/customer?limit=1")
    return [answer.status_code, token["token_type"], token["expires_in"]]


seen["netsuite"] = asyncio.run(with_netsuite())
seen["restsuite"] = with_restsuite()
seen["oauth"] = with_netsuite_oauth()
ec = ECKey.import_key(hello["private_key"])
rsa = RSAKey.import_key(rsa_key)
kid = hello["certificate_id"]
seen["authlib"] = {
    "ES256": with_authlib("ES256", ec, kid),
    "PS256": with_authlib("PS256", rsa, rsa_certificate),
    "PS512": with_authlib("PS512", rsa, rsa_certificate),
    "RS256": with_authlib("RS256", rsa, rsa_certificate),
    "certificate": with_authlib("ES256", ec, "another"),
    "scope": with_authlib("ES256", ec, kid, scope=["email"]),
}
print(json.dumps(seen))
