"""The sandbox without a network, and a clock that a test sets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from syncd.sandbox.netsuite import NetSuite
from syncd.sandbox.netsuite.login import ASSERTION, TOKEN
from syncd.sandbox.port import Answer, Asked

HOST = "books.example:8080"
ROOT = "/services/rest"
SUITEQL = f"{ROOT}/query/v1/suiteql"
RECORD = f"{ROOT}/record/v1"
Json = dict[str, Any]


def text64(of: bytes) -> str:
    return base64.urlsafe_b64encode(of).decode().rstrip("=")


def assertion(key: object, header: Json, claims: Json) -> str:
    """A JWT of these parts, signed by hand as its `alg` says."""
    text = ".".join(text64(json.dumps(one).encode()) for one in (header, claims))
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return f"{text}.{text64(key.sign(text.encode(), pss, hashes.SHA256()))}"
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    pair = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{text64(b''.join(one.to_bytes(32, 'big') for one in pair))}"


class Desk:
    """One who calls the API as the integration."""

    def __init__(self, size: int | None = None, **switches: object) -> None:
        self.now = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
        self.netsuite = NetSuite(lambda: self.now, size=size)
        self.switch(**switches)
        self.hello = dict(self.netsuite.hello(f"http://{HOST}"))
        self.key = serialization.load_pem_private_key(self.hello["private_key"].encode(), None)
        self.token = ""

    def later(self, **of: float) -> None:
        self.now += timedelta(**of)

    def switch(self, **values: object) -> None:
        for name, value in values.items():
            assert hasattr(self.netsuite.switches, name), name
            setattr(self.netsuite.switches, name, value)

    # logging in

    def log_in(self, key: object = None, header: Json | None = None, **claims: object) -> Json:
        now = int(self.now.timestamp())
        head = {"typ": "JWT", "alg": "ES256", "kid": self.hello["certificate_id"]}
        said = {
            "iss": self.hello["client_id"],
            "aud": f"http://{HOST}{TOKEN}",
            "scope": ["rest_webservices"],
            "iat": now,
            "exp": now + 3600,
        }
        made = assertion(key or self.key, {**head, **(header or {})}, {**said, **claims})
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
        return self.post_token({**form, "client_assertion": made})

    def post_token(self, form: Mapping[str, str]) -> Json:
        answer = self.netsuite.answer(
            Asked("POST", TOKEN, "", {"host": HOST}, urlencode(form).encode())
        )
        return {"http": answer.status, **json.loads(answer.body)}

    def signed(
        self, method: str, path: str, query: str = "", realm: str = "1234567_SB1", **changed: str
    ) -> str:
        """A header of OAuth 1.0, made by hand after RFC 5849."""
        said = {
            "oauth_consumer_key": self.hello["consumer_key"],
            "oauth_token": self.hello["token_id"],
            "oauth_nonce": "n1",
            "oauth_timestamp": str(int(self.now.timestamp())),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_version": "1.0",
        }
        secret = changed.pop("secret", self.hello["token_secret"])
        said |= changed
        pairs = [one.partition("=")[::2] for one in query.split("&") if one]
        pairs += [(name, quote(value, safe="~")) for name, value in said.items()]
        base = [method, f"http://{HOST}{path}", "&".join(f"{a}={b}" for a, b in sorted(pairs))]
        text = "&".join(quote(one, safe="~") for one in base)
        key = f"{self.hello['consumer_secret']}&{secret}".encode()
        made = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
        said |= {"oauth_signature": made}
        shown = [f'{name}="{quote(value, safe="~")}"' for name, value in said.items()]
        return f'OAuth realm="{realm}", ' + ", ".join(shown)

    # calling

    def answered(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | str | None = None,
        body: object = None,
        open: int = 1,
        **headers: str,
    ) -> Answer:
        if "authorization" not in headers:
            self.token = self.token or self.log_in()["access_token"]
            headers["authorization"] = f"Bearer {self.token}"
        given = {"host": HOST, **{name.replace("_", "-"): one for name, one in headers.items()}}
        sent = b"" if body is None else json.dumps(body).encode()
        text = query if isinstance(query, str) else urlencode(query or {}, quote_via=quote)
        line = quote(path if path.startswith("/") else f"{RECORD}/{path}", safe="/:!")
        return self.netsuite.answer(Asked(method, line, text, given, sent, open))

    def call(self, method: str, path: str, *given: Any, **headers: str) -> tuple[int, Any]:
        answer = self.answered(method, path, *given, **headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def query(self, text: str, *params: object, **page: object) -> tuple[int, Any]:
        body = {"q": text, **({"params": list(params)} if params else {})}
        return self.call("POST", SUITEQL, page, body, prefer="transient")

    def rows(self, text: str, *params: object) -> list[Json]:
        """Of all pages."""
        found: list[Json] = []
        while True:
            status, page = self.query(text, *params, limit=1000, offset=len(found))
            assert status == 200, page
            found += [{k: v for k, v in one.items() if k != "links"} for one in page["items"]]
            if not page["hasMore"]:
                return found

    def values(self, text: str, *params: object) -> list[Any]:
        """The first row's."""
        return list(self.rows(text, *params)[0].values())

    def refused(self, text: str, *params: object) -> str:
        """Why a query is not taken."""
        status, found = self.query(text, *params)
        assert status == 400, found
        assert found["o:errorDetails"][0]["o:errorCode"] == "INVALID_PARAMETER"
        return str(found["o:errorDetails"][0]["detail"]).rpartition("follows. ")[2]

    def do(self, operation: str, **values: object) -> Any:
        return self.netsuite.operate(operation, values).get("id")


def error(found: Json) -> tuple[str, str]:
    """(code, detail) of an answer."""
    detail = found["o:errorDetails"][0]
    return detail["o:errorCode"], detail["detail"]
