"""Addresses as people have them: pasted from a browser, without a scheme, with a path behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from syncd.errors import UsageError

DEEPEST = 3
"""Folders below the host that may be where the system is."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """`urls` are worth trying, in this order; `first_word` is what stands first behind the `#`:
    Tryton's own client has the database there."""

    urls: Sequence[str]
    first_word: str | None


def read(pasted: str) -> Pasted:
    """UsageError for what is no address of a web server, or holds a login."""
    text = pasted.strip().strip("<>\"'“”«»").strip()
    schemes = ("https://", "http://") if "://" not in text else ("",)
    try:
        parts = urlsplit(schemes[0] + text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("https", "http") or any(map(str.isspace, text)):
        raise UsageError(
            f"{pasted!r} is no web address; expected https://host or https://host/path"
        )
    if "@" in parts.netloc:
        raise UsageError(f"the address of {host} holds a login: leave out all before the @")
    named = f"[{host}]" if ":" in host else host
    place = f"{named}:{port}" if port else named
    folders = [one for one in parts.path.split("/") if one][:DEEPEST]
    tails = ["/".join(folders[:depth]) for depth in range(len(folders) + 1)]
    found = [one.removesuffix("://") for one in schemes if one] or [parts.scheme]
    urls = [f"{scheme}://{place}/{tail}".rstrip("/") for scheme in found for tail in tails]
    word = unquote(parts.fragment).lstrip("!/").split("/")[0].split(";")[0]
    return Pasted(urls, word or None)


def folder(pasted: str) -> str | None:
    """`/srv/share`, or as an address file:///srv/share; None for what is neither."""
    text = pasted.strip().strip("\"'")
    if text.startswith("file:///"):
        return text.rstrip("/")
    return f"file://{quote(text.rstrip('/'))}" if text.startswith("/") else None


def meant(typed: Pasted, hosts: Mapping[str, str]) -> Pasted:
    """Of a vendor with many hosts the one that is the connection's; `hosts` are of its facts."""
    host = urlsplit(typed.urls[0]).hostname or ""
    for end, one in hosts.items():
        if f".{host}".endswith(f".{end}"):
            return replace(typed, urls=[f"https://{one}"])
    return typed
