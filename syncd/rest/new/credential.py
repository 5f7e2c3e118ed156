"""How a request is let in, by the security schemes of an OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from syncd.rest.new.document import Document, Node
from syncd.rest.new.outline import Credential


def credential_of(document: Document, check: dict[str, str]) -> Credential:
    for scheme in document.credentials():
        type, way = scheme.get("type"), str(scheme.get("scheme", "")).lower()
        if type == "apiKey" and scheme.get("in") in ("header", "query"):
            return Credential(str(scheme["in"]), str(scheme.get("name")))
        if type == "basic" or (type == "http" and way == "basic"):
            return Credential("basic")
        if type == "http" and way == "bearer":
            check["auth"] = "a token that does not change; else see `login` in the documentation"
            return Credential("bearer")
        if type == "oauth2":
            return _oauth(scheme, check)
    check["auth"] = "the document names no credential that syncd knows"
    return Credential("bearer")


def _oauth(scheme: Node, check: dict[str, str]) -> Credential:
    flows = scheme.get("flows")
    flows = flows if isinstance(flows, Mapping) else {str(scheme.get("flow")): scheme}
    for name in ("clientCredentials", "application"):
        flow = flows.get(name)
        if isinstance(flow, Mapping):
            return Credential("client_credentials", path=_token(flow, check))
    flow = next((one for one in flows.values() if isinstance(one, Mapping)), {})
    return Credential("refresh_token", path=_token(flow, check))


def _token(flow: Node, check: dict[str, str]) -> str:
    url = str(flow.get("tokenUrl") or "/oauth/token")
    host = urlsplit(url).netloc
    if host:
        check["auth"] = f"tokens come from {host}: the login is asked at the connection's url"
    return urlsplit(url).path or "/oauth/token"
