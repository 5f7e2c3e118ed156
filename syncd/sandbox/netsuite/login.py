"""Tokens for machines: OAuth 2.0 client credentials with a signed assertion (vendor: "OAuth 2.0
Client Credentials Flow"). What is wrong with an assertion is 400 and one word."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509 import load_pem_x509_certificate

from syncd.sandbox.netsuite.store import Store
from syncd.sandbox.netsuite.wire import Refused, here
from syncd.sandbox.port import Answer, Asked

TOKEN = "/services/rest/auth/oauth2/v1/token"
CLIENT_ID = "5a6e0d0c0ffee0000000000000000000000000000000000000000000000000000"
CERTIFICATE = "sandbox-certificate"
"""The certificate id of the mapping that is there at first."""
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPES = {"rest_webservices", "restlets", "suite_analytics"}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class Wrong(Exception):
    """`error` of the token endpoint."""


@dataclass
class Token:
    text: str
    ends: datetime


@dataclass
class Login:
    store: Store
    seed: int
    keys: dict[str, Key] = field(default_factory=dict)
    """Certificate id -> what checks its signatures."""
    live: list[Token] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self._private = ec.derive_private_key(self.seed + 2**200, ec.SECP256R1())
        self.keys[CERTIFICATE] = self._private.public_key()

    @property
    def private_key(self) -> str:
        """PEM of the key whose certificate is mapped at first; the same for one seed."""
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    def map(self, pem: str) -> str:
        """One more certificate or public key, as somebody uploads it; its certificate id.
        ValueError where it is none, or of a kind that NetSuite does not take."""
        text = pem.encode()
        found = (
            load_pem_x509_certificate(text).public_key()
            if b"CERTIFICATE" in text
            else serialization.load_pem_public_key(text)
        )
        if not isinstance(found, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise ValueError("the key is neither RSA nor EC")
        if isinstance(found, rsa.RSAPublicKey) and found.key_size < 3072:
            raise ValueError("an RSA key has at least 3072 bits")
        id = f"{CERTIFICATE}-{len(self.keys) + 1}"
        self.keys[id] = found
        return id

    def answer(self, asked: Asked) -> Answer:
        try:
            self._check(asked)
        except Wrong as wrong:
            return _json({"error": str(wrong)}, 400)
        switches = self.store.switches
        self.count += 1
        text = f"{_part({'alg': 'PS256', 'typ': 'JWT'})}.{_part({'jti': self.count})}.sandbox"
        ends = self.store.now() + timedelta(seconds=switches.token_seconds)
        self.live.append(Token(text, ends))
        seconds = switches.token_seconds
        return _json(
            {
                "access_token": text,
                "expires_in": str(seconds) if switches.expires_in_text else seconds,
                "token_type": "bearer",
            }
        )

    def _check(self, asked: Asked) -> None:
        form = dict(parse_qsl(asked.body.decode(errors="replace")))
        if asked.method != "POST" or not form:
            raise Wrong("invalid_request")
        if form.get("grant_type") != "client_credentials":
            raise Wrong("unsupported_grant_type")
        if form.get("client_assertion_type") != ASSERTION or not form.get("client_assertion"):
            raise Wrong("invalid_request")
        header, payload, signed, signature = _parts(form["client_assertion"])
        if payload.get("iss") != CLIENT_ID:
            raise Wrong("invalid_client")
        key = self.keys.get(str(header.get("kid")))
        if key is None or self.store.switches.mapping_revoked:
            raise Wrong("invalid_grant")
        if not _verified(key, str(header.get("alg")), signed, signature):
            raise Wrong("invalid_client")
        self._claims(payload, here(asked) + TOKEN)

    def _claims(self, payload: dict[str, Any], url: str) -> None:
        audience = payload.get("aud")
        if url not in (audience if isinstance(audience, list) else [audience]):
            raise Wrong("invalid_client")
        now, most = self.store.now().timestamp(), self.store.switches.assertion_seconds
        issued, ends = payload.get("iat"), payload.get("exp")
        if not isinstance(issued, int | float) or not isinstance(ends, int | float):
            raise Wrong("invalid_request")
        if ends <= now or ends - issued > most or issued > now + 300:
            raise Wrong("invalid_grant")
        scope = payload.get("scope", ())
        words = scope.replace(",", " ").split() if isinstance(scope, str) else scope
        if "rest_webservices" not in words or not set(words) <= SCOPES:
            raise Wrong("invalid_scope")

    def token(self, text: str) -> None:
        """Of a call. Refused where it is not valid, or not any more."""
        now = self.store.now()
        found = next((one for one in self.live if one.text == text), None)
        if found is None or found.ends <= now or self.store.switches.mapping_revoked:
            raise self.invalid()

    def end(self, text: str) -> None:
        self.live = [one for one in self.live if one.text != text]

    def invalid(self) -> Refused:
        realm = f'Bearer realm="{self.store.switches.account}"'
        return refused(f'{realm}, error="invalid_token"')


def refused(challenge: str) -> Refused:
    return Refused(
        "INVALID_LOGIN",
        "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
        "Setup > Users/Roles > User Management > View Login Audit Trail.",
        401,
        headers={"www-authenticate": f'{challenge}, error_description="Invalid login attempt."'},
    )


def _json(body: object, status: int = 200) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())


def _part(of: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(of).encode()).decode().rstrip("=")


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """(header, payload, what is signed, signature)."""
    parts = text.split(".")
    try:
        first, second, signature = (base64.urlsafe_b64decode(one + "==") for one in parts)
        header, payload = json.loads(first), json.loads(second)
    except ValueError:
        raise Wrong("invalid_request") from None
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise Wrong("invalid_request")
    return header, payload, f"{parts[0]}.{parts[1]}".encode(), signature


def _verified(key: Key, alg: str, signed: bytes, signature: bytes) -> bool:
    hash = HASHES.get(alg[2:])
    try:
        if hash is None:
            return False
        if alg.startswith("PS") and isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hash), hash.digest_size)
            key.verify(signature, signed, pss, hash)
        elif alg.startswith("ES") and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            pair = (int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
            key.verify(encode_dss_signature(*pair), signed, ec.ECDSA(hash))
        else:
            return False
    except InvalidSignature:
        return False
    return True
