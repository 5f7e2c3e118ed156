"""How a NetSuite connection logs in: what is signed is what others verify."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from oauthlib.oauth1.rfc5849 import signature

from connectors.netsuite import NetSuite
from connectors.netsuite.login import TOKEN, Certificate, Tokens, signed
from syncd.clock import Clock
from syncd.errors import AccessError, ConfigError
from syncd.port import Request, Response, Sending
from tests.clocks import ManualClock
from tests.flows import Answer, drive
from tests.inside import InProcess

NOW = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)
URL = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql"
TOKENS = {
    "consumer_key": "ck",
    "consumer_secret": "c&s ё",
    "token_id": "ti",
    "token_secret": "t/s=",
}
CERTIFICATE = {
    "account": "1234567",
    "zone": "America/New_York",
    "client_id": "client",
    "certificate_id": "cert-1",
}


def pem(key: Any) -> str:
    form = serialization.PrivateFormat.PKCS8
    bare = serialization.NoEncryption()
    raw: bytes = key.private_bytes(serialization.Encoding.PEM, form, bare)
    return raw.decode()


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


EC = {
    "ES256": (ec.SECP256R1(), hashes.SHA256()),
    "ES384": (ec.SECP384R1(), hashes.SHA384()),
    "ES512": (ec.SECP521R1(), hashes.SHA512()),
}


@pytest.mark.parametrize("algorithm", EC)
def test_an_assertion_by_an_ec_key_is_verified_by_its_certificate(algorithm: str) -> None:
    curve, hashed = EC[algorithm]
    key = ec.generate_private_key(curve)
    token = signed({"iss": "client"}, "cert-1", pem(key))
    head, body, mark = token.split(".")
    assert decoded(head) == {"typ": "JWT", "alg": algorithm, "kid": "cert-1"}
    assert decoded(body) == {"iss": "client"}
    raw = base64.urlsafe_b64decode(mark + "==")
    half = len(raw) // 2
    both = (int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    told = utils.encode_dss_signature(*both)
    key.public_key().verify(told, f"{head}.{body}".encode(), ec.ECDSA(hashed))


def test_an_assertion_by_an_rsa_key_is_ps256() -> None:
    key = rsa.generate_private_key(65537, 3072)
    head, body, mark = signed({"iss": "client"}, "cert-1", pem(key)).split(".")
    assert decoded(head)["alg"] == "PS256"
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    raw = base64.urlsafe_b64decode(mark + "==")
    key.public_key().verify(raw, f"{head}.{body}".encode(), scheme, hashes.SHA256())


@pytest.mark.parametrize("text", ["", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_said_and_not_shown(text: str) -> None:
    with pytest.raises(AccessError, match="expected PEM without a password") as error:
        signed({}, "cert-1", text)
    assert "AAAA" not in str(error.value)


def test_a_key_may_be_typed_as_one_line() -> None:
    text = pem(ec.generate_private_key(ec.SECP256R1()))
    for line in (text.replace("\n", " "), text.replace("\n", "\\n"), text):
        assert signed({}, "k", line).count(".") == 2


def test_an_assertion_names_the_address_it_is_sent_to_and_lives_five_minutes() -> None:
    login = Certificate("client", "cert-1")
    key = pem(ec.generate_private_key(ec.SECP256R1()))
    asked = Request("POST", TOKEN, form={"grant_type": "client_credentials"})
    url = f"https://1.suitetalk.api.netsuite.com{TOKEN}"
    made = login.sign(asked, Sending(url, NOW, "n-1"), {"private_key": key})
    assert made.form and made.form["grant_type"] == "client_credentials"
    claims = decoded(made.form["client_assertion"].split(".")[1])
    assert (claims["iss"], claims["aud"], claims["jti"]) == ("client", url, "n-1")
    assert claims["exp"] - claims["iat"] == 300 and claims["iat"] == int(NOW.timestamp())
    other = Request("POST", "/services/rest/query/v1/suiteql")
    assert login.sign(other, Sending(URL, NOW, "n-2"), {"private_key": key}) is other


def test_without_cryptography_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ConfigError, match=r"pip install 'syncd\[netsuite\]'"):
        signed({}, "cert-1", "x")


def test_a_refused_assertion_says_what_to_compare() -> None:
    flow = NetSuite(CERTIFICATE).authenticate({})
    with pytest.raises(AccessError, match="does not know the client id"):
        drive(flow, Answer(400, {"error": "invalid_client"}))


def test_a_token_is_good_for_as_long_as_it_says_in_either_form() -> None:
    for told in ("3600", 3600):
        body = {"access_token": "t", "expires_in": told, "token_type": "bearer"}
        _, grant = drive(Certificate("c", "k").authenticate(), Answer(200, body))
        assert (grant.headers, grant.lasts) == ({"Authorization": "Bearer t"}, 3600)


@pytest.mark.parametrize(
    "query", [{}, {"limit": "5", "offset": "0"}, {"q": 'companyName IS "ООО & Co" ~*'}]
)
def test_a_signed_request_is_verified_by_another_implementation(query: dict[str, str]) -> None:
    made = Tokens("1234567_SB1").sign(
        Request("POST", "/x", query, {"q": "SELECT 1"}), Sending(URL, NOW, "n-1"), TOKENS
    )
    header = made.headers["Authorization"]
    assert header.startswith('OAuth realm="1234567_SB1", ')
    told = signature.collect_parameters(headers={"Authorization": header}, with_realm=False)
    parameters = [one for one in told if one[0] != "oauth_signature"] + list(query.items())
    text = signature.signature_base_string(
        "POST", signature.base_string_uri(URL), signature.normalize_parameters(parameters)
    )
    told_signature = header.partition('oauth_signature="')[2].partition('"')[0]
    expected = signature.sign_hmac_sha256_with_client(text, _Client(TOKENS))

    assert unquote(told_signature) == expected


@dataclasses.dataclass
class _Client:
    values: dict[str, str]

    @property
    def client_secret(self) -> str:
        return self.values["consumer_secret"]

    @property
    def resource_owner_secret(self) -> str:
        return self.values["token_secret"]


def test_tokens_that_are_missing_are_named() -> None:
    lacking = {**TOKENS, "token_secret": " "}
    with pytest.raises(AccessError, match="no secret token_secret"):
        Tokens("1").sign(Request("GET", "/"), Sending(URL, NOW, "n"), lacking)


def test_each_sending_is_signed_anew() -> None:
    """A nonce is good once: a request that is repeated has another one."""
    seen: list[str] = []

    def answer(request: Request) -> Response:
        seen.append(request.headers["Authorization"])
        return Response(503 if len(seen) == 1 else 200, {}, b"{}")

    def one() -> Any:
        return (yield Request("GET", "/services/rest/x"))

    connector = NetSuite({"account": "1", "zone": "UTC", "login": "tokens"})
    clock: Clock = ManualClock()
    transport: InProcess = InProcess(answer, connector, TOKENS, clock)
    assert transport.run(one()).status == 200
    assert len(set(seen)) == 2 and all("oauth_nonce" in one for one in seen)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"login": "password"}, "expected certificate or tokens"),
        ({"zone": "Mars"}, "expected the name of a time zone"),
        ({"page": "1001"}, "from 1 to 1000"),
        ({"at_once": "0"}, "from 1 to 50"),
    ],
)
def test_settings_that_make_no_sense(changed: dict[str, str], says: str) -> None:
    make: Callable[[dict[str, str]], NetSuite] = NetSuite
    with pytest.raises(ConfigError, match=says):
        made = make({**CERTIFICATE, **changed})
        drive(made.identity())


def test_the_secrets_are_those_of_the_login() -> None:
    assert NetSuite(CERTIFICATE).facts.secrets == ("private_key",)
    tokens = NetSuite({"account": "1", "zone": "UTC", "login": "tokens"})
    assert tokens.facts.secrets == tuple(TOKENS)
