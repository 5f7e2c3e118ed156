"""Token-based authentication: OAuth 1.0 in the header, HMAC-SHA256 (RFC 5849, 3.4.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote

from syncd.sandbox.netsuite.login import refused
from syncd.sandbox.netsuite.store import Store
from syncd.sandbox.netsuite.wire import Refused, here
from syncd.sandbox.port import Asked

CONSUMER_KEY, CONSUMER_SECRET = "sandbox-consumer-key", "sandbox-consumer-secret"
TOKEN_ID, TOKEN_SECRET = "sandbox-token-id", "sandbox-token-secret"
PAIR = re.compile(r'\s*([^=\s,]+)="([^"]*)"\s*,?')
NEEDED = (
    "oauth_consumer_key",
    "oauth_token",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_signature_method",
    "oauth_signature",
)


@dataclass
class Tba:
    store: Store
    seen: set[tuple[str, str]] = field(default_factory=set)

    def check(self, asked: Asked, header: str) -> None:
        """Refused where the signature, the account, the time or the nonce is wrong."""
        given = {name: unquote(value) for name, value in PAIR.findall(header)}
        switches = self.store.switches
        if not switches.tba:
            raise self._refused("FeatureDisabled")
        if any(one not in given for one in NEEDED):
            raise self._refused("MissingTokenPassportRequiredFields")
        if given["oauth_consumer_key"] != CONSUMER_KEY:
            raise self._refused("consumer_key_unknown")
        if given["oauth_token"] != TOKEN_ID or given.get("realm") != switches.account:
            raise self._refused("token_rejected")
        if given["oauth_signature_method"] != "HMAC-SHA256":
            raise self._refused("signature_method_rejected")
        if not hmac.compare_digest(signature(asked, given), given["oauth_signature"]):
            raise self._refused("signature_invalid")
        self._fresh(given["oauth_timestamp"], given["oauth_nonce"])

    def _fresh(self, timestamp: str, nonce: str) -> None:
        switches, now = self.store.switches, self.store.now().timestamp()
        if not timestamp.isdigit() or abs(now - int(timestamp)) > switches.tba_seconds:
            raise self._refused("timestamp_refused")
        if switches.nonces and (timestamp, nonce) in self.seen:
            raise self._refused("nonce_used")
        self.seen.add((timestamp, nonce))

    def _refused(self, error: str) -> Refused:
        return refused(f'OAuth realm="{self.store.switches.account}", error="{error}"')


def _coded(text: str) -> str:
    return quote(text, safe="~")


def signature(asked: Asked, given: dict[str, str]) -> str:
    """Over the address as the client wrote it, its query and what else stands in the header."""
    pairs = parse_qsl(asked.query, keep_blank_values=True)
    pairs += [one for one in given.items() if one[0] not in ("realm", "oauth_signature")]
    sent = sorted((_coded(name), _coded(value)) for name, value in pairs)
    text = "&".join(f"{name}={value}" for name, value in sent)
    base = "&".join(map(_coded, (asked.method.upper(), here(asked) + asked.path, text)))
    key = f"{_coded(CONSUMER_SECRET)}&{_coded(TOKEN_SECRET)}"
    made = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()
