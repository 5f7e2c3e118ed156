"""The bytes of a canonical record, and the hashes that tell whether two observations are equal.

Encoding is deterministic: equal records are equal bytes in every process and on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

from syncd.domain import CANONICAL, Canonical, Kind, Value, Want

_encode = msgspec.json.Encoder(order="deterministic").encode
_encode_raw = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode
_decode_raw = msgspec.json.Decoder(float_hook=Decimal).decode
_decoders = {kind: msgspec.json.Decoder(shape) for kind, shape in CANONICAL.items()}

_ADDED_LATER = (
    b',"seller":null,"seller_email":null',
    b',"organisation":null',
    b',"extras":[]',
)
"""Fields that records did not always have, where they are empty; the last one first."""

NOTHING = b""
"""The hash of what is wanted, or is known to be, where no object is."""


def encode(value: Any) -> bytes:
    """A record without an organisation, a customer without a seller, or one without fields that a
    mapping added has the bytes it had before there were any."""
    image = _encode(value)
    for empty in _ADDED_LATER:
        if image.endswith(empty + b"}"):
            image = image[: -len(empty) - 1] + b"}"
    return image


def encode_raw(data: Mapping[str, Any]) -> bytes:
    """A raw record so that it can be mapped again: numbers stay exact numbers."""
    return _encode_raw(data)


def decode_raw(raw: bytes) -> Any:
    return _decode_raw(raw)


def decode(kind: Kind, image: bytes) -> Canonical:
    return _decoders[kind].decode(image)


def fingerprint(image: bytes) -> bytes:
    """16 bytes that stand for the canonical record alone."""
    return blake2b(image, digest_size=16).digest()


def raw_hash(raw: bytes, reading: bytes) -> bytes:
    """16 bytes that stand for a raw record; `reading` names the mapping and the paths read, so
    that the same bytes read differently are different."""
    return blake2b(raw, digest_size=16, key=reading[:64]).digest()


def want_hash(want: Want) -> bytes:
    """16 bytes that stand for what is wanted at the target, parents included: an object that moves
    to another parent is another object."""
    parents = {word: str(ref) for word, ref in want.parents.items()}
    return blake2b(encode([want.target, parents, want.fields]), digest_size=16).digest()


def unique_hash(value: str) -> bytes:
    """8 bytes for a value that must be unique regardless of case; not personal data by itself."""
    return blake2b(value.strip().casefold().encode(), digest_size=8).digest()


def encode_fields(fields: Mapping[str, Value], parents: Mapping[str, str]) -> bytes:
    """What an object was written with. Decimals keep a mark that tells them from text."""
    marked = {path: {"d": str(v)} if isinstance(v, Decimal) else v for path, v in fields.items()}
    return encode([marked, dict(parents)])


def decode_fields(stored: bytes | None) -> tuple[dict[str, Value], dict[str, str]]:
    if stored is None:
        return {}, {}
    marked, parents = msgspec.json.decode(stored)
    fields = {path: Decimal(v["d"]) if isinstance(v, dict) else v for path, v in marked.items()}
    return fields, parents


def same(wanted: Value, seen: Value) -> bool:
    """Whether a system stored what it was sent: numbers by value, text without outer blanks, and
    nothing is the same as empty text."""
    if isinstance(wanted, Decimal | int) and not isinstance(wanted, bool):
        try:
            return Decimal(str(seen)) == wanted
        except ArithmeticError:
            return False
    if isinstance(wanted, str) or wanted is None:
        return (wanted or "").strip() == str("" if seen is None else seen).strip()
    return wanted == seen


def rewritten(
    wanted: Mapping[str, Value], seen: Mapping[str, Value], before: bytes | None
) -> bytes | None:
    """Path -> hashes of what was sent and of how the target wrote it, where that differs; paths
    that were not seen stay as they were."""
    forms: dict[str, list[str]] = msgspec.json.decode(before) if before else {}
    for path in seen.keys() & wanted.keys():
        if same(wanted[path], seen[path]):
            forms.pop(path, None)
        else:
            forms[path] = [_form(wanted[path]), _form(seen[path])]
    return encode(forms) if forms else None


def as_sent(path: str, wanted: Value, seen: Value, forms: bytes | None) -> bool:
    """Whether this is what was wanted, perhaps in the target's own way of writing it."""
    if same(wanted, seen):
        return True
    known = msgspec.json.decode(forms).get(path) if forms else None
    return bool(known == [_form(wanted), _form(seen)])


def _form(value: Value) -> str:
    return blake2b(encode(str(value)), digest_size=8).hexdigest()
