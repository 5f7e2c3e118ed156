"""The bytes of a canonical record, and the hashes that tell whether two observations are equal.

Encoding is deterministic: equal records are equal bytes in every process and on every machine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
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
    b',"merged_into":null',
    b',"seller":null,"seller_email":null',
    b',"delivery_street":null,"delivery_city":null,"delivery_postcode":null,'
    b'"delivery_country":null,"contacts":[],"organisation":null',
    b',"organisation":null',
    b',"extras":[]',
    b',"unreadable":[]',
)
"""Fields that records did not always have, where they are empty; the last one first."""

_LATER_OF = {
    shape: tuple(
        empty
        for empty in _ADDED_LATER
        if set(re.findall(r'"(\w+)":', empty.decode())) <= set(shape.__struct_fields__)
    )
    for shape in CANONICAL.values()
}
"""Those of them that a record of this type has."""

NOTHING = b""
"""The hash of what is wanted, or is known to be, where no object is."""

UNKNOWN = b"?"
"""The hash of a base that is known not to be as wanted; what differs stands in the fields."""


def encode(value: Any) -> bytes:
    """A record without what canonical records have got since has the bytes it had before: without
    an organisation, a seller, fields that a mapping added, a survivor it was merged into, persons
    and a second address, documents that cannot be read."""
    image = _encode(value)
    if not image.endswith(b"}"):
        return image
    open_ended = image[:-1]
    for empty in _LATER_OF.get(type(value), _ADDED_LATER):
        open_ended = open_ended.removesuffix(empty)
    return open_ended + b"}"


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
    return blake2b(_encode((want.target, parents, want.fields)), digest_size=16).digest()


def unique_hash(value: str) -> bytes:
    """8 bytes for a value that must be unique regardless of case; not personal data by itself."""
    return blake2b(value.strip().casefold().encode(), digest_size=8).digest()


def encode_fields(fields: Mapping[str, Value], parents: Mapping[str, str]) -> bytes:
    """What an object was written with. Decimals keep a mark that tells them from text."""
    marked: dict[str, object] = dict(fields)
    for path, value in fields.items():
        if type(value) is Decimal:
            marked[path] = {"d": value}
    return _encode((marked, dict(parents)))


def decode_fields(stored: bytes | None) -> tuple[dict[str, Value], dict[str, str]]:
    if stored is None:
        return {}, {}
    fields, parents = msgspec.json.decode(stored)
    for path, value in fields.items():
        if type(value) is dict:
            fields[path] = Decimal(value["d"])
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


def manner(wanted: Value, seen: Value) -> str | None:
    """How a system wrote in its own way what it was sent: another letter case, blanks and line ends
    of its own, a number or a phone formatted, an amount rounded to two decimals, a long text cut.
    None: it shows another value, or the same."""
    if isinstance(wanted, Decimal | int) and not isinstance(wanted, bool):
        return ROUNDED if _rounded(Decimal(wanted), seen) else None
    if not isinstance(wanted, str) or not isinstance(seen, str):
        return None
    mine, theirs = _spaced(wanted), _spaced(seen)
    if mine == theirs:
        return BLANKS if wanted != seen else None
    if mine.casefold() == theirs.casefold():
        return CASE
    if _bare(mine) == _bare(theirs) != "" or _one_phone(mine, theirs):
        return FORMATTED
    beginning = theirs.rstrip(".… ").casefold()
    cut = len(beginning) >= CUT_AT_LEAST and mine.casefold().startswith(beginning)
    return CUT if cut else None


BLANKS, CASE, FORMATTED, ROUNDED, CUT = "blanks", "case", "formatted", "rounded", "cut"
CUT_AT_LEAST = 30
"""Characters: a shorter text that begins alike is more likely the former one."""
_PHONE_AT_LEAST = 6
_ROUNDING = Decimal("0.01")


def _spaced(text: str) -> str:
    """Compatibility forms of one character, blanks of any sort and line ends are one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _one_phone(mine: str, theirs: str) -> bool:
    """With and without the code of the country."""
    if re.search(r"[^\d\s()+./-]", mine + theirs):
        return False
    short, long = sorted((_bare(one).lstrip("0") for one in (mine, theirs)), key=len)
    return len(short) >= _PHONE_AT_LEAST and long.endswith(short)


def _rounded(wanted: Decimal, seen: Value) -> bool:
    """To cents, and no coarser: a whole unit is an amount."""
    try:
        shown = Decimal(str(seen))
        return shown == shown.quantize(_ROUNDING) and 0 < abs(wanted - shown) < _ROUNDING
    except ArithmeticError:
        return False


def rewritten(
    wanted: Mapping[str, Value], seen: Mapping[str, Value], before: bytes | None
) -> bytes | None:
    """Path -> hashes of what was sent and of how the target wrote it, where that differs, and in
    which manner; paths that were not seen stay as they were. A manner stays known: an answer may
    repeat what was sent, and the target keep it otherwise all the same."""
    if not seen:
        return before
    forms: dict[str, list[str | None]] = msgspec.json.decode(before) if before else {}
    for path in seen.keys() & wanted.keys():
        both = [_form(wanted[path]), _form(seen[path])]
        if not same(wanted[path], seen[path]):
            forms[path] = [*both, manner(wanted[path], seen[path])]
        elif known := _manner_of(forms.get(path)):
            forms[path] = [*both, known]
        else:
            forms.pop(path, None)
    return encode(forms) if forms else None


def as_sent(path: str, wanted: Value, seen: Value, forms: bytes | None) -> bool:
    """Whether this is what was wanted, perhaps in the target's own way of writing it."""
    if same(wanted, seen):
        return True
    known = msgspec.json.decode(forms).get(path) if forms else None
    if known is None:
        return False
    how = _manner_of(known)
    return known[:2] == [_form(wanted), _form(seen)] or bool(how and how == manner(wanted, seen))


def manners(forms: bytes) -> dict[str, str | None]:
    """Path -> the manner, of what is there otherwise than it was sent."""
    found: dict[str, list[str | None]] = msgspec.json.decode(forms)
    return {path: _manner_of(one) for path, one in found.items() if one[0] != one[1]}


def _manner_of(known: Sequence[str | None] | None) -> str | None:
    """What was noted by an earlier version has none."""
    return known[2] if known and len(known) > 2 else None


def _form(value: Value) -> str:
    return blake2b(encode(str(value)), digest_size=8).hexdigest()
