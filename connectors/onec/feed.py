"""A package of changes, as `SelectChanges` of an exchange plan answers: an Atom feed.

What is read of it is which objects it is about; they are then read as they are now, by the same
way as everything else. A package tells of current states and of no history, so nothing is missed by
that. A physical deletion is an `at:deleted-entry` (RFC 6721): it counts, or a package of deletions
alone would look empty and stay for ever.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from urllib.parse import unquote

from syncd.errors import ProtocolError

from .values import is_key

_OBJECT = re.compile(r"([^/()]+)\(guid'([0-9a-fA-F-]{36})'\)$")
_RECORDER = re.compile(r"Recorder='?(?:guid')?([0-9a-fA-F-]{36})")
_RECORDER_TYPE = re.compile(r"Recorder_Type='(?:StandardODATA\.)?([^']+)'")


@dataclass
class Package:
    """`changed` and `deleted` are keys by set. `entries` counts everything in it."""

    changed: dict[str, set[str]] = field(default_factory=dict)
    deleted: dict[str, set[str]] = field(default_factory=dict)
    entries: int = 0


def read_package(body: bytes) -> Package:
    """Raises ProtocolError for what is no feed: a character in the data that XML does not have
    makes 1C refuse the whole package, until somebody mends it."""
    package = Package()
    try:
        for _, element in ET.iterparse(io.BytesIO(body)):
            match element.tag.rpartition("}")[2]:
                case "entry":
                    package.entries += 1
                    for address in _addresses(element):
                        if _note(package.changed, address):
                            break
                    element.clear()
                case "deleted-entry":
                    package.entries += 1
                    _note(package.deleted, element.get("ref", ""))
    except ET.ParseError as error:
        raise ProtocolError(f"the package of changes of 1C cannot be read: {error}") from None
    return package


def _addresses(entry: ET.Element) -> list[str]:
    links = [one.get("href", "") for one in entry if one.tag.endswith("}link")]
    ids = [one.text or "" for one in entry if one.tag.endswith("}id")]
    return [*links, *ids]


def _note(into: dict[str, set[str]], address: str) -> bool:
    """An object by its key; the rows of a register by the document that made them."""
    address = unquote(address)
    if found := _OBJECT.search(address):
        name, key = found.group(1), found.group(2).lower()
    elif (recorder := _RECORDER.search(address)) and (kind := _RECORDER_TYPE.search(address)):
        name, key = kind.group(1), recorder.group(1).lower()
    else:
        return False
    if is_key(key):
        into.setdefault(name, set()).add(key)
    return True
