"""Two ways in: a certificate (OAuth 2.0, machine to machine), and tokens (OAuth 1.0).

By certificate a short assertion is signed and changed for an access token that is good for an hour;
there is no refresh token (Oracle help: "OAuth 2.0 Client Credentials Flow"). By tokens each request
is signed (RFC 5849 with HMAC-SHA256; neither the realm nor a JSON body is part of it). From release
2027.1 no new integration may use tokens; those there are go on for now.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from syncd.errors import AccessError, ConfigError, ProtocolError
from syncd.port import Flow, Grant, Request, Response, Sending

TOKEN = "/services/rest/auth/oauth2/v1/token"
SCOPE = "rest_webservices"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIVES = 300
"""Seconds that an assertion is good for; NetSuite takes less than an hour."""
OVER = "invalid_token"
"""In the header of a 401: the access token ran out."""

_EDGES = re.compile(r"-----(BEGIN|END) [A-Z ]+-----")
_REFUSED = {
    "invalid_client": "NetSuite does not know the client id, or not with this certificate: compare "
    "client_id with the integration record and certificate_id with the mapping under Setup > "
    "Integration > OAuth 2.0 Client Credentials (M2M) Setup. A mapping ends with its certificate, "
    "and a sandbox has none after each refresh",
    "invalid_grant": "NetSuite refuses the assertion: private_key does not belong to the "
    "certificate, or this machine's clock is wrong",
    "invalid_scope": "the integration record lacks the scope REST web services",
    "unsupported_grant_type": "the integration record lacks the client credentials grant",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """`client` is the id of the integration record, `key_id` that of the mapped certificate."""

    client: str
    key_id: str
    secrets = ("private_key",)
    needed = ("client_id", "certificate_id")

    def authenticate(self) -> Flow[Grant]:
        """The assertion is added as the request is sent."""
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
        response = yield Request("POST", TOKEN, form=form)
        body = _object(response)
        token = body.get("access_token")
        if not isinstance(token, str) or not token:
            raise _refusal(response, body)
        return Grant({"Authorization": f"Bearer {token}"}, lasts=_seconds(body))

    def sign(self, request: Request, sending: Sending, secrets: Mapping[str, str]) -> Request:
        if request.path != TOKEN:
            return request
        began = int(sending.moment.timestamp())
        claims = {
            "iss": self.client,
            "aud": sending.url,
            "scope": SCOPE,
            "iat": began,
            "exp": began + LIVES,
            "jti": sending.nonce,
        }
        assertion = signed(claims, self.key_id, secrets.get("private_key", ""))
        return replace(request, form={**(request.form or {}), "client_assertion": assertion})


@dataclass(frozen=True, slots=True)
class Tokens:
    """`account` is the realm, as 1234567 or 1234567_SB1."""

    account: str
    secrets = ("consumer_key", "consumer_secret", "token_id", "token_secret")
    needed = ()

    def authenticate(self) -> Flow[Grant]:
        yield from ()  # there is nothing to ask for: each request carries all of it
        return Grant({})

    def sign(self, request: Request, sending: Sending, secrets: Mapping[str, str]) -> Request:
        values = {name: secrets.get(name, "").strip() for name in self.secrets}
        if missing := [name for name, value in values.items() if not value]:
            raise AccessError(f"the NetSuite connection has no secret {', '.join(missing)}")
        oauth = {
            "oauth_consumer_key": values["consumer_key"],
            "oauth_nonce": sending.nonce,
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(sending.moment.timestamp())),
            "oauth_token": values["token_id"],
            "oauth_version": "1.0",
        }
        key = f"{_coded(values['consumer_secret'])}&{_coded(values['token_secret'])}"
        text = base_string(request.method, sending.url, {**request.query, **oauth})
        digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
        oauth["oauth_signature"] = base64.b64encode(digest).decode()
        parts = [f'{name}="{_coded(oauth[name])}"' for name in sorted(oauth)]
        header = ", ".join([f'OAuth realm="{self.account}"', *parts])
        return replace(request, headers={**request.headers, "Authorization": header})


Login = Certificate | Tokens


def login_of(options: Mapping[str, str]) -> Login:
    """ConfigError, or KeyError for a setting that is missing."""
    kind = options.get("login", "certificate")
    if kind == "tokens":
        return Tokens(realm(options["account"]))
    if kind != "certificate":
        raise ConfigError(f"the setting login is {kind}, expected certificate or tokens")
    return Certificate(options["client_id"].strip(), options["certificate_id"].strip())


def realm(account: str) -> str:
    """1234567-sb1, as it stands in the address, is 1234567_SB1."""
    return account.strip().upper().replace("-", "_")


def base_string(method: str, url: str, parameters: Mapping[str, str]) -> str:
    """RFC 5849, 3.4.1."""
    pairs = sorted((_coded(name), _coded(value)) for name, value in parameters.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{method.upper()}&{_coded(url)}&{_coded(joined)}"


def _coded(text: str) -> str:
    return quote(text, safe="-._~")


def signed(claims: Mapping[str, Any], key_id: str, key: str) -> str:
    """A JWT, ES256/384/512 or PS256 as the key is. AccessError for what is no such key."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    except ModuleNotFoundError:
        raise ConfigError(
            "a login by certificate needs the package cryptography: pip install 'syncd[netsuite]'"
        ) from None
    try:
        private = serialization.load_pem_private_key(_pem(key).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AccessError(
            "the secret private_key is no private key: expected PEM without a password, which "
            "begins with -----BEGIN PRIVATE KEY-----"
        ) from None
    curves = {
        256: ("ES256", hashes.SHA256()),
        384: ("ES384", hashes.SHA384()),
        521: ("ES512", hashes.SHA512()),
    }
    if isinstance(private, rsa.RSAPrivateKey):
        head = _head("PS256", key_id, claims)
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
        signature = private.sign(head.encode(), scheme, hashes.SHA256())
    elif isinstance(private, ec.EllipticCurvePrivateKey) and private.key_size in curves:
        algorithm, hashed = curves[private.key_size]
        head = _head(algorithm, key_id, claims)
        size = (private.key_size + 7) // 8
        numbers = decode_dss_signature(private.sign(head.encode(), ec.ECDSA(hashed)))
        signature = b"".join(number.to_bytes(size, "big") for number in numbers)
    else:
        raise AccessError("the secret private_key is no RSA or EC key, as NetSuite wants one")
    return f"{head}.{_base64(signature)}"


def _pem(text: str) -> str:
    """A terminal takes one line: there the line ends of the file are blanks, or `\\n`."""
    body = text.replace("\\n", "\n").strip()
    begin, end = _EDGES.match(body), _EDGES.search(body, 1)
    if begin is None or end is None:
        return body
    inner = "".join(body[begin.end() : end.start()].split())
    return f"{begin[0]}\n{inner}\n{end[0]}\n"


def _head(algorithm: str, key_id: str, claims: Mapping[str, Any]) -> str:
    header = {"typ": "JWT", "alg": algorithm, "kid": key_id}
    return ".".join(_base64(json.dumps(one).encode()) for one in (header, claims))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _object(response: Response) -> Mapping[str, Any]:
    body = response.json()
    if not isinstance(body, dict):
        raise ProtocolError(f"HTTP {response.status} to a request for a token, and no JSON object")
    return body


def _refusal(response: Response, body: Mapping[str, Any]) -> AccessError:
    error = str(body.get("error") or f"HTTP {response.status} and no reason")
    return AccessError(_REFUSED.get(error, f"NetSuite gives no access token: {error}"))


def _seconds(body: Mapping[str, Any]) -> float:
    """A number, or a text with one."""
    told = str(body.get("expires_in") or "")
    return float(told) if told.isdecimal() else 3600.0
